//! What a release is made of: a small signed file that names everything else.
//!
//! ```text
//!   targets.json ──► system/BOARD/VERSION/bundle.json ──► for each part: seal, crown, blocks, frames, patches
//! ```
//!
//! The trust rules vouch for the bundle; the bundle's hashes vouch for what it names. So a box needs the repository's metadata for one small file
//! only, and every other byte is checked as it comes, from whatever source.

mod check;

pub(crate) use check::{Wrong, of_payload, short};

use crate::image::Seal;
use crate::slot::Part;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// No bundle is larger, bytes.
pub const BUNDLE_AT_MOST: u64 = 1 << 20;
/// Bytes of a chunk of a patch; the last may be shorter.
pub const CHUNK: u64 = 64 * 1024;

/// A system for one kind of board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// Of this file: 1. A box refuses a number that it does not know.
    pub format: u32,
    /// The kind of board that it runs on: `IMAGE_ID` of its os-release.
    pub board: String,
    /// Its number: `IMAGE_VERSION` of its os-release. It only ever grows.
    pub version: u64,
    /// Its name for people, such as `2026.11`.
    pub name: String,
    /// The parts of a slot. [`Part::Tree`] is never among them: the box makes it.
    pub parts: BTreeMap<Part, Payload>,
}

/// Bytes that a box is to have, and the ways to get them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// What they must be.
    pub seal: Seal,
    /// The file of [`Crown`](crate::image::Crown).
    pub crown: FileRef,
    /// The file of [`BlockIndex`](crate::delta::BlockIndex).
    pub blocks: FileRef,
    /// The file of compressed frames: ranges of it are fetched. Its hash is never taken whole.
    pub frames: FileRef,
    /// Ways from payloads of which the publisher knows every byte.
    #[serde(default)]
    pub patches: Vec<PatchRef>,
}

/// A patch from one payload to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchRef {
    /// The version it starts from, for people.
    pub from_version: u64,
    /// Bytes of what it starts from.
    pub from_bytes: u64,
    /// SHA-256 of that, hexadecimal.
    pub from_sha256: String,
    /// The patch.
    pub file: FileRef,
    /// SHA-256 of each [`CHUNK`] of it, hexadecimal.
    pub chunks: Vec<String>,
}

/// A file of the repository's targets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Where it lies below the repository's targets, its hash in front of its name as with every target.
    pub location: String,
    /// Its bytes.
    pub bytes: u64,
    /// SHA-256 of it, hexadecimal.
    pub sha256: String,
}

impl Bundle {
    /// Of a bundle's bytes, for a box whose board is `board`. Nothing is allocated or asked for by what it says before it was looked at: lengths,
    /// names, hashes and places are within what a box of this kind can have. Whether the parts fit the slot is seen when one is there.
    ///
    /// # Errors
    /// [`BundleError`].
    pub fn read(bytes: &[u8], board: &str) -> Result<Self, BundleError> {
        let bundle = Self::parse(bytes)?;
        if bundle.board != board {
            return Err(BundleError::Board {
                offered: bundle.board,
                here: board.to_owned(),
            });
        }
        Ok(bundle)
    }

    /// As [`Bundle::read`], of a bundle that was read for this board before.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        check::parse(bytes)
    }
}

/// Why a file is no bundle for this box.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// It cannot be read as one.
    #[error("the bundle is garbled: {0}")]
    Garbled(String),
    /// It is of a later kind than this box knows.
    #[error(
        "the bundle is of format {0}, and this system knows 1: install a release between them first"
    )]
    Format(u32),
    /// It is for another board.
    #[error("the bundle is for {offered}, and this box is {here}")]
    Board {
        /// As the bundle says.
        offered: String,
        /// What this box is.
        here: String,
    },
    /// A part cannot be so large, or is missing.
    #[error("the {part} of the bundle has {bytes} bytes: {why}")]
    Size {
        /// Which.
        part: Part,
        /// Its bytes.
        bytes: u64,
        /// What is wrong with that.
        why: &'static str,
    },
}
