//! A repository in a folder, as a source of updates.

use super::beneath::{BeneathError, open_in, root};
use ota::source::{Source, SourceError};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// A repository in a folder. Nothing outside it is read, whatever links or names there are in it. Nothing of it is held open between two calls, so that a stick
/// can be taken away; another one in its place is not taken for it. A read takes as long as the disk does: what is in the kernel's hands cannot be called back.
#[derive(Debug)]
pub struct FolderSource {
    folder: PathBuf,
    name: String,
    /// Device and number of the folder, once seen.
    seen: Option<(u64, u64)>,
}

impl FolderSource {
    /// Of the repository in `folder`, called `name` where people are told of it.
    #[must_use]
    pub fn new(folder: PathBuf, name: String) -> Self {
        Self {
            folder,
            name,
            seen: None,
        }
    }

    /// `None`: there is no such file, and the folder is still there.
    fn file(&mut self, name: &str) -> Result<Option<File>, SourceError> {
        let root = root(&self.folder).map_err(|error| self.failed(error))?;
        let found = root.metadata().map_err(|source| self.gone(source))?;
        let identity = (found.dev(), found.ino());
        if *self.seen.get_or_insert(identity) != identity {
            return Err(self.pulled("another one is in its place"));
        }
        match open_in(root.as_fd(), name) {
            Ok(file) => Ok(Some(file)),
            // Of a folder that is being removed everything is missing.
            Err(BeneathError::Missing) if root.metadata().is_ok_and(|found| found.nlink() > 0) => {
                Ok(None)
            }
            Err(BeneathError::Missing) => Err(self.pulled("it was removed")),
            Err(BeneathError::Name) => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn failed(&self, error: BeneathError) -> SourceError {
        match error {
            BeneathError::Folder(source) | BeneathError::Disk(source) => self.gone(source),
            BeneathError::NotPlain(step) => SourceError::Refused {
                source_name: self.name.clone(),
                answer: format!("with a link, or no plain file, at {step}"),
            },
            BeneathError::Missing | BeneathError::Name => self.pulled("it is not there"),
        }
    }

    fn pulled(&self, why: &str) -> SourceError {
        self.gone(io::Error::new(io::ErrorKind::NotFound, why))
    }

    fn gone(&self, source: io::Error) -> SourceError {
        gone(&self.name, source)
    }
}

impl Source for FolderSource {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn is_at_hand(&self) -> bool {
        true
    }

    fn metadata(&mut self, name: &str, most: u64) -> Result<Option<Vec<u8>>, SourceError> {
        // A role may be called anything; what leads into another folder is no file of metadata.
        if name.contains('/') || name.starts_with('.') {
            return Ok(None);
        }
        let Some(file) = self.file(&format!("metadata/{name}"))? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        match file.take(most.saturating_add(1)).read_to_end(&mut bytes) {
            Ok(_) => Ok(Some(bytes)),
            Err(source) => Err(self.gone(source)),
        }
    }

    fn open(
        &mut self,
        location: &str,
        from: u64,
        bytes: u64,
    ) -> Result<Box<dyn Read + '_>, SourceError> {
        let Some(mut file) = self.file(&format!("targets/{location}"))? else {
            return Err(SourceError::Missing {
                source_name: self.name.clone(),
                location: location.to_owned(),
            });
        };
        let length = file.metadata().map_err(|source| self.gone(source))?.len();
        // A place behind the end may be one that no file has at all.
        if from >= length {
            return Ok(Box::new(io::empty()));
        }
        file.seek(SeekFrom::Start(from))
            .map_err(|source| self.gone(source))?;
        Ok(Box::new(Part {
            file: file.take(bytes),
            name: &self.name,
        }))
    }
}

/// A part of a file; when the stick is pulled the reads say so.
struct Part<'a> {
    file: io::Take<File>,
    name: &'a str,
}

impl Read for Part<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let interrupted = |error: &io::Error| error.kind() == io::ErrorKind::Interrupted;
        self.file
            .read(into)
            .map_err(|error| match interrupted(&error) {
                true => error,
                false => io::Error::other(gone(self.name, error)),
            })
    }
}

fn gone(name: &str, source: io::Error) -> SourceError {
    SourceError::Gone {
        source_name: name.to_owned(),
        source,
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and opens what it likes"
)]
mod tests {
    use super::*;

    /// A folder that is opened as a file fails at its first read, as the file of a stick does that was pulled.
    #[test]
    fn a_read_that_fails_says_that_the_stick_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let mut part = Part {
            file: File::open(folder.path()).unwrap().take(10),
            name: "the stick",
        };
        let error = part.read(&mut [0; 4]).unwrap_err();
        let inside = error.downcast::<SourceError>().unwrap();
        assert!(matches!(&inside, SourceError::Gone { .. }), "{inside:?}");
        assert!(inside.is_transient());
        assert_eq!(inside.to_string(), "the stick cannot be read");
    }
}
