//! Where on a FAT partition a small file of the root folder lies: enough of the format to read a file of one cluster and to overwrite one
//! sector in place, and no more.
//!
//! FAT12, FAT16 and FAT32; only the first [`LARGEST`] bytes of the root folder are looked at.

use super::sectors::{LARGEST, Sectors};
use std::io;

const SECTOR: usize = 512;
const ENTRY: usize = 32;
/// Of an entry's attributes: a folder, or a volume's name (every piece of a long name has that bit too).
const NO_FILE: u8 = 0x18;

/// Where the first sector of the file is, bytes from the partition's begin. `name` is its short name as the folder spells it: eight letters
/// and three, upper case, filled with spaces.
pub(super) fn place_of_file(disk: &impl Sectors, name: &[u8; 11], size: usize) -> io::Result<u64> {
    let found = find(disk, name)?;
    if found.bytes as usize != size {
        let shown = String::from_utf8_lossy(name);
        return Err(io::Error::other(format!(
            "its file {shown} is not of {size} bytes"
        )));
    }
    Ok(found.at)
}

/// The bytes of a file that lies in one cluster, of at most [`LARGEST`] bytes.
pub(super) fn small_file(disk: &impl Sectors, name: &[u8; 11]) -> io::Result<Vec<u8>> {
    let found = find(disk, name)?;
    let bytes = found.bytes as usize;
    if bytes > LARGEST || u64::from(found.bytes) > found.cluster_bytes {
        let shown = String::from_utf8_lossy(name);
        return Err(io::Error::other(format!("its file {shown} is too long")));
    }
    let mut whole = vec![0; bytes.next_multiple_of(SECTOR)];
    disk.read(found.at, &mut whole)?;
    whole.truncate(bytes);
    Ok(whole)
}

struct Found {
    at: u64,
    bytes: u32,
    cluster_bytes: u64,
}

fn find(disk: &impl Sectors, name: &[u8; 11]) -> io::Result<Found> {
    let mut boot = [0; SECTOR];
    disk.read(0, &mut boot)?;
    let layout = Layout::of(&boot).ok_or_else(|| io::Error::other("it is no FAT file system"))?;
    let mut root = vec![0; layout.root_bytes.min(LARGEST)];
    disk.read(layout.root, &mut root)?;
    let shown = String::from_utf8_lossy(name);
    for entry in root.chunks_exact(ENTRY) {
        if entry[0] == 0 {
            break;
        }
        if entry[..11] == name[..] && entry[11] & NO_FILE == 0 {
            let cluster = u32::from(le16(entry, 20)) << 16 | u32::from(le16(entry, 26));
            let at = layout
                .cluster(cluster)
                .ok_or_else(|| io::Error::other(format!("its file {shown} lies nowhere")))?;
            return Ok(Found {
                at,
                bytes: le32(entry, 28),
                cluster_bytes: layout.cluster_bytes,
            });
        }
    }
    Err(io::Error::other(format!("it has no file {shown}")))
}

struct Layout {
    root: u64,
    root_bytes: usize,
    data: u64,
    cluster_bytes: u64,
}

impl Layout {
    fn of(boot: &[u8; SECTOR]) -> Option<Self> {
        let sectors_per_cluster = u64::from(boot[13]);
        let sane = boot[510..] == [0x55, 0xAA]
            && usize::from(le16(boot, 11)) == SECTOR
            && sectors_per_cluster.is_power_of_two();
        if !sane {
            return None;
        }
        let sector = SECTOR as u64;
        let (reserved, tables) = (u64::from(le16(boot, 14)), u64::from(boot[16]));
        let root_entries = usize::from(le16(boot, 17));
        let table = match le16(boot, 22) {
            0 => u64::from(le32(boot, 36)),
            sectors => u64::from(sectors),
        };
        let first = (reserved + tables * table) * sector;
        let fixed_root = (root_entries * ENTRY).next_multiple_of(SECTOR);
        let mut layout = Self {
            root: first,
            root_bytes: fixed_root,
            data: first + fixed_root as u64,
            cluster_bytes: sectors_per_cluster * sector,
        };
        if root_entries == 0 {
            layout.root = layout.cluster(le32(boot, 44))?;
            layout.root_bytes = usize::try_from(layout.cluster_bytes).ok()?;
        }
        Some(layout)
    }

    fn cluster(&self, number: u32) -> Option<u64> {
        let index = u64::from(number.checked_sub(2)?);
        Some(self.data + index * self.cluster_bytes)
    }
}

fn le16(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn le32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
