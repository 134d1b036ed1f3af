//! When a failed service is started again: a pure function of its faults and of `now`.

use std::collections::VecDeque;
use std::time::Duration;

/// How one service is restarted. All times are real time since boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestartPolicy {
    /// A life shorter than this counts towards the back-off; a longer one forgives what was before.
    pub min_run: Duration,
    /// Wait before the first restart; doubled at each fault that follows a short life.
    pub first_wait: Duration,
    /// The wait never grows beyond this.
    pub longest_wait: Duration,
    /// So many faults within `window` are borne; one more is too many.
    pub intensity: usize,
    /// See `intensity`.
    pub window: Duration,
}

impl RestartPolicy {
    /// The house's policy: 0.2 s doubled up to 30 s; after three faults within 60 s the next one is too many.
    pub const HOUSE: Self = Self {
        min_run: Duration::from_secs(10),
        first_wait: Duration::from_millis(200),
        longest_wait: Duration::from_secs(30),
        intensity: 3,
        window: Duration::from_secs(60),
    };
}

/// What follows a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Start it again at this time since boot.
    RestartAt(Duration),
    /// Too many faults: the next rung of the ladder (the process) must deal with it.
    Escalate,
}

/// The faults of one service that still count.
#[derive(Debug, Clone, Default)]
pub struct FaultHistory {
    at: VecDeque<Duration>,
    short_lives: u32,
}

impl FaultHistory {
    /// A life that began at `started` ended by a fault at `now`.
    pub fn handle_fault(
        &mut self,
        policy: &RestartPolicy,
        started: Duration,
        now: Duration,
    ) -> Disposition {
        self.at.push_back(now);
        while self
            .at
            .front()
            .is_some_and(|&first| now.saturating_sub(first) > policy.window)
        {
            self.at.pop_front();
        }
        if now.saturating_sub(started) >= policy.min_run {
            self.short_lives = 0;
        }
        if self.at.len() > policy.intensity {
            return Disposition::Escalate;
        }
        let wait = policy
            .first_wait
            .saturating_mul(1 << self.short_lives.min(16))
            .min(policy.longest_wait);
        self.short_lives = self.short_lives.saturating_add(1);
        Disposition::RestartAt(now + wait)
    }

    /// Faults that lie within the policy's window at `now`.
    #[must_use]
    pub fn recent(&self, policy: &RestartPolicy, now: Duration) -> usize {
        self.at
            .iter()
            .filter(|&&at| now.saturating_sub(at) <= policy.window)
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const POLICY: RestartPolicy = RestartPolicy::HOUSE;

    fn secs(s: f64) -> Duration {
        Duration::from_secs_f64(s)
    }

    #[test]
    fn faults_in_a_row_wait_longer_and_then_escalate() {
        let mut history = FaultHistory::default();
        let mut started = secs(100.0);
        let mut told = Vec::new();
        for _ in 0..4 {
            let now = started + secs(1.0);
            let disposition = history.handle_fault(&POLICY, started, now);
            if let Disposition::RestartAt(at) = disposition {
                told.push((at - now).as_millis());
                started = at;
            } else {
                told.push(u128::MAX);
            }
        }
        assert_eq!(told, [200, 400, 800, u128::MAX]);
    }

    #[test]
    fn a_long_life_forgives() {
        let mut history = FaultHistory::default();
        for hour in 1..100_u32 {
            let now = Duration::from_secs(3600) * hour;
            let disposition = history.handle_fault(&POLICY, now - secs(600.0), now);
            assert_eq!(disposition, Disposition::RestartAt(now + POLICY.first_wait));
        }
    }

    proptest! {
        #[test]
        fn never_more_restarts_in_a_window_than_allowed(lives in proptest::collection::vec(0_u64..90_000, 1..60)) {
            let mut history = FaultHistory::default();
            let mut started = Duration::from_secs(1);
            let mut restarts: Vec<Duration> = Vec::new();
            for life in lives {
                let now = started + Duration::from_millis(life);
                match history.handle_fault(&POLICY, started, now) {
                    Disposition::RestartAt(at) => {
                        prop_assert!(at >= now + POLICY.first_wait && at <= now + POLICY.longest_wait);
                        restarts.push(now);
                        started = at;
                    }
                    Disposition::Escalate => break,
                }
                let within = restarts.iter().filter(|&&at| now - at <= POLICY.window).count();
                prop_assert!(within <= POLICY.intensity);
            }
        }
    }
}
