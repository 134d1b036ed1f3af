//! A program as it is compared: what changes with every move is taken out, or is replaced by what it means.
//!
//! Only for finding what belongs together: the patch itself is made of the true bytes.

use super::btf::{Btf, btf};
use super::elf::{self, Table};
use super::program;
use crate::delta::patch::arm64::{Kind, Word};
use crate::delta::patch::places::Places;

fn word_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

fn put(view: &mut [u8], at: usize, word: u32) {
    if let Some(bytes) = at.checked_add(4).and_then(|end| view.get_mut(at..end)) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
}

/// A hash that is the same everywhere (FNV-1a).
pub(super) fn hash(bytes: &[u8]) -> u32 {
    let step = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    bytes.iter().fold(0x811C_9DC5, step)
}

/// The view of an ARM64 program; `kernel` are the types that a module's are added to.
pub(super) fn of(file: &[u8], kernel: Option<&Btf>) -> Vec<u8> {
    let mut view = file.to_vec();
    for (block, old) in view
        .chunks_mut(program::JUDGED)
        .zip(file.chunks(program::JUDGED))
    {
        if program::is_code(old) {
            without_distances(block);
        }
    }
    for table in elf::tables(file) {
        match table {
            Table::Relocations { at, count, symbols } => {
                for entry in 0..count {
                    let at = at + entry * 24;
                    let symbol = word_at(file, at + 12).unwrap_or(0) as usize;
                    put(&mut view, at, 0);
                    put(
                        &mut view,
                        at + 12,
                        symbols.get(symbol).copied().unwrap_or(0),
                    );
                    put(&mut view, at + 16, 0);
                }
            }
            Table::Symbols { at, names } => {
                for (entry, name) in names.iter().enumerate() {
                    put(&mut view, at + entry * 24, *name);
                    put(&mut view, at + entry * 24 + 8, 0);
                }
            }
        }
    }
    if let Some(types) = btf(file, kernel) {
        for (at, word) in types.words {
            put(&mut view, at, word);
        }
    }
    view
}

fn without_distances(code: &mut [u8]) {
    for bytes in code.chunks_exact_mut(4) {
        let word = Word(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
        let kept = match word.kind() {
            Kind::Branch => word.0 & 0xFC00_0000,
            Kind::Page => word.0 & 0x9F00_001F,
            Kind::Plain | Kind::Short | Kind::Test | Kind::Near | Kind::Low => continue,
        };
        bytes.copy_from_slice(&kept.to_le_bytes());
    }
}

/// Replaces the addresses in the old program's view by what a first comparison says they are in the new one.
pub(super) fn moved(view: &mut [u8], file: &[u8], places: &Places<'_>) {
    for at in (0..file.len().saturating_sub(7)).step_by(8) {
        let (Some(low), Some(high)) = (word_at(file, at), word_at(file, at + 4)) else {
            return;
        };
        // User space below 4 GiB of its begin, or a kernel.
        let address = (high == 0 && low >= 4096) || high == 0xFFFF_8000;
        if address
            && let Some(new) = places.absolute(low, 1)
            && word_at(view, at) == Some(low)
        {
            put(view, at, new);
        }
    }
}
