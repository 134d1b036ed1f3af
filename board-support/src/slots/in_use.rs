//! What must not be written: whatever the running system is made of, and whatever somebody uses.
//!
//! Devices are told by their numbers, so a link, a second name or a device mapper target in front changes nothing. Where the kernel does not say
//! what a device is, it is not written either.

use crate::files::INPUT_BYTES;
use nix::sys::stat::{major, minor};
use std::collections::BTreeSet;
use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Mounts of a box are a few dozen lines.
const MOUNTS_AT_MOST: u64 = 1 << 20;
/// Device mapper targets in front of one another; a box has one.
const DEEPEST: u8 = 8;

/// A block device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number {
    major: u64,
    minor: u64,
}

impl Number {
    /// Of a node.
    ///
    /// # Errors
    /// Where it is none of a block device.
    pub(super) fn of(node: &Metadata) -> io::Result<Self> {
        if !node.file_type().is_block_device() {
            return Err(io::Error::new(
                ErrorKind::InvalidInput,
                "it is no block device",
            ));
        }
        Ok(Self {
            major: major(node.rdev()),
            minor: minor(node.rdev()),
        })
    }

    /// `MAJOR:MINOR`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.trim().split_once(':')?;
        Some(Self {
            major: major.parse().ok()?,
            minor: minor.parse().ok()?,
        })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.major, self.minor)
    }
}

/// Where the kernel says what is used for what.
#[derive(Debug)]
pub(super) struct Uses {
    /// `/proc/self/mountinfo`.
    pub(super) mounts: PathBuf,
    /// `/sys/dev/block`: a folder, or a link to one, for each device.
    pub(super) devices: PathBuf,
}

impl Uses {
    /// What the running system is made of: the devices of its slot (`nodes`), what its root is mounted from, and what lies below and around
    /// these.
    ///
    /// # Errors
    /// Where one of them cannot be told.
    pub(super) fn of_running_system<'a>(
        &self,
        nodes: impl Iterator<Item = &'a Path>,
    ) -> io::Result<BTreeSet<Number>> {
        let mut found = BTreeSet::new();
        for node in nodes {
            self.add(Number::of(&std::fs::metadata(node)?)?, DEEPEST, &mut found)?;
        }
        let mounts = self.mounted()?;
        // A later mount lies over an earlier one; what is below is in use all the same.
        for (root, _) in mounts.iter().filter(|(_, place)| place == "/") {
            // Major 0: a file system of no device.
            if root.major != 0 {
                self.add(*root, DEEPEST, &mut found)?;
            }
        }
        Ok(found)
    }

    /// Why `device` is not written, if so.
    ///
    /// # Errors
    /// Where the kernel does not say what it is used for.
    pub(super) fn refusal(
        &self,
        device: Number,
        of_running_system: &BTreeSet<Number>,
    ) -> io::Result<Option<String>> {
        if of_running_system.contains(&device) {
            return Ok(Some(format!(
                "device {device} is a part of the running system"
            )));
        }
        if let Some((_, place)) = self.mounted()?.iter().find(|(number, _)| *number == device) {
            return Ok(Some(format!("device {device} is mounted at {place}")));
        }
        let holders = self.devices.join(device.to_string()).join("holders");
        Ok(names(&holders)?
            .first()
            .map(|holder| format!("device {device} is in use by {holder}")))
    }

    /// `device`, the disk that it is a partition of, and what a device mapper target lies on.
    fn add(&self, device: Number, deep: u8, found: &mut BTreeSet<Number>) -> io::Result<()> {
        if deep == 0 || !found.insert(device) {
            return Ok(());
        }
        let folder = self.devices.join(device.to_string()).canonicalize()?;
        if folder.join("partition").exists()
            && let Some(disk) = folder.parent()
        {
            found.insert(number_in(disk)?);
        }
        let below = folder.join("slaves");
        for name in names(&below)? {
            self.add(number_in(&below.join(name))?, deep - 1, found)?;
        }
        Ok(())
    }

    /// Device and place of every mount.
    fn mounted(&self) -> io::Result<Vec<(Number, String)>> {
        let mut text = Vec::new();
        File::open(&self.mounts)?
            .take(MOUNTS_AT_MOST)
            .read_to_end(&mut text)?;
        let text = String::from_utf8_lossy(&text);
        let mount = |line: &str| {
            // Number, parent's number, device, root of the mount in its file system, place.
            let mut fields = line.split(' ').skip(2);
            let device = Number::parse(fields.next()?)?;
            Some((device, fields.nth(1)?.to_owned()))
        };
        Ok(text.lines().filter_map(mount).collect())
    }
}

/// The number that the kernel gives in a device's folder.
fn number_in(folder: &Path) -> io::Result<Number> {
    let mut text = String::new();
    File::open(folder.join("dev"))?
        .take(INPUT_BYTES)
        .read_to_string(&mut text)?;
    Number::parse(&text).ok_or_else(|| {
        io::Error::new(
            ErrorKind::InvalidData,
            format!("{}: no device number", folder.display()),
        )
    })
}

/// Sorted. A partition has no `slaves`: none.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound && parent_is_there(folder) => {
            return Ok(Vec::new());
        }
        entries => entries?,
    };
    let mut names = entries
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

fn parent_is_there(folder: &Path) -> bool {
    folder.parent().is_some_and(Path::is_dir)
}
