//! Whether a slot on trial has proved itself: a pure machine over what is seen of the box. It needs no network and no wall clock.
//!
//! ```text
//!            all signs good, at every look, for `hold`
//!   start ──────────────────────────────────────────────► Confirm
//!     │  a sign missing: the hold begins anew
//!     └── no confirmation within `within` ──────────────► GiveUp(what was missing last)
//! ```

use std::fmt;
use std::time::Duration;

/// How long a slot must be well, and how long it may take to become so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrialPolicy {
    /// Every sign must be good for so long without a gap.
    pub hold: Duration,
    /// A slot that is not confirmed so long after its start is given up.
    pub within: Duration,
    /// Nobody looked for longer than this: what was in between is not known, and the hold begins anew.
    pub longest_gap: Duration,
}

impl TrialPolicy {
    /// The house's: well for 30 s, looked at every second or so, within 10 minutes. A start on a slow card takes one or two; a hang that
    /// begins while the box is held shows within the hold.
    pub const HOUSE: Self = Self {
        hold: Duration::from_secs(30),
        within: Duration::from_secs(600),
        longest_gap: Duration::from_secs(5),
    };
}

/// What the battery's sensor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BatterySign {
    /// This board has no gauge.
    None,
    /// The last believable sample is fresh.
    Fresh,
    /// There is none, or it is old.
    Silent,
}

/// What is seen of the box at one look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signs {
    /// Every critical service runs, has just done a turn of work, and has not failed lately.
    pub critical_ready: bool,
    /// The battery's sensor.
    pub battery: BatterySign,
    /// A page was just had by somebody outside the runtime that serves it.
    pub page_served: bool,
    /// The store proves that it takes writes and that the library answers.
    pub store_healthy: bool,
}

/// What a slot lacks; the first that is missing in this order is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lack {
    /// See [`Signs::critical_ready`].
    Critical,
    /// See [`Signs::store_healthy`].
    Store,
    /// See [`Signs::battery`].
    Battery,
    /// See [`Signs::page_served`].
    Page,
    /// All was well, but not for long enough at a time.
    Steadiness,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Critical => "a critical service is not at work",
            Self::Store => "the records or the library do not work",
            Self::Battery => "the battery sensor is silent",
            Self::Page => "no page is served",
            Self::Steadiness => "not well for long enough at a time",
        })
    }
}

impl Signs {
    /// What is missing; `None` when all is well.
    #[must_use]
    pub const fn lack(self) -> Option<Lack> {
        if !self.critical_ready {
            Some(Lack::Critical)
        } else if !self.store_healthy {
            Some(Lack::Store)
        } else if matches!(self.battery, BatterySign::Silent) {
            Some(Lack::Battery)
        } else if !self.page_served {
            Some(Lack::Page)
        } else {
            None
        }
    }
}

/// What follows a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The slot is good.
    Confirm,
    /// Look again, by this time at the latest.
    Wait {
        /// What is missing now; `None` while the hold runs.
        lack: Option<Lack>,
        /// When the hold or the patience ends.
        until: Duration,
    },
    /// The slot is not good, for this reason.
    GiveUp(Lack),
}

/// The trial of the running slot. Call [`TrialVerdict::handle_signs`] at every look; what it says first of confirm or give up stays.
#[derive(Debug, Clone)]
pub struct TrialVerdict {
    policy: TrialPolicy,
    deadline: Duration,
    well: Option<Span>,
    said: Option<Verdict>,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    since: Duration,
    last: Duration,
}

impl TrialVerdict {
    /// A trial that begins `now`.
    #[must_use]
    pub const fn new(policy: TrialPolicy, now: Duration) -> Self {
        Self {
            policy,
            deadline: now.saturating_add(policy.within),
            well: None,
            said: None,
        }
    }

    /// What follows from `signs`, seen at `now`.
    pub fn handle_signs(&mut self, signs: Signs, now: Duration) -> Verdict {
        if let Some(said) = self.said {
            return said;
        }
        let lack = signs.lack();
        self.well = match (lack, self.well) {
            (Some(_), _) => None,
            (None, Some(span))
                if now.saturating_sub(span.last) <= self.policy.longest_gap && now >= span.last =>
            {
                Some(Span { last: now, ..span })
            }
            (None, Some(_) | None) => Some(Span {
                since: now,
                last: now,
            }),
        };
        let held_at = self
            .well
            .map(|span| span.since.saturating_add(self.policy.hold));
        let verdict = match held_at {
            // Proved is proved, also in the last second.
            Some(at) if now >= at => Verdict::Confirm,
            Some(_) | None if now >= self.deadline => {
                Verdict::GiveUp(lack.unwrap_or(Lack::Steadiness))
            }
            Some(at) => {
                return Verdict::Wait {
                    lack,
                    until: at.min(self.deadline),
                };
            }
            None => {
                return Verdict::Wait {
                    lack,
                    until: self.deadline,
                };
            }
        };
        self.said = Some(verdict);
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WELL: Signs = Signs {
        critical_ready: true,
        battery: BatterySign::Fresh,
        page_served: true,
        store_healthy: true,
    };

    fn all_signs() -> Vec<Signs> {
        let mut all = Vec::new();
        for critical_ready in [true, false] {
            for store_healthy in [true, false] {
                for battery in [BatterySign::Fresh, BatterySign::None, BatterySign::Silent] {
                    for page_served in [true, false] {
                        all.push(Signs {
                            critical_ready,
                            battery,
                            page_served,
                            store_healthy,
                        });
                    }
                }
            }
        }
        all
    }

    fn secs(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    /// Every set of signs, shown without a change until something is said.
    #[test]
    fn the_whole_table() {
        let mut table = String::new();
        for signs in all_signs() {
            let mut trial = TrialVerdict::new(TrialPolicy::HOUSE, secs(100));
            let mut at = 100;
            let said = loop {
                match trial.handle_signs(signs, secs(at)) {
                    Verdict::Wait { .. } => at += 1,
                    said @ (Verdict::Confirm | Verdict::GiveUp(_)) => break said,
                }
            };
            table.push_str(&format!(
                "critical {}, store {}, battery {:?}, page {} -> after {} s {}\n",
                signs.critical_ready,
                signs.store_healthy,
                signs.battery,
                signs.page_served,
                at - 100,
                match said {
                    Verdict::Confirm => "confirm".to_owned(),
                    Verdict::GiveUp(lack) => format!("give up: {lack}"),
                    Verdict::Wait { .. } => "wait".to_owned(),
                }
            ));
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn a_missing_sign_or_a_gap_begins_the_hold_anew() {
        let ill = Signs {
            page_served: false,
            ..WELL
        };
        let told = |looks: &[(Signs, u64)]| {
            let mut trial = TrialVerdict::new(TrialPolicy::HOUSE, Duration::ZERO);
            let mut confirmed = None;
            for &(signs, at) in looks {
                if trial.handle_signs(signs, secs(at)) == Verdict::Confirm {
                    confirmed.get_or_insert(at);
                }
            }
            confirmed
        };
        let steady: Vec<_> = (0..40).map(|at| (WELL, at)).collect();
        assert_eq!(told(&steady), Some(30), "the control");
        let mut blink = steady.clone();
        blink[29].0 = ill;
        assert_eq!(told(&blink), None);
        let asleep: Vec<_> = (0..10).chain(60..100).map(|at| (WELL, at)).collect();
        assert_eq!(
            told(&asleep),
            Some(90),
            "not at 60: nobody looked in between"
        );
    }

    #[test]
    fn what_was_said_stays() {
        let mut trial = TrialVerdict::new(TrialPolicy::HOUSE, Duration::ZERO);
        let silent = Signs {
            battery: BatterySign::Silent,
            ..WELL
        };
        assert_eq!(
            trial.handle_signs(silent, secs(600)),
            Verdict::GiveUp(Lack::Battery)
        );
        assert_eq!(
            trial.handle_signs(WELL, secs(601)),
            Verdict::GiveUp(Lack::Battery)
        );
    }

    fn any_signs() -> impl Strategy<Value = Signs> {
        prop_oneof![
            6 => Just(WELL),
            1 => (0..all_signs().len()).prop_map(|which| all_signs()[which]),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        /// Against a model that remembers every look.
        #[test]
        fn only_a_box_that_was_well_throughout_is_confirmed(
            looks in proptest::collection::vec((any_signs(), 0..8_000_u64), 1..300)
        ) {
            let policy = TrialPolicy::HOUSE;
            let mut trial = TrialVerdict::new(policy, Duration::ZERO);
            let (mut now, mut seen) = (Duration::ZERO, Vec::new());
            for (signs, step) in looks {
                now += Duration::from_millis(step);
                seen.push((signs, now));
                match trial.handle_signs(signs, now) {
                    Verdict::Confirm => {
                        let start = seen.iter().rposition(|(signs, _)| signs.lack().is_some()).map_or(0, |i| i + 1);
                        let held = &seen[start..];
                        let last_gap = held.windows(2).rposition(|w| w[1].1 - w[0].1 > policy.longest_gap).map_or(0, |i| i + 1);
                        prop_assert!(now - held[last_gap].1 >= policy.hold);
                        return Ok(());
                    }
                    Verdict::GiveUp(_) => {
                        prop_assert!(now >= policy.within);
                        return Ok(());
                    }
                    Verdict::Wait { until, .. } => {
                        prop_assert!(now < policy.within && until > now && until <= policy.within);
                    }
                }
            }
        }
    }
}
