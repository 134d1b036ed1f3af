//! The page of the box's state: sentences for a teacher, exact numbers for a technician on the phone.

use super::drawing::Drawing;
use super::energy::Energy;
use super::lessons::Lessons;
use super::system::System;
use super::{Frame, Reader, rendered};
use crate::outgoing::StickOut;
use crate::status::{Radio, RadioState, Status};
use crate::web::answer::Wishes;
use crate::web::origin::Origin;
use crate::web::texts::{Languages, Value, Words};
use askama::Template;
use power_mgmt::{ChargeStatus, PowerState};

/// A row of a table that reads as a sentence.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) value: String,
    /// A measured value: international digits and unit, left to right in every language.
    pub(crate) exact: bool,
}

/// Rows under one heading.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "state.html")]
struct StatePage<'a> {
    frame: Frame<'a>,
    headline: String,
    notices: Vec<String>,
    drawing: Drawing,
    sections: Vec<Section>,
    system: System,
    lessons: Option<Lessons>,
    degraded: Vec<String>,
    version: String,
}

/// Pure: the page as text.
pub(crate) fn html(reader: &Reader<'_>, status: &Status) -> String {
    let energy = Energy::of(status);
    let words = &reader.words;
    let mut notices = reader.notices(&energy);
    notices.extend(status.radio.open.then(|| words.text("state-open")));
    let sections = vec![
        section("state-battery", words, battery(status, words)),
        section("state-work", words, work(status, words)),
        section("state-radio", words, radio(&status.radio, words)),
        section("state-store", words, store(status, words)),
    ];
    rendered(&StatePage {
        headline: energy.headline(words),
        notices,
        drawing: Drawing::of(&energy),
        sections,
        system: System::of(&status.update, words),
        lessons: Lessons::of(&status.update, words),
        degraded: status.degraded.clone(),
        version: format!("{} · {}", status.which_box(), status.version),
        frame: Frame::new(reader, "/status"),
    })
}

/// The page of any state, for a reader of the language `tag`: to look at what a box seldom shows. The box itself answers requests.
#[must_use]
pub fn of_any(languages: &Languages, tag: &str, status: &Status) -> String {
    let reader = Reader {
        wishes: Wishes::default(),
        origin: Origin::of(None, "school.internal"),
        words: languages.choose(Some(tag), ""),
        languages,
        away: false,
        forgotten: status.storage.in_memory,
    };
    html(&reader, status)
}

fn section(key: &str, words: &Words<'_>, rows: Vec<Option<Row>>) -> Section {
    Section {
        title: words.text(key),
        rows: rows.into_iter().flatten().collect(),
    }
}

fn row(words: &Words<'_>, key: &str, value: Option<String>) -> Option<Row> {
    value.map(|value| Row {
        name: words.text(key),
        value,
        exact: false,
    })
}

fn exact(words: &Words<'_>, key: &str, value: Option<String>) -> Option<Row> {
    value.map(|value| Row {
        name: words.text(key),
        value,
        exact: true,
    })
}

fn battery(status: &Status, words: &Words<'_>) -> Vec<Option<Row>> {
    let battery = &status.battery;
    let unit = |key: &str, value: Option<f64>, places, unit: &str| {
        exact(
            words,
            key,
            value.map(|value| format!("{} {unit}", words.decimal(value, places))),
        )
    };
    let band = battery
        .charge_band_percent
        .map(|[low, high]| format!("{} – {} %", words.decimal(low, 0), words.decimal(high, 0)));
    let age = battery
        .sample_age_s
        .map(|age| words.say("state-ago", &[("seconds", Value::Count(age))]));
    let (charge, flow) = match battery.stale {
        true => ("state-charge-last", "flow-unknown"),
        false => ("state-charge", flow(battery.status)),
    };
    vec![
        unit(charge, battery.charge_percent, 0, "%"),
        exact(words, "state-charge-band", band),
        row(words, "state-flow", Some(words.text(flow))),
        unit("state-voltage", battery.voltage_v, 2, "V"),
        unit("state-current", battery.current_a, 2, "A"),
        unit("state-temperature", battery.temperature_c, 1, "°C"),
        unit("state-solar", battery.solar_w, 1, "W"),
        row(words, "state-measured", age),
    ]
}

fn work(status: &Status, words: &Words<'_>) -> Vec<Option<Row>> {
    let minutes = status.uptime_s / 60;
    let awake = words.say(
        "state-awake-for",
        &[
            ("hours", Value::Count(minutes / 60)),
            ("minutes", Value::Count(minutes % 60)),
        ],
    );
    vec![
        row(
            words,
            "state-power",
            Some(words.text(power(status.power.state))),
        ),
        exact(
            words,
            "state-readers",
            Some(status.power.http_connections.to_string()),
        ),
        row(words, "state-awake", Some(awake)),
        exact(words, "state-time", local_time(status))
            .or_else(|| row(words, "state-time", Some(words.text("state-time-unknown")))),
    ]
}

fn radio(radio: &Radio, words: &Words<'_>) -> Vec<Option<Row>> {
    let name = |network: &str| (!network.is_empty()).then(|| network.to_owned());
    let some = |count: u64| (count > 0).then(|| count.to_string());
    let seats =
        (radio.client_limit > 0).then(|| format!("{} / {}", radio.clients, radio.client_limit));
    let mut rows = vec![
        row(words, "state-radio-is", Some(on_air(radio, words))),
        exact(words, "state-network", name(&radio.network)),
        exact(words, "state-seats", seats),
        exact(words, "state-waiting", some(radio.waiting.into())),
        exact(words, "state-refused", some(radio.refused)),
    ];
    rows.extend(radio.cells.iter().map(|cell| {
        let place = format!(
            "{} GHz · {} · {} dBm",
            cell.band_ghz, cell.channel, cell.dbm
        );
        Some(Row {
            name: format!("{} {}", words.text("state-channel"), cell.interface),
            value: place,
            exact: true,
        })
    }));
    rows
}

fn on_air(radio: &Radio, words: &Words<'_>) -> String {
    match (radio.state, radio.silent.as_deref()) {
        (RadioState::On, _) => words.say(
            "state-radio-on",
            &[("count", Value::Count(radio.clients.into()))],
        ),
        (RadioState::Off, _) if radio.broken => words.text("state-radio-broken"),
        (RadioState::Off, Some("night")) => words.text("state-radio-night"),
        (RadioState::Off, Some("power")) => words.text("state-radio-saving"),
        (RadioState::Off, _) => words.text("state-radio-off"),
    }
}

fn store(status: &Status, words: &Words<'_>) -> Vec<Option<Row>> {
    let written = status
        .records
        .last_write_age_s
        .map(|age| words.say("state-ago", &[("seconds", Value::Count(age))]));
    let size = |bytes: u64| Some(size(words, bytes));
    let waiting = status.records.waiting.filter(|count| *count > 0);
    vec![
        exact(words, "state-packs", Some(status.library.packs.to_string())),
        exact(words, "state-packs-size", size(status.library.bytes)),
        exact(words, "state-free", size(status.storage.free_bytes)),
        exact(
            words,
            "state-records",
            Some(status.records.statements.to_string()),
        ),
        row(words, "state-written", written),
        row(words, "state-sealed-for", Some(sealed_for(status, words))),
        exact(
            words,
            "state-waiting-records",
            waiting.map(|count| count.to_string()),
        ),
        row(words, "state-stick", stick(status, words)),
    ]
}

/// What became of the last stick for records; before there was one, how to make one where something waits.
fn stick(status: &Status, words: &Words<'_>) -> Option<String> {
    let records = &status.records;
    let Some(told) = records.last_stick else {
        let waits = records.waiting.is_some_and(|count| count > 0) && records.sealed_for != "none";
        return waits.then(|| words.text("stick-how"));
    };
    let out = match told.out {
        StickOut::Carried { bundles, .. } => {
            words.say("stick-carried", &[("count", Value::Count(bundles))])
        }
        StickOut::Nothing => words.text("stick-nothing"),
        StickOut::NoKey => words.text("stick-no-key"),
        StickOut::Locked => words.text("stick-locked"),
        StickOut::Full => words.text("stick-full"),
        StickOut::Failing => words.text("stick-failing"),
        StickOut::BoxFailed => words.text("stick-box-failed"),
        StickOut::Busy => words.text("stick-busy"),
    };
    let refused = (told.refused > 0)
        .then(|| words.say("stick-refused", &[("count", Value::Count(told.refused))]));
    Some(
        [Some(out), refused]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" "),
    )
}

/// Who can open what leaves the box.
fn sealed_for(status: &Status, words: &Words<'_>) -> String {
    words.text(match status.records.sealed_for.as_str() {
        "none" => "sealed-for-nobody",
        "demo" => "sealed-for-demo",
        _ => "sealed-for-programme",
    })
}

/// In gigabytes with one decimal, in whole megabytes below one.
fn size(words: &Words<'_>, bytes: u64) -> String {
    if bytes < 1_000_000_000 {
        return format!("{} MB", bytes / 1_000_000);
    }
    #[allow(clippy::cast_precision_loss, reason = "shown with one decimal")]
    let gigabytes = bytes as f64 / 1e9;
    format!("{} GB", words.decimal(gigabytes, 1))
}

fn flow(status: ChargeStatus) -> &'static str {
    match status {
        ChargeStatus::Charging => "flow-charging",
        ChargeStatus::Discharging => "flow-discharging",
        ChargeStatus::Idle => "flow-idle",
        ChargeStatus::Full => "flow-full",
        ChargeStatus::Unknown => "flow-unknown",
    }
}

fn power(state: PowerState) -> &'static str {
    match state {
        PowerState::Full => "power-full",
        PowerState::Eco => "power-eco",
        PowerState::Minimal => "power-minimal",
        PowerState::Off => "power-off",
        PowerState::Storage => "power-storage",
    }
}

/// `2026-03-01 14:05`, local.
fn local_time(status: &Status) -> Option<String> {
    let utc = status.time.as_deref()?.parse::<jiff::Timestamp>().ok()?;
    let offset = jiff::tz::Offset::from_seconds(status.utc_offset_min.checked_mul(60)?).ok()?;
    let local = offset.to_datetime(utc);
    Some(format!(
        "{:04}-{:02}-{:02} {:02}:{:02}",
        local.year(),
        local.month(),
        local.day(),
        local.hour(),
        local.minute()
    ))
}

#[cfg(test)]
mod tests;
