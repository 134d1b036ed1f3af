//! What the records can fail with.

use crate::sqlite;
use std::io;
use std::path::PathBuf;
use uuid::Uuid;

/// Why the records could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// The writer's queue is full: try again in a moment. Nothing was stored.
    #[error("the records are busy")]
    Busy,
    /// [`close`](super::Records::close) was called, or the process is stopping.
    #[error("the records are closed")]
    Closed,
    /// Another statement with this id is stored already. Nothing of the batch was stored.
    #[error("another statement with the id {id} is stored already")]
    Conflict {
        /// The id they share.
        id: Uuid,
    },
    /// The disk has no room, the reserve is used up. Nothing was stored.
    #[error("the disk of the records is full")]
    DiskFull,
    /// The disk failed under the writer: what it holds is unknown until the database is opened again. The process must exit.
    #[error("the writer of the records died: {reason}")]
    WriterDied {
        /// What failed.
        reason: String,
    },
    /// The database refused a write, the disk being sound. Nothing was stored.
    #[error("the write was refused: {reason}")]
    Refused {
        /// What SQLite said.
        reason: String,
    },
    /// A read or the opening failed.
    #[error("cannot {doing} the records")]
    Database {
        /// What was being done, as a verb.
        doing: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A file beside the database could not be handled.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was being done, as a verb.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database was written by a newer version of the box.
    #[error(
        "records.db has format {found}, this version knows {known}: update the box before it opens them"
    )]
    TooNew {
        /// The format found.
        found: i64,
        /// The newest format known here.
        known: i64,
    },
    /// Where the key of the records lives could not be used.
    #[error("cannot {doing} the key of the records")]
    Key {
        /// What was being done, as a verb.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The records are sealed with a key that is not there any more.
    #[error("the records are sealed with another key than the one that is kept")]
    KeyLost,
    /// Everyone was to be forgotten once all was received, and it is not.
    #[error("{statements} statements are not known to have arrived")]
    NotReceived {
        /// How many.
        statements: u64,
    },
    /// The cipher refused: a text beyond its limits.
    #[error("a statement could not be sealed")]
    Sealing,
    /// A tool's name that cannot be one.
    #[error(
        "{name:?} is no name for a tool: 1 to 100 characters, none of them a colon or a control character"
    )]
    BadName {
        /// The name given.
        name: String,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random(#[source] getrandom::Error),
    /// What was read back is not what was written.
    #[error("the statement stored at {stored} is not what was written")]
    Unreadable {
        /// Which one, by its moment.
        stored: jiff::Timestamp,
    },
}

impl RecordsError {
    /// What is damaged, in SQLite's words, where the database is: opening it anew puts it aside.
    #[must_use]
    pub fn damage(&self) -> Option<String> {
        let Self::Database { source, .. } = self else {
            return None;
        };
        sqlite::is_corrupt(source).then(|| source.to_string())
    }

    /// Whether the same call may succeed in a moment.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy)
    }
}
