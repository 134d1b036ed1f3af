//! A database that is not sound: how that is told, and how it is put aside without losing a byte.

use super::RecordsError;
use super::schema::{database_error, database_path, io_error, remove_if_there, with_suffix};
use crate::disk;
use rusqlite::Connection;
use std::fs::{self, DirEntry, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Before the number of a database that was put aside.
const ASIDE: &str = "records.db.corrupt-";

pub(super) fn suspect_path(folder: &Path) -> PathBuf {
    folder.join("suspect")
}

/// Leaves word that the next opening must check the whole database.
pub(super) fn mark_suspect(folder: &Path, reason: &str) {
    if let Err(error) = disk::write_aside(&suspect_path(folder), reason.as_bytes()) {
        tracing::error!(%error, "records.suspect_mark_failed");
    }
}

/// The newest database that was put aside and still lies there.
pub(super) fn quarantined(folder: &Path) -> Option<PathBuf> {
    let number = |entry: io::Result<DirEntry>| -> Option<u32> {
        let name = entry.ok()?.file_name();
        name.to_str()?.strip_prefix(ASIDE)?.parse().ok()
    };
    let newest = fs::read_dir(folder).ok()?.filter_map(number).max()?;
    Some(aside_path(folder, newest))
}

fn aside_path(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{ASIDE}{number}"))
}

/// SQLite deletes the WAL beside a file that is no database before it says so: what is to be put aside must not be
/// touched.
pub(super) fn check_header(path: &Path) -> Result<(), RecordsError> {
    const MAGIC: &[u8; 16] = b"SQLite format 3\0";
    let mut header = [0; MAGIC.len()];
    let whole = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    match whole {
        Ok(()) if header == *MAGIC => return Ok(()),
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            return Err(io_error("read", path)(error));
        }
        _ => {}
    }
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_NOTADB);
    Err(database_error("open")(rusqlite::Error::SqliteFailure(
        code, None,
    )))
}

/// Every page and index. Slow on a large database, so only one under suspicion pays for it.
pub(super) fn check(connection: &Connection) -> rusqlite::Result<()> {
    let verdict: String =
        connection.query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(code, Some(verdict)))
}

/// Gives database and WAL a second name before the first is taken away: a cut in between can leave a copy too many,
/// never a database without the WAL that holds its last statements.
pub(super) fn put_aside(folder: &Path) -> Result<PathBuf, RecordsError> {
    let aside = (1..)
        .map(|number| aside_path(folder, number))
        .find(|path| !path.exists())
        .unwrap_or_else(|| folder.join("records.db.corrupt"));
    let database = database_path(folder);
    let wal = with_suffix(&database, "-wal");
    if wal.exists() {
        let wal_aside = with_suffix(&aside, "-wal");
        // What a cut before the database's own second name has left.
        remove_if_there(&wal_aside)?;
        fs::hard_link(&wal, &wal_aside).map_err(io_error("put aside", &wal))?;
    }
    fs::hard_link(&database, &aside).map_err(io_error("put aside", &database))?;
    disk::sync_dir(folder).map_err(io_error("sync", folder))?;
    for path in [wal, with_suffix(&database, "-shm"), database] {
        remove_if_there(&path)?;
    }
    disk::sync_dir(folder).map_err(io_error("sync", folder))?;
    Ok(aside)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is a test's verdict")]
mod tests {
    use super::*;

    #[test]
    fn the_newest_that_lies_aside_is_found_whichever_was_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let aside = |number| aside_path(folder.path(), number);
        assert_eq!(quarantined(folder.path()), None);
        assert_eq!(quarantined(&folder.path().join("none")), None);
        for number in [1, 2, 10] {
            fs::write(aside(number), "half a page").unwrap();
            fs::write(with_suffix(&aside(number), "-wal"), "").unwrap();
            assert_eq!(quarantined(folder.path()), Some(aside(number)));
        }
        fs::remove_file(aside(1)).unwrap();
        assert_eq!(quarantined(folder.path()), Some(aside(10)), "not hidden");
        fs::remove_file(aside(10)).unwrap();
        assert_eq!(quarantined(folder.path()), Some(aside(2)));
        fs::remove_file(aside(2)).unwrap();
        assert_eq!(quarantined(folder.path()), None);
    }
}
