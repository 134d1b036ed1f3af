//! What a payload must be, in 50 bytes ([`Seal`]) and in 20 kB ([`Crown`]): the level of the hash tree above the leaves. It vouches for a piece
//! of 512 KiB by the leaves that are made of it, so that the leaves themselves need not be carried.

use super::tree::{BlockHash, HashTree};
use super::{BLOCK, TreeError};
use crate::trust::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Blocks of a piece: as many as a block of hashes holds.
pub const PIECE_BLOCKS: u64 = 128;
/// Bytes of a piece; the last one of a payload may be shorter.
pub const PIECE: usize = 128 * BLOCK;
/// Bytes of a hash.
const HASH: usize = 32;
/// A larger payload is none of ours: 64 GiB.
const BLOCKS_AT_MOST: u64 = 1 << 24;
/// The kernel takes no longer salt (`dm-verity-target.c`).
const SALT_AT_MOST: usize = 256;
const ZEROS: [u8; BLOCK] = [0; BLOCK];

/// What a payload must be: its length and the root of its hash tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// Its bytes. The last block is filled with zeros for its hash.
    pub bytes: u64,
    /// Hexadecimal.
    pub salt: String,
    /// The root hash.
    pub root: BlockHash,
}

impl Seal {
    /// Its blocks, the last one perhaps in part.
    #[must_use]
    pub const fn blocks(&self) -> u64 {
        self.bytes.div_ceil(BLOCK as u64)
    }

    /// Its pieces.
    #[must_use]
    pub const fn pieces(&self) -> u64 {
        self.blocks().div_ceil(PIECE_BLOCKS)
    }
}

/// The hashes of a payload's pieces, checked against its [`Seal`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crown {
    seal: Seal,
    salt: Vec<u8>,
    /// As carried: 32 bytes for each piece.
    hashes: Vec<u8>,
}

impl Crown {
    /// Of the bytes that are carried: 32 for each piece.
    ///
    /// # Errors
    /// [`TreeError`].
    pub fn read(bytes: &[u8], seal: &Seal) -> Result<Self, TreeError> {
        let salt = salt(&seal.salt)?;
        if !(1..=BLOCKS_AT_MOST).contains(&seal.blocks()) {
            return Err(TreeError::Blocks(seal.blocks()));
        }
        let expected = seal.pieces() * HASH as u64;
        if bytes.len() as u64 != expected {
            return Err(TreeError::Length {
                found: bytes.len() as u64,
                expected,
            });
        }
        let mut level = bytes.to_vec();
        while level.len() > HASH {
            level = level
                .chunks(BLOCK)
                .flat_map(|hashes| block_hash(&salt, hashes))
                .collect();
        }
        if level != *seal.root.as_bytes() {
            return Err(TreeError::Damaged(0));
        }
        Ok(Self {
            seal: seal.clone(),
            salt,
            hashes: bytes.to_vec(),
        })
    }

    /// Of a whole tree; `bytes` are those of its payload.
    ///
    /// # Errors
    /// [`TreeError::Blocks`] where these are not as many blocks as the tree has.
    pub fn of(tree: &HashTree, bytes: u64) -> Result<Self, TreeError> {
        let seal = Seal {
            bytes,
            salt: hex::of(tree.salt()),
            root: tree.root(),
        };
        if seal.blocks() != tree.blocks() {
            return Err(TreeError::Blocks(seal.blocks()));
        }
        let hashes = match tree.blocks() {
            1 => tree.root().as_bytes().to_vec(),
            _ => tree
                .leaf_blocks()
                .flat_map(|leaves| block_hash(tree.salt(), leaves))
                .collect(),
        };
        Ok(Self {
            salt: tree.salt().to_vec(),
            seal,
            hashes,
        })
    }

    /// As it is carried.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.hashes
    }

    /// What it is checked against.
    #[must_use]
    pub const fn seal(&self) -> &Seal {
        &self.seal
    }

    /// Bytes of the piece of this number; 0 beyond the last.
    #[must_use]
    pub fn piece_bytes(&self, piece: u64) -> usize {
        let from = piece.saturating_mul(PIECE as u64);
        let left = self.seal.bytes.saturating_sub(from);
        usize::try_from(left).unwrap_or(PIECE).min(PIECE)
    }

    /// These are the bytes of the piece of this number.
    #[must_use]
    pub fn vouches(&self, piece: u64, bytes: &[u8]) -> bool {
        if bytes.is_empty() || bytes.len() != self.piece_bytes(piece) {
            return false;
        }
        let mut blocks = bytes.chunks(BLOCK);
        let found = match self.seal.blocks() {
            1 => block_hash(&self.salt, bytes),
            _ => {
                let leaves: Vec<u8> = blocks
                    .by_ref()
                    .flat_map(|block| block_hash(&self.salt, block))
                    .collect();
                block_hash(&self.salt, &leaves)
            }
        };
        let at = usize::try_from(piece).unwrap_or(usize::MAX / HASH) * HASH;
        self.hashes.get(at..at + HASH) == Some(found.as_slice())
    }
}

/// Of a block that is filled with zeros.
fn block_hash(salt: &[u8], block: &[u8]) -> [u8; HASH] {
    Sha256::new()
        .chain_update(salt)
        .chain_update(block)
        .chain_update(ZEROS.get(block.len()..).unwrap_or_default())
        .finalize()
        .into()
}

/// Of its hexadecimal digits.
pub(crate) fn salt(text: &str) -> Result<Vec<u8>, TreeError> {
    hex::parse(text)
        .filter(|salt| salt.len() <= SALT_AT_MOST)
        .ok_or(TreeError::Salt)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::image::TreeBuilder;

    const SALT: [u8; 2] = [0xab, 0xcd];

    fn payload(bytes: usize) -> Vec<u8> {
        let numbers = (0_u64..).flat_map(|n| (n / 512).to_le_bytes());
        numbers.take(bytes).collect()
    }

    fn crown(payload: &[u8]) -> Crown {
        let mut tree = TreeBuilder::new(&SALT);
        payload.chunks(BLOCK).for_each(|block| tree.push(block));
        Crown::of(&tree.finish().unwrap(), payload.len() as u64).unwrap()
    }

    /// One block and less, one piece, one more, two levels above the crown; each whole and with a last block in part.
    const LENGTHS: &[usize] = &[
        1,
        BLOCK - 1,
        BLOCK,
        BLOCK + 1,
        PIECE - 1,
        PIECE,
        PIECE + 1,
        3 * PIECE + 5 * BLOCK + 17,
        129 * PIECE + 1,
    ];

    #[test]
    fn a_crown_vouches_for_its_pieces_alone() {
        for length in LENGTHS {
            let payload = payload(*length);
            let crown = crown(&payload);
            assert_eq!(crown.as_bytes().len() as u64, crown.seal().pieces() * 32);
            assert_eq!(
                Crown::read(crown.as_bytes(), crown.seal()).as_ref(),
                Ok(&crown)
            );
            for (number, piece) in (0..)
                .zip(payload.chunks(PIECE))
                .skip(crown.hashes.len() / 64)
            {
                assert!(crown.vouches(number, piece), "{length}: {number}");
                assert!(
                    !crown.vouches(number, piece.get(1..).unwrap()),
                    "{length}: {number}"
                );
                assert!(!crown.vouches(number + 1, piece), "{length}: {number}");
                let mut other = piece.to_vec();
                *other.last_mut().unwrap() ^= 0x10;
                assert!(!crown.vouches(number, &other), "{length}: {number}");
            }
            assert!(!crown.vouches(crown.seal().pieces(), &[]));
            assert!(!crown.vouches(u64::MAX, &[0]));
        }
    }

    #[test]
    fn zeros_beyond_the_end_are_not_the_payload() {
        let crown = crown(&payload(BLOCK + 1));
        let mut longer = payload(BLOCK + 1);
        longer.resize(2 * BLOCK, 0);
        assert!(!crown.vouches(0, &longer));
    }
}
