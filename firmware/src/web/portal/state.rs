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
    notice: Option<String>,
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
        notice: energy.notice(words),
        drawing: Drawing::of(&energy),
        sections,
        degraded: status.degraded.clone(),
        version: format!("{} · {}", status.board, status.version),
        frame: Frame::new(reader, "/status"),
    })
}

fn section(key: &str, words: &Words<'_>, rows: Vec<Option<Row>>) -> Section {
    Section { title: words.text(key), rows: rows.into_iter().flatten().collect() }
}

fn row(words: &Words<'_>, key: &str, value: Option<String>) -> Option<Row> {
    value.map(|value| Row { name: words.text(key), value })
}

fn battery(status: &Status, words: &Words<'_>) -> Vec<Option<Row>> {
    let battery = &status.battery;
    let unit = |key: &str, value: Option<f64>, places, unit: &str| {
        row(words, key, value.map(|value| format!("{} {unit}", words.decimal(value, places))))
    };
    let band = battery.charge_band_percent.map(|[low, high]| {
        format!("{} – {} %", words.decimal(low, 0), words.decimal(high, 0))
    });
    let age = battery.sample_age_s.map(|age| words.say("state-ago", &[("seconds", Value::Count(age))]));
    vec![
        unit("state-charge", battery.charge_percent, 0, "%"),
        row(words, "state-charge-band", band),
        row(words, "state-flow", Some(words.text(flow(battery.status)))),
        unit("state-voltage", battery.voltage_v, 2, "V"),
        unit("state-current", battery.current_a, 2, "A"),
        unit("state-temperature", battery.temperature_c, 1, "°C"),
        unit("state-solar", battery.solar_w, 1, "W"),
        row(words, "state-measured", age),
    ]
}

fn work(status: &Status, words: &Words<'_>) -> Vec<Option<Row>> {
    let minutes = status.uptime_s / 60;
    let awake = words.say("state-awake-for", &[("hours", Value::Count(minutes / 60)), ("minutes", Value::Count(minutes % 60))]);
    let radio = match status.radio.state {
        RadioState::Off => words.text("state-radio-off"),
        RadioState::On => words.say("state-radio-on", &[("count", Value::Count(status.radio.clients.into()))]),
    };
    vec![
        row(words, "state-power", Some(words.text(power(status.power.state)))),
        row(words, "state-readers", Some(words.whole(status.power.http_connections.into()))),
        row(words, "state-radio", Some(radio)),
        row(words, "state-awake", Some(awake)),
        row(words, "state-time", Some(local_time(status).unwrap_or_else(|| words.text("state-time-unknown")))),
    ]
}

fn store(status: &Status, words: &Words<'_>) -> Vec<Option<Row>> {
    let megabytes = |bytes: u64| format!("{} MB", words.whole(bytes / 1_000_000));
    let written = status.records.last_write_age_s.map(|age| words.say("state-ago", &[("seconds", Value::Count(age))]));
    vec![
        row(words, "state-packs", Some(format!("{} · {}", words.whole(status.library.packs), megabytes(status.library.bytes)))),
        row(words, "state-free", Some(format!("{} / {}", megabytes(status.storage.free_bytes), megabytes(status.storage.total_bytes)))),
        row(words, "state-records", Some(words.whole(status.records.statements))),
        row(words, "state-written", written),
        row(words, "state-slot", Some(format!("{:?}", status.update.slot).to_uppercase())),
    ]
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
    Some(format!("{:04}-{:02}-{:02} {:02}:{:02}", local.year(), local.month(), local.day(), local.hour(), local.minute()))
}
