//! The log of a `blklogwrites` device: the format of Linux' `dm-log-writes`.
//!
//! All numbers are little-endian `u64`. The first sector is the superblock: magic, version, number of entries,
//! sector size (`u32`). Then the entries, each a header padded to a sector (start sector, number of sectors,
//! flags, length of data that stands in the header) followed by the data; a discard has none.

use anyhow::{Context as _, Result, ensure};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

const MAGIC: u64 = 0x006a_7366_7773_6872;
const VERSION: u64 = 1;
const FLUSH: u64 = 1;
const FUA: u64 = 1 << 1;
const DISCARD: u64 = 1 << 2;
const MARK: u64 = 1 << 3;

/// What an entry did to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `len` bytes came to `offset`; they stand at `data` in the log.
    Write {
        /// Where on the disk, bytes.
        offset: u64,
        /// How much, bytes.
        len: u64,
        /// Where in the log, bytes.
        data: u64,
    },
    /// `len` bytes at `offset` were given back: they read as zeros, or as before.
    Discard {
        /// Where on the disk, bytes.
        offset: u64,
        /// How much, bytes.
        len: u64,
    },
    /// Nothing but its flags.
    Empty,
}

/// One entry of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// All that was written before this entry is on the disk for good.
    pub flush: bool,
    /// This entry itself is on the disk for good.
    pub fua: bool,
    /// What it did.
    pub op: Op,
}

/// A log, its headers read.
#[derive(Debug)]
pub struct Log {
    file: File,
    entries: Vec<Entry>,
}

impl Log {
    /// Reads the headers of the log at `path`.
    ///
    /// # Errors
    /// When the file is cut short or is no log.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("no block log {}", path.display()))?;
        let (count, sector) = superblock(&file)?;
        let mut entries = Vec::new();
        let mut at = sector;
        for number in 0..count {
            let mut header = [0_u8; 32];
            file.read_exact_at(&mut header, at).with_context(|| {
                format!("entry {number} of {count} of the block log is missing")
            })?;
            let (entry, data_len) = parse_entry(&header, sector, at + sector);
            entries.push(entry);
            at += sector + data_len;
        }
        Ok(Self { file, entries })
    }

    /// Every entry, in the order in which the disk took them.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What happened to `len` bytes from `start`, counted from there; all else becomes [`Op::Empty`].
    pub(super) fn within(&self, start: u64, len: u64) -> Result<Self> {
        let shift = |offset: u64, size: u64| -> Result<Option<u64>> {
            let inside = offset >= start && offset + size <= start + len;
            let outside = offset + size <= start || offset >= start + len;
            ensure!(
                inside || outside,
                "a write at {offset} lies across an edge of {start}+{len}"
            );
            Ok(inside.then(|| offset - start))
        };
        let moved = |op| -> Result<Op> {
            Ok(match op {
                Op::Write { offset, len, data } => {
                    shift(offset, len)?.map_or(Op::Empty, |offset| Op::Write { offset, len, data })
                }
                Op::Discard { offset, len } => {
                    shift(offset, len)?.map_or(Op::Empty, |offset| Op::Discard { offset, len })
                }
                Op::Empty => Op::Empty,
            })
        };
        let entries = self.entries.iter().map(|entry| -> Result<Entry> {
            Ok(Entry {
                op: moved(entry.op)?,
                ..*entry
            })
        });
        Ok(Self {
            file: self
                .file
                .try_clone()
                .context("the block log cannot be shared")?,
            entries: entries.collect::<Result<_>>()?,
        })
    }

    /// Fills `buf` from the log's byte `data` (see [`Op::Write`]).
    ///
    /// # Errors
    /// When the log ends before `buf` is full.
    pub fn read_data(&self, data: u64, buf: &mut [u8]) -> Result<()> {
        self.file
            .read_exact_at(buf, data)
            .with_context(|| format!("the block log ends before its byte {data}"))
    }
}

/// A log to which nothing came yet: its writer says nothing before its first entry.
pub(crate) fn empty() -> Vec<u8> {
    let numbers = [MAGIC, VERSION, 0, 512];
    let mut sector: Vec<u8> = numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    sector.resize(512, 0);
    sector
}

/// Number of entries and size of a sector, bytes.
pub(super) fn superblock(file: &File) -> Result<(u64, u64)> {
    let mut head = [0_u8; 28];
    file.read_exact_at(&mut head, 0)
        .context("the block log has no first sector")?;
    let (magic, version, count) = (u64_at(&head, 0), u64_at(&head, 8), u64_at(&head, 16));
    // A `u32`, read as the upper half of the eight bytes that end with it.
    let sector = u64_at(&head, 20) >> 32;
    ensure!(
        magic == MAGIC && version == VERSION,
        "no block log: magic {magic:#x}, version {version}"
    );
    ensure!(
        sector.is_power_of_two() && sector >= 512,
        "a block log with sectors of {sector} bytes"
    );
    Ok((count, sector))
}

/// The entry, and how many bytes of data follow its header.
fn parse_entry(header: &[u8; 32], sector: u64, data: u64) -> (Entry, u64) {
    let (offset, len, flags) = (
        u64_at(header, 0) * sector,
        u64_at(header, 8) * sector,
        u64_at(header, 16),
    );
    let op = match () {
        () if len == 0 || flags & MARK != 0 => Op::Empty,
        () if flags & DISCARD != 0 => Op::Discard { offset, len },
        () => Op::Write { offset, len, data },
    };
    let data_len = if flags & DISCARD != 0 { 0 } else { len };
    (
        Entry {
            flush: flags & FLUSH != 0,
            fua: flags & FUA != 0,
            op,
        },
        data_len,
    )
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes[at..at + 8]
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test says what failed by failing")]
mod tests {
    use super::*;

    fn sector_of(numbers: &[u64]) -> Vec<u8> {
        let mut bytes: Vec<u8> = numbers
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect();
        bytes.resize(512, 0);
        bytes
    }

    fn log_of(sectors: &[Vec<u8>]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), sectors.concat()).unwrap();
        file
    }

    #[test]
    fn entries_are_read_in_order_with_their_data() {
        let file = log_of(&[
            sector_of(&[MAGIC, VERSION, 4, 512]),
            sector_of(&[7, 1, FUA, 0]),
            vec![0xab; 512],
            sector_of(&[0, 0, FLUSH, 0]),
            sector_of(&[16, 8, DISCARD, 0]),
            sector_of(&[9, 2, 0, 0]),
            vec![0xcd; 1024],
        ]);
        let log = Log::open(file.path()).unwrap();
        let plain = |op| Entry {
            flush: false,
            fua: false,
            op,
        };
        assert_eq!(
            log.entries(),
            [
                Entry {
                    fua: true,
                    ..plain(Op::Write {
                        offset: 7 * 512,
                        len: 512,
                        data: 1024
                    })
                },
                Entry {
                    flush: true,
                    ..plain(Op::Empty)
                },
                plain(Op::Discard {
                    offset: 16 * 512,
                    len: 8 * 512
                }),
                plain(Op::Write {
                    offset: 9 * 512,
                    len: 1024,
                    data: 3072
                }),
            ]
        );
        let mut last = [0_u8; 1024];
        log.read_data(3072, &mut last).unwrap();
        assert_eq!(last, [0xcd; 1024]);
    }

    #[test]
    fn nothing_came_to_an_empty_log() {
        let log = Log::open(log_of(&[empty()]).path()).unwrap();
        assert_eq!(log.entries(), []);
    }

    #[test]
    fn what_is_no_log_is_refused() {
        let refusal =
            |sectors: &[Vec<u8>]| Log::open(log_of(sectors).path()).unwrap_err().to_string();
        assert_eq!(
            refusal(&[vec![0; 512]]),
            "no block log: magic 0x0, version 0"
        );
        assert_eq!(
            refusal(&[sector_of(&[MAGIC, VERSION, 1, 7])]),
            "a block log with sectors of 7 bytes"
        );
        let lying = refusal(&[sector_of(&[MAGIC, VERSION, u64::MAX, 512])]);
        assert_eq!(
            lying,
            "entry 0 of 18446744073709551615 of the block log is missing"
        );
    }
}
