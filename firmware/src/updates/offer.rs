//! A person's offer and what comes of it, and the machine's actions as tasks: pure.

use super::task::{End, Known, Report, Task, named};
use super::{Place, jitter};
use crate::status::Update;
use jiff::Timestamp;
use ota::packs::PackFetched;
use ota::updater::{
    Action, FetchEnd, InstallEnd, Looked, SourceId, UpdatePolicy, UpdateState, Updater,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a person offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// An address, or the whole path of a folder.
    pub source: String,
    /// A staged roll-out is not waited for.
    pub now: bool,
    /// The box restarts as soon as it is ready.
    pub restart: bool,
}

/// What became of an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// `nothing_newer`, `staged`, `activated`, or `packs_taken` where packs came and no system.
    pub outcome: String,
    /// The same for people, and what follows.
    pub line: String,
    /// The box's state of updates afterwards.
    pub update: Update,
}

/// What became of it, before anybody is told.
pub type Outcome = Result<(&'static str, String), String>;

/// What a report says of an offer; `None`: it goes on.
#[must_use]
pub fn of_report(report: &Report) -> Option<Outcome> {
    let line = || report.line.clone();
    let kept = || format!("{}; what came so far is kept", report.line);
    match &report.end {
        End::Looked(Looked::Nothing, false) => Some(Ok(("nothing_newer", line()))),
        End::Looked(Looked::Nothing | Looked::Gone | Looked::Refused, _) => Some(Err(line())),
        End::Fetched(FetchEnd::Gone | FetchEnd::Refused | FetchEnd::Stuck) => Some(Err(kept())),
        End::Fetched(FetchEnd::Stopped) => {
            Some(Err("it was stopped; what came so far is kept".to_owned()))
        }
        End::Installed(InstallEnd::Failed | InstallEnd::GivenUp)
        | End::Activated(InstallEnd::Failed | InstallEnd::GivenUp) => Some(Err(line())),
        End::Installed(InstallEnd::Stopped) | End::Activated(InstallEnd::Stopped) => Some(Err(
            "it was stopped; what is in the slot so far is kept".to_owned(),
        )),
        End::Confirmed
        | End::Looked(Looked::Release(_), _)
        | End::Fetched(FetchEnd::All | FetchEnd::BudgetSpent)
        | End::Installed(InstallEnd::Done | InstallEnd::Incomplete)
        | End::Activated(InstallEnd::Done | InstallEnd::Incomplete)
        | End::PackFetched(..)
        | End::PackBuilt(..) => None,
    }
}

/// What there is to say when nothing more is done just now.
pub fn of_state(state: &UpdateState, known: &Known, lack: Option<&str>, follows: &str) -> Outcome {
    let ledger = &known.ledger;
    let release = ledger.staged.as_ref().or(ledger.wanted.as_ref());
    let release = release.map_or_else(|| "the new release".to_owned(), named);
    let waits = lack.unwrap_or("it goes on by itself");
    match state {
        UpdateState::Activated => Ok((
            "activated",
            format!("{release} is in the other slot and is tried at the next restart: {follows}"),
        )),
        UpdateState::Staged => Ok((
            "staged",
            format!("{release} is in the other slot, not put on trial yet: {waits}"),
        )),
        UpdateState::Installing => Err(format!(
            "{release} is fetched and not installed yet: {waits}"
        )),
        UpdateState::Fetching => Err(format!("{release} is not fetched yet: {waits}")),
        UpdateState::Idle | UpdateState::Looking => {
            Err(lack.unwrap_or("nothing came of it").to_owned())
        }
    }
}

/// What became of an offer, with what came of its packs.
pub fn with_packs(system: Outcome, packs: &[Result<String, String>]) -> Outcome {
    if packs.is_empty() {
        return system;
    }
    let came = packs.iter().any(Result::is_ok);
    let lines = packs.iter().map(|pack| match pack {
        Ok(line) | Err(line) => line.as_str(),
    });
    let lines = lines.collect::<Vec<_>>().join("; ");
    let failed = packs.iter().any(Result::is_err);
    match system {
        Ok((_, line)) if failed => Err(format!("{lines}; {line}")),
        Ok(("nothing_newer", line)) if came => Ok(("packs_taken", format!("{lines}; {line}"))),
        Ok((word, line)) => Ok((word, format!("{lines}; {line}"))),
        Err(_) if came && !failed => Ok(("packs_taken", lines)),
        Err(line) => Err(format!("{lines}; {line}")),
    }
}

/// What a report says of a pack that was offered; `None`: it goes on, or nothing is to be said.
#[must_use]
pub fn of_pack(report: &Report) -> Option<Result<String, String>> {
    let line = || report.line.clone();
    match &report.end {
        End::PackFetched(
            PackFetched::Gone
            | PackFetched::Lacks
            | PackFetched::Refused
            | PackFetched::NoRoom
            | PackFetched::Stuck,
            _,
        ) => Some(Err(format!("{}; what came so far is kept", report.line))),
        End::PackBuilt(InstallEnd::Done, _) => Some(Ok(line())),
        End::PackBuilt(InstallEnd::Failed | InstallEnd::GivenUp, _) => Some(Err(line())),
        End::PackFetched(
            PackFetched::All
            | PackFetched::Nothing
            | PackFetched::BudgetSpent
            | PackFetched::Stopped,
            _,
        )
        | End::PackBuilt(InstallEnd::Incomplete | InstallEnd::Stopped, _)
        | End::Confirmed
        | End::Looked(..)
        | End::Fetched(_)
        | End::Installed(_)
        | End::Activated(_) => None,
    }
}

/// The task of an action; `place` finds the place of a number.
pub fn task_of(
    action: Action,
    clock: Option<Timestamp>,
    now: impl Fn(SourceId) -> bool,
    place: impl Fn(SourceId) -> Option<Place>,
) -> Option<Task> {
    match action {
        Action::Look(id) => Some(Task::Look {
            place: place(id)?,
            now: now(id),
            clock,
        }),
        Action::Fetch(id, budget) => {
            let place = place(id)?;
            let budget = place.budget(budget);
            Some(Task::Fetch {
                place,
                budget,
                clock,
            })
        }
        Action::Install => Some(Task::Install),
        Action::Activate => Some(Task::Activate),
        Action::Restart => None,
    }
}

/// Tells the machine how its action ended.
pub fn answer(updater: &mut Updater, id: SourceId, end: End, now: Duration) {
    match end {
        End::Confirmed | End::PackFetched(..) | End::PackBuilt(..) => {}
        End::Looked(looked, _) => updater.handle_offer(id, looked, now),
        End::Fetched(end) => updater.handle_fetched(id, end, now),
        End::Installed(end) => updater.handle_installed(end, now),
        End::Activated(end) => updater.handle_activated(end, now),
    }
}

/// The machine of a box with these settings and this memory.
#[must_use]
pub fn machine(
    config: &crate::config::Updates,
    box_id: &str,
    known: &Known,
    now: Duration,
) -> Updater {
    let policy = UpdatePolicy {
        look_every: jitter(config.look_every, box_id),
        budget: config.budget,
    };
    Updater::new(policy, known.ledger.wanted.clone(), now)
}
