//! The technician's page: the state of the box in plain ASCII, at most 80 by 24. The most important line is first.

use crate::status::{Battery, BookedFilm, Power, RadioState, Status};
use power_mgmt::ChargeStatus;
use std::fmt::Write;

/// Columns of a serial terminal.
pub const WIDTH: usize = 80;
/// Lines of a serial terminal.
pub const HEIGHT: usize = 24;

/// The page that tells `status`.
#[must_use]
pub fn page(status: &Status) -> String {
    let mut lines = vec![headline(status), String::new()];
    lines.extend([
        format!("Battery   {}", battery(&status.battery)),
        format!("Sensor    {}", sensor(&status.battery)),
        format!("Power     {}", power(&status.power)),
    ]);
    lines.extend(day(status));
    lines.extend([
        format!("Radio     {}", radio(status)),
        format!(
            "Library   {} packs, {}",
            status.library.packs,
            bytes(status.library.bytes)
        ),
        format!("Records   {}", records(status)),
        format!("Disk      {}", disk(status)),
        format!("Memory    {}", memory(status)),
        format!(
            "System    {}, slot {}, update {}",
            status.version, status.update.slot, status.update.state
        ),
        format!("Board     {}", status.board),
        format!("Clock     {}", clock(status)),
        String::new(),
    ]);
    if status.degraded.is_empty() {
        lines.push("Nothing needs help.".to_owned());
    } else {
        lines.push("Needs help:".to_owned());
        lines.extend(status.degraded.iter().flat_map(|reason| wrapped(reason)));
        if lines.len() > HEIGHT {
            lines.truncate(HEIGHT - 1);
            lines.push("- and more: see the page of the box's state".to_owned());
        }
    }
    fit(&lines)
}

fn headline(status: &Status) -> String {
    let state = status.power.state;
    match (status.battery.charge_percent, status.power.minutes_left) {
        (Some(charge), _) if status.power.storage_check => {
            format!(
                "School box: STORAGE CHECK, {charge:.0} % left; it goes back to sleep by itself"
            )
        }
        (_, _) if status.battery.on_mains => format!("School box: power state {state}, on mains"),
        (Some(charge), Some(minutes)) => {
            format!(
                "School box: power state {state}, {charge:.0} % left, lasts {}",
                duration(minutes)
            )
        }
        (Some(charge), None) => format!("School box: power state {state}, {charge:.0} % left"),
        (None, _) => format!("School box: power state {state}, charge unknown"),
    }
}

fn battery(battery: &Battery) -> String {
    if battery.on_mains {
        return "none: this board stands on mains".to_owned();
    }
    let (Some(charge), Some([low, high])) = (battery.charge_percent, battery.charge_band_percent)
    else {
        return "charge unknown: no believable reading yet".to_owned();
    };
    let doing = match battery.status {
        ChargeStatus::Charging => ", charging",
        ChargeStatus::Discharging => ", discharging",
        ChargeStatus::Full => ", full",
        ChargeStatus::Idle => ", at rest",
        ChargeStatus::Unknown => "",
    };
    let holds = match (battery.capacity_ah, battery.health_percent) {
        (Some(holds), Some(health)) => format!(", holds {holds:.1} Ah ({health:.0} %)"),
        (_, _) => String::new(),
    };
    format!("{charge:.0} % ({low:.0} to {high:.0} %){doing}{holds}")
}

/// How long it lasts, what the sun gave, what is planned: the lines of which something is known.
fn day(status: &Status) -> Vec<String> {
    let power = &status.power;
    let doubt = status.battery.distrust.as_ref();
    let lines = [
        doubt.map(|doubt| {
            format!(
                "Distrust  the last sample: {}",
                doubt.sentence.replace('\u{b0}', "")
            )
        }),
        power
            .minutes_left
            .map(|left| format!("Lasts     {}", lasts(left, power.minutes_left_band))),
        power
            .plan
            .as_ref()
            .map(|plan| format!("Plan      {}", plan.text)),
        harvest(power).map(|harvest| format!("Harvest   {harvest}")),
        power
            .film
            .as_ref()
            .map(|film| format!("Film      {}", self::film(film))),
    ];
    lines.into_iter().flatten().collect()
}

fn lasts(left: u64, band: Option<[u64; 2]>) -> String {
    let left = duration(left);
    band.map_or_else(
        || left.clone(),
        |[low, high]| format!("{left} ({} to {})", duration(low), duration(high)),
    )
}

fn harvest(power: &Power) -> Option<String> {
    let today = power
        .harvest_today_wh
        .map(|energy| format!("{energy:.0} Wh today"));
    let expected = power
        .harvest_expected_wh
        .map(|[low, high]| format!("{low:.0} to {high:.0} Wh still expected"));
    let told: Vec<String> = today.into_iter().chain(expected).collect();
    (!told.is_empty()).then(|| told.join(", "))
}

fn film(film: &BookedFilm) -> String {
    let answer = match (film.answer.as_str(), &film.until) {
        ("until", Some(until)) => format!("only until {until}"),
        ("yes", _) => "it can be shown".to_owned(),
        (_, _) => "it cannot be shown".to_owned(),
    };
    format!("{} min at {}: {answer}", film.minutes, film.start)
}

fn sensor(battery: &Battery) -> String {
    let mut text = String::new();
    let fields = [
        (battery.voltage_v, 2, "V"),
        (battery.current_a, 2, "A"),
        (battery.temperature_c, 1, "C"),
        (battery.solar_w, 1, "W sun"),
    ];
    for (value, digits, unit) in fields {
        if let Some(value) = value {
            let _ = write!(text, "{value:.digits$} {unit}  ");
        }
    }
    match battery.sample_age_s {
        Some(age) if battery.stale => format!("SILENT for {}; last: {text}", duration(age / 60)),
        None if !battery.on_mains => "SILENT since the start".to_owned(),
        Some(_) | None => text.trim_end().to_owned(),
    }
}

fn power(power: &Power) -> String {
    let mut text = format!(
        "{} ({}), {} connections",
        power.state, power.reason, power.http_connections
    );
    if let Some(minutes) = power.minutes_to_full {
        let _ = write!(text, ", full in {}", duration(minutes));
    }
    text
}

fn radio(status: &Status) -> String {
    match status.radio.state {
        RadioState::Off => "off".to_owned(),
        RadioState::On => format!("on, {} clients", status.radio.clients),
    }
}

fn records(status: &Status) -> String {
    let statements = status.records.statements;
    match status.records.last_write_age_s {
        Some(age) => format!("{statements} statements, last write {age} s ago"),
        None => format!("{statements} statements, no write yet"),
    }
}

fn disk(status: &Status) -> String {
    let storage = &status.storage;
    format!(
        "{} free of {}, {} kept for records",
        bytes(storage.free_bytes),
        bytes(storage.total_bytes),
        bytes(storage.reserve_bytes)
    )
}

fn memory(status: &Status) -> String {
    let machine = &status.machine;
    format!(
        "{} free of {}",
        bytes(machine.memory_available_bytes),
        bytes(machine.memory_total_bytes)
    )
}

fn clock(status: &Status) -> String {
    let up = duration(status.uptime_s / 60);
    match &status.time {
        Some(time) => format!("{time}, up {up}"),
        None => format!("not trusted, up {up}"),
    }
}

/// Minutes as people say them.
#[must_use]
pub fn duration(minutes: u64) -> String {
    match minutes {
        0..60 => format!("{minutes} min"),
        60..2_880 => format!("{} h {:02} min", minutes / 60, minutes % 60),
        _ => format!("{} days", minutes / 1_440),
    }
}

/// Bytes in the unit of their size, decimal as on a card's label.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
    let value = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.0} kB", value / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", value / 1e6),
        _ => format!("{:.1} GB", value / 1e9),
    }
}

/// What is wrong and what to do, on as many lines as it takes: the remedy stands at the end.
fn wrapped(reason: &str) -> Vec<String> {
    let mut lines = vec!["-".to_owned()];
    for word in reason.split_whitespace() {
        let fits = |line: &String| line.chars().count() + 1 + word.chars().count() <= WIDTH;
        match lines.last_mut().filter(|line| fits(line)) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(format!("  {word}")),
        }
    }
    lines
}

/// Cut to the terminal; what is not ASCII becomes `?`.
fn fit(lines: &[String]) -> String {
    let mut page = String::new();
    for line in lines.iter().take(HEIGHT) {
        page.extend(line.trim_end().chars().take(WIDTH).map(|c| {
            if c.is_ascii_graphic() || c == ' ' {
                c
            } else {
                '?'
            }
        }));
        page.push('\n');
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::sample::{planned, sample, silent};
    use crate::status::{BookedFilm, Distrusted};

    /// A box that has everything to tell at once.
    fn busy() -> Status {
        let mut status = planned();
        (status.power.minutes_left, status.power.minutes_left_band) = (Some(320), Some([240, 400]));
        status.battery.distrust = Some(Distrusted {
            word: "temperature".to_owned(),
            sentence: "temperature outside -40 to 85 \u{b0}C".to_owned(),
        });
        status.power.film = Some(BookedFilm {
            start: "14:00".to_owned(),
            minutes: 90,
            projector_w: 60.0,
            answer: "until".to_owned(),
            until: Some("15:10".to_owned()),
        });
        status.degraded = vec!["the battery sensor is not believed".to_owned()];
        status
    }

    #[test]
    fn pages_fit_a_serial_terminal_and_tell_the_state() {
        for (name, status) in [
            ("sunny", sample()),
            ("silent", silent()),
            ("planned", busy()),
        ] {
            let page = page(&status);
            assert!(
                page.lines().count() <= HEIGHT && page.lines().all(|line| line.len() <= WIDTH),
                "{page}"
            );
            insta::assert_snapshot!(name, page);
        }
    }

    #[test]
    fn a_box_that_looks_itself_over_in_the_warehouse_says_so_first() {
        let mut status = sample();
        status.power.storage_check = true;
        let first = page(&status).lines().next().map(str::to_owned);
        let told = "School box: STORAGE CHECK, 62 % left; it goes back to sleep by itself";
        assert_eq!(first.as_deref(), Some(told));
    }

    #[test]
    fn a_long_reason_is_told_to_its_end() {
        let mut status = sample();
        let reason = "the data partition is missing: the box keeps nothing; use a card of 4 GB or more and write it anew";
        status.degraded = vec![reason.to_owned(), "short".to_owned()];
        let page = page(&status);
        let told: Vec<&str> = page
            .lines()
            .skip_while(|line| *line != "Needs help:")
            .collect();
        assert_eq!(
            told,
            [
                "Needs help:",
                "- the data partition is missing: the box keeps nothing; use a card of 4 GB or",
                "  more and write it anew",
                "- short"
            ]
        );
    }

    #[test]
    fn a_hundred_complaints_and_strange_letters_still_fit() {
        let mut status = sample();
        status.board = "Платa ".repeat(30);
        status.degraded = (0..100)
            .map(|i| format!("reason {i} {}", "x".repeat(200)))
            .collect();
        let page = page(&status);
        assert!(page.is_ascii() && page.ends_with("and more: see the page of the box's state\n"));
        assert!(
            page.lines().count() <= HEIGHT && page.lines().all(|line| line.len() <= WIDTH),
            "{page}"
        );
    }
}
