//! The library: packs, catalogue, search, blobs.
//!
//! ```text
//! DATA/library/library.db        the catalogue: one row a pack            (rebuilt from the indexes when it is damaged)
//! DATA/library/indexes/<hash>    a pack's index: summary, paths, words    (SQLite, immutable)
//! DATA/library/blobs/ab/<hash>   content by SHA-256                       (immutable, shared between packs)
//! DATA/incoming/<stage>/         what imports prepare, see [`crate::formats`]
//!
//! requests ─► Library ─► Snapshot ─► Pack ─► Index ─► Content          readers: no lock is held across a read
//! adopt, remove ─► one writer thread ─► catalogue ─► new Snapshot      the commit of the row is the commit point
//! ```

mod catalogue;
mod clusters;
mod content;
mod error;
pub(crate) mod hash;
pub(crate) mod index;
mod layout;
mod model;
mod pack;
mod search;
mod shared;
pub(crate) mod staged;
mod sweep;
mod verify;
pub(crate) mod words;
mod writer;

#[cfg(test)]
mod generations_tests;
#[cfg(test)]
mod power_cut_tests;

pub use content::Content;
pub use error::LibraryError;
pub use model::{Hit, LibraryOptions, PackId, PackKind, PackSummary, Parts, Sampled, VerifyReport};
pub use pack::{Entry, Lookup, Pack};

pub(crate) use layout::Layout;

use catalogue::Catalogue;
use shared::Shared;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use writer::{Job, Writer};

/// Changes waiting for the writer; whoever asks for more waits.
const JOBS: usize = 8;

/// The library of one box: a cloneable handle; one writer thread behind it, readers of their own.
///
/// The thread ends when the last handle is dropped, which waits for it.
#[derive(Debug, Clone)]
pub struct Library(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    /// Emptied by `drop`, which ends the thread.
    jobs: Option<SyncSender<Job>>,
    writer: Option<JoinHandle<()>>,
    /// Reads the catalogue for [`Library::probe`].
    probe: Mutex<Option<rusqlite::Connection>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Before the writer's connection, which then is the last one and folds the journal into the file.
        *self.probe.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
        drop(self.jobs.take());
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!(event = "library.writer_panicked");
        }
    }
}

impl Library {
    /// Opens or makes the library under `data` (`DATA/library`, `DATA/incoming`). The caller holds the data's lock.
    ///
    /// Leftovers of an interrupted change are deleted in the background. A damaged catalogue is put aside and rebuilt.
    ///
    /// # Errors
    /// When folders cannot be made or the catalogue can neither be read nor rebuilt. A pack that cannot be opened is no error: it is
    /// left out of [`Library::packs`], and [`Library::verify`] names it.
    pub fn open(data: &Path, options: LibraryOptions) -> Result<Self, LibraryError> {
        let layout = Layout::new(data);
        for folder in [
            layout.library(),
            layout.incoming(),
            &layout.blobs(),
            &layout.indexes(),
        ] {
            crate::disk::make_folders(folder).map_err(LibraryError::io("make", folder))?;
        }
        for folder in [data, layout.library()] {
            crate::disk::sync_dir(folder).map_err(LibraryError::sync(folder))?;
        }
        let catalogue = Catalogue::open(&layout)?;
        let path = layout.catalogue();
        let probe =
            crate::sqlite::open_reader(&path).map_err(LibraryError::sqlite("open", path))?;
        let shared = Arc::new(Shared::new(layout));
        shared.publish(&catalogue.installed()?);
        let (jobs, queue) = mpsc::sync_channel(JOBS);
        let writer = Writer {
            catalogue,
            shared: Arc::clone(&shared),
            keep_free: options.keep_free,
            stopped: false,
        };
        let writer = thread::Builder::new()
            .name("library-writer".to_owned())
            .spawn(move || writer.run(&queue))
            .map_err(LibraryError::io("start the writer of", data))?;
        Ok(Self(Arc::new(Inner {
            shared,
            jobs: Some(jobs),
            writer: Some(writer),
            probe: Mutex::new(Some(probe)),
        })))
    }

    /// The catalogue, sorted by title; cheap (an `Arc` clone of the current snapshot).
    #[must_use]
    pub fn packs(&self) -> Arc<[PackSummary]> {
        Arc::clone(&self.0.shared.snapshot().summaries)
    }

    /// An installed pack, to read from; it stays readable while it is held, even when it is replaced.
    #[must_use]
    pub fn pack(&self, id: &PackId) -> Option<Arc<Pack>> {
        self.0.shared.snapshot().packs.get(id).cloned()
    }

    /// Over titles and text of every pack, best first. Any text is a valid query: all its words must occur, the last one may be the
    /// beginning of a word. At most the first 500 results can be reached.
    ///
    /// # Errors
    /// When no pack's index can be read; a single one that cannot is left out.
    pub fn search(
        &self,
        query: &str,
        limit: usize,
        offset: usize,
    ) -> Result<Vec<Hit>, LibraryError> {
        search::search(&self.0.shared.snapshot(), query, limit, offset)
    }

    /// Takes in a pack that [`crate::formats::stage`] left under `DATA/incoming`, in one commit. Replaces an older version of the
    /// same id. Asking again for a stage that was taken in already is answered as the first time.
    ///
    /// # Errors
    /// When the folder is no complete stage, or the disk fails; then nothing has changed.
    pub fn adopt(&self, staged: &Path) -> Result<PackSummary, LibraryError> {
        self.ask(|reply| Job::Adopt(staged.to_owned(), reply))
    }

    /// Reads every blob and compares its hash; `progress(done_bytes, total_bytes)`.
    ///
    /// # Errors
    /// When the check itself cannot go on; what is wrong with a blob is a line of the report.
    pub fn verify(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<VerifyReport, LibraryError> {
        verify::verify(&self.0.shared, progress)
    }

    /// As [`Library::verify`], for as long as `go_on(done_bytes, total_bytes)` says yes, which is asked after each blob: the indexes first, then `parts`. Who
    /// begins elsewhere each time has read all of it in the end. `stop` is asked all the time, and ends it in the middle of a blob, which may be a whole
    /// library of its own: that one has its turn again.
    ///
    /// # Errors
    /// As [`Library::verify`].
    pub fn verify_some(
        &self,
        parts: Parts,
        stop: &dyn Fn() -> bool,
        go_on: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<Sampled, LibraryError> {
        verify::verify_some(&self.0.shared, parts, stop, go_on)
    }

    /// Takes a pack out of the catalogue in one commit and deletes the blobs that no other pack has; answers what it was.
    ///
    /// # Errors
    /// When there is no such pack, or the disk fails.
    pub fn remove(&self, id: &PackId) -> Result<PackSummary, LibraryError> {
        self.ask(|reply| Job::Remove(id.clone(), reply))
    }

    /// Waits until everything asked before, and the sweep after opening, is done.
    ///
    /// # Errors
    /// When the writer thread is gone.
    pub fn settle(&self) -> Result<(), LibraryError> {
        self.ask(Job::Settle)
    }

    /// Answers when the catalogue can be read: for `/healthz`. Never waits for an import.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub fn probe(&self) -> Result<(), LibraryError> {
        let probe = self.0.probe.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = probe.as_ref().ok_or(LibraryError::Stopped)?;
        let path: PathBuf = self.0.shared.layout.catalogue();
        connection
            .query_row("SELECT count(*) FROM packs", [], |row| row.get::<_, i64>(0))
            .map(drop)
            .map_err(LibraryError::sqlite("read", path))
    }

    fn ask<T>(
        &self,
        job: impl FnOnce(SyncSender<Result<T, LibraryError>>) -> Job,
    ) -> Result<T, LibraryError> {
        let (reply, answer) = mpsc::sync_channel(1);
        let jobs = self.0.jobs.as_ref().ok_or(LibraryError::Stopped)?;
        jobs.send(job(reply)).map_err(|_| LibraryError::Stopped)?;
        answer.recv().map_err(|_| LibraryError::Stopped)?
    }

    /// The steps left until the simulated power cut; 1 when it has happened.
    #[cfg(test)]
    pub(crate) fn steps_left(&self) -> u64 {
        self.0
            .shared
            .cut_after
            .load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Breaks the order of writes on purpose: the control of the power-cut tests.
    #[cfg(test)]
    pub(crate) fn commit_too_early(&self) {
        self.0
            .shared
            .commit_early
            .store(true, std::sync::atomic::Ordering::SeqCst);
    }

    #[cfg(test)]
    pub(crate) fn cut_after(&self, steps: u64) {
        self.0
            .shared
            .cut_after
            .store(steps, std::sync::atomic::Ordering::SeqCst);
    }
}
