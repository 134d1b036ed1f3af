//! The index of a payload's blocks.
//!
//! ```text
//!   8 bytes   "sbblock" 1
//!   number    runs of blocks of zeros; each: number of blocks since the last run, number of blocks in it
//!   number    frames; each: 1 byte how it is packed, number of its bytes, 16 bytes of the SHA-256 of these,
//!             number of its runs; each: number of blocks since the end of the run before (of this frame or another), number of blocks in it
//!   5 bytes   for each block that is not zeros, in order: the first of its SHA-256 (without salt, the last block filled with zeros)
//! ```
//!
//! A number is seven bits a byte, the lowest first, the highest bit set on all bytes but the last; one that may be negative has its sign in the lowest
//! bit. Frames lie in their file one after the other. Every block is in exactly one run.

mod reader;
mod writer;

pub(crate) use writer::IndexWriter;

use super::DeltaError;
use super::codec::Method;
use crate::image::{BLOCK, Seal};
use sha2::{Digest as _, Sha256};

const MAGIC: &[u8; 8] = b"sbblock\x01";
/// Bits of a block's hash in the index. Of 100,000 wrong blocks against 100,000 one in a hundred passes for another; the crown finds it.
pub(super) const PREFIX_BITS: u32 = 40;
const PREFIX: usize = PREFIX_BITS as usize / 8;
/// More blocks would take more memory than an installer may have: 8 GiB.
const BLOCKS_AT_MOST: u64 = 1 << 21;
const ZEROS: [u8; BLOCK] = [0; BLOCK];

/// The beginning of a block's hash, as a number.
pub(crate) fn prefix_of(block: &[u8]) -> u64 {
    let hash = Sha256::new()
        .chain_update(block)
        .chain_update(ZEROS.get(block.len()..).unwrap_or_default())
        .finalize();
    hash.iter()
        .take(PREFIX)
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The first 16 bytes of the SHA-256.
pub(crate) fn check_of(bytes: &[u8]) -> [u8; 16] {
    check_in(&Sha256::digest(bytes))
}

/// The first 16 bytes of a SHA-256.
pub(crate) fn check_in(hash: &[u8]) -> [u8; 16] {
    let mut check = [0; 16];
    for (into, byte) in check.iter_mut().zip(hash) {
        *into = *byte;
    }
    check
}

/// A short hash of every block, and the frames that hold them: compressed each by itself, each of whole files that change together.
#[derive(Debug, Clone)]
pub struct BlockIndex {
    blocks: u64,
    /// Runs of blocks of zeros, in order.
    zeros: Vec<(u64, u64)>,
    frames: Vec<Frame>,
    /// [`PREFIX`] bytes for each block.
    prefixes: Vec<u8>,
}

/// Blocks that are compressed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Where it lies in the file of frames.
    pub at: u64,
    /// Its bytes there.
    pub bytes: u32,
    /// The first 16 bytes of the SHA-256 of these.
    pub check: [u8; 16],
    /// The runs of blocks in it: first, and how many.
    pub runs: Vec<(u64, u64)>,
    /// How it is packed.
    pub(crate) method: Method,
}

impl Frame {
    /// Blocks in it.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.runs.iter().map(|(_, blocks)| blocks).sum()
    }

    /// The number of each block in it, in the order of its bytes.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u64> {
        self.runs
            .iter()
            .flat_map(|(first, blocks)| *first..first + blocks)
    }
}

impl BlockIndex {
    /// Of the file's bytes, whose hash was checked.
    ///
    /// # Errors
    /// [`DeltaError::Garbled`], [`DeltaError::Memory`].
    pub fn read(bytes: &[u8], seal: &Seal) -> Result<Self, DeltaError> {
        let blocks = seal.blocks();
        if blocks > BLOCKS_AT_MOST {
            return Err(DeltaError::Memory {
                what: "the block index",
                bytes: blocks.saturating_mul(PREFIX as u64),
            });
        }
        reader::read(bytes, blocks).map_err(garbled)
    }

    /// Its frames, in the order of the file.
    #[must_use]
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// Blocks of the payload.
    #[must_use]
    pub const fn blocks(&self) -> u64 {
        self.blocks
    }

    /// The frame that begins here in the file of frames.
    pub(super) fn frame_at(&self, at: u64) -> Option<&Frame> {
        let found = self.frames.binary_search_by_key(&at, |frame| frame.at);
        self.frames.get(found.ok()?)
    }

    /// The block is all zeros.
    pub(super) fn is_zeros(&self, block: u64) -> bool {
        let after = self.zeros.partition_point(|(first, _)| *first <= block);
        let run = after.checked_sub(1).and_then(|run| self.zeros.get(run));
        run.is_some_and(|(first, blocks)| block < first + blocks)
    }

    /// The beginning of the hash of the block of this number.
    pub(super) fn prefix(&self, block: u64) -> Option<u64> {
        let at = usize::try_from(block).ok()?.checked_mul(PREFIX)?;
        let bytes = self.prefixes.get(at..at.checked_add(PREFIX)?)?;
        Some(number_of(bytes))
    }
}

fn number_of(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn garbled(why: &'static str) -> DeltaError {
    DeltaError::Garbled {
        what: "the block index".to_owned(),
        why: why.to_owned(),
    }
}

fn prefix_bytes(prefix: u64) -> [u8; PREFIX] {
    let [_, _, _, bytes @ ..] = prefix.to_be_bytes();
    bytes
}

/// One bit for each block.
#[derive(Debug, Clone)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    pub(crate) fn new(blocks: u64) -> Self {
        Self(vec![0; usize::try_from(blocks.div_ceil(64)).unwrap_or(0)])
    }

    /// Sets so many from `first`; `false` where one of them was set before, or is beyond the end.
    pub(crate) fn set(&mut self, first: u64, blocks: u64) -> bool {
        let mut fresh = true;
        for block in first..first.saturating_add(blocks) {
            let word = usize::try_from(block / 64).ok();
            let Some(word) = word.and_then(|word| self.0.get_mut(word)) else {
                return false;
            };
            fresh &= *word >> (block % 64) & 1 == 0;
            *word |= 1 << (block % 64);
        }
        fresh
    }

    pub(crate) fn has(&self, block: u64) -> bool {
        let word = usize::try_from(block / 64).ok();
        let word = word.and_then(|word| self.0.get(word)).copied();
        word.unwrap_or(0) >> (block % 64) & 1 == 1
    }

    fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}
