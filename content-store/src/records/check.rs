//! Looking the database over while it is in use.

use super::schema::{database_error, database_path};
use super::{Records, RecordsError};
use crate::sqlite::open_reader;
use rusqlite::ffi;

impl Records {
    /// Reads the whole database for damage (`PRAGMA quick_check`); the writer goes on meanwhile. Records that are shut have nothing to check.
    ///
    /// # Errors
    /// [`RecordsError`]: what is damaged, or it cannot be read.
    pub fn check(&self) -> Result<(), RecordsError> {
        if self.is_shut().is_some() {
            return Ok(());
        }
        // A connection of its own: nobody who reads statements waits for it.
        let path = database_path(&self.0.shared.folder);
        let db = open_reader(&path).map_err(database_error("open"))?;
        let told: String = db
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(database_error("check"))?;
        if told == "ok" {
            return Ok(());
        }
        let corrupt = ffi::Error::new(ffi::SQLITE_CORRUPT);
        let damage = rusqlite::Error::SqliteFailure(corrupt, Some(told));
        Err(database_error("check")(damage))
    }
}
