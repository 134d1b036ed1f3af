//! What a disk took, kept to be cut at any point.

use super::log::Log;
use super::lying::{Position, position_in};
use anyhow::{Context as _, Result};
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Everything that a disk took, from its making to the moment the plug was pulled.
#[derive(Debug)]
pub struct Recording {
    log: Log,
    end: Position,
    dir: TempDir,
}

impl Recording {
    /// Of a folder with `base.img`, the disk before, and `blocks.log`, whose writer has ended.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(crate) fn read(dir: TempDir) -> Result<Self> {
        let end = position_in(&dir.path().join("blocks.log"))?;
        Self::until(end, dir)
    }

    /// The same, as if nothing had come after `end`.
    pub(super) fn until(end: Position, dir: TempDir) -> Result<Self> {
        let log = Log::open(&dir.path().join("blocks.log"))?;
        Ok(Self { log, end, dir })
    }

    /// What happened to `len` bytes of the disk from `start`, as a disk of its own: every [`Position`] means the same moment.
    ///
    /// # Errors
    /// When the disk cannot be read, or a write or discard lies across an edge of the range.
    pub fn within(&self, start: u64, len: u64) -> Result<Self> {
        let dir = tempfile::tempdir().context("no place for a part of a recording")?;
        let mut bytes = vec![0; usize::try_from(len).context("a range beyond memory")?];
        File::open(self.base())
            .and_then(|base| base.read_exact_at(&mut bytes, start))
            .context("the disk as it was made cannot be read")?;
        File::create(dir.path().join("base.img"))
            .and_then(|mut base| base.write_all(&bytes))
            .context("no place for a part of a recording")?;
        Ok(Self {
            log: self.log.within(start, len)?,
            end: self.end,
            dir,
        })
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The moment the plug was pulled.
    #[must_use]
    pub fn end(&self) -> Position {
        self.end
    }

    /// The disk as it was made, before the first entry of the log.
    #[must_use]
    pub fn base(&self) -> PathBuf {
        self.dir.path().join("base.img")
    }

    /// A folder for images, removed with the recording.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        self.dir.path()
    }
}
