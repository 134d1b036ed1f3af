//! A part of a slot and where it is: what every error names.

use ota::{Part, Slot, SlotError};
use std::io;
use std::path::PathBuf;

/// Every part of a slot.
pub(super) const PARTS: [Part; 3] = [Part::Boot, Part::Root, Part::Tree];

/// A file or device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) slot: Slot,
    pub(super) part: Part,
    pub(super) path: PathBuf,
}

impl Place {
    /// `doing` failed here.
    pub(super) fn error(&self, doing: &'static str, source: io::Error) -> SlotError {
        SlotError {
            doing,
            part: self.part,
            slot: self.slot,
            place: self.path.display().to_string(),
            source,
        }
    }
}

/// `a` or `b`, as partitions and files are called.
pub(super) const fn letter(slot: Slot) -> char {
    match slot {
        Slot::A => 'a',
        Slot::B => 'b',
    }
}
