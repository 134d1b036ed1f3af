//! The table `[air]`: the network that the class joins.

mod countries;

use super::ConfigError;
use super::source::Source;
use serde::Deserialize;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::time::Duration;

/// Bytes of a network's name (IEEE 802.11, 9.4.2.2) less those of the box's own mark, `-7F3A`.
const LONGEST_NETWORK: usize = 32 - 5;
/// Tablets of one kit at most.
const MOST_KIT: usize = 250;
/// Seats that can be kept at most: more than any radio has.
const MOST_RESERVED: u64 = 250;
/// Cables at most.
const MOST_CABLES: usize = 8;
/// Characters of an interface's name (`IFNAMSIZ` less one).
const LONGEST_INTERFACE: usize = 15;
const MINUTES_A_DAY: u16 = 1440;

/// How the air is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// With the box's own key, as every phone since 2006 can.
    Wpa2,
    /// The same, and WPA3 beside it on a radio that is known to do it well.
    Wpa3,
    /// Not at all.
    Open,
}

/// A band that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BandGhz {
    /// 2.4 GHz.
    Two,
    /// 5 GHz.
    Five,
}

/// When the air is silent, in minutes of the local day; the end may lie before the beginning: then midnight is between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Night {
    /// First silent minute, 0 to 1439.
    pub from: u16,
    /// First minute after, 0 to 1439.
    pub to: u16,
}

impl Night {
    /// Whether `minute` of the day, 0 to 1439, is silent.
    #[must_use]
    pub const fn covers(self, minute: u16) -> bool {
        if self.from <= self.to {
            self.from <= minute && minute < self.to
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

/// The network that the class joins, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Air {
    /// Its name without the box's own mark, 1 to 27 bytes.
    pub network: String,
    /// How it is locked.
    pub lock: Lock,
    /// Whose rules of the air hold, the letters of a country; `None`: what is allowed everywhere.
    pub country: Option<[u8; 2]>,
    /// The one band to use; `None`: as the radios are.
    pub band: Option<BandGhz>,
    /// The one channel to use; `None`: the quietest.
    pub channel: Option<u8>,
    /// Hardware addresses of the tablets that came with the box.
    pub kit: Vec<[u8; 6]>,
    /// Seats on the air that are kept for them.
    pub reserved_seats: u16,
    /// When the air is silent.
    pub night_off: Option<Night>,
    /// The box's own address, and the bits of its network's prefix, 16 to 26.
    pub address: (Ipv4Addr, u8),
    /// Cables that an external access point may hang on.
    pub cables: Vec<String>,
    /// How long a device keeps its address.
    pub lease: Duration,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawAir {
    network: Option<String>,
    security: Option<String>,
    country: Option<String>,
    band_ghz: Option<f64>,
    channel: Option<u64>,
    kit: Option<Vec<String>>,
    reserved_seats: Option<u64>,
    night_off: Option<String>,
    address: Option<String>,
    cables: Option<Vec<String>>,
    lease_h: Option<u64>,
}

impl Default for Air {
    fn default() -> Self {
        Self {
            network: "School".to_owned(),
            lock: Lock::Wpa2,
            country: None,
            band: None,
            channel: None,
            kit: Vec::new(),
            reserved_seats: 0,
            night_off: None,
            // Seldom the network of a home's router, which may hang on the cable; 1,021 addresses for devices.
            address: (Ipv4Addr::new(10, 48, 0, 1), 22),
            cables: Vec::new(),
            lease: Duration::from_secs(12 * 3600),
        }
    }
}

impl RawAir {
    pub(super) fn checked(&self, source: &Source<'_>) -> Result<Air, ConfigError> {
        let usual = Air::default();
        let kit = self.kit(source)?;
        let seats = u16::try_from(kit.len()).unwrap_or(u16::MAX);
        Ok(Air {
            network: self.network(source, usual.network)?,
            lock: source.check(
                "air.security",
                self.security.as_deref(),
                "\"wpa2\", \"wpa3\" or \"open\"",
                |word| lock(word),
                usual.lock,
            )?,
            country: source.check(
                "air.country",
                self.country.as_deref(),
                "a country's two capital letters such as \"PH\" (ISO 3166-1)",
                |text| countries::letters(text).map(Some),
                None,
            )?,
            band: source.check(BAND, self.band_ghz, "2.4 or 5 (GHz)", |x| band(*x), None)?,
            channel: self.channel(source)?,
            reserved_seats: source.check(
                "air.reserved_seats",
                self.reserved_seats,
                "0 to 250 (seats)",
                |seats| whole(*seats, 0..=MOST_RESERVED),
                seats,
            )?,
            kit,
            night_off: source.check(
                "air.night_off",
                self.night_off.as_deref(),
                "a span such as \"22:00-06:00\"",
                |text| night(text).map(Some),
                None,
            )?,
            address: source.check(
                "air.address",
                self.address.as_deref(),
                "a private address and its prefix of 16 to 26 bits such as \"10.48.0.1/22\"",
                |text| address(text),
                usual.address,
            )?,
            cables: source.check(
                "air.cables",
                self.cables.clone(),
                "up to 8 interfaces such as [\"eth0\"], each once",
                |all| cables(all),
                usual.cables,
            )?,
            lease: source.check(
                "air.lease_h",
                self.lease_h,
                "1 to 168 (hours)",
                |hours| {
                    (1..=168)
                        .contains(hours)
                        .then(|| Duration::from_secs(hours * 3600))
                },
                usual.lease,
            )?,
        })
    }

    fn network(&self, source: &Source<'_>, usual: String) -> Result<String, ConfigError> {
        let name = |name: &String| is_network_name(name).then(|| name.clone());
        source.check(
            "air.network",
            self.network.clone(),
            "1 to 27 bytes of text without spaces at its ends",
            name,
            usual,
        )
    }

    /// Addresses of single devices, each once. They are somebody's: an error does not repeat them.
    fn kit(&self, source: &Source<'_>) -> Result<Vec<[u8; 6]>, ConfigError> {
        let mut kit = Vec::new();
        for (place, text) in self.kit.iter().flatten().enumerate() {
            match mac(text).filter(|mac| !kit.contains(mac) && kit.len() < MOST_KIT) {
                Some(mac) => kit.push(mac),
                None => {
                    let problem = format!(
                        "{KIT}: address number {} is not allowed; give {KIT_RULE}",
                        place + 1
                    );
                    return Err(source.error(source.line_of_key(KIT), problem));
                }
            }
        }
        Ok(kit)
    }

    /// A channel that is in neither band, or in the other one, is certainly a slip.
    fn channel(&self, source: &Source<'_>) -> Result<Option<u8>, ConfigError> {
        let five = self
            .band_ghz
            .map(|ghz| band(ghz) == Some(Some(BandGhz::Five)));
        let (low, high) = (1..=14_u64, 36..=177_u64);
        let (rule, fits): (_, &dyn Fn(u64) -> bool) = match five {
            Some(false) => ("1 to 14 (2.4 GHz)", &|number| low.contains(&number)),
            Some(true) => ("36 to 177 (5 GHz)", &|number| high.contains(&number)),
            None => ("1 to 14 or 36 to 177", &|number| {
                low.contains(&number) || high.contains(&number)
            }),
        };
        let accept = |&number: &u64| fits(number).then(|| u8::try_from(number).ok());
        source.check("air.channel", self.channel, rule, accept, None)
    }
}

const KIT: &str = "air.kit";
const BAND: &str = "air.band_ghz";
const KIT_RULE: &str = "up to 250 hardware addresses such as [\"02:00:5e:10:00:01\"], each once";

fn is_network_name(name: &str) -> bool {
    (1..=LONGEST_NETWORK).contains(&name.len())
        && name.trim() == name
        && !name.chars().any(char::is_control)
}

fn lock(word: &str) -> Option<Lock> {
    match word {
        "wpa2" => Some(Lock::Wpa2),
        "wpa3" => Some(Lock::Wpa3),
        "open" => Some(Lock::Open),
        _ => None,
    }
}

#[allow(clippy::float_cmp, reason = "what is written is 2.4 or it is not")]
fn band(ghz: f64) -> Option<Option<BandGhz>> {
    match ghz {
        2.4 => Some(Some(BandGhz::Two)),
        5.0 => Some(Some(BandGhz::Five)),
        _ => None,
    }
}

fn whole(value: u64, range: RangeInclusive<u64>) -> Option<u16> {
    u16::try_from(value).ok().filter(|_| range.contains(&value))
}

fn mac(text: &str) -> Option<[u8; 6]> {
    let mut bytes = [0; 6];
    let mut parts = text.split([':', '-']);
    for byte in &mut bytes {
        let hex = |part: &&str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit());
        let part = parts.next().filter(hex)?;
        *byte = u8::from_str_radix(part, 16).ok()?;
    }
    // The lowest bit of the first byte says: a group.
    (parts.next().is_none() && bytes[0] & 1 == 0 && bytes != [0; 6]).then_some(bytes)
}

fn night(text: &str) -> Option<Night> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (minute(from)?, minute(to)?);
    (from != to).then_some(Night { from, to })
}

/// `24:00` is `00:00`.
fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    let (h, m): (u16, u16) = (
        hours.parse().ok().filter(|_| digits(hours))?,
        minutes.parse().ok().filter(|_| digits(minutes))?,
    );
    let minute = h * 60 + m;
    (m < 60 && minute <= MINUTES_A_DAY).then_some(minute % MINUTES_A_DAY)
}

/// A device's address within its own private network: neither the network's nor the one for all.
fn address(text: &str) -> Option<(Ipv4Addr, u8)> {
    let (address, prefix) = text.split_once('/')?;
    let (address, prefix): (Ipv4Addr, u8) = (address.parse().ok()?, prefix.parse().ok()?);
    let host_bits = 32_u32.checked_sub(u32::from(prefix))?;
    if !(16..=26).contains(&prefix) || !address.is_private() {
        return None;
    }
    let mask = (1_u32 << host_bits) - 1;
    let host = address.to_bits() & mask;
    (host != 0 && host != mask).then_some((address, prefix))
}

fn cables(all: &[String]) -> Option<Vec<String>> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let sound = |name: &String| {
        (1..=LONGEST_INTERFACE).contains(&name.len())
            && name.bytes().all(plain)
            && !matches!(name.as_str(), "." | ".." | "lo")
    };
    let once = (1..all.len()).all(|i| !all[..i].contains(&all[i]));
    (all.len() <= MOST_CABLES && once && all.iter().all(sound)).then(|| all.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_may_cross_midnight() {
        let night = night("22:00-06:30").map(|n| [0, 389, 390, 1319, 1320].map(|m| n.covers(m)));
        assert_eq!(night, Some([true, true, false, false, true]));
        let noon = super::night("12:00-13:00").map(|n| [719, 720, 779, 780].map(|m| n.covers(m)));
        assert_eq!(noon, Some([false, true, true, false]));
        assert_eq!(
            super::night("22:00-24:00"),
            Some(Night { from: 1320, to: 0 })
        );
        for text in [
            "",
            "22:00",
            "22:00-22:00",
            "24:00-00:00",
            "25:00-06:00",
            "2:00-6:00",
            "22:60-06:00",
            "+2:00-06:00",
        ] {
            assert_eq!(super::night(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_kits_tablet_is_one_device() {
        assert_eq!(mac("02:00:5e:10:00:Ff"), Some([2, 0, 0x5e, 0x10, 0, 0xff]));
        assert_eq!(mac("02-00-5e-10-00-01"), Some([2, 0, 0x5e, 0x10, 0, 1]));
        for text in [
            "",
            "02:00:5e:10:00",
            "02:00:5e:10:00:01:02",
            "03:00:5e:10:00:01",
            "ff:ff:ff:ff:ff:ff",
            "00:00:00:00:00:00",
            "+2:00:5e:10:00:01",
            "é:00:5e:10:00:01",
        ] {
            assert_eq!(mac(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_boxs_address_is_a_devices_in_a_private_network() {
        assert_eq!(
            address("192.168.4.1/24"),
            Some((Ipv4Addr::new(192, 168, 4, 1), 24))
        );
        for text in [
            "8.8.8.8/24",
            "10.0.0.0/24",
            "10.0.0.255/24",
            "10.0.0.1/8",
            "10.0.0.1/27",
            "10.0.0.1",
            "10.0.0.1/x",
        ] {
            assert_eq!(address(text), None, "{text}");
        }
    }
}
