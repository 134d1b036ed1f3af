//! From a payload to what a repository offers of it.

use super::frames::{self, Saving};
use crate::delta::blocks::{IndexWriter, prefix_of};
use crate::image::{self, BLOCK, Crown, Seal, TreeBuilder, TreeError};
use std::io::{self, Write};

/// Why a payload cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// It, or its base, could not be read.
    #[error("cannot read the payload")]
    Read(#[source] io::Error),
    /// The output could not be written.
    #[error("cannot write {0}")]
    Write(&'static str, #[source] io::Error),
    /// Its size.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

/// The files made of a payload, beside its frames.
#[derive(Debug, Clone)]
pub struct Described {
    /// What it must be.
    pub seal: Seal,
    /// The file of the crown.
    pub crown: Vec<u8>,
    /// The file of the block index.
    pub blocks: Vec<u8>,
}

/// Describes a payload (whole in memory: the publisher's desk has it) and writes its frames. `salt` is that of its hash tree, hexadecimal.
///
/// # Errors
/// [`PublishError`].
pub fn describe(
    payload: &[u8],
    salt: &str,
    frames: &mut dyn Write,
) -> Result<Described, PublishError> {
    describe_for(payload, salt, Saving::Bytes, frames)
}

/// As [`describe`], for the boxes that save this.
///
/// # Errors
/// [`PublishError`].
pub fn describe_for(
    payload: &[u8],
    salt: &str,
    saving: Saving,
    frames: &mut dyn Write,
) -> Result<Described, PublishError> {
    let mut tree = TreeBuilder::new(&image::salt(salt)?);
    payload.chunks(BLOCK).for_each(|block| tree.push(block));
    let crown = Crown::of(&tree.finish()?, payload.len() as u64)?;
    let groups = frames::group(payload);
    let mut index = IndexWriter::new(&groups.zeros);
    frames::pack(payload, &groups.frames, saving, |runs, method, packed| {
        index.frame(method, packed, runs);
        frames.write_all(packed)
    })
    .map_err(|error| PublishError::Write("the frames", error))?;
    let blocks = payload.chunks(BLOCK);
    let blocks = blocks.filter(|block| block.iter().any(|byte| *byte != 0));
    Ok(Described {
        seal: crown.seal().clone(),
        crown: crown.as_bytes().to_vec(),
        blocks: index.finish(blocks.map(prefix_of)),
    })
}
