//! When the pack is full.

use super::reading::Believed;
use crate::sample::ChargeStatus;
use core::time::Duration;

/// Full: held at absorption (14.2 V, less the sensor's error) …
const ABSORPTION_V: f64 = 14.05;
/// … with a current tapered below a twentieth of the capacity an hour …
const TAPERED: f64 = 1.0 / 20.0;
/// … for this long.
const ABSORBED_FOR: Duration = Duration::from_secs(300);
/// Full ends when this share of the capacity is gone, or when the pack gives.
const ENDS_BELOW: f64 = 0.97;

/// Watches for the end of a charge.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Full {
    absorbed: Duration,
    full: bool,
}

impl Full {
    /// `time` passed up to `seen`; whether the pack has just been found full.
    pub(super) fn finds(&mut self, seen: &Believed, time: Duration, nominal_ah: f64) -> bool {
        let (volts, amps) = (seen.sample.voltage.get(), seen.sample.current.get());
        let tapered = (-ChargeStatus::DEAD_BAND..=TAPERED * nominal_ah).contains(&amps);
        let before = self.absorbed;
        self.absorbed = if volts >= ABSORPTION_V && tapered {
            self.absorbed.saturating_add(time)
        } else {
            Duration::ZERO
        };
        let found = self.absorbed >= ABSORBED_FOR && before < ABSORBED_FOR;
        self.full |= found;
        found
    }

    /// Full no more when the charge or the current say so.
    pub(super) fn ends(&mut self, soc: f64, mean_amps: f64) {
        self.full &= mean_amps >= -ChargeStatus::DEAD_BAND && soc >= ENDS_BELOW;
    }

    /// Nobody looked: the absorption begins anew.
    pub(super) fn interrupt(&mut self, soc: f64) {
        self.absorbed = Duration::ZERO;
        self.full &= soc >= ENDS_BELOW;
    }

    pub(super) const fn is_full(self) -> bool {
        self.full
    }

    /// How long the absorption must still go on.
    pub(super) const fn lacks(self) -> Duration {
        ABSORBED_FOR.saturating_sub(self.absorbed)
    }
}
