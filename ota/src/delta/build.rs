//! Base and shipment to payload.

mod frames;
mod patched;

use super::{DeltaError, Plan, ReadAt, Survey, Way, WriteAt};
use crate::image::{Crown, PIECE};
use std::io;

/// How far a build is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Built {
    /// Pieces of the payload that are right.
    pub pieces: u64,
    /// Of so many.
    pub of: u64,
    /// Bytes written by this build.
    pub written: u64,
}

/// Makes the payload: every piece that `target` does not hold already. `told` hears after every piece; a build that is cut short goes on where it
/// stood, from what `target` holds. At the end some pieces may still be wrong, where a base is damaged or a patch did not help: what comes back
/// says of each piece whether it is still wanted, for [`plan_frames`](super::plan_frames).
///
/// # Errors
/// [`DeltaError`].
pub fn build(
    plan: &Plan,
    crown: &Crown,
    survey: &Survey,
    base: &mut dyn ReadAt,
    parcel: &mut dyn ReadAt,
    target: &mut dyn WriteAt,
    told: &mut dyn FnMut(Built),
) -> Result<Vec<bool>, DeltaError> {
    let target = Target::new(crown, target, told);
    match &plan.way {
        Way::Patch(_) => patched::build(plan.shipment.bytes(), base, parcel, target),
        Way::Frames(index) => {
            let making = frames::Making::new(index, plan.proof, target)?;
            making.make(&plan.shipment, survey, base, parcel)
        }
    }
}

/// What is written, piece by piece.
struct Target<'a> {
    crown: &'a Crown,
    disk: &'a mut dyn WriteAt,
    told: &'a mut dyn FnMut(Built),
    built: Built,
    wanted: Vec<bool>,
}

impl<'a> Target<'a> {
    fn new(crown: &'a Crown, disk: &'a mut dyn WriteAt, told: &'a mut dyn FnMut(Built)) -> Self {
        let of = crown.seal().pieces();
        Self {
            crown,
            disk,
            told,
            built: Built {
                of,
                ..Built::default()
            },
            wanted: vec![true; usize::try_from(of).unwrap_or(0)],
        }
    }

    /// The numbers of the pieces that are wanted now.
    fn numbers(&self) -> Vec<u64> {
        let numbered = (0..).zip(&self.wanted);
        numbered.filter(|(_, w)| **w).map(|(n, _)| n).collect()
    }

    fn is_wanted(&self, piece: u64) -> bool {
        let piece = usize::try_from(piece).ok();
        let wanted = piece.and_then(|piece| self.wanted.get(piece));
        wanted.copied().unwrap_or(false)
    }

    /// The piece is on the disk, and right.
    fn is_right(&mut self, piece: u64) {
        let at = usize::try_from(piece).ok();
        if let Some(wanted) = at.and_then(|piece| self.wanted.get_mut(piece)) {
            self.built.pieces += u64::from(*wanted);
            *wanted = false;
        }
        (self.told)(self.built);
    }

    /// The disk holds the piece already. What cannot be read is not held.
    fn holds(&mut self, piece: u64, buffer: &mut [u8]) -> bool {
        let length = self.crown.piece_bytes(piece);
        let Some(buffer) = buffer.get_mut(..length) else {
            return false;
        };
        self.disk.read_at(piece * PIECE as u64, buffer).is_ok() && self.crown.vouches(piece, buffer)
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), DeltaError> {
        self.disk.write_at(at, bytes).map_err(DeltaError::Write)?;
        self.built.written += bytes.len() as u64;
        Ok(())
    }
}

fn unreadable(what: &'static str) -> impl FnOnce(io::Error) -> DeltaError {
    move |source| DeltaError::Read { what, source }
}
