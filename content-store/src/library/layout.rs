//! Where things lie under the data directory.

use super::hash::BlobHash;
use std::path::{Path, PathBuf};

/// The names under `DATA` that belong to the library.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    library: PathBuf,
    incoming: PathBuf,
}

impl Layout {
    pub(crate) fn new(data: &Path) -> Self {
        Self {
            library: data.join("library"),
            incoming: data.join("incoming"),
        }
    }

    pub(crate) fn library(&self) -> &Path {
        &self.library
    }

    pub(crate) fn catalogue(&self) -> PathBuf {
        self.library.join("library.db")
    }

    /// Content, by hash: `blobs/ab/<hash>`.
    pub(crate) fn blobs(&self) -> PathBuf {
        self.library.join("blobs")
    }

    /// Indexes, by hash. Apart from content, so that no imported file can pose as an index when the catalogue is rebuilt.
    pub(crate) fn indexes(&self) -> PathBuf {
        self.library.join("indexes")
    }

    pub(crate) fn shard(&self, hash: &BlobHash) -> PathBuf {
        self.blobs().join(format!("{:02x}", hash.as_bytes()[0]))
    }

    pub(crate) fn blob(&self, hash: &BlobHash) -> PathBuf {
        self.shard(hash).join(hash.to_string())
    }

    pub(crate) fn index(&self, hash: &BlobHash) -> PathBuf {
        self.indexes().join(hash.to_string())
    }

    /// Where imports stage.
    pub(crate) fn incoming(&self) -> &Path {
        &self.incoming
    }
}
