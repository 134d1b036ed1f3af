//! Tier 0: the whole transition table and its graph, as golden files.

use power_mgmt::transition::transition;
use power_mgmt::{InputClass, PowerState, Reason, Step};
use std::collections::BTreeMap;
use std::fmt::Write as _;

fn cell(step: Step) -> String {
    let told = |how: &str, to: PowerState, reason: Reason| {
        format!("{how} {} ({})", to.as_str(), reason.as_str())
    };
    match step {
        Step::Stay => "stay".to_owned(),
        Step::Now(to, reason) => told("now", to, reason),
        Step::Confirmed(to, reason) => told("confirmed", to, reason),
        Step::AfterDwell(to, reason) => told("dwell", to, reason),
    }
}

#[test]
fn table() {
    let mut text = String::new();
    for state in PowerState::ALL.into_iter().rev() {
        let _ = writeln!(text, "{state}");
        for input in InputClass::ALL {
            let said = cell(transition(state, input));
            let _ = writeln!(text, "  {:<16} {said}", format!("{input:?}"));
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn graph() {
    let mut edges: BTreeMap<(PowerState, PowerState), Vec<String>> = BTreeMap::new();
    for state in PowerState::ALL {
        for input in InputClass::ALL {
            let to = transition(state, input).target(state);
            if to != state {
                let inputs = edges.entry((state, to)).or_default();
                inputs.push(format!("{input:?}"));
            }
        }
    }
    let mut text = String::new();
    for ((from, to), inputs) in edges.iter().rev() {
        let _ = writeln!(text, "{from} -> {to}: {}", inputs.join(", "));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn down_is_now_up_waits_and_off_by_battery_is_confirmed() {
    for state in PowerState::ALL {
        for input in InputClass::ALL {
            match transition(state, input) {
                Step::Stay => {}
                Step::Now(to, _) => assert!(to < state, "{state} × {input:?}"),
                Step::AfterDwell(to, _) => assert!(to > state, "{state} × {input:?}"),
                Step::Confirmed(to, _) => assert_eq!(to, PowerState::Off),
            }
        }
    }
}

#[test]
fn silence_never_switches_off_and_final_states_are_final() {
    for input in InputClass::ALL {
        for last in [PowerState::Off, PowerState::Storage] {
            assert_eq!(transition(last, input), Step::Stay);
        }
    }
    for state in [PowerState::Minimal, PowerState::Eco, PowerState::Full] {
        for input in [InputClass::Silent, InputClass::LongSilent] {
            assert!(!transition(state, input).target(state).is_power_off());
        }
    }
}
