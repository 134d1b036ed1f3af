//! Local standard time as the timetable and the sun need it: a day and a minute.

use super::SLOTS;
use serde::{Deserialize, Serialize};

/// Local standard time: days since 1970-01-01 and the minute of the day.
///
/// It orders the sun and the timetable, nothing durable: a clock that is wrong costs a worse plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LocalTime {
    day: i64,
    minute: u16,
}

impl LocalTime {
    /// Days that a calendar of this crate can hold on each side of 1970: about 27,000 years.
    pub(crate) const MOST_DAYS: i64 = 10_000_000;

    /// `day` counts from 1970-01-01; `minute` is 0..=1439. `None` outside of that.
    #[must_use]
    pub const fn new(day: i64, minute: u16) -> Option<Self> {
        if minute < 1440 && day >= -Self::MOST_DAYS && day <= Self::MOST_DAYS {
            Some(Self { day, minute })
        } else {
            None
        }
    }

    /// From a date of the Gregorian calendar and a time of day; `None` when there is no such time.
    #[must_use]
    pub fn from_civil(year: i32, month: u8, date: u8, hour: u8, minute: u8) -> Option<Self> {
        if !(1..=12).contains(&month) || date == 0 || hour > 23 || minute > 59 {
            return None;
        }
        let day = days_from_civil(i64::from(year), i64::from(month), i64::from(date));
        let (_, back_month, back_date) = Self::civil_of(day);
        // The thirty-first of April comes back as the first of May.
        if back_month != i32::from(month) || back_date != i32::from(date) {
            return None;
        }
        Self::new(day, u16::from(hour) * 60 + u16::from(minute))
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn day(self) -> i64 {
        self.day
    }

    /// 0..=1439.
    #[must_use]
    pub const fn minute(self) -> u16 {
        self.minute
    }

    /// Monday is 0.
    #[must_use]
    pub const fn weekday(self) -> u8 {
        weekday(self.day)
    }

    /// Which ten minutes of the day, 0..=143.
    #[must_use]
    pub fn slot(self) -> usize {
        (usize::from(self.minute) / 10).min(SLOTS - 1)
    }

    /// Ten-minute slots since 1970: to measure gaps.
    pub(crate) fn index(self) -> i64 {
        self.day * 144 + i64::from(self.minute / 10)
    }

    /// So many slots later, at the start of its slot; `None` beyond the calendar.
    pub(crate) fn later(self, slots: usize) -> Option<Self> {
        let index = self.slot() + slots;
        let day = self.day + i64::try_from(index / SLOTS).ok()?;
        Self::new(day, u16::try_from(index % SLOTS * 10).ok()?)
    }

    /// 1.0 on the first of January, near enough for the sun: leap years shift it by a day at most.
    pub(crate) fn day_of_year(day: i64) -> f64 {
        let (_, month, date) = Self::civil_of(day);
        let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
        let index = usize::try_from(month - 1).unwrap_or(0).min(11);
        f64::from(before[index] + date)
    }

    /// Year, month and date of a day (H. Hinnant, "chrono-compatible low-level date algorithms").
    fn civil_of(day: i64) -> (i64, i32, i32) {
        let z = day + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let date = doy - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + i64::from(month <= 2);
        (
            year,
            i32::try_from(month).unwrap_or(1),
            i32::try_from(date).unwrap_or(1),
        )
    }
}

/// Monday is 0; 1970-01-01 was a Thursday.
pub(crate) const fn weekday(day: i64) -> u8 {
    (day + 3).rem_euclid(7) as u8
}

fn days_from_civil(year: i64, month: i64, date: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let mp = if month > 2 { month - 3 } else { month + 9 };
    let doy = (153 * mp + 2) / 5 + date - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    era * 146_097 + doe - 719_468
}
