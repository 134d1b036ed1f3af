//! The reference model of the governor.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use power_mgmt::governor::OFF_CONFIRMATIONS;
use power_mgmt::{PowerState, Reading};
use std::time::Duration;

/// What the states must be, written down once more in plain percents and whole histories.
pub(crate) struct Model {
    pub(crate) state: PowerState,
    changed_at: Duration,
    heard: Option<Duration>,
    /// Highest state that each sample since the start of a rise would have allowed.
    allowed: Vec<(Duration, PowerState)>,
    off_votes: u8,
}

impl Model {
    /// Of the default policy.
    pub(crate) const DWELL: Duration = Duration::from_secs(300);

    pub(crate) fn new(now: Duration) -> Self {
        Self {
            state: PowerState::Minimal,
            changed_at: now,
            heard: None,
            allowed: Vec::new(),
            off_votes: 0,
        }
    }

    pub(crate) fn go(&mut self, to: PowerState, now: Duration) {
        if self.state.is_power_off() || to == self.state {
            return;
        }
        self.state = to;
        self.changed_at = now;
        self.allowed.clear();
        self.off_votes = 0;
    }

    pub(crate) fn time(&mut self, now: Duration) {
        let Some(heard) = self.heard else { return };
        let most = match (now - heard).as_secs() {
            0..300 => return,
            300..3_600 => PowerState::Eco,
            _ => PowerState::Minimal,
        };
        self.allowed.clear();
        self.off_votes = 0;
        self.go(self.state.min(most), now);
    }

    pub(crate) fn sample(&mut self, reading: &Reading, now: Duration) {
        let percent = reading.cautious().unwrap().percent();
        let reached = |full: f64, eco: f64| match percent {
            p if p >= full => PowerState::Full,
            p if p >= eco => PowerState::Eco,
            _ => PowerState::Minimal,
        };
        let (may_enter, may_keep) = (reached(65.0, 35.0), reached(60.0, 30.0));
        let first = self.heard.replace(now).is_none();
        // Five points under the estimate are caution enough to switch off by.
        let left = percent.max(reading.soc.unwrap().percent() - 5.0);
        let votes_off = left < 10.0 && !reading.gains() && self.state == PowerState::Minimal;
        self.off_votes = if votes_off { self.off_votes + 1 } else { 0 };
        if self.off_votes >= OFF_CONFIRMATIONS {
            self.go(PowerState::Off, now);
        } else if may_keep < self.state {
            self.go(may_keep, now);
        } else if may_enter > self.state {
            self.allowed.push((now, may_enter));
            let since = self.allowed[0].0;
            if first || (now - since >= Self::DWELL && now - self.changed_at >= Self::DWELL) {
                let lowest = self.allowed.iter().map(|a| a.1).min().unwrap();
                self.go(lowest, now);
            }
        } else {
            self.allowed.clear();
        }
    }
}
