//! Switching off by plan, and being woken again. Pure.
//!
//! A plan may switch the box off only where a clock will switch it on again, and never against people.

use super::local::next_morning;
use power_mgmt::units::StateOfCharge;
use power_mgmt::{Advice, LocalTime, PowerState, Reading, Reason};
use std::fmt;
use std::time::Duration;

/// So long after a start, box time, the thresholds alone decide: the gauge is still finding out, and whoever switched the box on wants it.
pub const PLAN_BEGINS_AFTER: Duration = Duration::from_secs(600);
/// So long after the button was pressed, somebody is there.
pub(super) const PERSON_STAYS: Duration = Duration::from_secs(600);
/// Off for less than this is not worth the start.
const SHORTEST_SLEEP: Duration = Duration::from_secs(600);

/// What bears on switching off by plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Around {
    /// The board has an alarm, and time runs as it does for people.
    pub(super) can_wake: bool,
    /// The time comes from a clock that is trusted.
    pub(super) clock_trusted: bool,
    /// Learners are at work.
    pub(super) at_work: bool,
    /// Since the button was last pressed.
    pub(super) person: Option<Duration>,
    /// For how long the box will be off.
    pub(super) sleeps: Option<Duration>,
    /// The charge may lie within the reserve only because little is known of it.
    pub(super) ignorant: bool,
}

/// Why a box that should sleep stays in `Minimal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awake {
    NoAlarm,
    NoTime,
    Learners,
    Person,
    SoonAgain,
    Ignorant,
}

impl fmt::Display for Awake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAlarm => "nothing could wake the box",
            Self::NoTime => "the clock is not trusted",
            Self::Learners => "learners are at work",
            Self::Person => "the button was pressed",
            Self::SoonAgain => "it would be woken at once",
            Self::Ignorant => "too little is known of the charge",
        })
    }
}

/// Whether a box that the plan wants off may go.
pub(super) fn may_sleep(around: &Around) -> Result<(), Awake> {
    if !around.can_wake {
        Err(Awake::NoAlarm)
    } else if !around.clock_trusted {
        Err(Awake::NoTime)
    } else if around.at_work {
        Err(Awake::Learners)
    } else if around.person.is_some_and(|ago| ago < PERSON_STAYS) {
        Err(Awake::Person)
    } else if around.sleeps.is_none_or(|sleeps| sleeps < SHORTEST_SLEEP) {
        Err(Awake::SoonAgain)
    } else if around.ignorant {
        Err(Awake::Ignorant)
    } else {
        Ok(())
    }
}

/// The low end of the band lies within the reserve, and the charge by which the reserve is kept does not: ignorance alone switches no box off.
pub(super) fn is_ignorant(reading: &Reading, reserve: StateOfCharge) -> bool {
    let Some((low, _)) = reading.band else {
        return true;
    };
    low <= reserve && reading.guarded().is_none_or(|guarded| guarded > reserve)
}

/// The same advice for a box that has to stay on.
pub(super) fn kept_awake(advice: Advice) -> Advice {
    Advice {
        state: PowerState::Minimal,
        charge_tablets: false,
        ..advice
    }
}

/// When a box that goes off for `reason` is woken: as planned, else on the next morning; for a person's wish never, for a person
/// will press the button.
pub(super) fn wakes(
    reason: Reason,
    planned: Option<LocalTime>,
    now: LocalTime,
) -> Option<LocalTime> {
    match reason {
        Reason::OffRequested | Reason::StorageRequested => None,
        Reason::Planned
        | Reason::Reserve
        | Reason::Critical
        | Reason::Started
        | Reason::BatteryHigh
        | Reason::BatteryLow
        | Reason::Silent
        | Reason::SampleBack => planned.filter(|at| *at > now).or_else(|| next_morning(now)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const FREE: Around = Around {
        can_wake: true,
        clock_trusted: true,
        at_work: false,
        person: None,
        sleeps: Some(SHORTEST_SLEEP),
        ignorant: false,
    };

    #[test]
    fn off_by_plan_waits_for_whatever_speaks_against_it() {
        let minutes = |m: u64| Some(Duration::from_secs(m * 60));
        for (around, may) in [
            (FREE, Ok(())),
            (
                Around {
                    person: minutes(10),
                    ..FREE
                },
                Ok(()),
            ),
            (
                Around {
                    can_wake: false,
                    ..FREE
                },
                Err(Awake::NoAlarm),
            ),
            (
                Around {
                    clock_trusted: false,
                    ..FREE
                },
                Err(Awake::NoTime),
            ),
            (
                Around {
                    at_work: true,
                    ..FREE
                },
                Err(Awake::Learners),
            ),
            (
                Around {
                    person: minutes(9),
                    ..FREE
                },
                Err(Awake::Person),
            ),
            (
                Around {
                    sleeps: minutes(9),
                    ..FREE
                },
                Err(Awake::SoonAgain),
            ),
            (
                Around {
                    sleeps: None,
                    ..FREE
                },
                Err(Awake::SoonAgain),
            ),
            (
                Around {
                    ignorant: true,
                    ..FREE
                },
                Err(Awake::Ignorant),
            ),
        ] {
            assert_eq!(may_sleep(&around), may, "{around:?}");
        }
    }

    #[test]
    fn every_reason_to_go_off_and_when_the_box_is_woken() {
        let at = |day, hour: u16| LocalTime::new(day, hour * 60).unwrap();
        let (evening, dawn) = (at(0, 20), at(1, 6));
        for (reason, planned, woken) in [
            (Reason::Planned, Some(at(1, 5)), Some(at(1, 5))),
            (Reason::Reserve, Some(at(1, 9)), Some(at(1, 9))),
            (Reason::Reserve, None, Some(dawn)),
            (Reason::Critical, None, Some(dawn)),
            // A plan of this afternoon is none any more.
            (Reason::Critical, Some(at(0, 15)), Some(dawn)),
            (Reason::OffRequested, Some(at(1, 9)), None),
            (Reason::StorageRequested, Some(at(1, 9)), None),
        ] {
            assert_eq!(
                wakes(reason, planned, evening),
                woken,
                "{reason:?} {planned:?}"
            );
        }
    }

    #[test]
    fn ignorance_is_no_emptiness() {
        let percent = |p| StateOfCharge::from_percent(p).unwrap();
        let reading = |soc, low| Reading {
            soc: Some(percent(soc)),
            band: Some((percent(low), percent(95.0))),
            ..Reading::UNKNOWN
        };
        let ignorant = |reading: &Reading| is_ignorant(reading, percent(10.0));
        assert!(ignorant(&reading(50.0, 5.0)), "a pack that was just met");
        assert!(!ignorant(&reading(50.0, 30.0)));
        assert!(!ignorant(&reading(12.0, 4.0)), "it is empty");
        assert!(ignorant(&Reading::UNKNOWN));
    }
}
