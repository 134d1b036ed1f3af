//! What is thought of a pack before anything was seen of it.

use super::curve::OcvCurve;
use super::matrix::Symmetric;
use super::model::{
    CAPACITY, CHARGE, CURVE, ENTROPY, GAIN, GRAPHITE, HYSTERESIS, KNOTS, LASTING, MINUTES, OFFSET,
    OFFSET_DRIFT, OHMIC, PROMPT, SHIFT, STATICS, place_of,
};
use alloc::vec;
use alloc::vec::Vec;

/// Mean and standard deviation of what is thought beforehand; those in Ah are shares of the nominal
/// capacity. Sensor: ±20 mA and ±0.5 % are the data-sheet limits of a cheap shunt amplifier. Resistances:
/// 4 cells of 20 Ah and their wires, new to worn.
const PRIOR: [(usize, f64, f64); 10] = [
    (OFFSET, 0.0, 0.012),
    (OFFSET_DRIFT, 0.0, 0.000_2),
    (GAIN, 0.0, 0.004),
    (SHIFT, 0.0, 0.028),
    (ENTROPY, 0.000_6, 0.000_8),
    (HYSTERESIS, 0.034, 0.008),
    (OHMIC, 0.020, 0.010),
    (PROMPT, 0.012, 0.012),
    (MINUTES, 0.006, 0.008),
    (LASTING, 0.008, 0.008),
];
/// Makers label their packs within this, share of the nominal capacity.
const SIZE_SD: f64 = 0.08;

/// What is thought of a pack by its age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// As its maker sold it.
    New,
    /// Some lithium lost, resistance grown.
    Worn,
    /// Of another size than it is said to be.
    Smaller,
    /// The same.
    Larger,
}

impl Age {
    pub(super) const ALL: [Self; 4] = [Self::New, Self::Worn, Self::Smaller, Self::Larger];

    /// How probable it is; of another size, if that is thought of at all.
    pub(super) const fn share(self) -> f64 {
        match self {
            Self::New => 0.75,
            Self::Worn => 0.25,
            Self::Smaller | Self::Larger => 0.05,
        }
    }

    /// Size when new over the nominal one, mean and standard deviation.
    const fn size(self) -> (f64, f64) {
        match self {
            Self::New | Self::Worn => (1.0, SIZE_SD),
            Self::Smaller => (0.5, 0.15),
            Self::Larger => (2.0, 0.5),
        }
    }

    /// Capacity over the size, mean and standard deviation.
    const fn capacity(self) -> (f64, f64) {
        match self {
            Self::New => (0.995, 0.03),
            Self::Worn => (0.83, 0.08),
            Self::Smaller | Self::Larger => (0.96, 0.06),
        }
    }

    /// Whether it is of the size that it is said to be.
    pub(super) const fn as_labelled(self) -> bool {
        matches!(self, Self::New | Self::Worn)
    }

    /// Resistance of the cells over that of new ones.
    const fn resistance(self) -> f64 {
        match self {
            Self::New | Self::Larger => 1.0,
            Self::Worn => 1.6,
            Self::Smaller => 2.0,
        }
    }
}
/// How far another maker's curve lies off on the plateau, V (6.5 mV a cell) …
const CURVE_SD_V: f64 = 0.026;
/// … and where it is steep, as a shift along the charge.
const CURVE_SD_CHARGE: f64 = 0.026;
/// Deviations this far apart along the charge know little of each other.
const CURVE_LENGTH: f64 = 0.10;

/// What is thought beforehand: a Gaussian.
#[derive(Debug, Clone)]
pub(super) struct Prior {
    pub(super) mean: Vec<f64>,
    /// Inverse of the covariance.
    pub(super) information: Symmetric,
    /// Half the logarithm of the determinant of `information`.
    pub(super) half_log_determinant: f64,
}

impl Prior {
    /// From mean and covariance; `None` if that is no covariance.
    pub(super) fn new(mean: Vec<f64>, covariance: &Symmetric) -> Option<Self> {
        let root = covariance.cholesky()?;
        Some(Self {
            mean,
            information: root.inverse(),
            half_log_determinant: -root.half_log_determinant(),
        })
    }

    /// Of a pack nobody has seen before.
    pub(super) fn of_stranger(curve: &OcvCurve, age: Age, nominal_ah: f64) -> Option<Self> {
        let mut mean = vec![0.0; STATICS];
        let mut covariance = Symmetric::zero(STATICS);
        for (place, value, sd) in PRIOR {
            let scale = match place {
                OHMIC => 20.0 / nominal_ah,
                PROMPT..=LASTING => age.resistance() * 20.0 / nominal_ah,
                _ => 1.0,
            };
            mean[place] = value * scale;
            covariance.set(place, place, sd * sd * scale * scale);
        }
        let (size, size_sd) = age.size();
        let (ratio, ratio_sd) = age.capacity();
        let ah = size * nominal_ah;
        mean[GRAPHITE] = ah;
        mean[CAPACITY] = ratio * ah;
        mean[CHARGE] = 0.5 * ah;
        let (graphite, capacity) = (size_sd * nominal_ah, ratio_sd * ah);
        // A size that nobody knows is that of both.
        let both = if age.as_labelled() {
            0.0
        } else {
            ratio * graphite
        };
        covariance.set(GRAPHITE, GRAPHITE, graphite * graphite);
        covariance.set(CAPACITY, GRAPHITE, both * graphite);
        covariance.set(CAPACITY, CAPACITY, both * both + capacity * capacity);
        covariance.set(CHARGE, CHARGE, 0.25 * ah * ah);
        deviations(curve, &mut covariance);
        Self::new(mean, &covariance)
    }
}

/// Neighbouring points of the curve deviate together.
fn deviations(curve: &OcvCurve, covariance: &mut Symmetric) {
    let sd = |knot: usize| {
        // Empty is where the curve has its lowest voltage, by definition.
        let steep = if knot == 0 {
            0.0
        } else {
            CURVE_SD_CHARGE * curve.lower(place_of(knot)).rise
        };
        libm::sqrt(CURVE_SD_V * CURVE_SD_V + steep * steep)
    };
    for i in 0..KNOTS {
        for j in 0..=i {
            let apart = (place_of(i) - place_of(j)) / CURVE_LENGTH;
            let own = if i == j { 1.02 } else { 1.0 };
            let value = own * sd(i) * sd(j) * libm::exp(-0.5 * apart * apart);
            covariance.set(CURVE + i, CURVE + j, value);
        }
    }
}

/// Variance that a day adds to what was learned: packs age, sensors drift.
pub(super) fn forgetting_a_day(place: usize, nominal_ah: f64) -> f64 {
    let sd = match place {
        CHARGE => 0.001 * nominal_ah,
        CAPACITY | GRAPHITE => 0.0005 * nominal_ah,
        OFFSET => 0.000_5,
        OFFSET_DRIFT => 0.000_02,
        GAIN => 0.000_2,
        ENTROPY => 0.000_05,
        _ => 0.001,
    };
    sd * sd
}
