//! The power states.

use core::fmt;
use serde::{Deserialize, Serialize};

/// How much the box does. Ordered: a later state permits more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PowerState {
    /// In the warehouse: power cut, only the clock's alarm lives. Final.
    Storage,
    /// Power cut, the clock may wake the box. Final.
    Off,
    /// Radio on, few connections.
    Minimal,
    /// Lessons without charging.
    Eco,
    /// Everything.
    Full,
}

impl PowerState {
    /// All of them, rising.
    pub const ALL: [Self; 5] = [
        Self::Storage,
        Self::Off,
        Self::Minimal,
        Self::Eco,
        Self::Full,
    ];

    /// In this state the power is cut.
    #[must_use]
    pub const fn is_power_off(self) -> bool {
        match self {
            Self::Storage | Self::Off => true,
            Self::Minimal | Self::Eco | Self::Full => false,
        }
    }

    /// The stable machine word, as in the status interface.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Storage => "storage",
            Self::Off => "off",
            Self::Minimal => "minimal",
            Self::Eco => "eco",
            Self::Full => "full",
        }
    }
}

impl fmt::Display for PowerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
