//! What the program can utter of its own, as far as it can be brought about here: all of it is kept as it stands.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::plain;
use crate::diagnostics::button::{Armed, Meaning};
use crate::events::boots::Before;
use crate::panel::ROWS;
use crate::selftest::outcome::{self, PartName, Tried, Verdict};
use crate::services::ServiceName;
use crate::services::access_point::Silence;
use crate::services::power::DayStory;
use crate::status::day::doubts;
use crate::status::sample::silent;
use crate::supervisor::health::{self, Criticality, PROBE_SILENCE_LIMIT, ServiceHealth};
use board_support::panel::{BatteryColour, Lights, MAX_FLASHES, Rhythm};
use board_support::radio::Rung;
use ota::{Slot, SlotStatus};
use power_mgmt::plan::Occasion;
use power_mgmt::storage::Left;
use power_mgmt::{Advice, ChargeStatus, Distrust, LocalTime, PlanReason, PowerState, Reason};
use std::fs;
use std::path::Path;
use std::time::Duration;

const MEANINGS: [Meaning; 8] = [
    Meaning::Nothing,
    Meaning::Attention,
    Meaning::SwitchOff,
    Meaning::Arm(Armed::Storage),
    Meaning::Arm(Armed::Erase),
    Meaning::Confirm(Armed::Storage),
    Meaning::Confirm(Armed::Erase),
    Meaning::Refuse,
];
const REASONS: [Reason; 10] = [
    Reason::Started,
    Reason::BatteryHigh,
    Reason::BatteryLow,
    Reason::Reserve,
    Reason::Critical,
    Reason::Silent,
    Reason::SampleBack,
    Reason::Planned,
    Reason::StorageRequested,
    Reason::OffRequested,
];
const DISTRUSTS: [Distrust; 8] = [
    Distrust::Voltage,
    Distrust::Current,
    Distrust::Temperature,
    Distrust::Step,
    Distrust::Time,
    Distrust::Stuck,
    Distrust::StuckCurrent,
    Distrust::Contradiction,
];
const LEFT: [Left; 5] = [
    Left::SwitchedOn,
    Left::AlarmMissed,
    Left::ClockLost,
    Left::Used,
    Left::Asked,
];
const CHARGES: [ChargeStatus; 5] = [
    ChargeStatus::Charging,
    ChargeStatus::Discharging,
    ChargeStatus::Idle,
    ChargeStatus::Full,
    ChargeStatus::Unknown,
];
const SERVICES: [ServiceName; 8] = [
    ServiceName::Power,
    ServiceName::AccessPoint,
    ServiceName::Diagnostics,
    ServiceName::Store,
    ServiceName::Control,
    ServiceName::Update,
    ServiceName::Web,
    ServiceName::Nightly,
];

/// What others have written, in the golden tables: a file's name, a card's own words.
const OTHERS: [&str; 2] = [" X", " DG4064 0x11"];

/// Each that is not kept as it stands, and what is.
pub(super) fn lost(texts: Vec<String>) -> Vec<String> {
    let changed = texts.into_iter().filter(|text| plain(text) != *text);
    changed
        .map(|text| format!("{text} -> {}", plain(&text)))
        .collect()
}

#[test]
fn every_line_of_the_lights() {
    let plain_ones = [Rhythm::Off, Rhythm::Steady, Rhythm::Slow, Rhythm::Quick];
    let flashes = (1..=MAX_FLASHES).map(Rhythm::Blink);
    let rhythms: Vec<Rhythm> = plain_ones.into_iter().chain(flashes).collect();
    let colours = [
        BatteryColour::Green,
        BatteryColour::Amber,
        BatteryColour::Red,
    ];
    let mut lines = Vec::new();
    for rhythm in &rhythms {
        let lit = |battery| Lights {
            battery,
            wifi: *rhythm,
            lessons: *rhythm,
            help: *rhythm,
        };
        lines.push(lit(None).to_string());
        for colour in colours {
            let batteries = rhythms.iter().map(|own| lit(Some((colour, *own))));
            lines.extend(batteries.map(|lights| lights.to_string()));
        }
    }
    assert_eq!(lines.len(), 8 + 8 * 3 * 8);
    assert_eq!(lost(lines), [""; 0]);
}

#[test]
fn every_word_of_a_state_a_cause_or_a_reason() {
    let mut words = Vec::new();
    words.extend(PowerState::ALL.map(|state| state.to_string()));
    words.extend(PartName::ALL.map(|part| part.to_string()));
    words.extend(PartName::ALL.map(|part| serde_json::to_string(&part).unwrap()));
    words.extend(CHARGES.map(|status| serde_json::to_string(&status).unwrap()));
    words.extend(Rung::ALL.map(|rung| rung.as_str().to_owned()));
    words.extend([Silence::Power, Silence::Night].map(|why| why.as_str().to_owned()));
    words.extend(MEANINGS.map(|meaning| meaning.to_string()));
    words.extend(SERVICES.map(|name| name.to_string()));
    words.extend(LEFT.map(|left| left.as_str().to_owned()));
    words.extend(Slot::ALL.map(|slot| slot.to_string()));
    for reason in REASONS {
        words.extend([reason.as_str().to_owned(), reason.to_string()]);
    }
    for distrust in DISTRUSTS {
        words.extend([distrust.as_str().to_owned(), distrust.to_string()]);
    }
    for row in &ROWS {
        words.extend([row.name, row.who.as_str()].map(str::to_owned));
        words.extend(row.causes.iter().map(|cause| cause.as_str().to_owned()));
    }
    for before in [
        Before::First,
        Before::Crash,
        Before::Watchdog,
        Before::PowerCut,
    ] {
        words.push(before.to_string());
    }
    let trial = |tries_left| SlotStatus::Trial { tries_left };
    for status in [SlotStatus::Good, trial(0), trial(3), SlotStatus::Retired] {
        words.push(status.to_string());
    }
    assert_eq!(lost(words), [""; 0]);
}

#[test]
fn every_plan_in_words() {
    let at = |day: i64, minute: u16| LocalTime::new(day, minute).unwrap();
    let saves_for = |day, evening, film| {
        PlanReason::SavesFor(Occasion {
            start: at(day, 1080),
            evening,
            film,
        })
    };
    let mut told = Vec::new();
    for reason in [
        PlanReason::PackCut,
        PlanReason::Reserve,
        PlanReason::Thresholds,
        PlanReason::Plenty,
        PlanReason::Film,
        PlanReason::Balanced,
        saves_for(0, true, true),
        saves_for(0, true, false),
        saves_for(0, false, false),
        saves_for(1, true, false),
        saves_for(1, false, false),
        saves_for(2, false, false),
    ] {
        told.push(reason.as_str().to_owned());
        for until in [None, Some(at(0, 840))] {
            let advice = Advice {
                at: at(0, 600),
                state: PowerState::Eco,
                until,
                reason,
                charge_tablets: false,
            };
            told.push(advice.to_string());
        }
    }
    assert_eq!(lost(told), [""; 0]);
}

#[test]
fn every_verdict_of_the_self_test() {
    let mut told = Vec::new();
    for (failed, untried) in [(0, 0), (0, 1), (0, 4), (1, 0), (2, 3)] {
        let failed = vec![Verdict::failed("", ""); failed];
        let untried = vec![Verdict::not_tried(""); untried];
        let verdicts = [failed, untried, vec![Verdict::Ok]].concat();
        told.extend(verdicts.iter().map(|verdict| verdict.word().to_owned()));
        let parts: Vec<Tried> = (verdicts.into_iter())
            .map(|verdict| Tried::new(PartName::Clock, verdict, ""))
            .collect();
        told.push(outcome::verdict(&parts).1);
    }
    assert_eq!(lost(told), [""; 0]);
}

/// The golden tables hold a message of every kind.
#[test]
fn every_message_of_the_self_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/selftest/judge/snapshots");
    let mut told = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let table = text.splitn(3, "---\n").nth(2).unwrap();
        let pieces = table.lines().flat_map(|line| line.split(" | "));
        told.extend(pieces.flat_map(messages));
    }
    assert!(told.len() > 200, "{}", told.len());
    assert_eq!(lost(told), [""; 0]);
}

/// The words of a verdict; or what was measured, without the name of the case before it.
fn messages(piece: &str) -> Vec<String> {
    let verdicts = ["Ok", "NotTried", "Failed", "None", "Some("];
    let told: Vec<&str> = match verdicts.iter().any(|word| piece.starts_with(word)) {
        true => piece.split('"').skip(1).step_by(2).collect(),
        false => piece.rsplit(": ").take(1).collect(),
    };
    let own =
        |text: &str| (OTHERS.iter()).fold(text.to_owned(), |text, word| text.replace(word, ""));
    told.into_iter().map(own).collect()
}

#[test]
fn every_line_of_what_is_wrong_that_can_be_brought_about() {
    let mut lines = silent().degraded;
    for clock_ahead_min in [180, -700] {
        lines.extend(doubts(&DayStory {
            panel_doubted: true,
            clock_ahead_min,
            ..DayStory::default()
        }));
    }
    lines.push(health::verdict(&[], PROBE_SILENCE_LIMIT).to_string());
    for name in SERVICES {
        for criticality in [Criticality::Critical, Criticality::Essential] {
            for (running, silent_s, recent_faults) in [(true, 60, 0), (false, 0, 1), (true, 0, 1)] {
                let service = ServiceHealth {
                    name,
                    criticality,
                    running,
                    silent_for: Duration::from_secs(silent_s),
                    silence_limit: Duration::from_secs(30),
                    recent_faults,
                };
                lines.push(health::verdict(&[service], Duration::ZERO).to_string());
            }
        }
    }
    assert_eq!(lost(lines), [""; 0]);
}
