//! The patch: what is copied from the base, what is changed in it, and what is new.
//!
//! | file | holds |
//! |---|---|
//! | `head` | the first bytes: lengths, and what applying takes in memory, refused before any of it is taken |
//! | `script` | the control: copies of the base in the order of the payload; segments of programs |
//! | `places` | where a place of the base has gone to, by the control |
//! | `words` | what is changed in the copies |
//! | `arm64` | instructions that hold a distance |
//! | `coder` | arithmetic coding of all this, one text for both directions |
//! | `section` | a part of the patch, read beside the others |
//!
//! # Format, version 1
//!
//! Numbers are 64 bits, the lowest byte first.
//!
//! | bytes | |
//! |---|---|
//! | 8 | `SBPATCH`, 1 |
//! | 8 each | length of the base, of the payload, how many copies, how many programs, bytes of the dictionary |
//! | 8 each | bytes of the four parts |
//! | the parts | script; changes of data; changes of code: each a stream of bits, arithmetically coded; what is new: LZMA2 |
//!
//! The script is read whole, so that all later parts know where everything goes: a branch into a function that moved, an address in a table, the number
//! of a block or inode in the image are not carried, but made from it. Then the payload is made from its begin to its end: bytes that no copy covers
//! come from what is new; a copy is read from the base and changed where the next bits say so. No more than one piece is held at a time.
//!
//! A patch is no proof of anything: what comes out is held against the crown. Whatever the bits are, applying ends, with no more output than the head
//! says, no more memory than the head's limit and no read outside the base.

pub(crate) mod arm64;
pub(crate) mod coder;
pub(crate) mod head;
pub(crate) mod places;
pub(crate) mod script;
mod section;
pub(crate) mod words;

use super::{DeltaError, ReadAt};
use crate::image::PIECE;
use coder::Decoder;
use head::{HEAD, Head, garbled};
use places::Places;
use script::{Bounds, Copy, Script};
use section::{Section, Shared};
use std::cell::RefCell;
use std::io::{self, Read as _};
use words::{Stretch, Words};

/// Applies a patch of `bytes` bytes, in order. `out` takes the payload in steps of at most [`PIECE`] bytes, each beginning on a
/// piece.
///
/// # Errors
/// [`DeltaError`]; a patch that is not of ours, asks for more memory than is allowed, or speaks of bytes that are not there is garbled.
pub fn apply(
    bytes: u64,
    patch: &mut dyn ReadAt,
    base: &mut dyn ReadAt,
    out: &mut dyn FnMut(&[u8]) -> Result<(), DeltaError>,
) -> Result<(), DeltaError> {
    if bytes < HEAD as u64 {
        return Err(garbled("it is too short"));
    }
    let mut head = [0; HEAD];
    patch.read_at(0, &mut head).map_err(unread)?;
    let head = Head::read(&head, bytes)?;
    let patch: Shared<'_> = RefCell::new(patch);
    let mut at = HEAD as u64;
    let [script, data, code, fresh] = head.sections.map(|length| {
        at += length;
        Section::new(&patch, at - length, at)
    });
    let script = read_script(&head, script)?;
    let places = Places::new(&script);
    let mut making = Making {
        words: Words::new(&places),
        data: Decoder::new(data),
        code: Decoder::new(code),
        fresh: lzma_rust2::Lzma2Reader::new(fresh, head.dictionary as u32, None),
        base,
        out,
        piece: Vec::with_capacity(PIECE),
        at: 0,
    };
    for copy in &script.copies {
        making.fresh(copy.dst)?;
        making.copy(copy)?;
    }
    making.fresh(head.payload)?;
    making.finish()
}

fn unread(source: io::Error) -> DeltaError {
    DeltaError::Read {
        what: "the patch",
        source,
    }
}

fn read_script(head: &Head, section: Section<'_, '_>) -> Result<Script, DeltaError> {
    let bounds = Bounds {
        base: head.base,
        payload: head.payload,
        copies: head.copies,
        programs: head.programs,
    };
    let mut decoder = Decoder::new(section);
    let script = script::code(&mut decoder, &Script::default(), bounds);
    if let Some(error) = decoder.bytes_mut().failure() {
        return Err(unread(error));
    }
    script.ok_or_else(|| garbled("it speaks of bytes that are not there"))
}

struct Making<'a, 's, 'p> {
    words: Words<'a>,
    data: Decoder<Section<'s, 'p>>,
    code: Decoder<Section<'s, 'p>>,
    fresh: lzma_rust2::Lzma2Reader<Section<'s, 'p>>,
    base: &'a mut dyn ReadAt,
    out: &'a mut dyn FnMut(&[u8]) -> Result<(), DeltaError>,
    /// The piece that is being made.
    piece: Vec<u8>,
    /// Where in the payload it begins.
    at: u64,
}

impl Making<'_, '_, '_> {
    const fn place(&self) -> u64 {
        self.at + self.piece.len() as u64
    }

    /// Room for at most `left` more bytes in the piece: where they begin in it.
    fn room(&mut self, left: u64) -> usize {
        let begin = self.piece.len();
        let more = usize::try_from(left).unwrap_or(PIECE).min(PIECE - begin);
        self.piece.resize(begin + more, 0);
        begin
    }

    fn flush_full(&mut self) -> Result<(), DeltaError> {
        match self.piece.len() == PIECE {
            true => self.flush(),
            false => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<(), DeltaError> {
        for decoder in [&mut self.data, &mut self.code] {
            if let Some(error) = decoder.bytes_mut().failure() {
                return Err(unread(error));
            }
        }
        (self.out)(&self.piece)?;
        self.at += self.piece.len() as u64;
        self.piece.clear();
        Ok(())
    }

    /// What is new, up to `end`.
    fn fresh(&mut self, end: u64) -> Result<(), DeltaError> {
        while self.place() < end {
            let begin = self.room(end - self.place());
            let read = self.fresh.read_exact(&mut self.piece[begin..]);
            read.map_err(|error| garbled(&format!("what is new cannot be unpacked: {error}")))?;
            self.flush_full()?;
        }
        Ok(())
    }

    fn copy(&mut self, copy: &Copy) -> Result<(), DeltaError> {
        while self.place() < copy.dst_end() {
            let dst = self.place();
            let begin = self.room(copy.dst_end() - dst);
            let of = Stretch {
                copy: *copy,
                src: copy.src + (dst - copy.dst),
                dst,
            };
            let bytes = &mut self.piece[begin..];
            let read = self.base.read_at(of.src, bytes);
            read.map_err(|source| DeltaError::Read {
                what: "the running system",
                source,
            })?;
            let bits = match copy.code {
                true => &mut self.code,
                false => &mut self.data,
            };
            self.words.turn(bits, of, bytes, None);
            self.flush_full()?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), DeltaError> {
        match self.piece.is_empty() {
            true => Ok(()),
            false => self.flush(),
        }
    }
}
