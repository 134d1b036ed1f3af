//! Where events go: to journald when systemd started the box, else as plain text to standard error.
//!
//! Events are named `room.what_happened` and bear fields with units. Only transitions are logged: a line per
//! request or per sample would wear the flash out and tell nobody anything.

pub use crate::causes::chain;

use crate::events::Events;
use std::io::{self, Write};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// Whether systemd started this process as a notifying service.
#[must_use]
pub fn started_by_systemd() -> bool {
    std::env::var_os("NOTIFY_SOCKET").is_some()
}

/// Whether systemd started this process, notifying or not.
#[must_use]
pub fn started_by_systemd_at_all() -> bool {
    std::env::var_os("INVOCATION_ID").is_some()
}

/// Starts telemetry for the life of the process; `make_writer` takes the plain text where journald is not to be had. What is returned keeps the
/// events on the disk, once it is told where; a place that says too much is held back everywhere.
///
/// # Errors
/// When it was started before.
pub fn start<W>(make_writer: W) -> Result<Events, TryInitError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let events = Events::default();
    let registry = tracing_subscriber::registry()
        .with(LevelFilter::INFO)
        .with(events.layer());
    let journald = started_by_systemd()
        .then(tracing_journald::layer)
        .and_then(Result::ok);
    if let Some(journald) = journald {
        registry.with(journald.with_field_prefix(None)).try_init()?;
        return Ok(events);
    }
    let text = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_target(false)
        .with_timer(tracing_subscriber::fmt::time::uptime())
        .with_writer(make_writer);
    registry.with(text).try_init()?;
    Ok(events)
}

/// Says one line to the person at the terminal. A closed terminal is no reason to stop.
pub fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{}", printable(line)).and_then(|()| out.flush());
}

/// Tells one line that is no result: on standard error. Whoever closed it does not want to hear it.
pub fn warn(line: &str) {
    let _ = writeln!(io::stderr().lock(), "school-box: {}", printable(line));
}

/// Names of files and titles of packs come from strangers: none of them gives the terminal an order.
fn printable(line: &str) -> String {
    line.replace(
        |c: char| c.is_control() && !matches!(c, '\n' | '\t'),
        "\u{fffd}",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_s_name_gives_the_terminal_no_order() {
        assert_eq!(
            printable("a\u{1b}[2J\u{9b}2J\tb\nc"),
            "a\u{fffd}[2J\u{fffd}2J\tb\nc"
        );
    }
}
