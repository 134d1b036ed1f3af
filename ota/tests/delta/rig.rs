//! Disks of memory, a publisher's desk and a box.

use ota::bundle::{FileRef, Payload};
use ota::delta::{self, BlockIndex, Built, DeltaError, Plan, ReadAt, Survey, WriteAt};
use ota::image::{BLOCK, Crown};
use ota::publish::{self, Described};
use std::io;

/// A disk of memory that may fail at its nth write, half of which is on it then.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    pub(crate) bytes: Vec<u8>,
    pub(crate) writes_left: Option<usize>,
    pub(crate) writes: usize,
}

impl Memory {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_vec(),
            ..Self::default()
        }
    }

    /// An old slot: neither empty nor right.
    pub(crate) fn slot(bytes: usize) -> Self {
        Self::of(&vec![0xa5; bytes])
    }

    fn span(&mut self, at: u64, length: usize) -> io::Result<&mut [u8]> {
        let at = usize::try_from(at).unwrap();
        let end = at.checked_add(length);
        let span = end.and_then(|end| self.bytes.get_mut(at..end));
        span.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

impl ReadAt for Memory {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        into.copy_from_slice(self.span(at, into.len())?);
        Ok(())
    }
}

impl WriteAt for Memory {
    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.writes += 1;
        let cut = self.writes_left == Some(0);
        self.writes_left = self.writes_left.map(|left| left.saturating_sub(1));
        let bytes = if cut {
            &bytes[..bytes.len() / 2]
        } else {
            bytes
        };
        self.span(at, bytes.len())?.copy_from_slice(bytes);
        if cut {
            return Err(io::Error::other("the power went"));
        }
        Ok(())
    }
}

/// What a publisher offers of a payload.
pub(crate) struct Offer {
    pub(crate) made: Described,
    pub(crate) frames: Vec<u8>,
    pub(crate) payload: Payload,
}

fn file(name: &str, bytes: &[u8]) -> FileRef {
    use sha2::{Digest as _, Sha256};
    let sha256: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    FileRef {
        location: format!("{sha256}.{name}"),
        bytes: bytes.len() as u64,
        sha256,
    }
}

impl Offer {
    pub(crate) fn of(payload: &[u8]) -> Self {
        let mut frames = Vec::new();
        let made = publish::describe(payload, "5a17", &mut frames).unwrap();
        let payload = Payload {
            seal: made.seal.clone(),
            crown: file("crown", &made.crown),
            blocks: file("blocks", &made.blocks),
            frames: file("frames", &frames),
            patches: Vec::new(),
        };
        Self {
            made,
            frames,
            payload,
        }
    }

    pub(crate) fn crown(&self) -> Crown {
        Crown::read(&self.made.crown, &self.made.seal).unwrap()
    }

    pub(crate) fn index(&self) -> BlockIndex {
        BlockIndex::read(&self.made.blocks, &self.made.seal).unwrap()
    }

    /// What is to come from a base that was surveyed, for the pieces that are wanted.
    pub(crate) fn plan(&self, survey: &Survey, pieces: &[bool]) -> Plan {
        delta::plan_frames(&self.payload, self.index(), survey, pieces)
    }

    /// What a source gives for a plan.
    pub(crate) fn parcel(&self, plan: &Plan) -> Memory {
        let mut parcel = Memory::default();
        for chunk in &plan.shipment.chunks {
            let at = usize::try_from(chunk.at).unwrap();
            let end = at + usize::try_from(chunk.bytes).unwrap();
            parcel.bytes.extend_from_slice(&self.frames[at..end]);
        }
        parcel
    }

    /// Builds from this base into this slot.
    pub(crate) fn build(
        &self,
        plan: &Plan,
        survey: &Survey,
        base: &mut Memory,
        slot: &mut Memory,
    ) -> Result<(Vec<bool>, Built), DeltaError> {
        let mut last = Built::default();
        let wanted = delta::build(
            plan,
            &self.crown(),
            survey,
            base,
            &mut self.parcel(plan),
            slot,
            &mut |built| last = built,
        )?;
        Ok((wanted, last))
    }
}

pub(crate) fn survey(base: &[u8]) -> Survey {
    Survey::of(&mut Memory::of(base), base.len() as u64, &[]).unwrap()
}

/// A block that holds its number over and over: its own bytes, yet small when packed.
pub(crate) fn block(number: u64) -> Vec<u8> {
    number.to_le_bytes().repeat(BLOCK / 8)
}

/// Blocks of these numbers; the number 0 is a block of zeros.
pub(crate) fn blocks(numbers: impl IntoIterator<Item = u64>) -> Vec<u8> {
    numbers.into_iter().flat_map(block).collect()
}
