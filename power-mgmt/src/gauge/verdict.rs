//! What all explanations say together.

use super::mode::Mode;
use super::model::{CAPACITY, OFFSET};
use super::record::Totals;
use alloc::vec::Vec;

/// What all explanations say together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Verdict {
    /// Charge over capacity, 0..=1.
    pub(super) soc: f64,
    pub(super) soc_sd: f64,
    /// From the charge down to the low end of the middle 95 %, share …
    pub(super) below: f64,
    /// … and up to its high end.
    pub(super) above: f64,
    /// Ah.
    pub(super) capacity: f64,
    pub(super) capacity_sd: f64,
    /// Capacity over the nominal one.
    pub(super) health: f64,
    /// A.
    pub(super) offset: f64,
    pub(super) offset_sd: f64,
}

impl Verdict {
    /// Before anything was seen.
    pub(super) const fn unknown(nominal_ah: f64) -> Self {
        Self {
            soc: 0.5,
            soc_sd: 0.3,
            below: 0.5,
            above: 0.5,
            capacity: nominal_ah,
            capacity_sd: 0.1 * nominal_ah,
            health: 1.0,
            offset: 0.0,
            offset_sd: 0.012,
        }
    }

    /// Of explanations whose weights sum to one, after `counted` since their history began.
    pub(super) fn of(modes: &[(f64, Mode)], counted: &Totals, nominal_ah: f64) -> Self {
        let bells: Vec<Bell> = modes.iter().map(|mode| Bell::of(mode, counted)).collect();
        let (soc, soc_sd) = spread(bells.iter().map(|bell| {
            let charge = bell.soc.clamp(0.0, 1.0);
            (bell.weight, charge, bell.sd * bell.sd)
        }));
        let likely = soc;
        let met = (counted.hours / MET_H).clamp(0.0, 1.0);
        let soc = likely + met * (leaning(likely, quantile(&bells, SURELY_MORE)) - likely);
        let soc_sd = libm::hypot(soc_sd, likely - soc);
        let number = |place: usize| {
            spread(
                modes
                    .iter()
                    .map(|(weight, mode)| (*weight, mode.theta[place], mode.variance_of(place))),
            )
        };
        let (capacity, capacity_sd) = number(CAPACITY);
        let (offset, offset_sd) = number(OFFSET);
        Self {
            soc,
            soc_sd,
            below: (soc - quantile(&bells, 0.025)).max(0.0),
            above: (quantile(&bells, 0.975) - soc).max(0.0),
            capacity,
            capacity_sd,
            health: capacity / nominal_ah,
            offset,
            offset_sd,
        }
    }
}

/// A charge that is surely exceeded: so little probability lies below it.
const SURELY_MORE: f64 = 0.05;
/// The estimate lies at most this much above that one where the pack may be near empty …
const ROOM: f64 = 0.04;
/// … entirely if that one is below the first of these charges, not at all from the second on.
const NEAR_EMPTY: (f64, f64) = (0.20, 0.35);

/// It leans entirely only when it has known the pack for so long, h: ignorance alone switches no box off.
const MET_H: f64 = 12.0;

/// The charge to tell, when `likely` is the mean and `surely` is surely exceeded.
///
/// The mean is right on average. But at 12.7 V one maker's pack has a twentieth left and another's a fifth, and until
/// that is settled the mean promises the one what only the other holds. A box that goes dark in a lesson is worse than one
/// that saved too much: so near empty the estimate leans to the explanation that says less.
fn leaning(likely: f64, surely: f64) -> f64 {
    let (wholly, not) = NEAR_EMPTY;
    let share = ((not - surely) / (not - wholly)).clamp(0.0, 1.0);
    likely - share * (likely - surely - ROOM).max(0.0)
}

/// The charge as one explanation sees it.
struct Bell {
    weight: f64,
    soc: f64,
    sd: f64,
}

impl Bell {
    fn of((weight, mode): &(f64, Mode), counted: &Totals) -> Self {
        let opinion = mode.tell(counted);
        Self {
            weight: *weight,
            soc: opinion.soc,
            sd: libm::sqrt(opinion.soc_variance),
        }
    }

    /// Its weight below a charge.
    fn below(&self, charge: f64) -> f64 {
        let deviations = (charge - self.soc) / self.sd.max(1e-6);
        0.5 * self.weight * (1.0 + libm::erf(deviations * core::f64::consts::FRAC_1_SQRT_2))
    }
}

/// Mean and standard deviation of a mixture of (weight, mean, variance).
fn spread(parts: impl Iterator<Item = (f64, f64, f64)> + Clone) -> (f64, f64) {
    let mean: f64 = parts.clone().map(|(weight, mean, _)| weight * mean).sum();
    let variance: f64 = parts
        .map(|(weight, own, variance)| weight * (variance + (own - mean) * (own - mean)))
        .sum();
    (mean, libm::sqrt(variance))
}

/// The charge below which this share of everything thought possible lies, 0..=1.
fn quantile(bells: &[Bell], share: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..12 {
        let middle = 0.5 * (low + high);
        if bells.iter().map(|bell| bell.below(middle)).sum::<f64>() < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn bell(weight: f64, soc: f64, sd: f64) -> Bell {
        Bell { weight, soc, sd }
    }

    #[test]
    fn the_middle_of_one_bell_is_two_deviations_wide_on_both_sides() {
        let one = [bell(1.0, 0.5, 0.05)];
        assert!((quantile(&one, 0.025) - 0.402).abs() < 0.001);
        assert!((quantile(&one, 0.975) - 0.598).abs() < 0.001);
    }

    #[test]
    fn near_empty_the_estimate_leans_to_the_less() {
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(close(leaning(0.16, 0.05), 0.09));
        assert!(close(leaning(0.40, 0.275), 0.3575), "half of the way");
        // Negative controls: what is sure, and what is far from empty, stays the mean.
        assert!(close(leaning(0.16, 0.12), 0.16));
        assert!(close(leaning(0.70, 0.40), 0.70));
    }

    #[test]
    fn two_bells_hold_what_lies_between_them() {
        let two = [bell(0.6, 0.2, 0.01), bell(0.4, 0.8, 0.01)];
        assert!(quantile(&two, 0.025) < 0.2 && quantile(&two, 0.975) > 0.8);
        let (mean, sd) = spread(two.iter().map(|b| (b.weight, b.soc, b.sd * b.sd)));
        assert!(
            (mean - 0.44).abs() < 1e-12 && (0.29..0.30).contains(&sd),
            "{mean} {sd}"
        );
    }
}
