//! When the box looks itself over. Pure.

use power_mgmt::PowerState;
use std::time::Duration;

/// Nothing before the box has run for so long: a morning of brown-outs is no time for it.
const NOT_BEFORE: Duration = Duration::from_secs(30 * 60);
/// Once a night.
const NOT_AGAIN_WITHIN: Duration = Duration::from_secs(20 * 3600);
/// A box that sleeps at night, or does not know when night is, takes a quiet hour of the day when it has waited for so long.
const WAITS_FOR_NIGHT: Duration = Duration::from_secs(44 * 3600);
/// Nobody was at work for so long, at night.
pub const QUIET_AT_NIGHT: Duration = Duration::from_secs(20 * 60);
/// The same, by day.
pub const QUIET_BY_DAY: Duration = Duration::from_secs(60 * 60);
/// The quiet hours, local minutes of the day.
const NIGHT: std::ops::Range<u16> = 60..5 * 60;
/// Charge that it begins with, percent; while charging some less will do.
const ENOUGH_PERCENT: f64 = 50.0;
const ENOUGH_WHILE_CHARGING_PERCENT: f64 = 35.0;

/// What is known when it is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// Since the box started, box time.
    pub running: Duration,
    /// Minute of the local day, where a clock is trusted.
    pub minute: Option<u16>,
    /// Since the last look, box time; `None`: none since the box started.
    pub since_last: Option<Duration>,
    /// Nobody was at work for [`QUIET_AT_NIGHT`], and for [`QUIET_BY_DAY`].
    pub quiet: (bool, bool),
    /// Percent; `None` where it is not known.
    pub charge_percent: Option<f64>,
    /// The pack gains.
    pub charging: bool,
    /// There is no battery to spare.
    pub on_mains: bool,
    /// The state in force.
    pub state: PowerState,
}

impl Seen {
    /// Whether there is energy for it.
    #[must_use]
    pub fn has_energy(&self) -> bool {
        if self.on_mains {
            return true;
        }
        let enough = match self.charging {
            true => ENOUGH_WHILE_CHARGING_PERCENT,
            false => ENOUGH_PERCENT,
        };
        let spares = matches!(self.state, PowerState::Full | PowerState::Eco);
        spares && self.charge_percent.is_some_and(|charge| charge >= enough)
    }

    /// Whether the box should look itself over now.
    #[must_use]
    pub fn is_due(&self) -> bool {
        let rested = self
            .since_last
            .is_none_or(|since| since >= NOT_AGAIN_WITHIN);
        if self.running < NOT_BEFORE || !rested || !self.has_energy() {
            return false;
        }
        let is_night = self.minute.is_some_and(|minute| NIGHT.contains(&minute));
        let waited = self.since_last.is_none_or(|since| since >= WAITS_FOR_NIGHT);
        (is_night && self.quiet.0) || (waited && self.quiet.1)
    }

    /// Whether a look under way goes on: somebody came, or the sun went.
    #[must_use]
    pub fn may_go_on(&self) -> bool {
        self.quiet.0 && self.has_energy()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> Seen {
        Seen {
            running: Duration::from_secs(9 * 3600),
            minute: Some(150),
            since_last: Some(Duration::from_secs(23 * 3600)),
            quiet: (true, true),
            charge_percent: Some(71.0),
            charging: false,
            on_mains: false,
            state: PowerState::Full,
        }
    }

    #[test]
    fn at_night_with_enough_charge_and_nobody_at_work() {
        let hours = |hours: u64| Some(Duration::from_secs(hours * 3600));
        assert!(seen().is_due() && seen().may_go_on());
        for (what, seen, due) in [
            (
                "just started",
                Seen {
                    running: NOT_BEFORE / 2,
                    ..seen()
                },
                false,
            ),
            (
                "somebody reads",
                Seen {
                    quiet: (false, false),
                    ..seen()
                },
                false,
            ),
            (
                "little charge",
                Seen {
                    charge_percent: Some(49.0),
                    ..seen()
                },
                false,
            ),
            (
                "little charge, in the sun",
                Seen {
                    charge_percent: Some(49.0),
                    charging: true,
                    ..seen()
                },
                true,
            ),
            (
                "unknown charge",
                Seen {
                    charge_percent: None,
                    ..seen()
                },
                false,
            ),
            (
                "mains",
                Seen {
                    charge_percent: None,
                    on_mains: true,
                    ..seen()
                },
                true,
            ),
            (
                "reserve",
                Seen {
                    state: PowerState::Minimal,
                    ..seen()
                },
                false,
            ),
            (
                "done tonight",
                Seen {
                    since_last: hours(2),
                    ..seen()
                },
                false,
            ),
            (
                "noon",
                Seen {
                    minute: Some(720),
                    ..seen()
                },
                false,
            ),
            (
                "noon, and long since",
                Seen {
                    minute: Some(720),
                    since_last: hours(45),
                    ..seen()
                },
                true,
            ),
            (
                "no clock, first",
                Seen {
                    minute: None,
                    since_last: None,
                    ..seen()
                },
                true,
            ),
            (
                "no clock, first, not long quiet",
                Seen {
                    minute: None,
                    since_last: None,
                    quiet: (true, false),
                    ..seen()
                },
                false,
            ),
            (
                "no clock, yesterday",
                Seen {
                    minute: None,
                    ..seen()
                },
                false,
            ),
        ] {
            assert_eq!(seen.is_due(), due, "{what}");
        }
    }

    /// A year of nights: once each, whatever the clock says.
    #[test]
    fn a_year_has_a_look_each_night() {
        for (clock, least, most) in [(true, 360, 366), (false, 180, 200)] {
            let (mut looks, mut last) = (0, None);
            for minute in 0..365 * 1440_u64 {
                let now = Duration::from_secs(minute * 60);
                let of_day = u16::try_from(minute % 1440).unwrap_or(0);
                let at_work = (8 * 60..17 * 60).contains(&of_day);
                let evening = (17 * 60..18 * 60).contains(&of_day);
                let seen = Seen {
                    running: now,
                    minute: clock.then_some(of_day),
                    since_last: last.map(|last| now.saturating_sub(last)),
                    quiet: (!at_work, !at_work && !evening),
                    ..seen()
                };
                if seen.is_due() {
                    assert!(!at_work);
                    (looks, last) = (looks + 1, Some(now));
                }
            }
            assert!((least..=most).contains(&looks), "{clock}: {looks}");
        }
    }
}
