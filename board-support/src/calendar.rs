//! Seconds since 1970 and the fields of a clock chip, by the proleptic Gregorian calendar; no time zones, no leap seconds.

const DAY: u64 = 86_400;
/// Days in 400 years.
const ERA: u64 = 146_097;
/// From the first of March of the year 0 to 1970.
const EPOCH: u64 = 719_468;

/// What a clock chip shows: 2000 to 2199.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) year: u16,
    /// 1 to 12.
    pub(crate) month: u8,
    /// 1 to 31.
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
}

impl Moment {
    /// Seconds since 1970; `None` where there is no such moment, as on the 30th of February.
    pub(crate) fn unix(self) -> Option<u64> {
        let in_day =
            u64::from(self.hour) * 3600 + u64::from(self.minute) * 60 + u64::from(self.second);
        let valid = (1970..=2199).contains(&self.year)
            && (1..=12).contains(&self.month)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60;
        let unix = valid.then(|| self.days().map(|days| days * DAY + in_day))??;
        // A day that the month does not have comes back as one of the next month.
        (Self::of_unix(unix) == Some(self)).then_some(unix)
    }

    /// Howard Hinnant's days from civil: years begin in March, so that the leap day is their last.
    fn days(self) -> Option<u64> {
        let (month, day) = (u64::from(self.month), u64::from(self.day));
        let year = u64::from(self.year) - u64::from(month <= 2);
        let (era, of_era) = (year / 400, year % 400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day.checked_sub(1)?;
        (era * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year).checked_sub(EPOCH)
    }

    /// The other way; `None` after 2199.
    pub(crate) fn of_unix(unix: u64) -> Option<Self> {
        let days = (unix / DAY).checked_add(EPOCH)?;
        let (era, of_era) = (days / ERA, days % ERA);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let march_month = (5 * of_year + 2) / 153;
        let month = if march_month < 10 {
            march_month + 3
        } else {
            march_month - 9
        };
        let year = year + era * 400 + u64::from(month <= 2);
        let small = |n: u64| u8::try_from(n).ok();
        Some(Self {
            year: u16::try_from(year).ok().filter(|year| *year <= 2199)?,
            month: small(month)?,
            day: small(of_year - (153 * march_month + 2) / 5 + 1)?,
            hour: small(unix % DAY / 3600)?,
            minute: small(unix % 3600 / 60)?,
            second: small(unix % 60)?,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Moment {
        Moment {
            year,
            month,
            day,
            hour,
            minute,
            second,
        }
    }

    #[test]
    fn moments_that_others_computed() {
        let table = [
            (at(1970, 1, 1, 0, 0, 0), 0),
            (at(2000, 1, 1, 0, 0, 0), 946_684_800),
            (at(2000, 2, 29, 23, 59, 59), 951_868_799),
            (at(2026, 3, 2, 7, 0, 0), 1_772_434_800),
            (at(2100, 3, 1, 0, 0, 0), 4_107_542_400),
            (at(2199, 12, 31, 23, 59, 59), 7_258_118_399),
        ];
        for (moment, unix) in table {
            assert_eq!(moment.unix(), Some(unix));
            assert_eq!(Moment::of_unix(unix), Some(moment));
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for moment in [
            at(2026, 2, 29, 0, 0, 0),
            at(2100, 2, 29, 0, 0, 0),
            at(2026, 4, 31, 0, 0, 0),
            at(2026, 13, 1, 0, 0, 0),
            at(2026, 0, 1, 0, 0, 0),
            at(2026, 1, 0, 0, 0, 0),
            at(2026, 1, 1, 24, 0, 0),
            at(2026, 1, 1, 0, 60, 0),
            at(2026, 1, 1, 0, 0, 60),
            at(2200, 1, 1, 0, 0, 0),
        ] {
            assert_eq!(moment.unix(), None, "{moment:?}");
        }
        assert_eq!(Moment::of_unix(7_258_118_400), None);
        assert_eq!(Moment::of_unix(u64::MAX), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn there_and_back(unix in 0_u64..7_258_118_400) {
            prop_assert_eq!(Moment::of_unix(unix).unwrap().unix(), Some(unix));
        }
    }
}
