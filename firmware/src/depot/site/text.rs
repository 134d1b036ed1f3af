//! The report at a terminal of eighty columns, the most important line first.

use super::prices::{BATTERY_PER_WH, PANEL_PER_W};
use super::report::{Report, Told};
use super::sizing::Tried;
use crate::selftest::page::wrapped;
use std::fmt::Write as _;

/// Widest line, columns.
const COLUMNS: usize = 80;

/// The whole page.
pub(super) fn page(report: &Report) -> String {
    let mut page = String::new();
    for line in sentences(report) {
        page.push_str(&paragraph(&line));
        page.push('\n');
    }
    page.push_str(&months(report));
    page.push('\n');
    page.push_str(&sizes(report));
    page.push('\n');
    for line in notes(report) {
        page.push_str(&paragraph(&line));
    }
    page.truncate(page.trim_end().len());
    page
}

/// What one must know: of the kit asked about, and of the one to buy.
pub(super) fn sentences(report: &Report) -> Vec<String> {
    let (kit, year) = (report.kit, &report.year);
    let share = |lost: f64| percent(lost / year.lesson_hours.max(1e-9));
    let mut lines = vec![format!(
        "With a {} W panel and a {} Wh battery this school loses {} of its {} lesson-hours in a usual year ({}), {} in a bad one ({}).",
        number(kit.panel_w),
        number(kit.battery_wh),
        hours(year.lost_hours),
        hours(year.lesson_hours),
        share(year.lost_hours),
        hours(year.bad_lost_hours),
        share(year.bad_lost_hours),
    )];
    let sizes = &report.sizes;
    let rule = format!(
        "{} of lesson-hours even in a bad year",
        percent(sizes.served)
    );
    lines.push(match &sizes.cheapest {
        Some(cheapest) => format!("Cheapest that serves {rule}: {}.", offer(cheapest, &sizes.currency)),
        None => format!("Nothing in the price list serves {rule}: give larger panels or batteries with --prices, or a lower --served."),
    });
    lines.extend(of_wishes(report));
    lines
}

/// What tablets and films need beside the lessons; `None` where none are wanted.
fn of_wishes(report: &Report) -> Option<String> {
    let sizes = &report.sizes;
    report.year.tablets_charged.or(report.year.films_shown)?;
    let cheapest = sizes.cheapest.as_ref()?;
    Some(match &sizes.with_tablets_and_films {
        Some(all) if all == cheapest => "It also charges the tablets and shows the films, nine times of ten.".to_owned(),
        Some(all) => format!("For tablets and films too, nine times of ten: {}.", offer(all, &sizes.currency)),
        None => "Nothing in the price list also charges the tablets and shows the films nine times of ten.".to_owned(),
    })
}

fn offer(tried: &Tried, currency: &str) -> String {
    let kit = tried.offer.kit;
    format!(
        "{} W panel, {} Wh battery, {:.0} {currency}",
        number(kit.panel_w),
        number(kit.battery_wh),
        tried.offer.price
    )
}

fn months(report: &Report) -> String {
    let mut table = String::new();
    let _ = writeln!(
        table,
        "       Lesson-hours            Of the lessons, %        Charged  Shown   Sun"
    );
    let _ = writeln!(
        table,
        "        all   lost  in a bad   in   in   in  with-     tablets  films  Wh a"
    );
    let _ = writeln!(
        table,
        "          h      h    year h Full  Eco  Min.   out           %      %   day"
    );
    for told in report.months.iter().chain([&report.year]) {
        let _ = writeln!(table, "{}", row(told));
    }
    table
}

fn row(told: &Told) -> String {
    let part = |h: f64| format!("{:.0}", 100.0 * h / told.lesson_hours.max(1e-9));
    let share =
        |share: Option<f64>| share.map_or_else(|| "-".to_owned(), |s| format!("{:.0}", 100.0 * s));
    format!(
        "{:<5} {:>5.0} {:>6.1} {:>9.1} {:>4} {:>4} {:>5} {:>5} {:>11} {:>6} {:>5.0}",
        told.name,
        told.lesson_hours,
        told.lost_hours,
        told.bad_lost_hours,
        part(told.full_hours),
        part(told.eco_hours),
        part(told.minimal_hours),
        part(told.off_hours),
        share(told.tablets_charged),
        share(told.films_shown),
        told.sun_wh_a_day,
    )
}

fn sizes(report: &Report) -> String {
    let sizes = &report.sizes;
    let mut table = String::new();
    let _ = writeln!(
        table,
        "  Panel  Battery     Price   Lost in a  In Full  Tablets  Films  Serves"
    );
    let _ = writeln!(
        table,
        "      W       Wh  {:>8}  bad year %        %        %      %  {}",
        sizes.currency,
        percent(sizes.served)
    );
    for tried in &sizes.looked_at {
        let about = if tried.planned { "" } else { "~" };
        let lost = format!("{about}{:.1}", 100.0 * tried.bad_year_lost);
        let _ = writeln!(
            table,
            "{:>7} {:>8}  {:>8.0}  {lost:>10}  {:>7.0}  {:>7.0}  {:>5.0}  {}",
            number(tried.offer.kit.panel_w),
            number(tried.offer.kit.battery_wh),
            tried.offer.price,
            100.0 * tried.full,
            100.0 * tried.tablets,
            100.0 * tried.films,
            if tried.keeps { "yes" } else { "no" },
        );
    }
    table
}

fn notes(report: &Report) -> Vec<String> {
    let climate = &report.climate;
    let mut notes = vec![
        format!(
            "Lost: the box is off, or in Minimal, which counts half. Bad: one year in ten is worse. {} of weather, {}.",
            if report.years == 1 {
                "1 year".to_owned()
            } else {
                format!("{} years", report.years)
            },
            if report.decided_by == "planner" {
                "the box's own planner decides; ~ is an estimate by thresholds"
            } else {
                "decided by thresholds, which lose more than the box's planner"
            }
        ),
        format!(
            "Sun: {}; 95 of 100 stations lie within {:.2} of a month's clearness index and {} of a year's sun. That error is in the bad year.",
            climate.source,
            climate.month_error_95,
            percent(climate.year_error_95)
        ),
    ];
    notes.extend(remarks(report));
    notes
}

/// What does not hold everywhere.
fn remarks(report: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    let below = report.year.days_below_reserve;
    if below > 0.05 {
        notes.push(format!(
            "On {below:.1} days a year the battery falls below its reserve of 10 %."
        ));
    }
    if let Some(km) = report.climate.borrowed_km {
        notes.push(format!(
            "The climate is that of the nearest land in the table, {km:.0} km away."
        ));
    }
    if report.sizes.prices_assumed {
        notes.push(format!(
            "Prices are assumed: {PANEL_PER_W} {currency}/W and {BATTERY_PER_WH} {currency}/Wh, without freight; give yours with --prices, --panel-price, --battery-price.",
            currency = report.sizes.currency,
        ));
    }
    notes
}

/// A number without needless digits.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

pub(super) fn hours(value: f64) -> String {
    if value < 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

pub(super) fn percent(share: f64) -> String {
    format!("{} %", number(100.0 * share))
}

/// Lines of at most eighty columns, each ended.
fn paragraph(text: &str) -> String {
    wrapped(text, COLUMNS).join("\n") + "\n"
}
