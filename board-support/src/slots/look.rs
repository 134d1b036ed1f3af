//! Either slot, opened to be read and nothing else: to see whether it is still what it should be.

use super::devices::DeviceSlots;
use super::files::FileSlots;
use super::place::PARTS;
use super::running::{Running, RunningPart};
use crate::board::{BoardChoice, BoardError};
use crate::boot_control::{booted_slot, seal_in};
use ota::image::Seal;
use ota::{Part, Slot, SlotDisks as _, SlotError, SlotReader};
use std::path::Path;

/// A slot, open to be read.
pub struct OpenSlot {
    /// Which.
    pub slot: Slot,
    /// It runs.
    pub running: bool,
    /// What its boot area says that the root must be; `None` where it says nothing.
    pub seal: Option<Seal>,
    parts: Running,
}

impl OpenSlot {
    fn of(slot: Slot, running: bool, parts: [RunningPart; 3]) -> Self {
        let [boot, ..] = &parts;
        Self {
            slot,
            running,
            seal: boot.file.as_ref().and_then(|_| seal_in(&boot.place.path)),
            parts: Running { parts },
        }
    }

    /// The bytes of the parts, as a [`SlotReader`] has them: of a part that is a whole partition, the partition.
    pub fn reader(&mut self) -> &mut dyn SlotReader {
        &mut self.parts
    }
}

/// Opens `slot` of this machine, or the other one of `slot`'s board; `None` on one that has a single system. `data` is as for
/// [`crate::Board::open`].
///
/// # Errors
/// One of the board's folder, or of the slot.
pub fn look(
    choice: &BoardChoice,
    data: &Path,
    which: Which,
) -> Result<Option<OpenSlot>, LookError> {
    let of = |booted: Slot, part: &dyn Fn(Slot, Part) -> Result<RunningPart, SlotError>| {
        let slot = match which {
            Which::Running => booted,
            Which::Other => booted.other(),
        };
        let [boot, root, tree] = PARTS.map(|kind| part(slot, kind));
        Ok(Some(OpenSlot::of(
            slot,
            slot == booted,
            [boot?, root?, tree?],
        )))
    };
    let files = |dir: &Path| {
        let slots = FileSlots::open(dir)?;
        of(slots.booted(), &|slot, part| slots.part_of(slot, part))
    };
    match choice {
        BoardChoice::Sim => files(&data.join("sim")),
        BoardChoice::SimDir(dir) => files(dir),
        BoardChoice::Auto => match booted_slot().map(DeviceSlots::of_this_machine) {
            Some(slots) => of(slots.booted(), &|slot, part| slots.part_of(slot, part)),
            None => Ok(None),
        },
    }
}

/// Which slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The one that runs.
    Running,
    /// The one that does not.
    Other,
}

/// A slot cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The simulated board.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// The slot.
    #[error(transparent)]
    Slot(#[from] SlotError),
}
