//! Where things lie in `DATA/updates`.

use super::FileError;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// `DATA/updates`.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// Of the box on `data`. Nothing is made.
    #[must_use]
    pub fn in_data(data: &Path) -> Self {
        Self(data.join("updates"))
    }

    /// What repositories are believed by.
    #[must_use]
    pub fn trust(&self) -> PathBuf {
        self.0.join("trust")
    }

    /// What was fetched and is not installed yet.
    #[must_use]
    pub fn parcels(&self) -> PathBuf {
        self.0.join("parcels")
    }

    /// The same of packs: a system's are tidied without regard to them.
    #[must_use]
    pub fn pack_parcels(&self) -> PathBuf {
        self.0.join("pack-parcels")
    }

    /// The ledger.
    #[must_use]
    pub fn ledger(&self) -> PathBuf {
        self.0.join("ledger.json")
    }

    /// The box's random number.
    #[must_use]
    pub fn box_id(&self) -> PathBuf {
        self.0.join("box-id")
    }

    /// The repository for other boxes.
    #[must_use]
    pub fn repository(&self) -> PathBuf {
        self.0.join("repository")
    }

    /// Makes the folders that are missing.
    ///
    /// # Errors
    /// The disk.
    pub fn make(&self) -> Result<(), FileError> {
        for folder in [
            self.trust().join("roots"),
            self.parcels(),
            self.pack_parcels(),
        ] {
            make(&folder)?;
        }
        Ok(())
    }
}

/// Makes `folder` and what is missing above it, writable for its owner alone, and their names durable.
pub(super) fn make(folder: &Path) -> Result<(), FileError> {
    if folder.is_dir() {
        return Ok(());
    }
    let failed = |error| FileError::new("make", folder, error);
    DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)
        .map_err(failed)?;
    let above = folder.ancestors().skip(1).take(2);
    for one in above.filter(|one| one.is_dir()) {
        sync(one).map_err(failed)?;
    }
    Ok(())
}

/// Makes the names in `folder` durable.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The bytes of a file, at most `most`; `None` where there is none.
pub(super) fn read(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it is larger than {most} bytes")));
    }
    Ok(Some(bytes))
}

/// Removes a file, for good; that there is none is as well.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(()) => path.parent().map_or(Ok(()), sync),
    }
}
