//! Whether a sensor hangs: one of its readings stands still to the last bit while the other moves.

use super::Distrust;
use crate::sample::BatterySample;

/// A step of current, A, that no pack takes without a change of its voltage: 20 mΩ make 20 mV of it, sixteen
/// steps of the converter.
const MOVES_VOLTAGE: f64 = 1.0;
/// A step of voltage, V, that no pack makes without a change of its current: 0.5 A through 60 mΩ. Up and down in turn, for
/// a full or an empty pack runs steadily away under a steady current.
const MOVED_BY_CURRENT: f64 = 0.030;
/// So many steps of the one under the very same other mean that it hangs.
const UNMOVED: u8 = 6;

/// Steps of each reading since the other moved last.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Hang {
    under_volts: u8,
    under_amps: u8,
    /// Direction of the last step of voltage, V.
    step: f64,
}

impl Hang {
    /// What hangs, if anything does, when `sample` follows `last`.
    pub(super) fn judge(
        &mut self,
        last: &BatterySample,
        sample: &BatterySample,
    ) -> Option<Distrust> {
        let amps = sample.current.get() - last.current.get();
        let volts = sample.voltage.get() - last.voltage.get();
        if volts != 0.0 {
            self.under_volts = 0;
        } else if libm::fabs(amps) >= MOVES_VOLTAGE {
            self.under_volts = self.under_volts.saturating_add(1);
        }
        if amps != 0.0 {
            self.under_amps = 0;
            self.step = 0.0;
        } else if libm::fabs(volts) >= MOVED_BY_CURRENT {
            let turned = volts * self.step <= 0.0;
            self.under_amps = self.under_amps.saturating_add(u8::from(turned));
            self.step = volts;
        }
        match (self.under_volts, self.under_amps) {
            (UNMOVED.., _) => Some(Distrust::Stuck),
            (_, UNMOVED..) => Some(Distrust::StuckCurrent),
            _ => None,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn sample(v: f64, i: f64) -> BatterySample {
        BatterySample::from_plain(v, i, Some(25.0), None).unwrap()
    }

    /// What is said of the last of these samples (V, A).
    fn said(samples: impl Iterator<Item = (f64, f64)>) -> Option<Distrust> {
        let mut hang = Hang::default();
        let samples: Vec<BatterySample> = samples.map(|(v, i)| sample(v, i)).collect();
        let pairs = samples.windows(2);
        pairs.map(|pair| hang.judge(&pair[0], &pair[1])).last()?
    }

    const fn odd(n: u32) -> f64 {
        (n % 2) as f64
    }

    #[test]
    fn a_current_that_hangs_under_a_voltage_that_swings_is_named() {
        let swings = |n| (13.2 - 0.05 * odd(n), -0.5);
        assert_eq!(said((0..6).map(swings)), None);
        assert_eq!(said((0..7).map(swings)), Some(Distrust::StuckCurrent));
        // It is believed again as soon as it moves.
        let moves = (0..7).map(swings).chain([(13.2, -0.6)]);
        assert_eq!(said(moves), None);
    }

    /// Negative controls: a pack that fills or empties under a steady current, the noise of the converter, and a load that
    /// the sensor sees.
    #[test]
    fn what_packs_do_is_no_hanging_sensor() {
        assert_eq!(
            said((0..40).map(|n| (12.5 - 0.06 * f64::from(n), -2.0))),
            None
        );
        assert_eq!(said((0..400).map(|n| (13.2 + 0.02 * odd(n), -0.5))), None);
        assert_eq!(
            said((0..400).map(|n| (13.2 - 0.05 * odd(n), -0.5 - odd(n)))),
            None
        );
        assert_eq!(said((0..400).map(|_| (13.2, -0.5))), None);
    }

    #[test]
    fn a_voltage_that_hangs_under_a_current_that_steps_is_named() {
        let steps = |n| (13.2, -0.5 - 1.5 * odd(n));
        assert_eq!(said((0..6).map(steps)), None);
        assert_eq!(said((0..7).map(steps)), Some(Distrust::Stuck));
        // Negative control: steps too small to move a converter.
        assert_eq!(said((0..400).map(|n| (13.2, -0.5 - 0.2 * odd(n)))), None);
    }
}
