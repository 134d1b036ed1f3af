//! The cheapest panel and battery that keep school hours served.
//!
//! Every offer of the catalogue lives through all years by thresholds, which takes milliseconds. In the order of their price those that come
//! near enough then live through their bad year with the box's own planner: the first that keeps the rule is the cheapest.

use super::outcome::{Outcome, bad_rank, whole};
use super::prices::{Catalogue, Offer};
use super::study::{Kit, Lived, Study};
use power_mgmt::forecast::SiteError;
use serde::Serialize;

/// What the planner loses of what thresholds lose, until it is known of this school.
const RATIO: f64 = 0.8;
/// An offer is tried with the planner when so much less than foretold would keep the rule.
const HOPE: f64 = 0.75;
/// Offers tried with the planner, at most: each costs a year of planning.
const TRIES: usize = 6;
/// Rows of the table.
const ROWS: usize = 10;

/// An offer and what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Tried {
    /// The kit and its price.
    #[serde(flatten)]
    pub(super) offer: Offer,
    /// Share of the lesson-hours lost in its bad year, 0 to 1.
    pub(super) bad_year_lost: f64,
    /// Share of the lesson-hours in which the box gave all it has, 0 to 1.
    pub(super) full: f64,
    /// Share of the tablets' energy that was charged in that year, 0 to 1; 1 without tablets.
    pub(super) tablets: f64,
    /// Share of the films that were shown, 0 to 1; 1 without films.
    pub(super) films: f64,
    /// Whether the planner itself lived through it; else an estimate by thresholds.
    pub(super) planned: bool,
    /// Whether it keeps the rule.
    pub(super) keeps: bool,
}

/// What a catalogue has for a school.
#[derive(Debug, Clone)]
pub(super) struct Sizing {
    /// The cheapest that keeps the lessons; `None` where nothing in the catalogue does.
    pub(super) cheapest: Option<Tried>,
    /// The cheapest that keeps the lessons, and charges tablets and shows films on nine days of ten.
    pub(super) with_wishes: Option<Tried>,
    /// What else there is, the cheapest first.
    pub(super) table: Vec<Tried>,
}

/// Tablets and films count as served from here.
const WISHES_SERVED: f64 = 0.90;

struct Search<'a> {
    study: &'a Study,
    limit: f64,
    planner: bool,
    known: Vec<(Tried, usize)>,
    tries: usize,
    /// What the planner loses of what thresholds lose, as last seen.
    ratio: f64,
}

/// Looks through the catalogue. `limit` is the share of lesson-hours that a bad year may lose; without `planner` thresholds have the last word.
pub(super) fn search(
    study: &Study,
    catalogue: &Catalogue,
    limit: f64,
    planner: bool,
) -> Result<Sizing, SiteError> {
    let mut search = Search {
        study,
        limit,
        planner,
        known: by_thresholds(study, &catalogue.offers(), limit)?,
        tries: 0,
        ratio: RATIO,
    };
    let cheapest = search.first(|_| true)?;
    let with_wishes =
        search.first(|tried| tried.tablets >= WISHES_SERVED && tried.films >= WISHES_SERVED)?;
    Ok(Sizing {
        cheapest,
        with_wishes,
        table: search.table([cheapest, with_wishes]),
    })
}

/// Every offer, and which year is its bad one.
fn by_thresholds(
    study: &Study,
    offers: &[Offer],
    limit: f64,
) -> Result<Vec<(Tried, usize)>, SiteError> {
    let kits: Vec<Kit> = offers.iter().map(|offer| offer.kit).collect();
    let lives = study.quick(&kits)?;
    let known = offers.iter().zip(&lives).map(|(offer, years)| {
        let bad = bad_year(years);
        let lost = Outcome::of(years).bad_share();
        (tried(*offer, &years[bad], lost, limit, false), bad)
    });
    Ok(known.collect())
}

impl Search<'_> {
    /// The cheapest that keeps the rule and is `good`.
    fn first(&mut self, good: impl Fn(&Tried) -> bool) -> Result<Option<Tried>, SiteError> {
        for index in 0..self.known.len() {
            let quick = self.known[index].0;
            if self.planner
                && !quick.planned
                && self.is_near(&quick)
                && !self.is_beaten(&quick)
                && self.tries < TRIES
            {
                self.plan(index)?;
            }
            let tried = self.known[index].0;
            // Beyond the tries thresholds have the last word, but not on what is smaller than a kit that has failed.
            if tried.keeps && good(&tried) && (tried.planned || !self.is_beaten(&tried)) {
                return Ok(Some(tried));
            }
        }
        Ok(None)
    }

    fn is_near(&self, quick: &Tried) -> bool {
        HOPE * self.ratio * quick.bad_year_lost <= self.limit
    }

    /// A kit at least as large in both has failed with the planner.
    fn is_beaten(&self, quick: &Tried) -> bool {
        let kit = quick.offer.kit;
        self.known.iter().any(|(other, _)| {
            let larger = other.offer.kit.panel_w >= kit.panel_w
                && other.offer.kit.battery_wh >= kit.battery_wh;
            other.planned && !other.keeps && larger
        })
    }

    fn plan(&mut self, index: usize) -> Result<(), SiteError> {
        self.tries += 1;
        let (quick, bad) = self.known[index];
        let kit = quick.offer.kit;
        let what = format!("planner with {} W and {} Wh", kit.panel_w, kit.battery_wh);
        if let [year] = self.study.planned(&what, &[(kit, bad)])?.as_slice() {
            let lost = whole(year).lost_h() / whole(year).lessons_h.max(1e-9);
            if quick.bad_year_lost > 0.0 {
                self.ratio = (lost / quick.bad_year_lost).clamp(0.2, 1.2);
            }
            self.known[index].0 = tried(quick.offer, year, lost, self.limit, true);
        }
        Ok(())
    }

    /// What was tried with the planner and what is `chosen`, and for each battery the smallest panel that keeps the rule, while there is room.
    fn table(&self, chosen: [Option<Tried>; 2]) -> Vec<Tried> {
        let is_chosen = |tried: &Tried| chosen.iter().flatten().any(|one| one.offer == tried.offer);
        let matters = |tried: &Tried| tried.planned || is_chosen(tried);
        let mut room = ROWS.saturating_sub(
            self.known
                .iter()
                .filter(|(tried, _)| matters(tried))
                .count(),
        );
        let mut batteries: Vec<f64> = Vec::new();
        let mut fits = |tried: &Tried| {
            let battery = tried.offer.kit.battery_wh;
            // The cheapest first: the first of a battery that keeps the rule has its smallest panel.
            let first = tried.keeps && !batteries.contains(&battery);
            if first {
                batteries.push(battery);
            }
            let fits = first && room > 0 && !matters(tried);
            room -= usize::from(fits);
            fits
        };
        self.known
            .iter()
            .map(|(tried, _)| *tried)
            .filter(|tried| fits(tried) || matters(tried))
            .collect()
    }
}

fn tried(offer: Offer, year: &Lived, bad_year_lost: f64, limit: f64, planned: bool) -> Tried {
    let sum = whole(year);
    let share = |part: f64, of: f64| if of > 0.0 { (part / of).min(1.0) } else { 1.0 };
    Tried {
        offer,
        bad_year_lost,
        full: share(sum.full_h, sum.lessons_h),
        tablets: share(sum.tablets_wh, sum.tablets_wanted_wh),
        films: share(sum.films_h, sum.films_wanted_h),
        planned,
        keeps: bad_year_lost <= limit,
    }
}

/// Which year is the bad one of a kit.
fn bad_year(years: &[Lived]) -> usize {
    let mut order: Vec<(f64, f64, usize)> = years
        .iter()
        .enumerate()
        .map(|(index, year)| {
            let sum = whole(year);
            // Years that lose the same are told apart by their sun.
            (sum.lost_h(), -sum.sun_wh, index)
        })
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    order
        .get(bad_rank(order.len()))
        .map_or(0, |(_, _, index)| *index)
}
