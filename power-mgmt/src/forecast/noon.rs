//! Where the clock stands, from the panel's own days.
//!
//! The middle between first and last light is the sun's noon, whatever the clouds and whichever way
//! the panel looks. A clock that is hours off shows in it within days.

/// Days of which the median is taken.
const DAYS: usize = 7;
/// Trees and hills move the middle by less than this, min; below it the geometry stays as it is.
const DEAD_BAND_MIN: f64 = 40.0;

/// Errors of the clock against the sun, one a day.
#[derive(Debug, Clone)]
pub(super) struct Noon {
    errors: [f64; DAYS],
    days: usize,
    ahead_min: f64,
}

impl Noon {
    pub(super) const fn new() -> Self {
        Self {
            errors: [0.0; DAYS],
            days: 0,
            ahead_min: 0.0,
        }
    }

    /// What the clock is ahead of the sun, min.
    pub(super) const fn ahead_min(&self) -> f64 {
        self.ahead_min
    }

    /// A whole day, W for each ten minutes; `expected` is the minute of noon without correction.
    /// True when the correction has changed.
    pub(super) fn learn(&mut self, seen: &[f64], expected: f64) -> bool {
        let best = seen.iter().copied().fold(0.0, f64::max);
        if best <= 0.0 {
            return false;
        }
        let lit = |w: &f64| *w > 0.02 * best;
        let (Some(first), Some(last)) = (seen.iter().position(lit), seen.iter().rposition(lit))
        else {
            return false;
        };
        // Light over midnight, or around the clock, has no middle.
        if first == 0 || last + 1 == seen.len() {
            return false;
        }
        self.errors[self.days % DAYS] = 5.0 * (first + last + 1) as f64 - expected;
        self.days += 1;
        self.days >= DAYS && self.days.is_multiple_of(DAYS) && self.correct()
    }

    fn correct(&mut self) -> bool {
        let mut sorted = self.errors;
        sorted.sort_by(f64::total_cmp);
        let (median, spread) = (sorted[DAYS / 2], sorted[DAYS - 2] - sorted[1]);
        if spread > 60.0 || (median - self.ahead_min).abs() < DEAD_BAND_MIN {
            return false;
        }
        self.ahead_min = if median.abs() < DEAD_BAND_MIN {
            0.0
        } else {
            median
        };
        true
    }
}
