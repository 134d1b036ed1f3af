//! What a card held before, cleared: a card that was in a box of ours holds a school's records, and the key that opens them. The new file system
//! calls their blocks free and leaves them alone, and whoever finds the card could read both.
//!
//! Every block that the former data partition has in use, and that the new card does not overwrite, becomes zeros, but for the bitmaps and what leads
//! to them: a run after a cut finds the same blocks again. Until it is done the card has its former table without the mark that makes it one: no box
//! takes it for a card.
//!
//! Flash keeps copies that no reader sees; they hold statements sealed to a key, and are found by taking the chip out.

use super::bytes::{ReadAt, blank};
use super::ext4::{self, BLOCK, Used};
use super::plan::{CHUNK, Plan};
use super::table::{MARK, MARK_AT, Table};
use std::collections::BTreeSet;
use std::io;

/// What is to be cleared.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Former {
    /// Nothing: no box of ours has written to it.
    None,
    /// Places and lengths, bytes; none is longer than [`CHUNK`].
    Runs(Vec<(u64, u64)>),
    /// It has a data partition that cannot be understood: why.
    Unknown(String),
}

impl Former {
    /// Of a card of `bytes` bytes that `plan` will be written to.
    ///
    /// # Errors
    /// Its first block cannot be read.
    pub(super) fn of(card: &dyn ReadAt, bytes: u64, plan: &Plan) -> io::Result<Self> {
        let mut first = vec![0; 512];
        card.read_at(0, &mut first)?;
        if blank(&first) {
            return Ok(Self::None);
        }
        let Ok(table) = Table::read(&Marked(card)) else {
            return Ok(Self::None);
        };
        // A system that was never switched on has no file system there yet.
        match ext4::stands(card, table.data.at) {
            Ok(true) => {}
            Ok(false) => return Ok(Self::None),
            Err(error) => return Ok(Self::Unknown(format!("it cannot be read ({error})"))),
        }
        let at = table.data.at;
        let read = Used::read(card, at).and_then(|used| Ok((used, ext4::maps(card, at)?)));
        match read {
            Ok((used, _)) if at.saturating_add(used.bytes) > bytes => {
                Ok(Self::Unknown("it is larger than the card".to_owned()))
            }
            Ok((used, maps)) => Ok(Self::Runs(beyond(plan, at, &used, &maps))),
            Err(why) => Ok(Self::Unknown(why)),
        }
    }
}

/// What is in use of the file system at `at`, is no map, and is not overwritten.
fn beyond(plan: &Plan, at: u64, used: &Used, maps: &BTreeSet<u64>) -> Vec<(u64, u64)> {
    let maps = maps.iter().map(|map| (at + map, BLOCK));
    let mut kept: Vec<(u64, u64)> = (plan.chunks.iter())
        .map(|chunk| (chunk.at, chunk.bytes))
        .chain(maps)
        .collect();
    kept.sort_unstable();
    let mut runs = Vec::new();
    for &(from, bytes) in &used.runs {
        let (begin, to) = (at + from, at + from + bytes);
        let behind = |kept: &&(u64, u64)| kept.0 + kept.1 <= begin;
        let mut from = begin;
        for &(begin, long) in kept.iter().skip_while(behind) {
            cut(&mut runs, from, begin.min(to));
            from = from.max(begin + long);
            if from >= to {
                break;
            }
        }
        cut(&mut runs, from, to);
    }
    runs
}

/// From `from` to `to`, if it is anything, in pieces that are written at once.
fn cut(runs: &mut Vec<(u64, u64)>, mut from: u64, to: u64) {
    while from < to {
        let part = CHUNK.min(to - from);
        runs.push((from, part));
        from += part;
    }
}

/// A card whose table may have lost its mark to a clearing that was cut.
struct Marked<'a>(&'a dyn ReadAt);

impl ReadAt for Marked<'_> {
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.0.read_at(at, buffer)?;
        if at == 0
            && let Some(mark) = buffer.get_mut(MARK_AT..MARK_AT + MARK.len())
        {
            mark.copy_from_slice(&MARK);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::{Chunk, From};
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn what_is_written_anyway_is_not_cleared_first() {
        let chunk = |at, bytes| Chunk {
            at: at * MIB,
            bytes: bytes * MIB,
            from: From::Data,
            offset: 0,
        };
        let plan = Plan {
            chunks: vec![chunk(2, 4), chunk(6, 4), chunk(20, 2), chunk(31, 1)],
            used_to: 32 * MIB,
            serial_at: 0,
        };
        let used = Used {
            bytes: 64 * MIB,
            runs: vec![(0, 3 * MIB), (8 * MIB, 20 * MIB), (40 * MIB, 9 * MIB)],
        };
        // A bitmap, at the begin of its piece.
        let maps = BTreeSet::from([44 * MIB]);
        let runs = beyond(&plan, 4 * MIB, &used, &maps);
        // 4 to 7 is overwritten; 12 to 32 but for 20 to 22 and 31 to 32; 44 to 53 but for the bitmap at 48.
        let expected = [
            (12 * MIB, 4 * MIB),
            (16 * MIB, 4 * MIB),
            (22 * MIB, 4 * MIB),
            (26 * MIB, 4 * MIB),
            (30 * MIB, MIB),
            (44 * MIB, 4 * MIB),
            (48 * MIB + BLOCK, 4 * MIB),
            (52 * MIB + BLOCK, MIB - BLOCK),
        ];
        assert_eq!(runs, expected);
        let nothing = Plan {
            chunks: vec![chunk(0, 64)],
            ..plan
        };
        assert_eq!(beyond(&nothing, 0, &used, &maps), []);
    }
}
