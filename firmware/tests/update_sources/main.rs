//! Sources of updates over loopback: web servers that misbehave in every way that is known, certificates of every kind, another box.
//!
//! Each fault ends in bounded time with its one line, and the good source next to it still gives what is asked for.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, sleeps where a server would, and starts a box"
)]

mod certificates;
mod faults;
mod peer;
mod secure;
mod server;
mod stopping;
mod web;

use firmware::sources::{Around, Patience, Stop, open_in};
use ota::{Source, SourceError};
use std::io::Read;
use std::time::Duration;

/// The house's patience, shortened: what it forgives is proved by tables of pure functions.
pub const SHORT: Patience = Patience {
    connect: Duration::from_secs(2),
    head: Duration::from_secs(1),
    window: Duration::from_millis(1500),
    least: 1000,
    metadata: Duration::from_secs(4),
};
/// No fault may take longer than all the waits together, whatever else this machine does.
pub const BOUND: Duration = Duration::from_secs(15);

pub fn around(stop: &Stop) -> Around {
    Around {
        stop: stop.clone(),
        patience: SHORT,
        ..Around::default()
    }
}

pub fn source(url: &str) -> Box<dyn Source> {
    open_in(url, &around(&Stop::default())).unwrap()
}

/// The bytes, or why not.
pub fn read(
    source: &mut dyn Source,
    name: &str,
    from: u64,
    bytes: u64,
) -> Result<Vec<u8>, SourceError> {
    let mut all = Vec::new();
    let mut reader = source.open(name, from, bytes)?;
    match reader.read_to_end(&mut all) {
        Ok(_) => Ok(all),
        Err(error) => Err(error.downcast::<SourceError>().unwrap()),
    }
}

/// The whole line for people, down to its cause.
pub fn line(error: &SourceError) -> String {
    let mut line = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}
