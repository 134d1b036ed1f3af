//! The two slots, and what can be said of one.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One of the two places a system image lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Slot {
    /// The first.
    A,
    /// The second.
    B,
}

impl Slot {
    /// Both, A first.
    pub const ALL: [Self; 2] = [Self::A, Self::B];

    /// The slot that is not this one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

impl fmt::Display for Slot {
    /// `A` or `B`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "A",
            Self::B => "B",
        })
    }
}

/// A text that names no slot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no slot: A or B is meant")]
pub struct UnknownSlot(pub String);

impl FromStr for Slot {
    type Err = UnknownSlot;

    /// Takes `A`, `a`, `B` and `b`.
    fn from_str(text: &str) -> Result<Self, UnknownSlot> {
        match text {
            "A" | "a" => Ok(Self::A),
            "B" | "b" => Ok(Self::B),
            _ => Err(UnknownSlot(text.chars().take(16).collect())),
        }
    }
}

/// What the boot loader may do with a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum SlotStatus {
    /// It has proved itself: chosen, or what a trial falls back to.
    Good,
    /// Activated, not yet confirmed.
    Trial {
        /// Boots the loader still spends on it; at 0 it takes the other slot.
        tries_left: u8,
    },
    /// It cannot be chosen: empty, being written to, or given up.
    Retired,
}

impl fmt::Display for SlotStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Good => f.write_str("good"),
            Self::Trial { tries_left: 0 } => f.write_str("failed its trial"),
            Self::Trial { tries_left } => write!(f, "on trial, {tries_left} tries left"),
            Self::Retired => f.write_str("retired"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn a_slot_reads_back_what_it_shows() {
        for slot in Slot::ALL {
            assert_eq!(slot.to_string().parse::<Slot>().unwrap(), slot);
            assert_eq!(slot.other().other(), slot);
            assert_ne!(slot.other(), slot);
        }
        assert_eq!("b".parse::<Slot>().unwrap(), Slot::B);
    }

    #[test]
    fn another_text_is_no_slot_and_is_not_echoed_at_length() {
        for text in ["", "C", "AB", " A"] {
            assert!(text.parse::<Slot>().is_err(), "{text:?}");
        }
        let long = "x".repeat(5000).parse::<Slot>().unwrap_err();
        assert!(long.to_string().len() < 80);
    }
}
