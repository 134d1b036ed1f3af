//! A part of the patch that is read from its begin to its end, beside the other parts.

use super::super::ReadAt;
use super::coder::Bytes;
use std::cell::RefCell;
use std::io;

const BUFFER: usize = 16 << 10;

/// The patch, read by several in turn.
pub(crate) type Shared<'a> = RefCell<&'a mut dyn ReadAt>;

/// A part of the patch.
pub(crate) struct Section<'s, 'p> {
    patch: &'s Shared<'p>,
    at: u64,
    end: u64,
    buffer: Vec<u8>,
    next: usize,
    failed: Option<io::Error>,
}

impl<'s, 'p> Section<'s, 'p> {
    pub(crate) const fn new(patch: &'s Shared<'p>, at: u64, end: u64) -> Self {
        Self {
            patch,
            at,
            end,
            buffer: Vec::new(),
            next: 0,
            failed: None,
        }
    }

    /// What went wrong with reading since it was last asked.
    pub(crate) const fn failure(&mut self) -> Option<io::Error> {
        self.failed.take()
    }

    /// Whether there is a byte in the buffer.
    fn fill(&mut self) -> io::Result<bool> {
        if self.next < self.buffer.len() {
            return Ok(true);
        }
        let left = usize::try_from(self.end - self.at).unwrap_or(BUFFER);
        self.buffer.resize(left.min(BUFFER), 0);
        self.next = 0;
        if self.buffer.is_empty() {
            return Ok(false);
        }
        let at = self.at;
        self.at += self.buffer.len() as u64;
        let read = self.patch.borrow_mut().read_at(at, &mut self.buffer);
        if read.is_err() {
            self.at = self.end;
            self.buffer.clear();
        }
        read.map(|()| true)
    }
}

impl Bytes for Section<'_, '_> {
    #[inline]
    fn next_byte(&mut self) -> u8 {
        if let Some(&byte) = self.buffer.get(self.next) {
            self.next += 1;
            return byte;
        }
        match self.fill() {
            Ok(true) => {
                self.next += 1;
                self.buffer[0]
            }
            Ok(false) => 0,
            Err(error) => {
                self.failed = Some(error);
                0
            }
        }
    }
}

impl io::Read for Section<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if !self.fill()? {
            return Ok(0);
        }
        let bytes = into.len().min(self.buffer.len() - self.next);
        into[..bytes].copy_from_slice(&self.buffer[self.next..self.next + bytes]);
        self.next += bytes;
        Ok(bytes)
    }
}
