//! Whether what lies in a slot still is what was installed, read in stretches: one that is too long for a night is gone on with in the next one. The slot's
//! own hash tree, once it is known to be the right one, vouches for the root piece by piece. Nothing is written.

use super::needs::tree_bytes;
use super::sealed::as_sealed;
use crate::fetch::Go;
use crate::image::{Crown, HashTree, Seal, salt};
use crate::slot::{Part, SlotError, SlotReader};

/// What was read in one go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stretch {
    /// Bytes that were read.
    pub bytes: u64,
    /// Parts of which something is wrong. Of a root whose hash tree is wrong no more is known.
    pub wrong: Vec<Part>,
    /// The piece of the root that has its turn next; `None`: all of the slot had its turn.
    pub next: Option<u64>,
}

/// Reads on from the piece `first` of the root, for as long as `told`, which hears of the bytes read, says so. At 0 the other parts that `seals` name come
/// before it, and have their turn together. A root without a hash tree beside it is read in one go or not at all.
///
/// # Errors
/// [`SlotError`]: a part cannot be read. A part that is shorter than its seal is wrong.
pub fn stretch(
    seals: &[(Part, Seal)],
    slot: &mut dyn SlotReader,
    first: u64,
    told: &mut dyn FnMut(u64) -> Go,
) -> Result<Stretch, SlotError> {
    let root = seals.iter().find(|(part, _)| *part == Part::Root);
    let Some((_, root)) = root.filter(|_| slot.bytes(Part::Tree).is_ok_and(|bytes| bytes > 0))
    else {
        return at_once(seals, slot, told);
    };
    let mut read = Stretch::default();
    if first == 0 {
        let others = seals.iter().filter(|(part, _)| *part != Part::Root);
        read = at_once(&others.cloned().collect::<Vec<_>>(), slot, told)?;
        if read.next.is_some() {
            return Ok(read);
        }
    }
    if slot.bytes(Part::Root)? < root.bytes {
        read.wrong.push(Part::Root);
        return Ok(read);
    }
    let Some(crown) = crown(root, slot)? else {
        read.wrong.push(Part::Tree);
        return Ok(read);
    };
    pieces(&crown, slot, first, &mut read, told)?;
    Ok(read)
}

fn at_once(
    seals: &[(Part, Seal)],
    slot: &mut dyn SlotReader,
    told: &mut dyn FnMut(u64) -> Go,
) -> Result<Stretch, SlotError> {
    let found = as_sealed(seals, slot, told)?;
    Ok(match found {
        Some(found) => Stretch {
            bytes: found.bytes,
            wrong: found.wrong,
            next: None,
        },
        None => Stretch {
            next: Some(0),
            ..Stretch::default()
        },
    })
}

/// What vouches for the pieces, out of the tree that the slot keeps; `None`: that is not the tree of this root.
fn crown(seal: &Seal, slot: &mut dyn SlotReader) -> Result<Option<Crown>, SlotError> {
    let bytes = tree_bytes(seal.blocks());
    let room = slot.bytes(Part::Tree)?;
    let (Ok(salt), Ok(length), true) = (salt(&seal.salt), usize::try_from(bytes), bytes <= room)
    else {
        return Ok(None);
    };
    let mut stored = vec![0; length];
    slot.read(Part::Tree, 0, &mut stored)?;
    let tree = HashTree::read(stored, seal.blocks(), &salt, seal.root);
    Ok(tree.and_then(|tree| Crown::of(&tree, seal.bytes)).ok())
}

fn pieces(
    crown: &Crown,
    slot: &mut dyn SlotReader,
    first: u64,
    read: &mut Stretch,
    told: &mut dyn FnMut(u64) -> Go,
) -> Result<(), SlotError> {
    let mut buffer = vec![0; crown.piece_bytes(0)];
    let mut at = first * buffer.len() as u64;
    for piece in first..crown.seal().pieces() {
        if told(read.bytes) == Go::Stop {
            read.next = Some(piece);
            return Ok(());
        }
        let step = buffer.get_mut(..crown.piece_bytes(piece));
        let step = step.unwrap_or_default();
        slot.read(Part::Root, at, step)?;
        if !crown.vouches(piece, step) && !read.wrong.contains(&Part::Root) {
            read.wrong.push(Part::Root);
        }
        at += step.len() as u64;
        read.bytes += step.len() as u64;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::sealed::memory::{Memory, sealed};
    use super::*;
    use crate::image::PIECE;

    const ROOT: usize = 7 * PIECE / 2;

    fn slot() -> (Vec<(Part, Seal)>, Memory) {
        let boot = vec![3; 5000];
        let root: Vec<u8> = (0..ROOT).map(|n| (n / 512 % 251) as u8).collect();
        let (boot_seal, _) = sealed(&boot);
        let (root_seal, tree) = sealed(&root);
        let seals = vec![(Part::Boot, boot_seal), (Part::Root, root_seal)];
        // A partition is longer than the tree in it.
        let room = [tree.as_bytes(), &[0; 9000]].concat();
        (seals, Memory([boot, root, room]))
    }

    /// Some bytes a night: what was wrong in all of them, and how many nights it took.
    fn nights(seals: &[(Part, Seal)], slot: &mut Memory, budget: u64) -> (Vec<Part>, u64, usize) {
        let (mut wrong, mut bytes, mut next, mut nights) = (Vec::new(), 0, Some(0), 0);
        while let Some(first) = next {
            let mut told = |done| if done < budget { Go::On } else { Go::Stop };
            let read = stretch(seals, slot, first, &mut told).unwrap();
            wrong.extend(read.wrong);
            (bytes, next, nights) = (bytes + read.bytes, read.next, nights + 1);
            assert!(nights < 20, "it goes on and on");
        }
        (wrong, bytes, nights)
    }

    #[test]
    fn night_by_night_all_of_it_has_its_turn_and_one_bit_is_found() {
        let (seals, mut slot) = slot();
        let all = (5000 + ROOT) as u64;
        assert_eq!(nights(&seals, &mut slot, u64::MAX), (vec![], all, 1));
        assert_eq!(nights(&seals, &mut slot, 1_000_000), (vec![], all, 2));
        for (part, at) in [
            (Part::Boot, 4999),
            (Part::Root, 0),
            (Part::Root, ROOT - 1),
            (Part::Tree, 40),
        ] {
            slot.0[part as usize][at] ^= 4;
            assert_eq!(nights(&seals, &mut slot, 600_000).0, [part], "{part} {at}");
            slot.0[part as usize][at] ^= 4;
        }
        // The control: behind the end of the tree nothing is vouched for.
        *slot.0[Part::Tree as usize].last_mut().unwrap() = 7;
        assert_eq!(nights(&seals, &mut slot, 600_000).0, []);
    }

    #[test]
    fn what_was_stopped_at_once_begins_anew_and_a_short_root_is_wrong() {
        let (seals, mut slot) = slot();
        let read = stretch(&seals, &mut slot, 0, &mut |_| Go::Stop).unwrap();
        assert_eq!((read.next, read.bytes), (Some(0), 0));
        let read = stretch(&seals, &mut slot, 2, &mut |_| Go::Stop).unwrap();
        assert_eq!(read.next, Some(2));
        slot.0[Part::Root as usize].truncate(PIECE);
        assert_eq!(nights(&seals, &mut slot, u64::MAX).0, [Part::Root]);
        // Without a tree it is read at once.
        slot.0[Part::Tree as usize].clear();
        assert_eq!(nights(&seals, &mut slot, u64::MAX).0, [Part::Root]);
    }
}
