//! The file that a pack is made in, and the older version that it is made from.

use super::super::FileError;
use super::super::folder;
use crate::telemetry::chain;
use content_store::formats;
use content_store::library::{Content, Library, LibraryError, PackId};
use ota::delta::{ReadAt, WriteAt};
use ota::install::pack::PackFile;
use ota::{PackOffer, Wanted};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Below `DATA/incoming`; the library leaves alone what is no stage.
const OFFERED: &str = "offered";
/// Characters of an offer's hash: enough to tell a handful apart.
const SHORT: usize = 16;
/// Unit of a file's blocks, whatever the file system's own: `stat(2)`.
const BLOCK: u64 = 512;

/// A pack that is being made.
#[derive(Debug)]
pub struct Incoming {
    path: PathBuf,
    file: File,
}

impl Incoming {
    /// Of a pack that is wanted; what was made of it before a cut is still there, what was made of others is removed.
    ///
    /// # Errors
    /// The disk.
    pub fn open(data: &Path, wanted: &Wanted, offer: &PackOffer) -> Result<Self, FileError> {
        let all = data.join("incoming").join(OFFERED);
        let name = wanted.bundle.get(..SHORT).unwrap_or(&wanted.bundle);
        let own = all.join(name);
        folder::make(&own)?;
        remove_others(data, &all, name).map_err(|error| FileError::new("remove", &all, error))?;
        let path = own.join(offer.file_name());
        let opened = || {
            let new = !path.exists();
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).create(true).truncate(false);
            let file = file.open(&path)?;
            if new {
                folder::sync(&own)?;
            }
            Ok(file)
        };
        let file = opened().map_err(|error| FileError::new("write", &path, error))?;
        Ok(Self { path, file })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Nothing is being made any more. Whether there was anything.
    ///
    /// # Errors
    /// The disk.
    pub fn clear(data: &Path) -> Result<bool, FileError> {
        let all = data.join("incoming").join(OFFERED);
        if !all.exists() {
            return Ok(false);
        }
        let cleared = remove_others(data, &all, "").and_then(|()| fs::remove_dir(&all));
        cleared.map_err(|error| FileError::new("remove", &all, error))?;
        Ok(true)
    }
}

/// Removes what was made of other offers, and what their imports left: a stage is a link to the file, and would hold its room.
fn remove_others(data: &Path, all: &Path, name: &str) -> io::Result<()> {
    for entry in fs::read_dir(all)? {
        let entry = entry?;
        if entry.file_name() == name {
            continue;
        }
        for file in fs::read_dir(entry.path())? {
            if let Err(error) = formats::forget(&file?.path(), data) {
                tracing::warn!(problem = chain(&error), "ota.stage_left");
            }
        }
        fs::remove_dir_all(entry.path())?;
    }
    Ok(())
}

impl ReadAt for Incoming {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(into, at)
    }
}

impl WriteAt for Incoming {
    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, at)
    }
}

impl PackFile for Incoming {
    fn takes(&mut self) -> io::Result<u64> {
        let there = self.file.metadata()?;
        Ok((there.blocks() * BLOCK).min(there.len()))
    }

    fn resize(&mut self, bytes: u64) -> io::Result<()> {
        if self.file.metadata()?.len() != bytes {
            self.file.set_len(bytes)?;
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_all()
    }
}

/// The older version of a pack, where the library keeps it as one file.
#[derive(Debug)]
pub struct Older {
    content: Content,
    /// Its bytes.
    pub bytes: u64,
    /// Its name in the library.
    pub sha256: String,
}

impl Older {
    /// Of the pack of this id, if it is installed and is one file.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn of(library: &Library, id: &str) -> Result<Option<Self>, LibraryError> {
        let pack = PackId::new(id).and_then(|id| library.pack(&id));
        let archive = pack.map(|pack| pack.archive()).transpose()?.flatten();
        Ok(archive.map(|(sha256, bytes, content)| Self {
            content,
            bytes,
            sha256,
        }))
    }
}

impl ReadAt for Older {
    fn read_at(&mut self, mut at: u64, mut into: &mut [u8]) -> io::Result<()> {
        while !into.is_empty() {
            let came = self.content.read_at(at, into)?;
            if came == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            at += came as u64;
            into = into.get_mut(came..).unwrap_or_default();
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn offer(file: &str) -> PackOffer {
        let json = serde_json::json!({
            "format": 1, "id": "reading", "version": 3, "file": file,
            "payload": {
                "seal": { "bytes": 1, "salt": "", "root": "0".repeat(64) },
                "crown": { "location": "a", "bytes": 1, "sha256": "" },
                "blocks": { "location": "a", "bytes": 1, "sha256": "" },
                "frames": { "location": "a", "bytes": 1, "sha256": "" },
            },
        });
        serde_json::from_value(json).unwrap()
    }

    fn wanted(bundle: &str) -> Wanted {
        Wanted {
            version: 3,
            name: "reading".to_owned(),
            bundle: bundle.to_owned(),
        }
    }

    #[test]
    fn a_publishers_name_leads_nowhere_else() {
        for (said, name) in [
            ("reading.zip", "reading.zip"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("..", "pack"),
            ("", "pack"),
            ("livre d'été.zim", "livre_d__t_.zim"),
        ] {
            assert_eq!(offer(said).file_name(), name);
        }
    }

    #[test]
    fn what_was_made_of_another_offer_is_removed() {
        let data = tempfile::tempdir().unwrap();
        let (one, two) = (wanted(&"1".repeat(64)), wanted(&"2".repeat(64)));
        let mut first = Incoming::open(data.path(), &one, &offer("a.zim")).unwrap();
        first.resize(8192).unwrap();
        assert_eq!(first.takes().unwrap(), 0, "nothing is written yet");
        first.write_at(4096, &[7; 4096]).unwrap();
        first.sync().unwrap();
        let path = first.path().to_owned();
        let mut again = Incoming::open(data.path(), &one, &offer("a.zim")).unwrap();
        let mut byte = [0];
        again.read_at(5000, &mut byte).unwrap();
        assert_eq!((byte, again.takes().unwrap()), ([7], 4096));
        let _second = Incoming::open(data.path(), &two, &offer("b.zim")).unwrap();
        assert!(!path.exists());
        assert!(Incoming::clear(data.path()).unwrap());
        assert!(!Incoming::clear(data.path()).unwrap());
        assert!(!data.path().join("incoming/offered").exists());
    }
}
