//! The governor with a planner: the whole table of advice, and what advice cannot do.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use power_mgmt::governor::ADVICE_HOLDS;
use power_mgmt::transition::{advised, transition};
use power_mgmt::{
    Action, Advice, BatterySample, Governor, InputClass, LocalTime, PlanReason, Policy, PowerState,
    Reason, Step,
};
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
