//! What ten minutes amounted to: the panel's mean power, the state that ran, and the harvest of the day.

use power_mgmt::units::{WattHours, Watts};
use power_mgmt::{PowerState, Reading};
use std::time::Duration;

/// Share of what flows into the pack that can be drawn again: where no charger speaks, the panel gave that much more.
const CHARGE_EFFICIENCY: f64 = 0.95;
/// A sample older than this says nothing of the panel now.
const STALE: Duration = Duration::from_secs(60);
/// Between two turns nothing longer is believed: the machine was stopped.
const LONGEST_TURN: Duration = Duration::from_secs(600);
/// A mean is told when the panel was heard for this long of the ten minutes.
const HEARD_AT_LEAST: Duration = Duration::from_secs(300);

/// What the panel gives now: as the charger says, else what the box draws beside what enters the pack. `None` without a fresh sample.
pub(super) fn panel_now(reading: &Reading, state: PowerState) -> Option<Watts> {
    if reading.sample_age? > STALE {
        return None;
    }
    if let Some(solar) = reading.solar {
        return Watts::new(solar.get().max(0.0));
    }
    let given = reading.power?.get() + state.reference_draw().get();
    Watts::new(given.max(0.0) / CHARGE_EFFICIENCY)
}

/// One slot of ten minutes, under way.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    heard: Duration,
    panel_ws: f64,
    ran: [Duration; PowerState::ALL.len()],
}

impl Tally {
    /// `passed` more of box time, in this state and under this sun.
    pub(super) fn add(&mut self, passed: Duration, state: PowerState, panel: Option<Watts>) {
        let passed = passed.min(LONGEST_TURN);
        if let Some(panel) = panel {
            self.heard += passed;
            self.panel_ws += panel.get() * passed.as_secs_f64();
        }
        for (spent, of) in self.ran.iter_mut().zip(PowerState::ALL) {
            if of == state {
                *spent += passed;
            }
        }
    }

    /// Mean power of the panel; `None` if it was heard for less than half of the time.
    pub(super) fn panel(&self) -> Option<Watts> {
        (self.heard >= HEARD_AT_LEAST)
            .then(|| Watts::new(self.panel_ws / self.heard.as_secs_f64()))
            .flatten()
    }

    /// The state that ran longest; `None` before any time has passed.
    pub(super) fn ran(&self) -> Option<PowerState> {
        let longest = self
            .ran
            .iter()
            .zip(PowerState::ALL)
            .max_by_key(|(spent, _)| **spent);
        longest
            .filter(|(spent, _)| **spent > Duration::ZERO)
            .map(|(_, state)| state)
    }
}

/// Watt-hours since local midnight.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Harvest {
    day: Option<i64>,
    watt_hours: f64,
}

impl Harvest {
    /// What was kept of a day.
    pub(super) fn of(day: i64, watt_hours: f64) -> Self {
        Self {
            day: Some(day),
            watt_hours: watt_hours.max(0.0),
        }
    }

    /// The panel was heard on `day`.
    pub(super) fn add(&mut self, day: i64, passed: Duration, panel: Watts) {
        if self.day != Some(day) {
            *self = Self::of(day, 0.0);
        }
        self.watt_hours += panel.get() * passed.min(LONGEST_TURN).as_secs_f64() / 3600.0;
    }

    /// Of `day`; `None` if the panel was not heard on it.
    pub(super) fn on(&self, day: i64) -> Option<WattHours> {
        (self.day == Some(day))
            .then(|| WattHours::new(self.watt_hours))
            .flatten()
    }

    /// To be kept: the day, and its watt-hours.
    pub(super) fn kept(&self) -> Option<(i64, f64)> {
        self.day.map(|day| (day, self.watt_hours))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn watts(w: f64) -> Option<Watts> {
        Watts::new(w)
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_mean_wants_half_of_the_ten_minutes() {
        let mut tally = Tally::default();
        assert_eq!((tally.panel(), tally.ran()), (None, None));
        tally.add(4 * MINUTE, PowerState::Full, watts(30.0));
        tally.add(3 * MINUTE, PowerState::Eco, None);
        assert_eq!(tally.panel(), None);
        tally.add(2 * MINUTE, PowerState::Eco, watts(0.0));
        assert_eq!(tally.panel(), watts(20.0));
        assert_eq!(tally.ran(), Some(PowerState::Eco));
    }

    #[test]
    fn a_machine_that_was_stopped_adds_ten_minutes_at_most() {
        let (mut tally, mut harvest) = (Tally::default(), Harvest::default());
        let day = Duration::from_secs(86_400);
        tally.add(day, PowerState::Full, watts(12.0));
        harvest.add(5, day, watts(12.0).unwrap());
        assert_eq!(tally.heard, LONGEST_TURN);
        assert_eq!(harvest.on(5), WattHours::new(2.0));
        assert_eq!(harvest.on(6), None);
        harvest.add(6, MINUTE, watts(60.0).unwrap());
        assert_eq!((harvest.on(5), harvest.on(6)), (None, WattHours::new(1.0)));
    }

    #[test]
    fn the_panel_is_what_the_charger_says_else_what_must_have_come() {
        let reading = |solar: Option<f64>, power: f64, age: u64| Reading {
            solar: solar.and_then(Watts::new),
            power: Watts::new(power),
            sample_age: Some(Duration::from_secs(age)),
            ..Reading::UNKNOWN
        };
        let panel = |reading: &Reading| panel_now(reading, PowerState::Eco).map(Watts::get);
        assert_eq!(panel(&reading(Some(17.0), -3.0, 1)), Some(17.0));
        assert_eq!(panel(&reading(Some(-0.2), -3.0, 1)), Some(0.0));
        assert_eq!(panel(&reading(None, 14.0, 1)), Some(20.0));
        assert_eq!(panel(&reading(None, -5.2, 1)), Some(0.0));
        assert_eq!(panel(&reading(Some(17.0), -3.0, 61)), None);
        assert_eq!(panel(&Reading::UNKNOWN), None);
    }
}
