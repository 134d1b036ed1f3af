//! Tables of addresses in programs: no byte of them may be equal when all has moved, yet every word is foretold by where its target went.

use crate::delta::patch::places::Places;
use crate::delta::patch::script::{Copy, Script};

/// Words that are looked at to tell whether two places belong together, and how many of them must be as foretold.
const WINDOW: usize = 8;
const ENOUGH: usize = 6;
/// How many words may be left out or put in at a time.
const SKIP: usize = 48;
/// A match shorter than this is not worth its place in the script.
const SHORTEST: usize = 8;

/// Adds copies to the gaps of programs.
pub(super) fn filled(base: &[u8], payload: &[u8], script: &mut Script) {
    let mut more = Vec::new();
    {
        let places = Places::new(script);
        for pair in script.copies.windows(2) {
            let gap = pair[1].dst - pair[0].dst_end();
            let same = pair[0].program != 0 && pair[0].program == pair[1].program;
            if same && gap >= (WINDOW * 4) as u64 {
                let fill = Fill {
                    base,
                    payload,
                    places: &places,
                    program: pair[0].program,
                };
                fill.gap(&pair[0], &pair[1], &mut more);
            }
        }
    }
    script.copies.extend(more);
    script.copies.sort_unstable_by_key(|copy| copy.dst);
}

struct Fill<'a> {
    base: &'a [u8],
    payload: &'a [u8],
    places: &'a Places<'a>,
    program: u16,
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

impl Fill<'_> {
    fn gap(&self, before: &Copy, after: &Copy, found: &mut Vec<Copy>) {
        let mut dst = (before.dst_end() as usize).next_multiple_of(4);
        let end = after.dst as usize & !3;
        let mut src = (before.src_end() as usize).next_multiple_of(4);
        let gap = end.saturating_sub(dst);
        let old_end = match after.src as usize > src && (after.src as usize) - src < 2 * gap + 65536
        {
            true => after.src as usize & !3,
            false => src + gap,
        };
        while dst < end && src < old_end {
            match self.next(src, dst, old_end, end) {
                Some((s, d)) => (src, dst) = (s, d),
                None => {
                    (src, dst) = (src + WINDOW * 4, dst + WINDOW * 4);
                    continue;
                }
            }
            let words = self.length(src, dst, old_end, end);
            if words >= SHORTEST {
                found.push(Copy {
                    src: src as u64,
                    dst: dst as u64,
                    len: (words * 4) as u32,
                    program: self.program,
                    code: false,
                });
            }
            (src, dst) = (src + words.max(1) * 4, dst + words.max(1) * 4);
        }
    }

    /// The nearest two places that belong together.
    fn next(&self, src: usize, dst: usize, old_end: usize, end: usize) -> Option<(usize, usize)> {
        for skip in 0..SKIP {
            for left in 0..=skip.min(SKIP) {
                // Put in first, then left out, then both.
                let (s, d) = (src + left * 4, dst + (skip - left) * 4);
                if s + WINDOW * 4 <= old_end && d + WINDOW * 4 <= end && self.belong(s, d) {
                    return Some((s, d));
                }
            }
        }
        None
    }

    fn belong(&self, src: usize, dst: usize) -> bool {
        if !self.foretold(src, dst) {
            return false;
        }
        let right = (0..WINDOW)
            .filter(|at| self.foretold(src + at * 4, dst + at * 4))
            .count();
        right >= ENOUGH
    }

    fn foretold(&self, src: usize, dst: usize) -> bool {
        let (Some(old), Some(new)) = (word(self.base, src), word(self.payload, dst)) else {
            return false;
        };
        old == new
            || self.places.absolute(old, self.program) == Some(new)
            || self
                .places
                .relative(old, src as u64, dst as u64, self.program)
                == Some(new)
    }

    /// Words for which going on is worth it.
    fn length(&self, src: usize, dst: usize, old_end: usize, end: usize) -> usize {
        let (mut worth, mut best, mut words) = (0_i64, 0_i64, 0);
        let room = (old_end - src).min(end - dst) / 4;
        for at in 0..room {
            worth += match self.foretold(src + at * 4, dst + at * 4) {
                true => 1,
                false => -2,
            };
            if worth > best {
                (best, words) = (worth, at + 1);
            }
            if worth < best - 2 * WINDOW as i64 {
                break;
            }
        }
        words
    }
}
