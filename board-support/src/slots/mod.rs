//! The disks of the two slots: the running one to read, the other one to write.
//!
//! | backend | a slot's boot area, root and hash tree are |
//! |---|---|
//! | `devices` | partitions of the disk that the box started from |
//! | `files` | files of a simulated board |
//!
//! Nothing is ever written that belongs to the running system: see `in_use`. [`look()`] opens either slot to be read and nothing else.

mod devices;
mod files;
mod in_use;
mod look;
mod place;
mod running;
mod spare;

use crate::board::{BoardChoice, BoardError};
use crate::boot_control::booted_slot;
pub use look::{LookError, OpenSlot, Which, look};

use devices::DeviceSlots;
use files::FileSlots;
use ota::SlotDisks;
use std::path::Path;

/// The slots of this machine; `None` on one that has a single system. `data` is as for [`crate::Board::open`].
///
/// # Errors
/// [`BoardError`]: the folder of a simulated board.
pub fn open(choice: &BoardChoice, data: &Path) -> Result<Option<Box<dyn SlotDisks>>, BoardError> {
    Ok(match choice {
        BoardChoice::Sim => Some(Box::new(FileSlots::open(&data.join("sim"))?)),
        BoardChoice::SimDir(dir) => Some(Box::new(FileSlots::open(dir)?)),
        BoardChoice::Auto => {
            booted_slot().map(|booted| Box::new(DeviceSlots::of_this_machine(booted)) as Box<_>)
        }
    })
}
