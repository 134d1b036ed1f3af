//! How probable each charge is: a histogram over 0..=1.
//!
//! A mean with a variance cannot say "somewhere on the plateau, and surely not at its ends", which
//! is what one voltage of a LiFePO₄ pack means. Two hundred numbers can.

use crate::units::StateOfCharge;

/// Cells of the histogram; cell `i` stands for charge `i / (CELLS - 1)`, moved by `shift`.
const CELLS: usize = 201;
const WIDTH: f64 = 1.0 / (CELLS - 1) as f64;
/// No cell becomes less probable than this: what seemed impossible must be able to come back.
const FLOOR: f64 = 1e-10;
/// Cells below this count as excluded when a voltage is compared with the belief.
const NEGLIGIBLE: f64 = 1e-5;
/// A variance from which on nothing is known: that of the even distribution over 0..=1.
const KNOWS_NOTHING: f64 = 1.0 / 12.0;
/// Variance that one blur of the histogram adds: a quarter of the weight goes to each neighbour.
const BLUR: f64 = 0.5 * WIDTH * WIDTH;

#[derive(Debug, Clone)]
pub(super) struct Belief {
    /// Sums to one.
    weight: [f64; CELLS],
    /// Charge counted since the cells were last moved, within ± half a cell.
    shift: f64,
    /// Variance waiting to be blurred in.
    owed: f64,
}

impl Belief {
    /// Every charge is as probable as any other.
    pub(super) const fn unknown() -> Self {
        Self {
            weight: [1.0 / CELLS as f64; CELLS],
            shift: 0.0,
            owed: 0.0,
        }
    }

    /// About `z`, with a standard deviation of `sd`; both as a share of the capacity.
    pub(super) fn about(z: f64, sd: f64) -> Self {
        let mut belief = Self::unknown();
        belief.weigh(1.0, |charge| {
            let off = (charge - z) / sd;
            -0.5 * off * off
        });
        belief
    }

    /// Counts charge into the pack (`dz`, share of the capacity, signed). What would leave the
    /// scale stays at its end.
    pub(super) fn count(&mut self, dz: f64) {
        self.shift += dz.clamp(-1.0, 1.0);
        while self.shift > WIDTH / 2.0 {
            let last = self.weight[CELLS - 1];
            self.weight.rotate_right(1);
            self.weight[0] = 0.0;
            self.weight[CELLS - 1] += last;
            self.shift -= WIDTH;
        }
        while self.shift < -WIDTH / 2.0 {
            let first = self.weight[0];
            self.weight.rotate_left(1);
            self.weight[CELLS - 1] = 0.0;
            self.weight[0] += first;
            self.shift += WIDTH;
        }
    }

    /// Knows less by this variance (share of the capacity, squared).
    pub(super) fn widen(&mut self, variance: f64) {
        self.owed += variance;
        if self.owed >= KNOWS_NOTHING {
            *self = Self::unknown();
            return;
        }
        while self.owed >= BLUR {
            self.owed -= BLUR;
            self.blur();
        }
    }

    fn blur(&mut self) {
        let old = self.weight;
        for (i, cell) in self.weight.iter_mut().enumerate() {
            // At the ends the weight is reflected.
            let below = old[i.saturating_sub(1)];
            let above = old[(i + 1).min(CELLS - 1)];
            *cell = 0.25 * below + 0.5 * old[i] + 0.25 * above;
        }
    }

    /// Learns: multiplies by `exp(share · log_likelihood(charge))`.
    pub(super) fn weigh(&mut self, share: f64, log_likelihood: impl Fn(f64) -> f64) {
        let mut logs = [0.0; CELLS];
        let mut highest = f64::NEG_INFINITY;
        for (i, log) in logs.iter_mut().enumerate() {
            *log = share * log_likelihood(self.charge_of(i));
            highest = highest.max(*log);
        }
        let mut sum = 0.0;
        for (cell, log) in self.weight.iter_mut().zip(logs) {
            *cell = (*cell * libm::exp(log - highest)).max(FLOOR);
            sum += *cell;
        }
        for cell in &mut self.weight {
            *cell /= sum;
        }
    }

    /// The best that any charge still thought possible can say for an observation.
    pub(super) fn best(&self, log_likelihood: impl Fn(f64) -> f64) -> f64 {
        let possible = self.weight.iter().enumerate();
        possible
            .filter(|(_, weight)| **weight > NEGLIGIBLE)
            .map(|(i, _)| log_likelihood(self.charge_of(i)))
            .fold(f64::NEG_INFINITY, f64::max)
    }

    /// The mean, 0..=1.
    pub(super) fn mean(&self) -> f64 {
        let cells = self.weight.iter().enumerate();
        cells
            .map(|(i, weight)| weight * self.charge_of(i))
            .sum::<f64>()
            .clamp(0.0, 1.0)
    }

    /// Low and high end of the middle 95 %, widened by `extra` on both sides.
    pub(super) fn band(&self, extra: f64) -> (StateOfCharge, StateOfCharge) {
        let low = self.quantile(0.025) - WIDTH / 2.0 - extra;
        let high = self.quantile(0.975) + WIDTH / 2.0 + extra;
        (StateOfCharge::clamped(low), StateOfCharge::clamped(high))
    }

    fn quantile(&self, share: f64) -> f64 {
        let mut sum = 0.0;
        for (i, weight) in self.weight.iter().enumerate() {
            sum += weight;
            if sum >= share {
                return self.charge_of(i);
            }
        }
        1.0
    }

    fn charge_of(&self, cell: usize) -> f64 {
        cell as f64 * WIDTH + self.shift
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn width(belief: &Belief) -> f64 {
        let (low, high) = belief.band(0.0);
        high.fraction() - low.fraction()
    }

    #[test]
    fn ignorance_is_wide_and_centred() {
        let belief = Belief::unknown();
        assert!((belief.mean() - 0.5).abs() < 1e-9);
        assert!(width(&belief) > 0.94);
    }

    #[test]
    fn counting_moves_the_mean_by_exactly_what_was_counted() {
        let mut belief = Belief::about(0.5, 0.02);
        for _ in 0..1_000 {
            belief.count(0.000_123);
        }
        assert!((belief.mean() - 0.623).abs() < 1e-6, "{}", belief.mean());
        belief.count(-0.2);
        assert!((belief.mean() - 0.423).abs() < 1e-6);
    }

    #[test]
    fn counting_past_the_end_stays_at_the_end() {
        let mut belief = Belief::about(0.9, 0.02);
        belief.count(0.5);
        assert!(belief.mean() > 0.99 && belief.mean() <= 1.0);
        belief.count(-1.0);
        belief.count(-1.0);
        assert!(belief.mean() < 0.01 && belief.mean() >= 0.0);
    }

    #[test]
    fn widening_adds_the_variance_asked_for() {
        let mut belief = Belief::about(0.5, 0.02);
        let before = width(&belief);
        for _ in 0..100 {
            belief.widen(0.000_021); // together 0.0021: 2 % becomes 5 %
        }
        let ratio = width(&belief) / before;
        assert!((2.2..2.8).contains(&ratio), "{ratio}");
        assert!((belief.mean() - 0.5).abs() < 1e-6);
        belief.widen(1.0);
        assert!(width(&belief) > 0.94);
    }

    #[test]
    fn what_seemed_impossible_can_come_back() {
        let mut belief = Belief::about(0.9, 0.01);
        for _ in 0..40 {
            belief.weigh(1.0, |z| if z < 0.3 { 0.0 } else { -1.0 });
        }
        assert!(belief.mean() < 0.3);
    }

    #[test]
    fn best_ignores_what_is_excluded() {
        let belief = Belief::about(0.9, 0.01);
        assert!(belief.best(|z| -z) < -0.8);
        assert!(Belief::unknown().best(|z| -z) > -0.01);
    }
}
