//! What is written where on a card: the system of the image, the data partition that was prepared, and nothing else. Pure.

use super::ext4::Used;
use super::table::{Partition, TABLE, Table};

/// Bytes that are read, written and compared at once.
pub(super) const CHUNK: u64 = 4 << 20;
/// Of a partition that the image leaves blank, so much at its begin and at its end is made blank on the card: no signature of an earlier use stays.
const EDGE: u64 = 1 << 20;
/// At the end of the card, kept blank: the box looks there for a mark of its own (`mount-data`), and the file system ends before it.
pub(super) const END: u64 = 1 << 20;
/// Free blocks between two runs are written too where there are so few, bytes: one long write costs less than two.
const BRIDGED: u64 = 128 << 10;

/// Where bytes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// The system's image, at the same place.
    Image,
    /// The prepared data partition.
    Data,
}

/// Bytes that are written at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunk {
    /// Where on the card.
    pub(super) at: u64,
    /// How many, at most [`CHUNK`].
    pub(super) bytes: u64,
    pub(super) from: From,
    /// Where there.
    pub(super) offset: u64,
}

/// What a card gets. The partition table, its first 4 KiB, comes last and is not among the chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// In the order of their places; none overlaps another.
    pub(super) chunks: Vec<Chunk>,
    /// Where the file system of the data ends on the card.
    pub(super) used_to: u64,
    /// Where the serial number stands on the card.
    pub(super) serial_at: u64,
}

impl Plan {
    /// For an image with this table whose partitions of these numbers are all zeros, and these data.
    pub(super) fn new(table: &Table, blank: &[u8], data: &Used, serial_at: u64) -> Self {
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for partition in &table.system {
            let Partition { number, at, bytes } = *partition;
            if blank.contains(&number) && bytes > 2 * EDGE {
                runs.extend([(at, EDGE), (at + bytes - EDGE, EDGE)]);
            } else {
                runs.push((at, bytes));
            }
        }
        runs.extend(table.links.iter().map(|link| (link / TABLE * TABLE, TABLE)));
        runs.sort_unstable();
        runs.dedup();
        let mut chunks = Vec::new();
        for (at, bytes) in runs {
            cut(&mut chunks, at, bytes, From::Image, at);
        }
        for (offset, bytes) in bridged(&data.runs) {
            cut(
                &mut chunks,
                table.data.at + offset,
                bytes,
                From::Data,
                offset,
            );
        }
        Self {
            chunks,
            used_to: table.data.at + data.bytes,
            serial_at: table.data.at + serial_at,
        }
    }

    /// Bytes that are written.
    pub(super) fn total(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.bytes).sum()
    }

    /// The smallest card that will do, bytes.
    pub(super) fn least(&self) -> u64 {
        self.used_to + END
    }
}

/// Neighbours become one run.
fn bridged(runs: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut bridged: Vec<(u64, u64)> = Vec::new();
    for &(at, bytes) in runs {
        match bridged.last_mut() {
            Some((last, long)) if at - (*last + *long) <= BRIDGED => *long = at + bytes - *last,
            Some(_) | None => bridged.push((at, bytes)),
        }
    }
    bridged
}

fn cut(chunks: &mut Vec<Chunk>, at: u64, bytes: u64, from: From, offset: u64) {
    let mut done = 0;
    while done < bytes {
        let part = CHUNK.min(bytes - done);
        chunks.push(Chunk {
            at: at + done,
            bytes: part,
            from,
            offset: offset + done,
        });
        done += part;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn a_card_gets_the_system_the_edges_of_what_is_blank_and_the_blocks_in_use() {
        let partition = |number, at, bytes| Partition {
            number,
            at: at * MIB,
            bytes: bytes * MIB,
        };
        let table = Table {
            system: vec![partition(1, 1, 4), partition(2, 8, 6), partition(5, 20, 10)],
            links: vec![18 * MIB + 512, 30 * MIB],
            data: partition(6, 32, 1),
        };
        let data = Used {
            bytes: 128 * MIB,
            runs: vec![(0, 8192), (8192 + BRIDGED, 4096), (64 * MIB, 5 * MIB)],
        };
        let plan = Plan::new(&table, &[5], &data, 64 * MIB);
        let of_image = |at, bytes| (at, bytes, From::Image, at);
        let told: Vec<_> = (plan.chunks.iter())
            .map(|chunk| (chunk.at, chunk.bytes, chunk.from, chunk.offset))
            .collect();
        assert_eq!(
            told,
            [
                of_image(MIB, 4 * MIB),
                of_image(8 * MIB, 4 * MIB),
                of_image(12 * MIB, 2 * MIB),
                of_image(18 * MIB, 4096),
                of_image(20 * MIB, MIB),
                of_image(29 * MIB, MIB),
                of_image(30 * MIB, 4096),
                (32 * MIB, 8192 + BRIDGED + 4096, From::Data, 0),
                (96 * MIB, 4 * MIB, From::Data, 64 * MIB),
                (100 * MIB, MIB, From::Data, 68 * MIB),
            ]
        );
        assert_eq!(plan.least(), 161 * MIB);
        assert_eq!(plan.serial_at, 96 * MIB);
    }
}
