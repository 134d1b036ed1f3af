//! What was written, read back from the medium and held against its root hash.

use super::ports::Watch;
use super::{Doing, InstallError};
use crate::bundle::Payload;
use crate::delta::DeltaError;
use crate::image::{BLOCK, HashTree, PIECE, TreeBuilder};
use crate::slot::{Part, SlotWriter};
use crate::trust::hex;
use std::io;

/// The part, read back; where it is the root and slots have a place for its hash tree, that is written and read back too.
pub(super) fn part(
    has_tree: bool,
    part: Part,
    payload: &Payload,
    writer: &mut dyn SlotWriter,
    watch: &Watch<'_>,
) -> Result<(), InstallError> {
    watch.begin(Doing::Checking, 0, payload.seal.bytes);
    let tree = tree_of(part, payload, writer, watch)?;
    if tree.root() != payload.seal.root {
        let slot = writer.slot();
        return Err(InstallError::ReadBack { part, slot });
    }
    match part {
        Part::Root if has_tree => keep_tree(&tree, writer),
        Part::Root | Part::Boot | Part::Tree => Ok(()),
    }
}

fn tree_of(
    part: Part,
    payload: &Payload,
    writer: &mut dyn SlotWriter,
    watch: &Watch<'_>,
) -> Result<HashTree, InstallError> {
    let delta = |source| InstallError::Delta { part, source };
    let salt = hex::parse(&payload.seal.salt).unwrap_or_default();
    let mut tree = TreeBuilder::new(&salt);
    let mut buffer = vec![0; PIECE];
    let mut at = 0;
    while at < payload.seal.bytes {
        let stopped = |source: io::Error| DeltaError::Read {
            what: "the slot",
            source,
        };
        watch.go().map_err(|error| delta(stopped(error)))?;
        let left = usize::try_from(payload.seal.bytes - at).unwrap_or(usize::MAX);
        let step = buffer.get_mut(..left.min(PIECE)).unwrap_or_default();
        writer.read(part, at, step)?;
        step.chunks(BLOCK).for_each(|block| tree.push(block));
        at += step.len() as u64;
        watch.done(at);
    }
    tree.finish().map_err(|error| delta(error.into()))
}

/// Writes what of the tree is not there already.
fn keep_tree(tree: &HashTree, writer: &mut dyn SlotWriter) -> Result<(), InstallError> {
    let wrong = differing(tree, writer)?;
    if wrong.is_empty() {
        return Ok(());
    }
    for at in wrong {
        let block = block_of(tree, at);
        writer.write(Part::Tree, at, block)?;
    }
    writer.sync()?;
    if differing(tree, writer)?.is_empty() {
        return Ok(());
    }
    Err(InstallError::ReadBack {
        part: Part::Tree,
        slot: writer.slot(),
    })
}

fn block_of(tree: &HashTree, at: u64) -> &[u8] {
    let from = usize::try_from(at).unwrap_or(usize::MAX);
    let rest = tree.as_bytes().get(from..).unwrap_or_default();
    rest.get(..BLOCK).unwrap_or(rest)
}

/// Where the stored tree has blocks that are not this tree's.
fn differing(tree: &HashTree, writer: &mut dyn SlotWriter) -> Result<Vec<u64>, InstallError> {
    let mut there = [0; BLOCK];
    let mut wrong = Vec::new();
    for at in (0..tree.as_bytes().len() as u64).step_by(BLOCK) {
        let block = block_of(tree, at);
        let there = there.get_mut(..block.len()).unwrap_or_default();
        writer.read(Part::Tree, at, there)?;
        if there != block {
            wrong.push(at);
        }
    }
    Ok(wrong)
}
