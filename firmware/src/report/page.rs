//! A bundle for people: findings first, then what it is of, the days, the last events.

use super::bundle::Bundle;
use super::findings::findings;
use crate::events::Event;
use std::fmt::Write as _;

/// Events that are shown.
const LAST_EVENTS: usize = 40;
/// Days that are shown.
const LAST_DAYS: usize = 14;

/// The page; `signed` says whose signature it bears.
#[must_use]
pub fn page(bundle: &Bundle, signed: &str) -> String {
    let mut page = String::new();
    let manifest = &bundle.manifest;
    let found = findings(bundle);
    let _ = writeln!(page, "Report of box {}, {signed}\n", manifest.box_id);
    match found.is_empty() {
        true => page.push_str("Nothing stands out.\n"),
        false => page.push_str("What stands out:\n"),
    }
    for line in &found {
        let _ = writeln!(page, "  - {line}");
    }
    let running = if manifest.running {
        "running"
    } else {
        "not running"
    };
    let _ = writeln!(
        page,
        "\nFirmware {}, boot {}, start {}, {} h since boot, {running}",
        manifest.version,
        manifest.boot,
        manifest.start,
        manifest.since_boot_s / 3600
    );
    if let Some(at) = manifest
        .wall_s
        .and_then(|at| jiff::Timestamp::from_second(at).ok())
    {
        let _ = writeln!(page, "Made {at}");
    }
    for (name, value) in &bundle.sections {
        let _ = writeln!(page, "\n{name}: {value}");
    }
    list(&mut page, "Days", &bundle.days, LAST_DAYS);
    list(&mut page, "Events", &bundle.events, LAST_EVENTS);
    page
}

fn list(page: &mut String, title: &str, events: &[Event], most: usize) {
    let last = &events[events.len().saturating_sub(most)..];
    let _ = writeln!(
        page,
        "\n{title}, the last {} of {}:",
        last.len(),
        events.len()
    );
    for event in last {
        let _ = writeln!(page, "  {event}");
    }
}
