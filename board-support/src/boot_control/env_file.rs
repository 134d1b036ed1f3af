//! The boot choice in a file, whichever of its two forms that has: the text of a simulated board, or an image of U-Boot's two copies.

use super::env_text::{decode, encode};
use super::sectors::{Disk, Sectors};
use super::uboot::{COPY_BYTES, RedundantEnv};
use crate::files::{read_bytes, replace_durably};
use ota::{BootChoice, BootError};
use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

/// A block device, or a file of at least two copies, is U-Boot's; any other is text.
#[derive(Debug, Clone)]
pub struct EnvFile {
    path: PathBuf,
}

impl EnvFile {
    /// The file at `path`, which need not be there.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn raw(&self) -> Option<RedundantEnv<Disk>> {
        let disk = Disk::at(&self.path);
        let device = std::fs::metadata(&self.path).is_ok_and(|m| m.file_type().is_block_device());
        let large = disk.size().is_ok_and(|size| size >= 2 * COPY_BYTES as u64);
        (device || large).then(|| RedundantEnv::on(disk))
    }

    /// The count of changes and the choice.
    ///
    /// # Errors
    /// [`BootError::Read`], [`BootError::Damaged`].
    pub fn load(&self) -> Result<(u32, BootChoice), BootError> {
        if let Some(raw) = self.raw() {
            return raw.load();
        }
        let place = || self.path.display().to_string();
        let bytes = read_bytes(&self.path).map_err(|source| BootError::Read {
            place: place(),
            source,
        })?;
        decode(&bytes).map_err(|why| BootError::Damaged {
            place: place(),
            why: why.to_owned(),
        })
    }

    /// Stores `choice` in one atomic, synced step; the same again writes nothing.
    ///
    /// # Errors
    /// [`BootError::Read`], [`BootError::Write`].
    pub fn store(&self, choice: BootChoice) -> Result<(), BootError> {
        if let Some(mut raw) = self.raw() {
            return raw.store(choice);
        }
        let generation = match self.load() {
            Ok((_, stored)) if stored == choice => return Ok(()),
            Ok((generation, _)) => generation,
            // Nothing worth keeping is there.
            Err(BootError::Damaged { .. }) => 0,
            Err(BootError::Read { source, .. }) if source.kind() == ErrorKind::NotFound => 0,
            Err(other) => return Err(other),
        };
        let text = encode(generation.wrapping_add(1), choice);
        replace_durably(&self.path, text.as_bytes()).map_err(|source| BootError::Write {
            place: self.path.display().to_string(),
            source,
        })
    }
}
