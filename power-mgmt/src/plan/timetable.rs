//! The week: what an hour of service is worth at each time of each day.

use crate::bytes::{Reader, Writer};
use crate::forecast::{LocalTime, SLOTS, Site, weekday};

/// What service is worth at a time, 0 (nobody is there) to 1 (lessons).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Worth(f64);

impl Worth {
    /// Nobody is there.
    pub const NONE: Self = Self(0.0);
    /// Lessons.
    pub const LESSONS: Self = Self(1.0);

    /// Clamped into 0..=1; `None` when not finite.
    #[must_use]
    pub fn new(worth: f64) -> Option<Self> {
        worth.is_finite().then(|| Self(worth.clamp(0.0, 1.0)))
    }

    /// 0..=1.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// A school's week: what service is worth in each ten minutes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Week([[Worth; SLOTS]; 7]);

impl Week {
    /// From the worth at each ten minutes; the first day is Monday, the first slot begins at midnight.
    #[must_use]
    pub const fn new(slots: [[Worth; SLOTS]; 7]) -> Self {
        Self(slots)
    }

    /// The usual one: lessons 07 to 17 on school days, evening class 18 to 21.
    #[must_use]
    pub fn usual(site: &Site) -> Self {
        Self(core::array::from_fn(|day| {
            let weekend = u8::try_from(day).is_ok_and(|day| site.is_weekend(day));
            core::array::from_fn(|slot| Worth(usual(weekend, slot / 6)))
        }))
    }

    /// What service is worth at `time`.
    #[must_use]
    pub fn worth(&self, time: LocalTime) -> Worth {
        self.0[usize::from(time.weekday()) % 7][time.slot()]
    }
}

/// Learned worth of service for each ten minutes of the week.
///
/// It starts from a given week and takes every time of the week as it was last seen.
#[derive(Debug, Clone)]
pub(super) struct Timetable {
    week: [[f64; SLOTS]; 7],
}

impl Timetable {
    pub(super) fn new(week: &Week) -> Self {
        Self {
            week: week.0.map(|day| day.map(Worth::get)),
        }
    }

    pub(super) fn save(&self, to: &mut Writer) {
        to.runs(self.week.as_flattened().iter().map(|worth| Some(*worth)));
    }

    pub(super) fn restore(from: &mut Reader<'_>) -> Option<Self> {
        let all: [f64; 7 * SLOTS] = from.array(0.0..=1.0)?;
        let mut week = [[0.0; SLOTS]; 7];
        week.as_flattened_mut().copy_from_slice(&all);
        Some(Self { week })
    }

    pub(super) fn learn(&mut self, time: LocalTime, worth: Worth) {
        self.week[usize::from(time.weekday()) % 7][time.slot()] = worth.get();
    }

    pub(super) fn day(&self, day: i64) -> &[f64; SLOTS] {
        &self.week[usize::from(weekday(day)) % 7]
    }
}

const fn usual(weekend: bool, hour: usize) -> f64 {
    match hour {
        7..=16 if weekend => 0.2,
        7..=16 => 1.0,
        18..=20 => 0.5,
        _ => 0.05,
    }
}
