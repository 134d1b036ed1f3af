//! Which step for packs is next, of which source, and when: pure. Asked only when the [`Updater`](crate::updater::Updater) has nothing to do: a system
//! goes before every pack.
//!
//! ```text
//!   a source was looked at, and has packs ──► Fetch ──► Build ──► Fetch ──► … ──► nothing more
//!                                               ▲         │
//!                                               └─ more ──┘     gone: later; wrong: never again from there; no room: in an hour
//! ```

use super::HeldBack;
use crate::fetch::{FetchError, Fetched};
use crate::install::pack::PackError;
use crate::ledger::Wanted;
use crate::look::LookError;
use crate::source::SourceError;
use crate::trust::TrustError;
use crate::updater::{BACKOFF, BACKOFF_AT_MOST, InstallEnd, PAUSE, REST, SourceId};
use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackAction {
    /// Look at the source, and fetch the pack that is next, at most so many bytes; answer with [`PackTurns::handle_fetched`].
    Fetch(SourceId, u64),
    /// Make the file of what was fetched and give it to the library; answer with [`PackTurns::handle_built`].
    Build,
}

/// How a fetch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackFetched {
    /// All of this pack is here.
    All,
    /// The source has nothing (more) for this school.
    Nothing,
    /// The budget of this contact is spent.
    BudgetSpent,
    /// It was stopped from outside.
    Stopped,
    /// The source was not reached, went away, or is too slow.
    Gone,
    /// The source does not have this pack, or its offer is no good.
    Lacks,
    /// The source is not believed, or gave what was not signed for.
    Refused,
    /// There is no room for this pack.
    NoRoom,
    /// The disk failed.
    Stuck,
}

impl PackFetched {
    /// Of a [`look`](super::look()) that failed.
    #[must_use]
    pub fn of_look<S: Error + 'static>(error: &LookError<S>) -> Self {
        match error {
            LookError::Source(error) | LookError::Trust(TrustError::Repository(error)) => {
                if error.is_transient() {
                    Self::Gone
                } else {
                    Self::Refused
                }
            }
            // Nothing is wrong with the source: this box's disk.
            LookError::Trust(TrustError::Store(_)) => Self::Stuck,
            LookError::Trust(TrustError::Refused(_) | TrustError::Missing(_))
            | LookError::Bundle(_) => Self::Refused,
        }
    }

    /// Of [`fetch`](crate::install::pack::fetch).
    #[must_use]
    pub const fn of(fetched: &Result<Fetched, PackError>) -> Self {
        match fetched {
            Ok(Fetched::All) => Self::All,
            Ok(Fetched::BudgetSpent) => Self::BudgetSpent,
            Ok(Fetched::Stopped) => Self::Stopped,
            Err(PackError::Fetch(FetchError::Source(error))) => Self::of_source(error),
            Err(PackError::Fetch(FetchError::Wrong { .. })) => Self::Refused,
            Err(PackError::Fetch(FetchError::Room { .. })) => Self::NoRoom,
            Err(PackError::Nothing | PackError::Offer(_) | PackError::Made(_)) => Self::Lacks,
            Err(
                PackError::Incomplete | PackError::Keep(_) | PackError::Fetch(FetchError::Keep(_)),
            ) => Self::Stuck,
        }
    }

    const fn of_source(error: &SourceError) -> Self {
        if error.is_transient() {
            Self::Gone
        } else {
            Self::Lacks
        }
    }
}

/// A source with packs.
#[derive(Debug, Clone, Default)]
struct Contact {
    not_before: Duration,
    failures: u32,
    /// Offers that it cannot give.
    lacks: HeldBack,
}

/// The machine.
#[derive(Debug, Clone, Default)]
pub struct PackTurns {
    /// Those that have something, as far as is known.
    sources: BTreeMap<SourceId, Contact>,
    /// For these there was no room, or they did not become packs: not before this.
    resting: BTreeMap<String, Duration>,
    /// All of the pack that was begun may be here.
    may_be_here: bool,
    /// Nothing before this.
    rest_until: Duration,
    busy: bool,
}

impl PackTurns {
    /// With what the ledger remembered: a pack that was begun may be here whole.
    #[must_use]
    pub fn new(begun: Option<&Wanted>) -> Self {
        Self {
            may_be_here: begun.is_some(),
            ..Self::default()
        }
    }

    /// A source was looked at: whether it has packs for this school. What was held against it is forgotten where a person brought it.
    pub fn handle_looked(
        &mut self,
        id: SourceId,
        has_some: bool,
        by_a_person: bool,
        now: Duration,
    ) {
        if by_a_person {
            self.sources.remove(&id);
            self.resting.clear();
            self.rest_until = now;
        }
        if has_some {
            self.sources.entry(id).or_default();
        } else {
            self.sources.remove(&id);
        }
    }

    /// It is there no more.
    pub fn handle_source_gone(&mut self, id: SourceId) {
        self.sources.remove(&id);
    }

    /// Whether this source may have something still.
    #[must_use]
    pub fn may_have(&self, id: SourceId) -> bool {
        self.sources.contains_key(&id)
    }

    /// What is left alone of this source's offers now.
    #[must_use]
    pub fn held(&self, id: SourceId, now: Duration) -> HeldBack {
        let resting = self.resting.iter().filter(|(_, until)| **until > now);
        let mut held: HeldBack = resting.map(|(offer, _)| offer.clone()).collect();
        if let Some(contact) = self.sources.get(&id) {
            held.extend(contact.lacks.iter().cloned());
        }
        held
    }

    /// What to do now, if anything. `budget` says what a contact with a source may cost now; `None`: nothing is asked of it now. An action is given
    /// once.
    pub fn poll(
        &mut self,
        now: Duration,
        budget: impl Fn(SourceId) -> Option<u64>,
    ) -> Option<PackAction> {
        if self.busy || now < self.rest_until {
            return None;
        }
        let action = if self.may_be_here {
            PackAction::Build
        } else {
            let due = |(_, contact): &(&SourceId, &Contact)| contact.not_before <= now;
            let mut due: Vec<_> = self.sources.iter().filter(due).collect();
            due.sort_by_key(|(id, contact)| (contact.failures, **id));
            let paid = |(id, _): (&SourceId, &Contact)| {
                let budget = budget(*id).filter(|bytes| *bytes > 0)?;
                Some(PackAction::Fetch(*id, budget))
            };
            due.into_iter().find_map(paid)?
        };
        self.busy = true;
        Some(action)
    }

    /// Answers [`PackAction::Fetch`]; `pack` is the one that it was about.
    pub fn handle_fetched(
        &mut self,
        id: SourceId,
        end: PackFetched,
        pack: Option<&Wanted>,
        now: Duration,
    ) {
        self.busy = false;
        let offer = pack.map(|pack| pack.bundle.clone());
        let contact = self.sources.get_mut(&id);
        match (end, contact) {
            (PackFetched::All, contact) => {
                self.may_be_here = true;
                if let Some(contact) = contact {
                    contact.failures = 0;
                }
            }
            (PackFetched::Nothing | PackFetched::Refused, _) => drop(self.sources.remove(&id)),
            // What it may still cost is the contact's affair.
            (PackFetched::BudgetSpent, _) => {}
            (PackFetched::Stopped, _) => self.rest_until = now + PAUSE,
            (PackFetched::Gone, Some(contact)) => contact.gone(now),
            (PackFetched::Lacks, Some(contact)) => contact.lacks.extend(offer),
            (PackFetched::NoRoom, _) => {
                self.resting.extend(offer.map(|offer| (offer, now + REST)));
            }
            (PackFetched::Stuck, _) => self.rest_until = now + REST,
            (PackFetched::Gone | PackFetched::Lacks, None) => {}
        }
    }

    /// Answers [`PackAction::Build`].
    pub fn handle_built(&mut self, end: InstallEnd, pack: Option<&Wanted>, now: Duration) {
        self.busy = false;
        // A pack that was stopped on its way into the library goes on without a source.
        self.may_be_here = end == InstallEnd::Stopped;
        match end {
            InstallEnd::Done | InstallEnd::Incomplete | InstallEnd::GivenUp => {}
            InstallEnd::Stopped => self.rest_until = now + PAUSE,
            InstallEnd::Failed => {
                let offer = pack.map(|pack| pack.bundle.clone());
                self.resting.extend(offer.map(|offer| (offer, now + REST)));
            }
        }
    }

    /// The permits changed: what was stopped need not wait.
    pub const fn handle_permits(&mut self, now: Duration) {
        if self.rest_until.as_nanos() > now.as_nanos()
            && self.rest_until.as_nanos() - now.as_nanos() <= PAUSE.as_nanos()
        {
            self.rest_until = now;
        }
    }
}

impl Contact {
    fn gone(&mut self, now: Duration) {
        let doubled = 1_u32.checked_shl(self.failures.min(16)).unwrap_or(1);
        let wait = BACKOFF.saturating_mul(doubled).min(BACKOFF_AT_MOST);
        self.not_before = now + wait;
        self.failures = self.failures.saturating_add(1);
    }
}

#[cfg(test)]
mod tests;
