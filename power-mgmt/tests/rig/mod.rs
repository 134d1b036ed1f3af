//! A battery to test against: cruder than the gauge's own model, and deliberately not the same.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "every test file takes the part it needs; a test fails by panicking"
)]

use power_mgmt::BatterySample;

/// Charge and voltage at rest of "another maker's" pack: a few points read off a data sheet curve.
const AT_REST: [(f64, f64); 11] = [
    (0.0, 10.1),
    (0.03, 11.4),
    (0.08, 12.1),
    (0.15, 12.6),
    (0.25, 12.8),
    (0.4, 13.04),
    (0.6, 13.1),
    (0.75, 13.2),
    (0.95, 13.3),
    (0.98, 13.5),
    (1.0, 14.2),
];

/// Resistance of pack and wires, Ω.
const OHM: f64 = 0.05;

/// A pack of 20 Ah whose true charge the test knows.
#[derive(Debug, Clone)]
pub(crate) struct Pack {
    /// 0..=1.
    pub(crate) charge: f64,
}

impl Pack {
    /// What the sensor shows while `amps` flow into the pack.
    pub(crate) fn sample(&self, amps: f64, solar_w: Option<f64>) -> BatterySample {
        let above = AT_REST.partition_point(|p| p.0 <= self.charge);
        let (lower, upper) = (above.saturating_sub(1), above.min(AT_REST.len() - 1));
        let ((z0, v0), (z1, v1)) = (AT_REST[lower], AT_REST[upper]);
        let share = if z1 > z0 {
            (self.charge - z0) / (z1 - z0)
        } else {
            0.0
        };
        let volts = v0 + (v1 - v0) * share + OHM * amps;
        BatterySample::from_plain(volts, amps, Some(25.0), solar_w).unwrap()
    }

    /// Lets `amps` flow for `seconds`.
    pub(crate) fn flow(&mut self, amps: f64, seconds: f64) {
        self.charge = (self.charge + amps * seconds / 3_600.0 / 20.0).clamp(0.0, 1.0);
    }

    /// Current when the sun gives `solar` W and the box draws `load` W; the charger tapers so that
    /// the pack never shows more than 14.2 V.
    pub(crate) fn current(&self, solar: f64, load: f64) -> f64 {
        let wanted = (solar - load) / 13.2;
        let room = (14.2 - self.sample(0.0, None).voltage.get()) / OHM;
        wanted.min(room.max(0.0))
    }
}
