use super::*;
use board_support::radio::{Country, Mac};
use proptest::prelude::*;
use std::fmt::Write as _;

fn channel(band: Band, number: u8, permission: Permission) -> Channel {
    let base = if band == Band::Two { 2407 } else { 5000 };
    Channel {
        band,
        number,
        mhz: base + 5 * u16::from(number),
        dbm_at_most: 20,
        permission,
    }
}

fn radio(interface: &str, bands: &[Band]) -> RadioFacts {
    let two = (1..=13).map(|number| channel(Band::Two, number, Permission::Free));
    let five = [36, 40, 52, 100, 149].map(|number| {
        let radar = matches!(number, 52 | 100);
        let permission = if radar {
            Permission::Radar
        } else {
            Permission::Free
        };
        channel(Band::Five, number, permission)
    });
    RadioFacts {
        interface: interface.to_owned(),
        mac: Mac([2, 0, 0, 0, 0, 1]),
        driver: "brcmfmac".to_owned(),
        access_point: true,
        clients_at_most: 10,
        wpa3: false,
        channels: two
            .chain(five)
            .filter(|channel| bands.contains(&channel.band))
            .collect(),
        country: Some(Country(*b"PH")),
    }
}

fn heard(number: u8, dbm: i16) -> Heard {
    Heard {
        name: format!("neighbour {number}"),
        mac: Mac([2, 0, 0, 0, 1, number]),
        mhz: channel(Band::Two, number, Permission::Free).mhz,
        dbm,
    }
}

const BOTH: [Band; 2] = [Band::Two, Band::Five];

/// Which place a school gets, and what it is told.
#[test]
fn places() {
    let asked = |band, channel| Asked { band, channel };
    let restricted = |permission| {
        let mut radio = radio("wlan0", &BOTH);
        for channel in &mut radio.channels {
            channel.permission = permission;
        }
        radio
    };
    let mut world = radio("wlan0", &[Band::Five]);
    (world.country, world.channels) = (None, vec![channel(Band::Five, 36, Permission::NoInitiate)]);
    let mut no_ap = radio("wlan0", &BOTH);
    no_ap.access_point = false;
    let two = |name| radio(name, &[Band::Two]);
    let cases = [
        (
            "one radio, a quiet air",
            vec![radio("wlan0", &BOTH)],
            vec![],
            Asked::default(),
        ),
        (
            "a neighbour on 1",
            vec![radio("wlan0", &BOTH)],
            vec![heard(1, -60)],
            Asked::default(),
        ),
        (
            "one loud on 1, three faint on 6 and 11",
            vec![radio("wlan0", &BOTH)],
            vec![heard(1, -40), heard(6, -88), heard(6, -90), heard(11, -80)],
            Asked::default(),
        ),
        (
            "one between 1 and 6",
            vec![radio("wlan0", &BOTH)],
            vec![heard(3, -50)],
            Asked::default(),
        ),
        (
            "5 GHz alone",
            vec![radio("wlan0", &[Band::Five])],
            vec![],
            Asked::default(),
        ),
        (
            "two radios with both bands",
            vec![radio("wlan0", &BOTH), radio("wlan1", &BOTH)],
            vec![],
            Asked::default(),
        ),
        (
            "one with both, one with 2.4",
            vec![radio("wlan0", &BOTH), two("wlan1")],
            vec![],
            Asked::default(),
        ),
        (
            "two with 2.4",
            vec![two("wlan0"), two("wlan1")],
            vec![heard(1, -50)],
            Asked::default(),
        ),
        (
            "four with 2.4",
            vec![two("wlan0"), two("wlan1"), two("wlan2"), two("wlan3")],
            vec![],
            Asked::default(),
        ),
        (
            "three with both",
            vec![
                radio("wlan0", &BOTH),
                radio("wlan1", &BOTH),
                radio("wlan2", &BOTH),
            ],
            vec![],
            Asked::default(),
        ),
        (
            "asked for 5",
            vec![radio("wlan0", &BOTH)],
            vec![],
            asked(Some(Band::Five), None),
        ),
        (
            "asked for 5 of a radio without",
            vec![two("wlan0")],
            vec![],
            asked(Some(Band::Five), None),
        ),
        (
            "asked for 3",
            vec![radio("wlan0", &BOTH)],
            vec![heard(3, -40)],
            asked(None, Some(3)),
        ),
        (
            "asked for 3, two radios",
            vec![radio("wlan0", &BOTH), radio("wlan1", &BOTH)],
            vec![],
            asked(None, Some(3)),
        ),
        (
            "asked for 100, a radar's",
            vec![radio("wlan0", &BOTH)],
            vec![],
            asked(None, Some(100)),
        ),
        (
            "asked for 165, no channel of it",
            vec![radio("wlan0", &BOTH)],
            vec![],
            asked(Some(Band::Five), Some(165)),
        ),
        (
            "only radar's channels",
            vec![restricted(Permission::Radar)],
            vec![],
            Asked::default(),
        ),
        (
            "none allowed",
            vec![restricted(Permission::Forbidden)],
            vec![],
            Asked::default(),
        ),
        (
            "none to begin on, no country",
            vec![world],
            vec![],
            Asked::default(),
        ),
        (
            "no access point mode",
            vec![no_ap.clone()],
            vec![],
            Asked::default(),
        ),
        (
            "one without it beside one with",
            vec![no_ap, two("wlan1")],
            vec![],
            Asked::default(),
        ),
        ("no radio", vec![], vec![], Asked::default()),
    ];
    let mut table = String::new();
    for (case, radios, heard, asked) in cases {
        let choice = choose(&radios, &heard, asked, &HashMap::new());
        writeln!(table, "{case}:").ok();
        for placed in choice.placed {
            let Channel {
                band,
                number,
                permission,
                ..
            } = placed.channel;
            writeln!(
                table,
                "  {} {band:?} {number} {permission:?}",
                placed.interface
            )
            .ok();
        }
        for line in choice.trouble {
            writeln!(table, "  ! {line}").ok();
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_radio_moves_only_for_a_clear_gain() {
    let radios = [radio("wlan0", &[Band::Two])];
    let at = |number| {
        HashMap::from([(
            "wlan0".to_owned(),
            channel(Band::Two, number, Permission::Free),
        )])
    };
    let goes = |heard: &[Heard], from| {
        choose(&radios, heard, Asked::default(), &at(from)).placed[0]
            .channel
            .number
    };
    let near = [heard(1, -60), heard(6, -61), heard(11, -62)];
    assert_eq!(goes(&near, 1), 1);
    let far = [heard(1, -60), heard(6, -90), heard(11, -62)];
    assert_eq!(goes(&far, 1), 6);
    assert_eq!(goes(&[], 11), 11, "in a quiet air it stays");
}

#[test]
fn a_namesake_is_told_and_our_own_cells_are_none() {
    let radios = [radio("wlan0", &BOTH)];
    let mut other = heard(6, -70);
    other.name = "School-7F3A".to_owned();
    assert!(namesake("School-7F3A", &[other.clone()], &radios).is_some());
    assert_eq!(namesake("School-2222", &[other.clone()], &radios), None);
    other.mac = radios[0].mac;
    assert_eq!(namesake("School-7F3A", &[other], &radios), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the rules and the neighbours: never a forbidden channel, a radar's only where a radio has no free one left, no two that overlap.
    #[test]
    fn never_where_it_may_not(
        permissions in proptest::collection::vec(proptest::collection::vec(0_u8..4, 18), 0..4),
        neighbours in proptest::collection::vec((1_u8..14, -95_i16..-20), 0..20),
        band in 0_u8..3, number in proptest::option::of(1_u8..180),
    ) {
        let radios: Vec<RadioFacts> = permissions.iter().enumerate().map(|(place, permissions)| {
            let mut radio = radio(&format!("wlan{place}"), &BOTH);
            for (channel, permission) in radio.channels.iter_mut().zip(permissions) {
                channel.permission = [Permission::Free, Permission::Radar, Permission::NoInitiate, Permission::Forbidden][usize::from(*permission)];
            }
            radio
        }).collect();
        let heard: Vec<Heard> = neighbours.iter().map(|(number, dbm)| heard(*number, *dbm)).collect();
        let asked = Asked { band: [None, Some(Band::Two), Some(Band::Five)][usize::from(band)], channel: number };
        let choice = choose(&radios, &heard, asked, &HashMap::new());
        for (place, placed) in choice.placed.iter().enumerate() {
            prop_assert!(usable(&placed.channel));
            let others = || choice.placed[..place].iter().map(|other| other.channel);
            prop_assert!(others().all(|other| overlap(other.mhz, placed.channel.mhz) == 0));
            if placed.channel.permission == Permission::Radar {
                let radio = radios.iter().find(|radio| radio.interface == placed.interface);
                let free = radio.map(|radio| radio.channels.iter().filter(|channel| {
                    channel.permission == Permission::Free && others().all(|other| overlap(other.mhz, channel.mhz) == 0)
                }).count());
                prop_assert_eq!(free, Some(0));
            }
        }
        prop_assert_eq!(choice.placed.len() + choice.trouble.iter().filter(|line| line.starts_with("radio ")).count(), radios.len());
    }
}
