//! What a self-test found: a verdict for each part, and one for the box.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The form of an [`Outcome`]; a later one that reads differently has another number.
pub const FORM: u32 = 1;

/// A part of the box, in the order of the test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartName {
    /// The battery and its sensor.
    Gauge,
    /// The solar charger.
    Charger,
    /// The four lights.
    Panel,
    /// The button.
    Button,
    /// The access point.
    Radio,
    /// How fast the storage is.
    Storage,
    /// How worn it is.
    Wear,
    /// The battery-backed clock.
    Clock,
    /// Its alarm, which wakes the box.
    Alarm,
    /// The sockets for sticks.
    Usb,
    /// The learners' records.
    Records,
    /// The lessons.
    Library,
    /// The system that runs.
    RunningSlot,
    /// The other system.
    OtherSlot,
    /// What resets a box that hangs.
    Watchdog,
}

impl PartName {
    /// All of them, in the order of the test and of the code.
    pub const ALL: [Self; 15] = [
        Self::Gauge,
        Self::Charger,
        Self::Panel,
        Self::Button,
        Self::Radio,
        Self::Storage,
        Self::Wear,
        Self::Clock,
        Self::Alarm,
        Self::Usb,
        Self::Records,
        Self::Library,
        Self::RunningSlot,
        Self::OtherSlot,
        Self::Watchdog,
    ];

    /// As people are told; no longer than 14 letters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gauge => "battery",
            Self::Charger => "charger",
            Self::Panel => "lights",
            Self::Button => "button",
            Self::Radio => "radio",
            Self::Storage => "storage speed",
            Self::Wear => "storage wear",
            Self::Clock => "clock",
            Self::Alarm => "wake alarm",
            Self::Usb => "USB",
            Self::Records => "records",
            Self::Library => "library",
            Self::RunningSlot => "running system",
            Self::OtherSlot => "other system",
            Self::Watchdog => "watchdog",
        }
    }
}

impl fmt::Display for PartName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How a part came off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Verdict {
    /// It does what it should.
    Ok,
    /// It was not tried.
    NotTried {
        /// Why.
        why: String,
    },
    /// It needs help.
    Failed {
        /// What is wrong.
        what: String,
        /// What to do.
        remedy: String,
    },
}

impl Verdict {
    /// Not tried, and why.
    pub fn not_tried(why: impl Into<String>) -> Self {
        Self::NotTried { why: why.into() }
    }

    /// What is wrong, and what to do.
    pub fn failed(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Failed {
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    /// `ok`, `not tried` or `FAILED`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotTried { .. } => "not tried",
            Self::Failed { .. } => "FAILED",
        }
    }

    /// In the code: `O`, `N` or `F`.
    #[must_use]
    pub const fn letter(&self) -> char {
        match self {
            Self::Ok => 'O',
            Self::NotTried { .. } => 'N',
            Self::Failed { .. } => 'F',
        }
    }
}

/// A part and what was found of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// Which.
    pub part: PartName,
    /// How it came off.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// What was measured, with units; may be empty.
    pub measured: String,
}

impl Tried {
    /// A part, its verdict, and what was measured.
    pub fn new(part: PartName, verdict: Verdict, measured: impl Into<String>) -> Self {
        Self {
            part,
            verdict,
            measured: measured.into(),
        }
    }
}

/// The wear of the storage, where it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wear {
    /// Tenths of its life that its worst cells have used, rounded up: 1 is up to 10 %, 11 beyond what its maker promises.
    pub life_used_tenths: u8,
    /// Pre-EOL information: 1 normal, 2 four fifths of the spare blocks used, 3 nine tenths; 0: it does not tell.
    pub pre_eol: u8,
}

impl Wear {
    /// As the registers tell it; `None`: they tell none.
    #[cfg(feature = "box")]
    #[must_use]
    pub fn of(told: &board_support::storage::Registers) -> Option<Self> {
        let [a, b] = told.life_time?;
        Some(Self {
            life_used_tenths: a.max(b),
            pre_eol: told.pre_eol.unwrap_or(0),
        })
    }

    /// It should be changed before it fails.
    #[must_use]
    pub const fn is_worn(self) -> bool {
        self.life_used_tenths >= 10 || self.pre_eol >= 2
    }
}

/// What a self-test found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// [`FORM`].
    pub form: u32,
    /// In words, for the first line.
    pub verdict: String,
    /// No part needs help.
    pub ready: bool,
    /// The box's serial number; empty where it has none.
    pub serial: String,
    /// Model of the board, for people.
    pub board: String,
    /// Version of the firmware.
    pub firmware: String,
    /// Name of the running system, such as `2026.11`; empty where nobody says.
    #[serde(default)]
    pub system: String,
    /// Its number; 0 where nobody says.
    pub system_version: u64,
    /// When it ended, RFC 3339 in UTC; `None` where no clock is trusted.
    pub at: Option<String>,
    /// How long it took, s.
    pub took_s: u64,
    /// Nobody took part.
    pub unattended: bool,
    /// Charge of the battery, percent.
    pub charge_percent: Option<f64>,
    /// What it holds when full, Wh.
    pub capacity_wh: Option<f64>,
    /// The wear of the storage.
    pub wear: Option<Wear>,
    /// Each part.
    pub parts: Vec<Tried>,
}

impl Outcome {
    /// The parts that need help.
    pub fn failed(&self) -> impl Iterator<Item = &Tried> {
        let failed = |tried: &&Tried| matches!(tried.verdict, Verdict::Failed { .. });
        self.parts.iter().filter(failed)
    }
}

/// The verdict for the box: whether it is ready, and the first line.
#[must_use]
pub fn verdict(parts: &[Tried]) -> (bool, String) {
    let count = |letter| {
        let such = parts
            .iter()
            .filter(|tried| tried.verdict.letter() == letter);
        such.count()
    };
    match (count('F'), count('N')) {
        (0, 0) => (true, "This box is ready for a school.".to_owned()),
        (0, 1) => (
            true,
            "This box is ready for a school; 1 part was not tried.".to_owned(),
        ),
        (0, untried) => (
            true,
            format!("This box is ready for a school; {untried} parts were not tried."),
        ),
        (1, _) => (false, "NOT ready: 1 part needs help.".to_owned()),
        (failed, _) => (false, format!("NOT ready: {failed} parts need help.")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_in_words() {
        let part = |verdict| Tried::new(PartName::Clock, verdict, "");
        let (ok, not, bad) = (
            || part(Verdict::Ok),
            || part(Verdict::not_tried("no")),
            || part(Verdict::failed("a", "b")),
        );
        for (parts, ready, words) in [
            (vec![ok(), ok()], true, "This box is ready for a school."),
            (
                vec![ok(), not()],
                true,
                "ready for a school; 1 part was not tried.",
            ),
            (
                vec![not(), not()],
                true,
                "ready for a school; 2 parts were not tried.",
            ),
            (
                vec![ok(), bad(), not()],
                false,
                "NOT ready: 1 part needs help.",
            ),
            (vec![bad(), bad()], false, "NOT ready: 2 parts need help."),
        ] {
            let told = verdict(&parts);
            assert!(told.0 == ready && told.1.ends_with(words), "{told:?}");
        }
    }

    #[test]
    fn wear_that_asks_for_a_change() {
        for (tenths, pre_eol, worn) in [
            (1, 1, false),
            (9, 1, false),
            (10, 1, true),
            (3, 2, true),
            (11, 0, true),
        ] {
            let wear = Wear {
                life_used_tenths: tenths,
                pre_eol,
            };
            assert_eq!(wear.is_worn(), worn, "{wear:?}");
        }
    }

    #[test]
    fn an_outcome_is_flat_json() {
        let tried = Tried::new(PartName::RunningSlot, Verdict::failed("a", "b"), "3 MB");
        let text = serde_json::to_string(&tried).unwrap();
        assert_eq!(
            text,
            r#"{"part":"running_slot","is":"failed","what":"a","remedy":"b","measured":"3 MB"}"#
        );
        assert_eq!(serde_json::from_str::<Tried>(&text).unwrap(), tried);
        for part in PartName::ALL {
            assert!(part.as_str().len() <= 14);
        }
    }
}
