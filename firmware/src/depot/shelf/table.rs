//! The store for people: what matters first, in sentences; then a line for each box, 80 columns wide.

use super::Found;
use super::duties::{Duty, Told, What};
use crate::selftest::page::wrapped;
use jiff::civil::Date;

const WIDTH: usize = 79;
/// Where the reason begins.
const INDENT: usize = 36;

/// The page; `all`: every box, and what is left in its battery.
pub(super) fn page(found: &Found, all: bool) -> String {
    let mut page = sentences(found);
    let due: Vec<(&Told, &Duty)> = found
        .boxes
        .iter()
        .flat_map(|told| told.duties.iter().map(move |duty| (told, duty)))
        .filter(|(_, duty)| duty.on <= found.horizon())
        .collect();
    if !due.is_empty() {
        page += &format!("\n{:<16} {:<10} {:<7} why\n", "serial", "due", "what");
    }
    let mut due = due;
    due.sort_by(|(a, one), (b, other)| {
        (one.on, one.what, &a.serial).cmp(&(other.on, other.what, &b.serial))
    });
    for (told, duty) in due {
        page += &line(told, duty, found.today);
    }
    if all {
        page += &every(found);
    }
    page
}

impl Found {
    /// As far as is looked ahead.
    fn horizon(&self) -> Date {
        let days = jiff::Span::new().days(i64::from(self.months) * 30);
        self.today.saturating_add(days)
    }

    fn due_now(&self, what: Option<What>) -> impl Iterator<Item = &Told> {
        let is_due =
            move |duty: &Duty| duty.on <= self.today && what.is_none_or(|what| duty.what == what);
        self.boxes
            .iter()
            .filter(move |told| told.duties.iter().any(is_due))
    }
}

fn sentences(found: &Found) -> String {
    let boxes = found.boxes.len();
    let count = |what| found.due_now(what).count();
    let (due, noun) = (count(None), if boxes == 1 { "box" } else { "boxes" });
    let verb = if due == 1 { "is" } else { "are" };
    let kinds: Vec<String> = [
        (What::Check, "a check"),
        (What::Charge, "a charge"),
        (What::Update, "an update"),
    ]
    .into_iter()
    .filter_map(|(what, name)| match count(Some(what)) {
        0 => None,
        count => Some(format!("{count} {name}")),
    })
    .collect();
    let mut page = match due {
        0 => format!("None of {boxes} {noun} is due on {}.\n", found.today),
        _ => format!(
            "{due} of {boxes} {noun} {verb} due: {}.\n",
            kinds.join(", ")
        ),
    };
    let next = found.boxes.iter().flat_map(|told| {
        let later = told.duties.iter().filter(|duty| duty.on > found.today);
        later.map(|duty| (duty.on, duty.what, told.serial.as_str()))
    });
    if let Some((on, what, serial)) = next.min() {
        page += &format!("Next: {serial} on {on}, {}.\n", what.as_str());
    }
    page += &batteries(found);
    page
}

fn batteries(found: &Found) -> String {
    let known: Vec<f64> = found
        .boxes
        .iter()
        .filter_map(|told| told.charge_then_percent)
        .collect();
    if known.is_empty() {
        return String::new();
    }
    let within = |from: f64, to: f64| {
        let such = known.iter().filter(|left| (from..to).contains(*left));
        such.count()
    };
    let unknown = found.boxes.len() - known.len();
    let month = if found.months == 1 { "month" } else { "months" };
    let mut line = format!(
        "In {} {month}: {} above 50 %, {} of 10 to 50 %, {} below 10 %",
        found.months,
        within(50.0, f64::INFINITY),
        within(10.0, 50.0),
        within(0.0, 10.0)
    );
    if unknown > 0 {
        line += &format!(", {unknown} not known");
    }
    line + ".\n"
}

fn line(told: &Told, duty: &Duty, today: Date) -> String {
    let on = if duty.on <= today {
        "now".to_owned()
    } else {
        duty.on.to_string()
    };
    let head = format!(
        "{:<16} {on:<10} {:<7} ",
        short(&told.serial),
        duty.what.as_str()
    );
    let mut text = String::new();
    for (number, line) in wrapped(&duty.why, WIDTH - INDENT).iter().enumerate() {
        let head = if number == 0 { head.as_str() } else { "" };
        text += format!("{head:<INDENT$}{line}").trim_end();
        text.push('\n');
    }
    text
}

/// What tells long numbers apart stands at their end.
fn short(serial: &str) -> &str {
    let from = serial.char_indices().rev().nth(15).map_or(0, |(at, _)| at);
    serial.get(from..).unwrap_or(serial)
}

fn every(found: &Found) -> String {
    let then = format!("in {} m", found.months);
    let mut page = format!(
        "\n{:<16} {:<12} {:<10} {:>6} {then:>7}  profile\n",
        "serial", "system", "tested", "today"
    );
    let percent =
        |left: Option<f64>| left.map_or_else(|| "-".to_owned(), |left| format!("{left:.0} %"));
    let mut boxes: Vec<&Told> = found.boxes.iter().collect();
    boxes.sort_by(|one, other| one.serial.cmp(&other.serial));
    for told in boxes {
        let tested = told
            .tested
            .map_or_else(|| "never".to_owned(), |day| day.to_string());
        page += &format!(
            "{:<16} {:<12.12} {tested:<10} {:>6} {:>7}  {:.20}\n",
            short(&told.serial),
            told.system,
            percent(told.charge_today_percent),
            percent(told.charge_then_percent),
            told.profile
        );
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page of one box that is due the system `latest`.
    fn page_of(latest: &str) -> String {
        let today = jiff::civil::date(2026, 11, 29);
        let update = Duty {
            what: What::Update,
            on: today,
            why: format!("it has 2026.9, the newest is {latest}"),
        };
        let told = Told {
            serial: "SB-0006".to_owned(),
            profile: "philippines".to_owned(),
            system: "2026.9".to_owned(),
            tested: None,
            charge_today_percent: None,
            charge_then_percent: None,
            capacity_wh: 256.0,
            duties: vec![update],
            notice: None,
        };
        let found = Found {
            today,
            months: 6,
            boxes: vec![told],
            notices: Vec::new(),
        };
        page(&found, true)
    }

    #[test]
    fn a_long_version_is_broken_and_the_page_keeps_its_eighty_columns() {
        let long = "2026.11+".repeat(8);
        let page = page_of(&long);
        assert!(page.lines().all(|line| line.chars().count() < 80), "{page}");
        let joined: String = page.split_whitespace().collect();
        assert!(joined.contains(&long), "all of it is told: {page}");
        // Control: a short one stands in its sentence.
        let page = page_of("2026.11");
        let line = "SB-0006          now        update  it has 2026.9, the newest is 2026.11\n";
        assert!(page.contains(line), "{page}");
    }
}
