//! The hash tree, whole: made block by block, or read and checked.

use super::BLOCK;
use crate::trust::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

const HASH: usize = 32;
/// Hashes in a block of them.
const FAN: u64 = (BLOCK / HASH) as u64;
/// A larger image is none of ours: 64 GiB.
const BLOCKS_AT_MOST: u64 = 1 << 24;

/// SHA-256 of salt and block.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BlockHash([u8; HASH]);

impl BlockHash {
    /// Of its 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        hex::parse(text)?.try_into().ok().map(Self)
    }

    /// Of a block's bytes.
    #[must_use]
    pub fn of(salt: &[u8], block: &[u8]) -> Self {
        Self(
            Sha256::new()
                .chain_update(salt)
                .chain_update(block)
                .finalize()
                .into(),
        )
    }
}

impl BlockHash {
    /// Its 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; HASH] {
        &self.0
    }
}

impl fmt::Display for BlockHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::of(&self.0))
    }
}

impl TryFrom<String> for BlockHash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a hash is 64 lower-case hexadecimal digits")
    }
}

impl From<BlockHash> for String {
    fn from(hash: BlockHash) -> Self {
        hash.to_string()
    }
}

impl fmt::Debug for BlockHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockHash({self})")
    }
}

/// Why bytes are not the hash tree of an image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// No image has so many blocks.
    #[error("an image has 1 to {BLOCKS_AT_MOST} blocks, not {0}")]
    Blocks(u64),
    /// It is not as long as the tree of so many blocks.
    #[error("the hash tree has {found} bytes, not {expected}")]
    Length {
        /// Bytes that there are.
        found: u64,
        /// Bytes that there should be.
        expected: u64,
    },
    /// The salt.
    #[error("the salt is not 0 to 256 bytes in lower-case hexadecimal digits")]
    Salt,
    /// A block of hashes is not what the level above says.
    #[error("block {0} of the hash tree is not what was signed for")]
    Damaged(u64),
}

/// The hash tree of an image, checked against its root hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashTree {
    salt: Vec<u8>,
    root: BlockHash,
    blocks: u64,
    /// As stored.
    bytes: Vec<u8>,
}

/// Where a level lies in the stored tree, in blocks of hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Level {
    first: u64,
    blocks: u64,
}

/// The levels for so many blocks of data, the leaves first; empty for one block, whose hash is the root itself.
fn levels(blocks: u64) -> Vec<Level> {
    let mut sizes = Vec::new();
    let mut below = blocks;
    while below > 1 {
        below = below.div_ceil(FAN);
        sizes.push(below);
    }
    let mut first: u64 = sizes.iter().sum();
    sizes
        .into_iter()
        .map(|blocks| {
            first -= blocks;
            Level { first, blocks }
        })
        .collect()
}

impl HashTree {
    /// The tree that `bytes` are, for an image of `blocks` blocks.
    ///
    /// # Errors
    /// [`TreeError`]; every block of it is checked, from the root down.
    pub fn read(
        bytes: Vec<u8>,
        blocks: u64,
        salt: &[u8],
        root: BlockHash,
    ) -> Result<Self, TreeError> {
        let levels = levels_of(blocks)?;
        let expected = levels.iter().map(|level| level.blocks).sum::<u64>() * BLOCK as u64;
        if bytes.len() as u64 != expected {
            return Err(TreeError::Length {
                found: bytes.len() as u64,
                expected,
            });
        }
        let tree = Self {
            salt: salt.to_vec(),
            root,
            blocks,
            bytes,
        };
        tree.check(&levels)?;
        Ok(tree)
    }

    /// What the tree vouches for, from the top down: a level is looked into only when it is known to be right.
    fn check(&self, levels: &[Level]) -> Result<(), TreeError> {
        for (height, level) in levels.iter().enumerate().rev() {
            let above = levels.get(height + 1);
            for index in 0..level.blocks {
                let at = level.first + index;
                let found = BlockHash::of(&self.salt, self.stored(at));
                let expected = above.map_or(self.root, |above| self.hash_at(above.first, index));
                if found != expected {
                    return Err(TreeError::Damaged(at));
                }
            }
        }
        Ok(())
    }

    fn stored(&self, block: u64) -> &[u8] {
        let from = usize::try_from(block).unwrap_or(usize::MAX) * BLOCK;
        self.bytes.get(from..from + BLOCK).unwrap_or_default()
    }

    /// The hash of this number in the level that begins at block `first`.
    fn hash_at(&self, first: u64, number: u64) -> BlockHash {
        let block = self.stored(first + number / FAN);
        let from = usize::try_from(number % FAN).unwrap_or(0) * HASH;
        let mut hash = [0; HASH];
        if let Some(stored) = block.get(from..from + HASH) {
            hash.copy_from_slice(stored);
        }
        BlockHash(hash)
    }

    /// Blocks of the image.
    #[must_use]
    pub const fn blocks(&self) -> u64 {
        self.blocks
    }

    /// What is hashed before every block.
    #[must_use]
    pub fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// The blocks of leaves, in order; none for an image of one block.
    pub(super) fn leaf_blocks(&self) -> impl Iterator<Item = &[u8]> {
        let leaves = levels(self.blocks).first().copied();
        let numbers = leaves.map_or(0..0, |level| level.first..level.first + level.blocks);
        numbers.map(|number| self.stored(number))
    }

    /// The hash of all.
    #[must_use]
    pub const fn root(&self) -> BlockHash {
        self.root
    }

    /// As it is stored beside the image.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The hash of the block of this number; `None` beyond the last.
    #[must_use]
    pub fn leaf(&self, number: u64) -> Option<BlockHash> {
        if number >= self.blocks {
            return None;
        }
        Some(match levels(self.blocks).first() {
            Some(leaves) => self.hash_at(leaves.first, number),
            None => self.root,
        })
    }

    /// These are the bytes of the block of this number.
    #[must_use]
    pub fn vouches(&self, number: u64, block: &[u8]) -> bool {
        block.len() == BLOCK && self.leaf(number) == Some(BlockHash::of(&self.salt, block))
    }
}

fn levels_of(blocks: u64) -> Result<Vec<Level>, TreeError> {
    if (1..=BLOCKS_AT_MOST).contains(&blocks) {
        Ok(levels(blocks))
    } else {
        Err(TreeError::Blocks(blocks))
    }
}

/// Makes the tree of an image, block by block.
#[derive(Debug, Clone)]
pub struct TreeBuilder {
    salt: Vec<u8>,
    leaves: Vec<BlockHash>,
}

impl TreeBuilder {
    /// Of an image of no blocks yet.
    #[must_use]
    pub fn new(salt: &[u8]) -> Self {
        Self {
            salt: salt.to_vec(),
            leaves: Vec::new(),
        }
    }

    /// The next block; a shorter one, the last, is filled with zeros.
    pub fn push(&mut self, block: &[u8]) {
        let zeros = [0; BLOCK];
        let missing = zeros.get(block.len()..).unwrap_or_default();
        let hash = Sha256::new()
            .chain_update(&self.salt)
            .chain_update(block)
            .chain_update(missing)
            .finalize();
        self.leaves.push(BlockHash(hash.into()));
    }

    /// The tree of what was pushed.
    ///
    /// # Errors
    /// [`TreeError::Blocks`].
    pub fn finish(self) -> Result<HashTree, TreeError> {
        let blocks = self.leaves.len() as u64;
        levels_of(blocks)?;
        let mut below = self.leaves;
        let mut stored: Vec<Vec<u8>> = Vec::new();
        while below.len() > 1 {
            let level: Vec<u8> = below
                .chunks(BLOCK / HASH)
                .flat_map(|hashes| {
                    let mut block: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
                    block.resize(BLOCK, 0);
                    block
                })
                .collect();
            below = level
                .chunks(BLOCK)
                .map(|block| BlockHash::of(&self.salt, block))
                .collect();
            stored.push(level);
        }
        let root = below.first().copied().ok_or(TreeError::Blocks(0))?;
        stored.reverse();
        Ok(HashTree {
            salt: self.salt,
            root,
            blocks,
            bytes: stored.concat(),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SALT: [u8; 2] = [0xab, 0xcd];

    /// Each block holds its own number, over and over.
    fn block(number: u64) -> Vec<u8> {
        number.to_le_bytes().repeat(BLOCK / 8)
    }

    fn tree(blocks: u64) -> HashTree {
        let mut builder = TreeBuilder::new(&SALT);
        (0..blocks).for_each(|number| builder.push(&block(number)));
        builder.finish().unwrap()
    }

    /// Root hashes that `veritysetup format --no-superblock --salt abcd` (cryptsetup 2.6.1) gave for the same blocks.
    const KNOWN: &[(u64, &str, &str)] = &[
        (
            1,
            "322bc2ff2a60ff74b8b9953e3aa0e73b43d1f73c6c68b00ceaa539c832f76460",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (
            2,
            "4bef6210920d11de7209be1b70bacb84c8aa0c6c369fa67beb9b2cc8c09ed9ec",
            "d92ff68a9933e4246e8ff46818d5940781356fbef604e7646508b6929253c224",
        ),
        (
            129,
            "8efdb1d61a5b0717b73151dbdf548a978221ee34ad294355588e2a1953f0210a",
            "0ddc64a9b6184409df78414f22e2e8036c6b05a4894851dc170046a48f7b9d57",
        ),
        (
            300,
            "e4492d04ba438a43c1a759a9d06e1237ecf3d3f59baac22563aa0ca277a4beb4",
            "ebb666e7eacfefbb7e3e6bd90e769910575b38bf05d7183a41ec20248b5ad23d",
        ),
        (
            20000,
            "20ee26958c16841cea3b6be7b05d35f0a59d7568e46444ad101f6f2d74d351ac",
            "cf1c9a4f60ce367e83783496f1f909411ba234657924382bf76d044618eb84ad",
        ),
    ];

    #[test]
    fn the_tree_is_that_of_veritysetup() {
        for (blocks, root, sha256) in KNOWN {
            let tree = tree(*blocks);
            assert_eq!(tree.root().to_string(), *root, "{blocks} blocks");
            let stored = hex::of(&Sha256::digest(tree.as_bytes()));
            assert_eq!(stored, *sha256, "{blocks} blocks");
        }
    }

    #[test]
    fn levels_lie_top_first() {
        let of = |blocks| {
            levels(blocks)
                .iter()
                .map(|l| (l.first, l.blocks))
                .collect::<Vec<_>>()
        };
        assert_eq!(of(1), []);
        assert_eq!(of(2), [(0, 1)]);
        assert_eq!(of(128), [(0, 1)]);
        assert_eq!(of(129), [(1, 2), (0, 1)]);
        assert_eq!(of(128 * 128 + 1), [(3, 129), (1, 2), (0, 1)]);
    }

    #[test]
    fn a_tree_of_another_size_is_refused() {
        let good = tree(300);
        let read = |bytes: Vec<u8>, blocks| HashTree::read(bytes, blocks, &SALT, good.root());
        let bytes = good.as_bytes().to_vec();
        assert_eq!(read(bytes.clone(), 300).as_ref(), Ok(&good));
        assert_eq!(read(bytes.clone(), 0), Err(TreeError::Blocks(0)));
        assert_eq!(
            read(bytes.clone(), 1 << 63),
            Err(TreeError::Blocks(1 << 63))
        );
        let expected = 4 * BLOCK as u64;
        let found = expected - 1;
        let shorter = bytes[1..].to_vec();
        assert_eq!(
            read(shorter, 300),
            Err(TreeError::Length { found, expected })
        );
        // As many blocks of hashes, but not the same image.
        assert_eq!(read(bytes, 299).map(|tree| tree.leaf(299)), Ok(None));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_block_is_vouched_for_and_no_other(blocks in 1_u64..700, at: prop::sample::Index, bit in 0_usize..BLOCK * 8) {
            let tree = tree(blocks);
            let number = at.index(usize::try_from(blocks).unwrap()) as u64;
            let mut bytes = block(number);
            prop_assert!(tree.vouches(number, &bytes));
            prop_assert!(!tree.vouches(blocks, &bytes));
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!tree.vouches(number, &bytes));
            prop_assert!(!tree.vouches(number, &bytes[1..]));
        }

        #[test]
        fn every_flipped_bit_of_a_tree_is_found(blocks in 2_u64..700, at: prop::sample::Index, bit in 0_u8..8) {
            let good = tree(blocks);
            let mut bytes = good.as_bytes().to_vec();
            let byte = at.index(bytes.len());
            bytes[byte] ^= 1 << bit;
            let damaged = (byte / BLOCK) as u64;
            prop_assert_eq!(HashTree::read(bytes, blocks, &SALT, good.root()), Err(TreeError::Damaged(damaged)));
        }
    }
}
