//! What is learned on the way: which runs, which guesses, which words.

use super::super::coder::{Bits, Number, Odds, symbol};

/// Words that a [`Memo`] holds.
pub(super) const MEMO: usize = 1 << 16;

/// What became of something when it was last seen.
pub(super) struct Memo(Vec<(u64, u64)>);

impl Memo {
    pub(super) fn new() -> Self {
        Self(vec![(u64::MAX, 0); MEMO])
    }

    const fn slot(key: u64) -> usize {
        (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as usize
    }

    pub(super) fn get(&self, key: u64) -> Option<u64> {
        let (stored, value) = self.0[Self::slot(key)];
        (stored == key).then_some(value)
    }

    pub(super) fn set(&mut self, key: u64, value: u64) {
        self.0[Self::slot(key)] = (key, value);
    }
}

/// How long the stretches of words are that come as foretold.
pub(super) struct Runs {
    rest: [Odds; 32],
    length: Vec<Number>,
    last: [usize; 2],
}

impl Runs {
    pub(super) fn new() -> Self {
        Self {
            rest: [Odds::EVEN; 32],
            length: (0..32).map(|_| Number::new()).collect(),
            last: [0; 2],
        }
    }

    /// `None`: all the rest is as foretold.
    pub(super) fn code<B: Bits>(&mut self, bits: &mut B, run: Option<u64>) -> Option<u64> {
        let context = self.last[0] * 4 + self.last[1].min(3);
        if bits.bit(&mut self.rest[context], run.is_none()) {
            return None;
        }
        let run = self.length[context].code(bits, run.unwrap_or(0));
        self.last = [run.min(7) as usize, self.last[0]];
        Some(run)
    }
}

/// Which guess is right, and if none is, the word itself.
#[derive(Default)]
pub(super) struct Guesses {
    choice: Vec<[Odds; 16]>,
    last: [usize; 2],
    mask: Vec<[Odds; 16]>,
    masked: usize,
    bytes: Vec<[Odds; 256]>,
}

impl Guesses {
    pub(super) fn new() -> Self {
        Self {
            choice: vec![[Odds::EVEN; 16]; 16 * 16 * 4],
            last: [0; 2],
            mask: vec![[Odds::EVEN; 16]; 16],
            masked: 0,
            bytes: vec![[Odds::EVEN; 256]; 4 * 256],
        }
    }

    /// Codes `new`, of `width` bytes, which is not `foretold`; `guess` gives each of `count` guesses, after a run of `run` words.
    pub(super) fn code<B: Bits>(
        &mut self,
        bits: &mut B,
        foretold: u32,
        (count, guess): (usize, &dyn Fn(usize) -> Option<u32>),
        (new, width): (u32, usize),
        run: u64,
    ) -> u32 {
        let choice = match B::WRITES {
            true => (0..count).position(|which| guess(which) == Some(new)),
            false => None,
        };
        let choice = choice.map_or(0, |at| at + 1);
        let context = self.last[0] * 64 + self.last[1] * 4 + run.min(3) as usize;
        let choice = symbol(bits, &mut self.choice[context], 4, choice as u32) as usize;
        self.last = [choice, self.last[0]];
        match choice {
            0 => self.literal(bits, foretold, new, width),
            choice => guess(choice - 1).unwrap_or(foretold),
        }
    }

    fn literal<B: Bits>(&mut self, bits: &mut B, foretold: u32, new: u32, width: usize) -> u32 {
        let (old, new) = (foretold.to_le_bytes(), new.to_le_bytes());
        let changed = (0..width).fold(0, |mask, at| mask | u32::from(old[at] != new[at]) << at);
        let changed = symbol(bits, &mut self.mask[self.masked], 4, changed);
        self.masked = changed as usize;
        let mut coded = old;
        for at in (0..width).rev().filter(|at| changed >> at & 1 == 1) {
            let odds = &mut self.bytes[at * 256 + usize::from(old[at])];
            coded[at] = symbol(bits, odds, 8, new[at].into()) as u8;
        }
        u32::from_le_bytes(coded)
    }
}
