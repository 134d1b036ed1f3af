//! What may have flowed while nobody looked.
//!
//! Mostly little: the box was off, its clock drew some milliamperes, the panel gave what the morning had. Sometimes
//! much: the sun filled the pack, or another load drew on it. Both are followed until the voltages decide.

/// How probable it is that little flowed in a gap.
const LITTLE: f64 = 0.9;

/// What is thought beforehand of the charge that flowed in a gap, Ah.
#[derive(Debug, Clone, Copy)]
pub(super) struct GapPrior {
    pub(super) mean: f64,
    pub(super) sd: f64,
    /// Logarithm of how probable it is that this is the right one.
    pub(super) log_share: f64,
}

impl GapPrior {
    /// Some milliamperes, or a morning's sun, over `hours`.
    pub(super) fn little(hours: f64, nominal_ah: f64) -> Self {
        Self {
            mean: 0.0,
            sd: nominal_ah * (0.005 + 0.0025 * hours).min(0.10),
            log_share: libm::log(LITTLE),
        }
    }

    /// Whatever a panel gives or a load takes in `hours`; more often given than taken.
    pub(super) fn much(hours: f64, nominal_ah: f64) -> Self {
        Self {
            mean: 0.1 * nominal_ah,
            sd: nominal_ah * (0.01 + 0.04 * hours).min(0.4),
            log_share: libm::log(1.0 - LITTLE),
        }
    }

    /// Anything at all: the count itself was wrong.
    pub(super) fn anything(nominal_ah: f64) -> Self {
        Self {
            mean: 0.0,
            sd: 0.5 * nominal_ah,
            log_share: 0.0,
        }
    }

    /// Little in a time nobody knows; or `moved`, if a counter says so.
    pub(super) fn little_in_unknown_time(moved: Option<f64>, nominal_ah: f64) -> Self {
        Self {
            mean: moved.unwrap_or(0.0),
            sd: nominal_ah * if moved.is_some() { 0.01 } else { 0.04 },
            log_share: libm::log(LITTLE),
        }
    }

    /// Much in a time nobody knows.
    pub(super) fn much_in_unknown_time(nominal_ah: f64) -> Self {
        Self {
            log_share: libm::log(1.0 - LITTLE),
            ..Self::anything(nominal_ah)
        }
    }

    /// A gap whose size means nothing, for `share` of the cases: the charge before it was not known.
    pub(super) fn idle(share: f64, nominal_ah: f64) -> Self {
        let sd = 0.01 * nominal_ah;
        Self {
            mean: 0.0,
            sd,
            log_share: libm::log(share),
        }
    }

    /// Logarithm of the height of its bell.
    pub(super) fn log_scale(&self) -> f64 {
        self.log_share - libm::log(self.sd)
    }
}
