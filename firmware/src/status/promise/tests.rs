#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::status::sample::{planned, sample};
use power_mgmt::PowerState;
use std::fmt::Write as _;

/// Charge with the low end of its band, minutes with theirs, the plan's end and cover.
type Case = (f64, f64, Option<[u64; 3]>, Option<(Option<u64>, u64)>);

/// The whole rule as one golden file.
#[test]
fn the_whole_table() {
    let mut table = String::new();
    let cases: &[(&str, Case)] = &[
        ("narrow, no plan", (62.0, 57.0, Some([340, 380, 420]), None)),
        (
            "fresh box, wide, no plan",
            (21.0, 0.0, Some([0, 720, 2_000]), None),
        ),
        (
            "wide, no plan, something is sure",
            (60.0, 30.0, Some([200, 500, 800]), None),
        ),
        ("wide, nearly empty", (14.0, 2.0, Some([0, 10, 30]), None)),
        ("charging, no plan", (62.0, 57.0, None, None)),
        (
            "narrow, the plan ends before",
            (62.0, 57.0, Some([340, 380, 420]), Some((Some(240), 1_440))),
        ),
        (
            "narrow, the plan stretches",
            (62.0, 57.0, Some([340, 380, 420]), Some((Some(660), 1_440))),
        ),
        (
            "narrow, the plan goes through",
            (62.0, 57.0, Some([340, 380, 420]), Some((None, 1_440))),
        ),
        (
            "narrow, charging, the plan goes through",
            (62.0, 57.0, None, Some((None, 1_440))),
        ),
        (
            "narrow, a plan to midnight only",
            (62.0, 57.0, Some([340, 380, 420]), Some((None, 100))),
        ),
        (
            "wide, the plan's low end is at the reserve",
            (21.0, 0.0, Some([0, 720, 2_000]), Some((Some(0), 1_440))),
        ),
        (
            "wide, the plan goes through",
            (60.0, 30.0, Some([200, 500, 800]), Some((None, 1_440))),
        ),
        (
            "wide, charging, the plan ends",
            (60.0, 30.0, None, Some((Some(300), 1_440))),
        ),
        (
            "a plan that covers nothing",
            (62.0, 57.0, Some([340, 380, 420]), Some((None, 0))),
        ),
        ("near the reserve", (12.0, 8.0, Some([0, 20, 60]), None)),
    ];
    for (name, case) in cases {
        let status = status(case);
        write!(table, "{name:44} {:?}", status.promise()).unwrap();
        let mut doubted = status.clone();
        if let Some(plan) = &mut doubted.power.plan {
            plan.reason = "thresholds".to_owned();
            write!(
                table,
                "; when the forecast was wrong {:?}",
                doubted.promise()
            )
            .unwrap();
        }
        table.push('\n');
    }
    insta::assert_snapshot!(table);
}

fn status((charge, low, minutes, plan): &Case) -> Status {
    let mut status = planned();
    status.battery.charge_percent = Some(*charge);
    status.battery.charge_band_percent = Some([*low, 2.0 * charge - low]);
    status.power.minutes_left = minutes.map(|[_, middle, _]| middle);
    status.power.minutes_left_band = minutes.map(|[low, _, high]| [low, high]);
    match (plan, &mut status.power.plan) {
        (Some((teaches, covers)), Some(known)) => {
            (known.teaches_min, known.covers_min) = (*teaches, *covers);
        }
        (_, none) => *none = None,
    }
    status
}

#[test]
fn a_box_that_switches_off_or_knows_nothing_promises_nothing() {
    let mut status = sample();
    status.power.state = PowerState::Off;
    assert_eq!(status.promise(), Promise::Ending);
    status.power.state = PowerState::Full;
    (
        status.battery.charge_percent,
        status.battery.charge_band_percent,
    ) = (None, None);
    assert_eq!(status.promise(), Promise::Unknown);
    status.battery.on_mains = true;
    assert_eq!(status.promise(), Promise::AllDay);
}

/// Off in the night although there is charge: it is not "almost empty".
#[test]
fn a_box_that_the_plan_lets_sleep_says_so_if_it_knows_its_battery() {
    let mut status = planned();
    let plan = status.power.plan.as_mut().unwrap();
    plan.teaches_min = Some(0);
    plan.blocks[0].state = PowerState::Off;
    assert_eq!(status.promise(), Promise::Ending);
    status.battery.charge_band_percent = Some([8.0, 90.0]);
    assert_eq!(status.promise(), Promise::Learning);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(256))]
    /// Whatever the band, what is promised without a plan is kept by its low end, and with one by the plan.
    #[test]
    fn a_promise_is_kept_by_the_low_end(
        charge in 0.0..100.0_f64, share in 0.0..1.0_f64, low in 0_u64..3_000, more in 0_u64..3_000,
        plan in proptest::option::of((proptest::option::of(0_u64..1_440), 0_u64..1_440)),
    ) {
        let status = status(&(charge, charge * share, Some([low, low + more, low + 2 * more]), plan));
        let kept = match plan {
            Some((Some(end), covers)) if covers > 0 => end,
            Some((None, covers)) if covers > 0 => low.max(covers),
            Some(_) | None => low,
        };
        match status.promise() {
            Promise::Sure(minutes) | Promise::AtLeast(minutes) => proptest::prop_assert!(minutes <= kept),
            Promise::AllDay => proptest::prop_assert!(kept >= A_DAY),
            Promise::Learning | Promise::Ending | Promise::Unknown => {}
        }
    }
}
