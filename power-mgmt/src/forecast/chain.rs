//! How the clearness of one day follows that of the day before.
//!
//! A first-order Markov chain over [`CLASSES`] of daily clearness. Its rows are a kernel estimate
//! of the conditional density from this place's own days (Nadaraya-Watson), the recent ones
//! counting more, shrunk first to the place's recent climate, and that to a prior for any place.

use crate::bytes::{Reader, Writer};
use alloc::collections::VecDeque;

/// Classes of daily clearness.
pub(crate) const CLASSES: usize = 12;
/// Clearness of each class: share of a clear day's energy. Denser where a day hardly feeds the box.
pub(crate) const CLEARNESS: [f64; CLASSES] = [
    0.01, 0.06, 0.13, 0.22, 0.32, 0.42, 0.52, 0.62, 0.73, 0.84, 0.95, 1.07,
];
/// No day counts as clearer.
const MOST: f64 = 1.5;
/// Days remembered.
const MEMORY: usize = 200;

/// One probability for each class; sums to 1.
pub(crate) type Distribution = [f64; CLASSES];

// Chosen on public and synthetic years; what was tried stands in `DESIGN.md`.

/// Days after which a pair of days counts 1/e: seasons and episodes pass.
const PAIR_DAYS: f64 = 20.0;
/// Days after which a day counts 1/e in the climate.
const CLIMATE_DAYS: f64 = 15.0;
/// Width of the kernel over yesterday, on the warped scale.
const FROM_WIDTH: f64 = 0.10;
/// Width of the kernel over today.
const TO_WIDTH: f64 = 0.07;
/// What the climate weighs against the pairs, in days.
const CLIMATE_WEIGHT: f64 = 15.0;
/// What the prior weighs against the climate, in days.
const PRIOR_WEIGHT: f64 = 10.0;
/// Share of days that are like the day before, prior.
const PERSISTENCE: f64 = 0.4;
/// Days ahead after which the climate of now counts 1/e against the prior.
const CLIMATE_HOLDS_DAYS: f64 = 30.0;

/// A day, and where it lies among the classes.
#[derive(Debug, Clone, Copy)]
struct Day {
    clearness: f64,
    warped: f64,
    bump: Distribution,
}

impl Day {
    fn new(clearness: f64) -> Self {
        let clearness = clearness.clamp(0.0, MOST);
        Self {
            clearness,
            warped: warp(clearness),
            bump: kernel(clearness, TO_WIDTH),
        }
    }
}

/// The days of this place.
#[derive(Debug, Clone)]
pub(super) struct DayChain {
    /// Clearness of past days, the latest first; `None` for a day that was not seen whole.
    days: VecDeque<Option<Day>>,
}

impl DayChain {
    pub(super) const fn new() -> Self {
        Self {
            days: VecDeque::new(),
        }
    }

    /// A day has ended.
    pub(super) fn learn(&mut self, clearness: Option<f64>) {
        self.days.push_front(clearness.map(Day::new));
        self.days.truncate(MEMORY);
    }

    /// What counts as a clear day has changed: by this factor the past days were clearer.
    pub(super) fn rescale(&mut self, factor: f64) {
        for day in &mut self.days {
            *day = day.map(|day| Day::new(day.clearness * factor));
        }
    }

    pub(super) fn save(&self, to: &mut Writer) {
        to.whole(i64::try_from(self.days.len()).unwrap_or(0));
        to.runs(self.days.iter().map(|day| day.map(|day| day.clearness)));
    }

    pub(super) fn restore(from: &mut Reader<'_>) -> Option<Self> {
        let count = usize::try_from(from.whole(0..=MEMORY as i64)?).ok()?;
        let days = from.runs(count, 0.0..=MOST)?;
        Some(Self {
            days: days.into_iter().map(|k| k.map(Day::new)).collect(),
        })
    }

    /// The latest day, if it was seen.
    pub(super) fn latest(&self) -> Option<f64> {
        self.days
            .front()
            .copied()
            .flatten()
            .map(|day| day.clearness)
    }

    /// What any day of the near future is like.
    pub(super) fn climate(&self) -> Distribution {
        let mut sum = prior().map(|p| p * PRIOR_WEIGHT);
        for (age, day) in self.days.iter().enumerate() {
            if let Some(day) = day {
                let weight = libm::exp(-(age as f64) / CLIMATE_DAYS);
                add(&mut sum, &day.bump, weight);
            }
        }
        normalise(sum)
    }

    /// What the day after one of this clearness is like.
    pub(super) fn after(&self, clearness: f64, climate: &Distribution) -> Distribution {
        let mut sum = climate.map(|p| p * (1.0 - PERSISTENCE) * CLIMATE_WEIGHT);
        let same = kernel(clearness, FROM_WIDTH);
        add(&mut sum, &same, PERSISTENCE * CLIMATE_WEIGHT);
        let from = warp(clearness);
        for age in 0..self.days.len().saturating_sub(1) {
            if let (Some(today), Some(yesterday)) = (&self.days[age], &self.days[age + 1]) {
                let x = (yesterday.warped - from) / FROM_WIDTH;
                let weight = libm::exp(-0.5 * x * x - (age as f64) / PAIR_DAYS);
                if weight > 1e-4 {
                    add(&mut sum, &today.bump, weight);
                }
            }
        }
        normalise(sum)
    }

    /// The matrix of a day so many days ahead, whose climate is less and less that of now.
    pub(super) fn matrix_ahead(&self, days: f64) -> [Distribution; CLASSES] {
        let known = libm::exp(-days.max(0.0) / CLIMATE_HOLDS_DAYS);
        let (now, any) = (self.climate(), prior());
        let climate: Distribution =
            core::array::from_fn(|c| known * now[c] + (1.0 - known) * any[c]);
        core::array::from_fn(|class| {
            let mut sum = climate.map(|p| (1.0 - PERSISTENCE) * p);
            add(&mut sum, &kernel(CLEARNESS[class], FROM_WIDTH), PERSISTENCE);
            normalise(sum)
        })
    }

    /// The whole matrix: row = class of a day, column = class of the next.
    pub(super) fn matrix(&self) -> [Distribution; CLASSES] {
        let climate = self.climate();
        core::array::from_fn(|class| self.after(CLEARNESS[class], &climate))
    }
}

/// A place of which nothing is known: mostly clear days, some of everything, few black ones.
fn prior() -> Distribution {
    normalise([0.3, 0.6, 1.0, 1.2, 1.2, 1.2, 1.2, 1.3, 1.6, 3.0, 3.6, 0.6])
}

/// Stretches the dark end, where days under snow and days of rain lie close together.
fn warp(clearness: f64) -> f64 {
    libm::pow(clearness.max(0.0), 0.7)
}

/// A bump of weight 1 about a clearness.
fn kernel(centre: f64, width: f64) -> Distribution {
    let centre = warp(centre);
    normalise(core::array::from_fn(|class| {
        let x = (warp(CLEARNESS[class]) - centre) / width;
        libm::exp(-0.5 * x * x) + 1e-12
    }))
}

fn add(sum: &mut Distribution, bump: &Distribution, weight: f64) {
    for (slot, b) in sum.iter_mut().zip(bump) {
        *slot += weight * b;
    }
}

/// Scales to a sum of 1; what is all zero becomes even.
pub(super) fn normalise(mut p: Distribution) -> Distribution {
    let total: f64 = p.iter().sum();
    for x in &mut p {
        *x = if total > 0.0 {
            *x / total
        } else {
            1.0 / CLASSES as f64
        };
    }
    p
}

/// Mean and standard deviation of the clearness.
pub(super) fn moments(p: &Distribution) -> (f64, f64) {
    let mean: f64 = p.iter().zip(CLEARNESS).map(|(p, k)| p * k).sum();
    let square: f64 = p.iter().zip(CLEARNESS).map(|(p, k)| p * k * k).sum();
    (mean, libm::sqrt((square - mean * mean).max(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums_to_one(p: &Distribution) -> bool {
        (p.iter().sum::<f64>() - 1.0).abs() < 1e-9 && p.iter().all(|p| *p >= 0.0)
    }

    #[test]
    fn a_dry_season_is_learned_and_forgotten() {
        let mut chain = DayChain::new();
        let (start, _) = moments(&chain.climate());
        for _ in 0..40 {
            chain.learn(Some(0.95));
        }
        let (dry, spread) = moments(&chain.matrix()[10]);
        assert!(dry > 0.8 && dry > start && spread < 0.25, "{dry} {spread}");
        for _ in 0..40 {
            chain.learn(Some(0.1));
        }
        let (wet, _) = moments(&chain.matrix()[2]);
        assert!(wet < 0.3, "{wet}");
    }

    #[test]
    fn rows_are_distributions_whatever_was_seen() {
        let mut chain = DayChain::new();
        for day in [Some(0.0), Some(1e9), None, Some(-4.0), None, Some(0.5)] {
            chain.learn(day);
            assert!(chain.matrix().iter().all(sums_to_one));
            assert!(chain.matrix_ahead(40.0).iter().all(sums_to_one));
        }
    }

    #[test]
    fn a_day_is_more_like_the_day_before_than_like_any_other() {
        let chain = DayChain::new();
        let matrix = chain.matrix();
        assert!(moments(&matrix[1]).0 + 0.1 < moments(&matrix[10]).0);
    }
}
