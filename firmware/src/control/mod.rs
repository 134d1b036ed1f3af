//! How a verb asks the box that runs on the same data: a Unix socket `DATA/control.sock`.
//!
//! One request a connection, as a line of JSON; the answer is lines of JSON: any number of [`Line::Progress`], then
//! [`Line::Done`] or [`Line::Refused`]. The socket's mode admits the box's own user and root alone.
//! With no box running, the verb opens the data itself and [`carry_out()`]s the same request: one code, one writer.

mod ask;
mod carry_out;

pub use ask::{AskError, answers, ask};
pub use carry_out::carry_out;

use crate::services::power::warehouse::StorageTold;
use crate::slots::UpdateWish;
use crate::status::{Status, Update};
use board_support::BoardChoice;
use content_store::library::{PackId, PackSummary, VerifyReport};
use content_store::records::Credential;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::PathBuf;

/// A request longer than this is none of ours.
pub const LONGEST_REQUEST: u64 = 64 * 1024;

const NO_BOX: &str = "no box is running on this data; start one with `school-box run`";

/// The socket's name in the data folder.
pub const SOCKET: &str = "control.sock";

/// The socket by way of its opened folder: a socket's address may have 107 bytes, a data folder's path more.
#[must_use]
pub fn address_in(folder: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", folder.as_raw_fd()))
}

/// What a person may ask of warehouse storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StorageWish {
    /// Into storage.
    Enter,
    /// Out of it.
    Leave,
}

/// What a verb may ask.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request {
    /// The state of the box.
    Status,
    /// Bytes that an import must leave free.
    ImportTerms,
    /// Take in what `import` staged.
    Adopt {
        /// The staged folder, under `DATA/incoming`.
        staged: PathBuf,
    },
    /// What is installed.
    LibraryList,
    /// Check every blob.
    LibraryVerify,
    /// Remove a pack.
    LibraryRemove {
        /// Which.
        id: PackId,
    },
    /// The system slots.
    Update {
        /// What is asked of them.
        wish: UpdateWish,
        /// The board, where no box runs: a running one knows its own.
        #[serde(skip)]
        board: BoardChoice,
    },
    /// Warehouse storage.
    Storage {
        /// What is asked.
        wish: StorageWish,
        /// The board, where no box runs: a running one knows its own.
        #[serde(skip)]
        board: BoardChoice,
    },
    /// Make (or renew) a tool's credential.
    Credential {
        /// The tool's name.
        name: String,
    },
}

/// What a request brings.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "is", content = "value", rename_all = "snake_case")]
pub enum Answer {
    /// To [`Request::Status`].
    Status(Box<Status>),
    /// To [`Request::ImportTerms`].
    ImportTerms {
        /// Bytes.
        keep_free: u64,
    },
    /// To [`Request::Adopt`] and [`Request::LibraryRemove`].
    Pack(PackSummary),
    /// To [`Request::LibraryList`].
    Packs(Vec<PackSummary>),
    /// To [`Request::LibraryVerify`].
    Verified(VerifyReport),
    /// To [`Request::Credential`].
    Credential(Credential),
    /// To [`Request::Update`].
    Update(Box<Update>),
    /// To [`Request::Storage`].
    Storage(Box<StorageTold>),
}

/// A line of the answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// Bytes done, bytes in all.
    Progress(u64, u64),
    /// It is done.
    Done(Answer),
    /// It could not be done: what, on what, and what to do.
    Refused(String),
}
