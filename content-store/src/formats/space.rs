//! Room on the disk: asked before the first byte and again while copying.

use super::error::ImportError;
use crate::disk;
use std::path::{Path, PathBuf};

/// Between two looks at the disk while copying, bytes.
const EVERY: u64 = 16 << 20;

/// Keeps an import from taking the last bytes.
#[derive(Debug)]
pub(crate) struct Space {
    folder: PathBuf,
    keep_free: u64,
    since: u64,
}

impl Space {
    pub(crate) fn new(folder: &Path, keep_free: u64) -> Self {
        Self {
            folder: folder.to_owned(),
            keep_free,
            since: 0,
        }
    }

    /// Refuses when `wanted` more bytes would leave less than must stay free.
    pub(crate) fn ask(&self, wanted: u64) -> Result<(), ImportError> {
        let free = disk::free_bytes(&self.folder).map_err(ImportError::write(&self.folder))?;
        match wanted.saturating_add(self.keep_free).saturating_sub(free) {
            0 => Ok(()),
            missing => Err(ImportError::NoSpace { missing }),
        }
    }

    /// Counts `bytes` about to be written and looks at the disk now and then.
    pub(crate) fn spend(&mut self, bytes: u64) -> Result<(), ImportError> {
        self.since += bytes;
        if self.since < EVERY {
            return Ok(());
        }
        self.since = 0;
        self.ask(EVERY)
    }
}
