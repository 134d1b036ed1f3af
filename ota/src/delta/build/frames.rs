//! Of frames and of the base's blocks.
//!
//! First the frames: each is checked, unpacked, and its blocks written where their piece is wanted. Then piece by piece: what the frames gave is read back
//! from the target, the rest comes from the base, and only a piece that the crown vouches for is completed. A piece that frames alone gave is not read
//! back where the whole payload will be ([`Proof::Frames`]).

use super::{Target, unreadable};
use crate::delta::blocks::{Bits, check_in, check_of, prefix_of};
use crate::delta::{BlockIndex, Chunk, DeltaError, Frame, Proof, ReadAt, Shipment, Survey};
use crate::image::{BLOCK, PIECE, PIECE_BLOCKS};
use sha2::{Digest as _, Sha256};
use std::io::{self, BufReader, Read};
use std::ops::Range;

pub(super) struct Making<'a> {
    index: &'a BlockIndex,
    proof: Proof,
    target: Target<'a>,
    /// Blocks that frames gave.
    given: Bits,
    piece: Vec<u8>,
}

/// Where a block of a piece comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    /// It is in the target already.
    Target,
    Zeros,
    /// The block of the base of this number.
    Base(u64),
}

impl<'a> Making<'a> {
    pub(super) fn new(
        index: &'a BlockIndex,
        proof: Proof,
        target: Target<'a>,
    ) -> Result<Self, DeltaError> {
        if index.blocks() != target.crown.seal().blocks() {
            return Err(DeltaError::Garbled {
                what: "the block index".to_owned(),
                why: "it is of another payload than the crown".to_owned(),
            });
        }
        Ok(Self {
            index,
            proof,
            target,
            given: Bits::new(index.blocks()),
            piece: vec![0; PIECE],
        })
    }

    pub(super) fn make(
        mut self,
        shipment: &Shipment,
        survey: &Survey,
        base: &mut dyn ReadAt,
        parcel: &mut dyn ReadAt,
    ) -> Result<Vec<bool>, DeltaError> {
        self.look();
        self.unpack(shipment, parcel)?;
        for piece in self.target.numbers() {
            self.complete(piece, survey, base)?;
        }
        Ok(self.target.wanted)
    }

    /// Which pieces the target holds already: a first block that is another one spares the rest.
    fn look(&mut self) {
        for piece in self.target.numbers() {
            if self.may_hold(piece) && self.target.holds(piece, &mut self.piece) {
                self.target.is_right(piece);
            }
        }
    }

    fn may_hold(&mut self, piece: u64) -> bool {
        let length = self.target.crown.piece_bytes(piece).min(BLOCK);
        let Some(first) = self.piece.get_mut(..length) else {
            return false;
        };
        let read = self.target.disk.read_at(piece * PIECE as u64, first);
        read.is_ok() && self.index.prefix(piece * PIECE_BLOCKS) == Some(prefix_of(first))
    }

    fn unpack(&mut self, shipment: &Shipment, parcel: &mut dyn ReadAt) -> Result<(), DeltaError> {
        let (mut packed, mut unpacked) = (Vec::new(), Vec::new());
        let mut at = 0;
        for chunk in &shipment.chunks {
            let frame = self.index.frame_at(chunk.at);
            let Some(frame) = frame.filter(|frame| frame.check == chunk.check) else {
                return Err(strange(chunk));
            };
            let mut numbers = frame.numbers();
            if numbers.any(|block| self.target.is_wanted(block / PIECE_BLOCKS)) {
                unpack(frame, parcel, at, &mut packed, &mut unpacked)?;
                self.scatter(frame, &unpacked)?;
                (self.target.told)(self.target.built);
            }
            at += u64::from(chunk.bytes);
        }
        Ok(())
    }

    /// Writes a frame's blocks where their pieces are wanted.
    fn scatter(&mut self, frame: &Frame, unpacked: &[u8]) -> Result<(), DeltaError> {
        let end = self.target.crown.seal().bytes;
        let mut from = 0;
        for (first, blocks) in &frame.runs {
            for part in by_piece(*first, *blocks) {
                let at = part.start * BLOCK as u64;
                let length = (part.end * BLOCK as u64).min(end).saturating_sub(at);
                let bytes = unpacked.get(from..).unwrap_or_default();
                let bytes = bytes.get(..usize::try_from(length).unwrap_or(usize::MAX));
                if self.target.is_wanted(part.start / PIECE_BLOCKS) {
                    self.target.write(at, bytes.unwrap_or_default())?;
                    self.given.set(part.start, part.end - part.start);
                }
                from += usize::try_from(part.end - part.start).unwrap_or(0) * BLOCK;
            }
        }
        Ok(())
    }

    /// Makes the piece whole, where the crown then vouches for it.
    fn complete(
        &mut self,
        piece: u64,
        survey: &Survey,
        base: &mut dyn ReadAt,
    ) -> Result<(), DeltaError> {
        let Some(spans) = self.spans(piece, survey) else {
            return Ok(());
        };
        if self.proof == Proof::Frames && spans.iter().all(|(_, from)| *from == From::Target) {
            self.target.is_right(piece);
            return Ok(());
        }
        for (span, from) in &spans {
            if !self.fill(piece, span.clone(), *from, survey, base)? {
                return Ok(());
            }
        }
        let length = self.target.crown.piece_bytes(piece);
        let bytes = self.piece.get(..length).unwrap_or_default();
        if !self.target.crown.vouches(piece, bytes) {
            return Ok(());
        }
        for (span, _) in spans.iter().filter(|(_, from)| *from != From::Target) {
            let at = piece * PIECE as u64 + span.start as u64;
            let bytes = self.piece.get(span.clone()).unwrap_or_default();
            self.target.write(at, bytes)?;
        }
        self.target.is_right(piece);
        Ok(())
    }

    /// Where the bytes of a piece come from; `None` where some are nowhere.
    fn spans(&self, piece: u64, survey: &Survey) -> Option<Vec<(Range<usize>, From)>> {
        let length = self.target.crown.piece_bytes(piece);
        let mut spans: Vec<(Range<usize>, From)> = Vec::new();
        for (number, at) in (piece * PIECE_BLOCKS..).zip((0..length).step_by(BLOCK)) {
            let from = self.source(number, survey)?;
            let end = (at + BLOCK).min(length);
            match spans.last_mut() {
                Some((span, last)) if goes_on(*last, span.len(), from) => span.end = end,
                _ => spans.push((at..end, from)),
            }
        }
        Some(spans)
    }

    fn source(&self, block: u64, survey: &Survey) -> Option<From> {
        if self.given.has(block) {
            return Some(From::Target);
        }
        if self.index.is_zeros(block) {
            return Some(From::Zeros);
        }
        survey.find(self.index.prefix(block)?).map(From::Base)
    }

    /// Fills a part of the piece; `false` where the base does not give it.
    fn fill(
        &mut self,
        piece: u64,
        span: Range<usize>,
        from: From,
        survey: &Survey,
        base: &mut dyn ReadAt,
    ) -> Result<bool, DeltaError> {
        let at = piece * PIECE as u64 + span.start as u64;
        let Some(into) = self.piece.get_mut(span) else {
            return Ok(false);
        };
        match from {
            From::Zeros => into.fill(0),
            From::Target => {
                let read = self.target.disk.read_at(at, into);
                read.map_err(unreadable("what was written"))?;
            }
            From::Base(block) => {
                // The last block of a base may be a part of one: zeros fill it.
                let at = block * BLOCK as u64;
                let left = usize::try_from(survey.bytes().saturating_sub(at)).unwrap_or(usize::MAX);
                let (there, beyond) = into.split_at_mut(left.min(into.len()));
                beyond.fill(0);
                return Ok(base.read_at(at, there).is_ok());
            }
        }
        Ok(true)
    }
}

/// A span that comes from `last` and is so long goes on with `next`.
fn goes_on(last: From, length: usize, next: From) -> bool {
    match (last, next) {
        (From::Base(last), From::Base(next)) => next == last + (length / BLOCK) as u64,
        _ => last == next,
    }
}

/// A run, cut where a piece ends.
fn by_piece(first: u64, blocks: u64) -> impl Iterator<Item = Range<u64>> {
    let end = first + blocks;
    let pieces = first / PIECE_BLOCKS..end.div_ceil(PIECE_BLOCKS);
    pieces
        .map(move |piece| (piece * PIECE_BLOCKS).max(first)..((piece + 1) * PIECE_BLOCKS).min(end))
}

/// The frame, which lies in the parcel at `at`: checked, then unpacked.
fn unpack(
    frame: &Frame,
    parcel: &mut dyn ReadAt,
    at: u64,
    packed: &mut Vec<u8>,
    unpacked: &mut Vec<u8>,
) -> Result<(), DeltaError> {
    let garbled = |why: String| DeltaError::Garbled {
        what: format!("the frame at {}", frame.at),
        why,
    };
    let wrong = || garbled("its bytes are others".to_owned());
    let mut stretch = Stretch {
        parcel,
        at,
        left: u64::from(frame.bytes),
    };
    let length = usize::try_from(frame.blocks()).unwrap_or(0) * BLOCK;
    let done = if frame.method.reads() {
        let check = stretch.check().map_err(unreadable("what was fetched"))?;
        if check != frame.check {
            return Err(wrong());
        }
        let packed = BufReader::with_capacity(STEP, stretch);
        frame.method.unpack_read(packed, length, unpacked)
    } else {
        packed.resize(usize::try_from(frame.bytes).unwrap_or(0), 0);
        let read = stretch.parcel.read_at(at, packed);
        read.map_err(unreadable("what was fetched"))?;
        if check_of(packed) != frame.check {
            return Err(wrong());
        }
        frame.method.unpack(packed, length, unpacked)
    };
    done.map_err(|error| garbled(error.to_string()))
}

/// Read at once of a frame that is not in memory as a whole.
const STEP: usize = 32 * 1024;

/// A frame as it lies in its parcel.
struct Stretch<'a> {
    parcel: &'a mut dyn ReadAt,
    at: u64,
    left: u64,
}

impl Stretch<'_> {
    /// The first 16 bytes of its SHA-256. It is at its beginning again then.
    fn check(&mut self) -> io::Result<[u8; 16]> {
        let (at, left) = (self.at, self.left);
        let mut hash = Sha256::new();
        let mut step = [0; STEP];
        loop {
            match self.read(&mut step)? {
                0 => break,
                read => hash.update(step.get(..read).unwrap_or_default()),
            }
        }
        (self.at, self.left) = (at, left);
        Ok(check_in(&hash.finalize()))
    }
}

impl Read for Stretch<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(into.len(), |left| left.min(into.len()));
        let into = into.get_mut(..most).unwrap_or_default();
        self.parcel.read_at(self.at, into)?;
        self.at += most as u64;
        self.left -= most as u64;
        Ok(most)
    }
}

fn strange(chunk: &Chunk) -> DeltaError {
    DeltaError::Garbled {
        what: format!("the chunk at {}", chunk.at),
        why: "it is no frame of this index".to_owned(),
    }
}
