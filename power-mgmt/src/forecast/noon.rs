//! Where the clock stands, from the panel's own days.
//!
//! The middle between first and last light is the sun's noon, whatever the clouds and whichever way
//! the panel looks. A clock that is hours off, even twelve, shows in it within a week.

use super::SLOTS;
use crate::bytes::{Reader, Writer};

/// Days of which the median is taken.
const DAYS: usize = 7;
/// Trees and hills move the middle by less than this, min; below it the geometry stays as it is.
const DEAD_BAND_MIN: f64 = 40.0;
/// Share of the day's best power from which on it is light.
const LIT: f64 = 0.02;
/// A day without an hour of darkness has no middle, slots.
const LEAST_NIGHT: usize = 6;
/// Minutes of a day.
const DAY_MIN: f64 = 1440.0;

/// From first to last light of a day; it may lie over midnight of a wrong clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Light {
    /// Minute of its middle, 0..1440.
    pub(super) middle_min: f64,
    pub(super) length_min: f64,
}

impl Light {
    /// The whole circle of the day but its longest darkness; `None` when it is never or always light.
    pub(super) fn of(seen: &[f64; SLOTS]) -> Option<Self> {
        let best = seen.iter().copied().fold(0.0, f64::max);
        let lit = |slot: usize| seen[slot % SLOTS] > LIT * best;
        let first_lit = (0..SLOTS).find(|slot| best > 0.0 && lit(*slot))?;
        let (mut longest, mut dark, mut dawn) = (0, 0, first_lit);
        for slot in first_lit + 1..=first_lit + SLOTS {
            if lit(slot) {
                if dark > longest {
                    (longest, dawn) = (dark, slot);
                }
                dark = 0;
            } else {
                dark += 1;
            }
        }
        let length_min = 10.0 * (SLOTS - longest) as f64;
        let middle_min = (10.0 * dawn as f64 + 0.5 * length_min) % DAY_MIN;
        (longest >= LEAST_NIGHT).then_some(Self {
            middle_min,
            length_min,
        })
    }
}

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

    pub(super) fn save(&self, to: &mut Writer) {
        to.runs(self.errors.map(Some));
        to.whole(i64::try_from(self.days).unwrap_or(0));
        to.number(self.ahead_min);
    }

    pub(super) fn restore(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            errors: from.array(-DAY_MIN..=DAY_MIN)?,
            days: usize::try_from(from.whole(0..=1_000_000)?).ok()?,
            ahead_min: from.number(-DAY_MIN..=DAY_MIN)?,
        })
    }

    /// What the clock is ahead of the sun, min, half a day at most.
    pub(super) const fn ahead_min(&self) -> f64 {
        self.ahead_min
    }

    /// A whole day; `expected` is the minute of noon without correction. True when the correction
    /// has changed.
    pub(super) fn learn(&mut self, light: Light, expected: f64) -> bool {
        self.errors[self.days % DAYS] = wrapped(light.middle_min - expected);
        self.days += 1;
        self.days.is_multiple_of(DAYS) && self.correct()
    }

    fn correct(&mut self) -> bool {
        // About one of them: half a day ahead and half a day behind are neighbours.
        let about = self.errors[0];
        let mut sorted = self.errors.map(|error| wrapped(error - about));
        sorted.sort_by(f64::total_cmp);
        let (median, spread) = (
            wrapped(about + sorted[DAYS / 2]),
            sorted[DAYS - 2] - sorted[1],
        );
        if spread > 60.0 || wrapped(median - self.ahead_min).abs() < DEAD_BAND_MIN {
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

/// Minutes on the circle of the day, -720 to 720.
fn wrapped(minutes: f64) -> f64 {
    minutes - DAY_MIN * libm::round(minutes / DAY_MIN)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn lit(slots: &[usize]) -> [f64; SLOTS] {
        core::array::from_fn(|slot| if slots.contains(&slot) { 10.0 } else { 0.0 })
    }

    #[test]
    fn light_has_a_middle_also_over_midnight() {
        let day: alloc::vec::Vec<usize> = (36..108).collect();
        let light = Light::of(&lit(&day)).unwrap();
        assert_eq!((light.middle_min, light.length_min), (720.0, 720.0));
        let night: alloc::vec::Vec<usize> = (0..36).chain(108..SLOTS).collect();
        let light = Light::of(&lit(&night)).unwrap();
        assert_eq!((light.middle_min, light.length_min), (0.0, 720.0));
        // A storm at noon is no night.
        let stormy: alloc::vec::Vec<usize> = (36..60).chain(80..108).collect();
        assert_eq!(Light::of(&lit(&stormy)).unwrap().middle_min, 720.0);
        assert_eq!(Light::of(&[0.0; SLOTS]), None);
        assert_eq!(Light::of(&[3.0; SLOTS]), None);
    }

    #[test]
    fn every_error_of_the_clock_is_found() {
        for ahead in (-720..720).step_by(90) {
            let mut noon = Noon::new();
            let mut changed = false;
            for day in 0..DAYS {
                let jitter = if day % 2 == 0 { 12.0 } else { -12.0 };
                let light = Light {
                    middle_min: (720.0 + f64::from(ahead) + jitter).rem_euclid(DAY_MIN),
                    length_min: 700.0,
                };
                changed |= noon.learn(light, 720.0);
            }
            assert_eq!(changed, ahead != 0, "{ahead}");
            let left = wrapped(noon.ahead_min() - f64::from(ahead));
            assert!(left.abs() < 20.0, "{ahead}: {}", noon.ahead_min());
        }
    }
}
