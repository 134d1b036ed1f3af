//! Instructions: each is foretold to stay, but for those with a distance, which is made anew for where its target went.

use super::super::arm64::{Kind, Word};
use super::super::coder::Bits;
use super::{Stretch, Words, word};

/// Instructions between ADRP and the use of its register.
const AHEAD: usize = 8;
/// Words for which a register's page is believed.
const FRESH: usize = 64;
/// What an instruction may be, where it is not as foretold.
const GUESSES: usize = 5;

/// A page that a register holds.
#[derive(Clone, Copy)]
pub(super) struct Page {
    old: u64,
    new: u64,
    /// The number of the word that put it there.
    at: usize,
}

/// What an instruction was taken to mean.
#[derive(Clone, Copy)]
struct Meaning {
    old: Word,
    kind: Kind,
    /// The address that it speaks of, if that is outside its copy.
    target: Option<u64>,
    /// What it becomes.
    foretold: u32,
    /// Which is as this address was seen before, not as the copies say.
    remembered: bool,
}

impl Meaning {
    const fn plain(old: Word, kind: Kind) -> Self {
        Self {
            old,
            kind,
            target: None,
            foretold: old.0,
            remembered: false,
        }
    }
}

/// Where an instruction was and is: places, and addresses in its program.
#[derive(Clone, Copy)]
struct Spot {
    of: Stretch,
    at: usize,
}

impl Spot {
    const fn src(&self) -> u64 {
        self.of.src + self.at as u64 * 4
    }

    const fn dst(&self) -> u64 {
        self.of.dst + self.at as u64 * 4
    }

    const fn program(&self) -> u16 {
        self.of.copy.program
    }
}

impl Words<'_> {
    pub(super) fn turn_code<B: Bits>(
        &mut self,
        bits: &mut B,
        of: Stretch,
        bytes: &mut [u8],
        new: Option<&[u8]>,
    ) {
        self.pages = [None; 32];
        let words = bytes.len() / 4;
        let mut at = 0;
        while at < words {
            // A run is written when its end is known, but read before its begin: nothing between the two codes anything.
            let told = match B::WRITES {
                true => None,
                false => self.code.runs.code(bits, None),
            };
            let most = told.unwrap_or(u64::MAX);
            let begin = at;
            let missed = self.run(of, &mut at, most, bytes, new);
            let run = (at - begin) as u64;
            if B::WRITES {
                self.code.runs.code(bits, missed.map(|_| run));
            }
            let Some((meaning, wanted)) = missed else {
                break;
            };
            let got = self.instruction(bits, Spot { of, at }, meaning, wanted, run);
            self.settle(Spot { of, at }, bytes, meaning, got);
            at += 1;
        }
        let tail = words * 4;
        if tail < bytes.len() {
            let part = Stretch {
                src: of.src + tail as u64,
                dst: of.dst + tail as u64,
                ..of
            };
            self.turn_data(bits, part, &mut bytes[tail..], new.map(|new| &new[tail..]));
        }
    }

    /// Goes on while all is as foretold, for at most `most` words; then what was foretold, and what is wanted instead. `None` at the end.
    fn run(
        &mut self,
        of: Stretch,
        at: &mut usize,
        most: u64,
        bytes: &mut [u8],
        new: Option<&[u8]>,
    ) -> Option<(Meaning, u32)> {
        let end = most.min((bytes.len() / 4 - *at) as u64) as usize + *at;
        loop {
            if *at * 4 + 4 > bytes.len() {
                return None;
            }
            let place = *at * 4..*at * 4 + 4;
            let spot = Spot { of, at: *at };
            let meaning = self.foretell(spot, bytes);
            let wanted = new.map(|new| word(&new[place]));
            if *at == end || wanted.is_some_and(|wanted| wanted != meaning.foretold) {
                return Some((meaning, wanted.unwrap_or(0)));
            }
            self.settle(spot, bytes, meaning, meaning.foretold);
            *at += 1;
        }
    }

    /// An instruction that is not as foretold.
    fn instruction<B: Bits>(
        &mut self,
        bits: &mut B,
        spot: Spot,
        meaning: Meaning,
        wanted: u32,
        run: u64,
    ) -> u32 {
        let remembered = u64::from(meaning.old.0) | 1 << 32;
        let mut guesses = std::mem::take(&mut self.code.guesses);
        let lag = |which: usize| Some(meaning.foretold.wrapping_add(self.code.lags[which]));
        let guess = |which: usize| match which {
            0 => self.words.get(remembered).map(|new| new as u32),
            1 => Some(meaning.old.0),
            2 if meaning.remembered => {
                let target = self.places.target(meaning.target?, spot.program())?;
                Some(self.aimed(spot, meaning.old, meaning.kind, target))
            }
            3 => lag(0),
            4 => lag(1),
            _ => None,
        };
        let guess: &dyn Fn(usize) -> Option<u32> = &guess;
        let got = guesses.code(bits, meaning.foretold, (GUESSES, guess), (wanted, 4), run);
        self.code.guesses = guesses;
        self.words.set(remembered, u64::from(got));
        self.code.lags = [got.wrapping_sub(meaning.foretold), self.code.lags[0]];
        got
    }

    /// What an instruction becomes.
    #[inline]
    fn foretell(&self, spot: Spot, bytes: &[u8]) -> Meaning {
        let old = Word(word(&bytes[spot.at * 4..spot.at * 4 + 4]));
        let kind = old.kind();
        let target = match kind {
            Kind::Plain => None,
            Kind::Low => self.low_target(spot, old),
            Kind::Page => Some(self.page_target(spot, old, bytes)),
            Kind::Branch | Kind::Short | Kind::Test | Kind::Near => {
                self.branch_target(spot, old, kind)
            }
        };
        let Some(target) = target else {
            return Meaning::plain(old, kind);
        };
        let remembered = self.targets.get(key(target, spot.program()));
        let now = remembered.or_else(|| self.places.target(target, spot.program()));
        Meaning {
            old,
            kind,
            target: Some(target),
            foretold: now.map_or(old.0, |now| self.aimed(spot, old, kind, now)),
            remembered: remembered.is_some(),
        }
    }

    /// The instruction speaking of this address of the new program.
    fn aimed(&self, spot: Spot, old: Word, kind: Kind, target: u64) -> u32 {
        match kind {
            Kind::Low => old.with_low(target).0,
            Kind::Plain | Kind::Branch | Kind::Short | Kind::Test | Kind::Near | Kind::Page => {
                old.aimed(
                    kind,
                    self.places.new_address(spot.dst(), spot.program()),
                    target,
                )
                .0
            }
        }
    }

    fn branch_target(&self, spot: Spot, old: Word, kind: Kind) -> Option<u64> {
        let copy = &spot.of.copy;
        let place = old.target(kind, spot.src())?;
        if place >= copy.src && place < copy.src_end() {
            return None;
        }
        old.target(kind, self.places.old_address(spot.src(), spot.program()))
    }

    fn page_target(&self, spot: Spot, old: Word, bytes: &[u8]) -> u64 {
        let here = self.places.old_address(spot.src(), spot.program());
        let page = old.target(Kind::Page, here).unwrap_or(0);
        let register = old.target_register();
        let uses = bytes[spot.at * 4 + 4..].chunks_exact(4).take(AHEAD);
        let low = uses
            .map(|next| Word(word(next)))
            .filter(|next| next.kind() == Kind::Low && next.base_register() == register)
            .find_map(Word::low);
        page.wrapping_add(low.unwrap_or(0))
    }

    fn low_target(&self, spot: Spot, old: Word) -> Option<u64> {
        let page = self.pages[old.base_register()]?;
        let low = old.low()?;
        (spot.at - page.at < FRESH).then(|| page.old.wrapping_add(low))
    }

    /// Writes a word and learns from it.
    #[inline]
    fn settle(&mut self, spot: Spot, bytes: &mut [u8], meaning: Meaning, got: u32) {
        if let Some(target) = meaning.target {
            self.learn(spot, meaning, target, Word(got));
        }
        bytes[spot.at * 4..spot.at * 4 + 4].copy_from_slice(&got.to_le_bytes());
    }

    fn learn(&mut self, spot: Spot, meaning: Meaning, target: u64, new: Word) {
        if new.kind() != meaning.kind {
            return;
        }
        let (old, kind, program) = (meaning.old, meaning.kind, spot.program());
        let there = self.places.new_address(spot.dst(), program);
        match kind {
            Kind::Page => {
                let here = self.places.old_address(spot.src(), program);
                let pages = (old.target(kind, here), new.target(kind, there));
                if let (Some(old_page), Some(new_page)) = pages {
                    self.pages[old.target_register()] = Some(Page {
                        old: old_page,
                        new: new_page,
                        at: spot.at,
                    });
                }
            }
            Kind::Low => {
                let page = self.pages[old.base_register()];
                if let (Some(page), Some(low)) = (page, new.low()) {
                    let now = page.new.wrapping_add(low);
                    self.targets.set(key(target, program), now);
                }
            }
            Kind::Plain | Kind::Branch | Kind::Short | Kind::Test | Kind::Near => {
                if let Some(now) = new.target(kind, there) {
                    self.targets.set(key(target, program), now);
                }
            }
        }
    }
}

/// An address of a program, as it is remembered.
const fn key(target: u64, program: u16) -> u64 {
    target ^ (program as u64) << 48 ^ 1 << 63
}
