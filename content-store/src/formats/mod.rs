//! Turns an input into a staged pack: one module per kind of input.
//!
//! ```text
//! source ─► plan ─► ImportPlan          reads only: what, how much, does it fit
//!                     │
//!                   stage ─► DATA/incoming/<stage>/  ─► Library::adopt
//! ```
//! [`stage`] may run in a process of its own beside a running box. It needs a bounded amount of memory, and after a cut at any point the
//! next run goes on where the last one had synced.

mod builder;
mod error;
mod folder;
mod html;
mod mime;
mod space;
mod staging;
pub mod zim;

pub use error::ImportError;

use crate::library::hash::BlobHash;
use crate::library::index::FORMAT;
use crate::library::{PackId, PackKind};
use space::Space;
use staging::Stage;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What an import will do, known before the first byte is copied.
#[derive(Debug, Clone)]
pub struct ImportPlan {
    /// The canonical path of the input.
    pub source: PathBuf,
    /// What it was recognised as.
    pub kind: PackKind,
    /// The pack it becomes; an installed pack of this name is replaced.
    pub id: PackId,
    /// The pack's title.
    pub title: String,
    /// Bytes that will be copied.
    pub copy_bytes: u64,
    /// Free bytes needed on the data disk, index included (an upper estimate).
    pub needed_bytes: u64,
    /// Lines about files that are left out (links, names that are not UTF-8), at most 20.
    pub notes: Vec<String>,
    /// Nobody writes to the source any more and it lies on the data disk: an archive is linked instead of copied. [`plan`] says no.
    pub owned: bool,
    /// Names the source, whatever its state.
    pub(crate) source_key: String,
    /// Names the state of the source: lengths and times of change.
    pub(crate) state_key: String,
}

impl ImportPlan {
    /// Bytes that staging takes from the disk. What is linked takes none: where a file system has no links, the copy is refused in time by its own look
    /// at the room.
    fn new_bytes(&self) -> u64 {
        match (self.owned, self.kind) {
            (true, PackKind::Zim) => self.needed_bytes.saturating_sub(self.copy_bytes),
            (true, PackKind::Folder) | (false, _) => self.needed_bytes,
        }
    }

    /// The same source in the same state finds its unfinished stage again.
    pub(crate) fn stage_name(&self) -> String {
        format!("{}-{}", self.source_key, self.state_key)
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy)]
pub struct ImportProgress {
    /// `copying`, `checking`, `indexing`: a word for the person.
    pub phase: &'static str,
    /// Bytes or entries done, of `total`.
    pub done: u64,
    /// Bytes or entries of this phase.
    pub total: u64,
}

/// Tells the caller how far it is.
pub(crate) type Progress<'a> = &'a mut dyn FnMut(ImportProgress);

/// Looks at `source` (a ZIM file or a folder with `index.html`) without writing anything.
///
/// # Errors
/// When it is neither, cannot be read, or is damaged so that it shows from its tables.
pub fn plan(source: &Path) -> Result<ImportPlan, ImportError> {
    let path = fs::canonicalize(source).map_err(ImportError::read(source))?;
    let found = fs::metadata(&path).map_err(ImportError::read(&path))?;
    if found.is_dir() {
        folder::plan(&path)
    } else if found.is_file() {
        zim::import::plan(&path)
    } else {
        Err(ImportError::NotImportable { path })
    }
}

/// Copies and indexes under `data/incoming`, resuming what a cut left there; answers the staged folder for [`crate::library::Library::adopt`].
/// Refuses when the disk would keep less than `keep_free` bytes, naming the bytes that are missing.
///
/// # Errors
/// One line that says what is wrong on which file; what was staged so far stays for the next run unless the source is at fault.
pub fn stage(
    plan: &ImportPlan,
    data: &Path,
    keep_free: u64,
    progress: &mut dyn FnMut(ImportProgress),
) -> Result<PathBuf, ImportError> {
    let stage = Stage::open(plan, data)?;
    if stage.is_complete()? {
        return Ok(stage.folder().to_owned());
    }
    let mut space = Space::new(stage.folder(), keep_free);
    let refused = space.ask(plan.new_bytes().saturating_sub(stage.bytes()));
    let staged = refused.and_then(|()| match plan.kind {
        PackKind::Zim => zim::import::fill(plan, &stage, &mut space, progress),
        PackKind::Folder => folder::fill(plan, &stage, &mut space, progress),
    });
    match staged {
        Ok((index, summary)) => stage.complete(index, &summary),
        Err(error) => {
            // A damaged source will not be resumed, and an empty stage helps nobody.
            if error.is_corrupt()
                || (error.is_full() && !stage.index_path().exists() && stage.bytes() == 0)
            {
                let _ = fs::remove_dir_all(stage.folder());
            }
            Err(error)
        }
    }
}

/// Deletes what imports of `source`, which is still there, left unfinished: its owner has no more use for it.
///
/// # Errors
/// When the disk fails.
pub fn forget(source: &Path, data: &Path) -> Result<(), ImportError> {
    let path = fs::canonicalize(source).map_err(ImportError::read(source))?;
    staging::delete_stages(data, &source_key(&path), None)
}

fn source_key(source: &Path) -> String {
    short(&BlobHash::of(source.as_os_str().as_bytes()))
}

/// 64 bits of a hash: enough to tell a handful of stages apart.
fn short(hash: &BlobHash) -> String {
    format!("{hash:.16}")
}

/// Names a version of a pack by all that it is made of.
fn version(kind: PackKind, id: &PackId, content: &BlobHash) -> String {
    BlobHash::of(
        format!(
            "school-box pack {FORMAT}\n{}\n{id}\n{content}\n",
            kind.as_str()
        )
        .as_bytes(),
    )
    .to_string()
}
