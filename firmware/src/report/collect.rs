//! Gathering a bundle from a data folder. Only reads, but for the key; needs no lock, so it works while the box runs, hangs or falls over.

use super::bundle::{Bundle, Manifest};
use super::key::{self, ReportKey};
use super::scrub::scrub;
use crate::clock::Clock;
use crate::config::Config;
use crate::events;
use crate::services::nightly::{days, kept};
use crate::status::Status;
use crate::telemetry::chain;
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Events that go with it.
const MOST_EVENTS: usize = 10_000;
/// Files of ours that are read are smaller, bytes.
const LARGEST: u64 = 256 * 1024;

/// The bundle of the box in `data`, and its key; `state` where a box runs and answers.
///
/// # Errors
/// One line: the folder cannot be read, or the key not be made.
pub fn collect(data: &Path, state: Option<&Status>) -> Result<(Bundle, ReportKey), String> {
    let key = key::open_or_make(data)?;
    let unreadable = |error| {
        format!(
            "the events in {} cannot be read: {}",
            data.display(),
            chain(&error)
        )
    };
    let past = events::last(data, MOST_EVENTS).map_err(unreadable)?;
    let days = days::all(data).map_err(unreadable)?;
    let last = past.events.last();
    let clock = Clock::of_the_desk();
    let manifest = Manifest {
        form: 1,
        box_id: key.box_id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        boot: last.map_or(0, |event| event.boot),
        start: last.map_or(0, |event| event.start),
        since_boot_s: clock.since_boot().as_secs(),
        wall_s: last.and_then(|event| event.wall_s),
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
    let bundle = Bundle {
        manifest,
        sections: sections.collect(),
        days: days.events,
        events: past.events,
    };
    Ok((bundle, key))
}

/// The whole file, and its name.
///
/// # Errors
/// One line, as [`collect`].
pub fn file(data: &Path, state: Option<&Status>) -> Result<(String, Vec<u8>), String> {
    let (bundle, key) = collect(data, state)?;
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
    use serde_json::json;
    use std::fs;

    fn settings_in_the_report(config: &str) -> Option<Value> {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join("config.toml"), config).unwrap();
        let (mut bundle, _) = collect(data.path(), None).unwrap();
        bundle.sections.remove("settings")
    }

    #[test]
    fn of_a_configuration_that_was_taken_numbers_are_told_and_no_words_of_the_school() {
        let told = settings_in_the_report("[air]\nnetwork = 'Escuela Maria'\nlease_h = 2\n");
        assert_eq!(told, Some(json!({"air": {"lease_h": 2}})));
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
