//! How good the forecast has been: each day's own measure of its error.

use crate::bytes::{Reader, Writer};

/// Weight of a new day: about a week is remembered.
const WEIGHT: f64 = 0.15;
/// Mean square of the standardised error from which on the forecast is not trusted. An honest one has 1.
const DISTRUST: f64 = 5.0;
/// Trusted again below this.
const TRUST: f64 = 2.5;
/// One day's surprise counts at most this.
const MOST: f64 = 20.0;
/// No forecast is better than this: envelope and panel have errors of their own.
const LEAST_SD: f64 = 0.06;

/// Compares what was foretold at midnight with what the day gave.
#[derive(Debug, Clone)]
pub(super) struct Skill {
    foretold: Option<(f64, f64)>,
    /// Mean square of error over foretold standard deviation.
    square: f64,
    /// Mean absolute error of a day's clearness.
    error: Option<f64>,
    trusted: bool,
}

impl Skill {
    pub(super) const fn new() -> Self {
        Self {
            foretold: None,
            square: 1.0,
            error: None,
            trusted: true,
        }
    }

    pub(super) fn save(&self, to: &mut Writer) {
        to.maybe(self.foretold.map(|(mean, _)| mean));
        to.maybe(self.foretold.map(|(_, sd)| sd));
        to.number(self.square);
        to.maybe(self.error);
        to.flag(self.trusted);
    }

    pub(super) fn restore(from: &mut Reader<'_>) -> Option<Self> {
        let (mean, sd) = (from.maybe(0.0..=2.0)?, from.maybe(0.0..=2.0)?);
        Some(Self {
            foretold: mean.zip(sd),
            square: from.number(0.0..=MOST)?,
            error: from.maybe(0.0..=2.0)?,
            trusted: from.flag()?,
        })
    }

    /// A day begins: its foretold mean clearness and standard deviation.
    pub(super) const fn foretell(&mut self, moments: (f64, f64)) {
        self.foretold = Some(moments);
    }

    /// A day ended; `None` when it was not seen whole.
    pub(super) fn judge(&mut self, clearness: Option<f64>) {
        let (Some((mean, sd)), Some(seen)) = (self.foretold.take(), clearness) else {
            return;
        };
        let off = seen - mean;
        let z = off / sd.max(LEAST_SD);
        self.square += WEIGHT * ((z * z).min(MOST) - self.square);
        let error = self.error.unwrap_or(off.abs());
        self.error = Some(error + WEIGHT * (off.abs() - error));
        self.trusted = self.square < if self.trusted { DISTRUST } else { TRUST };
    }

    pub(super) const fn trusted(&self) -> bool {
        self.trusted
    }

    pub(super) const fn error(&self) -> Option<f64> {
        self.error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surprises_in_a_row_cost_the_trust_and_honest_days_bring_it_back() {
        let mut skill = Skill::new();
        let mut day = |seen: f64| {
            skill.foretell((0.9, 0.1));
            skill.judge(Some(seen));
            skill.trusted()
        };
        assert!(day(0.9));
        assert!(day(0.5), "one bad day is weather");
        assert!((0..3).map(|_| day(0.2)).all(|trusted| !trusted));
        assert!(!day(0.9));
        assert!(
            (0..12)
                .map(|_| day(0.85))
                .last()
                .is_some_and(|trusted| trusted)
        );
    }
}
