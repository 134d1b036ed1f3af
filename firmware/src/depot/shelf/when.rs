//! Days of the warehouse: when a self-test was made, and whether the clock that says so can be right; months. Pure.

use crate::selftest::code::Code;
use jiff::ToSpan as _;
use jiff::civil::Date;

/// A month of the warehouse, days.
pub(super) const MONTH_D: i64 = 30;
/// Clocks of a box and of a desk may differ by a day around the world.
const A_DAY_AHEAD: i32 = 1;

/// When it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// The box had no clock.
    Unknown,
    /// On a day that is to come: a clock is wrong, and nothing is known but that the test was made.
    Ahead(Date),
    /// On this day.
    On(Date),
}

impl When {
    /// Of a result that is looked at `today`.
    pub(super) fn of(code: &Code, today: Date) -> Self {
        let at = code.at.and_then(|at| jiff::Timestamp::from_second(at).ok());
        let Some(at) = at else {
            return Self::Unknown;
        };
        let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        match day > today.saturating_add(A_DAY_AHEAD.days()) {
            true => Self::Ahead(day),
            false => Self::On(day),
        }
    }

    /// The day, where it can be believed.
    pub(super) const fn day(self) -> Option<Date> {
        match self {
            Self::On(day) => Some(day),
            Self::Unknown | Self::Ahead(_) => None,
        }
    }
}

/// So many months after a day.
pub(super) fn months_on(day: Date, months: u16) -> Date {
    day.saturating_add((i64::from(months) * MONTH_D).days())
}
