//! Forgetting everyone: the key is destroyed, and with it all that it sealed; then the files go, and a new key begins a new store.
//!
//! | step | a cut after it leaves |
//! |---|---|
//! | 1 rows that are not sealed (a way back to an older program) are overwritten | some of them gone, nobody promised anything yet |
//! | 2 **the key is destroyed** | nobody can read anything; the next opening goes on at 3 |
//! | 3 the files of the records, and what else names people, are removed | the same |
//! | 4 a new key is kept | an empty store, as at the first start |
//! | 5 a new database is begun | the same |
//!
//! Step 2 takes as long for a statement as for a million: one synced block.

use super::bundles::{self, Waiting};
use super::job::Work;
use super::keys::key_error;
use super::queue::lock;
use super::reserve;
use super::schema::{self, io_error, remove_if_there};
use super::store::Tally;
use super::writer::Writer;
use super::{Records, RecordsError};
use crate::disk;
use jiff::Timestamp;
use rusqlite::Connection;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

impl Records {
    /// Forgets everyone: the key is destroyed, then all files of the records go, those that were put aside too, and a new key begins
    /// a new store. Blocks: for the time of a few synced blocks, however much there is.
    ///
    /// # Errors
    /// As [`store`](Self::store), or [`RecordsError::Key`] when it is not known that the key is destroyed: the process must exit, and
    /// the next opening goes on from what is there.
    pub fn forget_everyone(&self, now: Timestamp) -> Result<(), RecordsError> {
        self.forget(now, false, Vec::new())
    }

    /// As [`forget_everyone`](Self::forget_everyone); with `only_received` not before every statement is known to have arrived; `traces` go along,
    /// within the same commit where they are named as [`RecordsOptions::finishing`](super::RecordsOptions::finishing) at the opening that finishes it.
    ///
    /// # Errors
    /// [`RecordsError::NotReceived`]: nothing was done; otherwise as [`forget_everyone`](Self::forget_everyone).
    pub fn forget_once_received(
        &self,
        now: Timestamp,
        only_received: bool,
        traces: Vec<PathBuf>,
    ) -> Result<(), RecordsError> {
        self.forget(now, only_received, traces)
    }

    fn forget(
        &self,
        now: Timestamp,
        only_received: bool,
        traces: Vec<PathBuf>,
    ) -> Result<(), RecordsError> {
        self.wait(|reply| {
            let forget = Work::Forget {
                only_received,
                traces,
                reply,
            };
            self.enqueue(now, forget);
        })?;
        self.0
            .known
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        *lock(&self.0.tally) = Tally::default();
        Ok(())
    }
}

/// Step 3: everything in the records' folder but the reserve, and `traces`.
pub(super) fn clear(folder: &Path, traces: &[PathBuf]) -> Result<(), RecordsError> {
    let entries = fs::read_dir(folder).map_err(io_error("read", folder))?;
    for entry in entries {
        let path = entry.map_err(io_error("read", folder))?.path();
        if path.file_name().is_some_and(|name| name != reserve::NAME) {
            remove_if_there(&path)?;
        }
    }
    disk::sync_dir(folder).map_err(io_error("sync", folder))?;
    remove_traces(traces)
}

/// Removes files, or folders with all that is in them, durably; those that are not there are passed over. For who has destroyed the key of records
/// that are [`shut`](Records::shut): all others are forgotten by [`Records::forget_everyone`].
///
/// # Errors
/// [`RecordsError::Io`] of the first that cannot be removed; those before it are.
pub fn remove_traces(traces: &[PathBuf]) -> Result<(), RecordsError> {
    for trace in traces {
        remove_trace(trace).map_err(io_error("remove", trace))?;
    }
    Ok(())
}

fn remove_trace(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => Err(error),
    };
    removed.and_then(|()| path.parent().map_or(Ok(()), disk::sync_dir))
}

/// All steps, by the writer, between two commits. An error from step 2 on leaves the writer dead:
/// the next opening sees whether the key is there, and goes on from that.
pub(super) fn everyone(
    writer: &mut Writer,
    only_received: bool,
    traces: &[PathBuf],
) -> Result<(), RecordsError> {
    if only_received {
        let waiting = bundles::waiting(&writer.db).map_err(schema::database_error("count"))?;
        if waiting != Waiting::default() {
            return Err(RecordsError::NotReceived {
                statements: waiting.in_bundles + waiting.in_none,
            });
        }
    }
    if !writer.veil.is_drawn() {
        overwrite_plain(&mut writer.db)?;
    }
    let shared = writer.shared.clone();
    let destroyed = writer.opening.keys.destroy();
    let begun = destroyed
        .map_err(key_error("destroy"))
        .and_then(|()| shared.readers.while_shut(|| begin_anew(writer, traces)));
    if let Err(error) = &begun {
        // A sync that failed is final: what the disk holds is seen at the next opening.
        shared.fatal.raise(&error.to_string());
    }
    begun
}

fn begin_anew(writer: &mut Writer, traces: &[PathBuf]) -> Result<(), RecordsError> {
    // Lets go of the files.
    writer.opening.finishing = traces.to_vec();
    writer.db = Connection::open_in_memory().map_err(schema::database_error("close"))?;
    // The key is destroyed: the opening clears everything away.
    let opened = schema::open(&writer.opening)?;
    writer.db = opened.connection;
    writer.veil = opened.veil.clone();
    let mut face = lock(&writer.shared.face);
    face.veil = opened.veil;
    face.store_id = opened.store_id;
    Ok(())
}

fn overwrite_plain(db: &mut Connection) -> Result<(), RecordsError> {
    let mut overwritten = || {
        let change = db.transaction()?;
        for table in ["terms", "statements", "credentials"] {
            change.execute(&format!("DELETE FROM {table}"), ())?;
        }
        change.commit()?;
        db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))
    };
    overwritten().map_err(schema::database_error("overwrite"))
}
