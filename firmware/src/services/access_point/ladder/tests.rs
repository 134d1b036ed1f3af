use super::*;
use proptest::prelude::*;
use std::fmt::Write as _;

fn well() -> CellSigns {
    CellSigns {
        interface: "wlan0".to_owned(),
        daemon: Daemon::Answers,
        on_air: true,
        stations: Vec::new(),
        frames_heard: None,
        firmware_halted: false,
        refused: 0,
        trouble: None,
    }
}

fn ill(ill: Ill) -> CellSigns {
    let mut signs = well();
    match ill {
        Ill::Gone => (signs.daemon, signs.on_air) = (Daemon::Gone, false),
        Ill::Silent => signs.daemon = Daemon::Silent,
        Ill::NoBeacons => signs.on_air = false,
        Ill::Deaf => {}
        Ill::Halted => (signs.on_air, signs.firmware_halted) = (false, true),
    }
    signs
}

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Every second from the start for `seconds`; what is done, and when.
fn life(signs: impl Fn(u64) -> CellSigns, seconds: u64) -> String {
    let (mut ladder, mut told) = (Ladder::new(s(0)), String::new());
    for second in 0..seconds {
        match ladder.handle_signs(&signs(second), false, s(second)) {
            Step::Rest => {}
            Step::Climb(rung, ill) => {
                writeln!(told, "{second:5} s  {} for {}", rung.as_str(), ill.as_str()).ok();
            }
            Step::Reboot(ill) => {
                writeln!(told, "{second:5} s  reboot wished for {}", ill.as_str()).ok();
            }
        }
    }
    told
}

/// Each sign, never healed, for five minutes; deafness for a day.
#[test]
fn the_whole_ladder() {
    let mut table = String::new();
    for sign in [Ill::Gone, Ill::Silent, Ill::NoBeacons, Ill::Halted] {
        writeln!(table, "{}:\n{}", sign.as_str(), life(|_| ill(sign), 300)).ok();
    }
    let deaf = |second: u64| CellSigns {
        frames_heard: Some(second * 10),
        ..well()
    };
    writeln!(table, "deaf:\n{}", life(deaf, 86_400)).ok();
    insta::assert_snapshot!(table);
}

#[test]
fn a_quiet_air_a_station_and_a_driver_that_does_not_count_are_no_deafness() {
    let hour = 3_600;
    assert_eq!(life(|_| well(), hour), "", "nothing is counted");
    let quiet = |second: u64| CellSigns {
        frames_heard: Some(second / 10),
        ..well()
    };
    assert_eq!(life(quiet, 1_200), "", "a desert");
    let anew = |second: u64| CellSigns {
        frames_heard: Some(second % 600 * 10),
        ..well()
    };
    assert_eq!(life(anew, hour), "", "a counter that begins anew");
}

#[test]
fn what_a_rung_heals_descends_and_what_comes_back_at_once_is_met_higher() {
    // Ill for the first 20 s, and again from 30 s on; from 200 s on well.
    let signs = |second: u64| match second {
        0..12 | 30..40 => ill(Ill::NoBeacons),
        _ => well(),
    };
    assert_eq!(
        life(signs, 120),
        "    8 s  reload for no_beacons\n   30 s  restart_daemon for no_beacons\n   36 s  interface_down_up for no_beacons\n"
    );
    let later = |second: u64| match second {
        0..12 | 100..112 => ill(Ill::NoBeacons),
        _ => well(),
    };
    assert_eq!(
        life(later, 200),
        "    8 s  reload for no_beacons\n  108 s  reload for no_beacons\n",
        "a minute of health forgives"
    );
}

#[test]
fn a_radar_channel_has_its_minute() {
    let mut ladder = Ladder::new(s(0));
    let first = (0..300)
        .find(|second| ladder.handle_signs(&ill(Ill::NoBeacons), true, s(*second)) != Step::Rest);
    assert_eq!(first, Some(90));
}

#[test]
fn a_cell_that_was_planned_anew_has_its_time() {
    let mut ladder = Ladder::new(s(0));
    ladder.handle_planned(s(10));
    let first = (10..30)
        .find(|second| ladder.handle_signs(&ill(Ill::Gone), false, s(*second)) != Step::Rest);
    assert_eq!(first, Some(13));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the signs: no rung twice without its time between, a restart is wished for only after the device was reset, and health
    /// leads all the way down.
    #[test]
    fn random_signs_keep_the_order(looks in proptest::collection::vec((0_u8..6, 1_u64..30), 1..300)) {
        let mut ladder = Ladder::new(s(0));
        let (mut now, mut last, mut came_back): (u64, Option<(Rung, u64)>, bool) = (0, None, false);
        for (kind, passed) in looks {
            now += passed;
            let signs = match kind {
                0 => ill(Ill::Gone),
                1 => ill(Ill::Silent),
                2 => ill(Ill::NoBeacons),
                3 => ill(Ill::Halted),
                _ => well(),
            };
            let step = ladder.handle_signs(&signs, false, s(now));
            came_back |= ladder.ill().is_none() && kind > 3;
            match step {
                Step::Rest => {}
                Step::Climb(rung, _) => {
                    // A rung that brought the cell back has had its time.
                    if let Some((before, at)) = last.filter(|_| !came_back) {
                        prop_assert!(s(now - at) >= settles(before), "{before:?} then {rung:?}");
                    }
                    (last, came_back) = (Some((rung, now)), false);
                }
                Step::Reboot(_) => prop_assert_eq!(last.map(|(rung, _)| rung), Some(Rung::ResetDevice)),
            }
        }
        for second in 0..=25 * 60 {
            let step = ladder.handle_signs(&well(), false, s(now + second));
            // A halt that was said is believed until the device was reset, whatever else is seen.
            prop_assert!(matches!(step, Step::Rest | Step::Climb(Rung::ResetDevice, Ill::Halted) | Step::Reboot(Ill::Halted)), "{step:?}");
        }
        prop_assert_eq!((ladder.rung(), ladder.ill()), (None, None));
    }
}
