//! Packs on this box: where they are made, what people are told of them, what the process says that stages them.
//!
//! ```text
//!   DATA/incoming/offered/<offer>/<file>   a pack that is being made; gone when it is in the library
//! ```

mod file;
pub mod told;

pub use file::{Incoming, Older};

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What `school-box stage` says, a line of JSON each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Staging {
    /// So much is done, of so much.
    Progress(u64, u64),
    /// It is ready to be taken into the library.
    Staged(PathBuf),
    /// It cannot be: why, and whether it is for want of room.
    Refused {
        /// One line.
        why: String,
        /// The disk is full.
        full: bool,
    },
}
