//! What follows from how an action ended.

use super::{Action, FetchEnd, InstallEnd, Looked, PAUSE, REST, SourceId, UpdateState, Updater};
use crate::ledger::Wanted;
use std::time::Duration;

/// An installation that says so often in a row that more has to be fetched, where nothing more came, rests.
const INCOMPLETE_AT_MOST: u8 = 3;

impl Updater {
    /// Answers [`Action::Look`].
    pub fn handle_offer(&mut self, id: SourceId, looked: Looked, now: Duration) {
        if !self.answered(&Action::Look(id)) {
            return;
        }
        let mut by_a_person = false;
        if let Some(contact) = self.contacts.get_mut(&id) {
            by_a_person = contact.by_a_person;
            let next = now + self.policy.look_every;
            contact.looked(&looked, now, next);
        }
        if let Looked::Release(release) = looked {
            if by_a_person {
                self.rest_until = now;
            }
            self.want(release, now);
        }
        self.tell();
    }

    fn want(&mut self, release: Wanted, now: Duration) {
        if self.wanted.as_ref() == Some(&release) {
            return;
        }
        self.wanted = Some(release);
        self.stage = UpdateState::Fetching;
        self.rest_until = now;
        self.may_be_here = false;
        self.incomplete = 0;
        self.stuck = false;
        self.restarting = false;
    }

    fn rest(&mut self, now: Duration) {
        self.rest_until = now + REST;
        self.stuck = true;
    }

    /// Answers [`Action::Fetch`].
    pub fn handle_fetched(&mut self, id: SourceId, end: FetchEnd, now: Duration) {
        let Some(Action::Fetch(fetching, _)) = self.busy else {
            return;
        };
        if fetching != id {
            return;
        }
        self.busy = None;
        let refill = now + self.policy.look_every;
        if let Some(contact) = self.contacts.get_mut(&id) {
            contact.fetched(end, now, refill);
        }
        match end {
            FetchEnd::All => self.stage = UpdateState::Installing,
            FetchEnd::Stuck => self.rest(now),
            FetchEnd::Stopped => self.pause_until = now + PAUSE,
            FetchEnd::BudgetSpent | FetchEnd::Gone | FetchEnd::Refused => {}
        }
        self.tell();
    }

    /// Answers [`Action::Install`].
    pub fn handle_installed(&mut self, end: InstallEnd, now: Duration) {
        if !self.answered(&Action::Install) {
            return;
        }
        self.may_be_here = false;
        match end {
            InstallEnd::Done => {
                self.stage = UpdateState::Staged;
                self.stuck = false;
            }
            InstallEnd::Stopped => {
                self.stage = UpdateState::Installing;
                self.pause_until = now + PAUSE;
            }
            InstallEnd::Incomplete => self.more(now),
            InstallEnd::Failed => {
                self.stage = UpdateState::Installing;
                self.rest(now);
            }
            InstallEnd::GivenUp => self.give_up(),
        }
        self.tell();
    }

    /// Answers [`Action::Activate`].
    pub fn handle_activated(&mut self, end: InstallEnd, now: Duration) {
        if !self.answered(&Action::Activate) {
            return;
        }
        match end {
            InstallEnd::Done => self.stage = UpdateState::Activated,
            InstallEnd::Stopped => self.pause_until = now + PAUSE,
            // What was staged is not what is wanted: the slot is looked through again.
            InstallEnd::Incomplete => self.stage = UpdateState::Installing,
            InstallEnd::Failed => {
                self.stage = UpdateState::Installing;
                self.rest(now);
            }
            InstallEnd::GivenUp => self.give_up(),
        }
        self.tell();
    }

    fn more(&mut self, now: Duration) {
        self.stage = UpdateState::Fetching;
        self.incomplete = self.incomplete.saturating_add(1);
        if self.incomplete >= INCOMPLETE_AT_MOST {
            self.incomplete = 0;
            self.rest(now);
        }
    }

    fn give_up(&mut self) {
        self.wanted = None;
        self.stage = UpdateState::Idle;
        self.stuck = false;
    }

    fn answered(&mut self, action: &Action) -> bool {
        let is_it = self.busy.as_ref() == Some(action);
        if is_it {
            self.busy = None;
        }
        is_it
    }
}
