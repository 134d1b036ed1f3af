//! Updates of this box: what `ota` asks of the outside, on this box's disk, and who does the long work.
//!
//! ```text
//!   DATA/updates/   trust/       whom repositories are believed (roots, timestamp, snapshot, targets, not-before)
//!                   parcels/     what was fetched and is not installed yet
//!                   pack-parcels/ the same of packs
//!                   ledger.json  what is remembered between two starts
//!                   box-id       32 random hexadecimal digits; they never leave the box
//!                   repository/  what was fetched whole, for other boxes
//! ```
//!
//! | file | holds |
//! |---|---|
//! | `folder` | these paths |
//! | `trust`, `first_root` | [`DiskTrust`]: the port of the trust rules; the root that the box begins with |
//! | `parcels`, `ledger`, `box_id` | the other ports |
//! | `shelf` | the repository for other boxes |
//! | `place` | where a repository is: an address, a stick, a person's folder |
//! | `task`, `work` | [`Task`]: one action of [`ota::updater::Updater`], and how it ended; [`Work`]: it is done |
//! | `work/older` | the records are told when no older system can come back to them |
//! | `work/packs` | the work on packs: fetched, made, staged by a process of its own, taken into the library |
//! | `packs` | where a pack is made; what people are told of it; what the staging process says |
//! | `boot` | the boot choice, shared with the service that watches over a trial |
//! | `permits` | what may be done now (pure) |
//! | `seals` | what a slot must be, for a look at it |
//! | `uplink` | whether there is a way out |
//! | `offer`, `in_place` | what comes of a person's offer (pure); the offer carried out where no box runs |
//! | `told` | what people are told (pure) |

mod boot;
mod box_id;
mod first_root;
mod folder;
pub mod in_place;
mod ledger;
pub mod offer;
pub mod packs;
mod parcels;
pub mod permits;
pub mod place;
pub mod seals;
mod shelf;
mod task;
pub mod told;
mod trust;
pub mod uplink;
pub mod work;

pub use box_id::jitter;
pub use folder::Folder;
pub use ledger::DiskLedger;
pub use parcels::DiskParcels;
pub use place::Place;
pub use task::{End, Known, Report, Task};
pub use trust::DiskTrust;
pub use work::{Work, WorkParts};

/// The random number of the box on `data`, drawn at the first call.
///
/// # Errors
/// The disk.
pub fn box_id(data: &std::path::Path) -> Result<String, FileError> {
    let folder = Folder::in_data(data);
    folder.make()?;
    box_id::of(&folder)
}

/// Why a file of the updates cannot be used: what, on which, why.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} {}", .path.display())]
pub struct FileError {
    /// `read`, `write`, `remove`.
    pub doing: &'static str,
    /// Which.
    pub path: std::path::PathBuf,
    /// Why.
    pub source: std::io::Error,
}

impl FileError {
    fn new(doing: &'static str, path: &std::path::Path, source: std::io::Error) -> Self {
        Self {
            doing,
            path: path.to_owned(),
            source,
        }
    }
}
