//! What people and programs are told of the slots: pure.

use super::Found;
use crate::status::{SlotStates, Update};
use ota::{AtStart, BootChoice, Slot, SlotStatus, UpdateRecord};

const RESTART_NEEDED: &str = "restart_needed";

/// The state of the slots as [`Update`].
#[must_use]
pub fn told(booted: Slot, found: &Found, record: &UpdateRecord) -> Update {
    let (at_start, choice) = match found {
        Found::Known { at_start, choice } => (Some(*at_start), *choice),
        Found::Unknown(_) => (None, None),
    };
    let fell_back = record.fell_back.as_ref().map(|failure| {
        format!(
            "slot {} failed its trial: {}; slot {booted} runs in its place",
            failure.slot, failure.why
        )
    });
    let fell_back = match at_start {
        // Not yet in the record: nobody has settled this start.
        Some(AtStart::FellBack { from }) if fell_back.is_none() => Some(format!(
            "slot {from} failed its trial; slot {booted} runs in its place"
        )),
        _ => fell_back,
    };
    Update {
        state: state(at_start, fell_back.is_some()).to_owned(),
        slot: booted,
        slots: choice.map(|choice| SlotStates {
            a: choice.status(Slot::A),
            b: choice.status(Slot::B),
        }),
        next: choice.map(|choice| choice.boot().0),
        tries_left: match at_start {
            Some(AtStart::Trial { tries_left } | AtStart::Untried { tries_left, .. }) => {
                Some(tries_left)
            }
            _ => None,
        },
        waits_for: None,
        fell_back,
        problem: problem(booted, found, choice),
        ..Update::idle(booted)
    }
}

fn state(at_start: Option<AtStart>, fell_back: bool) -> &'static str {
    match at_start {
        None => "unknown",
        Some(AtStart::Trial { .. }) => "trial",
        Some(AtStart::Untried { .. } | AtStart::Leaving { .. }) => RESTART_NEEDED,
        Some(AtStart::Unnamed { .. }) => "unproven",
        Some(AtStart::FellBack { .. }) => "fell_back",
        Some(AtStart::Settled) if fell_back => "fell_back",
        Some(AtStart::Settled) => "idle",
    }
}

fn problem(booted: Slot, found: &Found, choice: Option<BootChoice>) -> Option<String> {
    match found {
        Found::Unknown(why) => Some(format!("{why}; this box takes no update")),
        Found::Known {
            at_start: AtStart::Unnamed { instead_of },
            ..
        } => Some(match (instead_of, choice) {
            (Some(other), Some(_)) => format!(
                "slot {other} was to boot, but slot {booted} runs; it becomes the one that boots once it is well"
            ),
            _ => format!(
                "the boot choice is damaged; it is written anew for slot {booted} once that is well"
            ),
        }),
        Found::Known { .. } => None,
    }
}

/// A line for each thing to know, for a person.
#[must_use]
pub fn words(update: &Update) -> Vec<String> {
    let mut lines = vec![format!(
        "update {}, slot {} runs",
        update.state, update.slot
    )];
    if let Some(slots) = &update.slots {
        lines.push(format!("slot A: {}", of_slot(update, Slot::A, slots.a)));
        lines.push(format!("slot B: {}", of_slot(update, Slot::B, slots.b)));
    }
    if let Some(next) = update.next.filter(|_| update.state == RESTART_NEEDED) {
        lines.push(format!("slot {next} boots next: restart the box"));
    }
    if let Some(lack) = &update.waits_for {
        lines.push(format!("not confirmed yet: {lack}"));
    }
    lines.extend(update.fell_back.iter().chain(&update.problem).cloned());
    lines
}

/// A slot that runs with no try left has not failed: this is its last.
fn of_slot(update: &Update, slot: Slot, status: SlotStatus) -> String {
    match status {
        SlotStatus::Trial { tries_left: 0 } if slot == update.slot => {
            "on trial, this is its last try".to_owned()
        }
        SlotStatus::Trial { .. } | SlotStatus::Good | SlotStatus::Retired => status.to_string(),
    }
}
