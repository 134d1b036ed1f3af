//! Port: a repository's files, wherever they are. The same bytes come from a web server, a stick, another box.

use crate::trust::Repository;
use std::io::{self, Read};

/// Why a source gives nothing, or no more.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It was reached and has no such file.
    #[error("{source_name} has no {location}")]
    Missing {
        /// The source, for people.
        source_name: String,
        /// Which file.
        location: String,
    },
    /// It was reached and says no, or answers what no repository answers.
    #[error("{source_name} answers {answer}")]
    Refused {
        /// The source, for people.
        source_name: String,
        /// What it said.
        answer: String,
    },
    /// It gives less than is worth waiting for.
    #[error("{source_name} is too slow: {bytes} bytes in {seconds} s")]
    TooSlow {
        /// The source, for people.
        source_name: String,
        /// What came.
        bytes: u64,
        /// In which time.
        seconds: u64,
    },
    /// It cannot be reached, or went away: unplugged, out of range, switched off.
    #[error("{source_name} cannot be read")]
    Gone {
        /// The source, for people.
        source_name: String,
        /// Why.
        source: io::Error,
    },
}

impl SourceError {
    /// What a reader's error says of its source: the [`SourceError`] that it holds, else that the source went away.
    #[must_use]
    pub fn of(error: io::Error, source_name: &str) -> Self {
        match error.downcast::<Self>() {
            Ok(said) => said,
            Err(source) => Self::Gone {
                source_name: source_name.to_owned(),
                source,
            },
        }
    }

    /// The same source may do better later; else it is no use before it changes.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::TooSlow { .. } | Self::Gone { .. })
    }
}

/// A repository's files. Every call blocks, and ends in bounded time by the source's own patience.
pub trait Source: Send {
    /// For people: the address, or what stick it is. No names of schools or people.
    fn name(&self) -> String;

    /// Its bytes cost nothing: a stick, a folder. What a power cut loses of them is read again.
    fn is_at_hand(&self) -> bool {
        false
    }

    /// The file of metadata of this name, at most `most + 1` bytes of it; `None` where there is none.
    ///
    /// # Errors
    /// [`SourceError`].
    fn metadata(&mut self, name: &str, most: u64) -> Result<Option<Vec<u8>>, SourceError>;

    /// The bytes `from..from + bytes` of a file below the targets. What is read from the reader is what the transport gave: nothing of it is to be
    /// believed. It ends early where the file does.
    ///
    /// # Errors
    /// [`SourceError`]; a read fails with an [`io::Error`] that holds one.
    fn open(
        &mut self,
        location: &str,
        from: u64,
        bytes: u64,
    ) -> Result<Box<dyn Read + '_>, SourceError>;
}

/// A source as the trust rules see it.
pub struct MetadataOf<'a>(pub &'a mut dyn Source);

impl Repository for MetadataOf<'_> {
    type Error = SourceError;

    fn metadata(&mut self, name: &str, most: u64) -> Result<Option<Vec<u8>>, SourceError> {
        self.0.metadata(name, most)
    }
}
