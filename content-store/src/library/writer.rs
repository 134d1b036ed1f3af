//! The one thread that changes the library.
//!
//! | step of `adopt` | durable effect | after a power cut here |
//! |---|---|---|
//! | 1 mark | the catalogue says: unsettled | nothing new is visible; the mark is cleared at the next start |
//! | 2 link blobs, sync folders | files nobody names | swept at the next start; the stage is still whole |
//! | 3 link index, sync folder | one more such file | same |
//! | 4 **commit** the row | the pack is installed, its older version is not | the pack is there; leftovers are swept |
//! | 5 delete the stage, sweep, clear the mark | room on the disk | the rest is swept |
//!
//! Files are linked, not moved, so that a stage stays whole until its pack is committed and a cut costs no second copy.

use super::catalogue::{Catalogue, Installed};
use super::error::LibraryError;
use super::hash::BlobHash;
use super::index::Index;
use super::model::{PackId, PackSummary};
use super::shared::Shared;
use super::staged::{self, Staged};
use super::sweep;
use crate::disk;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

type Reply<T> = SyncSender<Result<T, LibraryError>>;

/// What the thread is asked to do.
#[derive(Debug)]
pub(crate) enum Job {
    Adopt(PathBuf, Reply<PackSummary>),
    Remove(PackId, Reply<PackSummary>),
    /// Answers when everything asked before is done.
    Settle(Reply<()>),
}

/// State of the thread.
pub(crate) struct Writer {
    pub(crate) catalogue: Catalogue,
    pub(crate) shared: Arc<Shared>,
    pub(crate) keep_free: u64,
    /// A sync failed: nothing more is written by this process.
    pub(crate) stopped: bool,
}

impl Writer {
    /// Serves jobs until every handle is gone. A reader who went away needs no answer.
    pub(crate) fn run(mut self, jobs: &Receiver<Job>) {
        self.settle_leftovers();
        while let Ok(job) = jobs.recv() {
            match job {
                Job::Adopt(stage, reply) => drop(reply.send(self.guarded(|w| w.adopt(&stage)))),
                Job::Remove(id, reply) => drop(reply.send(self.guarded(|w| w.remove(&id)))),
                Job::Settle(reply) => drop(reply.send(Ok(()))),
            }
        }
    }

    fn guarded<T>(
        &mut self,
        job: impl FnOnce(&mut Self) -> Result<T, LibraryError>,
    ) -> Result<T, LibraryError> {
        if self.stopped {
            return Err(LibraryError::Stopped);
        }
        let done = job(self);
        if done.as_ref().is_err_and(LibraryError::is_fatal) {
            self.stopped = true;
        }
        done
    }

    fn adopt(&mut self, stage: &Path) -> Result<PackSummary, LibraryError> {
        let name = self.stage_name(stage)?;
        if let Some(done) = self.already_adopted(stage, &name)? {
            return Ok(done);
        }
        self.refuse_when_full()?;
        let staged = Staged::open(stage)?;
        let index = Index::open(&staged.index_path())?;
        let mut summary = index.summary()?;
        summary.bytes = index.content_bytes()?.saturating_add(staged.index_bytes);

        self.catalogue.set_unsettled(true)?;
        self.shared.step()?;
        let pack = Installed {
            summary: summary.clone(),
            index: staged.index_hash,
            index_bytes: staged.index_bytes,
            stage: name,
        };
        #[cfg(test)]
        if self
            .shared
            .commit_early
            .load(std::sync::atomic::Ordering::SeqCst)
        {
            self.catalogue.install(&pack)?;
        }
        self.link_blobs(&staged, &index)?;
        drop(index);
        self.link_index(&staged)?;
        // Opened before it is committed: what cannot be served is not installed.
        self.shared.try_open(&pack)?;
        self.catalogue.install(&pack)?;
        self.shared.step()?;
        self.shared.publish(&self.catalogue.installed()?);
        if let Err(error) = fs::remove_dir_all(stage) {
            tracing::warn!(event = "library.stage_left", stage = %stage.display(), %error);
        }
        self.settle_leftovers();
        Ok(summary)
    }

    /// The stage's name, once it is sure that it is a folder of `DATA/incoming`.
    fn stage_name(&self, stage: &Path) -> Result<String, LibraryError> {
        let wrong = |what: &str| LibraryError::NotStaged {
            path: stage.to_owned(),
            what: what.to_owned(),
        };
        let incoming = self.shared.layout.incoming();
        let parent = stage.parent().and_then(|p| fs::canonicalize(p).ok());
        let inside = parent.is_some() && parent == fs::canonicalize(incoming).ok();
        match stage.file_name().and_then(|n| n.to_str()) {
            Some(name) if inside => Ok(name.to_owned()),
            _ => Err(wrong("it does not lie in the data's incoming folder")),
        }
    }

    /// The box may have been cut off after the commit and before the answer; then the stage is gone and its pack is there.
    fn already_adopted(
        &self,
        stage: &Path,
        name: &str,
    ) -> Result<Option<PackSummary>, LibraryError> {
        match fs::symlink_metadata(stage) {
            Ok(found) if found.is_dir() => Ok(None),
            Ok(_) => Err(LibraryError::NotStaged {
                path: stage.to_owned(),
                what: "it is no folder".to_owned(),
            }),
            Err(_) => {
                let pack = self
                    .catalogue
                    .installed()?
                    .into_iter()
                    .find(|pack| pack.stage == name);
                let missing = || LibraryError::NotStaged {
                    path: stage.to_owned(),
                    what: "it does not exist".to_owned(),
                };
                pack.map(|pack| Some(pack.summary)).ok_or_else(missing)
            }
        }
    }

    /// Taking in needs next to no room, for the content is on the disk already. Half of the reserve is demanded rather than all of
    /// it, so that what others wrote during a long import does not turn it away at the end.
    fn refuse_when_full(&self) -> Result<(), LibraryError> {
        let path = self.shared.layout.library();
        let free =
            disk::free_bytes(path).map_err(LibraryError::io("ask for free space at", path))?;
        match (self.keep_free / 2).saturating_sub(free) {
            0 => Ok(()),
            missing => Err(LibraryError::Full { missing }),
        }
    }

    fn link_blobs(&self, staged: &Staged, index: &Index) -> Result<(), LibraryError> {
        let layout = &self.shared.layout;
        let mut touched = BTreeSet::new();
        index.blobs(None, |hash, bytes| {
            let shard = layout.shard(&hash);
            if !touched.contains(&shard) {
                make_folder(&shard)?;
                touched.insert(shard);
            }
            place(&staged.blob_path(&hash), &layout.blob(&hash), bytes)?;
            self.shared.step()
        })?;
        touched.insert(layout.blobs());
        for folder in &touched {
            disk::sync_dir(folder).map_err(LibraryError::sync(folder))?;
        }
        self.shared.step()
    }

    /// After the blobs, so that an index that is there means a pack that is whole.
    fn link_index(&self, staged: &Staged) -> Result<(), LibraryError> {
        let layout = &self.shared.layout;
        place(
            &staged.index_path(),
            &layout.index(&staged.index_hash),
            staged.index_bytes,
        )?;
        self.shared.step()?;
        disk::sync_dir(&layout.indexes()).map_err(LibraryError::sync(layout.indexes()))?;
        self.shared.step()
    }

    fn remove(&mut self, id: &PackId) -> Result<PackSummary, LibraryError> {
        let installed = self.catalogue.installed()?;
        let gone = installed
            .into_iter()
            .find(|pack| pack.summary.id == *id)
            .ok_or_else(|| LibraryError::NotInstalled { id: id.clone() })?;
        self.catalogue.remove(id)?;
        self.shared.step()?;
        self.shared.publish(&self.catalogue.installed()?);
        self.settle_leftovers();
        Ok(gone.summary)
    }

    /// Deletes what a finished or interrupted change left. A failure leaves the mark, and the next change or start tries again.
    fn settle_leftovers(&mut self) {
        let settle = |writer: &Self| -> Result<(), LibraryError> {
            if writer.catalogue.unsettled()? {
                writer.shared.step()?;
                sweep::sweep(
                    &writer.shared.layout,
                    &writer.catalogue.installed()?,
                    &|| writer.shared.step(),
                )?;
                writer.catalogue.set_unsettled(false)?;
            }
            Ok(())
        };
        if let Err(error) = settle(self) {
            self.stopped |= error.is_fatal();
            tracing::warn!(event = "library.leftovers", %error);
        }
    }
}

/// The stages of `incoming` whose packs are installed.
pub(crate) fn is_adopted(stage: &Path, installed: &BTreeSet<BlobHash>) -> bool {
    staged::read_manifest(stage)
        .and_then(|manifest| BlobHash::from_hex(&manifest.index))
        .is_some_and(|hash| installed.contains(&hash))
}

pub(crate) fn make_folder(folder: &Path) -> Result<(), LibraryError> {
    disk::make_folders(folder).map_err(LibraryError::io("make", folder))
}

/// Gives the file `from` the name `to` as well. An older file of that name is replaced: it has the same hash in its name, and if it
/// was damaged the new one heals it.
fn place(from: &Path, to: &Path, bytes: u64) -> Result<(), LibraryError> {
    if !staged::is_file_of(from, bytes) {
        // Without links the file was moved before a cut.
        if staged::is_file_of(to, bytes) {
            return Ok(());
        }
        let what = "a file is missing or has another length".to_owned();
        return Err(LibraryError::NotStaged {
            path: from.to_owned(),
            what,
        });
    }
    let linked = match fs::hard_link(from, to) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => relink(from, to),
        // File systems without links.
        Err(e) if e.kind() != io::ErrorKind::StorageFull => fs::rename(from, to),
        linked => linked,
    };
    linked.map_err(LibraryError::io("place", to))
}

fn relink(from: &Path, to: &Path) -> io::Result<()> {
    let (new, old) = (fs::metadata(from)?, fs::symlink_metadata(to)?);
    if (new.dev(), new.ino()) == (old.dev(), old.ino()) {
        return Ok(());
    }
    let mut aside = to.as_os_str().to_owned();
    aside.push(".new");
    match fs::remove_file(&aside) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        Ok(()) | Err(_) => {}
    }
    fs::hard_link(from, &aside)?;
    fs::rename(&aside, to)
}
