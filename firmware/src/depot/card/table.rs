//! The partition table of an image of ours: an MBR with three primary partitions and the rest logical, data last (`yocto-layer/files/wic`). Pure but
//! for the reading.

use super::bytes::{ReadAt, le32};
use std::io;

/// Bytes of a sector.
const SECTOR: u64 = 512;
/// Types of the partition around the logical ones.
const EXTENDED: [u8; 3] = [0x05, 0x0f, 0x85];
/// Logical partitions at most: an endless chain is none.
const MOST_LOGICAL: u8 = 32;
/// What makes a sector a table, and where in it.
pub(super) const MARK: [u8; 2] = [0x55, 0xaa];
pub(super) const MARK_AT: usize = 510;
/// What holds a table, and is read and written as one.
pub(super) const TABLE: u64 = 4096;

/// A partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Partition {
    /// As the kernel numbers it.
    pub(super) number: u8,
    /// Where it begins, bytes.
    pub(super) at: u64,
    /// How long it is, bytes; that of the last one has no meaning, for it reaches to the end of its card.
    pub(super) bytes: u64,
}

/// What lies where in an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    /// All but data.
    pub(super) system: Vec<Partition>,
    /// Where each link of the chain of logical partitions stands, bytes.
    pub(super) links: Vec<u64>,
    /// The last logical partition.
    pub(super) data: Partition,
}

/// Why a disk has no table of ours.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoTable {
    /// A part of it cannot be read: whether it is one of ours nobody knows.
    #[error("it cannot be read ({source})")]
    Unread {
        /// Bytes from the disk's first.
        at: u64,
        source: io::Error,
    },
    /// It was read, and is none.
    #[error("{0}")]
    NotOurs(&'static str),
}

impl From<&'static str> for NoTable {
    fn from(why: &'static str) -> Self {
        Self::NotOurs(why)
    }
}

struct Entry {
    kind: u8,
    start: u64,
    count: u64,
}

impl Table {
    /// Reads the table of `disk`.
    ///
    /// # Errors
    /// [`NoTable`].
    pub(super) fn read(disk: &dyn ReadAt) -> Result<Self, NoTable> {
        let main = entries(disk, 0)?;
        let of = |number: u8, entry: &Entry, from: u64| Partition {
            number,
            at: from + entry.start * SECTOR,
            bytes: entry.count * SECTOR,
        };
        let mut system = Vec::new();
        let mut around = None;
        for (number, entry) in (1_u8..).zip(&main) {
            match entry.kind {
                0 => {}
                kind if EXTENDED.contains(&kind) => around = Some(entry.start * SECTOR),
                _ => system.push(of(number, entry, 0)),
            }
        }
        let base = around.ok_or("it has no extended partition")?;
        let (mut links, mut here) = (Vec::new(), base);
        for number in 5..5 + MOST_LOGICAL {
            links.push(here);
            let link = entries(disk, here)?;
            let own =
                (link.iter()).find(|entry| entry.kind != 0 && !EXTENDED.contains(&entry.kind));
            let own = own.ok_or("a logical partition is missing")?;
            system.push(of(number, own, here));
            let next = link.iter().find(|entry| EXTENDED.contains(&entry.kind));
            let Some(next) = next else { break };
            let next = base + next.start * SECTOR;
            if next <= here {
                return Err("its chain of logical partitions runs backwards".into());
            }
            here = next;
        }
        Self::sound(system, links)
    }

    /// Of all partitions and links of a table, if a card can be written by it.
    fn sound(mut system: Vec<Partition>, links: Vec<u64>) -> Result<Self, NoTable> {
        system.sort_by_key(|partition| partition.at);
        let data = system.pop().ok_or("it has no data partition")?;
        // All that is written together stands on blocks of 4 KiB, but for the boot area's first.
        if data.number < 5 || !data.at.is_multiple_of(TABLE) {
            return Err("its last partition is no logical one".into());
        }
        let apart = (system.windows(2)).all(|two| matches!(two, [a, b] if a.at + a.bytes <= b.at));
        let before = system
            .last()
            .is_none_or(|last| last.at + last.bytes <= data.at);
        // The table is written last of all, and whole blocks are written.
        let first = (system.iter().map(|part| part.at))
            .chain(links.iter().copied())
            .min();
        if first.is_some_and(|at| at < TABLE) {
            return Err("something of it stands within its first 4 KiB".into());
        }
        if !apart || !before {
            return Err("its partitions overlap".into());
        }
        Ok(Self {
            system,
            links,
            data,
        })
    }
}

fn entries(disk: &dyn ReadAt, at: u64) -> Result<Vec<Entry>, NoTable> {
    let mut sector = [0; SECTOR as usize];
    match disk.read_at(at, &mut sector) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err("it ends before its partitions do".into());
        }
        Err(source) => return Err(NoTable::Unread { at, source }),
        Ok(()) => {}
    }
    if sector[MARK_AT..] != MARK {
        return Err("it has no partition table".into());
    }
    let entry = |entry: &[u8]| Entry {
        kind: entry[4],
        start: u64::from(le32(entry, 8)),
        count: u64::from(le32(entry, 12)),
    };
    Ok(sector[446..MARK_AT].chunks(16).map(entry).collect())
}
