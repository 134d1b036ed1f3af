//! The library and the records of one data folder, opened together under the folder's lock: one writer, always.

use crate::config::Programme;
use crate::erase::handover;
use crate::outgoing;
use crate::report;
use crate::telemetry::chain;
use board_support::key_store::FileKeys;
use content_store::disk::{self, Room};
use content_store::library::{Library, LibraryError, LibraryOptions};
use content_store::records::{Durability, Records, RecordsError, RecordsOptions};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// The lock's name in the data folder.
const LOCK: &str = "lock";

/// Why a data folder can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoresError {
    /// The folder or its lock file can't be made.
    #[error("data folder {} cannot be used; give a folder that this user may write with --data", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process holds the lock.
    #[error("data folder {} is in use by another process that does not answer; stop it, or try again in a moment", .path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The library.
    #[error("the library in {} cannot be opened", .path.display())]
    Library {
        /// The data folder.
        path: PathBuf,
        /// Why.
        source: Box<LibraryError>,
    },
    /// The records.
    #[error("the records in {} cannot be opened", .path.display())]
    Records {
        /// The data folder.
        path: PathBuf,
        /// Why.
        source: Box<RecordsError>,
    },
}

/// A cloneable handle on both stores; the lock is held while any clone lives.
#[derive(Clone)]
pub struct Stores {
    inner: Arc<Inner>,
    closed: Arc<Mutex<Receiver<()>>>,
}

struct Inner {
    data: PathBuf,
    keep_free: u64,
    library: Library,
    records: Records,
    library_lost: OnceLock<String>,
    programme: Programme,
    /// See [`Stores::box_id`]; `None`: it was not asked for yet, or there was none.
    box_id: Mutex<Option<String>>,
    /// See [`FileKeys::stale_copy`].
    stale_key: Mutex<Option<PathBuf>>,
    _lock: Flock<File>,
    /// Dropped last.
    _closing: Sender<()>,
}

impl Stores {
    /// Closes them in order. Whoever else still holds them, a thread that was told to end, has so long to let go: the last to do so closes the
    /// library, and must not be overtaken by the end of the process.
    pub fn close(self, others_take_at_most: Duration) {
        self.records().close();
        let closed = Arc::clone(&self.closed);
        drop(self);
        if let Ok(closed) = closed.lock() {
            // Nothing is ever sent: what ends the wait is that the other end is gone.
            let _ = closed.recv_timeout(others_take_at_most);
        }
    }

    /// Opens or makes both stores under `data`.
    ///
    /// # Errors
    /// [`StoresError`]: the folder, its lock, or a store.
    pub fn open(data: &Path, config: &crate::config::Config) -> Result<Self, StoresError> {
        let lock = lock(data)?;
        outgoing::clear(data);
        let path = || data.to_owned();
        Records::make_room(data);
        let options = LibraryOptions {
            keep_free: config.keep_free_bytes,
        };
        let library = Library::open(data, options).map_err(|source| StoresError::Library {
            path: path(),
            source: Box::new(source),
        })?;
        let options = RecordsOptions {
            durability: Durability::Full,
            reserve_bytes: config.records_reserve_bytes,
            traces: traces(data),
            finishing: handover::left_by_a_cut(data, &FileKeys::in_data(data)),
        };
        let keys = Arc::new(FileKeys::in_data(data));
        let records = match Records::open(data, options, keys) {
            // An older system than the one that wrote them: no lesson depends on them, and nothing of them is touched.
            Err(RecordsError::TooNew { found, .. }) => Ok(Records::shut(data, found)),
            opened => opened,
        }
        .map_err(|source| StoresError::Records {
            path: path(),
            source: Box::new(source),
        })?;
        let (closing, closed) = mpsc::channel();
        Ok(Self {
            inner: Arc::new(Inner {
                data: path(),
                keep_free: config.keep_free_bytes,
                library,
                records,
                library_lost: OnceLock::new(),
                programme: config.programme.clone(),
                box_id: Mutex::default(),
                stale_key: Mutex::new(stale_key(data)),
                _lock: lock,
                _closing: closing,
            }),
            closed: Arc::new(Mutex::new(closed)),
        })
    }

    /// As [`Stores::open`], but waits up to `patience` for a verb that is at work on the data just now.
    ///
    /// # Errors
    /// As [`Stores::open`].
    pub fn open_patiently(
        data: &Path,
        config: &crate::config::Config,
        patience: Duration,
    ) -> Result<Self, StoresError> {
        let began = Instant::now();
        loop {
            match Self::open(data, config) {
                Err(StoresError::InUse { .. }) if began.elapsed() < patience => {
                    std::thread::park_timeout(Duration::from_millis(20));
                }
                opened => return opened,
            }
        }
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.inner.data
    }

    /// Bytes of the disk that imports leave free.
    #[must_use]
    pub fn keep_free(&self) -> u64 {
        self.inner.keep_free
    }

    /// The library.
    #[must_use]
    pub fn library(&self) -> &Library {
        &self.inner.library
    }

    /// For whom records are sealed.
    #[must_use]
    pub fn programme(&self) -> &Programme {
        &self.inner.programme
    }

    /// The records.
    #[must_use]
    pub fn records(&self) -> &Records {
        &self.inner.records
    }

    /// The box's number for support; empty while it has no key of its own. Reads the disk until there is one.
    #[must_use]
    pub fn box_id(&self) -> String {
        let mut known = lock_of(&self.inner.box_id);
        if known.is_none() {
            *known = report::key::known_box_id(self.data());
        }
        known.clone().unwrap_or_default()
    }

    /// Everyone is forgotten, and the key by which support knew the box is gone: it has another one from now on.
    pub(crate) fn begin_anew(&self) {
        *lock_of(&self.inner.stale_key) = stale_key(self.data());
        // Held until there is another key: nobody is told the number of before.
        let mut known = lock_of(&self.inner.box_id);
        *known = match report::key::open_or_make(self.data()) {
            Ok(key) => Some(key.box_id()),
            Err(problem) => {
                tracing::error!(event = "report.no_key", problem);
                None
            }
        };
    }

    /// The line for a library's error; one after which the library must be opened anew is kept for [`Stores::lost`].
    #[must_use]
    pub fn library_error(&self, error: &LibraryError) -> String {
        let line = chain(error);
        if error.is_fatal() {
            // The first one is the cause of all that follow.
            let _ = self.inner.library_lost.set(line.clone());
        }
        line
    }

    /// Why the process must end and open the stores anew: a failed sync may have lost what it was to keep.
    #[must_use]
    pub fn lost(&self) -> Option<String> {
        self.records()
            .fatal()
            .or_else(|| self.inner.library_lost.get().cloned())
    }

    /// Room on the disk; `None` when it can't be told.
    #[must_use]
    pub fn room(&self) -> Option<Room> {
        disk::room(&self.inner.data).ok()
    }

    /// What is wrong with the stores though they serve: one line each.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let quarantined = self.records().quarantined();
        let mut faults: Vec<String> = quarantined
            .iter()
            .map(|path| {
                format!(
                    "the records were damaged and set aside as {}; keep that file for a technician",
                    path.display()
                )
            })
            .collect();
        faults.extend(lock_of(&self.inner.stale_key).as_ref().map(|path| {
            format!(
                "the copy {} of the records' key cannot be made good: if the other one is damaged too, nobody can read what was kept; see to the data disk",
                path.display()
            )
        }));
        let unreadable = self.records().unreadable_credentials();
        faults.extend((unreadable > 0).then(|| {
            format!(
                "{unreadable} credentials of outside tools were damaged or changed, and let nobody in: make them anew with `school-box records credential`"
            )
        }));
        faults.extend(self.records().is_shut().map(|why| {
            format!("{why}; until then nothing of what learners do is kept, and nothing that was kept is lost")
        }));
        if self
            .room()
            .is_some_and(|room| room.free < self.inner.keep_free)
        {
            faults.push(
                "the disk is full: remove a pack; learners' records go on from their reserve"
                    .to_owned(),
            );
        }
        faults
    }
}

fn lock_of<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each value is whole after any panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A copy of the key of the records that opening them could not make good; told once here, and shown as a fault of the box.
fn stale_key(data: &Path) -> Option<PathBuf> {
    let stale = FileKeys::in_data(data).stale_copy();
    if stale.is_some() {
        tracing::error!("records.key_copy_stale");
    }
    stale
}

/// What names people, their devices or this box towards support, beside the records: it is forgotten with everyone.
pub(crate) fn traces(data: &Path) -> Vec<PathBuf> {
    let names = ["air/leases", "air/.leases.aside", outgoing::FOLDER];
    let mut traces = names.map(|name| data.join(name)).to_vec();
    traces.push(report::key::path(data));
    traces
}

/// Whether a process holds the stores of `data`. Makes nothing.
#[must_use]
pub fn in_use(data: &Path) -> bool {
    let lock =
        File::open(data.join(LOCK)).map(|file| Flock::lock(file, FlockArg::LockSharedNonblock));
    matches!(lock, Ok(Err((_, Errno::EWOULDBLOCK))))
}

/// Holds the stores of `data` without opening them.
pub(crate) fn lock(data: &Path) -> Result<Flock<File>, StoresError> {
    let folder = |source| StoresError::Folder {
        path: data.to_owned(),
        source,
    };
    std::fs::create_dir_all(data).map_err(folder)?;
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(data.join(LOCK))
        .map_err(folder)?;
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| {
        if errno == Errno::EWOULDBLOCK {
            StoresError::InUse {
                path: data.to_owned(),
            }
        } else {
            folder(errno.into())
        }
    })
}

#[cfg(test)]
mod tests;
