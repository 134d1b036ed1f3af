//! The drawing of the months: bars of lesson-hours, the bad year's whisker, the numbers beneath. To be printed on A4 across.
//!
//! Nothing is told by colour alone: what is lost is hatched, Minimal is dotted, and each number stands under its bar.

use super::report::{Report, Told};
use super::text::{hours, number, sentences};
use std::fmt::Write as _;

const WIDTH: f64 = 1120.0;
const HEIGHT: f64 = 800.0;
const LEFT: f64 = 140.0;
/// Of one month.
const COLUMN: f64 = 80.0;
const BAR: f64 = 50.0;
const TOP: f64 = 252.0;
const BOTTOM: f64 = 560.0;
/// Longest line of the head, letters.
const LETTERS: usize = 118;

const PAPER: &str = "#FBF7EF";
const INK: &str = "#1D2733";
const LEAF: &str = "#2E7D4F";

const STYLE: &str = "text{font-family:system-ui,'Noto Sans',sans-serif;font-size:18px;fill:#1D2733}\
    .h{font-size:26px;font-weight:700}.n{text-anchor:middle}.r{text-anchor:end}.s{fill:none;stroke:#1D2733;stroke-width:2}";

const HATCHES: &str = "<pattern id=\"lost\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
    <rect width=\"8\" height=\"8\" fill=\"#FBF7EF\"/><rect width=\"4\" height=\"8\" fill=\"#B3361B\"/></pattern>\
    <pattern id=\"few\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\"><rect width=\"8\" height=\"8\" fill=\"#F2A900\"/>\
    <circle cx=\"4\" cy=\"4\" r=\"1.6\" fill=\"#1D2733\"/></pattern>";

/// The drawing as one SVG file.
pub(super) fn svg(report: &Report) -> String {
    let mut out = String::new();
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"280mm\" height=\"200mm\" role=\"img\" \
         aria-labelledby=\"t d\" lang=\"en\">\n<title id=\"t\">Lesson-hours served and lost, month by month</title>\n<desc id=\"d\">{}</desc>\n\
         <style>{STYLE}</style>\n<defs>{HATCHES}</defs>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"{PAPER}\"/>\n",
        description(report)
    );
    head(&mut out, report);
    let most = report
        .months
        .iter()
        .map(|told| told.lesson_hours)
        .fold(1.0, f64::max);
    scale(&mut out, most);
    for (index, told) in report.months.iter().enumerate() {
        bar(&mut out, LEFT + COLUMN * index as f64, told, most);
    }
    rows(&mut out, report);
    foot(&mut out, report);
    out.push_str("</svg>\n");
    out
}

/// What the bars show, in words.
fn description(report: &Report) -> String {
    let mut words = sentences(report).join(" ");
    for told in &report.months {
        let _ = write!(
            words,
            " {}: {} of {} lesson-hours lost, {} in a bad year.",
            told.name,
            hours(told.lost_hours),
            hours(told.lesson_hours),
            hours(told.bad_lost_hours)
        );
    }
    escaped(&words)
}

fn head(out: &mut String, report: &Report) {
    let title = format!(
        "A school at {}, {}: {} W panel, {} Wh battery",
        report.latitude,
        report.longitude,
        number(report.kit.panel_w),
        number(report.kit.battery_wh)
    );
    text(out, 40.0, 50.0, "h", &title);
    let mut y = 84.0;
    for line in sentences(report)
        .iter()
        .flat_map(|sentence| lines(sentence))
    {
        text(out, 40.0, y, "", &line);
        y += 26.0;
    }
    key(out, TOP - 24.0);
}

/// What the fillings mean.
fn key(out: &mut String, y: f64) {
    for (x, fill, label) in [
        (LEFT, LEAF, "served"),
        (
            LEFT + 130.0,
            "url(#few)",
            "in Minimal: half of it counts as lost",
        ),
        (LEFT + 490.0, "url(#lost)", "box off"),
    ] {
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{}\" width=\"24\" height=\"18\" fill=\"{fill}\" stroke=\"{INK}\"/>",
            y - 15.0
        );
        text(out, x + 32.0, y, "", label);
    }
    let x = LEFT + 620.0;
    let _ = writeln!(
        out,
        "<path class=\"s\" d=\"M{x} {}h14m-7 0v18m-7 0h14\"/>",
        y - 15.0
    );
    text(out, x + 24.0, y, "", "lost in a bad year");
}

/// Lines across, with hours.
fn scale(out: &mut String, most: f64) {
    for part in 0..=4 {
        let value = most * f64::from(part) / 4.0;
        let y = level(value, most);
        let _ = writeln!(
            out,
            "<path d=\"M{} {y:.1}h{}\" stroke=\"{INK}\" stroke-opacity=\"0.25\"/>",
            LEFT - 8.0,
            12.0 * COLUMN
        );
        text(out, LEFT - 16.0, y + 6.0, "r", &format!("{value:.0} h"));
    }
}

fn level(value: f64, most: f64) -> f64 {
    BOTTOM - (BOTTOM - TOP) * (value / most).clamp(0.0, 1.0)
}

fn bar(out: &mut String, x: f64, told: &Told, most: f64) {
    let x = x + 0.5 * (COLUMN - BAR);
    let served = told.full_hours + told.eco_hours;
    let mut from = 0.0;
    for (height, fill) in [
        (served, LEAF),
        (told.minimal_hours, "url(#few)"),
        (told.off_hours, "url(#lost)"),
    ] {
        let (top, bottom) = (level(from + height, most), level(from, most));
        if bottom - top > 0.2 {
            let _ = writeln!(
                out,
                "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{BAR}\" height=\"{:.1}\" fill=\"{fill}\" stroke=\"{INK}\"/>",
                bottom - top
            );
        }
        from += height;
    }
    let (top, reach) = (
        level(told.lesson_hours, most),
        level(told.lesson_hours - told.bad_lost_hours, most),
    );
    if reach - top > 1.0 {
        let middle = x + 0.5 * BAR;
        let _ = writeln!(
            out,
            "<path d=\"M{0:.1} {top:.1}h16m-8 0V{reach:.1}m-8 0h16\" fill=\"none\" stroke=\"{PAPER}\" stroke-width=\"6\"/>\
             <path class=\"s\" d=\"M{0:.1} {top:.1}h16m-8 0V{reach:.1}m-8 0h16\"/>",
            middle - 8.0
        );
    }
}

/// The numbers beneath.
fn rows(out: &mut String, report: &Report) {
    type Value = fn(&Told) -> String;
    let share = |share: Option<f64>| {
        share.map_or_else(|| "-".to_owned(), |share| format!("{:.0}", 100.0 * share))
    };
    let always: [(&str, Value); 4] = [
        ("", |told| told.name.to_owned()),
        ("lost h", |told| hours(told.lost_hours)),
        ("bad year h", |told| hours(told.bad_lost_hours)),
        ("sun Wh/day", |told| format!("{:.0}", told.sun_wh_a_day)),
    ];
    let months =
        |value: &dyn Fn(&Told) -> String| report.months.iter().map(value).collect::<Vec<_>>();
    let mut rows: Vec<(&str, Vec<String>)> = always
        .iter()
        .map(|(label, value)| (*label, months(value)))
        .collect();
    if report.year.tablets_charged.is_some() {
        rows.push(("tablets %", months(&|told| share(told.tablets_charged))));
    }
    if report.year.films_shown.is_some() {
        rows.push(("films %", months(&|told| share(told.films_shown))));
    }
    for (index, (label, values)) in rows.iter().enumerate() {
        row(out, BOTTOM + 28.0 + 27.0 * index as f64, label, values);
    }
}

fn row(out: &mut String, y: f64, label: &str, values: &[String]) {
    text(out, LEFT - 16.0, y, "r", label);
    for (index, value) in values.iter().enumerate() {
        text(out, LEFT + COLUMN * (index as f64 + 0.5), y, "n", value);
    }
}

fn foot(out: &mut String, report: &Report) {
    let source = format!(
        "Sun: {}; 95 of 100 stations lie within {:.0} % of a year's sun. Bad: one year in ten is worse.",
        report.climate.source,
        100.0 * report.climate.year_error_95
    );
    let mut y = HEIGHT - 42.0;
    for line in lines(&source) {
        text(out, 40.0, y, "", &line);
        y += 24.0;
    }
}

fn text(out: &mut String, x: f64, y: f64, class: &str, words: &str) {
    let class = if class.is_empty() {
        String::new()
    } else {
        format!(" class=\"{class}\"")
    };
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\"{class}>{}</text>",
        escaped(words)
    );
}

fn lines(words: &str) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in words.split(' ') {
        if let Some(line) = lines.last_mut() {
            if line.is_empty() {
                line.push_str(word);
            } else if line.chars().count() + 1 + word.chars().count() <= LETTERS {
                line.push(' ');
                line.push_str(word);
            } else {
                lines.push(word.to_owned());
            }
        }
    }
    lines
}

fn escaped(words: &str) -> String {
    words
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
