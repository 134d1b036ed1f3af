//! Reading an index: nothing of it is believed before it was checked.

use super::{Bits, BlockIndex, Frame, MAGIC, PREFIX, ZEROS, prefix_bytes, prefix_of};
use crate::delta::codec::{FRAME_BLOCKS_AT_MOST, Method};
use crate::image::BLOCK;

/// What packing may add to bytes that cannot be packed.
const SLACK: u64 = 4096;
const SHORT: &str = "it ends too early";
const COVER: &str = "a block is in no run, or in two";

/// The index of a payload of so many blocks.
pub(super) fn read(bytes: &[u8], blocks: u64) -> Result<BlockIndex, &'static str> {
    let reader = Reader {
        left: bytes,
        blocks,
        seen: Bits::new(blocks),
    };
    reader.index()
}

struct Reader<'a> {
    left: &'a [u8],
    blocks: u64,
    /// Blocks that a run had.
    seen: Bits,
}

impl<'a> Reader<'a> {
    fn index(mut self) -> Result<BlockIndex, &'static str> {
        if self.take(MAGIC.len())? != MAGIC {
            return Err("it is of a kind that is not known");
        }
        let zeros = self.zeros()?;
        let frames = self.frames()?;
        if self.seen.count() != self.blocks {
            return Err(COVER);
        }
        let prefixes = self.prefixes(&zeros)?;
        Ok(BlockIndex {
            blocks: self.blocks,
            zeros,
            frames,
            prefixes,
        })
    }

    fn take(&mut self, bytes: usize) -> Result<&'a [u8], &'static str> {
        let (taken, left) = self.left.split_at_checked(bytes).ok_or(SHORT)?;
        self.left = left;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u64, &'static str> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let [byte] = *self.take(1)? else {
                return Err(SHORT);
            };
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err("a number in it is too large")
    }

    /// A run whose first block is given; it is inside the payload, and its blocks were in none before.
    fn run(&mut self, first: u64) -> Result<(u64, u64), &'static str> {
        let blocks = self.number()?;
        let end = first.checked_add(blocks).ok_or(COVER)?;
        if blocks == 0 || end > self.blocks || !self.seen.set(first, blocks) {
            return Err(COVER);
        }
        Ok((first, blocks))
    }

    fn zeros(&mut self) -> Result<Vec<(u64, u64)>, &'static str> {
        let count = self.number()?;
        let mut runs = Vec::new();
        let mut end = 0;
        for _ in 0..count {
            let first = end + self.number()?;
            let run = self.run(first)?;
            end = run.0 + run.1;
            runs.push(run);
        }
        Ok(runs)
    }

    fn frames(&mut self) -> Result<Vec<Frame>, &'static str> {
        let count = self.number()?;
        let mut frames = Vec::new();
        let (mut at, mut end) = (0, 0);
        for _ in 0..count {
            let frame = self.frame(at, &mut end)?;
            at += u64::from(frame.bytes);
            frames.push(frame);
        }
        Ok(frames)
    }

    fn frame(&mut self, at: u64, end: &mut u64) -> Result<Frame, &'static str> {
        let [code] = *self.take(1)? else {
            return Err(SHORT);
        };
        let method = Method::of(code).ok_or("a frame is packed in a way that is not known")?;
        let bytes = self.number()?;
        let check = self.take(16)?.try_into().map_err(|_| SHORT)?;
        let count = self.number()?;
        let mut runs = Vec::new();
        for _ in 0..count {
            let gap = self.number()?;
            let first = match gap & 1 {
                0 => end.checked_add(gap >> 1),
                _ => end.checked_sub((gap >> 1) + 1),
            };
            let run = self.run(first.ok_or(COVER)?)?;
            *end = run.0 + run.1;
            runs.push(run);
        }
        let frame = Frame {
            at,
            bytes: u32::try_from(bytes).map_err(|_| "a frame is too large")?,
            check,
            runs,
            method,
        };
        let blocks = frame.blocks();
        if !(1..=FRAME_BLOCKS_AT_MOST).contains(&blocks)
            || !(1..=blocks * BLOCK as u64 + SLACK).contains(&bytes)
        {
            return Err("a frame is empty, or too large");
        }
        Ok(frame)
    }

    /// The prefixes of all blocks, those of zeros filled in.
    fn prefixes(&mut self, zeros: &[(u64, u64)]) -> Result<Vec<u8>, &'static str> {
        let of_zeros = prefix_bytes(prefix_of(&ZEROS));
        let empty: u64 = zeros.iter().map(|(_, blocks)| blocks).sum();
        let stored = (self.blocks - empty) * PREFIX as u64;
        if self.left.len() as u64 != stored {
            return Err("it has not as many blocks as the payload");
        }
        let whole = usize::try_from(self.blocks).map_err(|_| SHORT)? * PREFIX;
        let mut prefixes = Vec::with_capacity(whole);
        for (first, blocks) in zeros {
            let from = usize::try_from(*first).map_err(|_| SHORT)? * PREFIX;
            let before = from.checked_sub(prefixes.len()).ok_or(COVER)?;
            prefixes.extend_from_slice(self.take(before)?);
            (0..*blocks).for_each(|_| prefixes.extend_from_slice(&of_zeros));
        }
        prefixes.extend_from_slice(self.left);
        Ok(prefixes)
    }
}
