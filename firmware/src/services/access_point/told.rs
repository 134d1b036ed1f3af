//! What people and programs are told of the air. Pure. No address of a device, no pass phrase.

use super::mind::Mind;
use super::schedule::Silence;
use crate::config::air::Lock;
use board_support::radio::{Band, Rung, Station};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::net::Ipv4Addr;

/// How the air is, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AirState {
    /// Not switched on: `--no-radio`, or a board whose radios are not the box's.
    Off,
    /// Not yet looked at.
    Starting,
    /// Some cell serves.
    OnAir,
    /// Silent on purpose.
    Silent(Silence),
    /// It should serve and does not; an external access point on a cable may.
    Broken,
}

/// A device on the air: what a technician needs of it, and nothing by which it could be known again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The radio that serves it.
    pub interface: String,
    /// How loud it is here, dBm.
    pub dbm: Option<i16>,
    /// What is sent to it at, kbit/s.
    pub kbit_s: Option<u32>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellReport {
    /// Its radio, e.g. `wlan0`.
    pub interface: String,
    /// Its band.
    pub band: Band,
    /// Its channel.
    pub channel: u8,
    /// Transmit power, dBm.
    pub dbm: u8,
    /// Beacons are sent and its daemon answers.
    pub on_air: bool,
    /// Devices on it.
    pub clients: u16,
    /// Them, the loudest first.
    pub devices: Vec<Device>,
    /// Devices at most.
    pub client_limit: u16,
    /// The highest rung of the ladder that was climbed for it lately.
    pub rung: Option<Rung>,
}

/// How the air goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AirReport {
    /// In a word.
    pub state: AirState,
    /// The network's name; empty while there is none.
    pub network: String,
    /// Anybody can join and read.
    pub open: bool,
    /// The cells.
    pub cells: Vec<CellReport>,
    /// Devices that were turned away since the daemons began.
    pub refused: u64,
    /// Devices that wait for a seat.
    pub waiting: u16,
    /// Addresses that are lent.
    pub leases: u64,
    /// Another device that gives out addresses.
    pub rival: Option<Ipv4Addr>,
    /// What is wrong: a line each.
    pub trouble: Vec<String>,
    /// What people should know though nothing is wrong.
    pub notice: Option<String>,
    /// Devices of radios that were reset since the box started.
    pub resets: u64,
}

impl AirReport {
    /// Of a box without an air of its own.
    #[must_use]
    pub const fn off() -> Self {
        Self {
            state: AirState::Off,
            network: String::new(),
            open: false,
            cells: Vec::new(),
            refused: 0,
            waiting: 0,
            leases: 0,
            rival: None,
            trouble: Vec::new(),
            notice: None,
            resets: 0,
        }
    }

    /// Devices on the air.
    #[must_use]
    pub fn clients(&self) -> u16 {
        self.cells.iter().map(|cell| cell.clients).sum()
    }

    /// Devices at most, of all cells.
    #[must_use]
    pub fn client_limit(&self) -> u16 {
        self.cells.iter().map(|cell| cell.client_limit).sum()
    }

    /// What the mind knows; `reboot`: what is said of a restart that is wished for; `resets`: see the field.
    pub(super) fn of(mind: &Mind, reboot: Option<&String>, resets: u64) -> Self {
        let cells = cells(mind);
        let state = match mind.silence() {
            Some(why) => AirState::Silent(why),
            None if mind.serves() => AirState::OnAir,
            None if mind.is_new() => AirState::Starting,
            None => AirState::Broken,
        };
        let signs = mind.signs.as_ref();
        Self {
            state,
            network: mind.settings.name.clone(),
            open: mind.settings.wanted.lock == Lock::Open,
            cells,
            refused: signs.map_or(0, |signs| signs.cells.iter().map(|cell| cell.refused).sum()),
            waiting: mind.seating.waiting.values().max().copied().unwrap_or(0),
            leases: signs.map_or(0, |signs| signs.leases as u64),
            rival: signs.and_then(|signs| signs.rival),
            trouble: mind.trouble().into_iter().chain(reboot.cloned()).collect(),
            notice: mind.notice().map(str::to_owned),
            resets,
        }
    }
}

fn cells(mind: &Mind) -> Vec<CellReport> {
    let planned = mind.served.iter().flat_map(|plan| &plan.cells);
    let report = planned.map(|cell| {
        let signs = mind.signs_of(&cell.interface);
        CellReport {
            interface: cell.interface.clone(),
            band: cell.channel.band,
            channel: cell.channel.number,
            dbm: cell.dbm,
            on_air: signs.is_some_and(super::mind::is_well) && !mind.hangs(),
            clients: signs.map_or(0, |signs| {
                u16::try_from(signs.stations.len()).unwrap_or(u16::MAX)
            }),
            devices: signs.map_or_else(Vec::new, |signs| devices(&cell.interface, &signs.stations)),
            client_limit: cell.clients_at_most,
            rung: mind
                .ladders
                .get(&cell.interface)
                .and_then(super::ladder::Ladder::rung),
        }
    });
    report.collect()
}

/// By loudness: the order of their addresses would tell them apart.
fn devices(interface: &str, stations: &[Station]) -> Vec<Device> {
    let told = stations.iter().map(|station| Device {
        interface: interface.to_owned(),
        dbm: station.dbm,
        kbit_s: station.kbit_s,
    });
    let mut devices: Vec<Device> = told.collect();
    devices.sort_by_key(|device| (Reverse(device.dbm), Reverse(device.kbit_s)));
    devices
}
