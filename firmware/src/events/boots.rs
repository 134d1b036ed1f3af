//! Which boot and which start of the box this is, and how the one before ended.

use super::line::{Event, Value};
use super::past::last;
use super::segments::FOLDER;
use content_store::disk::write_aside;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

/// The name of the event that a start begins with.
pub const STARTED: &str = "box.started";
/// The name of the last event of a box that ends in order.
pub const STOPPED: &str = "box.stopped";
/// Beside the segments: boot, start, and the kernel's number of this boot.
const FILE: &str = "boot";
/// The kernel draws it anew at each boot.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// How the box ended before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// Nothing is known of a box before.
    First,
    /// In order, and as it says why.
    InOrder(String),
    /// The process fell or was killed; the machine ran on.
    Crash,
    /// The machine was reset by its watchdog.
    Watchdog,
    /// The machine went without a word: the power was cut.
    PowerCut,
}

impl fmt::Display for Before {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::First => "first start",
            Self::InOrder(how) => how,
            Self::Crash => "crash",
            Self::Watchdog => "watchdog",
            Self::PowerCut => "power cut",
        })
    }
}

/// A start of the box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boot {
    /// Boots of the machine since the events began, this one included.
    pub boot: u32,
    /// Starts of the box in this boot, this one included.
    pub start: u32,
    /// How the box ended before.
    pub before: Before,
}

/// The number of the machine's boot that is now; `None`: no box has started in it.
#[must_use]
pub fn of_the_machine(data: &Path) -> Option<u32> {
    let known = fs::read_to_string(data.join(FOLDER).join(FILE)).ok()?;
    let known = Known::parse(&known)?;
    (known.machine == machine()).then_some(known.boot)
}

/// What is known of the last start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    boot: u32,
    start: u32,
    machine: u64,
}

impl Boot {
    /// Of the box that keeps its events in `data` and has their lock; remembered for the next one. `by_watchdog`: the machine says that its
    /// watchdog reset it.
    ///
    /// # Errors
    /// When it cannot be remembered.
    pub(super) fn begin(data: &Path, by_watchdog: bool) -> io::Result<Self> {
        let machine = machine();
        let path = data.join(FOLDER).join(FILE);
        let event = last(data, 1)?.events.pop();
        let known = fs::read_to_string(&path).ok();
        let known = known.as_deref().and_then(Known::parse);
        let this = Self::after(event.as_ref(), known, machine, by_watchdog);
        let text = format!("{} {} {machine}\n", this.boot, this.start);
        write_aside(&path, text.as_bytes())?;
        Ok(this)
    }

    fn after(event: Option<&Event>, known: Option<Known>, machine: u64, by_watchdog: bool) -> Self {
        let known = known.or_else(|| {
            event.map(|event| Known {
                boot: event.boot,
                start: event.start,
                // Of an unknown boot: another one.
                machine: !machine,
            })
        });
        let Some(known) = known else {
            return Self {
                boot: 1,
                start: 1,
                before: Before::First,
            };
        };
        let same_boot = known.machine == machine;
        let stopped = event
            .filter(|event| event.name == STOPPED)
            .and_then(|event| match event.fields.get("how") {
                Some(Value::Words(how)) => Some(how.clone()),
                Some(_) | None => None,
            });
        let before = match stopped {
            Some(how) => Before::InOrder(how),
            None if same_boot => Before::Crash,
            None if by_watchdog => Before::Watchdog,
            None => Before::PowerCut,
        };
        Self {
            boot: known.boot.saturating_add(u32::from(!same_boot)),
            start: if same_boot {
                known.start.saturating_add(1)
            } else {
                1
            },
            before,
        }
    }
}

impl Known {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let known = Self {
            boot: words.next()?.parse().ok()?,
            start: words.next()?.parse().ok()?,
            machine: words.next()?.parse().ok()?,
        };
        words.next().is_none().then_some(known)
    }
}

/// A number of this boot of the machine; 0 where the kernel tells none.
fn machine() -> u64 {
    let id = fs::read_to_string(BOOT_ID).unwrap_or_default();
    let digits: String = id
        .chars()
        .filter(char::is_ascii_hexdigit)
        .take(16)
        .collect();
    u64::from_str_radix(&digits, 16).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::super::line::Fields;
    use super::super::line::tests::numbered;
    use super::*;

    fn stopped(how: &str) -> Event {
        let mut fields = Fields::default();
        fields.put("how", Value::words(how));
        Event {
            name: STOPPED.to_owned(),
            fields: fields.all(),
            ..numbered(1)
        }
    }

    #[test]
    fn every_end_and_what_the_next_start_says_of_it() {
        let known = |machine| {
            Some(Known {
                boot: 7,
                start: 2,
                machine,
            })
        };
        let (running, clean) = (numbered(1), stopped("power off"));
        for (event, known, watchdog, told) in [
            (None, None, false, "1.1 first start"),
            (Some(&running), known(5), false, "7.3 crash"),
            (Some(&running), known(5), true, "7.3 crash"),
            (Some(&running), known(4), false, "8.1 power cut"),
            (Some(&running), known(4), true, "8.1 watchdog"),
            (Some(&clean), known(4), true, "8.1 power off"),
            (Some(&clean), known(5), false, "7.3 power off"),
            // The file was lost: the events still tell.
            (Some(&running), None, false, "4.1 power cut"),
            // The events were lost.
            (None, known(4), false, "8.1 power cut"),
        ] {
            let this = Boot::after(event, known, 5, watchdog);
            let (boot, start, before) = (this.boot, this.start, this.before);
            assert_eq!(format!("{boot}.{start} {before}"), told);
        }
    }

    #[test]
    fn a_start_is_counted_and_a_garbled_count_is_none() {
        let data = tempfile::tempdir().unwrap();
        fs::create_dir(data.path().join(FOLDER)).unwrap();
        let start = || Boot::begin(data.path(), false).unwrap();
        assert_eq!(of_the_machine(data.path()), None);
        assert_eq!(start().before, Before::First);
        assert_eq!(of_the_machine(data.path()), Some(1));
        assert_eq!((start().boot, start().start), (1, 3));
        for text in ["", "1", "1 2 3 4", "a b c", "-1 2 3"] {
            assert_eq!(Known::parse(text), None, "{text}");
        }
    }
}
