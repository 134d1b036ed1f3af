//! What people and programs are told of an update: pure.

use super::task::{Known, named};
use crate::diagnostics::page::bytes;
use crate::status::{Coming, Update};
use board_support::release::Release;
use ota::install::{Doing, Progress};
use ota::updater::UpdateState;
use ota::{Ledger, Wanted};
use std::time::Duration;

/// What is known beside the slots.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The running system.
    pub release: &'a Release,
    /// What is remembered.
    pub known: &'a Known,
    /// Where the machine stands.
    pub state: &'a UpdateState,
    /// How far its long work is; `None` while it does none.
    pub progress: Option<Progress>,
    /// Where it fetches from; empty while it does not.
    pub from: &'a str,
    /// Bytes a second.
    pub rate: u64,
    /// See [`super::permits::Circumstances::lack`].
    pub lack: Option<&'a str>,
    /// What the last look at a source said.
    pub last_look: &'a str,
}

/// Where an update stands: the slots know of a trial that waits for its restart, whatever the machine has forgotten.
#[must_use]
pub fn standing(slots: &Update, state: &UpdateState) -> UpdateState {
    if slots.state == "restart_needed" && slots.tries_left.is_some() {
        return UpdateState::Activated;
    }
    state.clone()
}

/// Where an update stands by what is remembered alone: no box runs.
#[must_use]
pub fn remembered(ledger: &Ledger) -> UpdateState {
    match (&ledger.wanted, &ledger.staged) {
        (None, _) => UpdateState::Idle,
        (Some(wanted), Some(staged)) if wanted == staged => UpdateState::Staged,
        (Some(_), Some(_) | None) => UpdateState::Fetching,
    }
}

/// The slots' state with all that is known of an update.
#[must_use]
pub fn told(slots: Update, facts: &Facts<'_>) -> Update {
    let Known { ledger, not_before } = facts.known;
    let state = standing(&slots, facts.state);
    let coming = coming(facts, &state);
    let bundle = ledger
        .wanted
        .as_ref()
        .or(ledger.staged.as_ref())
        .map(|wanted| &wanted.bundle);
    let attempts = ledger.attempts.as_ref();
    Update {
        release: facts.release.name.clone(),
        version: facts.release.version,
        attempts: attempts
            .filter(|attempts| Some(&attempts.bundle) == bundle)
            .map_or(0, |attempts| attempts.count),
        coming,
        last_look: facts.last_look.to_owned(),
        floor: ledger.floor,
        not_before: not_before.map(|time| format!("{time:.0}")),
        ..slots
    }
}

fn coming(facts: &Facts<'_>, state: &UpdateState) -> Option<Coming> {
    let ledger = &facts.known.ledger;
    let wanted: &Wanted = match state {
        UpdateState::Idle | UpdateState::Looking => return None,
        UpdateState::Fetching | UpdateState::Installing => ledger.wanted.as_ref()?,
        UpdateState::Staged | UpdateState::Activated => {
            ledger.staged.as_ref().or(ledger.wanted.as_ref())?
        }
    };
    // What runs is not coming any more, though it may still have to prove itself.
    if wanted.version == facts.release.version {
        return None;
    }
    let progress = facts.progress.unwrap_or_default();
    let doing = match (state, facts.progress.map(|progress| progress.doing)) {
        (UpdateState::Staged, _) => "staged",
        (UpdateState::Activated, _) => "restart",
        (_, Some(Doing::Surveying)) => "surveying",
        (_, Some(Doing::Writing)) => "writing",
        (_, Some(Doing::Checking)) => "checking",
        (_, Some(Doing::Fetching)) | (UpdateState::Fetching, None) => "fetching",
        (UpdateState::Idle | UpdateState::Looking | UpdateState::Installing, None) => "writing",
    };
    let idle = facts.progress.is_none() && facts.from.is_empty();
    let no_source = *state == UpdateState::Fetching && idle;
    let lack = facts
        .lack
        .or_else(|| no_source.then_some("a source to come near"));
    Some(Coming {
        release: wanted.name.clone(),
        version: wanted.version,
        doing: doing.to_owned(),
        from: facts.from.to_owned(),
        done_bytes: progress.done,
        of_bytes: progress.of,
        bytes_per_s: facts.rate,
        reused_bytes: progress.reused,
        waits_for: lack.filter(|_| idle).map(ToOwned::to_owned),
    })
}

/// Bytes a second while fetching, over the last seconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rate {
    /// When, and how many bytes were there.
    since: Option<(Duration, u64)>,
    rate: u64,
}

impl Rate {
    /// Shorter than this says more of buffers than of the network.
    const SPAN: Duration = Duration::from_secs(2);

    /// The rate at `now`.
    pub fn of(&mut self, progress: &Progress, now: Duration) -> u64 {
        if progress.doing != Doing::Fetching {
            *self = Self::default();
            return 0;
        }
        match self.since {
            Some((since, before)) if progress.done >= before => {
                let span = now.saturating_sub(since);
                if span >= Self::SPAN {
                    let came = u128::from(progress.done - before) * 1000 / span.as_millis().max(1);
                    self.rate = u64::try_from(came).unwrap_or(u64::MAX);
                    self.since = Some((now, progress.done));
                }
            }
            Some(_) | None => self.since = Some((now, progress.done)),
        }
        self.rate
    }
}

/// A line for each thing to know beside the slots, for a person.
#[must_use]
pub fn words(update: &Update) -> Vec<String> {
    let mut lines = Vec::new();
    if update.version > 0 {
        lines.push(format!("runs {}", of(&update.release, update.version)));
    }
    lines.extend(update.coming.as_ref().map(line));
    lines.extend(update.coming_pack.as_ref().map(super::packs::told::line));
    if update.attempts > 0 {
        let times = if update.attempts == 1 {
            "once"
        } else {
            &format!("{} times", update.attempts)
        };
        lines.push(format!("it was put on trial {times} so far"));
    }
    if update.floor > 0 {
        lines.push(format!(
            "nothing below version {} is installed",
            update.floor
        ));
    }
    if !update.last_pack.is_empty() {
        lines.push(format!("last pack: {}", update.last_pack));
    }
    if !update.last_look.is_empty() {
        lines.push(format!("last look: {}", update.last_look));
    }
    if let Some(time) = &update.not_before {
        lines.push(format!("no earlier than {time}, as the publisher signed"));
    }
    lines
}

fn of(name: &str, version: u64) -> String {
    named(&Wanted {
        version,
        name: name.to_owned(),
        bundle: String::new(),
    })
}

/// What is done for a release that is coming, and how far it is.
#[must_use]
pub fn line(coming: &Coming) -> String {
    let release = of(&coming.release, coming.version);
    let mut line = match coming.doing.as_str() {
        "staged" => format!("{release} is in the other slot"),
        "restart" => format!("{release} is tried at the next restart"),
        "surveying" => format!("looking through the running system for {release}"),
        doing => format!("{doing} {release}"),
    };
    if coming.doing == "fetching" && !coming.from.is_empty() {
        line.push_str(&format!(" from {}", coming.from));
    }
    if coming.of_bytes > 0 {
        let remain = coming.of_bytes.saturating_sub(coming.done_bytes);
        line.push_str(&format!(
            ": {} of {}",
            bytes(coming.done_bytes),
            bytes(coming.of_bytes)
        ));
        if coming.bytes_per_s > 0 {
            line.push_str(&format!(", {}/s", bytes(coming.bytes_per_s)));
        }
        if remain > 0 {
            line.push_str(&format!(", {} remain", bytes(remain)));
        }
    }
    if coming.reused_bytes > 0 && coming.doing == "fetching" {
        line.push_str(&format!(
            "; {} of it are here already",
            bytes(coming.reused_bytes)
        ));
    }
    if let Some(lack) = &coming.waits_for {
        line.push_str(&format!("; it waits: {lack}"));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use ota::Slot;

    /// Every state of the machine with and without work under way.
    #[test]
    fn what_people_are_told() {
        let release = Release {
            board: "school-box-sim".to_owned(),
            version: 12,
            name: "2026.11".to_owned(),
        };
        let wanted = |version, name: &str| Wanted {
            version,
            name: name.to_owned(),
            bundle: "b".repeat(64),
        };
        let known = Known {
            ledger: Ledger {
                floor: 11,
                wanted: Some(wanted(13, "2026.12")),
                staged: Some(wanted(13, "")),
                attempts: Some(ota::ledger::Attempts {
                    bundle: "b".repeat(64),
                    count: 1,
                }),
                ..Ledger::default()
            },
            not_before: "2026-11-01T10:00:00Z".parse().ok(),
        };
        let mut table = String::new();
        for state in [
            UpdateState::Idle,
            UpdateState::Looking,
            UpdateState::Fetching,
            UpdateState::Installing,
            UpdateState::Staged,
            UpdateState::Activated,
        ] {
            let steps = match state {
                UpdateState::Fetching => vec![None, Some(Doing::Surveying), Some(Doing::Fetching)],
                UpdateState::Installing => vec![None, Some(Doing::Writing), Some(Doing::Checking)],
                UpdateState::Idle
                | UpdateState::Looking
                | UpdateState::Staged
                | UpdateState::Activated => vec![None],
            };
            for doing in steps {
                let progress = doing.map(|doing| Progress {
                    doing,
                    done: 1_500_000,
                    of: 6_000_000,
                    reused: 290_000_000,
                });
                let facts = Facts {
                    release: &release,
                    known: &known,
                    state: &state,
                    progress,
                    from: if doing == Some(Doing::Fetching) {
                        "the stick"
                    } else {
                        ""
                    },
                    rate: if doing == Some(Doing::Fetching) {
                        500_000
                    } else {
                        0
                    },
                    lack: (state == UpdateState::Staged)
                        .then_some("the battery has to be charged further"),
                    last_look: "the stick offers 2026.12 (version 13)",
                };
                let update = told(Update::idle(Slot::A), &facts);
                table.push_str(&format!("{state:?}, {doing:?}\n"));
                for line in words(&update) {
                    table.push_str(&format!("    {line}\n"));
                }
            }
        }
        insta::assert_snapshot!(table);
    }
}
