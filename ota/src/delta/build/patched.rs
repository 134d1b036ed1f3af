//! By a patch: its output, piece by piece.

use super::Target;
use crate::delta::{DeltaError, ReadAt, patch};
use crate::image::PIECE;
use std::io;

/// A base whose faults are remembered: a patch that fails for them is no fault of the patch.
struct Watched<'a> {
    base: &'a mut dyn ReadAt,
    failed: bool,
}

impl ReadAt for Watched<'_> {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let read = self.base.read_at(at, into);
        self.failed |= read.is_err();
        read
    }
}

pub(super) fn build(
    bytes: u64,
    base: &mut dyn ReadAt,
    parcel: &mut dyn ReadAt,
    mut target: Target<'_>,
) -> Result<Vec<bool>, DeltaError> {
    let mut base = Watched {
        base,
        failed: false,
    };
    let mut there = vec![0; PIECE];
    let mut piece = 0;
    let applied = patch::apply(bytes, parcel, &mut base, &mut |made| {
        take(&mut target, piece, made, &mut there)?;
        piece += 1;
        Ok(())
    });
    match applied {
        // The patch, or the base, is not what it should be: frames will do.
        Ok(()) | Err(DeltaError::Garbled { .. } | DeltaError::Memory { .. }) => {}
        Err(DeltaError::Read { .. }) if base.failed => {}
        Err(error) => return Err(error),
    }
    for piece in target.numbers() {
        if target.holds(piece, &mut there) {
            target.is_right(piece);
        }
    }
    Ok(target.wanted)
}

/// Writes what a patch made, where it is right and not there already.
fn take(
    target: &mut Target<'_>,
    piece: u64,
    made: &[u8],
    there: &mut [u8],
) -> Result<(), DeltaError> {
    if !target.crown.vouches(piece, made) {
        return Ok(());
    }
    let at = piece * PIECE as u64;
    if !is_there(target, at, made, there) {
        target.write(at, made)?;
    }
    target.is_right(piece);
    Ok(())
}

/// The disk holds these bytes: the first block tells most of those that are not there.
fn is_there(target: &mut Target<'_>, at: u64, made: &[u8], there: &mut [u8]) -> bool {
    let mut same = |from: usize, to: usize| {
        let (Some(made), Some(there)) = (made.get(from..to), there.get_mut(from..to)) else {
            return false;
        };
        target.disk.read_at(at + from as u64, there).is_ok() && made == there
    };
    let first = made.len().min(crate::image::BLOCK);
    same(0, first) && same(first, made.len())
}
