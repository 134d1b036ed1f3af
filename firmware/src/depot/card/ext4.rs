//! Which blocks of an ext4 file system are in use, from its own bitmaps (Documentation/filesystems/ext4): what a card has to hold, and no more.
//!
//! A block that is in use and full of zeros is written all the same: a journal that held what an earlier use of the card left could be replayed.
//! A free block is never read before it is written, so it keeps whatever it holds.

use super::bytes::{ReadAt, le16, le32};
use std::io;

/// Bytes of a block: the only size that we make.
pub(super) const BLOCK: u64 = 4096;
const MAGIC: u16 = 0xef53;
const INCOMPAT_64BIT: u32 = 0x80;
const INCOMPAT_META_BG: u32 = 0x10;
const COMPAT_SPARSE_SUPER2: u32 = 0x200;
/// Of a group: its bitmap was never written, for none of its blocks is used but those of its own description.
const BLOCK_UNINIT: u16 = 0x2;

/// The blocks of a file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Used {
    /// Bytes of the whole file system.
    pub(super) bytes: u64,
    /// Runs of blocks in use: where each begins and how long it is, bytes from the file system's first. Sorted; none touches the next.
    pub(super) runs: Vec<(u64, u64)>,
}

impl Used {
    /// Of the file system that begins at `at` of `disk`.
    ///
    /// # Errors
    /// In words: it cannot be read, or is no ext4 of ours.
    pub(super) fn read(disk: &dyn ReadAt, at: u64) -> Result<Self, String> {
        let described = Described::read(disk, at)?;
        let geometry = &described.geometry;
        let (mut runs, mut bitmap) = (Runs::default(), vec![0; 4096]);
        for group in 0..described.groups() {
            let begin = group * geometry.per_group;
            let count = geometry.per_group.min(geometry.blocks - begin);
            match described.bitmap(group)? {
                None if has_copy(group) => runs.add(begin, described.own().min(count)),
                None => {}
                Some(block) => {
                    disk.read_at(at + block * BLOCK, &mut bitmap)
                        .map_err(unread)?;
                    runs.add_bits(begin, count, &bitmap);
                }
            }
        }
        Ok(Self {
            bytes: geometry.blocks * BLOCK,
            runs: runs.0,
        })
    }

    /// Bytes in use.
    pub(super) fn total(&self) -> u64 {
        self.runs.iter().map(|(_, bytes)| bytes).sum()
    }
}

fn unread(error: io::Error) -> String {
    format!("it cannot be read ({error})")
}

/// The superblock and the table of the groups.
struct Described {
    geometry: Geometry,
    table: Vec<u8>,
}

impl Described {
    fn read(disk: &dyn ReadAt, at: u64) -> Result<Self, String> {
        let mut first = vec![0; 4096];
        disk.read_at(at, &mut first).map_err(unread)?;
        let geometry = Geometry::of(&first[1024..])?;
        let mut described = Self {
            geometry,
            table: Vec::new(),
        };
        let bytes = described.table_blocks() * BLOCK;
        described.table = vec![0; usize::try_from(bytes).map_err(|_| "it is too large")?];
        disk.read_at(at + BLOCK, &mut described.table)
            .map_err(unread)?;
        Ok(described)
    }

    fn groups(&self) -> u64 {
        self.geometry.blocks.div_ceil(self.geometry.per_group)
    }

    fn table_blocks(&self) -> u64 {
        (self.groups() * self.geometry.descriptor).div_ceil(BLOCK)
    }

    /// Blocks that the description takes in a group that has a copy of it.
    fn own(&self) -> u64 {
        1 + self.table_blocks() + self.geometry.reserved
    }

    /// The block of a group's bitmap, if it was ever written.
    fn bitmap(&self, group: u64) -> Result<Option<u64>, String> {
        let place = usize::try_from(group * self.geometry.descriptor);
        let descriptor = self.table.get(place.map_err(|_| "it is too large")?..);
        let descriptor = descriptor.unwrap_or_default();
        if le16(descriptor, 0x12) & BLOCK_UNINIT != 0 {
            return Ok(None);
        }
        let high = match self.geometry.descriptor >= 64 {
            true => le32(descriptor, 0x20),
            false => 0,
        };
        let block = u64::from(high) << 32 | u64::from(le32(descriptor, 0));
        match block < self.geometry.blocks {
            true => Ok(Some(block)),
            false => Err("its description is damaged".to_owned()),
        }
    }
}

struct Geometry {
    blocks: u64,
    per_group: u64,
    descriptor: u64,
    reserved: u64,
}

impl Geometry {
    fn of(superblock: &[u8]) -> Result<Self, String> {
        if le16(superblock, 0x38) != MAGIC {
            return Err("it holds no ext4 file system".to_owned());
        }
        let incompat = le32(superblock, 0x60);
        let strange = le32(superblock, 0x18) != 2
            || le32(superblock, 0x14) != 0
            || incompat & INCOMPAT_META_BG != 0
            || le32(superblock, 0x5c) & COMPAT_SPARSE_SUPER2 != 0;
        let wide = incompat & INCOMPAT_64BIT != 0;
        let high = if wide { le32(superblock, 0x150) } else { 0 };
        let descriptor = if wide {
            u64::from(le16(superblock, 0xfe))
        } else {
            32
        };
        let geometry = Self {
            blocks: u64::from(high) << 32 | u64::from(le32(superblock, 0x4)),
            per_group: u64::from(le32(superblock, 0x20)),
            descriptor,
            reserved: u64::from(le16(superblock, 0xce)),
        };
        // The largest that a card of ours can be: 2 TiB, as its partition table counts.
        let sound = (1..=1 << 29).contains(&geometry.blocks)
            && geometry.per_group == 8 * BLOCK
            && (32..=1024).contains(&descriptor);
        match sound && !strange {
            true => Ok(geometry),
            false => Err("its ext4 file system is of another kind than ours".to_owned()),
        }
    }
}

/// Whether a group has a copy of the superblock (`sparse_super`): 0, 1, and powers of 3, 5 and 7.
fn has_copy(group: u64) -> bool {
    let power = |base: u64| {
        let mut power = base;
        while power < group {
            power *= base;
        }
        power == group
    };
    group <= 1 || power(3) || power(5) || power(7)
}

#[derive(Default)]
struct Runs(Vec<(u64, u64)>);

impl Runs {
    /// `count` blocks from `block` on.
    fn add(&mut self, block: u64, count: u64) {
        let (at, bytes) = (block * BLOCK, count * BLOCK);
        match self.0.last_mut() {
            _ if count == 0 => {}
            Some((last, long)) if *last + *long == at => *long += bytes,
            Some(_) | None => self.0.push((at, bytes)),
        }
    }

    fn add_bits(&mut self, begin: u64, count: u64, bitmap: &[u8]) {
        let mut block = 0;
        while block < count {
            let byte = usize::try_from(block / 8)
                .ok()
                .and_then(|byte| bitmap.get(byte));
            let byte = byte.copied().unwrap_or(0);
            // A whole byte is the usual case.
            if block % 8 == 0 && (byte == 0 || byte == 0xff) {
                let whole = (count - block).min(8);
                if byte == 0xff {
                    self.add(begin + block, whole);
                }
                block += whole;
                continue;
            }
            if byte >> (block % 8) & 1 == 1 {
                self.add(begin + block, 1);
            }
            block += 1;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn copies_of_the_superblock_are_where_sparse_super_puts_them() {
        let groups: Vec<u64> = (0..=81).filter(|group| has_copy(*group)).collect();
        assert_eq!(groups, [0, 1, 3, 5, 7, 9, 25, 27, 49, 81]);
    }

    #[test]
    fn bits_become_runs() {
        let mut runs = Runs::default();
        runs.add_bits(100, 20, &[0b1110_0000, 0xff, 0b0000_0101]);
        runs.add(120, 2);
        let expected = [(105, 12), (118, 1), (120, 2)];
        assert_eq!(
            runs.0,
            expected.map(|(at, count)| (at * BLOCK, count * BLOCK))
        );
    }
}
