//! The running system, open to be read.

use super::place::Place;
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use ota::{Part, SlotError, SlotReader};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;

/// One part.
#[derive(Debug)]
pub(super) struct RunningPart {
    pub(super) place: Place,
    /// `None`: a simulated board has no such file, which is the same as an empty one.
    pub(super) file: Option<File>,
    /// That mean something.
    pub(super) bytes: u64,
}

impl RunningPart {
    fn read(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let inside = at
            .checked_add(into.len() as u64)
            .is_some_and(|end| end <= self.bytes);
        match &self.file {
            Some(file) if inside => file.read_exact_at(into, at),
            _ if into.is_empty() => Ok(()),
            _ => Err(ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// All of them.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) parts: [RunningPart; 3],
}

impl Running {
    fn part(&self, part: Part) -> &RunningPart {
        let [boot, root, tree] = &self.parts;
        match part {
            Part::Boot => boot,
            Part::Root => root,
            Part::Tree => tree,
        }
    }
}

impl SlotReader for Running {
    fn bytes(&mut self, part: Part) -> Result<u64, SlotError> {
        Ok(self.part(part).bytes)
    }

    fn read(&mut self, part: Part, at: u64, into: &mut [u8]) -> Result<(), SlotError> {
        let part = self.part(part);
        part.read(at, into)
            .map_err(|source| part.place.error("read", source))
    }
}

impl Drop for Running {
    /// A whole system was read once and is not read again: the memory is better used for lessons.
    fn drop(&mut self) {
        for file in self.parts.iter().filter_map(|part| part.file.as_ref()) {
            let _ = posix_fadvise(file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED);
        }
    }
}
