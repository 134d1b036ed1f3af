//! The two that read a boot choice at the beginning: the boot script under the real U-Boot, and `school-box boot-select`, its model.

use super::medium::{COPY, Copies};
use board_support::boot_control::uboot::SECOND_COPY;
use ota::Slot;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use system_tests::vm::{BOOT, Card, Launch, Made};
use system_tests::world::{Outcome, school_box};
use tempfile::TempDir;

/// What a start picks, and what it leaves of the copies.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) slot: Slot,
    pub(super) left: Copies,
}

/// U-Boot on a card.
pub(super) struct Loader {
    name: String,
    card: Card,
    starts: usize,
    pub(super) cpu: Duration,
}

impl Loader {
    /// `name` stands in those of its logs.
    pub(super) fn of(made: &Made, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            card: Card::fresh(made),
            starts: 0,
            cpu: Duration::ZERO,
        }
    }

    /// Starts the machine with these copies on its card, up to the line that names the slot.
    pub(super) fn start(&mut self, copies: &Copies) -> Start {
        let (first, second) = copies.split_at(COPY);
        self.card.write("boot-env", 0, first);
        self.card.write("boot-env", SECOND_COPY, second);
        self.starts += 1;
        let name = format!("power-cuts-of-the-choice-{}-{}", self.name, self.starts);
        let mut vm = Launch::of(&self.card, &name).boot();
        let slot = vm.wait("the slot that boots", BOOT, |vm| {
            picked(&vm.serial().text())
        });
        self.cpu += vm.cpu_time();
        vm.kill();
        let left = self.card.boot_environment();
        Start { slot, left }
    }
}

fn picked(said: &str) -> Option<Slot> {
    let lines = said
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    let mut slots = lines.filter_map(|line| {
        let (slot, rest) = line
            .strip_prefix("school-box: slot ")?
            .split_at_checked(1)?;
        rest.starts_with(" boots").then(|| slot.parse().unwrap())
    });
    slots.next()
}

/// An image of the partition, for `boot-select`.
pub(super) struct Model {
    dir: TempDir,
    file: File,
}

impl Model {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut options = OpenOptions::new();
        let file = options
            .create_new(true)
            .read(true)
            .write(true)
            .open(dir.path().join("boot-env"))
            .unwrap();
        file.set_len(SECOND_COPY + COPY as u64).unwrap();
        Self { dir, file }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.dir.path().join("boot-env")
    }

    /// Puts the copies into the image.
    pub(super) fn hold(&self, copies: &Copies) -> &Path {
        let (first, second) = copies.split_at(COPY);
        self.file.write_all_at(first, 0).unwrap();
        self.file.write_all_at(second, SECOND_COPY).unwrap();
        self.dir.path()
    }

    /// What the program does with these copies.
    pub(super) fn start(&self, copies: &Copies) -> Start {
        self.hold(copies);
        let mut command = Command::new(school_box());
        command.args(["boot-select", "--env"]).arg(self.path());
        let slot = Outcome::of(command)
            .succeeded()
            .stdout
            .trim()
            .parse()
            .unwrap();
        let mut left = vec![0; 2 * COPY];
        let (first, second) = left.split_at_mut(COPY);
        self.file.read_exact_at(first, 0).unwrap();
        self.file.read_exact_at(second, SECOND_COPY).unwrap();
        Start { slot, left }
    }
}
