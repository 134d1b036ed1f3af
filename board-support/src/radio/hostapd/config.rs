//! hostapd's configuration of a cell. hostapd 2.10 (Debian) and 2.11 (the image) take it; both refuse a line that they were not built with,
//! so there is none here that is not in every build.

use crate::error::{BoardError, shortened};
use crate::radio::{Band, CellPlan, Channel, Country, Mac, Permission, Security};
use std::fmt::Write;
use std::path::Path;

/// Longest name of a network, bytes (IEEE 802.11).
const NAME_BYTES: usize = 32;
/// Characters of a pass phrase (IEEE 802.11, J.4.1).
const PHRASE: std::ops::RangeInclusive<usize> = 8..=63;
/// The rules where no country is known: those that hold everywhere.
const WORLD: Country = Country(*b"00");
/// Association identifiers are 1 to 2,007 (IEEE 802.11).
const MOST_CLIENTS: u16 = 2007;
/// Units of 1,024 µs between beacons that hostapd takes.
const BEACON_TU: std::ops::RangeInclusive<u16> = 15..=65535;
/// A beacon so rare wakes sleeping phones for what is addressed to all, every time.
const RARE_BEACON_TU: u16 = 200;

/// Where a cell's files and sockets are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places<'a> {
    /// The folder of the control sockets.
    pub(crate) control: &'a Path,
    /// Who alone is taken in, one address a line.
    pub(crate) accept: &'a Path,
    /// The bridge that the radio is put into.
    pub(crate) bridge: &'a str,
}

/// The configuration of `plan`.
///
/// # Errors
/// [`BoardError::BadPlan`] for what hostapd could not take, or would take for something else.
pub(crate) fn text(plan: &CellPlan, places: Places<'_>) -> Result<String, BoardError> {
    checked(plan)?;
    let mut text =
        String::from("# Made by the box from its own configuration: a change here is lost.\n");
    line(&mut text, "interface", &plan.interface);
    line(&mut text, "driver", "nl80211");
    line(&mut text, "bridge", places.bridge);
    line(&mut text, "ctrl_interface", path(places.control)?);
    // In hexadecimal no name can be taken for another line or for quotes.
    line(&mut text, "ssid2", hex(plan.name.as_bytes()));
    line(&mut text, "utf8_ssid", u8::from(!plan.name.is_ascii()));
    // A hidden name makes phones call for it wherever they go.
    line(&mut text, "ignore_broadcast_ssid", 0);
    air(&mut text, plan);
    clients(&mut text, plan, path(places.accept)?);
    locks(&mut text, &plan.security);
    Ok(text)
}

/// Who alone is taken in, as hostapd reads it.
pub(crate) fn accepted(only: &[Mac]) -> String {
    only.iter().map(|mac| format!("{mac}\n")).collect()
}

fn air(text: &mut String, plan: &CellPlan) {
    // The world's rules are no country's, and nothing that a beacon could tell.
    if plan.country != WORLD {
        line(text, "country_code", country(plan.country));
        // Phones follow the country's rules that the beacon tells.
        line(text, "ieee80211d", 1);
    }
    // Radar is listened for, and left, only with this.
    let radar = plan.channel.permission == Permission::Radar;
    line(text, "ieee80211h", u8::from(radar));
    let two = plan.channel.band == Band::Two;
    line(text, "hw_mode", if two { "g" } else { "a" });
    line(text, "channel", plan.channel.number);
    if two {
        // Without 802.11b: its beacons and broadcasts go out at 1 Mbit/s and take six times the air. All phones since 2003 speak 802.11g.
        line(text, "supported_rates", "60 90 120 180 240 360 480 540");
        line(text, "basic_rates", "60 120 240");
    }
    // 20 MHz wide and no more: in 2.4 GHz there is no room, and every radio has it. 802.11ac on 20 MHz would add a fifth near the box alone,
    // and hostapd announces it also on a radio that has none.
    line(text, "ieee80211n", 1);
    line(text, "wmm_enabled", 1);
    line(text, "beacon_int", plan.beacon_tu);
    // Phones asleep hear broadcasts at every second beacon, some 200 ms.
    let dtim = if plan.beacon_tu >= RARE_BEACON_TU {
        1
    } else {
        2
    };
    line(text, "dtim_period", dtim);
    // max_listen_interval stays at its default, without a limit: a phone that wants to sleep longer would be refused.
    // airtime_mode is not in every build, and changes nothing here: the kernel's own shares are equal.
}

fn clients(text: &mut String, plan: &CellPlan, accept: &str) {
    line(text, "max_num_sta", plan.clients_at_most);
    // Learners' devices do not reach one another; the bridge keeps cells and cables apart the same way.
    line(text, "ap_isolate", 1);
    // Who stands at the edge of the cell loses many frames and is not thrown out for it; who left is found by asking after two minutes, so that
    // seats come free (hostapd's own: thrown out; five minutes).
    line(text, "disassoc_low_ack", 0);
    line(text, "ap_max_inactivity", 120);
    line(text, "macaddr_acl", u8::from(plan.only.is_some()));
    if plan.only.is_some() {
        line(text, "accept_mac_file", accept);
    }
}

fn locks(text: &mut String, security: &Security) {
    let (phrase, both) = match security {
        // auth_algs: open system; the other one is WEP's.
        Security::Open => return line(text, "auth_algs", 1),
        Security::Wpa2(phrase) => (phrase, false),
        Security::Wpa3AndWpa2(phrase) => (phrase, true),
    };
    line(text, "auth_algs", 1);
    line(text, "wpa", 2);
    line(text, "rsn_pairwise", "CCMP");
    line(text, "wpa_passphrase", phrase);
    // A day between new group keys, and none because somebody left: a phone that sleeps through it loses the network, and whoever leaves still
    // knows the phrase.
    line(text, "wpa_group_rekey", 86400);
    line(text, "wpa_strict_rekey", 0);
    if both {
        line(text, "wpa_key_mgmt", "WPA-PSK SAE");
        // Protected management frames for those who can (WPA3 specification, transition mode), for SAE always.
        line(text, "ieee80211w", 1);
        line(text, "sae_require_mfp", 1);
        // Both ways to the password element: old phones hunt and peck, new ones hash.
        line(text, "sae_pwe", 2);
    } else {
        line(text, "wpa_key_mgmt", "WPA-PSK");
        // Not reliable on many radios (raspberrypi/linux #3619), and WPA2 does without.
        line(text, "ieee80211w", 0);
    }
}

fn checked(plan: &CellPlan) -> Result<(), BoardError> {
    let name = plan.name.len();
    if name == 0 || name > NAME_BYTES {
        return Err(bad("the name", &plan.name, "1 to 32 bytes"));
    }
    if !is_interface(&plan.interface) {
        return Err(bad(
            "the interface",
            &plan.interface,
            "a name of a network interface",
        ));
    }
    match &plan.security {
        Security::Wpa2(phrase) | Security::Wpa3AndWpa2(phrase) => {
            let printable = phrase.bytes().all(|b| (b' '..=b'~').contains(&b));
            if !printable || !PHRASE.contains(&phrase.len()) {
                // The phrase itself stays out of the message.
                let length = format!("{} bytes", phrase.len());
                return Err(bad(
                    "a pass phrase of",
                    &length,
                    "8 to 63 printable ASCII characters",
                ));
            }
        }
        Security::Open => {}
    }
    if plan.country != WORLD && !plan.country.0.iter().all(u8::is_ascii_uppercase) {
        return Err(bad(
            "the country",
            &country(plan.country),
            "two capital letters of ISO 3166-1",
        ));
    }
    if !(1..=MOST_CLIENTS).contains(&plan.clients_at_most) {
        let asked = plan.clients_at_most.to_string();
        return Err(bad("clients at most", &asked, "1 to 2007"));
    }
    if !BEACON_TU.contains(&plan.beacon_tu) {
        let asked = plan.beacon_tu.to_string();
        return Err(bad("the beacon interval", &asked, "15 to 65535"));
    }
    channel(&plan.channel)
}

/// Channels of 20 MHz with OFDM: 14 has 802.11b alone (Japan), and where nothing may be sent first an access point may not begin.
fn channel(channel: &Channel) -> Result<(), BoardError> {
    let there = match channel.band {
        Band::Two => (1..=13).contains(&channel.number),
        Band::Five => (36..=177).contains(&channel.number),
    };
    let allowed = matches!(channel.permission, Permission::Free | Permission::Radar);
    if there && allowed {
        Ok(())
    } else {
        let asked = channel.number.to_string();
        Err(bad(
            "the channel",
            &asked,
            "one on which an access point may begin",
        ))
    }
}

/// As the kernel takes it (`dev_valid_name`), and without what a configuration could take for its own.
pub(crate) fn is_interface(name: &str) -> bool {
    !name.is_empty()
        && name.len() < 16
        && !name.starts_with('.')
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

fn country(country: Country) -> String {
    country.0.iter().map(|&b| char::from(b)).collect()
}

fn bad(what: &'static str, asked: &str, expected: &'static str) -> BoardError {
    BoardError::BadPlan {
        what,
        asked: shortened(asked),
        expected,
    }
}

/// A path as it can stand in a line.
pub(crate) fn path(path: &Path) -> Result<&str, BoardError> {
    path.to_str()
        .filter(|text| !text.chars().any(char::is_control))
        .ok_or_else(|| {
            bad(
                "the folder",
                &path.to_string_lossy(),
                "a path of plain text",
            )
        })
}

fn line(text: &mut String, key: &str, value: impl std::fmt::Display) {
    // Writing into a string cannot fail.
    let _ = writeln!(text, "{key}={value}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
