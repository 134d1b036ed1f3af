//! A card, or a file that stands for one: read and written past the system's cache where it lets us, so that what is read back comes from the card.

use super::bytes::ReadAt;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom};
use std::os::unix::fs::{FileExt as _, FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;

/// What every place and length is a multiple of: as much as any disk wants.
pub(super) const ALIGN: usize = 4096;

/// `O_DIRECT` of Linux (`asm/fcntl.h` of each processor); 0: the system has none, or none that we know.
const DIRECT: i32 = if !cfg!(target_os = "linux") {
    0
} else if cfg!(any(target_arch = "arm", target_arch = "aarch64")) {
    0o200_000
} else if cfg!(any(
    target_arch = "x86",
    target_arch = "x86_64",
    target_arch = "riscv64"
)) {
    0o40_000
} else {
    0
};
/// `O_EXCL`: a disk that is in use is not opened.
const ALONE: i32 = if cfg!(target_os = "linux") { 0o200 } else { 0 };

/// What is written to and read back.
pub(super) trait Card: ReadAt {
    /// Its size, bytes.
    fn bytes(&self) -> u64;
    /// A card in a reader, whose maker may have lied about its size; else a file.
    fn physical(&self) -> bool;
    fn write_at(&self, at: u64, bytes: &[u8]) -> io::Result<()>;
    /// What was written is on the card.
    fn sync(&self) -> io::Result<()>;
}

/// How it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Only read.
    Look,
    /// A file, written; made where there is none.
    File,
    /// A disk, written; refused where the system uses it, whatever anybody said: what is written beside us spoils the card.
    Alone,
}

/// A block device or a file.
#[derive(Debug)]
pub(super) struct Device {
    file: File,
    bytes: u64,
    physical: bool,
}

impl Device {
    /// Opens it. A file that is not there is made, `make` bytes long, if a file is to be written; an empty one is given that length. Nothing is made where
    /// a disk was: it would be a file of memory under its name.
    pub(super) fn open(path: &Path, used: Use, make: u64) -> io::Result<Self> {
        let there = path.metadata();
        let physical = there
            .as_ref()
            .is_ok_and(|meta| meta.file_type().is_block_device());
        let open = |flags: i32| {
            let mut options = OpenOptions::new();
            options
                .read(true)
                .write(used != Use::Look)
                .custom_flags(flags);
            options.create(used == Use::File).open(path)
        };
        if !physical && cfg!(target_os = "linux") && used == Use::Alone {
            let gone = "the card is gone, and something else has its name";
            return Err(io::Error::new(io::ErrorKind::NotFound, gone));
        }
        let alone = match used {
            Use::Alone => ALONE,
            Use::Look | Use::File => 0,
        };
        let mut file = match open(DIRECT | alone) {
            // A file system that cannot.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => open(alone)?,
            opened => opened?,
        };
        let mut bytes = file.seek(SeekFrom::End(0))?;
        if bytes == 0 && used == Use::File {
            file.set_len(make)?;
            bytes = make;
        }
        Ok(Self {
            file,
            bytes,
            physical,
        })
    }
}

impl ReadAt for Device {
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        let whole = at.is_multiple_of(ALIGN as u64) && buffer.len().is_multiple_of(ALIGN);
        if whole && buffer.as_ptr().align_offset(ALIGN) == 0 {
            return self.file.read_exact_at(buffer, at);
        }
        let from = at / ALIGN as u64 * ALIGN as u64;
        let before = usize::try_from(at - from).unwrap_or(0);
        let mut around = Buffer::new((before + buffer.len()).next_multiple_of(ALIGN));
        self.file.read_exact_at(around.bytes(), from)?;
        let part = around.bytes().get(before..before + buffer.len());
        buffer.copy_from_slice(part.unwrap_or_default());
        Ok(())
    }
}

impl Card for Device {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn physical(&self) -> bool {
        self.physical
    }

    fn write_at(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, at)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }
}

/// Bytes that begin where a disk wants them to.
pub(super) struct Buffer {
    bytes: Vec<u8>,
    from: usize,
    len: usize,
}

impl Buffer {
    /// `len` zeros.
    pub(super) fn new(len: usize) -> Self {
        let bytes = vec![0; len + ALIGN];
        let from = bytes.as_ptr().align_offset(ALIGN).min(ALIGN);
        Self { bytes, from, len }
    }

    pub(super) fn bytes(&mut self) -> &mut [u8] {
        self.part(self.len)
    }

    /// The first `len` bytes, or all.
    pub(super) fn part(&mut self, len: usize) -> &mut [u8] {
        let to = self.from + len.min(self.len);
        self.bytes.get_mut(self.from..to).unwrap_or_default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_card_that_was_pulled_out_is_not_made_as_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sdb");
        for used in [Use::Alone, Use::Look] {
            assert!(Device::open(&path, used, 4096).is_err(), "{used:?}");
            assert!(!path.exists(), "{used:?}");
        }
        // Control: a file is.
        let made = Device::open(&path, Use::File, 4096).unwrap();
        assert_eq!((made.bytes(), path.metadata().unwrap().len()), (4096, 4096));
        // What stands there by now is no card.
        assert!(Device::open(&path, Use::Alone, 4096).is_err());
    }
}
