//! Bytes at fixed places of a disk: what a boot loader reads without a file system.

use nix::fcntl::OFlag;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The most that is read or written at once, bytes.
pub(super) const LARGEST: usize = 16 * 1024;

/// A disk, a partition, or an image of one.
pub(super) trait Sectors: Send {
    /// For people.
    fn place(&self) -> String;

    /// Bytes.
    fn size(&self) -> io::Result<u64>;

    /// Fills `into` (at most [`LARGEST`], whole sectors) from `offset` on.
    fn read(&self, offset: u64, into: &mut [u8]) -> io::Result<()>;

    /// Writes `bytes` (at most [`LARGEST`], whole sectors) at `offset`; they are on the medium when it returns.
    fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;
}

/// A block device or a file. A device is read and written past the page cache (`O_DIRECT`): what is read back is then what the medium
/// holds, and a write touches no sector but its own.
#[derive(Debug)]
pub(super) struct Disk {
    path: PathBuf,
}

impl Disk {
    pub(super) fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    fn open(&self, write: bool) -> io::Result<File> {
        let device = std::fs::metadata(&self.path)?.file_type().is_block_device();
        let mut flags = OFlag::O_DSYNC | OFlag::O_NONBLOCK;
        if device {
            flags |= OFlag::O_DIRECT;
        }
        OpenOptions::new()
            .read(true)
            .write(write)
            .custom_flags(flags.bits())
            .open(&self.path)
    }
}

/// `O_DIRECT` wants memory on a block's boundary.
#[repr(C, align(4096))]
struct Aligned([u8; LARGEST]);

fn aligned(len: usize) -> io::Result<Box<Aligned>> {
    if len > LARGEST {
        return Err(ErrorKind::InvalidInput.into());
    }
    Ok(Box::new(Aligned([0; LARGEST])))
}

impl Sectors for Disk {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn size(&self) -> io::Result<u64> {
        self.open(false)?.seek(SeekFrom::End(0))
    }

    fn read(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let mut buffer = aligned(into.len())?;
        let whole = &mut buffer.0[..into.len()];
        self.open(false)?.read_exact_at(whole, offset)?;
        into.copy_from_slice(whole);
        Ok(())
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut buffer = aligned(bytes.len())?;
        let whole = &mut buffer.0[..bytes.len()];
        whole.copy_from_slice(bytes);
        let file = self.open(true)?;
        file.write_all_at(whole, offset)?;
        file.sync_all()
    }
}

/// A disk in memory whose power can be cut in the middle of a write.
#[cfg(test)]
#[derive(Debug, Clone)]
pub(super) struct TornDisk {
    pub(super) bytes: Vec<u8>,
    /// The next write stops after so many of its bytes, and the power is gone.
    pub(super) cut_after: Option<usize>,
    pub(super) writes: usize,
}

#[cfg(test)]
impl TornDisk {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            cut_after: None,
            writes: 0,
        }
    }
}

#[cfg(test)]
impl Sectors for TornDisk {
    fn place(&self) -> String {
        "a disk in memory".to_owned()
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.bytes.len() as u64)
    }

    fn read(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let at = usize::try_from(offset).map_err(io::Error::other)?;
        let there = self
            .bytes
            .get(at..at + into.len())
            .ok_or(ErrorKind::UnexpectedEof)?;
        into.copy_from_slice(there);
        Ok(())
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let at = usize::try_from(offset).map_err(io::Error::other)?;
        self.writes += 1;
        let through = self.cut_after.unwrap_or(bytes.len()).min(bytes.len());
        self.bytes[at..at + through].copy_from_slice(&bytes[..through]);
        match self.cut_after {
            Some(_) => Err(io::Error::other("the power was cut")),
            None => Ok(()),
        }
    }
}
