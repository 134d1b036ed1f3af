//! The voltage of the rested pack over the charge in it, and how ageing changes it.
//!
//! A LiFePO₄ cell's empty end and its plateau belong to the graphite, its full end to the phosphate.
//! Losing lithium with age leaves the graphite's curve, counted in ampere-hours from empty, where it
//! is, and cuts its upper end off: the phosphate runs out earlier. So the curve is kept in two parts,
//! one over the charge from empty and one over the charge that is still missing to full; both are
//! scaled by the graphite's own size, and one number moves the end.

use super::makers;
use crate::units::{StateOfCharge, Volts};
use alloc::vec::Vec;
use core::fmt;

/// Steps of the lower part over 0..=1.
const LOWER_STEPS: usize = 400;
/// Where the phosphate's end begins to show: below it the whole curve is the graphite's.
const END_BEGINS: f64 = 0.93;
/// From here to there the graphite's last plateau gives the line that is continued under the end.
const LAST_PLATEAU: f64 = 0.86;
/// Steps of the upper part over `1 - END_BEGINS`.
const UPPER_STEPS: usize = 140;
/// The misfit of one observation on a plateau, V: what the model leaves out, and what stays the same
/// for hours (so that it is no smaller than it is).
const MISFIT_V: f64 = 0.010;
/// The same along the charge, share: counts where the curve is steep.
const MISFIT_CHARGE: f64 = 0.006;
/// The scale on which voltages are compared: its steps cover 8 to 16 V.
const SCALE_FROM_V: f64 = 8.0;
const SCALE_STEP_V: f64 = 0.01;
const SCALE_STEPS: usize = 800;
/// Fewest points of a curve that says anything about a plateau.
const POINTS_AT_LEAST: usize = 10;

/// The open-circuit voltage of a fresh 4s LiFePO₄ pack at 25 °C over its charge.
#[derive(Debug, Clone, PartialEq)]
pub struct OcvCurve {
    /// V at `i / LOWER_STEPS` of the graphite's charge.
    lower: Vec<f64>,
    /// V above the lower part, with `i · (1 - END_BEGINS) / UPPER_STEPS` missing to full.
    upper: Vec<f64>,
    /// Voltages counted in standard deviations of their misfit, at `SCALE_FROM_V + i · SCALE_STEP_V`.
    scale: Vec<f64>,
}

/// Why points make no curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurveError {
    /// Fewer than ten points.
    TooFewPoints,
    /// Charge or voltage does not rise from this point (counted from 0) to the next.
    NotRising(usize),
    /// It does not reach from empty (0) to full (1).
    NotWhole,
    /// A voltage outside 8 to 16 V: not a pack of four cells.
    NotAPack(usize),
}

impl fmt::Display for CurveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewPoints => write!(f, "fewer than {POINTS_AT_LEAST} points"),
            Self::NotRising(point) => {
                write!(
                    f,
                    "charge or voltage does not rise after point {}",
                    point + 1
                )
            }
            Self::NotWhole => f.write_str("it does not reach from charge 0 to charge 1"),
            Self::NotAPack(point) => write!(
                f,
                "the voltage of point {} is outside 8 to 16 V, so not that of four cells in series",
                point + 1
            ),
        }
    }
}

impl core::error::Error for CurveError {}

/// A value and how it rises.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Slope {
    pub(super) value: f64,
    pub(super) rise: f64,
}

impl Default for OcvCurve {
    /// Of the reference cell.
    fn default() -> Self {
        Self::split(&makers::REFERENCE)
    }
}

impl OcvCurve {
    /// From points (charge, voltage of the pack), both rising, from charge 0 to charge 1.
    ///
    /// # Errors
    /// The first reason found.
    pub fn new(points: &[(StateOfCharge, Volts)]) -> Result<Self, CurveError> {
        if points.len() < POINTS_AT_LEAST {
            return Err(CurveError::TooFewPoints);
        }
        let plain: Vec<(f64, f64)> = points
            .iter()
            .map(|(z, v)| (z.fraction(), v.get()))
            .collect();
        if let Some(at) = plain.iter().position(|(_, v)| !(8.0..=16.0).contains(v)) {
            return Err(CurveError::NotAPack(at));
        }
        let falls = |pair: &[(f64, f64)]| pair[0].0 >= pair[1].0 || pair[0].1 >= pair[1].1;
        if let Some(at) = plain.windows(2).position(falls) {
            return Err(CurveError::NotRising(at));
        }
        if plain[0].0 > 1e-6 || plain[plain.len() - 1].0 < 1.0 - 1e-6 {
            return Err(CurveError::NotWhole);
        }
        Ok(Self::split(&plain))
    }

    /// Of the kinds of cell that a stranger may be, the reference cell first.
    pub(super) fn of_makers() -> Vec<Self> {
        let plain = [Self::default(), Self::split(&makers::PLAIN_GRAPHITE)];
        let others = makers::others().map(|points| Self::split(&points));
        plain.into_iter().chain(others).collect()
    }

    fn split(points: &[(f64, f64)]) -> Self {
        let (from, to) = (between(points, LAST_PLATEAU), between(points, END_BEGINS));
        let rise = (to - from) / (END_BEGINS - LAST_PLATEAU);
        let continued = |z: f64| to + rise * (z - END_BEGINS);
        let lower = (0..=LOWER_STEPS).map(|i| {
            let z = i as f64 / LOWER_STEPS as f64;
            if z > END_BEGINS {
                continued(z)
            } else {
                between(points, z)
            }
        });
        let upper = (0..=UPPER_STEPS).map(|i| {
            let missing = (1.0 - END_BEGINS) * i as f64 / UPPER_STEPS as f64;
            (between(points, 1.0 - missing) - continued(1.0 - missing)).max(0.0)
        });
        let mut curve = Self {
            lower: lower.collect(),
            upper: upper.collect(),
            scale: Vec::new(),
        };
        curve.scale = scale(&curve);
        curve
    }

    /// The graphite's part, V, at `u`: charge from empty over the graphite's size. Beyond the ends
    /// it goes on as it ended.
    pub(super) fn lower(&self, u: f64) -> Slope {
        along(&self.lower, u * LOWER_STEPS as f64, LOWER_STEPS as f64)
    }

    /// What the phosphate's end adds, V, at `missing`: charge to full over the graphite's size.
    /// Falls with it.
    pub(super) fn upper(&self, missing: f64) -> Slope {
        let steps = UPPER_STEPS as f64 / (1.0 - END_BEGINS);
        if missing >= 1.0 - END_BEGINS {
            return Slope {
                value: 0.0,
                rise: 0.0,
            };
        }
        along(&self.upper, missing * steps, steps)
    }

    /// The voltage counted in standard deviations of its misfit, from an arbitrary zero.
    ///
    /// Where the curve is steep a small error along the charge is a large one in voltage; so volts
    /// there count for less, and a distance on this scale means the same everywhere.
    pub(super) fn deviations(&self, volts: f64) -> Slope {
        let place = (volts - SCALE_FROM_V) / SCALE_STEP_V;
        along(&self.scale, place, 1.0 / SCALE_STEP_V)
    }
}

/// The scale of [`OcvCurve::deviations`].
fn scale(curve: &OcvCurve) -> Vec<f64> {
    let fresh = |z: f64| curve.lower(z).value + curve.upper(1.0 - z).value;
    let (mut z, mut sum) = (0.0, 0.0);
    let steps = (0..=SCALE_STEPS).map(|i| {
        let volts = SCALE_FROM_V + i as f64 * SCALE_STEP_V;
        while z < 1.0 && fresh(z) < volts {
            z += 0.001;
        }
        let (from, to) = (f64::max(z - 0.01, 0.0), f64::min(z + 0.01, 1.0));
        let along = MISFIT_CHARGE * (fresh(to) - fresh(from)) / (to - from);
        sum += SCALE_STEP_V / libm::sqrt(MISFIT_V * MISFIT_V + along * along);
        sum
    });
    steps.collect()
}

/// Between the neighbours in a table of equal steps; beyond its ends along the last step.
fn along(table: &[f64], place: f64, steps: f64) -> Slope {
    let last = table.len() - 2;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the table"
    )]
    let at = place.clamp(0.0, last as f64) as usize;
    let rise = table[at + 1] - table[at];
    Slope {
        value: table[at] + rise * (place - at as f64),
        rise: rise * steps,
    }
}

fn between(points: &[(f64, f64)], z: f64) -> f64 {
    let above = points.partition_point(|&(charge, _)| charge <= z);
    let lower = points.get(above.wrapping_sub(1));
    match (lower, points.get(above)) {
        (Some(&(z0, v0)), Some(&(z1, v1))) => v0 + (v1 - v0) * (z - z0) / (z1 - z0),
        (Some(&(_, v)), None) | (None, Some(&(_, v))) => v,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn whole(curve: &OcvCurve, z: f64) -> f64 {
        curve.lower(z).value + curve.upper(1.0 - z).value
    }

    fn points() -> Vec<(StateOfCharge, Volts)> {
        let plain = makers::REFERENCE.iter();
        plain
            .map(|&(z, v)| (StateOfCharge::clamped(z), Volts::new(v).unwrap()))
            .collect()
    }

    #[test]
    fn the_two_parts_make_the_curve_again() {
        let curve = OcvCurve::default();
        for (z, v) in makers::REFERENCE {
            assert!((whole(&curve, z) - v).abs() < 1e-9, "{z}");
        }
        assert_eq!(OcvCurve::new(&points()), Ok(curve));
    }

    #[test]
    fn beyond_its_ends_it_stays_steep() {
        let curve = OcvCurve::default();
        assert!(whole(&curve, -0.02) < 9.0);
        assert!(whole(&curve, 1.02) > 15.0);
    }

    #[test]
    fn a_volt_on_the_plateau_means_more_than_one_at_the_ends() {
        let curve = OcvCurve::default();
        let per_volt = |v| curve.deviations(v).rise;
        assert!((90.0..101.0).contains(&per_volt(13.07)));
        assert!(per_volt(10.2) < 4.0 && per_volt(14.1) < 4.0);
        assert!(curve.deviations(13.9).value - curve.deviations(13.2).value > 7.0);
    }

    #[test]
    fn points_that_are_no_curve_are_refused() {
        let mut few = points();
        few.truncate(5);
        assert_eq!(OcvCurve::new(&few), Err(CurveError::TooFewPoints));
        let mut falls = points();
        falls.swap(3, 4);
        assert_eq!(OcvCurve::new(&falls), Err(CurveError::NotRising(3)));
        let half = &points()[..20];
        assert_eq!(OcvCurve::new(half), Err(CurveError::NotWhole));
        let mut cell = points();
        cell[2].1 = Volts::new(3.2).unwrap();
        assert_eq!(OcvCurve::new(&cell), Err(CurveError::NotAPack(2)));
    }
}
