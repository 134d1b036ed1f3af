#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::web::portal::drawing::Drawing;
use crate::web::portal::tests::status;
use crate::web::texts::Languages;
use std::fmt::Write as _;

/// A state of the box and how it is told: the whole table as one golden file.
#[test]
fn every_state_in_words_and_as_a_drawing() {
    let languages = Languages::load();
    let words = languages.choose(Some("en"), "");
    let mut table = String::new();
    let mut tell = |name: &str, change: &dyn Fn(&mut Status)| {
        let mut status = status();
        change(&mut status);
        let energy = Energy::of(&status);
        let (details, notice) = (
            energy.details(&words).join(" "),
            energy.notice(&words, false).unwrap_or_default(),
        );
        let drawing = Drawing::of(&energy);
        writeln!(
            table,
            "{name}\n  {}\n  {details}\n  {notice}\n  {drawing:?}",
            energy.headline(&words)
        )
        .unwrap();
    };
    tell("giving, time trusted", &|_| {});
    tell("giving, over midnight", &|s| {
        s.power.minutes_left_band = Some([16 * 60, 16 * 60 + 9])
    });
    tell("giving, a day", &|s| {
        s.power.minutes_left_band = Some([30 * 60, 30 * 60 + 9])
    });
    tell("giving, days", &|s| {
        s.power.minutes_left_band = Some([100 * 60, 100 * 60 + 9])
    });
    tell("giving, no clock, hours", &|s| s.time = None);
    tell("giving, no clock, minutes", &|s| {
        (s.time, s.power.minutes_left_band) = (None, Some([43, 60]))
    });
    tell("giving, nearly nothing", &|s| {
        s.power.minutes_left_band = Some([4, 4 + 9])
    });
    tell("giving, unknown", &|s| s.power.minutes_left_band = None);
    tell("west of Greenwich", &|s| s.utc_offset_min = -600);
    tell("a clock that is no clock", &|s| {
        s.time = Some("yesterday".to_owned())
    });
    let unknown = |s: &mut Status, minutes: Option<[u64; 2]>| {
        (s.battery.charge_percent, s.battery.charge_band_percent) = (Some(21.0), Some([0.0, 41.6]));
        (s.power.minutes_left, s.power.minutes_left_band) = (Some(720), minutes);
    };
    tell("a box that knows its battery little", &|s| {
        unknown(s, Some([0, 1_900]))
    });
    tell("the same, an hour is sure", &|s| {
        unknown(s, Some([63, 1_900]))
    });
    tell("the same, three hours are sure", &|s| {
        unknown(s, Some([190, 1_900]))
    });
    let plan = |s: &mut Status, teaches: Option<u64>| {
        s.power.plan = crate::status::sample::planned().power.plan;
        if let Some(plan) = &mut s.power.plan {
            plan.teaches_min = teaches;
        }
    };
    tell("the plan ends earlier", &|s| plan(s, Some(198)));
    tell("the plan goes through", &|s| plan(s, None));
    tell("sun fills, and the plan goes through", &|s| {
        plan(s, None);
        (s.battery.status, s.battery.solar_w) = (ChargeStatus::Charging, Some(41.0));
        s.power.minutes_to_full = Some(135);
    });
    tell("full, and the plan ends", &|s| {
        plan(s, Some(600));
        s.battery.status = ChargeStatus::Full;
    });
    tell("eco, and tablets may charge", &|s| {
        (s.power.state, s.power.usb_charging) = (PowerState::Eco, true)
    });
    tell("sun fills", &|s| {
        (s.battery.status, s.battery.solar_w) = (ChargeStatus::Charging, Some(41.0));
        (s.power.minutes_left_band, s.power.minutes_to_full) = (None, Some(135));
    });
    tell("fills at night", &|s| {
        s.battery.status = ChargeStatus::Charging
    });
    tell("full", &|s| {
        (s.battery.status, s.battery.charge_percent) = (ChargeStatus::Full, Some(100.0));
        s.battery.charge_band_percent = Some([98.0, 100.0]);
    });
    tell("rests", &|s| {
        (s.battery.status, s.power.minutes_left_band) = (ChargeStatus::Idle, None)
    });
    tell("silent", &|s| {
        (s.battery.stale, s.battery.sample_age_s) = (true, Some(900))
    });
    tell("silent from the start", &|s| {
        (
            s.battery.stale,
            s.battery.sample_age_s,
            s.battery.charge_percent,
        ) = (true, None, None);
    });
    tell("first second", &|s| {
        (
            s.uptime_s,
            s.battery.stale,
            s.battery.sample_age_s,
            s.battery.charge_percent,
        ) = (1, true, None, None);
    });
    tell("mains", &|s| {
        (s.battery.on_mains, s.battery.charge_percent) = (true, None)
    });
    tell("eco", &|s| {
        (s.power.state, s.power.usb_charging) = (PowerState::Eco, false)
    });
    tell("minimal, empty", &|s| {
        (s.power.state, s.battery.charge_percent) = (PowerState::Minimal, Some(0.0));
        s.battery.charge_band_percent = Some([0.0, 3.0]);
        s.power.minutes_left_band = Some([0, 0]);
    });
    tell("off", &|s| s.power.state = PowerState::Off);
    tell("charge out of bounds", &|s| {
        s.battery.charge_percent = Some(f64::NAN)
    });
    insta::assert_snapshot!(table);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]
    #[test]
    fn the_box_never_promises_more_than_it_has(minutes in 0_u64..20_000, now in 0_u64..1440) {
        let most = match Teach::until(minutes, Some(now)) {
            Teach::Until(hour, minute) => (hour * 60 + minute + 1440 - now) % 1440,
            Teach::Days(days) => days * 1440,
            Teach::Hours(hours) => hours * 60,
            Teach::Minutes(minutes) => minutes,
            Teach::LeastHours(hours) => hours * 60,
            Teach::LeastMinutes(minutes) => minutes,
            Teach::AllDay
            | Teach::Learning
            | Teach::Ending
            | Teach::HardlyAny
            | Teach::Unknown => 0,
        };
        proptest::prop_assert!(most <= minutes, "{most} of {minutes}");
    }
}
