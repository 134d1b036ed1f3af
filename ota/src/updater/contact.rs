//! A source, as long as it is there.

use super::{BACKOFF, BACKOFF_AT_MOST, FetchEnd, Looked};
use std::time::Duration;

/// What is known of it since it was announced.
#[derive(Debug, Clone)]
pub(super) struct Contact {
    pub(super) by_a_person: bool,
    /// It is not believed, or of no use: left alone until it is announced anew.
    refused: bool,
    /// It said once what it offers.
    was_looked_at: bool,
    /// It did not give what it should have for the wanted release: perhaps it has another one.
    doubted: bool,
    /// Next look.
    look_at: Duration,
    /// It went away; not asked before this.
    not_before: Duration,
    /// In a row, nothing given between them.
    failures: u32,
    /// Bytes that it may still cost.
    left: u64,
    budget: u64,
    /// When it may cost as much again.
    refill_at: Duration,
}

impl Contact {
    pub(super) const fn new(by_a_person: bool, budget: u64, now: Duration) -> Self {
        Self {
            by_a_person,
            refused: false,
            was_looked_at: false,
            doubted: false,
            look_at: now,
            not_before: now,
            failures: 0,
            left: budget,
            budget,
            refill_at: now,
        }
    }

    /// When a person's offer is looked at, where it was not yet.
    pub(super) fn offered(&self) -> Option<Duration> {
        let waits = self.by_a_person && !self.was_looked_at && !self.refused;
        waits.then_some(self.not_before)
    }

    /// When it is asked whether it has another release than the wanted one, which it could not give.
    pub(super) fn asked_for_another(&self) -> Option<Duration> {
        (self.doubted && !self.refused).then_some(self.not_before)
    }

    /// When it is looked at while nothing is wanted.
    pub(super) fn look(&self) -> Option<Duration> {
        (!self.refused).then_some(self.look_at.max(self.not_before))
    }

    /// When it can be fetched from, and how much.
    pub(super) fn fetch(&self) -> Option<(Duration, u64)> {
        if self.refused || self.doubted {
            return None;
        }
        Some(match self.left {
            0 => (self.refill_at.max(self.not_before), self.budget),
            left => (self.not_before, left),
        })
    }

    pub(super) const fn failures(&self) -> u32 {
        self.failures
    }

    pub(super) fn gave(&mut self, bytes: u64, refill: Duration) {
        if self.left == 0 {
            self.left = self.budget;
        }
        self.left = self.left.saturating_sub(bytes);
        if self.left == 0 {
            self.refill_at = refill;
        }
        if bytes > 0 {
            self.failures = 0;
        }
    }

    pub(super) fn looked(&mut self, looked: &Looked, now: Duration, next: Duration) {
        match looked {
            Looked::Gone => return self.gone(now),
            Looked::Refused => self.refused = true,
            // It could not give it.
            Looked::Nothing => self.refused = self.doubted,
            // What it offers may have been only half here; if it cannot give it again, that was its look.
            Looked::Release(_) => {}
        }
        self.was_looked_at = true;
        self.doubted = false;
        self.failures = 0;
        self.look_at = next;
    }

    pub(super) fn fetched(&mut self, end: FetchEnd, now: Duration, refill: Duration) {
        match end {
            FetchEnd::All => self.failures = 0,
            FetchEnd::BudgetSpent => {
                self.left = 0;
                self.refill_at = refill;
                self.failures = 0;
            }
            FetchEnd::Gone => self.gone(now),
            FetchEnd::Refused if self.was_looked_at => self.refused = true,
            FetchEnd::Refused => self.doubted = true,
            FetchEnd::Stopped | FetchEnd::Stuck => {}
        }
    }

    fn gone(&mut self, now: Duration) {
        let doubled = 1_u32.checked_shl(self.failures.min(16)).unwrap_or(1);
        let wait = BACKOFF.saturating_mul(doubled).min(BACKOFF_AT_MOST);
        self.not_before = now + wait;
        self.failures = self.failures.saturating_add(1);
    }
}
