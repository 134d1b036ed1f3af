//! The slots of a box: partitions of the disk that it started from, `/dev/school-box/root-a` and the like, which the image's first program names.

use super::in_use::{Number, Uses};
use super::place::{PARTS, Place, letter};
use super::running::{Running, RunningPart};
use super::spare::{Medium, Spare, SparePart, Window};
use crate::boot_time::since_boot;
use crate::files::read_bytes;
use nix::fcntl::OFlag;
use ota::{Part, Slot, SlotDisks, SlotError, SlotReader, SlotWriter};
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The word of the kernel's command line that says how long the root is: `BLOCKS:SALT:ROOTHASH`.
const VERITY_WORD: &str = "school_box.verity=";
/// Bytes of a block of it.
const VERITY_BLOCK: u64 = 4096;

/// See the module.
#[derive(Debug)]
pub(super) struct DeviceSlots {
    /// `/dev/school-box`.
    nodes: PathBuf,
    /// `/proc/cmdline`.
    command_line: PathBuf,
    uses: Uses,
    booted: Slot,
}

impl DeviceSlots {
    pub(super) fn of_this_machine(booted: Slot) -> Self {
        Self {
            nodes: "/dev/school-box".into(),
            command_line: "/proc/cmdline".into(),
            uses: Uses {
                mounts: "/proc/self/mountinfo".into(),
                devices: "/sys/dev/block".into(),
            },
            booted,
        }
    }

    fn place(&self, slot: Slot, part: Part) -> Place {
        let kind = match part {
            Part::Boot => "boot",
            Part::Root => "root",
            Part::Tree => "verity",
        };
        Place {
            slot,
            part,
            path: self.nodes.join(format!("{kind}-{}", letter(slot))),
        }
    }

    /// A part of either slot, to be read.
    pub(super) fn part_of(&self, slot: Slot, part: Part) -> Result<RunningPart, SlotError> {
        let place = self.place(slot, part);
        let opened = File::open(&place.path).and_then(|file| {
            let size = size(&file)?;
            let told = match part {
                Part::Root if slot == self.booted => self.root_bytes()?,
                Part::Boot | Part::Root | Part::Tree => None,
            };
            Ok((told.filter(|told| *told <= size).unwrap_or(size), file))
        });
        let (bytes, file) = opened.map_err(|source| place.error("open", source))?;
        Ok(RunningPart {
            place,
            file: Some(file),
            bytes,
        })
    }

    fn root_bytes(&self) -> io::Result<Option<u64>> {
        let line = read_bytes(&self.command_line)?;
        Ok(verity_bytes(&String::from_utf8_lossy(&line)))
    }

    fn spare_part(
        &self,
        part: Part,
        of_running_system: &BTreeSet<Number>,
    ) -> Result<SparePart, SlotError> {
        let place = self.place(self.booted.other(), part);
        let opened = self.open_unused(&place.path, of_running_system);
        let (file, window, room) = opened.map_err(|source| place.error("open", source))?;
        Ok(SparePart {
            place,
            file,
            medium: Medium::Device(window),
            room,
            dirty: false,
        })
    }

    /// Whatever stands in the way is found before anything is written; and what was looked at is what was opened.
    fn open_unused(
        &self,
        node: &Path,
        of_running_system: &BTreeSet<Number>,
    ) -> io::Result<(File, Window, u64)> {
        let device = Number::of(&std::fs::metadata(node)?)?;
        if let Some(why) = self.uses.refusal(device, of_running_system)? {
            return Err(io::Error::new(ErrorKind::ResourceBusy, why));
        }
        // O_EXCL on a block device: the kernel gives it to nobody who mounts it, or lays a target over it, and to us only where nobody did.
        let file = opened_alone(node)?;
        let direct = opened(node, OFlag::O_DIRECT, false)?;
        for file in [&file, &direct] {
            if Number::of(&file.metadata()?)? != device {
                return Err(io::Error::other("it became another device meanwhile"));
            }
        }
        let room = size(&file)?;
        Ok((file, Window::new(direct), room))
    }
}

/// A child that another thread starts has our descriptors until it is the program that it shall be: for that long we may stand in our own way.
const FORK_TAKES_AT_MOST: Duration = Duration::from_millis(200);

fn opened_alone(node: &Path) -> io::Result<File> {
    let end = since_boot() + FORK_TAKES_AT_MOST;
    loop {
        match opened(node, OFlag::O_EXCL, true) {
            Err(error) if error.kind() == ErrorKind::ResourceBusy && since_boot() < end => {
                std::thread::yield_now();
            }
            done => return done,
        }
    }
}

/// With a flag more than a file is opened with.
pub(super) fn opened(node: &Path, flag: OFlag, write: bool) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(write)
        .custom_flags((flag | OFlag::O_NONBLOCK).bits())
        .open(node)
}

fn size(mut file: &File) -> io::Result<u64> {
    file.seek(SeekFrom::End(0))
}

/// As with the kernel's own parameters, the last one holds.
fn verity_bytes(command_line: &str) -> Option<u64> {
    let words = command_line.split_whitespace();
    let told = words
        .filter_map(|word| word.strip_prefix(VERITY_WORD))
        .next_back()?;
    let blocks: u64 = told.split(':').next()?.parse().ok()?;
    blocks.checked_mul(VERITY_BLOCK)
}

impl SlotDisks for DeviceSlots {
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
        let running = PARTS.map(|part| self.place(self.booted, part));
        let nodes = running.iter().map(|place| place.path.as_path());
        let uses = self.uses.of_running_system(nodes).map_err(|source| {
            let spare = self.place(self.booted.other(), Part::Root);
            spare.error("open", untold(&source))
        })?;
        let [boot, root, tree] = PARTS.map(|part| self.spare_part(part, &uses));
        Ok(Box::new(Spare {
            slot: self.booted.other(),
            parts: [boot?, root?, tree?],
        }))
    }
}

/// What the running system is made of is not known: then nothing is written.
fn untold(source: &io::Error) -> io::Error {
    io::Error::new(
        source.kind(),
        format!("what the running system is made of cannot be told: {source}"),
    )
}

#[cfg(test)]
#[path = "devices_tests.rs"]
mod tests;
