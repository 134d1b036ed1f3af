//! What kind of day it is, from the first light on.
//!
//! A day has one clearness; the clouds of ten minutes scatter about it as a first-order
//! autoregression. So the belief over the day's class is sharpened by every sunny slot, each
//! weighed by its innovation: what the slot before did not already say.

use super::chain::{CLASSES, CLEARNESS, Distribution, moments, normalise};
use crate::bytes::{Reader, Writer};

/// Correlation of the scatter from one ten minutes to the next.
const CORRELATION: f64 = 0.72;
/// Scatter of ten minutes about the day's clearness.
const SCATTER: f64 = 0.13;
/// Share of the belief that is forgotten in each slot: afternoons may be of another kind.
const FORGET: f64 = 0.005;

/// The belief over the class of the present day.
#[derive(Debug, Clone)]
pub(super) struct Today {
    belief: Distribution,
    last: Option<f64>,
}

impl Today {
    pub(super) const fn new(prior: Distribution) -> Self {
        Self {
            belief: prior,
            last: None,
        }
    }

    pub(super) const fn belief(&self) -> &Distribution {
        &self.belief
    }

    /// Clearness expected of the ten minutes that begin so many slots from now.
    pub(super) fn clearness_in(&self, slots: usize) -> f64 {
        let (mean, _) = moments(&self.belief);
        let fades = libm::pow(CORRELATION, slots as f64 + 1.0);
        self.last
            .map_or(mean, |last| (mean + fades * (last - mean)).max(0.0))
    }

    pub(super) fn save(&self, to: &mut Writer) {
        to.runs(self.belief.map(Some));
        to.maybe(self.last);
    }

    pub(super) fn restore(from: &mut Reader<'_>) -> Option<Self> {
        let belief: Distribution = from.array(0.0..=1.0)?;
        let last = from.maybe(0.0..=2.0)?;
        let all: f64 = belief.iter().sum();
        ((all - 1.0).abs() < 1e-6).then_some(Self { belief, last })
    }

    /// A slot gave `seen` W where a clear sky would give `clear` W; `best` is the clear noon's.
    pub(super) fn learn(&mut self, seen: f64, clear: f64, best: f64) {
        if clear < 0.02 * best || clear <= 0.0 {
            return;
        }
        let ratio = (seen / clear).clamp(0.0, 2.0);
        // At a low sun the envelope itself is uncertain.
        let blur = 0.015 * best / clear;
        for (p, class) in self.belief.iter_mut().zip(CLEARNESS) {
            // Dark days scatter less in absolute terms.
            let scatter = SCATTER * (0.35 + 0.65 * libm::sqrt(class.min(1.0)));
            let (off, var) = match self.last {
                Some(last) => (
                    (ratio - class) - CORRELATION * (last - class),
                    scatter * scatter * (1.0 - CORRELATION * CORRELATION),
                ),
                None => (ratio - class, scatter * scatter),
            };
            let var = var + blur * blur + 0.003;
            // A tail that one odd slot cannot overrule.
            *p *= libm::exp(-0.5 * off * off / var) / libm::sqrt(var) + 1e-3;
        }
        self.belief = normalise(self.belief);
        self.drift();
        self.last = Some(ratio);
    }

    fn drift(&mut self) {
        let old = self.belief;
        for class in 0..CLASSES {
            let below = if class > 0 {
                old[class - 1]
            } else {
                old[class]
            };
            let above = if class + 1 < CLASSES {
                old[class + 1]
            } else {
                old[class]
            };
            self.belief[class] = (1.0 - FORGET) * old[class] + 0.5 * FORGET * (below + above);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::chain::DayChain;

    #[test]
    fn two_hours_of_light_tell_the_day() {
        for truth in [0.1, 0.5, 0.95] {
            let mut today = Today::new(DayChain::new().climate());
            let (_, before) = moments(today.belief());
            for slot in 0..12 {
                let clear = 4.0 + f64::from(slot);
                today.learn(truth * clear, clear, 30.0);
            }
            let (mean, after) = moments(today.belief());
            assert!((mean - truth).abs() < 0.1, "{truth}: {mean}");
            assert!(after < 0.4 * before, "{truth}: {after} of {before}");
        }
    }

    #[test]
    fn absurd_powers_leave_a_distribution() {
        let mut today = Today::new(DayChain::new().climate());
        for seen in [0.0, -50.0, 1e12, 0.0, 1e-300] {
            today.learn(seen, 20.0, 30.0);
            let sum: f64 = today.belief().iter().sum();
            assert!((sum - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn light_at_night_says_nothing() {
        let mut today = Today::new(DayChain::new().climate());
        let before = *today.belief();
        today.learn(25.0, 0.0, 30.0);
        assert_eq!(&before, today.belief());
    }
}
