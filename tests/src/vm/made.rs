//! What `make image` made.

use crate::need::{Met, program, skip};
use std::path::{Path, PathBuf};

/// The parts that the assembler leaves beside the disk.
const PARTS: [&str; 6] = [
    "disk.img",
    "flash0.img",
    "flash1.img",
    "boot-area.img",
    "root.img",
    "root.verity",
];

/// The folder with the finished image.
#[derive(Debug, Clone)]
pub struct Made {
    folder: PathBuf,
}

impl Made {
    /// The image, and the programs that boot and edit it; `None` means that the caller has to return: the test counts as skipped.
    #[must_use]
    pub fn found(test: &str) -> Met<Self> {
        program(test, "qemu-system-aarch64", "qemu-system-arm")?;
        program(test, "mcopy", "mtools")?;
        let folder = repository().join("target/image");
        match PARTS.iter().find(|part| !folder.join(part).is_file()) {
            None => Some(Self { folder }),
            Some(part) => skip(test, &format!("no target/image/{part}"), "make image"),
        }
    }

    /// The whole disk as it leaves the depot: slot A filled, slot B empty, data of 128 MiB.
    #[must_use]
    pub fn disk(&self) -> PathBuf {
        self.part("disk.img")
    }

    /// One part, e.g. `root.img`.
    #[must_use]
    pub fn part(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// The top of this repository.
pub(super) fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
