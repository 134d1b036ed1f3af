//! Gathering a bundle from a data folder. Only reads, and needs no lock, so it works while the box runs, hangs or falls over.

use super::bundle::{Bundle, Manifest};
use super::key::ReportKey;
use super::scrub::scrub;
use crate::clock::Clock;
use crate::config::Config;
use crate::control;
use crate::events;
use crate::serial::{self, Serial};
use crate::services::nightly::{days, kept};
use crate::status::Status;
use crate::telemetry::chain;
use jiff::Timestamp;
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Events that go with it.
const MOST_EVENTS: usize = 10_000;
/// Files of ours that are read are smaller, bytes.
const LARGEST: u64 = 256 * 1024;

/// The bundle of the box in `data`, whose key is `key`; `state` where a box runs and answers.
///
/// # Errors
/// One line: the folder cannot be read.
pub fn collect(data: &Path, state: Option<&Status>, key: &ReportKey) -> Result<Bundle, String> {
    let unreadable = |error| {
        format!(
            "the events in {} cannot be read: {}",
            data.display(),
            chain(&error)
        )
    };
    let past = match state {
        // What it has not written yet is what happened last.
        Some(_) => control::past(data, MOST_EVENTS).map(|(past, _)| past),
        None => events::last(data, MOST_EVENTS),
    };
    let past = past.map_err(unreadable)?;
    let days = days::all(data).map_err(unreadable)?;
    let last = past.events.last();
    let clock = Clock::of_the_desk();
    let manifest = Manifest {
        form: 1,
        box_id: key.box_id(),
        serial: on_the_label(data),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        boot: last.map_or(0, |event| event.boot),
        start: last.map_or(0, |event| event.start),
        since_boot_s: clock.since_boot().as_secs(),
        wall_s: last.and_then(|event| event.wall_s),
        made_s: state.and_then(now),
        running: state.is_some(),
        damaged_events: past.damaged,
    };
    let state = state.and_then(|state| serde_json::to_value(state).ok());
    let sections = [
        ("state", state),
        ("selftest", json(&data.join("selftest.json"))),
        ("nightly", json(&kept::path(data))),
        ("settings", settings(&data.join("config.toml"))),
    ];
    let sections = sections.into_iter().filter_map(|(name, value)| {
        let value = scrub(&value?);
        Some((name.to_owned(), value))
    });
    Ok(Bundle {
        manifest,
        sections: sections.collect(),
        days: days.events,
        events: past.events,
    })
}

/// The number that the supply team gave the box: on the label for all to read, so of nobody in particular. Letters alone could be somebody's
/// name, and a file that is not byte for byte as `depot card write` leaves it was written by another hand: of both nothing is told. The box never
/// writes the file, and a school has no way to: it would take the card out and mount it on a computer of its own.
fn on_the_label(data: &Path) -> Option<Serial> {
    let bytes = text(&data.join(serial::NAME))?;
    let serial = Serial::in_file(&bytes)?;
    let is_number = serial.as_str().bytes().any(|byte| byte.is_ascii_digit());
    (is_number && bytes == serial.text()).then_some(serial)
}

/// By the clock of the running box, where it trusts one: nobody else has a clock at hand.
fn now(state: &Status) -> Option<i64> {
    let now: Timestamp = state.time.as_deref()?.parse().ok()?;
    Some(now.as_second())
}

/// The whole file, and its name.
///
/// # Errors
/// One line, as [`collect`].
pub fn file(
    data: &Path,
    state: Option<&Status>,
    key: &ReportKey,
) -> Result<(String, Vec<u8>), String> {
    let bundle = collect(data, state, key)?;
    let bytes = bundle.to_file(&key.signer, &key.public);
    bytes
        .map(|bytes| (bundle.file_name(), bytes))
        .map_err(|error| chain(&error))
}

fn text(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(LARGEST).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn json(path: &Path) -> Option<Value> {
    serde_json::from_slice(&text(path)?).ok()
}

/// What differs from the built-in settings, as far as it names nobody.
fn settings(path: &Path) -> Option<Value> {
    // Unknown keys are somebody's own words: of a file that was not taken nothing is told.
    Config::read(path).ok()?;
    let text = String::from_utf8(text(path)?).ok()?;
    toml::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::disallowed_methods,
        reason = "a test fails by panicking"
    )]
    use super::*;
    use crate::report::key;
    use crate::status::sample::sample;
    use serde_json::json;
    use std::fs;

    fn settings_in_the_report(config: &str) -> Option<Value> {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join("config.toml"), config).unwrap();
        let key = key::open_or_make(data.path()).unwrap();
        let mut bundle = collect(data.path(), None, &key).unwrap();
        bundle.sections.remove("settings")
    }

    #[test]
    fn of_a_configuration_that_was_taken_numbers_are_told_and_no_words_of_the_school() {
        let told = settings_in_the_report("[air]\nnetwork = 'Escuela Maria'\nlease_h = 2\n");
        assert_eq!(told, Some(json!({"air": {"lease_h": 2}})));
    }

    #[test]
    fn a_running_box_tells_when_its_report_was_made_and_nobody_else_knows() {
        let data = tempfile::tempdir().unwrap();
        let key = key::open_or_make(data.path()).unwrap();
        let made = |state: Option<&Status>| collect(data.path(), state, &key).unwrap().manifest;
        let mut running = sample();
        // 2026-03-02T09:30:00Z
        assert_eq!(made(Some(&running)).made_s, Some(1_772_443_800));
        running.time = None;
        assert_eq!(made(Some(&running)).made_s, None, "no clock is trusted");
        assert_eq!(made(None).made_s, None);
    }

    #[test]
    fn the_number_on_the_label_is_told_as_the_desk_wrote_it_and_no_word_in_its_place() {
        let told = |file: &[u8]| {
            let data = tempfile::tempdir().unwrap();
            fs::write(data.path().join(serial::NAME), file).unwrap();
            let key = key::open_or_make(data.path()).unwrap();
            collect(data.path(), None, &key).unwrap().manifest.serial
        };
        let number: Serial = "SB-PH-0042".parse().unwrap();
        assert_eq!(told(&number.text()), Some(number));
        let name: Serial = "Maryam".parse().unwrap();
        for other in [&name.text()[..], b"SB-PH-0042\n", b"Maryam\n", b""] {
            assert_eq!(told(other), None, "{}", other.escape_ascii());
        }
    }

    /// A key that nobody knows is somebody's own word, and looks like one of ours.
    #[test]
    fn of_a_configuration_that_was_refused_nothing_is_told() {
        for refused in [
            "[air]\nlease_h = 2\nmaryam_dimaculangan = 7\n",
            "[maryam_dimaculangan]\ngrade = 7\n",
            "[air]\nlease_h = 100000\n",
            "[air\nlease_h = 2\n",
        ] {
            assert_eq!(settings_in_the_report(refused), None, "{refused}");
        }
        assert_eq!(settings_in_the_report(""), Some(json!({})), "the control");
    }
}
