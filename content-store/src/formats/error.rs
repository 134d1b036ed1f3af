//! Why an input cannot be taken in.

use super::zim::ZimError;
use crate::sqlite;
use std::io;
use std::path::PathBuf;

/// What failed, and on which file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The source is of no kind that this box knows.
    #[error("{} is neither a ZIM file nor a folder with an `index.html`", path.display())]
    NotImportable {
        /// The source.
        path: PathBuf,
    },
    /// The source, or a file in it, cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of the data directory cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The index cannot be written.
    #[error("cannot write the index {}", path.display())]
    Index {
        /// The database.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The archive is not sound.
    #[error("cannot import {}", path.display())]
    Zim {
        /// The archive.
        path: PathBuf,
        /// What is wrong with it.
        source: ZimError,
    },
    /// The source is beyond a limit, or lacks what a pack needs.
    #[error("cannot import {}: {what}", path.display())]
    Unfit {
        /// The source.
        path: PathBuf,
        /// Which limit.
        what: String,
    },
    /// The source changed while it was read.
    #[error("{} changed while it was imported; import it again", path.display())]
    Changed {
        /// The source.
        path: PathBuf,
    },
    /// Another process imports the same source.
    #[error("{} is being imported already", path.display())]
    Busy {
        /// The source.
        path: PathBuf,
    },
    /// The disk has not enough room; nothing was installed.
    #[error("the disk is too full: {missing} more bytes are needed")]
    NoSpace {
        /// Bytes to be freed first.
        missing: u64,
    },
}

impl ImportError {
    /// There is no room on the disk.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match self {
            Self::NoSpace { .. } => true,
            Self::Write { source, .. } => source.kind() == io::ErrorKind::StorageFull,
            Self::Index { source, .. } => sqlite::is_full(source),
            Self::NotImportable { .. }
            | Self::Read { .. }
            | Self::Zim { .. }
            | Self::Unfit { .. }
            | Self::Changed { .. }
            | Self::Busy { .. } => false,
        }
    }

    /// The source itself is at fault: no repetition will help.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        match self {
            Self::NotImportable { .. } | Self::Unfit { .. } => true,
            Self::Zim { source, .. } => source.is_broken(),
            Self::Read { .. }
            | Self::Write { .. }
            | Self::Index { .. }
            | Self::Changed { .. }
            | Self::Busy { .. }
            | Self::NoSpace { .. } => false,
        }
    }

    pub(crate) fn read(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Read { path, source }
    }

    pub(crate) fn write(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Write { path, source }
    }
}
