//! What the kernel answers, as it was recorded (Linux 6.1, `mac80211_hwsim`, the rules of Kenya): a line a message, in hexadecimal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

use super::uapi::{frequency, iftype, station, survey};
use super::*;
use crate::radio::{Band, Channel, Mac, Permission};
use proptest::prelude::*;
use std::fmt::Write as _;

const WIPHY: &str = include_str!("recorded/wiphy.hex");
const INTERFACE: &str = include_str!("recorded/interface.hex");
const REGULATORY: &str = include_str!("recorded/regulatory.hex");
const SCAN: &str = include_str!("recorded/scan.hex");
const STATION: &str = include_str!("recorded/station.hex");
const FAMILY: &str = include_str!("recorded/family.hex");
const ALL: [&str; 6] = [WIPHY, INTERFACE, REGULATORY, SCAN, STATION, FAMILY];

fn answers(recorded: &str) -> Vec<Answer> {
    let payload = |line: &str| {
        let pairs = line.as_bytes().chunks_exact(2);
        pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    };
    let lines = recorded.lines().map(|line| Answer {
        kind: 0x20,
        payload: payload(line),
    });
    lines.collect()
}

fn shown(channels: impl IntoIterator<Item = Channel>) -> String {
    channels
        .into_iter()
        .fold(String::new(), |mut text, channel| {
            let Channel {
                band,
                number,
                mhz,
                dbm_at_most,
                permission,
            } = channel;
            let _ = writeln!(
                text,
                "{band:?} {number:3} {mhz} MHz {dbm_at_most:2} dBm {permission:?}"
            );
            text
        })
}

#[test]
fn a_radio_as_recorded() {
    let wiphys = radios::wiphys(&answers(WIPHY));
    let wiphy = wiphys.get(&0).expect("radio 0");
    assert_eq!(wiphys.len(), 1);
    assert!(wiphy.access_point);
    assert_eq!(wiphy.stations_at_most, None);
    insta::assert_snapshot!(shown(wiphy.channels.values().copied()));
}

#[test]
fn what_is_told_in_pieces_is_one_radio() {
    let all = answers(WIPHY);
    let whole = radios::wiphys(&all);
    let mut backwards = all.clone();
    backwards.reverse();
    assert_eq!(radios::wiphys(&backwards), whole);
    let twice = [all.clone(), all].concat();
    assert_eq!(radios::wiphys(&twice), whole);
}

#[test]
fn interfaces_as_recorded() {
    let interfaces = radios::interfaces(&answers(INTERFACE));
    let all: Vec<_> = interfaces
        .iter()
        .map(|one| (one.name.as_str(), one.wiphy, one.kind))
        .collect();
    assert_eq!(
        all,
        [
            ("wlan2", 2, iftype::AP),
            ("wlan1", 1, iftype::AP),
            ("wlan0", 0, iftype::STATION)
        ]
        .map(|one| one)
    );
    let mac = interfaces
        .iter()
        .find(|one| one.name == "wlan1")
        .unwrap()
        .mac;
    assert_eq!(mac, Mac([2, 0, 0, 0, 1, 0]));
}

#[test]
fn of_several_interfaces_the_oldest_counts() {
    let of = |index, wiphy, kind| radios::Interface {
        index,
        wiphy,
        name: format!("w{index}"),
        mac: Mac([0; 6]),
        kind,
    };
    const MONITOR: u32 = 6;
    let first = radios::first_of_each(vec![
        of(9, 1, iftype::AP),
        of(2, 0, MONITOR),
        of(7, 0, iftype::STATION),
        of(4, 0, iftype::AP),
    ]);
    let names: Vec<_> = first.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["w4", "w9"]);
}

#[test]
fn rules_as_recorded() {
    let all = answers(REGULATORY);
    let told = all.iter().filter_map(body);
    let rules: Vec<_> = told
        .filter_map(|(_, told)| regulatory::rules(told))
        .collect();
    let countries: Vec<_> = rules.iter().map(|rules| rules.country()).collect();
    assert_eq!(countries, [Some(Country(*b"KE"))]);
    for world in [b"00", b"99", b"98"] {
        let letters = [world[0], world[1], 0];
        let told = Writer::after(&[]).put(attribute::REG_ALPHA2, &letters);
        let rules = regulatory::rules(Attributes::new(told.bytes())).unwrap();
        assert_eq!(rules.country(), None);
    }
}

#[test]
fn neighbours_as_recorded() {
    let heard = scan::heard(&answers(SCAN));
    let mac = |last| Mac([2, 0, 0, 0, last, 0]);
    let one = |name: &str, last, mhz| Heard {
        name: name.to_owned(),
        mac: mac(last),
        mhz,
        dbm: heard.first().unwrap().dbm,
    };
    assert_eq!(heard, [one("neighbour-wlan1", 1, 2437), one("", 2, 2462)]);
    assert!((-60..0).contains(&heard.first().unwrap().dbm));
}

#[test]
fn a_device_as_recorded() {
    let stations = stations::listed(&answers(STATION));
    let [one] = stations.as_slice() else {
        panic!("{stations:?}");
    };
    assert_eq!(one.mac, Mac([2, 0, 0, 0, 0, 0]));
    assert!(one.dbm.unwrap() < 0 && one.kbit_s.unwrap() >= 1000);
    assert!(one.idle < std::time::Duration::from_secs(60));
}

#[test]
fn the_family_as_recorded() {
    let family = Family::told(&answers(FAMILY)[0]).unwrap();
    assert_eq!(family.id, 0x20);
    let groups: Vec<_> = family
        .groups
        .iter()
        .map(|group| group.name.as_str())
        .collect();
    assert!(
        groups.contains(&"scan") && groups.contains(&"regulatory"),
        "{groups:?}"
    );
    assert_eq!(family.group("nobody"), None);
}

fn answer(written: &Writer) -> Answer {
    Answer {
        kind: 0x20,
        payload: [&[0; 4][..], written.bytes()].concat(),
    }
}

/// One channel of a radio, as its driver tells it.
fn told_channel(of_band: u16, mhz: u32, flags: &[u16]) -> Option<Channel> {
    let written =
        Writer::after(&[])
            .u32(attribute::WIPHY, 0)
            .nest(attribute::WIPHY_BANDS, |bands| {
                bands.nest(of_band, |band| {
                    band.nest(uapi::band::FREQS, |list| {
                        list.nest(0, |one| {
                            let one = one
                                .u32(frequency::FREQ, mhz)
                                .u32(frequency::MAX_TX_POWER, 2_050);
                            flags.iter().fold(one, |one, flag| one.put(*flag, &[]))
                        })
                    })
                })
            });
    let wiphys = radios::wiphys(&[answer(&written)]);
    wiphys.get(&0).unwrap().channels.values().next().copied()
}

#[test]
fn what_is_allowed_on_a_channel() {
    for (flags, permission) in [
        (&[][..], Permission::Free),
        (&[frequency::RADAR], Permission::Radar),
        (&[frequency::NO_IR], Permission::NoInitiate),
        (
            &[frequency::NO_IR, frequency::RADAR],
            Permission::NoInitiate,
        ),
        (
            &[frequency::DISABLED, frequency::NO_IR],
            Permission::Forbidden,
        ),
    ] {
        let channel = told_channel(1, 5260, flags).unwrap();
        assert_eq!(channel.permission, permission, "{flags:?}");
        assert_eq!((channel.number, channel.dbm_at_most), (52, 20));
    }
}

#[test]
fn numbers_of_channels() {
    for (of_band, mhz, number) in [
        (0, 2412, Some(1)),
        (0, 2472, Some(13)),
        (0, 2484, Some(14)),
        (0, 2000, None),
        (1, 4920, Some(184)),
        (1, 5180, Some(36)),
        (1, 5825, Some(165)),
        (1, 65_000, None),
        (1, 70_000, None),
        (3, 5955, None),
    ] {
        let channel = told_channel(of_band, mhz, &[]);
        assert_eq!(channel.map(|channel| channel.number), number, "{mhz}");
        let band = if of_band == 0 { Band::Two } else { Band::Five };
        assert!(channel.is_none_or(|channel| channel.band == band));
    }
}

#[test]
fn the_air_of_the_channel_in_use_counts() {
    let of = |in_use: bool, ms: u64| {
        let written = Writer::after(&[]).nest(attribute::SURVEY_INFO, |of| {
            let of = of.put(survey::TIME_RX, &ms.to_ne_bytes());
            if in_use {
                of.put(survey::IN_USE, &[])
            } else {
                of
            }
        });
        answer(&written)
    };
    assert_eq!(
        stations::received_ms(&[of(false, 1), of(true, 90)]),
        Some(90)
    );
    assert_eq!(stations::received_ms(&[of(false, 1)]), None);
}

#[test]
fn a_device_of_which_little_is_told() {
    let bare = Writer::after(&[]).put(attribute::MAC, &[2, 0, 0, 0, 0, 7]);
    let slow = bare.clone().nest(attribute::STA_INFO, |of| {
        of.nest(station::TX_BITRATE, |rate| {
            rate.put(station::BITRATE, &55_u16.to_ne_bytes())
        })
    });
    let stations = stations::listed(&[answer(&bare), answer(&slow), answer(&Writer::after(&[]))]);
    let rates: Vec<_> = stations.iter().map(|one| one.kbit_s).collect();
    assert_eq!(rates, [None, Some(5_500)]);
    assert_eq!(stations[0].dbm, None);
}

#[test]
fn who_has_not_shown_that_they_know_the_phrase_is_not_there() {
    let flags = |told: u32, set: u32| [told.to_ne_bytes(), set.to_ne_bytes()].concat();
    let one = |last: u8, flags: &[u8]| {
        let of_it = Writer::after(&[]).put(attribute::MAC, &[2, 0, 0, 0, 0, last]);
        answer(&of_it.nest(attribute::STA_INFO, |of| of.put(station::FLAGS, flags)))
    };
    let (authorized, associated) = (1 << 1, 1 << 7);
    let stations = stations::listed(&[
        one(1, &flags(authorized | associated, associated)),
        one(2, &flags(authorized | associated, authorized | associated)),
        // What is not told, or cut short, is held against nobody.
        one(3, &flags(associated, associated)),
        one(4, &[0; 3]),
    ]);
    let there: Vec<u8> = stations.iter().map(|one| one.mac.0[5]).collect();
    assert_eq!(there, [2, 3, 4]);
}

proptest! {
    /// Bits of what was recorded turn over, or its end is lost.
    #[test]
    fn nothing_garbled_makes_it_panic(
        which in 0..ALL.len(),
        turned in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_u8..8), 1..6),
        kept in 0_usize..3000,
    ) {
        let mut all = answers(ALL[which]);
        for (message, place, bit) in turned {
            let payload = &mut message.get_mut(&mut all).payload;
            *place.get_mut(payload) ^= 1 << bit;
            payload.truncate(kept);
            if payload.is_empty() {
                payload.push(0);
            }
        }
        let _ = radios::wiphys(&all);
        let _ = radios::interfaces(&all);
        let _ = scan::heard(&all);
        let _ = stations::listed(&all);
        let _ = stations::received_ms(&all);
        let _ = all.iter().filter_map(Family::told).count();
        let _ = all.iter().filter_map(body).filter_map(|(_, told)| regulatory::rules(told)).count();
    }
}
