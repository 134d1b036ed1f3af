//! Why a verb of `depot repo` did not do its work.

use crate::causes::chain;
use crate::depot::Failure;
use ota::publish::{PublishError, SignError};
use std::io;
use std::path::{Path, PathBuf};

/// What failed, and on what.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The command line asks for what cannot be.
    #[error("{0}")]
    Usage(String),
    /// It is refused, and the line says what to do.
    #[error("{0}")]
    Refused(String),
    /// A file or folder.
    #[error("cannot {doing} {}", path.display())]
    Disk {
        /// `read`, `write`, …
        doing: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of metadata, or of a key.
    #[error("{}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        source: SignError,
    },
    /// Nobody signed.
    #[error("nothing was changed")]
    Sign(#[from] SignError),
    /// A payload.
    #[error("{} cannot be published", path.display())]
    Payload {
        /// Which.
        path: PathBuf,
        /// Why.
        source: PublishError,
    },
}

impl Trouble {
    pub(super) fn disk(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Disk {
            doing,
            path,
            source,
        }
    }

    pub(super) fn file(path: &Path) -> impl FnOnce(SignError) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        // One line, whatever a file or a program said.
        let line = chain(&trouble);
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if matches!(trouble, Trouble::Usage(_)) {
            Self::Usage(line)
        } else {
            Self::NotDone(line)
        }
    }
}
