//! What a card held before, cleared: a card that was in a box of ours holds a school's records, and the key that opens them; its settings, and who was on
//! its network. The new file system calls their blocks free and leaves them alone, and whoever finds the card could read them.
//!
//! All of the former data partition, which reaches to the end of its card, is read, and becomes zeros wherever something stands, but for what the new
//! card overwrites. The former file system is not asked: its free blocks hold earlier copies of every file that was replaced, what was taken into use
//! shortly before a cut stands in its journal alone (`needs_recovery`), and one that is damaged tells nothing. The journal's own blocks go with the rest.
//!
//! That costs a read of the whole card, a quarter of an hour for 64 GB at 70 MB/s; writes, only where something stands. Only a card with a box's partition
//! table pays it: a new one has none, and one whose writing was cut later has lost it after all was cleared.
//!
//! Until all of it is cleared and synced the card has its former table without the mark that makes it one: no box takes it for a card, and a run after a
//! cut finds the same partition again.
//!
//! Flash keeps copies that no reader sees; they hold statements sealed to a key, and are found by taking the chip out.

use super::bytes::{ReadAt, blank};
use super::device::ALIGN;
use super::plan::{CHUNK, Plan};
use super::table::{MARK, MARK_AT, NoTable, Table};
use std::io;

/// Where a card of `bytes` bytes that `plan` will be written to may hold what a box kept: places and lengths, bytes, none longer than [`CHUNK`]. Nowhere,
/// where it has no table of ours.
///
/// # Errors
/// Where its table cannot be read, and why: a box's data may stand behind it all the same.
pub(super) fn places(
    card: &dyn ReadAt,
    bytes: u64,
    plan: &Plan,
) -> Result<Vec<(u64, u64)>, (u64, io::Error)> {
    let mut first = vec![0; 512];
    let read = card.read_at(0, &mut first);
    read.map_err(|source| (0, source))?;
    if blank(&first) {
        return Ok(Vec::new());
    }
    let table = match Table::read(&Marked(card)) {
        Ok(table) => table,
        Err(NoTable::NotOurs(_)) => return Ok(Vec::new()),
        Err(NoTable::Unread { at, source }) => return Err((at, source)),
    };
    let align = ALIGN as u64;
    Ok(beyond(plan, table.data.at, bytes / align * align))
}

/// From `from` to `to` what is not overwritten.
fn beyond(plan: &Plan, from: u64, to: u64) -> Vec<(u64, u64)> {
    let (mut places, mut here) = (Vec::new(), from);
    for chunk in &plan.chunks {
        cut(&mut places, here, chunk.at.min(to));
        here = here.max(chunk.at + chunk.bytes);
    }
    cut(&mut places, here, to);
    places
}

/// From `from` to `to`, if it is anything, in pieces that are read and written at once.
fn cut(places: &mut Vec<(u64, u64)>, mut from: u64, to: u64) {
    while from < to {
        let part = CHUNK.min(to - from);
        places.push((from, part));
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
    fn all_but_what_is_written_anyway_is_gone_through() {
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
        let of = |from: u64, to: u64| -> Vec<(u64, u64)> {
            let places = beyond(&plan, from * MIB, to * MIB);
            let mib = |(at, bytes): (u64, u64)| (at / MIB, bytes / MIB);
            places.into_iter().map(mib).collect()
        };
        // The new system reaches into the former data; 10 to 20, 22 to 31 and 32 to 39 are left to be cleared.
        assert_eq!(
            of(4, 39),
            [
                (10, 4),
                (14, 4),
                (18, 2),
                (22, 4),
                (26, 4),
                (30, 1),
                (32, 4),
                (36, 3)
            ]
        );
        // A smaller system than before, and a card that ends within what will be written.
        assert_eq!(of(1, 2), [(1, 1)]);
        assert_eq!(of(0, 3), [(0, 2)]);
        assert_eq!(of(21, 21), []);
        assert_eq!(of(33, 21), []);
        assert_eq!(of(2, 10), []);
    }
}
