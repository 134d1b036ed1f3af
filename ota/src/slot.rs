//! The two slots, what can be said of one, and the ports that read and write them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
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

/// A part of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Kernel, initramfs, boot arguments with the root hash.
    Boot,
    /// The root file system.
    Root,
    /// The hash tree of the root, as dm-verity reads it.
    Tree,
}

impl fmt::Display for Part {
    /// `boot area`, `root` or `hash tree`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boot => "boot area",
            Self::Root => "root",
            Self::Tree => "hash tree",
        })
    }
}

/// Reading or writing a slot failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} the {part} of slot {slot} ({place})")]
pub struct SlotError {
    /// `read`, `write`, `sync`, `open`.
    pub doing: &'static str,
    /// Which part.
    pub part: Part,
    /// Of which slot.
    pub slot: Slot,
    /// File or device.
    pub place: String,
    /// Why.
    pub source: io::Error,
}

/// Port: the disks of both slots. `board-support` implements it once for block devices and once for files.
pub trait SlotDisks: Send {
    /// The running slot.
    fn booted(&self) -> Slot;

    /// This board's slots have such a part.
    fn has(&self, part: Part) -> bool;

    /// To read the running system, the base of a delta.
    ///
    /// # Errors
    /// [`SlotError`].
    fn running(&mut self) -> Result<Box<dyn SlotReader>, SlotError>;

    /// To write the slot that does not run. It is refused where the device is that of the running system, or in use.
    ///
    /// # Errors
    /// [`SlotError`].
    fn spare(&mut self) -> Result<Box<dyn SlotWriter>, SlotError>;
}

/// Port: the running system.
pub trait SlotReader: Send {
    /// Bytes of the part that mean something: what the kernel was told of the root, else the size of the partition.
    ///
    /// # Errors
    /// [`SlotError`].
    fn bytes(&mut self, part: Part) -> Result<u64, SlotError>;

    /// Fills `into` from the place `at`.
    ///
    /// # Errors
    /// [`SlotError`]; the end of the part inside `into` is one.
    fn read(&mut self, part: Part, at: u64, into: &mut [u8]) -> Result<(), SlotError>;
}

/// Port: the slot that is written. It exists only for the slot that does not run.
pub trait SlotWriter: Send {
    /// Which.
    fn slot(&self) -> Slot;

    /// The most bytes that the part can have.
    ///
    /// # Errors
    /// [`SlotError`].
    fn room(&mut self, part: Part) -> Result<u64, SlotError>;

    /// Fills `into` from the place `at`: what an earlier installation left there.
    ///
    /// # Errors
    /// [`SlotError`].
    fn read(&mut self, part: Part, at: u64, into: &mut [u8]) -> Result<(), SlotError>;

    /// Writes. Nothing is promised before [`SlotWriter::sync`].
    ///
    /// # Errors
    /// [`SlotError`].
    fn write(&mut self, part: Part, at: u64, bytes: &[u8]) -> Result<(), SlotError>;

    /// All that was written is on the medium, and what is read from here on comes from there, not from memory.
    ///
    /// # Errors
    /// [`SlotError`]: what was written may be lost, and is written again.
    fn sync(&mut self) -> Result<(), SlotError>;
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
