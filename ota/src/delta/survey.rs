//! A pass over the base: what it is, which blocks are in it.

use super::ReadAt;
use super::blocks::{PREFIX_BITS, prefix_of};
use crate::image::{BLOCK, PIECE};
use crate::trust::hex;
use sha2::{Digest as _, Sha256};
use std::io;

/// Bits of a block's number: a base is looked at up to 64 GiB.
const NUMBER_BITS: u32 = 64 - PREFIX_BITS;
const NUMBER: u64 = (1 << NUMBER_BITS) - 1;

/// What a base is, and which blocks are in it. The default is a base of no bytes: nothing is reused.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    bytes: u64,
    /// Of the first bytes, so many each.
    digests: Vec<(u64, String)>,
    /// The prefix of a block's hash above its number: 8 bytes a block, sorted, a prefix once.
    blocks: Vec<u64>,
}

impl Survey {
    /// Reads `bytes` of the base once. `lengths` are the lengths of the bases that the patches at hand start from.
    ///
    /// # Errors
    /// Whatever the base says.
    pub fn of(base: &mut dyn ReadAt, bytes: u64, lengths: &[u64]) -> io::Result<Self> {
        let mut whole = Whole::new(bytes, lengths);
        let mut blocks = Vec::new();
        each_piece(base, bytes, |at, here| {
            whole.push(here);
            for (number, block) in (at / BLOCK as u64..=NUMBER).zip(here.chunks(BLOCK)) {
                blocks.push(prefix_of(block) << NUMBER_BITS | number);
            }
        })?;
        blocks.sort_unstable();
        blocks.dedup_by_key(|entry| *entry >> NUMBER_BITS);
        blocks.shrink_to_fit();
        Ok(Self {
            bytes,
            digests: whole.found,
            blocks,
        })
    }

    /// Only what the base is, for half the work: enough where a patch starts from it.
    ///
    /// # Errors
    /// Whatever the base says.
    pub fn identity(base: &mut dyn ReadAt, bytes: u64, lengths: &[u64]) -> io::Result<Self> {
        let mut whole = Whole::new(bytes, lengths);
        let longest = lengths.iter().copied().filter(|l| *l <= bytes).max();
        each_piece(base, longest.unwrap_or(0), |_, here| whole.push(here))?;
        Ok(Self {
            bytes,
            digests: whole.found,
            blocks: Vec::new(),
        })
    }

    /// A base that is a file named by its hash: nothing is read. Should the medium hold others by now, the crown finds it.
    #[must_use]
    pub fn named(bytes: u64, sha256: &str) -> Self {
        Self {
            bytes,
            digests: vec![(bytes, sha256.to_owned())],
            blocks: Vec::new(),
        }
    }

    /// The first `bytes` bytes of the base have this SHA-256 (hexadecimal); `bytes` is one of the lengths it was made with.
    #[must_use]
    pub fn begins_with(&self, bytes: u64, sha256: &str) -> bool {
        let is_it = |(length, found): &(u64, String)| *length == bytes && found == sha256;
        self.digests.iter().any(is_it)
    }

    /// Bytes of the base.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// A block of the base whose hash begins like this.
    pub(super) fn find(&self, prefix: u64) -> Option<u64> {
        let at = self
            .blocks
            .partition_point(|entry| entry >> NUMBER_BITS < prefix);
        let entry = self.blocks.get(at)?;
        (entry >> NUMBER_BITS == prefix).then_some(entry & NUMBER)
    }
}

/// Reads `bytes` of the base, a piece at a time, and shows them with their place.
fn each_piece(
    base: &mut dyn ReadAt,
    bytes: u64,
    mut show: impl FnMut(u64, &[u8]),
) -> io::Result<()> {
    let mut buffer = vec![0; PIECE];
    let mut at = 0;
    while at < bytes {
        let here = usize::try_from(bytes - at).unwrap_or(PIECE).min(PIECE);
        let Some(here) = buffer.get_mut(..here) else {
            break;
        };
        base.read_at(at, here)?;
        show(at, here);
        at += here.len() as u64;
    }
    Ok(())
}

/// The hashes of the base's first bytes, for the lengths that are asked for.
struct Whole {
    hash: Sha256,
    at: u64,
    /// Lengths to come, the next one last.
    lengths: Vec<u64>,
    found: Vec<(u64, String)>,
}

impl Whole {
    fn new(bytes: u64, lengths: &[u64]) -> Self {
        let mut lengths: Vec<u64> = lengths.iter().copied().filter(|l| *l <= bytes).collect();
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        lengths.dedup();
        let mut whole = Self {
            hash: Sha256::new(),
            at: 0,
            lengths,
            found: Vec::new(),
        };
        whole.push(&[]);
        whole
    }

    fn push(&mut self, mut bytes: &[u8]) {
        while let Some(next) = self.lengths.last().copied() {
            let wanted = usize::try_from(next - self.at).unwrap_or(usize::MAX);
            let Some((before, after)) = bytes.split_at_checked(wanted) else {
                self.hash.update(bytes);
                self.at += bytes.len() as u64;
                return;
            };
            self.hash.update(before);
            self.at = next;
            let digest = hex::of(&self.hash.clone().finalize());
            self.found.push((next, digest));
            self.lengths.pop();
            bytes = after;
        }
    }
}
