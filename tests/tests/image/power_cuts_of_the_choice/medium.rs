//! What a disk may hold of the boot choice when the power goes while it is written. Pure, but for the reading of a block log.

use flate2::Crc;
use system_tests::disk::{Op, Recording, Seed};

/// A disk tears a write between two of these. Bytes.
const SECTOR: usize = 512;
pub(super) const COPY: usize = board_support::boot_control::uboot::COPY_BYTES;
const SECTORS: usize = 2 * COPY / SECTOR;
/// Of each cut's many mixtures, so many are drawn.
const MIXTURES: usize = 64;
/// Of the tears within one sector, so many.
const WITHIN: usize = 8;

/// Both copies, the second right behind the first.
pub(super) type Copies = Vec<u8>;

/// What the disk was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// `bytes` for the copies from `at` on; `forced` ones are there for good once the next step comes.
    Write {
        at: usize,
        bytes: Vec<u8>,
        forced: bool,
    },
    /// All that was written before is there for good once the next step comes.
    Flush,
}

/// The copies before, and what came to them.
#[derive(Debug, Clone)]
pub(super) struct Medium {
    pub(super) base: Copies,
    pub(super) steps: Vec<Step>,
}

/// What may be left by a power cut at one moment.
#[derive(Debug)]
pub(super) struct Moment {
    /// All lost that was not there for good.
    pub(super) before: Copies,
    /// Nothing lost.
    pub(super) after: Copies,
    /// Everything between, these two included; some may be the same.
    pub(super) states: Vec<Copies>,
}

impl Medium {
    /// Of the recording of a disk whose partition lies at `start` with `len` bytes and has its second copy at `second`.
    ///
    /// # Panics
    /// When anything but whole sectors of a copy was written there.
    pub(super) fn of(recording: &Recording, start: u64, len: u64, second: u64) -> Self {
        let recording = recording.within(start, len).unwrap();
        let disk = std::fs::read(recording.base()).unwrap();
        let second = usize::try_from(second).unwrap();
        let base = [&disk[..COPY], &disk[second..second + COPY]].concat();
        let mut steps = Vec::new();
        for entry in recording.log().entries() {
            if entry.flush && steps.last() != Some(&Step::Flush) {
                steps.push(Step::Flush);
            }
            match entry.op {
                Op::Empty => {}
                Op::Discard { .. } => panic!("the boot choice was discarded"),
                Op::Write { offset, len, data } => {
                    let mut bytes = vec![0; usize::try_from(len).unwrap()];
                    recording.log().read_data(data, &mut bytes).unwrap();
                    let at = usize::try_from(offset).unwrap();
                    let at = if at < second { at } else { at - second + COPY };
                    let inside = at % COPY + bytes.len() <= COPY && at < 2 * COPY;
                    assert!(inside, "a write at {offset} outside of the copies");
                    let forced = entry.fua;
                    steps.push(Step::Write { at, bytes, forced });
                }
            }
        }
        Self { base, steps }
    }

    /// The same of a guest that knows no flush, as U-Boot: its disk then writes through. QEMU does so, but its log tells each of these
    /// flushes one write late.
    pub(super) fn through(mut self) -> Self {
        for step in &mut self.steps {
            if let Step::Write { forced, .. } = step {
                *forced = true;
            }
        }
        self
    }

    /// Every moment at which something may be lost, in the order of time, and the end.
    pub(super) fn moments(&self, mut seed: Seed) -> Vec<Moment> {
        let mut durable = self.base.clone();
        let mut pending: Vec<Sector> = Vec::new();
        let mut moments = Vec::new();
        for step in &self.steps {
            match step {
                Step::Flush => pending
                    .drain(..)
                    .for_each(|sector| sector.lay(&mut durable)),
                Step::Write { at, bytes, forced } => {
                    let written = Sector::of(*at, bytes);
                    let newest = pending.len();
                    pending.extend(written.clone());
                    moments.push(moment(&durable, &pending, newest, &mut seed));
                    if *forced {
                        pending.truncate(newest);
                        written.iter().for_each(|sector| sector.lay(&mut durable));
                    }
                }
            }
        }
        pending
            .drain(..)
            .for_each(|sector| sector.lay(&mut durable));
        moments.push(moment(&durable, &[], 0, &mut seed));
        moments
    }
}

/// One sector on its way to the disk.
#[derive(Debug, Clone)]
struct Sector {
    at: usize,
    bytes: Vec<u8>,
}

impl Sector {
    fn of(at: usize, bytes: &[u8]) -> Vec<Self> {
        let sectors = bytes.chunks(SECTOR).enumerate();
        sectors
            .map(|(number, bytes)| Self {
                at: at + number * SECTOR,
                bytes: bytes.to_vec(),
            })
            .collect()
    }

    fn lay(&self, copies: &mut Copies) {
        copies[self.at..self.at + self.bytes.len()].copy_from_slice(&self.bytes);
    }
}

/// The newest write, `pending[newest..]`, may be torn anywhere, in any order; of the others any part may be there, too.
fn moment(durable: &Copies, pending: &[Sector], newest: usize, seed: &mut Seed) -> Moment {
    let left = |kept: &dyn Fn(usize) -> bool| {
        let mut copies = durable.clone();
        let sectors = pending.iter().enumerate();
        for (_, sector) in sectors.filter(|(number, _)| kept(*number)) {
            sector.lay(&mut copies);
        }
        copies
    };
    let (before, after) = (left(&|_| false), left(&|_| true));
    let mut states = vec![before.clone(), after.clone()];
    let older = if newest == 0 {
        &[false][..]
    } else {
        &[false, true]
    };
    for &older_kept in older {
        let older = |number: usize| number < newest && older_kept;
        let new = |number: usize| number >= newest;
        for (edge, sector) in pending.iter().enumerate().skip(newest) {
            states.push(left(&|n| older(n) || new(n) && n < edge));
            states.push(left(&|n| older(n) || new(n) && n >= edge));
            states.push(left(&|n| older(n) || n == edge));
            states.push(left(&|n| older(n) || new(n) && n != edge));
            let whole = left(&|n| older(n) || new(n) && n < edge);
            torn_within(&whole, sector, seed, &mut states);
        }
    }
    for _ in 0..if pending.is_empty() { 0 } else { MIXTURES } {
        let fates: Vec<u64> = (0..=pending.len() / SECTORS).map(|_| seed.draw()).collect();
        states.push(left(&|n| fates[n / SECTORS] >> (n % SECTORS) & 1 == 1));
    }
    Moment {
        before,
        after,
        states,
    }
}

/// A disk would not do that; a worn card may: the sector is new up to some byte, or from it on, or reads as noise.
fn torn_within(whole: &Copies, sector: &Sector, seed: &mut Seed, states: &mut Vec<Copies>) {
    let old = &whole[sector.at..sector.at + SECTOR];
    let differs = (0..SECTOR).filter(|byte| old[*byte] != sector.bytes[*byte]);
    let differs: Vec<usize> = differs.collect();
    let every = differs.len().div_ceil(WITHIN).max(1);
    for byte in differs.into_iter().step_by(every) {
        for range in [0..byte, byte..SECTOR] {
            let mut copies = whole.clone();
            let at = sector.at + range.start;
            copies[at..at + range.len()].copy_from_slice(&sector.bytes[range]);
            states.push(copies);
        }
    }
    let mut copies = whole.clone();
    let noise = noise(Seed(seed.draw()), SECTOR);
    copies[sector.at..sector.at + SECTOR].copy_from_slice(&noise);
    states.push(copies);
}

/// One copy of these variables, each ended by a zero.
pub(super) fn copy_of(text: &[u8]) -> Vec<u8> {
    let mut copy = vec![0; COPY];
    copy[4..4 + text.len()].copy_from_slice(text);
    let mut sum = Crc::new();
    sum.update(&copy[4..]);
    copy[..4].copy_from_slice(&sum.sum().to_le_bytes());
    copy
}

/// The same, and the rest of it full of a variable that nobody knows: torn anywhere, its checksum is wrong.
pub(super) fn full_copy_of(text: &[u8]) -> Vec<u8> {
    let mut full = [text, b"other="].concat();
    full.resize(COPY - 4 - 2, b'x');
    copy_of(&full)
}

/// What no program wrote.
pub(super) fn noise(mut seed: Seed, len: usize) -> Vec<u8> {
    (0..len).map(|_| seed.draw().to_le_bytes()[0]).collect()
}
