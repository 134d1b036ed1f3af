//! The machine that says what to do next about updates: its whole table under snapshot, random lives against a small reference, and some stories.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod reference;
mod stories;
mod table;

use ota::Wanted;
use ota::updater::{Permits, UpdatePolicy, Updater};
use std::time::Duration;

const HOUR: u64 = 3600;

const POLICY: UpdatePolicy = UpdatePolicy {
    look_every: Duration::from_secs(6 * HOUR),
    budget: 1000,
};

const ALL: Permits = Permits {
    fetch: true,
    install: true,
    activate: true,
    restart: true,
};

fn release(version: u64) -> Wanted {
    Wanted {
        version,
        name: format!("2026.{version}"),
        bundle: format!("{version:064}"),
    }
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// With all permits.
fn updater(wanted: Option<Wanted>) -> Updater {
    let mut updater = Updater::new(POLICY, wanted, s(0));
    updater.handle_permits(ALL, s(0));
    updater
}
