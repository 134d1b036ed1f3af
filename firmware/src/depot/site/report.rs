//! What `depot site` has found, as one value: told as text, JSON and a drawing.

use super::climate::{Climate, MONTH_ERROR_95, SOURCE, YEAR_ERROR_95_SHARE};
use super::life::Month;
use super::outcome::Outcome;
use super::prices::Catalogue;
use super::sizing::{Sizing, Tried};
use super::study::{Kit, Position};
use serde::Serialize;

/// Everything that is told. Energy in Wh, power in W, time in h; shares are 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Report {
    /// The place.
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    pub(super) utc_offset_hours: f64,
    pub(super) climate: Source,
    /// What was asked about.
    pub(super) kit: Kit,
    /// Years of weather that were lived through.
    pub(super) years: usize,
    /// `planner` or `thresholds`: who decided in them.
    pub(super) decided_by: &'static str,
    pub(super) months: Vec<Told>,
    pub(super) year: Told,
    pub(super) sizes: Sizes,
}

/// Where the sun is from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Source {
    pub(super) source: &'static str,
    /// Clearness index of each month: light on level ground over light above the air.
    pub(super) clearness: [f64; 12],
    /// 95 of 100 stations lie within this of a month's index.
    pub(super) month_error_95: f64,
    /// … and within this share of a year's sun.
    pub(super) year_error_95: f64,
    /// How far away the table's nearest land is, where the place has none, km.
    pub(super) borrowed_km: Option<f64>,
}

/// A month, or the year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Told {
    pub(super) name: &'static str,
    pub(super) lesson_hours: f64,
    /// Without the box, and half of those in which it serves few at a time; mean of the years.
    pub(super) lost_hours: f64,
    /// The same in a bad one: one in ten is worse.
    pub(super) bad_lost_hours: f64,
    pub(super) full_hours: f64,
    pub(super) eco_hours: f64,
    pub(super) minimal_hours: f64,
    pub(super) off_hours: f64,
    /// `null` where none were wanted.
    pub(super) tablets_charged: Option<f64>,
    pub(super) films_shown: Option<f64>,
    pub(super) days_below_reserve: f64,
    pub(super) sun_wh_a_day: f64,
}

/// What could be bought.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Sizes {
    pub(super) currency: String,
    /// The built-in prices, which somebody assumed.
    pub(super) prices_assumed: bool,
    /// Share of the lesson-hours that the bad year must serve.
    pub(super) served: f64,
    pub(super) cheapest: Option<Tried>,
    pub(super) with_tablets_and_films: Option<Tried>,
    pub(super) looked_at: Vec<Tried>,
}

pub(super) const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// How it was asked.
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub(super) position: Position,
    pub(super) kit: Kit,
    pub(super) climate: &'a Climate,
    pub(super) catalogue: &'a Catalogue,
    pub(super) served: f64,
    pub(super) years: usize,
    pub(super) planner: bool,
}

impl Report {
    pub(super) fn new(asked: &Question<'_>, outcome: &Outcome, sizing: Sizing) -> Self {
        let months = outcome.months.iter().enumerate().map(|(index, month)| {
            let days = super::weather::MONTH_DAYS[index] as f64;
            Told::new(MONTHS[index], month, outcome.bad_months_lost_h[index], days)
        });
        Self {
            latitude: asked.position.latitude,
            longitude: asked.position.longitude,
            utc_offset_hours: asked.position.utc_offset_hours,
            climate: Source {
                source: SOURCE,
                clearness: asked.climate.clearness.map(|k| round(k, 1000.0)),
                month_error_95: MONTH_ERROR_95,
                year_error_95: YEAR_ERROR_95_SHARE,
                borrowed_km: asked.climate.borrowed_km.map(|km| round(km, 1.0)),
            },
            kit: asked.kit,
            years: asked.years,
            decided_by: if asked.planner {
                "planner"
            } else {
                "thresholds"
            },
            months: months.collect(),
            year: Told::new("Year", &outcome.year, outcome.bad_year_lost_h, 365.0),
            sizes: Sizes {
                currency: asked.catalogue.currency.clone(),
                prices_assumed: asked.catalogue.assumed,
                served: asked.served,
                cheapest: sizing.cheapest,
                with_tablets_and_films: sizing.with_wishes,
                looked_at: sizing.table,
            },
        }
    }
}

impl Told {
    fn new(name: &'static str, month: &Month, bad_lost_h: f64, days: f64) -> Self {
        let share = |part: f64, of: f64| (of > 0.0).then(|| round((part / of).min(1.0), 1000.0));
        let hours = |h: f64| round(h, 100.0);
        Self {
            name,
            lesson_hours: hours(month.lessons_h),
            lost_hours: hours(month.lost_h()),
            bad_lost_hours: hours(bad_lost_h),
            full_hours: hours(month.full_h),
            eco_hours: hours(month.eco_h),
            minimal_hours: hours(month.minimal_h),
            off_hours: hours(month.off_h),
            tablets_charged: share(month.tablets_wh, month.tablets_wanted_wh),
            films_shown: share(month.films_h, month.films_wanted_h),
            days_below_reserve: hours(month.reserve_days),
            sun_wh_a_day: round(month.sun_wh / days, 1.0),
        }
    }
}

/// To `parts` of one.
fn round(value: f64, parts: f64) -> f64 {
    // What is nothing has no sign.
    (value * parts).round() / parts + 0.0
}
