//! The slot that does not run, open to be written.

use super::place::Place;
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use ota::{Part, Slot, SlotError, SlotWriter};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;

/// How the medium itself is read.
#[derive(Debug)]
pub(super) enum Medium {
    /// Past the page cache (`O_DIRECT`), by a descriptor of its own.
    Device(Window),
    /// A file of a simulated board; past the page cache too where its file system can. What it does not hold yet is zero, as on a new card.
    File(Option<Window>),
}

/// One part.
#[derive(Debug)]
pub(super) struct SparePart {
    pub(super) place: Place,
    pub(super) file: File,
    pub(super) medium: Medium,
    /// The most bytes it can have.
    pub(super) room: u64,
    /// Written to since it was last synced.
    pub(super) dirty: bool,
}

impl SparePart {
    fn read(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        if !self.has_room_for(at, into.len()) {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        match &mut self.medium {
            Medium::Device(window) => window.read(self.room, at, into),
            Medium::File(window) => {
                let there = self.file.metadata()?.len().saturating_sub(at);
                let there = usize::try_from(there).map_or(into.len(), |len| len.min(into.len()));
                let (held, beyond) = into.split_at_mut(there);
                beyond.fill(0);
                match window {
                    Some(window) => window.read(at + held.len() as u64, at, held),
                    None => self.file.read_exact_at(held, at),
                }
            }
        }
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        if !self.has_room_for(at, bytes.len()) {
            return Err(io::Error::new(
                ErrorKind::StorageFull,
                format!("{} bytes at {at} go beyond its end", bytes.len()),
            ));
        }
        // Also where it fails: some of it may be there.
        self.dirty = true;
        self.file.write_all_at(bytes, at)
    }

    fn sync(&mut self) -> io::Result<()> {
        let synced = self.file.sync_all();
        // After a failure too: the kernel may show bytes that it could not write.
        posix_fadvise(&self.file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED)?;
        synced?;
        self.dirty = false;
        Ok(())
    }

    fn has_room_for(&self, at: u64, len: usize) -> bool {
        at.checked_add(len as u64)
            .is_some_and(|end| end <= self.room)
    }
}

/// All of them.
#[derive(Debug)]
pub(super) struct Spare {
    pub(super) slot: Slot,
    pub(super) parts: [SparePart; 3],
}

impl Spare {
    fn part(&mut self, part: Part) -> &mut SparePart {
        let [boot, root, tree] = &mut self.parts;
        match part {
            Part::Boot => boot,
            Part::Root => root,
            Part::Tree => tree,
        }
    }
}

impl SlotWriter for Spare {
    fn slot(&self) -> Slot {
        self.slot
    }

    fn room(&mut self, part: Part) -> Result<u64, SlotError> {
        Ok(self.part(part).room)
    }

    fn read(&mut self, part: Part, at: u64, into: &mut [u8]) -> Result<(), SlotError> {
        let part = self.part(part);
        part.read(at, into)
            .map_err(|source| part.place.error("read", source))
    }

    fn write(&mut self, part: Part, at: u64, bytes: &[u8]) -> Result<(), SlotError> {
        let part = self.part(part);
        part.write(at, bytes)
            .map_err(|source| part.place.error("write", source))
    }

    fn sync(&mut self) -> Result<(), SlotError> {
        for part in self.parts.iter_mut().filter(|part| part.dirty) {
            part.sync()
                .map_err(|source| part.place.error("sync", source))?;
        }
        Ok(())
    }
}

/// Reads of any place and length from a descriptor that takes whole blocks only, into memory on a block's boundary only.
#[derive(Debug)]
pub(super) struct Window {
    direct: File,
    memory: Vec<u8>,
}

/// The largest block of a medium that a box has.
const BLOCK: usize = 4096;
/// Read at once.
const WINDOW: usize = 128 * 1024;

impl Window {
    /// `direct` was opened with `O_DIRECT`.
    pub(super) fn new(direct: File) -> Self {
        Self {
            direct,
            memory: vec![0; WINDOW + BLOCK],
        }
    }

    /// `end` is that of the medium.
    fn read(&mut self, end: u64, at: u64, into: &mut [u8]) -> io::Result<()> {
        let pad = self.memory.as_ptr().align_offset(BLOCK);
        let window = self
            .memory
            .get_mut(pad..pad + WINDOW)
            .ok_or(ErrorKind::OutOfMemory)?;
        let mut done = 0;
        while done < into.len() {
            let from = at + done as u64;
            let first = from - from % BLOCK as u64;
            let skipped = usize::try_from(from - first).map_err(io::Error::other)?;
            let wanted = skipped + (into.len() - done);
            let whole = wanted.next_multiple_of(BLOCK).min(WINDOW);
            // The last block of a file may be a part of one.
            let least = usize::try_from(end - first).map_or(whole, |left| left.min(whole));
            let read = self.direct.read_at(&mut window[..whole], first)?;
            if read < least {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let taken = (whole.min(read) - skipped).min(into.len() - done);
            into[done..done + taken].copy_from_slice(&window[skipped..skipped + taken]);
            done += taken;
        }
        Ok(())
    }
}
