//! Writes a pack's index in batches; each batch ends in a commit that also says where to go on after a cut.

use super::error::ImportError;
use super::html::Page;
use crate::library::PackSummary;
use crate::library::hash::BlobHash;
use crate::library::index::{APPLICATION_ID, FORMAT, Place, SCHEMA};
use crate::library::words;
use crate::sqlite;
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How far an import got: a place in the order in which its format is read.
pub(crate) type Cursor = (i64, i64, i64);

/// An index being written. Between [`IndexBuilder::commit`]s a cut leaves the last committed state.
#[derive(Debug)]
pub(crate) struct IndexBuilder {
    path: PathBuf,
    connection: Connection,
    mimes: HashMap<String, i64>,
}

impl IndexBuilder {
    /// Opens the index at `path` to go on, or begins a new one when there is none that makes sense.
    pub(crate) fn open(path: &Path) -> Result<Self, ImportError> {
        if let Ok(builder) = Self::resume(path) {
            return Ok(builder);
        }
        remove_database(path)?;
        Self::begin(path).map_err(|source| ImportError::Index {
            path: path.to_owned(),
            source,
        })
    }

    fn connect(path: &Path) -> rusqlite::Result<Connection> {
        let connection = sqlite::open_writer(path, crate::records::Durability::Full)?;
        // In WAL mode NORMAL may lose the last batches at a cut, never tear one; the finished file is synced before it counts.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "cache_size", -8192)?;
        Ok(connection)
    }

    fn resume(path: &Path) -> rusqlite::Result<Self> {
        let connection = Self::connect(path)?;
        let format: i32 = connection.pragma_query_value(None, "user_version", |r| r.get(0))?;
        if format != FORMAT {
            return Err(rusqlite::Error::InvalidQuery);
        }
        connection.query_row("SELECT count(*) FROM progress", [], |r| r.get::<_, i64>(0))?;
        let mut statement = connection.prepare("SELECT name, id FROM mimes")?;
        let mimes = statement
            .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?
            .collect::<Result<_, _>>()?;
        drop(statement);
        connection.execute_batch("BEGIN")?;
        Ok(Self {
            path: path.to_owned(),
            connection,
            mimes,
        })
    }

    fn begin(path: &Path) -> rusqlite::Result<Self> {
        let connection = Self::connect(path)?;
        connection.execute_batch("BEGIN")?;
        connection.execute_batch(SCHEMA)?;
        connection.execute_batch(
            "CREATE TABLE progress(one INTEGER PRIMARY KEY CHECK (one = 1), a INTEGER, b INTEGER, c INTEGER);",
        )?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        connection.pragma_update(None, "user_version", FORMAT)?;
        connection.execute_batch("COMMIT; BEGIN")?;
        Ok(Self {
            path: path.to_owned(),
            connection,
            mimes: HashMap::new(),
        })
    }

    fn failed(&self) -> impl Fn(rusqlite::Error) -> ImportError + use<> {
        let path = self.path.clone();
        move |source| ImportError::Index {
            path: path.clone(),
            source,
        }
    }

    /// Where the last committed batch ended.
    pub(crate) fn cursor(&self) -> Result<Option<Cursor>, ImportError> {
        self.connection
            .query_row("SELECT a, b, c FROM progress", [], |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?))
            })
            .optional()
            .map_err(self.failed())
    }

    /// Ends a batch: everything added is there after a cut, and so is `cursor`.
    pub(crate) fn commit(&mut self, cursor: Cursor) -> Result<(), ImportError> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO progress VALUES (1, ?1, ?2, ?3)")
            .and_then(|mut statement| statement.execute(cursor))
            .and_then(|_| self.connection.execute_batch("COMMIT; BEGIN"))
            .map_err(self.failed())
    }

    pub(crate) fn add_blob(&self, hash: &BlobHash, bytes: u64) -> Result<(), ImportError> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO blobs(hash, bytes) VALUES (?1, ?2)")
            .and_then(|mut statement| statement.execute((&hash.as_bytes()[..], signed(bytes))))
            .map(drop)
            .map_err(self.failed())
    }

    /// The same for the blob that is the pack's archive.
    pub(crate) fn add_archive(&self, hash: &BlobHash, bytes: u64) -> Result<(), ImportError> {
        self.add_blob(hash, bytes)?;
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO archive(one, hash) VALUES (1, ?1)")
            .and_then(|mut statement| statement.execute([&hash.as_bytes()[..]]))
            .map(drop)
            .map_err(self.failed())
    }

    /// Adds a path with a body; `None` when the path is taken (the first one stays).
    pub(crate) fn add_body(
        &mut self,
        path: &str,
        mime: &str,
        len: u64,
        place: &Place,
    ) -> Result<Option<i64>, ImportError> {
        let mime = self.mime(mime)?;
        let (mut own, mut gzip, mut gzip_len, mut cluster, mut at) = (None, None, None, None, None);
        match place {
            Place::Blob { hash, gzip: twin } => {
                own = Some(hash.as_bytes().as_slice());
                gzip = twin.as_ref().map(|(hash, _)| hash.as_bytes().as_slice());
                gzip_len = twin.as_ref().map(|(_, len)| signed(*len));
            }
            Place::Packed {
                cluster: number,
                blob,
            } => {
                cluster = Some(i64::from(*number));
                at = Some(i64::from(*blob));
            }
            Place::Plain { offset } => at = Some(signed(*offset)),
        }
        let added = self
            .connection
            .prepare_cached(
                "INSERT OR IGNORE INTO entries(path, mime, len, hash, gzip, gzip_len, cluster, place)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )
            .and_then(|mut s| s.execute((path, mime, signed(len), own, gzip, gzip_len, cluster, at)))
            .map_err(self.failed())?;
        Ok((added == 1).then(|| self.connection.last_insert_rowid()))
    }

    pub(crate) fn add_redirect(&self, path: &str, target: &str) -> Result<(), ImportError> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO entries(path, target) VALUES (?1, ?2)")
            .and_then(|mut statement| statement.execute((path, target)))
            .map(drop)
            .map_err(self.failed())
    }

    /// Makes entry `id` findable.
    pub(crate) fn add_page(&self, id: i64, title: &str, page: &Page) -> Result<(), ImportError> {
        let (mut folded_title, mut folded_text) = (String::new(), String::new());
        words::fold_into(&mut folded_title, title);
        words::fold_into(&mut folded_text, &page.text);
        self.connection
            .prepare_cached("INSERT INTO pages(id, title, summary) VALUES (?1, ?2, ?3)")
            .and_then(|mut statement| statement.execute((id, title, &page.summary)))
            .and_then(|_| {
                self.connection
                    .prepare_cached("INSERT INTO words(rowid, title, body) VALUES (?1, ?2, ?3)")
            })
            .and_then(|mut statement| statement.execute((id, folded_title, folded_text)))
            .map(drop)
            .map_err(self.failed())
    }

    /// Pages that search knows.
    pub(crate) fn pages(&self) -> Result<u64, ImportError> {
        let pages: i64 = self
            .connection
            .query_row("SELECT count(*) FROM pages", [], |r| r.get(0))
            .map_err(self.failed())?;
        Ok(u64::try_from(pages).unwrap_or(0))
    }

    /// The path of some page, by order of path: a home for a pack that names none.
    pub(crate) fn first_page(&self) -> Result<Option<String>, ImportError> {
        self.connection
            .query_row(
                "SELECT path FROM entries JOIN pages USING (id) ORDER BY path LIMIT 1",
                [],
                |r| r.get(0),
            )
            .optional()
            .map_err(self.failed())
    }

    /// Every path with its own blob, by order of path.
    pub(crate) fn each_blob(&self, mut each: impl FnMut(&str, &[u8])) -> Result<(), ImportError> {
        let mut statement = self
            .connection
            .prepare("SELECT path, hash FROM entries WHERE hash IS NOT NULL ORDER BY path")
            .map_err(self.failed())?;
        let mut rows = statement.query([]).map_err(self.failed())?;
        while let Some(row) = rows.next().map_err(self.failed())? {
            let path: String = row.get(0).map_err(self.failed())?;
            let hash: Vec<u8> = row.get(1).map_err(self.failed())?;
            each(&path, &hash);
        }
        Ok(())
    }

    /// Completes the index: one synced file without a journal. Answers its hash and length.
    pub(crate) fn finish(self, summary: &PackSummary) -> Result<(BlobHash, u64), ImportError> {
        let json = serde_json::to_string(summary)
            .map_err(|e| self.failed()(rusqlite::Error::ToSqlConversionFailure(e.into())))?;
        let finish = || -> rusqlite::Result<()> {
            self.connection.execute(
                "INSERT OR REPLACE INTO summary(one, json) VALUES (1, ?1)",
                [json],
            )?;
            // One segment: a search reads one list a word.
            self.connection.execute_batch(
                "INSERT INTO words(words) VALUES ('optimize'); DROP TABLE progress; COMMIT",
            )?;
            self.connection
                .pragma_update(None, "journal_mode", "DELETE")
        };
        finish().map_err(self.failed())?;
        let path = self.path.clone();
        self.connection
            .close()
            .map_err(|(_, source)| ImportError::Index {
                path: path.clone(),
                source,
            })?;
        let file = fs::File::open(&path).map_err(ImportError::read(&path))?;
        file.sync_all().map_err(ImportError::write(&path))?;
        BlobHash::of_reader(file, |_| {}).map_err(ImportError::read(&path))
    }

    fn mime(&mut self, name: &str) -> Result<i64, ImportError> {
        if let Some(&id) = self.mimes.get(name) {
            return Ok(id);
        }
        self.connection
            .execute("INSERT INTO mimes(name) VALUES (?1)", [name])
            .map_err(self.failed())?;
        let id = self.connection.last_insert_rowid();
        self.mimes.insert(name.to_owned(), id);
        Ok(id)
    }
}

/// SQLite's integers are signed; lengths and offsets of real files fit.
fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Deletes a database with its journal.
pub(crate) fn remove_database(path: &Path) -> Result<(), ImportError> {
    for suffix in ["-wal", "-shm", "-journal", ""] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let name = PathBuf::from(name);
        match fs::remove_file(&name) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(ImportError::write(name)(e));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}
