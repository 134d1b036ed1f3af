//! The slots of a simulated board: `DIR/slots/a.img` and `b.img` are the roots, `a.boot.img` the boot area of A, `a.tree.img` the hash tree of
//! its root.
//!
//! A file is as long as what was ever written into it, up to what a real partition has; a missing one is empty. So the system "runs" with as many
//! bytes as its file has: a shorter root that came later keeps the tail of the longer one.

use super::devices::opened;
use super::place::{PARTS, Place, letter};
use super::running::{Running, RunningPart};
use super::spare::{Medium, Spare, SparePart, Window};
use crate::BoardError;
use crate::boot_control::sim::booted;
use crate::files::write_error;
use nix::fcntl::OFlag;
use ota::{Part, Slot, SlotDisks, SlotError, SlotReader, SlotWriter};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const MIB: u64 = 1 << 20;

/// As large as the partitions of `yocto-layer/files/wic/*.wks.in`.
const fn room(part: Part) -> u64 {
    match part {
        Part::Boot => 96 * MIB,
        Part::Root => 768 * MIB,
        Part::Tree => 8 * MIB,
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct FileSlots {
    folder: PathBuf,
    booted: Slot,
}

impl FileSlots {
    /// Of the board whose files are in `dir`.
    ///
    /// # Errors
    /// [`BoardError::Write`] where its folder cannot be made, [`BoardError::BadInput`] where `slots/booted` names no slot.
    pub(super) fn open(dir: &Path) -> Result<Self, BoardError> {
        let folder = dir.join("slots");
        std::fs::create_dir_all(&folder).map_err(|source| write_error(&folder, source))?;
        Ok(Self {
            booted: booted(dir)?,
            folder,
        })
    }

    fn place(&self, slot: Slot, part: Part) -> Place {
        let kind = match part {
            Part::Boot => ".boot",
            Part::Root => "",
            Part::Tree => ".tree",
        };
        Place {
            slot,
            part,
            path: self.folder.join(format!("{}{kind}.img", letter(slot))),
        }
    }

    /// A part of either slot, to be read.
    pub(super) fn part_of(&self, slot: Slot, part: Part) -> Result<RunningPart, SlotError> {
        let place = self.place(slot, part);
        let opened = match File::open(&place.path) {
            Ok(file) => file.metadata().map(|found| (found.len(), Some(file))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok((0, None)),
            Err(error) => Err(error),
        };
        let (bytes, file) = opened.map_err(|source| place.error("open", source))?;
        Ok(RunningPart { place, file, bytes })
    }

    fn spare_part(&self, part: Part) -> Result<SparePart, SlotError> {
        let place = self.place(self.booted.other(), part);
        let running = self.place(self.booted, part).path;
        let file = self
            .open_unused(&place.path, &running)
            .map_err(|source| place.error("open", source))?;
        // What lies in memory alone has nothing past the page cache.
        let direct = opened(&place.path, OFlag::O_DIRECT, false).ok();
        Ok(SparePart {
            file,
            place,
            medium: Medium::File(direct.map(Window::new)),
            room: room(part),
            dirty: false,
        })
    }

    /// The file at `path`, made where it is missing; never the one at `running` by another name.
    fn open_unused(&self, path: &Path, running: &Path) -> io::Result<File> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let of = |found: &Metadata| (found.dev(), found.ino());
        let same = std::fs::metadata(running).is_ok_and(|running| {
            file.metadata()
                .is_ok_and(|spare| of(&spare) == of(&running))
        });
        if same {
            return Err(io::Error::new(
                ErrorKind::ResourceBusy,
                format!("it is {}, which runs", running.display()),
            ));
        }
        // A name that was just made outlives a cut as well.
        File::open(&self.folder)?.sync_all()?;
        Ok(file)
    }
}

impl SlotDisks for FileSlots {
    fn booted(&self) -> Slot {
        self.booted
    }

    fn has(&self, _: Part) -> bool {
        true
    }

    fn running(&mut self) -> Result<Box<dyn SlotReader>, SlotError> {
        let [boot, root, tree] = PARTS.map(|part| self.part_of(self.booted, part));
        Ok(Box::new(Running {
            parts: [boot?, root?, tree?],
        }))
    }

    fn spare(&mut self) -> Result<Box<dyn SlotWriter>, SlotError> {
        let [boot, root, tree] = PARTS.map(|part| self.spare_part(part));
        Ok(Box::new(Spare {
            slot: self.booted.other(),
            parts: [boot?, root?, tree?],
        }))
    }
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
