//! What is an ARM64 program, where its segments are, which of it is code.

use super::super::layout::Extent;
use crate::delta::patch::script::{SEGMENTS, Segment};

const ELF_ARM64: u16 = 183;
const LOAD: u32 = 1;

/// A segment of the file: address, place in the file, bytes.
type Part = (u64, usize, usize);

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from(u32_at(bytes, at)?) | u64::from(u32_at(bytes, at.checked_add(4)?)?) << 32)
}

/// Whether it holds instructions of ARM64.
pub(super) fn is_arm64(file: &[u8]) -> bool {
    let elf =
        file.starts_with(b"\x7FELF\x02\x01") && file.get(18..20) == Some(&ELF_ARM64.to_le_bytes());
    elf || is_kernel(file)
}

/// The kernel's `Documentation/arch/arm64/booting.rst`.
pub(super) fn is_kernel(file: &[u8]) -> bool {
    file.get(56..60) == Some(b"ARM\x64")
}

/// Its segments; none for what is not linked.
pub(super) fn segments(file: &[u8]) -> Option<Vec<Part>> {
    if is_kernel(file) {
        // Its tables hold addresses, and distances from its begin.
        let all = |address| (address, 0, file.len());
        return Some(kernel_begin(file).into_iter().chain([0]).map(all).collect());
    }
    let table = usize::try_from(u64_at(file, 32)?).ok()?;
    let count = usize::from(u16::from_le_bytes(file.get(56..58)?.try_into().ok()?));
    let mut parts = Vec::new();
    for at in 0..count.min(64) {
        let entry = table.checked_add(at * 56)?;
        if u32_at(file, entry)? == LOAD {
            let place = usize::try_from(u64_at(file, entry + 8)?).ok()?;
            let len = usize::try_from(u64_at(file, entry + 32)?).ok()?;
            parts.push((u64_at(file, entry + 16)?, place, len));
        }
    }
    Some(parts)
}

/// Where a kernel is linked to begin, as far as 32 bits tell: the least 2 MiB that many of its words are addresses in.
fn kernel_begin(file: &[u8]) -> Option<u64> {
    const MANY: u32 = 256;
    let mut seen = std::collections::BTreeMap::new();
    for word in file.chunks_exact(8) {
        if word[6..] == [0xFF, 0xFF] && word[5] != 0xFF {
            let word = u64::from_le_bytes(word.try_into().ok()?);
            *seen.entry(word >> 21).or_insert(0_u32) += 1;
        }
    }
    let begin = seen.into_iter().find(|&(_, count)| count >= MANY)?.0 << 21;
    Some(begin & 0xFFFF_FFFF).filter(|&begin| begin as usize >= file.len())
}

/// The same in the payload, where the file lies in `extents`.
pub(super) fn placed(parts: &[Part], extents: &[Extent]) -> Vec<Segment> {
    let mut segments = Vec::new();
    for &(address, place, len) in parts {
        let mut begin = 0;
        for extent in extents {
            let from = place.max(begin);
            let to = place.saturating_add(len).min(begin + extent.len);
            if from < to && address < 1 << 48 {
                segments.push(Segment {
                    address: address + (from - place) as u64,
                    at: (extent.at + (from - begin)) as u64,
                    len: (to - from) as u64,
                });
            }
            begin += extent.len;
        }
    }
    segments.truncate(SEGMENTS);
    segments
}

/// Bytes that are judged at once.
pub(super) const JUDGED: usize = 4096;

/// Whether these look like instructions.
pub(super) fn is_code(bytes: &[u8]) -> bool {
    let words = bytes.len() / 4;
    let usual = bytes
        .chunks_exact(4)
        .filter(|word| USUAL.contains(&word[3]))
        .count();
    words > 0 && usual * 2 > words
}

/// Upper bytes of usual instructions: one in eight of any bytes, most of code.
const USUAL: [u8; 36] = [
    0x94, 0x97, 0xF9, 0xB9, 0xAA, 0x2A, 0x91, 0xD6, 0x54, 0x52, 0x39, 0xEB, 0x71, 0x35, 0x34, 0xB4,
    0xB5, 0x36, 0x37, 0x90, 0xB0, 0xD0, 0xF0, 0xA9, 0xD5, 0xF1, 0xCB, 0x8B, 0x14, 0x17, 0x12, 0xA8,
    0x6B, 0x0B, 0xF8, 0x79,
];
