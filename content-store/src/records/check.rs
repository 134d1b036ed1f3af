//! Looking the database over while it is in use.

use super::quarantine::mark_suspect;
use super::schema::{database_error, database_path};
use super::{Records, RecordsError};
use crate::sqlite::open_reader;
use rusqlite::ffi;
use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Pages that are read, or steps of SQLite's machine, between two questions whether to go on: under a second on a slow card.
const BETWEEN_QUESTIONS: c_int = 100;

/// How a look at the records ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// Nothing is wrong with them.
    Sound,
    /// It was told to stop; nothing was found until then.
    Stopped,
}

impl Records {
    /// Reads the whole database for damage (`PRAGMA quick_check`), for as long as `go_on` says yes; the writer goes on meanwhile. Records that are
    /// shut have nothing to check. Damage is remembered: the next opening puts the database aside.
    ///
    /// # Errors
    /// [`RecordsError`]: what is damaged, or it cannot be read.
    pub fn check(
        &self,
        go_on: impl FnMut() -> bool + Send + 'static,
    ) -> Result<Checked, RecordsError> {
        if self.is_shut().is_some() {
            return Ok(Checked::Sound);
        }
        let checked = self.checked(go_on);
        if let Err(error) = &checked
            && let Some(damage) = error.damage()
        {
            // The next opening looks at all of it, and puts it aside.
            mark_suspect(&self.0.shared.folder, &damage);
        }
        checked
    }

    fn checked(
        &self,
        mut go_on: impl FnMut() -> bool + Send + 'static,
    ) -> Result<Checked, RecordsError> {
        // A connection of its own: nobody who reads statements waits for it.
        let path = database_path(&self.0.shared.folder);
        let db = open_reader(&path).map_err(database_error("open"))?;
        let stopped = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stopped);
        let ends = move || {
            let ends = !go_on();
            told.fetch_or(ends, Ordering::Relaxed);
            ends
        };
        db.progress_handler(BETWEEN_QUESTIONS, Some(ends))
            .map_err(database_error("check"))?;
        let found = db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        if stopped.load(Ordering::Relaxed) {
            return Ok(Checked::Stopped);
        }
        let found = found.map_err(database_error("check"))?;
        if found == "ok" {
            return Ok(Checked::Sound);
        }
        let corrupt = ffi::Error::new(ffi::SQLITE_CORRUPT);
        let damage = rusqlite::Error::SqliteFailure(corrupt, Some(found));
        Err(database_error("check")(damage))
    }
}
