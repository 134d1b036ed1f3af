//! What the years of a kit come to: the usual year, and the bad one.

use super::life::Month;
use super::study::Lived;

/// One year in so many is worse than the bad one.
pub(super) const BAD_ONE_IN: usize = 10;

/// The years of one kit.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    /// Means over the years.
    pub(super) months: Lived,
    /// Lesson-hours lost in each month when it is bad.
    pub(super) bad_months_lost_h: [f64; 12],
    /// The whole mean year.
    pub(super) year: Month,
    /// Lesson-hours lost in the bad year.
    pub(super) bad_year_lost_h: f64,
}

impl Outcome {
    /// Of one year or more.
    pub(super) fn of(years: &[Lived]) -> Self {
        let count = years.len().max(1) as f64;
        let months = std::array::from_fn(|month| {
            let mut sum = Month::default();
            for year in years {
                sum.add(&year[month]);
            }
            sum.share(count)
        });
        let lost = |month: usize| years.iter().map(|year| year[month].lost_h()).collect();
        Self {
            year: whole(&months),
            months,
            bad_months_lost_h: std::array::from_fn(|month| bad(lost(month))),
            bad_year_lost_h: bad(years.iter().map(|year| whole(year).lost_h()).collect()),
        }
    }

    /// Share of the lesson-hours that the bad year loses, 0 to 1.
    pub(super) fn bad_share(&self) -> f64 {
        self.bad_year_lost_h / self.year.lessons_h.max(1e-9)
    }
}

/// Twelve months as one.
pub(super) fn whole(months: &Lived) -> Month {
    let mut sum = Month::default();
    for month in months {
        sum.add(month);
    }
    sum
}

/// Index of the bad year among so many that stand in the order of what they lose.
pub(super) const fn bad_rank(years: usize) -> usize {
    (years * (BAD_ONE_IN - 1))
        .div_ceil(BAD_ONE_IN)
        .saturating_sub(1)
}

fn bad(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    // One disaster in ten years moves the mean above the ninth of them: bad is never better than usual.
    values
        .get(bad_rank(values.len()))
        .map_or(0.0, |bad| bad.max(mean))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bad_year_leaves_one_in_ten_behind_it() {
        assert_eq!([1, 2, 3, 10, 20].map(bad_rank), [0, 1, 2, 8, 17]);
        let year = |off_h| {
            [Month {
                lessons_h: 100.0,
                off_h,
                ..Month::default()
            }; 12]
        };
        let years: Vec<Lived> = (0..10).map(|n| year(f64::from(n))).collect();
        let outcome = Outcome::of(&years);
        assert!((outcome.bad_months_lost_h[3] - 8.0).abs() < 1e-9);
        assert!((outcome.year.lost_h() - 54.0).abs() < 1e-9);
        assert!((outcome.bad_share() - 0.08).abs() < 1e-9);
    }
}
