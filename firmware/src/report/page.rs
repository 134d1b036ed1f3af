//! A bundle for people: findings first, then what it is of, the days, the last events.

use super::bundle::{Bundle, Manifest};
use super::findings::findings;
use crate::events::Event;
use jiff::Timestamp;
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
    let _ = writeln!(page, "Report of box {}, {signed}\n", which(manifest));
    match found.is_empty() {
        true => page.push_str("Nothing stands out.\n"),
        false => page.push_str("What stands out:\n"),
    }
    for line in &found {
        let _ = writeln!(page, "  - {line}");
    }
    page.push_str(&when(manifest));
    for (name, value) in &bundle.sections {
        let _ = writeln!(page, "\n{name}: {value}");
    }
    list(&mut page, "Days", &bundle.days, LAST_DAYS);
    list(&mut page, "Events", &bundle.events, LAST_EVENTS);
    page
}

/// By the number on its label, where it has one: who keeps many boxes follows them by that. Support's own changes with every hand-over.
fn which(manifest: &Manifest) -> String {
    match &manifest.serial {
        Some(serial) => format!("{serial}, support {}", manifest.box_id),
        None => manifest.box_id.clone(),
    }
}

/// When it was made, and when something was kept last: a quiet box keeps nothing for days.
fn when(manifest: &Manifest) -> String {
    let running = if manifest.running {
        "running"
    } else {
        "not running"
    };
    let at = |wall_s: Option<i64>| {
        let at = wall_s.and_then(|at| Timestamp::from_second(at).ok());
        at.map_or_else(|| "at an unknown time".to_owned(), |at| at.to_string())
    };
    let last = match manifest.boot {
        0 => "none was kept".to_owned(),
        boot => format!(
            "boot {boot}, start {}, {}",
            manifest.start,
            at(manifest.wall_s)
        ),
    };
    format!(
        "\nFirmware {}, {} h since boot, {running}\nMade {}\nLast event: {last}\n",
        manifest.version,
        manifest.since_boot_s / 3600,
        at(manifest.made_s)
    )
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use serde_json::json;

    #[test]
    fn the_making_and_the_last_event_are_told_apart_and_of_older_firmware_one_is_unknown() {
        let of_older_firmware = json!({
            "form": 1, "box_id": "0123456789abcdef", "version": "0.1.0", "boot": 12, "start": 2,
            "since_boot_s": 7200, "wall_s": 1_772_000_000, "running": true,
        });
        let mut bundle = Bundle {
            manifest: serde_json::from_value(of_older_firmware).unwrap(),
            ..Bundle::default()
        };
        let told = |bundle: &Bundle| {
            let page = page(bundle, "signed");
            let lines = page
                .lines()
                .skip_while(|line| !line.starts_with("Firmware"));
            lines.take(3).collect::<Vec<_>>().join("\n")
        };
        let last = "Last event: boot 12, start 2, 2026-02-25T06:13:20Z";
        assert_eq!(
            told(&bundle),
            format!("Firmware 0.1.0, 2 h since boot, running\nMade at an unknown time\n{last}")
        );
        // Quiet for days.
        bundle.manifest.made_s = Some(1_772_400_000);
        assert_eq!(
            told(&bundle),
            format!("Firmware 0.1.0, 2 h since boot, running\nMade 2026-03-01T21:20:00Z\n{last}")
        );
        bundle.manifest.boot = 0;
        assert!(told(&bundle).ends_with("Last event: none was kept"));
    }

    #[test]
    fn the_number_on_the_label_is_told_first() {
        let mut bundle = Bundle::default();
        bundle.manifest.box_id = "0123456789abcdef".to_owned();
        let first = |bundle: &Bundle| page(bundle, "signed").lines().next().map(str::to_owned);
        let told = first(&bundle);
        assert_eq!(
            told.as_deref(),
            Some("Report of box 0123456789abcdef, signed")
        );
        bundle.manifest.serial = "SB-PH-0042".parse().ok();
        let told = first(&bundle);
        assert_eq!(
            told.as_deref(),
            Some("Report of box SB-PH-0042, support 0123456789abcdef, signed")
        );
    }
}
