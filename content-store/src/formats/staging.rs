//! The folder in which an import prepares a pack.

use super::ImportPlan;
use super::builder::{self, IndexBuilder};
use super::error::ImportError;
use crate::disk;
use crate::library::hash::BlobHash;
use crate::library::index::FORMAT;
use crate::library::staged::{BLOBS, INDEX, MANIFEST, Manifest, Staged};
use crate::library::{Layout, PackSummary};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

const LOCK: &str = "lock";

/// A stage, held by this process until it is dropped.
#[derive(Debug)]
pub(crate) struct Stage {
    folder: PathBuf,
    _lock: File,
}

impl Stage {
    /// Makes or finds the stage of `plan`'s source in the state it has now, and deletes stages of its earlier states.
    pub(crate) fn open(plan: &ImportPlan, data: &Path) -> Result<Self, ImportError> {
        let layout = Layout::new(data);
        let incoming = layout.incoming();
        disk::make_folders(incoming).map_err(ImportError::write(incoming))?;
        disk::sync_dir(data).map_err(ImportError::write(data))?;
        let folder = incoming.join(plan.stage_name());
        disk::make_folders(&folder.join(BLOBS)).map_err(ImportError::write(&folder))?;
        let lock_path = folder.join(LOCK);
        let lock = File::create(&lock_path).map_err(ImportError::write(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(ImportError::Busy {
                    path: plan.source.clone(),
                });
            }
            Err(TryLockError::Error(e)) => return Err(ImportError::write(lock_path)(e)),
        }
        disk::sync_dir(incoming).map_err(ImportError::write(incoming))?;
        let stage = Self {
            folder,
            _lock: lock,
        };
        delete_stages(data, &plan.source_key, Some(stage.folder()))?;
        Ok(stage)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn index_path(&self) -> PathBuf {
        self.folder.join(INDEX)
    }

    pub(crate) fn blobs(&self) -> PathBuf {
        self.folder.join(BLOBS)
    }

    pub(crate) fn blob(&self, hash: &BlobHash) -> PathBuf {
        self.blobs().join(hash.to_string())
    }

    /// An earlier run got to the end; a manifest without its files is deleted, and the import goes on.
    pub(crate) fn is_complete(&self) -> Result<bool, ImportError> {
        let manifest = self.folder.join(MANIFEST);
        if !manifest.exists() {
            return Ok(false);
        }
        if Staged::open(&self.folder).is_ok_and(|staged| staged.is_whole().unwrap_or(false)) {
            return Ok(true);
        }
        fs::remove_file(&manifest).map_err(ImportError::write(manifest))?;
        builder::remove_database(&self.index_path())?;
        Ok(false)
    }

    /// Bytes that an earlier run left here.
    pub(crate) fn bytes(&self) -> u64 {
        let count = |folder: &Path| -> io::Result<u64> {
            fs::read_dir(folder)?
                .map(|entry| {
                    entry?
                        .metadata()
                        .map(|m| if m.is_file() { m.len() } else { 0 })
                })
                .sum()
        };
        count(&self.folder).unwrap_or(0) + count(&self.blobs()).unwrap_or(0)
    }

    /// Completes the index and writes the manifest: from here on the stage can be adopted, also after a power cut.
    pub(crate) fn complete(
        self,
        index: IndexBuilder,
        summary: &PackSummary,
    ) -> Result<PathBuf, ImportError> {
        let (hash, index_bytes) = index.finish(summary)?;
        disk::sync_dir(&self.blobs()).map_err(ImportError::write(self.blobs()))?;
        disk::sync_dir(&self.folder).map_err(ImportError::write(&self.folder))?;
        let manifest = Manifest {
            format: FORMAT,
            index: hash.to_string(),
            index_bytes,
        };
        let path = self.folder.join(MANIFEST);
        let json = serde_json::to_vec_pretty(&manifest)
            .map_err(|e| ImportError::write(&path)(e.into()))?;
        disk::write_aside(&path, &json).map_err(ImportError::write(path))?;
        Ok(self.folder.clone())
    }
}

/// Deletes the stages of a source, but for one.
pub(crate) fn delete_stages(
    data: &Path,
    source_key: &str,
    except: Option<&Path>,
) -> Result<(), ImportError> {
    let layout = Layout::new(data);
    let incoming = layout.incoming();
    let same_source = format!("{source_key}-");
    for entry in fs::read_dir(incoming).map_err(ImportError::read(incoming))? {
        let path = entry.map_err(ImportError::read(incoming))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let is_its = name.is_some_and(|name| name.starts_with(&same_source));
        if is_its && Some(path.as_path()) != except {
            fs::remove_dir_all(&path).map_err(ImportError::write(path))?;
        }
    }
    Ok(())
}
