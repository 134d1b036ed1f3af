//! The technician's page: the state of the box in plain ASCII, at most 80 by 24. The most important line is first.

mod radio;
mod update;

use crate::status::{Battery, BookedFilm, Power, Status};
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
    lines.extend(energy(status));
    lines.extend(air(status));
    lines.extend(stores(status));
    lines.extend(system(status));
    lines.push(String::new());
    let help = help(status);
    if help.is_empty() {
        lines.push("Nothing needs help.".to_owned());
    } else {
        lines.push("Needs help:".to_owned());
        lines.extend(help);
        if lines.len() > HEIGHT {
            lines.truncate(HEIGHT - 1);
            lines.push("- and more: see the page of the box's state".to_owned());
        }
    }
    fit(&lines)
}

/// Battery, sensor, power, and what is known of the day.
#[must_use]
pub(crate) fn energy(status: &Status) -> Vec<String> {
    let mut lines = vec![
        format!("Battery   {}", battery(&status.battery)),
        format!("Sensor    {}", sensor(&status.battery)),
        format!("Power     {}", power(&status.power)),
    ];
    lines.extend(day(status));
    lines
}

/// The access point, and what was done lately to heal it.
#[must_use]
pub(crate) fn air(status: &Status) -> Vec<String> {
    let line = format!("Radio     {}", radio::line(&status.radio));
    let healing = radio::healing(&status.radio);
    [line].into_iter().chain(healing).collect()
}

/// Library, records, disk, memory.
#[must_use]
pub(crate) fn stores(status: &Status) -> Vec<String> {
    vec![
        format!(
            "Library   {} packs, {}",
            status.library.packs,
            bytes(status.library.bytes)
        ),
        format!("Records   {}", records(status)),
        format!("Disk      {}", disk(status)),
        format!("Memory    {}", memory(status)),
    ]
}

/// The system, the one that is coming, the board and its clock.
#[must_use]
pub(crate) fn system(status: &Status) -> Vec<String> {
    let mut lines = vec![format!("System    {}", update::system(status))];
    lines.extend(update::coming(&status.update));
    lines.push(format!("Board     {}", status.which_box()));
    lines.push(format!("Clock     {}", clock(status)));
    lines
}

/// What needs help and what to do, wrapped; empty when nothing does.
#[must_use]
pub(crate) fn help(status: &Status) -> Vec<String> {
    let reasons = status.degraded.iter();
    reasons.flat_map(|reason| wrapped(reason)).collect()
}

/// The state in one line.
#[must_use]
pub(crate) fn headline(status: &Status) -> String {
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

/// How many statements, and for whom they are sealed where anyone could open them.
#[must_use]
pub(crate) fn records(status: &Status) -> String {
    let statements = status.records.statements;
    let written = match status.records.last_write_age_s {
        Some(age) => format!("{statements} statements, last write {age} s ago"),
        None => format!("{statements} statements, no write yet"),
    };
    match status.records.sealed_for.as_str() {
        "demo" => format!("{written}; DEMO KEY: anyone can open what is exported"),
        _ => written,
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
mod tests;
