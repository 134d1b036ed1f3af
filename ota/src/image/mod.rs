//! A system image: an EROFS root described by its dm-verity hash tree.
//!
//! The tree is the index for everything: which block is right, which can be taken from the running slot, where an installation goes on, and
//! what the kernel checks at run time. It is bare (no superblock): SHA-256 over salt and block (hash type 1 of
//! the kernel's `Documentation/admin-guide/device-mapper/verity.rst`), blocks of 4 KiB, each block of hashes filled with zeros; the top
//! level first, the leaves last.
//!
//! ```text
//!   root hash ◄── level 2, one block ◄── level 1: a hash of each leaf block ◄── leaves: a hash of each block of the image
//! ```

mod crown;
mod tree;

pub(crate) use crown::salt;
pub use crown::{Crown, PIECE, PIECE_BLOCKS, Seal};
pub use tree::{BlockHash, HashTree, TreeBuilder, TreeError};

/// Bytes of a block, of data and of hashes alike.
pub const BLOCK: usize = 4096;
