//! Why the box is in its power state.

use core::fmt;
use serde::{Deserialize, Serialize};

/// Why the box is in its state. `Display` says it to a technician in English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The box has just started and knows nothing of its battery.
    Started,
    /// The battery holds enough for more.
    BatteryHigh,
    /// The battery has fallen.
    BatteryLow,
    /// The reserve is reached and the sun does not carry the box.
    Reserve,
    /// The battery is about to be cut by its own protection.
    Critical,
    /// The battery's sensor says nothing.
    Silent,
    /// The battery's sensor speaks again.
    SampleBack,
    /// The plan of the day says so.
    Planned,
    /// A person asked for storage.
    StorageRequested,
    /// A person asked to switch off.
    OffRequested,
}

impl Reason {
    /// The stable machine word, as in the status interface and the logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::BatteryHigh => "battery_high",
            Self::BatteryLow => "battery_low",
            Self::Reserve => "reserve",
            Self::Critical => "critical",
            Self::Silent => "silent",
            Self::SampleBack => "sample_back",
            Self::Planned => "planned",
            Self::StorageRequested => "storage_requested",
            Self::OffRequested => "off_requested",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Started => "the box has just started",
            Self::BatteryHigh => "the battery holds enough",
            Self::BatteryLow => "the battery is getting low",
            Self::Reserve => "only the reserve of the battery is left",
            Self::Critical => "the battery is empty",
            Self::Silent => "the battery sensor is silent",
            Self::SampleBack => "the battery sensor speaks again",
            Self::Planned => "the plan of the day says so",
            Self::StorageRequested => "storage was asked for",
            Self::OffRequested => "switching off was asked for",
        })
    }
}
