//! Slots and parcels as bytes one can read anywhere; progress told, and stopping.

use super::{Doing, InstallError, Progress};
use crate::delta::{ReadAt, WriteAt};
use crate::fetch::{Fetched, Go};
use crate::parcel::Parcels;
use crate::slot::{Part, SlotReader, SlotWriter};
use std::cell::{Cell, RefCell};
use std::io;

/// Tells how far it is. Who listens may say stop: then the next byte that is asked for is an error, and the step ends.
pub(super) struct Watch<'a> {
    told: RefCell<&'a mut dyn FnMut(Progress) -> Go>,
    progress: Cell<Progress>,
    stopped: Cell<bool>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(told: &'a mut dyn FnMut(Progress) -> Go) -> Self {
        Self {
            told: RefCell::new(told),
            progress: Cell::new(Progress::default()),
            stopped: Cell::new(false),
        }
    }

    /// Something else is being done from here on.
    pub(super) fn begin(&self, doing: Doing, done: u64, of: u64) {
        let reused = self.progress.get().reused;
        self.tell(Progress {
            doing,
            done,
            of,
            reused,
        });
    }

    pub(super) fn reused(&self, reused: u64) {
        let progress = self.progress.get();
        self.progress.set(Progress { reused, ..progress });
    }

    /// So many bytes more are done.
    pub(super) fn more(&self, bytes: u64) -> Go {
        let progress = self.progress.get();
        let done = progress.done + bytes;
        self.tell(Progress { done, ..progress })
    }

    /// So many bytes are done.
    pub(super) fn done(&self, done: u64) {
        let progress = self.progress.get();
        self.tell(Progress { done, ..progress });
    }

    fn tell(&self, progress: Progress) -> Go {
        self.progress.set(progress);
        // Who is being told asks for nothing: there is no second borrow.
        let go = self
            .told
            .try_borrow_mut()
            .map_or(Go::On, |mut told| told(progress));
        if go == Go::Stop {
            self.stopped.set(true);
        }
        go
    }

    pub(super) fn go(&self) -> io::Result<()> {
        if self.stopped.get() {
            return Err(io::Error::other("stopped"));
        }
        Ok(())
    }

    /// How a step ended: an error of one that was stopped is that it was stopped.
    pub(super) fn or_stopped(
        &self,
        done: Result<Fetched, InstallError>,
    ) -> Result<Fetched, InstallError> {
        match done {
            Err(_) if self.stopped.get() => Ok(Fetched::Stopped),
            done => done,
        }
    }
}

/// A part of the running slot.
pub(super) struct Base<'a, 'w> {
    pub(super) reader: &'a mut dyn SlotReader,
    pub(super) part: Part,
    pub(super) watch: &'a Watch<'w>,
    /// Reading it is what is being done.
    pub(super) tells: bool,
}

impl ReadAt for Base<'_, '_> {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.watch.go()?;
        self.reader
            .read(self.part, at, into)
            .map_err(io::Error::other)?;
        if self.tells {
            self.watch.more(into.len() as u64);
        }
        Ok(())
    }
}

/// A part of the slot that is written.
pub(super) struct Target<'a, 'w> {
    pub(super) writer: &'a mut dyn SlotWriter,
    pub(super) part: Part,
    pub(super) watch: &'a Watch<'w>,
}

impl ReadAt for Target<'_, '_> {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.watch.go()?;
        self.writer
            .read(self.part, at, into)
            .map_err(io::Error::other)
    }
}

impl WriteAt for Target<'_, '_> {
    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.watch.go()?;
        self.writer
            .write(self.part, at, bytes)
            .map_err(io::Error::other)
    }
}

/// A parcel.
pub(super) struct ParcelAt<'a> {
    pub(super) parcels: &'a mut dyn Parcels,
    pub(super) name: &'a str,
}

impl ReadAt for ParcelAt<'_> {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.parcels.read(self.name, at, into)
    }
}
