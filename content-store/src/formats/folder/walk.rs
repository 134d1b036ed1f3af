//! Every file of a folder, always in the same order, never outside it.

use super::super::error::ImportError;
use sha2::{Digest, Sha256};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Files a pack may have.
const FILES_MAX: u64 = 1_000_000;
/// Bytes of a path inside a pack.
const PATH_MAX: usize = 1024;
/// Folders inside folders.
const DEPTH_MAX: usize = 64;

/// A regular file below the folder.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// With `/` between the parts, without a leading one.
    pub(crate) relative: String,
    pub(crate) bytes: u64,
    /// Time of the last change, ns since the epoch of its file system; compared, never interpreted.
    pub(crate) changed: i64,
}

impl Found {
    /// Adds it to what names the state of the folder.
    pub(crate) fn enter(&self, state: &mut Sha256) {
        state.update(self.relative.as_bytes());
        state.update([0]);
        state.update(self.bytes.to_le_bytes());
        state.update(self.changed.to_le_bytes());
    }
}

/// Calls `each` for every file, folder by folder in order of names; `note` gets a line for what is left out on purpose.
///
/// Hidden files (a leading dot) are left out silently.
pub(crate) fn walk(
    root: &Path,
    note: &mut dyn FnMut(String),
    each: &mut dyn FnMut(&Found) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    Walk {
        root,
        note,
        each,
        files: 0,
    }
    .folder(root, "", 0)
}

struct Walk<'a> {
    root: &'a Path,
    note: &'a mut dyn FnMut(String),
    each: &'a mut dyn FnMut(&Found) -> Result<(), ImportError>,
    files: u64,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<(), ImportError> {
        if depth > DEPTH_MAX {
            return Err(self.unfit(format!(
                "`{prefix}` lies more than {DEPTH_MAX} folders deep"
            )));
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).map_err(ImportError::read(folder))? {
            names.push(entry.map_err(ImportError::read(folder))?.file_name());
        }
        names.sort_unstable();
        for name in names {
            let path = folder.join(&name);
            let Some(name) = name.to_str() else {
                (self.note)(format!(
                    "left out: {} (its name is no UTF-8)",
                    path.display()
                ));
                continue;
            };
            if !name.starts_with('.') {
                self.entry(path, format!("{prefix}{name}"), depth)?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, path: PathBuf, relative: String, depth: usize) -> Result<(), ImportError> {
        // Of the entry itself: a link is never followed.
        let found = fs::symlink_metadata(&path).map_err(ImportError::read(&path))?;
        if found.is_dir() {
            return self.folder(&path, &format!("{relative}/"), depth + 1);
        }
        if !found.is_file() {
            let what = if found.is_symlink() {
                "a link"
            } else {
                "no regular file"
            };
            (self.note)(format!("left out: {relative} (it is {what})"));
            return Ok(());
        }
        if relative.len() > PATH_MAX {
            return Err(self.unfit(format!("`{relative}` is longer than {PATH_MAX} bytes")));
        }
        self.files += 1;
        if self.files > FILES_MAX {
            return Err(self.unfit(format!("it has more than {FILES_MAX} files")));
        }
        let changed = found
            .mtime()
            .wrapping_mul(1_000_000_000)
            .wrapping_add(found.mtime_nsec());
        (self.each)(&Found {
            path,
            relative,
            bytes: found.len(),
            changed,
        })
    }

    fn unfit(&self, what: String) -> ImportError {
        ImportError::Unfit {
            path: self.root.to_owned(),
            what,
        }
    }
}
