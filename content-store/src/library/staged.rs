//! A staged pack: what an import leaves under `DATA/incoming` for the library to take in.
//!
//! ```text
//! incoming/<source>-<state>/  lock            held by the importing process
//!                             blobs/<hash>    content, synced
//!                             index.db        the pack's index, synced
//!                             manifest.json   written last: its presence means complete
//! ```

use super::error::LibraryError;
use super::hash::BlobHash;
use super::index::Index;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const INDEX: &str = "index.db";
pub(crate) const BLOBS: &str = "blobs";
/// A manifest is two numbers and a hash.
const MANIFEST_MAX: u64 = 4096;

/// What stands in `manifest.json`; the rest is in the index it names.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) format: i32,
    /// SHA-256 of the index, hex.
    pub(crate) index: String,
    pub(crate) index_bytes: u64,
}

/// A complete stage, checked.
#[derive(Debug)]
pub(crate) struct Staged {
    folder: PathBuf,
    pub(crate) index_hash: BlobHash,
    pub(crate) index_bytes: u64,
}

impl Staged {
    /// Reads the manifest of `folder` and checks that the index is the one it names. Content is checked when it is moved.
    pub(crate) fn open(folder: &Path) -> Result<Self, LibraryError> {
        let wrong = |what: &str| LibraryError::NotStaged {
            path: folder.to_owned(),
            what: what.to_owned(),
        };
        let manifest =
            read_manifest(folder).ok_or_else(|| wrong("it has no manifest that can be read"))?;
        let index_hash = BlobHash::from_hex(&manifest.index)
            .ok_or_else(|| wrong("its manifest names no hash"))?;
        let staged = Self {
            folder: folder.to_owned(),
            index_hash,
            index_bytes: manifest.index_bytes,
        };
        let path = staged.index_path();
        if !is_file_of(&path, staged.index_bytes) {
            return Err(wrong("its index is missing or has another length"));
        }
        let file = File::open(&path).map_err(LibraryError::io("open", path.clone()))?;
        let (found, _) =
            BlobHash::of_reader(file, |_| {}).map_err(LibraryError::io("read", path))?;
        if found != index_hash {
            return Err(wrong("its index does not have the hash of the manifest"));
        }
        Ok(staged)
    }

    pub(crate) fn index_path(&self) -> PathBuf {
        self.folder.join(INDEX)
    }

    pub(crate) fn blob_path(&self, hash: &BlobHash) -> PathBuf {
        self.folder.join(BLOBS).join(hash.to_string())
    }

    /// Every content blob is there, as a regular file of its length.
    pub(crate) fn is_whole(&self) -> Result<bool, LibraryError> {
        let mut whole = true;
        Index::open(&self.index_path())?.blobs(None, |hash, bytes| {
            whole &= is_file_of(&self.blob_path(&hash), bytes);
            Ok::<_, LibraryError>(())
        })?;
        Ok(whole)
    }
}

/// `None` when there is no manifest, or none of ours.
pub(crate) fn read_manifest(folder: &Path) -> Option<Manifest> {
    let path = folder.join(MANIFEST);
    let small = fs::symlink_metadata(&path).is_ok_and(|m| m.is_file() && m.len() <= MANIFEST_MAX);
    if !small {
        return None;
    }
    let manifest: Manifest = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    (manifest.format == super::index::FORMAT).then_some(manifest)
}

/// A regular file, not a link to one, of exactly this length.
pub(crate) fn is_file_of(path: &Path, bytes: u64) -> bool {
    fs::symlink_metadata(path).is_ok_and(|m| m.is_file() && m.len() == bytes)
}
