//! What the sky of a place is like, month by month: read from a table of the land of the world.
//!
//! The table, its source, its error and how it was made: `../climate/README.md`.

use std::f64::consts::TAU;

const TABLE: &str = include_str!("../climate/climate.txt");
const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+-";
/// Degrees between two places of the table.
const STEP: f64 = 3.0;
const KM_PER_DEGREE: f64 = 111.2;
/// Farther from land than this the table says nothing.
const REACH_KM: f64 = 1000.0;

/// Standard error of a month's clearness index against stations, and of a place's whole year, as a share of its sun.
pub(super) const MONTH_ERROR: f64 = 0.056;
pub(super) const YEAR_ERROR_SHARE: f64 = 0.093;
/// What 95 of 100 stations stay within: a month's index, a year's sun.
pub(super) const MONTH_ERROR_95: f64 = 0.12;
pub(super) const YEAR_ERROR_95_SHARE: f64 = 0.16;
pub(super) const SOURCE: &str =
    "NASA MERRA-2 reanalysis 2011-2015, corrected against 102 stations in 45 countries";

/// The climate of a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Climate {
    /// Mean clearness index of each month: light on level ground over light above the air.
    pub(super) clearness: [f64; 12],
    /// Standard deviation of the index from day to day.
    pub(super) spread: [f64; 12],
    /// Mean, year and half year of the air's temperature, °C and K.
    warmth: [f64; 5],
    /// How far away the table's nearest place is, where the place itself has none, km.
    pub(super) borrowed_km: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Cell {
    latitude: f64,
    longitude: f64,
    climate: Climate,
}

/// The table says nothing of a place.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum ClimateError {
    /// It lies too far from any land of the table.
    #[error(
        "the climate table has no land within {REACH_KM:.0} km of {latitude},{longitude} (the nearest is {km:.0} km away); give a place on or near land, latitude first"
    )]
    TooFar {
        /// As asked.
        latitude: f64,
        /// As asked.
        longitude: f64,
        /// To the nearest land.
        km: f64,
    },
    /// The program was built with a table that cannot be read.
    #[error("line {0} of the climate table cannot be read; this depot is damaged, fetch it again")]
    Broken(usize),
}

impl Climate {
    /// The climate at a latitude and longitude, degrees north and east.
    pub(super) fn at(latitude: f64, longitude: f64) -> Result<Self, ClimateError> {
        Self::within(&cells()?, latitude, longitude)
    }

    fn within(cells: &[Cell], latitude: f64, longitude: f64) -> Result<Self, ClimateError> {
        let mut sum = Sum::default();
        for cell in cells {
            let north = 1.0 - (cell.latitude - latitude).abs() / STEP;
            let east = 1.0 - turn(cell.longitude - longitude).abs() / STEP;
            if north > 0.0 && east > 0.0 {
                sum.add(&cell.climate, north * east);
            }
        }
        // A corner of sea has no entry: the others speak for it.
        if let Some(climate) = sum.mean() {
            return Ok(climate);
        }
        let nearest = cells
            .iter()
            .map(|cell| (distance_km(cell, latitude, longitude), cell))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        match nearest {
            Some((km, cell)) if km <= REACH_KM => Ok(Self {
                borrowed_km: Some(km),
                ..cell.climate
            }),
            other => Err(ClimateError::TooFar {
                latitude,
                longitude,
                km: other.map_or(f64::INFINITY, |(km, _)| km),
            }),
        }
    }

    /// Mean temperature of the air on a day of the year, 0 to 364, °C.
    pub(super) fn temperature(&self, day_of_year: f64) -> f64 {
        let year = TAU * day_of_year / 365.0;
        let [mean, cos, sin, half_cos, half_sin] = self.warmth;
        mean + cos * libm::cos(year)
            + sin * libm::sin(year)
            + half_cos * libm::cos(2.0 * year)
            + half_sin * libm::sin(2.0 * year)
    }

    /// Half the way of the temperature between summer and winter, K.
    pub(super) fn seasons(&self) -> f64 {
        self.warmth[1].hypot(self.warmth[2])
    }
}

#[derive(Debug, Default)]
struct Sum {
    weight: f64,
    clearness: [f64; 12],
    spread: [f64; 12],
    warmth: [f64; 5],
}

impl Sum {
    fn add(&mut self, climate: &Climate, weight: f64) {
        self.weight += weight;
        let add = |sum: &mut [f64], values: &[f64]| {
            for (sum, value) in sum.iter_mut().zip(values) {
                *sum += weight * value;
            }
        };
        add(&mut self.clearness, &climate.clearness);
        add(&mut self.spread, &climate.spread);
        add(&mut self.warmth, &climate.warmth);
    }

    fn mean(&self) -> Option<Climate> {
        let part = |value: f64| value / self.weight;
        (self.weight > 0.05).then(|| Climate {
            clearness: self.clearness.map(part),
            spread: self.spread.map(part),
            warmth: self.warmth.map(part),
            borrowed_km: None,
        })
    }
}

/// A difference of longitudes, -180 to 180.
fn turn(degrees: f64) -> f64 {
    (degrees + 540.0).rem_euclid(360.0) - 180.0
}

fn distance_km(cell: &Cell, latitude: f64, longitude: f64) -> f64 {
    let (a, b) = (cell.latitude.to_radians(), latitude.to_radians());
    let east = turn(cell.longitude - longitude).to_radians();
    let cos = libm::sin(a) * libm::sin(b) + libm::cos(a) * libm::cos(b) * libm::cos(east);
    libm::acos(cos.clamp(-1.0, 1.0)).to_degrees() * KM_PER_DEGREE
}

fn cells() -> Result<Vec<Cell>, ClimateError> {
    TABLE
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with('#'))
        .map(|(index, line)| cell(line).ok_or(ClimateError::Broken(index + 1)))
        .collect()
}

fn cell(line: &str) -> Option<Cell> {
    let mut fields = line.split(' ');
    let latitude: f64 = fields.next()?.parse().ok()?;
    let longitude: f64 = fields.next()?.parse().ok()?;
    let clearness = digits::<12>(fields.next()?)?;
    let spread = digits::<12>(fields.next()?)?;
    let [high, low, cos, sin, half_cos, half_sin] = digits::<6>(fields.next()?)?;
    let climate = Climate {
        clearness: clearness.map(|n| 0.025 + 0.0125 * n),
        spread: spread.map(|n| 0.005 * n),
        warmth: [
            -60.0 + 0.05 * (64.0 * high + low),
            cos - 32.0,
            sin - 32.0,
            half_cos / 4.0 - 8.0,
            half_sin / 4.0 - 8.0,
        ],
        borrowed_km: None,
    };
    fields.next().is_none().then_some(Cell {
        latitude,
        longitude,
        climate,
    })
}

fn digits<const N: usize>(text: &str) -> Option<[f64; N]> {
    let values: Option<Vec<f64>> = text
        .bytes()
        .map(|byte| {
            let value = DIGITS.iter().position(|digit| *digit == byte)?;
            Some(value as f64)
        })
        .collect();
    values?.try_into().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let cells = cells().unwrap();
        assert_eq!(cells.len(), 2235);
        for cell in &cells {
            let climate = &cell.climate;
            assert!(climate.clearness.iter().all(|k| (0.05..=0.8).contains(k)));
            assert!(climate.spread.iter().all(|s| (0.01..=0.3).contains(s)));
            assert!((-30.0..35.0).contains(&climate.warmth[0]), "{cell:?}");
        }
        assert!(cell("+15 +033 000000000000 000000000000 00000").is_none());
        assert!(cell("+15 +033 00000000000~ 000000000000 000000").is_none());
    }

    #[test]
    fn known_climates_are_told_apart() {
        let khartoum = Climate::at(15.5, 32.56).unwrap();
        let kyiv = Climate::at(50.45, 30.52).unwrap();
        let coast_of_bengal = Climate::at(21.44, 91.97).unwrap();
        assert!(khartoum.clearness.iter().sum::<f64>() > 12.0 * 0.55);
        assert!(kyiv.clearness[11] < 0.35 && kyiv.clearness[6] > 0.45);
        assert!(coast_of_bengal.clearness[1] > coast_of_bengal.clearness[6] + 0.15);
        assert!(khartoum.temperature(150.0) > 30.0 && kyiv.temperature(15.0) < 0.0);
        assert!(kyiv.seasons() > 9.0 && khartoum.borrowed_km.is_none());
    }

    #[test]
    fn the_sea_borrows_from_land_and_says_so() {
        let open_sea = Climate::at(0.0, -15.0).unwrap();
        assert!(open_sea.borrowed_km.unwrap() > 200.0);
        let error = Climate::at(-90.0, 0.0).unwrap_err();
        assert!(matches!(error, ClimateError::TooFar { .. }), "{error}");
    }

    #[test]
    fn the_seam_of_the_map_has_no_edge() {
        let (west, east) = (
            Climate::at(66.0, -179.99).unwrap(),
            Climate::at(66.0, 179.99).unwrap(),
        );
        assert!((west.clearness[5] - east.clearness[5]).abs() < 0.01);
    }
}
