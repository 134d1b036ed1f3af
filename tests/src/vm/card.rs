//! The card of one box.

use super::inside::Inside;
use super::made::Made;
use crate::disk::{Cut, Recording, Replayer, copy_sparse, run_tool};
use board_support::boot_control::env_file::EnvFile;
use board_support::boot_control::uboot::{self, COPY_BYTES, SECOND_COPY};
use ota::{BootChoice, Slot};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const SECTOR: u64 = 512;
const GIB: u64 = 1 << 30;
/// Names and numbers as in `yocto-layer/files/wic/school-box-qemuarm64.wks.in` and in the layer's `init`.
const NAMES: [(&str, usize); 9] = [
    ("boot-select", 1),
    ("boot-a", 2),
    ("boot-b", 3),
    ("root-a", 5),
    ("root-b", 6),
    ("verity-a", 7),
    ("verity-b", 8),
    ("boot-env", 9),
    ("data", 10),
];

/// Where a partition lies on its card, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its first byte.
    pub start: u64,
    /// Its length, cut at the end of the card.
    pub len: u64,
}

/// A disk of one's own, sparse, that goes with the value.
#[derive(Debug)]
pub struct Card {
    made: Made,
    dir: TempDir,
}

impl Card {
    /// A card of 8 GB as it leaves the depot.
    #[must_use]
    pub fn fresh(made: &Made) -> Self {
        Self::of_size(made, 8 * GIB)
    }

    /// The same on a card of `bytes`, which may be less than the image.
    #[must_use]
    pub fn of_size(made: &Made, bytes: u64) -> Self {
        let card = Self {
            made: made.clone(),
            dir: folder(),
        };
        copy_sparse(&made.disk(), &card.path()).expect("a copy of the image");
        card.open().set_len(bytes).expect("the size of the card");
        card
    }

    /// A card with the same bytes as `disk`.
    #[must_use]
    pub fn like(made: &Made, disk: &Path) -> Self {
        let card = Self {
            made: made.clone(),
            dir: folder(),
        };
        copy_sparse(disk, &card.path()).expect("a copy of a card");
        card
    }

    /// The card that a power cut left.
    #[must_use]
    pub fn left_by(made: &Made, recording: &Recording, cut: Cut) -> Self {
        let card = Self {
            made: made.clone(),
            dir: folder(),
        };
        Replayer::once(recording, cut, &card.path()).expect("what a power cut leaves");
        card
    }

    /// The disk image.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.dir.path().join("card.img")
    }

    /// A place for files that belong to this card.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// What it was made of.
    #[must_use]
    pub const fn made(&self) -> &Made {
        &self.made
    }

    pub(super) fn open(&self) -> File {
        OpenOptions::new()
            .read(true)
            .write(true)
            .open(self.path())
            .expect("the card")
    }

    /// The partition `name`, as Linux finds it in the table.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn part(&self, name: &str) -> Part {
        let number = NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("no partition is called {name}"))
            .1;
        let disk = self.open();
        let end = disk.metadata().expect("the card").len();
        let (start, len) = *partitions(&disk)
            .get(number - 1)
            .unwrap_or_else(|| panic!("no partition {number} on this card"));
        Part {
            start,
            len: len.min(end.saturating_sub(start)),
        }
    }

    /// `len` bytes of a partition from `offset`.
    #[must_use]
    pub fn read(&self, name: &str, offset: u64, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.open()
            .read_exact_at(&mut bytes, self.part(name).start + offset)
            .expect("bytes of the card");
        bytes
    }

    /// Writes into a partition, behind the back of every check.
    pub fn write(&self, name: &str, offset: u64, bytes: &[u8]) {
        let part = self.part(name);
        assert!(offset + bytes.len() as u64 <= part.len, "outside of {name}");
        self.open()
            .write_all_at(bytes, part.start + offset)
            .expect("bytes onto the card");
    }

    /// Turns over one bit of the byte at `offset`.
    pub fn flip(&self, name: &str, offset: u64) {
        let byte = self.read(name, offset, 1)[0];
        self.write(name, offset, &[byte ^ 0x10]);
    }

    /// Writes a file over the beginning of a partition.
    pub fn put(&self, name: &str, file: &Path) {
        let part = self.part(name);
        let bytes = std::fs::read(file).expect("a part of the image");
        // Zeros stay holes: the partitions are empty but for what stands in the image.
        for (number, chunk) in bytes.chunks(1 << 20).enumerate() {
            let offset = (number as u64) << 20;
            assert!(offset + chunk.len() as u64 <= part.len, "outside of {name}");
            if chunk.iter().any(|byte| *byte != 0) {
                self.write(name, offset, chunk);
            }
        }
    }

    /// Installs in `slot` the system that the other slot has.
    pub fn fill(&self, slot: Slot) {
        let letter = letter(slot);
        for (name, part) in [
            ("boot", "boot-area.img"),
            ("root", "root.img"),
            ("verity", "root.verity"),
        ] {
            self.put(&format!("{name}-{letter}"), &self.made.part(part));
        }
    }

    /// The data partition in the words of `debugfs`, for a card in no machine.
    #[must_use]
    pub fn data(&self) -> String {
        format!(
            "{}?offset={}",
            self.path().display(),
            self.part("data").start
        )
    }

    /// Writes a file into the data's file system, before a machine does.
    pub fn put_in_data(&self, name: &str, bytes: &[u8]) {
        let file = self.folder().join("put-in-data");
        std::fs::write(&file, bytes).expect("a file");
        let (write, data) = (format!("write {} {name}", file.display()), self.data());
        run_tool("debugfs", ["-w", "-R", write.as_str(), data.as_str()]).expect("debugfs");
        std::fs::remove_file(file).expect("a file");
    }

    /// Lays `inside` over what runs in `slot`. Once a slot.
    pub fn lay_over(&self, slot: Slot, inside: &Inside) {
        inside.lay_over(&self.boot_area(slot));
    }

    /// The boot area of a slot, in the words of `mtools`: `IMAGE@@OFFSET`.
    #[must_use]
    pub fn boot_area(&self, slot: Slot) -> String {
        let part = self.part(&format!("boot-{}", letter(slot)));
        format!("{}@@{}", self.path().display(), part.start)
    }

    /// Both copies of the boot choice, byte by byte.
    #[must_use]
    pub fn boot_environment(&self) -> Vec<u8> {
        [0, SECOND_COPY]
            .map(|offset| self.read("boot-env", offset, COPY_BYTES))
            .concat()
    }

    /// Writes the choice as the first change after the depot's would.
    pub fn choose(&self, choice: BootChoice) {
        self.write("boot-env", SECOND_COPY, &uboot::encode(2, choice));
    }

    /// The count of changes and the choice that holds, as the supervisor reads them.
    ///
    /// # Panics
    /// When no copy is sound.
    #[must_use]
    pub fn choice(&self) -> (u32, BootChoice) {
        let part = self.part("boot-env");
        let file = self.folder().join("boot-env");
        let len = usize::try_from(part.len).expect("8 MiB");
        std::fs::write(&file, self.read("boot-env", 0, len)).expect("the boot environment");
        EnvFile::at(file).load().expect("a sound boot choice")
    }
}

const fn letter(slot: Slot) -> &'static str {
    match slot {
        Slot::A => "a",
        Slot::B => "b",
    }
}

fn folder() -> TempDir {
    tempfile::Builder::new()
        .prefix("school-box-card-")
        .tempdir()
        .expect("a folder for a card")
}

/// Start and length of each partition by its number, bytes; the extended one counts as the fourth.
fn partitions(disk: &File) -> Vec<(u64, u64)> {
    let main = table(disk, 0);
    let mut found: Vec<(u64, u64)> = main.iter().map(|(_, start, len)| (*start, *len)).collect();
    let base = main[3].1;
    let mut at = base;
    loop {
        let links = table(disk, at);
        found.push((at + links[0].1, links[0].2));
        if links[1].0 == 0 {
            return found;
        }
        at = base + links[1].1;
    }
}

/// Type, start and length of the four entries of the table at `at`, bytes.
fn table(disk: &File, at: u64) -> [(u8, u64, u64); 4] {
    let mut sector = [0; 512];
    disk.read_exact_at(&mut sector, at)
        .expect("a partition table");
    assert_eq!(&sector[510..], b"\x55\xaa", "a partition table at {at}");
    let number = |at: usize| {
        let bytes = sector[at..at + 4].try_into().expect("four bytes");
        u64::from(u32::from_le_bytes(bytes)) * SECTOR
    };
    [446, 462, 478, 494].map(|entry| (sector[entry + 4], number(entry + 8), number(entry + 12)))
}
