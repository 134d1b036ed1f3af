//! The pieces that came out wrong although all was here: a base that is not what its hashes seemed, a patch that does not give what it should. They
//! are remembered in a small parcel, so that the next fetch gets just these; losing it costs finding them again.

use crate::ledger::Wanted;
use crate::parcel::Parcels;
use crate::slot::Part;
use crate::trust::hex;
use sha2::{Digest as _, Sha256};
use std::io;

const HASH: usize = 32;

/// The note's parcel.
pub(super) fn name(wanted: &Wanted, part: Part) -> String {
    let part = match part {
        Part::Boot => "boot",
        Part::Root => "root",
        Part::Tree => "tree",
    };
    let of = hex::of(&Sha256::digest(wanted.bundle.as_bytes()));
    format!("repair-{part}-{}", of.get(..32).unwrap_or(&of))
}

/// How often a piece came out wrong.
pub(super) type Mark = u8;
/// It came out wrong: blocks that the running system seems to have, and frames, are to mend it.
pub(super) const ONCE: Mark = 1;
/// Nothing of the running system is to be used for it.
pub(super) const AGAIN: Mark = 2;

/// The marks of `pieces`; `None` where nothing came out wrong, or the note is damaged.
pub(super) fn read(
    parcels: &mut dyn Parcels,
    wanted: &Wanted,
    part: Part,
    pieces: u64,
) -> io::Result<Option<Vec<Mark>>> {
    let name = name(wanted, part);
    let expected = pieces + HASH as u64;
    if parcels.length(&name)? != expected {
        return Ok(None);
    }
    let mut bytes = vec![0; usize::try_from(expected).unwrap_or(0)];
    parcels.read(&name, 0, &mut bytes)?;
    let (marks, hash) = bytes.split_at(bytes.len() - HASH);
    let whole = Sha256::digest(marks).as_slice() == hash;
    Ok(whole.then(|| marks.to_vec()))
}

/// The marks after one more build. `None`: nothing has changed, so fetching once more would not help.
pub(super) fn after(marks: Option<&[Mark]>, wrong: &[bool], by_patch: bool) -> Option<Vec<Mark>> {
    let before = |piece: usize| marks.and_then(|marks| marks.get(piece)).copied();
    let mark = |(piece, wrong): (usize, &bool)| match (before(piece).unwrap_or(0), wrong) {
        (mark, false) => mark,
        (0, true) if by_patch => ONCE,
        (_, true) => AGAIN,
    };
    let after: Vec<Mark> = wrong.iter().enumerate().map(mark).collect();
    (marks != Some(&after) && after.iter().any(|mark| *mark > 0)).then_some(after)
}

/// Keeps the note.
pub(super) fn keep(
    parcels: &mut dyn Parcels,
    wanted: &Wanted,
    part: Part,
    marks: &[Mark],
) -> io::Result<()> {
    let mut bytes = marks.to_vec();
    bytes.extend(Sha256::digest(marks));
    let name = name(wanted, part);
    if parcels.length(&name)? > 0 {
        parcels.truncate(&name, 0)?;
    }
    parcels.append(&name, &bytes)?;
    parcels.sync(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_marked_further_each_time_until_nothing_is_left_to_try() {
        let wrong = [false, true];
        let once = after(None, &wrong, true).unwrap_or_default();
        assert_eq!(once, [0, ONCE]);
        let again = after(Some(&once), &wrong, true).unwrap_or_default();
        assert_eq!(again, [0, AGAIN]);
        assert_eq!(after(Some(&again), &wrong, true), None);
        // Frames have used the running system already.
        assert_eq!(after(None, &wrong, false), Some(vec![0, AGAIN]));
        // Another piece: what was marked stays marked, so that what was fetched for it stays of use.
        assert_eq!(
            after(Some(&again), &[true, false], false),
            Some(vec![AGAIN, AGAIN])
        );
        assert_eq!(after(None, &[false, false], true), None);
    }
}
