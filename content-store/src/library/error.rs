//! What the library says when it cannot.

use super::model::PackId;
use crate::formats::zim::ZimError;
use crate::sqlite;
use std::io;
use std::path::PathBuf;

/// What failed, and on which file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// A file operation failed.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// `open`, `rename`, …
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A sync failed: what the disk holds is unknown. Exit and open the library anew.
    #[error("{} could not be made durable; the box must restart", path.display())]
    Sync {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The catalogue or a pack's index answered with an SQLite error.
    #[error("cannot {action} {}", path.display())]
    Sqlite {
        /// `read`, `write`, …
        action: &'static str,
        /// The database.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// A file of the library does not hold what the catalogue says.
    #[error("{} is damaged: {what}; import the pack again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A newer version of the box wrote it, and this one cannot read it: nothing is wrong with it.
    #[error(
        "{} has format {found}, this version knows {known}: update the box to read it", path.display()
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// The format found.
        found: i64,
        /// The newest format known here.
        known: i64,
    },
    /// A pack's archive cannot be read.
    #[error("the archive {} cannot be read", path.display())]
    Zim {
        /// The archive's blob.
        path: PathBuf,
        /// Why.
        source: ZimError,
    },
    /// What was given to adopt is no complete staged pack.
    #[error("{} is no staged pack: {what}; import it again", path.display())]
    NotStaged {
        /// The folder.
        path: PathBuf,
        /// What is missing or wrong.
        what: String,
    },
    /// Taking the pack in would leave less room than must stay free.
    #[error("the disk is too full: {missing} more bytes are needed")]
    Full {
        /// Bytes to be freed first.
        missing: u64,
    },
    /// No pack has this name.
    #[error("there is no pack `{id}`; `library list` names those that are installed")]
    NotInstalled {
        /// The name asked for.
        id: PackId,
    },
    /// The writer thread is gone, or an earlier sync failed.
    #[error("the library no longer takes changes; the box must restart")]
    Stopped,
}

impl LibraryError {
    /// The disk holds something else than it should: `verify` names it, a new import heals it.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        match self {
            Self::Sqlite { source, .. } => sqlite::is_corrupt(source),
            Self::Damaged { .. } => true,
            Self::Zim { source, .. } => source.is_broken(),
            Self::Io { source, .. } => source.kind() == io::ErrorKind::NotFound,
            Self::Sync { .. }
            | Self::TooNew { .. }
            | Self::NotStaged { .. }
            | Self::Full { .. }
            | Self::NotInstalled { .. }
            | Self::Stopped => false,
        }
    }

    /// There is no room on the disk.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match self {
            Self::Sqlite { source, .. } => sqlite::is_full(source),
            Self::Io { source, .. } | Self::Sync { source, .. } => {
                source.kind() == io::ErrorKind::StorageFull
            }
            Self::Full { .. } => true,
            Self::Damaged { .. }
            | Self::TooNew { .. }
            | Self::Zim { .. }
            | Self::NotStaged { .. }
            | Self::NotInstalled { .. }
            | Self::Stopped => false,
        }
    }

    /// A sync failed: nothing may be retried in this process.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        match self {
            Self::Sync { .. } | Self::Stopped => true,
            Self::Sqlite { source, .. } => sqlite::is_sync_failure(source),
            Self::Io { .. }
            | Self::Damaged { .. }
            | Self::TooNew { .. }
            | Self::Zim { .. }
            | Self::NotStaged { .. }
            | Self::Full { .. }
            | Self::NotInstalled { .. } => false,
        }
    }

    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    pub(crate) fn sync(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Sync { path, source }
    }

    pub(crate) fn sqlite(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(rusqlite::Error) -> Self {
        let path = path.into();
        move |source| Self::Sqlite {
            action,
            path,
            source,
        }
    }
}
