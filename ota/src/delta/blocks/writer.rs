//! Writing an index: the publisher's half.

use super::{MAGIC, check_of, prefix_bytes};
use crate::delta::codec::Method;

/// Writes an index: the publisher's half of `BlockIndex::read`.
#[derive(Debug, Default)]
pub(crate) struct IndexWriter {
    out: Vec<u8>,
    frames: Vec<u8>,
    count: u64,
    end: u64,
}

impl IndexWriter {
    /// With the runs of blocks of zeros, in order.
    pub(crate) fn new(zeros: &[(u64, u64)]) -> Self {
        let mut out = MAGIC.to_vec();
        put(&mut out, zeros.len() as u64);
        let mut end = 0;
        for (first, blocks) in zeros {
            put(&mut out, first - end);
            put(&mut out, *blocks);
            end = first + blocks;
        }
        Self {
            out,
            ..Self::default()
        }
    }

    /// The next frame of the file.
    pub(crate) fn frame(&mut self, method: Method, packed: &[u8], runs: &[(u64, u64)]) {
        self.count += 1;
        self.frames.push(method.code());
        put(&mut self.frames, packed.len() as u64);
        self.frames.extend_from_slice(&check_of(packed));
        put(&mut self.frames, runs.len() as u64);
        for (first, blocks) in runs {
            let gap = match first.checked_sub(self.end) {
                Some(ahead) => ahead << 1,
                None => (self.end - first - 1) << 1 | 1,
            };
            put(&mut self.frames, gap);
            put(&mut self.frames, *blocks);
            self.end = first + blocks;
        }
    }

    /// The file; `prefixes` are those of the blocks that are not zeros, in order.
    pub(crate) fn finish(mut self, prefixes: impl Iterator<Item = u64>) -> Vec<u8> {
        put(&mut self.out, self.count);
        self.out.append(&mut self.frames);
        self.out.extend(prefixes.flat_map(prefix_bytes));
        self.out
    }
}

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}
