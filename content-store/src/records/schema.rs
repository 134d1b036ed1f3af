//! The database of the records: its tables and its opening.

use super::credentials::Known;
use super::keys::{self, KeyFound, KeyStore};
use super::quarantine::{check, check_header, put_aside, suspect_path};
use super::veil::Veil;
use super::{Durability, RecordsError, sweep};
use crate::schema::{Contract, Found, Schema, Way};
use crate::{disk, sqlite};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::fs::{self, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// What this program knows of the tables, see [`crate::schema`].
pub(super) const SCHEMA: Schema = Schema {
    expand: &[TABLES, ROOM_FOR_SEALED, NOTHING],
    contract: &[
        Contract {
            needs: 2,
            sql: SEAL,
        },
        Contract {
            needs: 3,
            sql: BIND,
        },
    ],
    rebuildable: false,
    // No box has left with a program that does not seal, or does not bind.
    begins_for: 3,
};

/// A statement dirties eight or nine pages (its row, its id, its terms), each of which goes whole into the WAL: pages of
/// a kilobyte cost the flash two fifths less than SQLite's four (39 against 64 kB a statement committed alone).
const PAGE_BYTES: u32 = 1024;

/// `stored` (microseconds since 1970) is the key: it only rises, so time ranges and pages are ranges of it, and new
/// statements land at the end of the tree. `terms` finds statements by what [`super::statement`] derives from them.
const TABLES: &str = "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
    CREATE TABLE statements (
        stored INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        fingerprint BLOB NOT NULL,
        happened INTEGER NOT NULL,
        target BLOB,
        voiding INTEGER NOT NULL,
        voided INTEGER NOT NULL,
        body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX statements_by_target ON statements (target) WHERE target IS NOT NULL;
    CREATE TABLE terms (
        term BLOB NOT NULL,
        stored INTEGER NOT NULL,
        direct INTEGER NOT NULL,
        PRIMARY KEY (term, stored)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE credentials (
        username TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        password_hash BLOB NOT NULL,
        made INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// Where a sealed row keeps its text; `body` is then empty.
const ROOM_FOR_SEALED: &str = "
    ALTER TABLE statements ADD COLUMN sealed BLOB;
    ALTER TABLE credentials ADD COLUMN sealed BLOB;
    CREATE TABLE bundles (
        number INTEGER PRIMARY KEY,
        after INTEGER NOT NULL,
        up_to INTEGER NOT NULL,
        statements INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        digest BLOB NOT NULL,
        received INTEGER NOT NULL DEFAULT 0
    ) STRICT;
";

/// Everything that says who is sealed or keyed, with the functions of [`Veil::lend_to`]. Terms are gathered anew: their order changes.
const SEAL: &str = "
    UPDATE statements SET id = veil_keyed(id), fingerprint = veil_keyed(fingerprint), target = veil_keyed(target),
        sealed = veil_statement(stored, body), body = '';
    CREATE TABLE keyed_terms (
        term BLOB NOT NULL,
        stored INTEGER NOT NULL,
        direct INTEGER NOT NULL,
        PRIMARY KEY (term, stored)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO keyed_terms SELECT veil_keyed(term), stored, direct FROM terms;
    DROP TABLE terms;
    ALTER TABLE keyed_terms RENAME TO terms;
    UPDATE credentials SET sealed = veil_credential(username), name = '', username = veil_username(username);
    INSERT INTO meta (key, value) VALUES ('sealed_by', veil_mark());
";

/// From here on programs know credentials that are bound to their hash, and those that are not yet.
const NOTHING: &str = "";

/// A credential's name opens beside its own hash alone. In one transaction with the word for it, so that whoever takes the word away makes no
/// credential loose again: a bound one does not open as one that is not.
const BIND: &str = "
    UPDATE credentials SET sealed = veil_bound(username, password_hash, sealed);
    INSERT INTO meta (key, value) VALUES ('credentials_bound', 1);
";

/// What opening found.
pub(super) struct Opened {
    /// What stands between the tables and who reads the disk.
    pub(super) veil: Veil,
    pub(super) connection: Connection,
    /// Names this store in the authority of its statements.
    pub(super) store_id: Uuid,
    /// `stored` of the last statement.
    pub(super) last_stored: i64,
    /// Read with the rest: where they are damaged the database is put aside, and no start fails of them.
    pub(super) known: Known,
}

/// Makes `data/records`, readable by the box alone: children's records stand there.
pub(super) fn make_folder(folder: &Path) -> Result<(), RecordsError> {
    disk::make_private_folder(folder).map_err(io_error("make", folder))
}

pub(super) fn database_path(folder: &Path) -> PathBuf {
    folder.join("records.db")
}

/// What is opened, and how.
pub(super) struct Opening {
    pub(super) folder: PathBuf,
    pub(super) durability: Durability,
    pub(super) schema: Schema,
    pub(super) keys: Arc<dyn KeyStore>,
    /// Files elsewhere that name people: they go with everyone.
    pub(super) traces: Vec<PathBuf>,
    /// And these, when a forgetting that a cut ended is finished.
    pub(super) finishing: Vec<PathBuf>,
}

/// Opens or makes the database. One that is not sound, or whose key is lost, is put aside, never thrown away, and a new one begun. One
/// whose key was destroyed is what an erasing that a cut ended has left: it is cleared away.
pub(super) fn open(opening: &Opening) -> Result<Opened, RecordsError> {
    let folder = opening.folder.as_path();
    if let KeyFound::Destroyed = opening.keys.find().map_err(keys::key_error("read"))? {
        sweep::clear(folder, &opening.traces)?;
        sweep::clear(folder, &opening.finishing)?;
        tracing::warn!("records.erasing_finished");
    }
    let suspect = suspect_path(folder).exists();
    let unsound =
        |error: &RecordsError| matches!(error, RecordsError::KeyLost) || error.damage().is_some();
    let opened = match try_open(opening, suspect) {
        Err(error) if unsound(&error) => {
            let aside = put_aside(folder)?;
            tracing::error!(%error, aside = %aside.display(), "records.quarantined");
            try_open(opening, false)?
        }
        other => other?,
    };
    if suspect {
        let path = suspect_path(folder);
        fs::remove_file(&path).map_err(io_error("remove", &path))?;
    }
    disk::sync_dir(folder).map_err(io_error("sync", folder))?;
    Ok(opened)
}

fn try_open(opening: &Opening, check_all: bool) -> Result<Opened, RecordsError> {
    let path = database_path(&opening.folder);
    let schema = &opening.schema;
    if fs::metadata(&path).map_or(0, |found| found.len()) == 0 {
        begin(&path)?;
    }
    check_header(&path)?;
    let mut connection =
        sqlite::open_writer(&path, opening.durability).map_err(database_error("open"))?;
    // Closing one that turns out to be unsound must leave its WAL as it is.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .map_err(database_error("open"))?;
    // What is forgotten is overwritten. Nothing else is ever deleted, so it costs nothing on other days.
    connection
        .pragma_update(None, "secure_delete", true)
        .map_err(database_error("open"))?;
    // Checkpoints are made by the writer after its replies, so that their errors are seen.
    connection
        .pragma_update(None, "wal_autocheckpoint", 0)
        .map_err(database_error("open"))?;
    // Before the check: what a newer program made is not this one's to judge.
    let found = Found::read(&connection).map_err(database_error("open"))?;
    let way = schema.way(&found);
    if way == Way::Refuse {
        return Err(RecordsError::TooNew {
            found: found.format,
            known: schema.format(),
        });
    }
    if check_all {
        check(&connection).map_err(database_error("check"))?;
    }
    let sealed_by = sealed_by(&connection, &found).map_err(database_error("read"))?;
    let key = keys::key_for(&*opening.keys, sealed_by)?.ok_or(RecordsError::KeyLost)?;
    let veil = Veil::of(&key)?;
    if let Way::Change { expand, contract } = way {
        veil.lend_to(&connection).map_err(database_error("open"))?;
        change(&mut connection, schema, found, expand, contract)?;
    }
    read_state(connection, veil).map_err(database_error("read"))
}

/// Which key the database is sealed with; `None`: with none yet.
fn sealed_by(connection: &Connection, found: &Found) -> rusqlite::Result<Option<[u8; 16]>> {
    if found.format == 0 {
        return Ok(None);
    }
    let mark = "SELECT value FROM meta WHERE key = 'sealed_by'";
    connection.query_row(mark, (), |row| row.get(0)).optional()
}

/// Begins a database under another name and gives it its own when it is whole: a cut leaves none or a sound one.
fn begin(path: &Path) -> Result<(), RecordsError> {
    let aside = with_suffix(path, ".new");
    for left in [&aside, &with_suffix(&aside, "-journal")] {
        remove_if_there(left)?;
    }
    // SQLite would make the file readable by everyone; its WAL inherits the mode.
    OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&aside)
        .map_err(io_error("make", &aside))?;
    let make = || {
        let connection = Connection::open_with_flags(&aside, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.pragma_update(None, "page_size", PAGE_BYTES)?;
        // The first write fixes the size.
        connection.execute_batch("VACUUM")
    };
    make().map_err(database_error("make"))?;
    fs::rename(&aside, path).map_err(io_error("make", path))
}

fn read_state(connection: Connection, veil: Veil) -> rusqlite::Result<Opened> {
    let found = Found::read(&connection)?;
    let sealed = sealed_by(&connection, &found)?.is_some();
    let bound: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM meta WHERE key = 'credentials_bound')",
        (),
        |row| row.get(0),
    )?;
    let store_id: [u8; 16] =
        connection.query_row("SELECT value FROM meta WHERE key = 'store_id'", (), |row| {
            row.get(0)
        })?;
    let last_stored = connection
        .query_row("SELECT max(stored) FROM statements", (), |row| row.get(0))
        .optional()?
        .flatten()
        .unwrap_or(0);
    let veil = if sealed {
        veil.with_bound_credentials(bound)
    } else {
        Veil::NONE
    };
    Ok(Opened {
        store_id: Uuid::from_bytes(store_id),
        last_stored,
        known: Known::load(&connection, &veil)?,
        connection,
        veil,
    })
}

/// One transaction for all that is added: the journal holds it, so a cut or a full disk leaves the database as it was, and no copy
/// of it is needed. What is taken away can wait for a disk with room.
fn change(
    connection: &mut Connection,
    schema: &Schema,
    found: Found,
    expand: Range<usize>,
    contract: Range<usize>,
) -> Result<(), RecordsError> {
    let store_id = (found.format == 0).then(random_uuid).transpose()?;
    let mut now = schema
        .expand(connection, &found, expand, |change| {
            store_id.map_or(Ok(()), |id| name_store(change, id))
        })
        .map_err(database_error("change the tables of"))?;
    if found.format > 0 && now.format > found.format {
        tracing::info!(from = found.format, to = now.format, "records.schema_grown");
    }
    let taken_away = !contract.is_empty();
    for place in contract {
        match schema.contract(connection, &now, place) {
            Ok(then) => now = then,
            Err(error) if sqlite::is_full(&error) => {
                tracing::warn!(%error, "records.schema_contract_waits");
                break;
            }
            Err(error) => return Err(database_error("change the tables of")(error)),
        }
    }
    if taken_away && found.format > 0 {
        // What was sealed lies open in the old pages until they are written over.
        let truncated = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()));
        truncated.map_err(database_error("change the tables of"))?;
    }
    Ok(())
}

fn name_store(change: &Connection, id: Uuid) -> rusqlite::Result<()> {
    change
        .execute(
            "INSERT INTO meta (key, value) VALUES ('store_id', ?1)",
            [id.as_bytes().as_slice()],
        )
        .map(drop)
}

/// A version 4 UUID that is an error, not a panic, where the system gives no random numbers.
pub(super) fn random_uuid() -> Result<Uuid, RecordsError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(RecordsError::Random)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

pub(super) fn remove_if_there(path: &Path) -> Result<(), RecordsError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io_error("remove", path)(error))
        }
        _ => Ok(()),
    }
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

pub(super) fn database_error(doing: &'static str) -> impl Fn(rusqlite::Error) -> RecordsError {
    move |source| RecordsError::Database { doing, source }
}

pub(super) fn io_error(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> RecordsError {
    let path = path.to_owned();
    move |source| RecordsError::Io {
        doing,
        path: path.clone(),
        source,
    }
}
