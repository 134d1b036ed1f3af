//! Whether what lies in a slot still is what was installed: read whole, and held against its seals. Nothing is written.

use super::release::kept_bundle;
use crate::bundle::Bundle;
use crate::fetch::Go;
use crate::image::{BLOCK, HashTree, PIECE, Seal, TreeBuilder, salt};
use crate::ledger::Wanted;
use crate::parcel::Parcels;
use crate::slot::{Part, SlotError, SlotReader};
use std::io;

/// The bundle of a release, where it was kept.
///
/// # Errors
/// Whatever the disk says.
pub fn kept(parcels: &mut dyn Parcels, release: &Wanted) -> io::Result<Option<Bundle>> {
    let bytes = kept_bundle(parcels, release)?;
    Ok(bytes.and_then(|bytes| Bundle::parse(&bytes).ok()))
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Bytes that were read.
    pub bytes: u64,
    /// Parts that are not what was sealed; of the hash tree: not that of the root.
    pub wrong: Vec<Part>,
}

/// Reads the parts that `seals` name, and the hash tree of the root where the slot keeps one, and says which are wrong. `told` hears of the bytes
/// read, and may stop it: then `None`.
///
/// # Errors
/// [`SlotError`]: a part cannot be read. A part that is shorter than its seal is wrong.
pub fn as_sealed(
    seals: &[(Part, Seal)],
    slot: &mut dyn SlotReader,
    told: &mut dyn FnMut(u64) -> Go,
) -> Result<Option<Found>, SlotError> {
    let mut found = Found::default();
    for (part, seal) in seals {
        if slot.bytes(*part)? < seal.bytes {
            found.wrong.push(*part);
            continue;
        }
        let Some(tree) = tree_of(*part, seal, slot, &mut found.bytes, told)? else {
            return Ok(None);
        };
        match tree {
            Some(tree) if tree.root() == seal.root => {
                if *part == Part::Root && !keeps(&tree, slot)? {
                    found.wrong.push(Part::Tree);
                }
            }
            Some(_) | None => found.wrong.push(*part),
        }
    }
    Ok(Some(found))
}

/// The outer `None`: stopped. The inner: such a seal has no tree.
#[allow(
    clippy::option_option,
    reason = "stopped and impossible are two things"
)]
fn tree_of(
    part: Part,
    seal: &Seal,
    slot: &mut dyn SlotReader,
    read: &mut u64,
    told: &mut dyn FnMut(u64) -> Go,
) -> Result<Option<Option<HashTree>>, SlotError> {
    let Ok(salt) = salt(&seal.salt) else {
        return Ok(Some(None));
    };
    let mut tree = TreeBuilder::new(&salt);
    let mut buffer = vec![0; PIECE];
    let mut at = 0;
    while at < seal.bytes {
        if told(*read) == Go::Stop {
            return Ok(None);
        }
        let left = usize::try_from(seal.bytes - at).unwrap_or(usize::MAX);
        let step = buffer.get_mut(..left.min(PIECE)).unwrap_or_default();
        slot.read(part, at, step)?;
        step.chunks(BLOCK).for_each(|block| tree.push(block));
        at += step.len() as u64;
        *read += step.len() as u64;
    }
    Ok(Some(tree.finish().ok()))
}

/// Whether the slot keeps this tree; one that keeps none is as good.
fn keeps(tree: &HashTree, slot: &mut dyn SlotReader) -> Result<bool, SlotError> {
    let wanted = tree.as_bytes();
    let room = slot.bytes(Part::Tree)?;
    if room == 0 || wanted.is_empty() {
        return Ok(true);
    }
    if room < wanted.len() as u64 {
        return Ok(false);
    }
    let mut there = vec![0; wanted.len()];
    slot.read(Part::Tree, 0, &mut there)?;
    Ok(there == wanted)
}

/// A slot in memory, for the tests here and next door.
#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
pub(super) mod memory {
    use super::*;
    use crate::image::Crown;

    /// Boot area, root, hash tree.
    pub(in super::super) struct Memory(pub(in super::super) [Vec<u8>; 3]);

    impl Memory {
        fn part(&self, part: Part) -> &Vec<u8> {
            &self.0[part as usize]
        }
    }

    impl SlotReader for Memory {
        fn bytes(&mut self, part: Part) -> Result<u64, SlotError> {
            Ok(self.part(part).len() as u64)
        }

        fn read(&mut self, part: Part, at: u64, into: &mut [u8]) -> Result<(), SlotError> {
            let from = usize::try_from(at).unwrap();
            into.copy_from_slice(&self.part(part)[from..from + into.len()]);
            Ok(())
        }
    }

    pub(in super::super) fn sealed(bytes: &[u8]) -> (Seal, HashTree) {
        let mut tree = TreeBuilder::new(&[7]);
        bytes.chunks(BLOCK).for_each(|block| tree.push(block));
        let tree = tree.finish().unwrap();
        let crown = Crown::of(&tree, bytes.len() as u64).unwrap();
        (crown.seal().clone(), tree)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::memory::{Memory, sealed};
    use super::*;

    #[test]
    fn one_bit_anywhere_is_found() {
        let boot = vec![3; 5000];
        let root: Vec<u8> = (0..3 * PIECE / 2).map(|n| (n / 512 % 251) as u8).collect();
        let (boot_seal, _) = sealed(&boot);
        let (root_seal, tree) = sealed(&root);
        let seals = [(Part::Boot, boot_seal), (Part::Root, root_seal)];
        let mut memory = Memory([boot, root, tree.as_bytes().to_vec()]);
        let look = |memory: &mut Memory| as_sealed(&seals, memory, &mut |_| Go::On);
        let good = look(&mut memory).unwrap().unwrap();
        assert_eq!(
            (good.bytes, good.wrong),
            ((5000 + 3 * PIECE / 2) as u64, vec![])
        );
        for (part, at) in [
            (Part::Boot, 4999),
            (Part::Root, PIECE + 1),
            (Part::Tree, 40),
        ] {
            memory.0[part as usize][at] ^= 4;
            assert_eq!(look(&mut memory).unwrap().unwrap().wrong, [part]);
            memory.0[part as usize][at] ^= 4;
        }
        memory.0[2].clear();
        assert_eq!(
            look(&mut memory).unwrap().unwrap().wrong,
            [],
            "it keeps none"
        );
        memory.0[1].truncate(PIECE);
        assert_eq!(look(&mut memory).unwrap().unwrap().wrong, [Part::Root]);
        assert_eq!(
            as_sealed(&seals, &mut memory, &mut |_| Go::Stop).unwrap(),
            None
        );
    }
}
