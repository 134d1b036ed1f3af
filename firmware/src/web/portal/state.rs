//! The page of the box's state: sentences for a teacher, exact numbers for a technician on the phone.

use super::drawing::Drawing;
use super::energy::Energy;
use super::{Frame, Reader, rendered};
use crate::status::{RadioState, Status};
use crate::web::texts::{Value, Words};
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
    degraded: Vec<String>,
    version: String,
}

/// Pure: the page as text.
pub(crate) fn html(reader: &Reader<'_>, status: &Status) -> String {
    let energy = Energy::of(status);
    let words = &reader.words;
    let sections = vec![
        section("state-battery", words, battery(status, words)),
        section("state-work", words, work(status, words)),
        section("state-store", words, store(status, words)),
    ];
    rendered(&StatePage {
        headline: energy.headline(words),
        notices: reader.notices(&energy),
        drawing: Drawing::of(&energy),
        sections,
        degraded: status.degraded.clone(),
        version: format!("{} · {}", status.board, status.version),
        frame: Frame::new(reader, "/status"),
    })
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
    let radio = match status.radio.state {
        RadioState::Off => words.text("state-radio-off"),
        RadioState::On => words.say(
            "state-radio-on",
            &[("count", Value::Count(status.radio.clients.into()))],
        ),
    };
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
        row(words, "state-radio", Some(radio)),
        row(words, "state-awake", Some(awake)),
        exact(words, "state-time", local_time(status))
            .or_else(|| row(words, "state-time", Some(words.text("state-time-unknown")))),
    ]
}

fn store(status: &Status, words: &Words<'_>) -> Vec<Option<Row>> {
    let written = status
        .records
        .last_write_age_s
        .map(|age| words.say("state-ago", &[("seconds", Value::Count(age))]));
    let size = |bytes: u64| Some(size(words, bytes));
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
        exact(
            words,
            "state-slot",
            Some(format!("{:?}", status.update.slot).to_uppercase()),
        ),
    ]
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
