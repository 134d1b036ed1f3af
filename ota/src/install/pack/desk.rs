//! The ports that a pack goes through, and why it could not be had.

use crate::delta::{DeltaError, ReadAt, WriteAt};
use crate::fetch::FetchError;
use crate::install::InstallError;
use crate::ledger::StateStore;
use crate::packs::PackOfferError;
use crate::parcel::Parcels;
use std::io;

/// Port: the file that a pack is made in. What is in it already may be anything.
pub trait PackFile: WriteAt {
    /// Bytes of the disk that it takes.
    ///
    /// # Errors
    /// Whatever the disk says, here and below.
    fn takes(&mut self) -> io::Result<u64>;

    /// Makes it so long, if it is not; what is new in it reads as zeros.
    ///
    /// # Errors
    /// Whatever the disk says.
    fn resize(&mut self, bytes: u64) -> io::Result<()>;

    /// What was written survives a power cut from here on.
    ///
    /// # Errors
    /// Whatever the disk says: it may have lost what was written.
    fn sync(&mut self) -> io::Result<()>;
}

/// The older version: a file that is named by its hash.
pub struct PackBase<'a> {
    /// It.
    pub disk: &'a mut dyn ReadAt,
    /// Its bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal, as it was when it was taken in.
    pub sha256: String,
}

/// The ports that a pack goes through.
pub struct PackDesk<'a> {
    /// The older version, where the library has it as one file.
    pub base: Option<PackBase<'a>>,
    /// What it is made in.
    pub file: &'a mut dyn PackFile,
    /// What was fetched: a place of its own, for a system's parcels are tidied without regard to packs.
    pub parcels: &'a mut dyn Parcels,
    /// What is remembered.
    pub state: &'a mut dyn StateStore,
}

/// Why a pack could not be had. The older version is untouched.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// Nothing is wanted, or its offer is gone: look at a source again.
    #[error("no pack is being fetched")]
    Nothing,
    /// What is offered.
    #[error(transparent)]
    Offer(#[from] PackOfferError),
    /// Fetching.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Making the file.
    #[error("the pack cannot be made")]
    Made(#[source] DeltaError),
    /// More has to be fetched: the older version is not what it seemed, or a parcel went bad.
    #[error("more has to be fetched")]
    Incomplete,
    /// The data disk.
    #[error("what is known of the pack cannot be kept")]
    Keep(#[source] io::Error),
}

impl From<InstallError> for PackError {
    fn from(error: InstallError) -> Self {
        match error {
            InstallError::Fetch(error) => Self::Fetch(error),
            InstallError::Delta { source, .. } => Self::Made(source),
            InstallError::Incomplete => Self::Incomplete,
            InstallError::Keep(error) => Self::Keep(error),
            InstallError::Nothing
            | InstallError::Bundle(_)
            | InstallError::ReadBack { .. }
            | InstallError::Slot(_)
            | InstallError::Step(_)
            | InstallError::Boot(_)
            | InstallError::GivenUp { .. } => Self::Nothing,
        }
    }
}
