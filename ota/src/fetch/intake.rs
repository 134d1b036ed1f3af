//! The rest of a parcel, from a source.

use super::standing::{self, Standing};
use super::{Ask, Budget, FetchError, Fetched, Go, SYNC_AT_HAND, sync_every};
use crate::bundle::FileRef;
use crate::parcel::Parcels;
use crate::source::{Source, SourceError};
use sha2::{Digest as _, Sha256};
use std::io::{self, Read};

/// Read of a source at once.
const READ_AT_ONCE: usize = 32 * 1024;

/// What is to be in a parcel.
pub(super) struct Asked<'a> {
    pub(super) parcel: &'a str,
    pub(super) file: &'a FileRef,
    pub(super) asks: &'a [Ask],
}

/// A parcel that grows.
struct Intake<'a> {
    asked: &'a Asked<'a>,
    from: String,
    parcels: &'a mut dyn Parcels,
    budget: &'a mut Budget,
    told: &'a mut dyn FnMut(u64) -> Go,
    standing: Standing,
    /// The first bytes of the chunk were here before: this source did not give them.
    carried: bool,
    unsynced: u64,
    step: u64,
}

/// Why a request ended.
enum End {
    /// It gave all that it was asked for.
    Whole,
    /// The chunk is to be asked for again, from its beginning.
    Again,
    Stopped,
}

impl Asked<'_> {
    pub(super) fn fetch(
        &self,
        source: &mut dyn Source,
        parcels: &mut dyn Parcels,
        budget: &mut Budget,
        told: &mut dyn FnMut(u64) -> Go,
    ) -> Result<Fetched, FetchError> {
        let standing = standing::look(parcels, self.parcel, self.asks).map_err(FetchError::Keep)?;
        let mut intake = Intake {
            asked: self,
            from: source.name(),
            parcels,
            budget,
            told,
            carried: standing.within > 0,
            standing,
            unsynced: 0,
            step: if source.is_at_hand() {
                SYNC_AT_HAND
            } else {
                sync_every(self.asks.iter().map(|ask| ask.bytes).sum())
            },
        };
        let ended = intake.run(source);
        // Whatever ended it: what came is kept.
        let synced = intake.sync();
        let ended = ended?;
        synced?;
        if ended == Fetched::All {
            let parcels = &mut *intake.parcels;
            parcels.remember_right(self.parcel, true);
        }
        Ok(ended)
    }

    /// Where in the file the chunk's next byte lies, and how many follow it without a gap.
    fn next(&self, standing: &Standing) -> Option<(u64, u64)> {
        let mut rest = self.asks.get(standing.chunk..)?.iter();
        let first = rest.next()?;
        let end = rest.try_fold(first.at.checked_add(first.bytes)?, |end, ask| {
            if ask.at == end {
                end.checked_add(ask.bytes).ok_or(end)
            } else {
                Err(end)
            }
        });
        let (Ok(end) | Err(end)) = end;
        let from = first.at + standing.within;
        (end <= self.file.bytes).then_some((from, end - from))
    }
}

impl Intake<'_> {
    fn run(&mut self, source: &mut dyn Source) -> Result<Fetched, FetchError> {
        while self.standing.chunk < self.asked.asks.len() {
            let Some((from, run)) = self.asked.next(&self.standing) else {
                return Err(self.wrong());
            };
            if run == 0 {
                return Err(self.wrong());
            }
            if self.budget.0 == 0 {
                return Ok(Fetched::BudgetSpent);
            }
            let run = run.min(self.budget.0);
            let reader = source.open(&self.asked.file.location, from, run)?;
            match self.take(reader, run)? {
                End::Whole | End::Again => {}
                End::Stopped => return Ok(Fetched::Stopped),
            }
        }
        Ok(Fetched::All)
    }

    /// Takes what a request gives.
    fn take(&mut self, mut reader: Box<dyn Read + '_>, mut run: u64) -> Result<End, FetchError> {
        let mut buffer = vec![0; READ_AT_ONCE];
        while run > 0 {
            let step = self.step().min(run);
            let step = buffer
                .get_mut(..usize::try_from(step).unwrap_or(0))
                .unwrap_or_default();
            let came = match reader.read(step) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(SourceError::of(error, &self.from).into()),
                // The file ends where it should not.
                Ok(0) => return self.chunk_is_wrong(),
                Ok(came) => step.get(..came).unwrap_or_default(),
            };
            run -= came.len() as u64;
            let right = self.keep(came)?;
            if (self.told)(came.len() as u64) == Go::Stop {
                return Ok(End::Stopped);
            }
            if !right {
                return self.chunk_is_wrong();
            }
        }
        Ok(End::Whole)
    }

    /// Bytes until the next check or the next sync.
    fn step(&self) -> u64 {
        let chunk = self.asked.asks.get(self.standing.chunk);
        let left = chunk.map_or(0, |ask| ask.bytes - self.standing.within);
        left.min(self.step - self.unsynced).min(READ_AT_ONCE as u64)
    }

    /// `false`: with these bytes the chunk is whole, and wrong.
    fn keep(&mut self, came: &[u8]) -> Result<bool, FetchError> {
        self.parcels
            .append(self.asked.parcel, came)
            .map_err(FetchError::Keep)?;
        let bytes = came.len() as u64;
        self.budget.0 = self.budget.0.saturating_sub(bytes);
        self.standing.hash.update(came);
        self.standing.within += bytes;
        self.unsynced += bytes;
        if self.unsynced >= self.step {
            self.sync()?;
        }
        let Some(ask) = self.asked.asks.get(self.standing.chunk) else {
            return Ok(false);
        };
        if self.standing.within < ask.bytes {
            return Ok(true);
        }
        if !ask.is(&self.standing.hash) {
            return Ok(false);
        }
        self.standing.chunk += 1;
        self.begin_chunk();
        Ok(true)
    }

    fn begin_chunk(&mut self) {
        self.standing.within = 0;
        self.standing.hash = Sha256::new();
        self.carried = false;
    }

    /// The chunk goes; the source with it, where all of the chunk was its own.
    fn chunk_is_wrong(&mut self) -> Result<End, FetchError> {
        let before = self.asked.asks.iter().take(self.standing.chunk);
        let right: u64 = before.map(|ask| ask.bytes).sum();
        self.cut_to(right).map_err(FetchError::Keep)?;
        let carried = self.carried;
        self.begin_chunk();
        // A cut before the next sync may bring back what was cut off: it is checked whenever it is read.
        if carried {
            return Ok(End::Again);
        }
        Err(self.wrong())
    }

    fn cut_to(&mut self, right: u64) -> io::Result<()> {
        // A parcel of which nothing ever came is not there.
        if self.parcels.length(self.asked.parcel)? == right {
            return Ok(());
        }
        self.parcels.truncate(self.asked.parcel, right)
    }

    fn wrong(&self) -> FetchError {
        FetchError::Wrong {
            file: self.asked.file.location.clone(),
            from: self.from.clone(),
        }
    }

    fn sync(&mut self) -> Result<(), FetchError> {
        if self.unsynced == 0 {
            return Ok(());
        }
        self.parcels
            .sync(self.asked.parcel)
            .map_err(FetchError::Keep)?;
        self.unsynced = 0;
        Ok(())
    }
}
