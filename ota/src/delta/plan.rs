//! What to fetch.

use super::{BlockIndex, Survey};
use crate::bundle::{CHUNK, FileRef, PatchRef, Payload};
use crate::image::{BLOCK, PIECE_BLOCKS};
use crate::trust::hex;
use sha2::{Digest as _, Sha256};

/// A piece of a file that is fetched and checked as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Where in the file it begins.
    pub at: u64,
    /// Its bytes.
    pub bytes: u32,
    /// The first 16 bytes of the SHA-256 of these.
    pub check: [u8; 16],
}

/// What is to be fetched for a payload: its parcel is these chunks one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// The name of its parcel: the same for the same chunks of the same file, else another.
    pub parcel: String,
    /// The file that they are of.
    pub file: FileRef,
    /// In the order of the file; neighbours are asked for in one.
    pub chunks: Vec<Chunk>,
}

/// How the payload is made.
#[derive(Debug, Clone)]
pub enum Way {
    /// By the patch of this number in [`Payload::patches`].
    Patch(usize),
    /// Of the base's blocks and of frames.
    Frames(BlockIndex),
}

/// How a piece that frames alone gave is known to be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// By the frames' hashes, which were signed for: what they gave is not read back. Only before the whole payload is.
    Frames,
    /// By the crown, of what the target gives back.
    Crown,
}

/// How a payload is made, and what has to come for it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How.
    pub way: Way,
    /// What has to come.
    pub shipment: Shipment,
    /// Bytes of the payload that the base gives.
    pub reused: u64,
    /// [`Proof::Crown`] where nobody says otherwise.
    pub proof: Proof,
}

/// The patch for this base, if there is one: the smallest.
#[must_use]
pub fn plan(payload: &Payload, survey: &Survey) -> Option<Plan> {
    let of_this = |patch: &PatchRef| survey.begins_with(patch.from_bytes, &patch.from_sha256);
    let usable = payload.patches.iter().enumerate();
    let usable = usable.filter(|(_, patch)| of_this(patch));
    let (number, patch, chunks) = usable
        .filter_map(|(number, patch)| Some((number, patch, chunks_of(patch)?)))
        .min_by_key(|(_, patch, _)| patch.file.bytes)?;
    Some(Plan {
        way: Way::Patch(number),
        shipment: Shipment::of("patch", &patch.file, chunks),
        reused: payload.seal.bytes.saturating_sub(patch.file.bytes),
        proof: Proof::Crown,
    })
}

/// The chunks of a patch; `None` where they are not as many as its bytes need, or are no hashes.
fn chunks_of(patch: &PatchRef) -> Option<Vec<Chunk>> {
    if patch.chunks.len() as u64 != patch.file.bytes.div_ceil(CHUNK) {
        return None;
    }
    let places = (0..patch.file.bytes).step_by(usize::try_from(CHUNK).ok()?);
    let chunk = |(at, sha256): (u64, &String)| {
        let sha256 = hex::parse(sha256).filter(|hash| hash.len() == 32)?;
        Some(Chunk {
            at,
            bytes: u32::try_from((patch.file.bytes - at).min(CHUNK)).ok()?,
            check: sha256.get(..16)?.try_into().ok()?,
        })
    };
    places.zip(&patch.chunks).map(chunk).collect()
}

/// Frames for what this base does not have. `pieces` says of each piece whether it is still wanted: `false` where it is right already.
///
/// A base may seem to have a block and not have it: two blocks whose hashes begin alike, or a base that changed since. Then a build leaves pieces that
/// are wanted still, and the same plan would leave them again: the next one is made with the default survey, which knows of no base.
#[must_use]
pub fn plan_frames(payload: &Payload, index: BlockIndex, survey: &Survey, pieces: &[bool]) -> Plan {
    let is_wanted = |block: &u64| {
        let piece = usize::try_from(block / PIECE_BLOCKS).ok();
        let piece = piece.and_then(|piece| pieces.get(piece));
        piece.copied().unwrap_or(true)
    };
    let is_here = |block: &u64| {
        let prefix = index.prefix(*block);
        prefix.is_some_and(|prefix| survey.find(prefix).is_some())
    };
    let mut chunks = Vec::new();
    let mut reused = 0;
    for frame in index.frames() {
        let wanted = frame.numbers().filter(is_wanted);
        let (here, missing): (Vec<u64>, Vec<u64>) = wanted.partition(is_here);
        if missing.is_empty() {
            reused += here.len() as u64 * BLOCK as u64;
        } else {
            chunks.push(Chunk {
                at: frame.at,
                bytes: frame.bytes,
                check: frame.check,
            });
        }
    }
    Plan {
        shipment: Shipment::of("frames", &payload.frames, chunks),
        reused,
        proof: Proof::Crown,
        way: Way::Frames(index),
    }
}

impl Shipment {
    /// Named by what it is of.
    fn of(kind: &str, file: &FileRef, chunks: Vec<Chunk>) -> Self {
        let mut hash = Sha256::new_with_prefix(&file.sha256);
        for chunk in &chunks {
            hash.update(chunk.at.to_le_bytes());
            hash.update(chunk.check);
        }
        let name = hex::of(hash.finalize().get(..16).unwrap_or_default());
        Self {
            parcel: format!("{kind}-{name}"),
            file: file.clone(),
            chunks,
        }
    }

    /// Bytes of all its chunks.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.chunks.iter().map(|chunk| u64::from(chunk.bytes)).sum()
    }
}
