//! How far from the equator a place lies whose position nobody gave: from the length of its days.
//!
//! Seen against the date, the time from first to last light tells the latitude, but for the weeks
//! about the equinoxes, when it is the same everywhere and no error is made by not knowing it.

use super::Site;
use super::noon::Light;
use super::sun::SunPath;
use crate::bytes::{Reader, Writer};

/// Latitudes compared, from south to north, degrees.
const STEP: f64 = 5.0;
const LATITUDES: usize = 27;
const SOUTHERNMOST: f64 = -65.0;
/// Sine of the sun's height at first and last light: 1° before a flat panel, 8° behind a steep one.
const LIT_HEIGHT: f64 = 0.07;
/// How far the length of a day strays, min: clouds at its ends, trees, the grid of ten minutes.
const STRAY_MIN: f64 = 30.0;
/// One odd day counts at most this.
const MOST: f64 = 9.0;
/// What a day still counts a day later: about two months are remembered.
const KEEP: f64 = 0.985;
/// Another latitude must explain the days so much better.
const BETTER: f64 = 6.0;

/// Squared errors of each latitude.
#[derive(Debug, Clone)]
pub(super) struct Place {
    errors: [f64; LATITUDES],
    best: usize,
}

impl Place {
    pub(super) const fn new() -> Self {
        Self {
            errors: [0.0; LATITUDES],
            best: LATITUDES / 2,
        }
    }

    pub(super) fn save(&self, to: &mut Writer) {
        to.runs(self.errors.map(Some));
        to.whole(i64::try_from(self.best).unwrap_or(0));
    }

    pub(super) fn restore(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            errors: from.array(0.0..=1e6)?,
            best: usize::try_from(from.whole(0..=LATITUDES as i64 - 1)?).ok()?,
        })
    }

    /// Degrees north.
    pub(super) fn latitude(&self) -> f64 {
        degrees(self.best)
    }

    /// The light of a whole day; true when another latitude is believed now.
    pub(super) fn learn(&mut self, light: Light, day: i64, site: &Site) -> bool {
        for (index, error) in self.errors.iter_mut().enumerate() {
            let path = SunPath::new(&site.at_latitude(degrees(index)), day, 0.0);
            let off = (light.length_min - path.minutes_above(LIT_HEIGHT)) / STRAY_MIN;
            *error = KEEP * *error + (off * off).min(MOST);
        }
        let least = (0..LATITUDES).min_by(|a, b| self.errors[*a].total_cmp(&self.errors[*b]));
        let found = least.unwrap_or(self.best);
        if self.errors[found] + BETTER > self.errors[self.best] {
            return false;
        }
        self.best = found;
        true
    }
}

fn degrees(index: usize) -> f64 {
    SOUTHERNMOST + STEP * index as f64
}
