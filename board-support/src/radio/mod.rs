//! The air: radios, and the daemons that make them a network for a class.
//!
//! | module | holds |
//! |---|---|
//! | this | the port [`Air`] and its values: what a radio can do, what it shall do, how it goes |
//! | [`LinuxAir`] | the port on the machine: all below put together |
//! | [`nl80211`] | the kernel's Wi-Fi: radios, rules of the air, scans, stations, power |
//! | `drivers` | what is known better than the driver tells (pure) |
//! | [`network`] | the bridge that cells and cables share |
//! | [`kernel_log`], [`reset`] | a firmware that halted; a device that is given back to its driver |
//! | `hostapd`, `dnsmasq` | the daemons: their configuration, what they say, control socket, leases |
//! | `child` | a daemon as a supervised child |
//! | `rival` | another DHCP server on the network |
//! | `netlink`, `route` | questions to the kernel, each with an end; its interfaces and addresses |
//!
//! What is served on which channel, and when which [`Rung`] is climbed, is decided by the service that drives the port. Calls may block
//! for as long as their documentation says: they belong on a blocking thread.

mod child;
mod dnsmasq;
mod drivers;
mod hostapd;
pub mod kernel_log;
mod linux;
mod netlink;
pub mod network;
pub mod nl80211;
pub mod reset;
mod rival;
mod route;

pub use linux::LinuxAir;

use crate::error::BoardError;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// The network's hardware address of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mac(pub [u8; 6]);

impl std::fmt::Display for Mac {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// A country by its two letters (ISO 3166-1 alpha-2), which the rules of the air follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country(pub [u8; 2]);

/// A band of the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    /// 2.4 GHz: every phone has it.
    Two,
    /// 5 GHz.
    Five,
}

/// What the rules of the country let an access point do on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Beacons may be sent.
    Free,
    /// Only after a minute of listening for radar, and to be left when one is heard.
    Radar,
    /// Nothing may be sent that no other access point sent first.
    NoInitiate,
    /// Not to be used.
    Forbidden,
}

/// A channel of a radio, under the rules that hold now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Channel {
    /// Its band.
    pub band: Band,
    /// Its number, e.g. 6.
    pub number: u8,
    /// Its centre, MHz.
    pub mhz: u16,
    /// The most that may be sent, dBm.
    pub dbm_at_most: u8,
    /// What is allowed there.
    pub permission: Permission,
}

/// What is known of a radio: of the kernel, and of the table of drivers where that knows better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RadioFacts {
    /// The network interface, e.g. `wlan0`.
    pub interface: String,
    /// Its address.
    pub mac: Mac,
    /// The kernel's driver, e.g. `brcmfmac`.
    pub driver: String,
    /// It can be an access point.
    pub access_point: bool,
    /// The most clients that it serves.
    pub clients_at_most: u16,
    /// WPA3 beside WPA2 is known to work well on it.
    pub wpa3: bool,
    /// Its channels, by number.
    pub channels: Vec<Channel>,
    /// The country whose rules hold now; `None` for the world's least.
    pub country: Option<Country>,
}

/// An access point of somebody else, as a scan heard it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Its name; empty if it hides it.
    pub name: String,
    /// Its address.
    pub mac: Mac,
    /// Where, MHz.
    pub mhz: u16,
    /// How loud, dBm.
    pub dbm: i16,
}

/// How the air is locked.
#[derive(Clone, PartialEq, Eq)]
pub enum Security {
    /// Anybody can read what others send.
    Open,
    /// WPA2 with this pass phrase of 8 to 63 ASCII characters.
    Wpa2(String),
    /// WPA3 beside WPA2, with the same phrase.
    Wpa3AndWpa2(String),
}

// A phrase must not get into a log.
impl std::fmt::Debug for Security {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Wpa2(_) => "Wpa2(…)",
            Self::Wpa3AndWpa2(_) => "Wpa3AndWpa2(…)",
        })
    }
}

/// What one radio shall serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellPlan {
    /// The radio.
    pub interface: String,
    /// The network's name, 1 to 32 bytes.
    pub name: String,
    /// How it is locked.
    pub security: Security,
    /// Whose rules.
    pub country: Country,
    /// Where.
    pub channel: Channel,
    /// Transmit power, dBm.
    pub dbm: u8,
    /// Between two beacons, in units of 1,024 µs: 15 to 65,535, usually 100.
    pub beacon_tu: u16,
    /// The most clients, below the radio's own limit.
    pub clients_at_most: u16,
    /// Who alone may be there just now: others are not taken in, and are sent away. `None`: whoever comes.
    pub only: Option<Vec<Mac>>,
}

/// The network that all cells, and an external access point on the cable, share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetPlan {
    /// The box's own address; the prefix has so many bits.
    pub address: Ipv4Addr,
    /// Bits of the prefix, 16 to 26.
    pub prefix: u8,
    /// The box's name, e.g. `school.internal`: it and all below it lead to the box, and so does every other name.
    pub host: String,
    /// How long a lease holds.
    pub lease: Duration,
    /// The address of the portal's API, for DHCP option 114; only where the box holds a certificate for its name.
    pub portal_api: Option<String>,
    /// Cables that an external access point may hang on, e.g. `eth0`.
    pub cables: Vec<String>,
}

/// All that shall be on the air.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AirPlan {
    /// A cell for each radio that serves; none: silence, the cables apart.
    pub cells: Vec<CellPlan>,
    /// The network.
    pub net: NetPlan,
}

/// How a daemon is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Daemon {
    /// It answers.
    Answers,
    /// It runs and does not answer.
    Silent,
    /// It has ended, or does not start.
    Gone,
}

/// A device on the air.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// Its address.
    pub mac: Mac,
    /// How loud it is here, dBm.
    pub dbm: Option<i16>,
    /// What is sent to it at, kbit/s.
    pub kbit_s: Option<u32>,
    /// Since it last sent anything.
    pub idle: Duration,
    /// Its addresses of the network, of the leases and of the kernel's neighbours.
    pub addresses: Vec<IpAddr>,
}

/// How a cell goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellSigns {
    /// The radio.
    pub interface: String,
    /// hostapd.
    pub daemon: Daemon,
    /// Beacons are sent.
    pub on_air: bool,
    /// Who is there.
    pub stations: Vec<Station>,
    /// Frames that the radio heard of anybody since it was taken up; `None` where its driver does not count them.
    pub frames_heard: Option<u64>,
    /// Its firmware said since the last look that it halted.
    pub firmware_halted: bool,
    /// Devices that were refused since the start of the daemon because all seats were taken, or kept for others ([`CellPlan::only`]).
    pub refused: u64,
    /// Why it is not on the air, in hostapd's or the kernel's own words; one line.
    pub trouble: Option<String>,
}

/// How all goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AirSigns {
    /// Each cell of the plan.
    pub cells: Vec<CellSigns>,
    /// dnsmasq.
    pub names: Daemon,
    /// Leases that hold.
    pub leases: usize,
    /// Another DHCP server that answers on the network.
    pub rival: Option<Ipv4Addr>,
    /// What else is wrong; a line each: what, on what, what to do.
    pub trouble: Vec<String>,
}

/// A rung of the ladder by which a cell is healed, the gentlest first. The last, a restart of the machine, is not the air's to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// The daemon reads its configuration again.
    Reload,
    /// The daemon is ended and started.
    RestartDaemon,
    /// The interface goes down and up below it.
    InterfaceDownUp,
    /// The device is taken from its driver and given back, or its power is cut.
    ResetDevice,
}

impl Rung {
    /// All of them, the gentlest first.
    pub const ALL: [Self; 4] = [
        Self::Reload,
        Self::RestartDaemon,
        Self::InterfaceDownUp,
        Self::ResetDevice,
    ];

    /// As in events and in a simulated board's files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reload => "reload",
            Self::RestartDaemon => "restart_daemon",
            Self::InterfaceDownUp => "interface_down_up",
            Self::ResetDevice => "reset_device",
        }
    }
}

/// The air as its service drives it.
pub trait Air: Send {
    /// The radios that are there now; some 100 ms.
    ///
    /// # Errors
    /// [`BoardError`] where the kernel cannot be asked.
    fn radios(&mut self) -> Result<Vec<RadioFacts>, BoardError>;

    /// Asks the kernel to follow the rules of `country`, and waits until it does; at most 2 s. [`Air::radios`] then tells what is allowed.
    ///
    /// # Errors
    /// [`BoardError`] where it does not know that country.
    fn follow(&mut self, country: Country) -> Result<(), BoardError>;

    /// Who else is on the air; at most 10 s, in which a cell of this radio may miss beacons.
    ///
    /// # Errors
    /// [`BoardError`] where the radio does not scan.
    fn scan(&mut self, interface: &str) -> Result<Vec<Heard>, BoardError>;

    /// Makes the air as planned, changing what differs and nothing else; at most 5 s. Whether it got so is told by [`Air::signs`].
    ///
    /// # Errors
    /// [`BoardError`] where a configuration cannot be written or a daemon cannot be started.
    fn serve(&mut self, plan: &AirPlan) -> Result<(), BoardError>;

    /// How it goes; at most 2 s.
    fn signs(&mut self) -> AirSigns;

    /// Heals a cell; at most 10 s.
    ///
    /// # Errors
    /// [`BoardError`] where the rung is not there or did not hold.
    fn climb(&mut self, interface: &str, rung: Rung) -> Result<(), BoardError>;

    /// Takes all off the air and ends the daemons; at most 3 s.
    fn silence(&mut self);
}
