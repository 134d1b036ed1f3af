//! One card written: a straight line of steps over the port [`Card`].
//!
//! | step | after a cut here |
//! |---|---|
//! | the mark of the partition table is taken away, synced | no box takes the card for one of its own |
//! | what a box kept on it before is cleared, synced ([`former`]) | the same; the next run clears what is left |
//! | the partition table's 4 KiB are made blank, synced | the same |
//! | marks over all of the card beyond what will be written, synced, read back | the same |
//! | what stands there already is compared and skipped | the same |
//! | the rest is written, synced | the same; the next run goes on where the card differs |
//! | everything is read back and compared; the marks once more; the end is made blank | the same |
//! | the partition table, synced, read back | the card is done |
//!
//! A card that wraps around where it really ends loses a mark to another, or to what is written after it; one that drops what is beyond loses it at once.

use super::bytes::{ReadAt, blank};
use super::device::{ALIGN, Buffer, Card};
use super::former;
use super::plan::{CHUNK, Chunk, END, From, Plan};
use super::table::{MARK, MARK_AT, TABLE};
use crate::serial::Serial;
use sha2::{Digest as _, Sha256};
use std::io;

/// Marks on a card.
const MARKS: u64 = 128;

/// What a card is written from.
pub(super) struct Sources<'a> {
    pub(super) image: &'a (dyn ReadAt + Sync),
    pub(super) data: &'a (dyn ReadAt + Sync),
    pub(super) serial: Option<&'a Serial>,
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// What it held before becomes zeros.
    Clearing,
    /// Is the card as large as it says?
    Sizing,
    /// What is there already?
    Looking,
    Writing,
    /// Read back and compared.
    Comparing,
}

/// Why a card is not done. It has no partition table then.
#[derive(Debug, thiserror::Error)]
pub(super) enum CardError {
    #[error("it holds {has} MB and needs {needs} MB: take a larger card")]
    Small { has: u64, needs: u64 },
    #[error("it lies about its size: what was written at {} MB is not there; do not use it, ask your money back", at / 1_000_000)]
    Lies { at: u64 },
    #[error("what was written at {} MB reads back as something else: the card is broken or counterfeit, do not use it", at / 1_000_000)]
    Differs { at: u64 },
    #[error("it cannot be {doing} at {} MB ({source}): it is broken, or was pulled out; put it in again and write it once more", at / 1_000_000)]
    Card {
        doing: &'static str,
        at: u64,
        source: io::Error,
    },
    #[error("it cannot be {doing} at {} MB ({source}): {}", at / 1_000_000, for_its_disk(source))]
    File {
        doing: &'static str,
        at: u64,
        source: io::Error,
    },
    #[error("the {what} at the desk cannot be read ({source}); try again")]
    Desk {
        what: &'static str,
        source: io::Error,
    },
}

impl CardError {
    /// The same of a file: that was not pulled out, nor does it go into anything again.
    fn of_a_file(self) -> Self {
        match self {
            Self::Card { doing, at, source } => Self::File { doing, at, source },
            other @ (Self::Small { .. }
            | Self::Lies { .. }
            | Self::Differs { .. }
            | Self::File { .. }
            | Self::Desk { .. }) => other,
        }
    }
}

/// What a person does where a file fails.
fn for_its_disk(error: &io::Error) -> &'static str {
    match error.kind() == io::ErrorKind::StorageFull {
        true => "the disk that this file is on is full; make room there and write it once more",
        false => "look after the disk that this file is on, and write it once more",
    }
}

/// Writes `plan` to `card`; tells how far it is: a phase, bytes done, bytes in all.
pub(super) fn write(
    card: &dyn Card,
    plan: &Plan,
    sources: &Sources<'_>,
    tell: &mut dyn FnMut(Phase, u64, u64),
) -> Result<(), CardError> {
    let written = step_by_step(card, plan, sources, tell);
    written.map_err(|error| match card.physical() {
        true => error,
        false => error.of_a_file(),
    })
}

fn step_by_step(
    card: &dyn Card,
    plan: &Plan,
    sources: &Sources<'_>,
    tell: &mut dyn FnMut(Phase, u64, u64),
) -> Result<(), CardError> {
    if let Some(small) = small(card, plan) {
        return Err(small);
    }
    let mut work = Work {
        card,
        plan,
        sources,
        ours: Buffer::new(CHUNK as usize),
        theirs: Buffer::new(CHUNK as usize),
    };
    work.clear_former(tell)?;
    work.put_blank(0, TABLE)?;
    work.sync(0)?;
    let marks = match card.physical() {
        true => marks(plan.used_to, card.bytes())?,
        false => Vec::new(),
    };
    tell(Phase::Sizing, 0, 1);
    work.put_marks(&marks)?;
    work.find_marks(&marks)?;
    let from = work.first_to_write(tell)?;
    work.put_rest(from, tell)?;
    work.compare(tell)?;
    work.find_marks(&marks)?;
    let end = card.bytes() / ALIGN as u64 * ALIGN as u64 - END;
    work.put_blank(end, END)?;
    work.sync(end)?;
    work.put_table()
}

/// Why `plan` has no room on `card`.
pub(super) fn small(card: &dyn Card, plan: &Plan) -> Option<CardError> {
    (card.bytes() < plan.least()).then(|| CardError::Small {
        has: card.bytes() / 1_000_000,
        needs: plan.least().div_ceil(1_000_000),
    })
}

/// Where each mark stands, and what it says. Drawn anew each time: those of an earlier run are none.
fn marks(from: u64, bytes: u64) -> Result<Vec<(u64, [u8; 32])>, CardError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| CardError::Desk {
        what: "randomness",
        source: io::Error::other(error),
    })?;
    Ok(places(&seed, from, bytes))
}

/// Spread by chance, one in each part of the room: a card that wraps has no favourite size. The last one is at the end.
fn places(seed: &[u8; 32], from: u64, bytes: u64) -> Vec<(u64, [u8; 32])> {
    let blocks = (bytes.saturating_sub(END + from)) / ALIGN as u64;
    let count = MARKS.min(blocks);
    let part = blocks.checked_div(count).unwrap_or(1);
    let mark = |number: u64| {
        let mut hash = Sha256::new();
        hash.update(seed);
        hash.update(number.to_le_bytes());
        let mark: [u8; 32] = hash.finalize().into();
        let drawn = mark
            .first_chunk()
            .map_or(0, |eight| u64::from_le_bytes(*eight));
        let block = match number + 1 == count {
            true => blocks - 1,
            false => number * part + drawn % part,
        };
        (from + block * ALIGN as u64, mark)
    };
    (0..count).map(mark).collect()
}

struct Work<'a> {
    card: &'a dyn Card,
    plan: &'a Plan,
    sources: &'a Sources<'a>,
    ours: Buffer,
    theirs: Buffer,
}

impl Work<'_> {
    fn sync(&self, at: u64) -> Result<(), CardError> {
        let failed = |source| failed("synced", at, source);
        self.card.sync().map_err(failed)
    }

    fn put_blank(&mut self, at: u64, bytes: u64) -> Result<(), CardError> {
        let blank = self.ours.part(size(bytes));
        blank.fill(0);
        let failed = |source| failed("written", at, source);
        self.card.write_at(at, blank).map_err(failed)
    }

    /// What a box kept on it becomes zeros, where it is none already: an almost empty card is read, and hardly written.
    fn clear_former(&mut self, tell: &mut dyn FnMut(Phase, u64, u64)) -> Result<(), CardError> {
        let places = former::places(self.card, self.card.bytes(), self.plan);
        let places = places.map_err(|(at, source)| failed("read", at, source))?;
        if places.is_empty() {
            return Ok(());
        }
        self.take_mark()?;
        let (total, mut done) = (places.iter().map(|(_, bytes)| bytes).sum(), 0);
        for (at, bytes) in places {
            tell(Phase::Clearing, done, total);
            let there = self.theirs.part(size(bytes));
            let read = self.card.read_at(at, there);
            read.map_err(|source| failed("read", at, source))?;
            if !blank(there) {
                self.put_blank(at, bytes)?;
            }
            done += bytes;
        }
        self.sync(0)
    }

    /// The table stays, and is none.
    fn take_mark(&mut self) -> Result<(), CardError> {
        let first = self.ours.part(ALIGN);
        let read = self.card.read_at(0, first);
        read.map_err(|source| failed("read", 0, source))?;
        if let Some(mark) = first.get_mut(MARK_AT..MARK_AT + MARK.len()) {
            mark.fill(0);
        }
        let written = self.card.write_at(0, first);
        written.map_err(|source| failed("written", 0, source))?;
        self.sync(0)
    }

    fn put_marks(&mut self, marks: &[(u64, [u8; 32])]) -> Result<(), CardError> {
        for (at, mark) in marks {
            let block = self.ours.part(ALIGN);
            block
                .chunks_mut(32)
                .for_each(|part| part.copy_from_slice(mark));
            let written = self.card.write_at(*at, block);
            written.map_err(|source| failed("written", *at, source))?;
        }
        self.sync(0)
    }

    fn find_marks(&mut self, marks: &[(u64, [u8; 32])]) -> Result<(), CardError> {
        for (at, mark) in marks {
            let block = self.theirs.part(ALIGN);
            let read = self.card.read_at(*at, block);
            read.map_err(|source| failed("read", *at, source))?;
            if block.chunks(32).any(|part| part != mark) {
                return Err(CardError::Lies { at: *at });
            }
        }
        Ok(())
    }

    /// What a chunk has to hold, in `ours`.
    fn fill(&mut self, chunk: &Chunk) -> Result<(), CardError> {
        let ours = self.ours.part(size(chunk.bytes));
        let (what, source) = match chunk.from {
            From::Image => ("image", self.sources.image),
            From::Data => ("prepared data", self.sources.data),
        };
        let read = source.read_at(chunk.offset, ours);
        read.map_err(|source| CardError::Desk { what, source })?;
        let here = self.plan.serial_at.checked_sub(chunk.at);
        if let (From::Data, Some(serial), Some(here)) = (chunk.from, self.sources.serial, here)
            && let Some(place) = ours.get_mut(size(here)..)
            && !place.is_empty()
        {
            place
                .iter_mut()
                .zip(serial.text())
                .for_each(|(to, byte)| *to = byte);
        }
        Ok(())
    }

    /// Whether the card has a chunk already; `ours` then holds it.
    fn has(&mut self, chunk: &Chunk) -> Result<bool, CardError> {
        self.fill(chunk)?;
        let theirs = self.theirs.part(size(chunk.bytes));
        let read = self.card.read_at(chunk.at, theirs);
        read.map_err(|source| failed("read", chunk.at, source))?;
        Ok(self.ours.part(size(chunk.bytes)) == theirs)
    }

    /// The first chunk that the card does not have.
    fn first_to_write(
        &mut self,
        tell: &mut dyn FnMut(Phase, u64, u64),
    ) -> Result<usize, CardError> {
        let (total, mut done) = (self.plan.total(), 0);
        for (number, chunk) in self.plan.chunks.iter().enumerate() {
            tell(Phase::Looking, done, total);
            if !self.has(chunk)? {
                return Ok(number);
            }
            done += chunk.bytes;
        }
        Ok(self.plan.chunks.len())
    }

    fn put_rest(
        &mut self,
        from: usize,
        tell: &mut dyn FnMut(Phase, u64, u64),
    ) -> Result<(), CardError> {
        let (before, rest) = self.plan.chunks.split_at(from);
        let mut done = before.iter().map(|chunk| chunk.bytes).sum();
        let total = self.plan.total();
        tell(Phase::Writing, done, total);
        for chunk in rest {
            self.fill(chunk)?;
            let bytes = self.ours.part(size(chunk.bytes));
            let written = self.card.write_at(chunk.at, bytes);
            written.map_err(|source| failed("written", chunk.at, source))?;
            done += chunk.bytes;
            tell(Phase::Writing, done, total);
        }
        self.sync(self.plan.used_to)
    }

    fn compare(&mut self, tell: &mut dyn FnMut(Phase, u64, u64)) -> Result<(), CardError> {
        let (total, mut done) = (self.plan.total(), 0);
        for chunk in &self.plan.chunks {
            tell(Phase::Comparing, done, total);
            if !self.has(chunk)? {
                return Err(CardError::Differs { at: chunk.at });
            }
            done += chunk.bytes;
        }
        tell(Phase::Comparing, done, total);
        Ok(())
    }

    /// The card's first 4 KiB: from here on it is one of ours.
    fn put_table(&mut self) -> Result<(), CardError> {
        let first = Chunk {
            at: 0,
            bytes: TABLE,
            from: From::Image,
            offset: 0,
        };
        self.fill(&first)?;
        let table = self.ours.part(size(TABLE));
        let written = self.card.write_at(0, table);
        written.map_err(|source| failed("written", 0, source))?;
        self.sync(0)?;
        match self.has(&first)? {
            true => Ok(()),
            false => Err(CardError::Differs { at: 0 }),
        }
    }
}

fn failed(doing: &'static str, at: u64, source: io::Error) -> CardError {
    CardError::Card { doing, at, source }
}

/// A chunk is small; what is beyond memory is nowhere.
fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
