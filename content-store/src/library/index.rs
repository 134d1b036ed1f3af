//! A pack's index: one immutable SQLite file with the pack's own summary, its blobs, its paths and its words.
//!
//! ```text
//! summary   one row: the PackSummary as JSON           blobs    hash → bytes, all content of the pack
//! archive   at most one row: the blob that is a ZIM
//! entries   path → redirect │ blob │ place in archive  mimes    numbers for media types
//! pages     entry → title, first words                 words    FTS5 over title and text, without a copy of either
//! ```

use super::error::LibraryError;
use super::hash::BlobHash;
use super::model::PackSummary;
use crate::schema::Found;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row};
use std::path::{Path, PathBuf};

/// `SBPI`: marks the file as an index of ours, readable with `file` and checked before anything else is believed.
pub(crate) const APPLICATION_ID: i32 = 0x5342_5049;
/// Raised when the tables change; part of a pack's version, so that a new reader's import replaces an old index. An index never
/// changes, so there is nothing to migrate: a later one that older programs can read carries [`crate::schema`]'s rule.
pub(crate) const FORMAT: i32 = 2;

pub(crate) const SCHEMA: &str = "
CREATE TABLE summary(one INTEGER PRIMARY KEY CHECK (one = 1), json TEXT NOT NULL);
CREATE TABLE blobs(hash BLOB PRIMARY KEY CHECK (length(hash) = 32), bytes INTEGER NOT NULL CHECK (bytes >= 0)) WITHOUT ROWID;
CREATE TABLE archive(one INTEGER PRIMARY KEY CHECK (one = 1), hash BLOB NOT NULL CHECK (length(hash) = 32));
CREATE TABLE mimes(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE entries(
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    target TEXT,
    mime INTEGER,
    len INTEGER,
    hash BLOB,
    gzip BLOB,
    gzip_len INTEGER,
    cluster INTEGER,
    place INTEGER);
CREATE TABLE pages(id INTEGER PRIMARY KEY, title TEXT NOT NULL, summary TEXT NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(
    title, body, content='', detail=column, tokenize=\"unicode61 remove_diacritics 2 categories 'L* N* Co M*'\");
";

/// Where an entry's body is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A blob of its own, perhaps with a compressed twin.
    Blob {
        hash: BlobHash,
        gzip: Option<(BlobHash, u64)>,
    },
    /// Blob number `blob` of packed cluster `cluster` of the pack's archive.
    Packed { cluster: u32, blob: u32 },
    /// Plain bytes of the pack's archive from `offset`.
    Plain { offset: u64 },
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Leads {
    Redirect(String),
    Body { mime: i64, len: u64, place: Place },
}

/// An index open for reading.
#[derive(Debug)]
pub(crate) struct Index {
    path: PathBuf,
    connection: Connection,
}

impl Index {
    /// Opens the file as one that nobody changes: no locks, no journal, no shared memory.
    pub(crate) fn open(path: &Path) -> Result<Self, LibraryError> {
        let failed = || LibraryError::sqlite("open", path);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        let connection =
            Connection::open_with_flags(immutable_uri(path), flags).map_err(failed())?;
        connection
            .pragma_update(None, "cache_size", -192)
            .map_err(failed())?;
        connection
            .pragma_update(None, "temp_store", "MEMORY")
            .map_err(failed())?;
        // A file that was tampered with must not run anything through its schema.
        connection
            .pragma_update(None, "trusted_schema", false)
            .map_err(failed())?;
        let id: i32 = connection
            .pragma_query_value(None, "application_id", |r| r.get(0))
            .map_err(failed())?;
        let found = Found::read(&connection).map_err(failed())?;
        let known = i64::from(FORMAT);
        if id != APPLICATION_ID || found.format < known {
            return Err(LibraryError::Damaged {
                path: path.to_owned(),
                what: format!("it is no index of format {FORMAT}"),
            });
        }
        // A later one that only grew says so, and is read for what is known here.
        if found.opens_from > known {
            return Err(LibraryError::TooNew {
                path: path.to_owned(),
                found: found.format,
                known,
            });
        }
        Ok(Self {
            path: path.to_owned(),
            connection,
        })
    }

    fn failed(&self) -> impl FnOnce(rusqlite::Error) -> LibraryError + use<> {
        LibraryError::sqlite("read", self.path.clone())
    }

    fn damaged(&self, what: impl Into<String>) -> LibraryError {
        LibraryError::Damaged {
            path: self.path.clone(),
            what: what.into(),
        }
    }

    /// The pack's summary; `bytes` is 0, for an index cannot hold its own length.
    pub(crate) fn summary(&self) -> Result<PackSummary, LibraryError> {
        let json: String = self
            .connection
            .query_row("SELECT json FROM summary", [], |r| r.get(0))
            .map_err(self.failed())?;
        serde_json::from_str(&json)
            .map_err(|e| self.damaged(format!("its summary cannot be read ({e})")))
    }

    /// Media types by number.
    pub(crate) fn mimes(&self) -> Result<Vec<(i64, String)>, LibraryError> {
        let mut statement = self
            .connection
            .prepare("SELECT id, name FROM mimes ORDER BY id")
            .map_err(self.failed())?;
        let rows = statement
            .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))
            .map_err(self.failed())?;
        rows.collect::<Result<_, _>>().map_err(self.failed())
    }

    /// Bytes of all content blobs.
    pub(crate) fn content_bytes(&self) -> Result<u64, LibraryError> {
        let bytes: i64 = self
            .connection
            .query_row("SELECT coalesce(sum(bytes), 0) FROM blobs", [], |r| {
                r.get(0)
            })
            .map_err(self.failed())?;
        Ok(u64::try_from(bytes).unwrap_or(0))
    }

    /// The blob that is the pack's archive, where it has one.
    pub(crate) fn archive(&self) -> Result<Option<BlobHash>, LibraryError> {
        let hash: Option<Vec<u8>> = self
            .connection
            .query_row("SELECT hash FROM archive", [], |r| r.get(0))
            .optional()
            .map_err(self.failed())?;
        Ok(hash.and_then(|hash| BlobHash::from_slice(&hash)))
    }

    /// Calls `each` for every content blob whose hash begins with `shard` (`None`: every blob), in order of hash.
    pub(crate) fn blobs<E: From<LibraryError>>(
        &self,
        shard: Option<u8>,
        mut each: impl FnMut(BlobHash, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let low = [shard.unwrap_or(0); 1];
        let mut high = [0xff; 33];
        if let Some(shard) = shard {
            high[0] = shard;
        }
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT hash, bytes FROM blobs WHERE hash >= ?1 AND hash <= ?2 ORDER BY hash",
            )
            .map_err(self.failed())?;
        let mut rows = statement
            .query((&low[..], &high[..]))
            .map_err(self.failed())?;
        while let Some(row) = rows.next().map_err(self.failed())? {
            let hash: Vec<u8> = row.get(0).map_err(self.failed())?;
            let hash = BlobHash::from_slice(&hash)
                .ok_or_else(|| self.damaged("a blob's name is no hash"))?;
            let bytes: i64 = row.get(1).map_err(self.failed())?;
            each(hash, u64::try_from(bytes).unwrap_or(0))?;
        }
        Ok(())
    }

    /// What `path` leads to.
    pub(crate) fn entry(&self, path: &str) -> Result<Option<Leads>, LibraryError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT target, mime, len, hash, gzip, gzip_len, cluster, place FROM entries WHERE path = ?1",
            )
            .map_err(self.failed())?;
        let row = statement
            .query_row([path], |row| Ok(read_row(row)))
            .optional()
            .map_err(self.failed())?;
        match row {
            None => Ok(None),
            Some(Ok(Some(row))) => Ok(Some(row)),
            Some(Ok(None)) => Err(self.damaged(format!("its entry `{path}` makes no sense"))),
            Some(Err(e)) => Err(self.failed()(e)),
        }
    }

    /// Pages that match the FTS5 `expression`, best first: path, title, first words, and bm25 (smaller is better).
    pub(crate) fn search(
        &self,
        expression: &str,
        limit: usize,
    ) -> Result<Vec<(String, String, String, f64)>, LibraryError> {
        // A word in the title weighs ten times one in the text.
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT entries.path, pages.title, pages.summary, hit.score
                 FROM (SELECT rowid AS id, bm25(words, 10.0, 1.0) AS score FROM words
                       WHERE words MATCH ?1 ORDER BY score, rowid LIMIT ?2) AS hit
                 JOIN entries ON entries.id = hit.id JOIN pages ON pages.id = hit.id
                 ORDER BY hit.score, hit.id",
            )
            .map_err(self.failed())?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement
            .query_map((expression, limit), |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))
            })
            .map_err(self.failed())?;
        rows.collect::<Result<_, _>>().map_err(self.failed())
    }
}

/// `None` for a row that is neither a redirect nor a body.
fn read_row(row: &Row<'_>) -> rusqlite::Result<Option<Leads>> {
    if let Some(target) = row.get::<_, Option<String>>(0)? {
        return Ok(Some(Leads::Redirect(target)));
    }
    let (Some(mime), Some(len)) = (row.get(1)?, unsigned(row, 2)?) else {
        return Ok(None);
    };
    let hash = |column| -> rusqlite::Result<Option<BlobHash>> {
        Ok(row
            .get_ref(column)?
            .as_blob_or_null()?
            .and_then(BlobHash::from_slice))
    };
    let place = if let Some(own) = hash(3)? {
        let gzip = hash(4)?.zip(unsigned(row, 5)?);
        Place::Blob { hash: own, gzip }
    } else {
        let Some(place) = unsigned(row, 7)? else {
            return Ok(None);
        };
        match (unsigned(row, 6)?, u32::try_from(place)) {
            (None, _) => Place::Plain { offset: place },
            (Some(cluster), Ok(blob)) => match u32::try_from(cluster) {
                Ok(cluster) => Place::Packed { cluster, blob },
                Err(_) => return Ok(None),
            },
            (Some(_), Err(_)) => return Ok(None),
        }
    };
    Ok(Some(Leads::Body { mime, len, place }))
}

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    Ok(row
        .get::<_, Option<i64>>(column)?
        .and_then(|n| u64::try_from(n).ok()))
}

/// The path as an SQLite URI; every byte that could mean something is escaped.
fn immutable_uri(path: &Path) -> String {
    use std::fmt::Write as _;
    use std::os::unix::ffi::OsStrExt as _;
    let mut uri = String::from("file:");
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(uri, "%{byte:02x}");
        }
    }
    uri.push_str("?immutable=1");
    uri
}
