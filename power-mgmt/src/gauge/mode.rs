//! One explanation of everything seen: numbers of the pack that fit, how well, and how sure.
//!
//! Least squares over the whole history (Gauss-Newton with Marquardt's damping), not a filter: what is
//! learned on Friday about the sensor corrects what was counted on Monday.

use super::curve::OcvCurve;
use super::gap::GapPrior;
use super::matrix::{Cholesky, Symmetric, dot};
use super::model::{self, CAPACITY, CHARGE, ChargeRow, GRAPHITE, STATICS};
use super::prior::{self, Prior};
use super::record::{Record, Totals};
use alloc::vec;
use alloc::vec::Vec;

/// Widest standard deviation of one explanation, share of the capacity: linearised on a plateau it would reach far
/// beyond the plateau's ends, and what lies there has explanations of its own.
const WIDEST: f64 = 0.12;

/// What all explanations share.
#[derive(Debug, Clone, Copy)]
pub(super) struct History<'a> {
    pub(super) curves: &'a [OcvCurve],
    pub(super) records: &'a [Record],
    /// Totals where the history begins.
    pub(super) began: &'a Totals,
    pub(super) nominal_ah: f64,
}

#[derive(Debug, Clone)]
pub(super) struct Mode {
    /// Which of the curves.
    pub(super) curve: usize,
    /// Begins with what was saved.
    pub(super) restored: bool,
    /// What was recorded earlier, h, was another pack's.
    from: f64,
    pub(super) theta: Vec<f64>,
    pub(super) prior: Prior,
    pub(super) gaps: Vec<GapPrior>,
    /// Logarithm of the evidence gathered before the history begins.
    pub(super) base: f64,
    /// Logarithm of the evidence.
    pub(super) evidence: f64,
    /// Root of the information at `theta`.
    root: Option<Cholesky>,
}

/// Misfit of everything, with the derivatives that Gauss and Newton ask for.
struct Assembly {
    cost: f64,
    /// Of the cost, negative.
    pull: Vec<f64>,
    information: Symmetric,
}

/// Mean and spread of the charge by one explanation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opinion {
    /// Charge over capacity, not clamped.
    pub(super) soc: f64,
    pub(super) soc_variance: f64,
    /// Ah.
    pub(super) charge_sd: f64,
}

impl Mode {
    pub(super) fn new(curve: usize, prior: Prior, charge: f64, log_share: f64) -> Self {
        let mut theta = prior.mean.clone();
        theta[CHARGE] = charge;
        Self {
            curve,
            restored: false,
            from: f64::NEG_INFINITY,
            theta,
            prior,
            gaps: Vec::new(),
            base: log_share,
            evidence: 0.0,
            root: None,
        }
    }

    /// One that begins with what was saved.
    pub(super) fn restored(curve: usize, prior: Prior, charge: f64) -> Self {
        Self {
            restored: true,
            ..Self::new(curve, prior, charge, 0.0)
        }
    }

    /// This explanation, if its pack took the place of another after `counted`, at `hours`; `evidence` is what speaks for the
    /// other until then, and for the exchange.
    pub(super) fn in_place_of(mut self, evidence: f64, counted: &Totals, hours: f64) -> Self {
        self.from = hours;
        self.base += evidence;
        self.theta[CHARGE] -= counted.ah;
        self.prior.mean[CHARGE] -= counted.ah;
        self
    }

    /// This explanation, if `moved` flowed in a gap of which `prior` was thought.
    pub(super) fn across(&self, prior: GapPrior, moved: f64) -> Self {
        let mut next = self.clone();
        next.gaps.push(prior);
        next.theta.push(moved);
        next
    }

    /// The gaps, and what flowed in them, Ah.
    pub(super) fn gaps(&self) -> impl Iterator<Item = (GapPrior, f64)> + '_ {
        let moved = self.theta[STATICS..].iter();
        self.gaps.iter().copied().zip(moved.copied())
    }

    fn assemble(&self, history: &History<'_>, theta: &[f64]) -> Assembly {
        let size = theta.len();
        let mut information = Symmetric::zero(size);
        let mut pull = vec![0.0; size];
        let mut cost = self.assemble_prior(theta, &mut pull, &mut information);
        let curve = &history.curves[self.curve];
        let own = |record: &&Record| record.totals.hours >= self.from;
        for record in history.records.iter().filter(own) {
            let misfit = model::misfit(curve, theta, history.began, record);
            let (misfit_cost, share) = model::robust(misfit.residual, misfit.weight);
            cost += misfit_cost;
            let weight = share * misfit.weight;
            for &(place, derivative) in &misfit.row {
                pull[place] += weight * misfit.residual * derivative;
            }
            information.add_square(&misfit.row, weight);
        }
        information.mirror();
        Assembly {
            cost,
            pull,
            information,
        }
    }

    fn assemble_prior(&self, theta: &[f64], pull: &mut [f64], into: &mut Symmetric) -> f64 {
        let pairs = theta.iter().zip(&self.prior.mean);
        let off: Vec<f64> = pairs.map(|(value, mean)| value - mean).collect();
        let weighed = self.prior.information.times(&off);
        let mut cost = 0.5 * dot(&off, &weighed);
        for i in 0..STATICS {
            pull[i] -= weighed[i];
            for j in 0..=i {
                into.set(i, j, self.prior.information.at(i, j));
            }
        }
        for (n, gap) in self.gaps.iter().enumerate() {
            let (place, weight) = (STATICS + n, 1.0 / (gap.sd * gap.sd));
            let off = theta[place] - gap.mean;
            cost += 0.5 * weight * off * off;
            pull[place] -= weight * off;
            into.add_to_diagonal(place, weight);
        }
        cost
    }

    /// Fits the numbers to the history, in at most `steps` steps.
    pub(super) fn fit(&mut self, history: &History<'_>, steps: usize) {
        let mut best = self.assemble(history, &self.theta);
        let mut damping = 1e-4;
        for _ in 0..steps {
            let Some(step) = damped(&best, damping) else {
                damping *= 10.0;
                continue;
            };
            let trial = self.stepped(&step, history.nominal_ah);
            let there = self.assemble(history, &trial);
            let gained = best.cost - there.cost;
            if gained > -1e-9 {
                self.theta = trial;
                best = there;
                damping = (damping * 0.1).max(1e-9);
                if gained < 0.02 {
                    break;
                }
            } else {
                damping = (damping * 30.0).max(1e-3);
            }
        }
        self.conclude(&best);
    }

    fn stepped(&self, step: &[f64], nominal_ah: f64) -> Vec<f64> {
        let charges = core::iter::once(step[CHARGE]).chain(step[STATICS..].iter().copied());
        let largest = charges.fold(0.0, |most: f64, x| most.max(libm::fabs(x)));
        let scale = (0.15 * nominal_ah / largest.max(1e-12)).min(1.0);
        let pairs = self.theta.iter().zip(step);
        let mut theta: Vec<f64> = pairs.map(|(value, s)| value + scale * s).collect();
        for place in [CAPACITY, GRAPHITE] {
            theta[place] = theta[place].clamp(0.2 * nominal_ah, 5.0 * nominal_ah);
        }
        theta
    }

    fn conclude(&mut self, at: &Assembly) {
        self.root = at.information.cholesky();
        let Some(root) = &self.root else {
            self.evidence = f64::NEG_INFINITY;
            return;
        };
        self.evidence = self.base - at.cost - root.half_log_determinant()
            + self.prior.half_log_determinant
            + self.gaps.iter().map(GapPrior::log_scale).sum::<f64>();
    }

    /// Ah from empty after `counted` since the history began.
    pub(super) fn charge(&self, counted: &Totals) -> f64 {
        ChargeRow::after(counted, self.gaps.len()).of(&self.theta)
    }

    /// What it says of the charge after `counted` since the history began.
    pub(super) fn tell(&self, counted: &Totals) -> Opinion {
        let row = ChargeRow::after(counted, self.gaps.len());
        let (charge, capacity) = (row.of(&self.theta), self.theta[CAPACITY]);
        let by_charge = row.gradient(self.theta.len());
        let mut by_soc: Vec<f64> = by_charge.iter().map(|d| d / capacity).collect();
        by_soc[CAPACITY] -= charge / (capacity * capacity);
        Opinion {
            soc: charge / capacity,
            soc_variance: self.variance(&by_soc).min(WIDEST * WIDEST),
            charge_sd: libm::sqrt(self.variance(&by_charge)),
        }
    }

    /// Variance of a sum over the numbers.
    fn variance(&self, gradient: &[f64]) -> f64 {
        self.root.as_ref().map_or(f64::INFINITY, |root| {
            let spread = root.forward(gradient);
            dot(&spread, &spread)
        })
    }

    /// Variance of one number.
    pub(super) fn variance_of(&self, place: usize) -> f64 {
        let mut unit = vec![0.0; self.theta.len()];
        unit[place] = 1.0;
        self.variance(&unit)
    }

    /// Puts the `history` given (the oldest records, with the first `gaps` gaps) into the prior; what
    /// remains begins at `end`. `false` when the numbers are too odd for that.
    pub(super) fn fold(&mut self, history: &History<'_>, gaps: usize, end: &Totals) -> bool {
        let old = Self {
            theta: self.theta[..STATICS + gaps].to_vec(),
            gaps: self.gaps[..gaps].to_vec(),
            ..self.clone()
        };
        let at = old.assemble(history, &old.theta);
        let Some(root) = at.information.cholesky() else {
            return false;
        };
        let step = root.solve(&at.pull);
        let pairs = old.theta.iter().zip(&step);
        let mean: Vec<f64> = pairs.map(|(value, s)| value + s).collect();
        let row = ChargeRow::after(&end.since(history.began), gaps);
        let days = (end.hours - history.began.hours).max(0.0) / 24.0;
        let covariance = carried(&root.inverse(), &row, days, history.nominal_ah);
        let Some(mut prior) = Prior::new(mean[..STATICS].to_vec(), &covariance) else {
            return false;
        };
        prior.mean[CHARGE] = row.of(&mean);
        let mut next = self.clone();
        next.base += old.prior.half_log_determinant
            - (at.cost - 0.5 * dot(&at.pull, &step))
            - root.half_log_determinant()
            + old.gaps.iter().map(GapPrior::log_scale).sum::<f64>();
        next.theta[CHARGE] = row.of(&old.theta);
        next.theta.drain(STATICS..STATICS + gaps);
        next.gaps.drain(..gaps);
        next.prior = prior;
        *self = next;
        true
    }
}

/// The covariance of the statics when the charge is that of the `row`, after so many `days`.
fn carried(old: &Symmetric, row: &ChargeRow, days: f64, nominal_ah: f64) -> Symmetric {
    let by_charge = row.gradient(old.size());
    let mixed = old.times(&by_charge);
    let mut covariance = Symmetric::zero(STATICS);
    for i in 0..STATICS {
        for j in 0..=i {
            let value = match (i, j) {
                (CHARGE, CHARGE) => dot(&by_charge, &mixed),
                (_, CHARGE) => mixed[i],
                _ => old.at(i, j),
            };
            covariance.set(i, j, value);
        }
        covariance.add_to_diagonal(i, days * prior::forgetting_a_day(i, nominal_ah));
    }
    covariance
}

/// The step towards the minimum, shortened by `damping` where little is known.
fn damped(at: &Assembly, damping: f64) -> Option<Vec<f64>> {
    let mut information = at.information.clone();
    for place in 0..information.size() {
        let own = information.at(place, place);
        information.add_to_diagonal(place, damping * own);
    }
    Some(information.cholesky()?.solve(&at.pull))
}
