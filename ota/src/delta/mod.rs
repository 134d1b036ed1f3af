//! Getting a payload with the fewest bytes: what is here already, what a patch makes of it, what has to come.
//!
//! | file | holds |
//! |---|---|
//! | `survey` | [`Survey`]: a pass over the base: what it is, and which blocks are in it |
//! | `blocks` | [`BlockIndex`]: a short hash of every block of the payload, and the frames that hold them |
//! | `codec`, `records` | how a frame is packed |
//! | `plan` | [`plan()`]: patch or frames, whichever costs less; [`Shipment`]: what to fetch, chunk by chunk, each with its hash |
//! | `build` | [`build()`]: base and shipment to payload |
//! | `patch` | the patch: its format, and how it is applied |
//!
//! Payload and base are opaque bytes: a root file system, a boot area, a pack. Publishing is [`crate::publish`]'s.
//!
//! # Every byte is checked before it is written
//!
//! The bundle vouches for crown, index and every chunk of a patch, the index for every frame, the crown for every piece of 512 KiB. A patch's output
//! is written piece by piece, each checked against the crown; frames are checked before they are unpacked, and a piece is completed with blocks of the base
//! only where the crown then vouches for all of it. The whole is read back afterwards, its hash tree made anew and held against the root hash; a piece
//! that frames alone gave is read back before that only where asked for ([`Proof`]).

pub(crate) mod blocks;
mod build;
pub(crate) mod codec;
pub(crate) mod patch;
mod plan;
pub(crate) mod records;
mod survey;

pub use blocks::{BlockIndex, Frame};
pub use build::{Built, build};
pub use patch::apply as apply_patch;
pub use plan::{Chunk, Plan, Proof, Shipment, Way, plan, plan_frames};
pub use survey::Survey;

use crate::image::TreeError;
use std::io;

/// Bytes one can read anywhere.
pub trait ReadAt {
    /// Fills `into` from the place `at`.
    ///
    /// # Errors
    /// Whatever holds them says; the end inside `into` is an error.
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()>;
}

/// Bytes one can also write.
pub trait WriteAt: ReadAt {
    /// Writes all of `bytes` at the place `at`.
    ///
    /// # Errors
    /// Whatever holds them says.
    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()>;
}

/// Why a payload could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DeltaError {
    /// A file of the repository, or a chunk of one, is not what was signed for, or is garbled.
    #[error("{what} is not what was signed for: {why}")]
    Garbled {
        /// Which.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The tree of hashes does not fit.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The running system, or what was fetched, could not be read.
    #[error("cannot read {what}")]
    Read {
        /// What.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The payload could not be written.
    #[error("cannot write the payload")]
    Write(#[source] io::Error),
    /// It needs more memory than an installer may have.
    #[error("{what} asks for {bytes} bytes of memory: more than an installation may take")]
    Memory {
        /// What asks.
        what: &'static str,
        /// How much.
        bytes: u64,
    },
}
