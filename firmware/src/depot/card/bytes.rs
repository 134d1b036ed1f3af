//! Reading at a place, and numbers in little endian.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// What can be read at any place.
pub(super) trait ReadAt {
    /// Fills `buffer` with what stands from `at` on.
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()>;
}

impl ReadAt for File {
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.read_exact_at(buffer, at)
    }
}

/// The number at `at`; 0 behind the end.
pub(super) fn le32(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    four.map_or(0, u32::from_le_bytes)
}

/// The number at `at`; 0 behind the end.
pub(super) fn le16(bytes: &[u8], at: usize) -> u16 {
    let two = bytes.get(at..at + 2).and_then(|two| two.try_into().ok());
    two.map_or(0, u16::from_le_bytes)
}

/// Whether all of it is zero.
pub(super) fn blank(bytes: &[u8]) -> bool {
    // Eight at a time where they stand so.
    bytes.iter().fold(0, |any, byte| any | byte) == 0
}
