//! The governor with a planner: the whole table of advice, and what advice cannot do.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use power_mgmt::governor::ADVICE_HOLDS;
use power_mgmt::transition::{advised, transition};
use power_mgmt::{
    Action, Advice, BatterySample, Governor, InputClass, LoadPlan, LocalTime, PlanReason, Policy,
    PowerState, Reason, Step,
};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::time::Duration;

const PLANNED: [PowerState; 4] = [
    PowerState::Off,
    PowerState::Minimal,
    PowerState::Eco,
    PowerState::Full,
];

fn cell(step: Step) -> String {
    match step {
        Step::Stay => "stay".to_owned(),
        Step::Now(to, reason) => format!("now {to} ({})", reason.as_str()),
        Step::Confirmed(to, reason) => format!("confirmed {to} ({})", reason.as_str()),
        Step::AfterDwell(to, reason) => format!("dwell {to} ({})", reason.as_str()),
    }
}

#[test]
fn table() {
    let mut text = String::new();
    for state in PowerState::ALL.into_iter().rev() {
        for advice in PLANNED {
            let _ = writeln!(text, "{state}, advised {advice}");
            for input in InputClass::ALL {
                let said = cell(advised(state, input, advice));
                let _ = writeln!(text, "  {:<16} {said}", format!("{input:?}"));
            }
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn advice_never_speaks_within_the_reserve_or_in_silence() {
    for state in PowerState::ALL {
        for advice in PLANNED {
            for input in InputClass::ALL {
                let free =
                    matches!(cell(advised(state, input, advice)), cell if cell.contains("planned"));
                if free {
                    assert!(!format!("{input:?}").contains("Reserve"));
                    assert!(!format!("{input:?}").contains("ilent"));
                    assert!(!format!("{input:?}").contains("Critical"));
                } else if advised(state, input, advice) != Step::Stay {
                    assert_eq!(advised(state, input, advice), transition(state, input));
                }
            }
        }
    }
}

fn sample() -> BatterySample {
    BatterySample::from_plain(13.3, 1.2, Some(24.0), Some(25.0)).unwrap()
}

fn advice(state: PowerState) -> Advice {
    Advice {
        at: LocalTime::new(20_000, 600).unwrap(),
        state,
        until: None,
        reason: PlanReason::Balanced,
        charge_tablets: false,
    }
}

fn run(governor: &mut Governor, from_s: u64, to_s: u64) {
    for second in (from_s..to_s).step_by(10) {
        governor.handle_sample(&sample(), Duration::from_secs(second));
    }
}

#[test]
fn fresh_advice_lowers_and_stale_advice_is_forgotten() {
    let mut governor = Governor::new(Policy::default(), Duration::ZERO);
    run(&mut governor, 1, 60);
    assert_eq!(governor.state(), PowerState::Full);
    governor.handle_advice(&advice(PowerState::Eco), Duration::from_secs(60));
    run(&mut governor, 61, 600);
    assert_eq!(
        (governor.state(), governor.reason()),
        (PowerState::Eco, Reason::Planned)
    );
    run(&mut governor, 600, 60 + ADVICE_HOLDS.as_secs() + 700);
    assert_eq!(
        governor.state(),
        PowerState::Full,
        "without a planner the thresholds decide"
    );
}

#[test]
fn advised_off_needs_its_confirmations_and_is_final() {
    let mut governor = Governor::new(Policy::default(), Duration::ZERO);
    run(&mut governor, 1, 60);
    governor.handle_advice(&advice(PowerState::Off), Duration::from_secs(60));
    governor.handle_sample(&sample(), Duration::from_secs(61));
    assert_eq!(
        governor.state(),
        PowerState::Full,
        "one sample switches nothing off"
    );
    run(&mut governor, 70, 100);
    assert_eq!(governor.state(), PowerState::Off);
    governor.handle_advice(&advice(PowerState::Full), Duration::from_secs(100));
    run(&mut governor, 100, 2_000);
    assert_eq!(governor.state(), PowerState::Off);
    let offs = std::iter::from_fn(|| governor.poll_action())
        .filter(|action| matches!(action, Action::PowerOff(Reason::Planned)))
        .count();
    assert_eq!(offs, 1);
}

fn sockets(governor: &mut Governor) -> Vec<bool> {
    std::iter::from_fn(|| governor.poll_action())
        .filter_map(|action| match action {
            Action::Apply(plan) => Some(plan.usb_charging),
            Action::Changed { .. } | Action::PowerOff(_) => None,
        })
        .collect()
}

fn charging(state: PowerState, charge_tablets: bool) -> Advice {
    Advice {
        charge_tablets,
        ..advice(state)
    }
}

#[test]
fn the_sockets_follow_fresh_advice_from_eco_on() {
    let at = Duration::from_secs;
    let mut governor = Governor::new(Policy::default(), Duration::ZERO);
    run(&mut governor, 1, 60);
    assert_eq!(
        sockets(&mut governor),
        [false, true],
        "without a planner Full charges"
    );
    governor.handle_advice(&charging(PowerState::Full, false), at(60));
    assert_eq!(
        sockets(&mut governor),
        [false],
        "at once, and nothing but the sockets"
    );
    assert_eq!(governor.state(), PowerState::Full);
    governor.handle_advice(&charging(PowerState::Eco, true), at(70));
    run(&mut governor, 71, 80);
    assert_eq!(sockets(&mut governor), [true, true]);
    assert_eq!(
        (governor.state(), governor.plan().usb_charging),
        (PowerState::Eco, true)
    );
    governor.handle_advice(&charging(PowerState::Minimal, true), at(90));
    run(&mut governor, 91, 100);
    assert_eq!(sockets(&mut governor), [false], "never below Eco");
}

#[test]
fn the_sockets_go_off_in_silence_and_forget_stale_advice() {
    let at = Duration::from_secs;
    let mut governor = Governor::new(Policy::default(), Duration::ZERO);
    run(&mut governor, 1, 60);
    governor.handle_advice(&charging(PowerState::Eco, true), at(60));
    run(&mut governor, 61, 70);
    sockets(&mut governor);
    let due = governor.poll_timeout().unwrap();
    assert!(due <= at(61) + Policy::default().silent_eco_after());
    governor.handle_timeout(due);
    assert_eq!(sockets(&mut governor), [false]);
    assert_eq!(governor.state(), PowerState::Eco);
    assert!(governor.poll_timeout().unwrap() > due);
    // The sensor speaks again while the advice is still fresh.
    governor.handle_sample(&sample(), due + at(1));
    assert_eq!(sockets(&mut governor), [true]);
    // Stale advice: as if there were no planner, and Eco without one does not charge.
    governor.handle_advice(&charging(PowerState::Eco, true), due + at(2));
    governor.handle_sample(&sample(), due + at(2) + ADVICE_HOLDS);
    assert_eq!(sockets(&mut governor), [false]);
}

proptest! {
    /// The plan in force is that of the state, with charging as advised; what is applied is in force.
    #[test]
    fn the_plan_in_force_is_the_last_one_applied(
        events in prop::collection::vec((0u8..4, 0usize..4, any::<bool>(), 1u64..900), 1..60)
    ) {
        let mut governor = Governor::new(Policy::default(), Duration::ZERO);
        let (mut now, mut applied) = (Duration::ZERO, None);
        for (kind, state, charge, wait) in events {
            now += Duration::from_secs(wait);
            match kind {
                0 => governor.handle_advice(&charging(PLANNED[state], charge), now),
                1 => governor.handle_sample_missing(now),
                2 => governor.handle_timeout(now),
                _ => governor.handle_sample(&sample(), now),
            }
            while let Some(action) = governor.poll_action() {
                if let Action::Apply(plan) = action {
                    applied = Some(plan);
                }
            }
            let plan = governor.plan();
            prop_assert_eq!(applied.as_ref(), Some(&plan));
            let of_state = LoadPlan::for_state(governor.state());
            let usb_charging = plan.usb_charging;
            prop_assert_eq!(&plan, &LoadPlan { usb_charging, ..of_state });
            prop_assert!(!usb_charging || governor.state() >= PowerState::Eco);
        }
    }
}
