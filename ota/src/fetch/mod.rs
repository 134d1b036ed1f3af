//! Fetching: from a source into parcels, checked as it comes, resumed where it stopped, from the same source or another.

//!
//! | file | holds |
//! |---|---|
//! | `standing` | how much of a parcel is here and right |
//! | `intake` | the rest of it, from a source |
//!
//! A parcel is the chunks that were asked for, one after the other. A chunk is believed when it is whole and its hash is right; until then what is
//! here of it may be anything: another source's, or what a power cut left. So a chunk that turns out wrong is no proof against the source that gave
//! only its end: it is asked for once more, whole, and only then is the source refused.

mod intake;
mod standing;

use crate::bundle::FileRef;
use crate::delta::Shipment;
use crate::parcel::Parcels;
use crate::source::{Source, SourceError};
use crate::trust::hex;
use intake::Asked;
use std::io;

/// Synced after so many bytes at the earliest, for every few of them cost flash more than they are.
pub const SYNC_EVERY: u64 = 4 * 1024;
/// And at the latest.
const SYNC_AT_MOST: u64 = 256 * 1024;
/// The same where what a cut costs is read again for nothing.
const SYNC_AT_HAND: u64 = 4 << 20;
/// Steps that a file is synced in: a cut costs one of them at most, so fifty cost less than a twentieth of the file.
const STEPS: u64 = 1_250;

/// Of so many bytes in all, those after which what came is synced.
#[must_use]
pub const fn sync_every(all: u64) -> u64 {
    let step = all / STEPS / SYNC_EVERY * SYNC_EVERY;
    if step < SYNC_EVERY {
        SYNC_EVERY
    } else if step > SYNC_AT_MOST {
        SYNC_AT_MOST
    } else {
        step
    }
}

/// How many bytes this contact may still cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget(pub u64);

/// Go on, or stop at a good place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Go {
    /// On.
    On,
    /// Stop: the permit is gone, the box goes down.
    Stop,
}

/// How a fetch ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetched {
    /// All is here.
    All,
    /// The budget is spent; what came is kept.
    BudgetSpent,
    /// It was told to stop; what came is kept.
    Stopped,
}

/// Why a fetch failed. What came and was right is kept.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The source.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What it gave is not what was signed for: this source is no good.
    #[error("{file} from {from} is not what was signed for")]
    Wrong {
        /// Which file.
        file: String,
        /// The source, for people.
        from: String,
    },
    /// The data disk has no room for it.
    #[error(
        "the data disk has no room for the update: {needed} bytes are needed, {room} are free; remove a pack"
    )]
    Room {
        /// Bytes needed.
        needed: u64,
        /// Bytes there are.
        room: u64,
    },
    /// The data disk.
    #[error("cannot keep what was fetched")]
    Keep(#[source] io::Error),
}

/// A small file, whole: kept as a parcel, checked against its hash; asked for only where it is not here already. `None`: see
/// [`Fetched::BudgetSpent`] and [`Fetched::Stopped`].
///
/// # Errors
/// [`FetchError`].
pub fn whole_file(
    source: &mut dyn Source,
    file: &FileRef,
    parcels: &mut dyn Parcels,
    budget: &mut Budget,
    told: &mut dyn FnMut(u64) -> Go,
) -> Result<Option<Vec<u8>>, FetchError> {
    let parcel = whole_name(file);
    let asks = whole_ask(file);
    let asked = Asked {
        parcel: &parcel,
        file,
        asks: &asks,
    };
    match asked.fetch(source, parcels, budget, told)? {
        Fetched::All => standing::bytes_of(parcels, &parcel, file.bytes)
            .map(Some)
            .map_err(FetchError::Keep),
        Fetched::BudgetSpent | Fetched::Stopped => Ok(None),
    }
}

/// What is missing of a shipment. `told` hears the bytes that came since it was last told.
///
/// # Errors
/// [`FetchError`].
pub fn shipment(
    source: &mut dyn Source,
    shipment: &Shipment,
    parcels: &mut dyn Parcels,
    budget: &mut Budget,
    told: &mut dyn FnMut(u64) -> Go,
) -> Result<Fetched, FetchError> {
    let asks = asks_of(shipment);
    let asked = Asked {
        parcel: &shipment.parcel,
        file: &shipment.file,
        asks: &asks,
    };
    asked.fetch(source, parcels, budget, told)
}

/// The bytes of a small file that is here already, whole and right.
///
/// # Errors
/// Whatever the disk says.
pub fn kept_file(parcels: &mut dyn Parcels, file: &FileRef) -> io::Result<Option<Vec<u8>>> {
    let parcel = whole_name(file);
    let missing = standing::look(parcels, &parcel, &whole_ask(file))?.missing;
    if missing > 0 {
        return Ok(None);
    }
    standing::bytes_of(parcels, &parcel, file.bytes).map(Some)
}

/// Bytes of a small file that are not here yet.
///
/// # Errors
/// Whatever the disk says.
pub fn missing_of_file(parcels: &mut dyn Parcels, file: &FileRef) -> io::Result<u64> {
    Ok(standing::look(parcels, &whole_name(file), &whole_ask(file))?.missing)
}

/// Bytes of a shipment that are not here yet. All that is here is read and checked; what is wrong is let go.
///
/// # Errors
/// Whatever the disk says.
pub fn missing(parcels: &mut dyn Parcels, shipment: &Shipment) -> io::Result<u64> {
    Ok(standing::look(parcels, &shipment.parcel, &asks_of(shipment))?.missing)
}

/// The parcel of a small file: by its hash, so that the same file is never fetched twice.
#[must_use]
pub fn whole_name(file: &FileRef) -> String {
    format!("file-{}", file.sha256)
}

/// Bytes that are asked for, checked as one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ask {
    at: u64,
    bytes: u64,
    /// How their SHA-256 begins.
    check: Vec<u8>,
}

fn whole_ask(file: &FileRef) -> [Ask; 1] {
    [Ask {
        at: 0,
        bytes: file.bytes,
        // What is no hash agrees with nothing.
        check: hex::parse(&file.sha256).unwrap_or_else(|| vec![0; 33]),
    }]
}

fn asks_of(shipment: &Shipment) -> Vec<Ask> {
    let asks = shipment.chunks.iter().map(|chunk| Ask {
        at: chunk.at,
        bytes: u64::from(chunk.bytes),
        check: chunk.check.to_vec(),
    });
    asks.collect()
}
