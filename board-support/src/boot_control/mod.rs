//! Where the boot choice is kept: one boot loader, one file.
//!
//! | backend | its loader | the choice lies in |
//! |---|---|---|
//! | [`uboot`] | U-Boot with our script | two checksummed copies in a raw partition |
//! | [`tryboot`] | the Raspberry Pi's firmware | [`autoboot`]: one sector of a FAT partition |
//! | [`sim`] | whoever plays it (`school-box boot-select`) | [`env_text`]: a text file |
//! | [`fixed`] | any | nowhere: the board boots one system |
//!
//! The running slot is told by `/run/school-box-boot/slot`, which the image's first program writes, or by the kernel's command line,
//! `school_box.slot=A`. Only a disk with two slots has either; without them the board has one system. The choice for the next boot may be another.

pub mod autoboot;
pub mod env_file;
pub mod env_text;
mod fat;
pub mod fixed;
mod sealed;
mod sectors;
pub mod sim;
pub mod tryboot;
pub mod uboot;

pub(crate) use sealed::seal_in;

use crate::board::{BoardChoice, BoardError};
use crate::files::read_bytes;
use crate::start;
use crate::table::BootWiring;
use fixed::OneSlot;
use ota::{BootControl, Slot};
use sim::SimBootControl;
use std::path::Path;
use tryboot::TrybootControl;
use uboot::UBootControl;

/// Where Linux shows what the loader told it.
const COMMAND_LINE: &str = "/proc/cmdline";
/// The word of the command line that names the running slot.
const SLOT_WORD: &str = "school_box.slot=";

/// Opens the boot choice of a board alone, for a verb that runs without a box. `data` is as for [`crate::Board::open`].
///
/// # Errors
/// [`BoardError`]: the folder of a simulated board, or the device tree.
pub fn open(choice: &BoardChoice, data: &Path) -> Result<Box<dyn BootControl>, BoardError> {
    Ok(match choice {
        BoardChoice::Sim => Box::new(SimBootControl::open(&data.join("sim"))?),
        BoardChoice::SimDir(dir) => Box::new(SimBootControl::open(dir)?),
        BoardChoice::Auto => {
            let wiring = crate::table::boot_wiring(crate::Board::detect()?, &loader());
            wired(wiring, booted_slot(), "this computer")
        }
    })
}

/// The backend of a board's row. Nothing is read yet: what is missing shows when the choice is loaded.
pub(crate) fn wired(wiring: BootWiring, booted: Option<Slot>, model: &str) -> Box<dyn BootControl> {
    match (booted, wiring) {
        (None, _) => Box::new(OneSlot::new(model.to_owned())),
        (Some(booted), BootWiring::UBoot { env }) => {
            Box::new(UBootControl::at(Path::new(env), booted))
        }
        (Some(booted), BootWiring::Tryboot { autoboot }) => {
            Box::new(TrybootControl::at(Path::new(autoboot), booted))
        }
    }
}

/// The slot that runs; `None` on a disk without slots.
pub(crate) fn booted_slot() -> Option<Slot> {
    text(&Path::new(start::FACTS).join("slot"))
        .parse()
        .ok()
        .or_else(|| slot_in(&text(Path::new(COMMAND_LINE))))
}

/// The loader that started the system, in the words of the image's first program; empty where nobody said.
pub(crate) fn loader() -> String {
    text(&Path::new(start::FACTS).join("loader"))
}

fn text(path: &Path) -> String {
    let bytes = read_bytes(path).unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

fn slot_in(command_line: &str) -> Option<Slot> {
    let words = command_line.split_whitespace();
    // As with the kernel's own parameters, the last one holds.
    words
        .filter_map(|word| word.strip_prefix(SLOT_WORD))
        .next_back()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_is_told_its_slot() {
        for (text, slot) in [
            ("console=ttyAMA0 school_box.slot=B panic=5\n", Some(Slot::B)),
            ("school_box.slot=A school_box.slot=B", Some(Slot::B)),
            ("school_box.slot=", None),
            ("school_box.slots=A", None),
            ("", None),
        ] {
            assert_eq!(slot_in(text), slot, "{text}");
        }
    }

    #[test]
    fn a_disk_without_slots_has_one_system_on_every_board() {
        for wiring in [crate::table::TRYBOOT, crate::table::UBOOT] {
            let boot = wired(wiring, None, "ACME board");
            assert_eq!(boot.load().map(|flags| flags.on_trial()).ok(), Some(false));
            let boot = wired(wiring, Some(Slot::B), "ACME board");
            assert!(boot.booted() == Slot::B && boot.load().is_err());
        }
    }
}
