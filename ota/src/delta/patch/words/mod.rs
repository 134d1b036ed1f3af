//! What is changed in bytes that are copied, word by word: which words are not as foretold, and what they are.
//!
//! | file | holds |
//! |---|---|
//! | `models` | what is learned on the way |
//! | `code` | instructions: where branches and addresses lead |
//!
//! A word is four bytes at a place of the payload that 4 divides; at the ends of a copy it may be shorter. Of data each word is foretold to stay; what
//! does not is guessed at: as the same word changed before, by as much as words of about its value did, by as much as the last ones, as an address or a
//! distance to what has moved. Which guess is right costs a fraction of a bit in a table where it is always the same one.

mod code;
mod models;

use super::coder::Bits;
use super::places::Places;
use super::script::Copy;
use code::Page;
use models::{Guesses, MEMO, Memo, Runs};

/// What a word of data may be, where it is not as foretold.
const GUESSES: usize = 9;
/// The shifts of block and inode numbers in an EROFS image.
const BLOCK_SHIFT: u32 = 12;
const INODE_SHIFT: u32 = 5;

/// Runs and guesses of a kind of words.
struct Models {
    runs: Runs,
    guesses: Guesses,
    /// The last two differences.
    lags: [u32; 2],
}

impl Models {
    fn new() -> Self {
        Self {
            runs: Runs::new(),
            guesses: Guesses::new(),
            lags: [0; 2],
        }
    }
}

/// The models of all words of a patch.
pub(crate) struct Words<'a> {
    places: &'a Places<'a>,
    /// Where addresses went to.
    targets: Memo,
    /// What words became.
    words: Memo,
    /// How far words of about this value moved: of 64, and of 4096 neighbours.
    near: [Vec<u32>; 2],
    data: Models,
    code: Models,
    pages: [Option<Page>; 32],
}

/// A stretch of a copy that lies in one piece of the payload.
#[derive(Clone, Copy)]
pub(crate) struct Stretch {
    pub(crate) copy: Copy,
    pub(crate) src: u64,
    pub(crate) dst: u64,
}

/// A word of data.
#[derive(Clone, Copy)]
struct Datum {
    src: u64,
    dst: u64,
    program: u16,
    old: u32,
    /// How long the run before it was, at most 3: the columns of a table differ in it.
    class: u32,
}

fn word(bytes: &[u8]) -> u32 {
    let mut word = [0; 4];
    word[..bytes.len()].copy_from_slice(bytes);
    u32::from_le_bytes(word)
}

const fn near_slot(word: u32, class: u32, which: usize) -> usize {
    let key = (word >> (6 + 6 * which)) as u64 * 4 + class as u64;
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as usize
}

impl<'a> Words<'a> {
    pub(crate) fn new(places: &'a Places<'a>) -> Self {
        Self {
            places,
            targets: Memo::new(),
            words: Memo::new(),
            near: [vec![0; MEMO], vec![0; MEMO]],
            data: Models::new(),
            code: Models::new(),
            pages: [None; 32],
        }
    }

    /// Turns `bytes`, which are the base's, into the payload's; `new` are these, where they are known.
    pub(crate) fn turn<B: Bits>(
        &mut self,
        bits: &mut B,
        of: Stretch,
        bytes: &mut [u8],
        new: Option<&[u8]>,
    ) {
        match of.copy.code && (of.src | of.dst) & 3 == 0 {
            true => self.turn_code(bits, of, bytes, new),
            false => self.turn_data(bits, of, bytes, new),
        }
    }

    fn turn_data<B: Bits>(
        &mut self,
        bits: &mut B,
        of: Stretch,
        bytes: &mut [u8],
        new: Option<&[u8]>,
    ) {
        let lead = (of.dst & 3) as usize;
        let length = bytes.len();
        let mut at = 0;
        while at < length {
            let run = new.and_then(|new| equal_words(&bytes[at..], &new[at..], at + lead));
            let Some(run) = self.data.runs.code(bits, run) else {
                return;
            };
            let words = run
                .saturating_mul(4)
                .saturating_add((at + lead) as u64 & !3);
            let past = words.saturating_sub(lead as u64).max(at as u64);
            at = past.min(length as u64) as usize;
            if at == length {
                return;
            }
            let end = (((at + lead) | 3) + 1 - lead).min(length);
            let datum = Datum {
                src: of.src + at as u64,
                dst: of.dst + at as u64,
                program: of.copy.program,
                old: word(&bytes[at..end]),
                class: run.min(3) as u32,
            };
            let wanted = new.map_or(0, |new| word(&new[at..end]));
            let got = self.datum(bits, datum, (wanted, end - at), run);
            bytes[at..end].copy_from_slice(&got.to_le_bytes()[..end - at]);
            at = end;
        }
    }

    fn datum<B: Bits>(
        &mut self,
        bits: &mut B,
        datum: Datum,
        (wanted, width): (u32, usize),
        run: u64,
    ) -> u32 {
        let mut guesses = std::mem::take(&mut self.data.guesses);
        let count = if width == 4 { GUESSES } else { 0 };
        let guess = |which: usize| self.guess(datum, which);
        let got = guesses.code(bits, datum.old, (count, &guess), (wanted, width), run);
        self.data.guesses = guesses;
        if width == 4 {
            let by = got.wrapping_sub(datum.old);
            self.words.set(u64::from(datum.old), u64::from(got));
            self.data.lags = [by, self.data.lags[0]];
            for which in 0..2 {
                self.near[which][near_slot(datum.old, datum.class, which)] = by;
            }
        }
        got
    }

    fn guess(&self, datum: Datum, which: usize) -> Option<u32> {
        let Datum {
            src,
            dst,
            program,
            old,
            class,
        } = datum;
        let near = |which: usize| {
            let by = self.near[which][near_slot(old, class, which)];
            (by != 0).then(|| old.wrapping_add(by))
        };
        match which {
            0 => self.words.get(old.into()).map(|new| new as u32),
            1 => near(0),
            2 => near(1),
            3 => Some(old.wrapping_add(self.data.lags[0])),
            4 => Some(old.wrapping_add(self.data.lags[1])),
            5 => self.places.absolute(old, program),
            6 => self.places.relative(old, src, dst, program),
            7 if program == 0 => self.number(old, BLOCK_SHIFT),
            8 if program == 0 => self.number(old, INODE_SHIFT),
            _ => None,
        }
    }

    /// A place in the image in units of so many bits.
    fn number(&self, old: u32, shift: u32) -> Option<u32> {
        let moved = self.places.moved(u64::from(old) << shift, 0)?;
        Some((moved >> shift) as u32)
    }
}

/// Whole words that are equal, up to the first that is not; `None` if all are. `lead` is the place of the first byte.
fn equal_words(old: &[u8], new: &[u8], lead: usize) -> Option<u64> {
    const STEP: usize = 64;
    let mut same = 0;
    while same + STEP <= old.len() && old[same..same + STEP] == new[same..same + STEP] {
        same += STEP;
    }
    let more = old[same..]
        .iter()
        .zip(&new[same..])
        .position(|(a, b)| a != b)?;
    Some((((same + more + lead) >> 2) - (lead >> 2)) as u64)
}
