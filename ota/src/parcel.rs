//! Port: what was fetched and is not installed yet. Files on the data disk that only grow, so that a cut costs no more than the tail that was not
//! synced.

use std::io;

/// Fetched bytes, by name. A name is lower-case letters, digits, `-` and `.`.
pub trait Parcels: Send {
    /// Bytes that may still be fetched without touching what is reserved for the learners' records.
    ///
    /// # Errors
    /// Whatever the disk says, here and below.
    fn room(&mut self) -> io::Result<u64>;

    /// Bytes there are; 0 where there is no such parcel.
    ///
    /// # Errors
    /// Whatever the disk says.
    fn length(&mut self, name: &str) -> io::Result<u64>;

    /// Adds to the end.
    ///
    /// # Errors
    /// Whatever the disk says.
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// What was appended, and that the parcel is there at all, survives a power cut from here on.
    ///
    /// # Errors
    /// Whatever the disk says: it may have lost what was appended. Nothing more is believed of it before it is read again.
    fn sync(&mut self, name: &str) -> io::Result<()>;

    /// Fills `into` from the place `at`.
    ///
    /// # Errors
    /// Whatever the disk says; the end of the parcel inside `into` is an error.
    fn read(&mut self, name: &str, at: u64, into: &mut [u8]) -> io::Result<()>;

    /// Cuts it to `length` bytes: the tail was not what it should be.
    ///
    /// # Errors
    /// Whatever the disk says.
    fn truncate(&mut self, name: &str, length: u64) -> io::Result<()>;

    /// Whether the parcel is known to be whole and right. Nobody has to remember it, and not longer than the program runs and the parcel
    /// stays as it is: without it the parcel is read once more before it is used.
    fn remember_right(&mut self, name: &str, right: bool) {
        let _ = (name, right);
    }

    /// See [`Parcels::remember_right`].
    fn is_remembered_right(&self, name: &str) -> bool {
        let _ = name;
        false
    }

    /// Removes all parcels but these.
    ///
    /// # Errors
    /// Whatever the disk says.
    fn keep_only(&mut self, names: &[&str]) -> io::Result<()>;
}
