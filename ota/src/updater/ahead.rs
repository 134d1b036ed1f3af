//! All that could be done, each with the time from which it can; the first in rank that is due is done.

use super::contact::Contact;
use super::{Action, SourceId, UpdateState, Updater};
use std::time::Duration;

/// Something that could be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) when: Duration,
    pub(super) rank: Rank,
    pub(super) action: Action,
}

/// What goes first where several are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// A person stands there.
    Offered(SourceId),
    Restart,
    /// What needs no source.
    Slot,
    /// A person's source first, then one that failed less.
    Fetch {
        not_a_persons: bool,
        failures: u32,
        id: SourceId,
    },
    /// Perhaps all is here already.
    Probe,
    /// A source that could not give what is wanted.
    Another(SourceId),
    Look(SourceId),
}

impl Updater {
    pub(super) fn ahead(&self) -> Vec<Next> {
        let mut ahead = Vec::new();
        if self.permits.fetch {
            for (id, contact) in &self.contacts {
                ahead.extend(self.of_contact(*id, contact));
            }
        }
        ahead.extend(self.of_slot());
        ahead
    }

    fn of_contact(&self, id: SourceId, contact: &Contact) -> impl Iterator<Item = Next> {
        let look = |rank, when| Next {
            when,
            rank,
            action: Action::Look(id),
        };
        let offered = contact.offered();
        let offered = offered.map(|when| look(Rank::Offered(id), when));
        let stuck = contact.look().filter(|_| self.stuck);
        let stuck = stuck.map(|when| look(Rank::Another(id), when));
        let by_stage = match self.stage {
            UpdateState::Idle => {
                let when = contact.look();
                [when.map(|when| look(Rank::Look(id), when)), None]
            }
            UpdateState::Fetching => {
                let another = contact.asked_for_another();
                let another = another.map(|when| look(Rank::Another(id), when));
                [self.fetch(id, contact), another.or(stuck)]
            }
            UpdateState::Installing => [None, stuck],
            UpdateState::Looking | UpdateState::Staged | UpdateState::Activated => [None, None],
        };
        offered.into_iter().chain(by_stage.into_iter().flatten())
    }

    fn fetch(&self, id: SourceId, contact: &Contact) -> Option<Next> {
        let (when, budget) = contact.fetch()?;
        let rank = Rank::Fetch {
            not_a_persons: !contact.by_a_person,
            failures: contact.failures(),
            id,
        };
        Some(Next {
            when: when.max(self.rested()),
            rank,
            action: Action::Fetch(id, budget),
        })
    }

    fn of_slot(&self) -> Option<Next> {
        let permits = self.permits;
        let next = |permit: bool, rank, action| {
            let when = self.rested();
            permit.then_some(Next { when, rank, action })
        };
        match self.stage {
            UpdateState::Idle | UpdateState::Looking => None,
            UpdateState::Fetching => next(
                permits.install && self.may_be_here,
                Rank::Probe,
                Action::Install,
            ),
            UpdateState::Installing => next(permits.install, Rank::Slot, Action::Install),
            UpdateState::Staged => next(permits.activate, Rank::Slot, Action::Activate),
            UpdateState::Activated => next(
                permits.restart && !self.restarting,
                Rank::Restart,
                Action::Restart,
            ),
        }
    }

    fn rested(&self) -> Duration {
        self.rest_until.max(self.pause_until)
    }
}
