//! `library.db`: which packs are installed. One row a pack, so a commit is small and a check at every start is cheap; what a pack
//! consists of stands in its own index, from which this file can be rebuilt.

use super::error::LibraryError;
use super::hash::BlobHash;
use super::index::Index;
use super::layout::Layout;
use super::model::{PackId, PackSummary};
use crate::disk;
use crate::records::Durability;
use crate::schema::{Found, Schema, Way};
use crate::sqlite;
use rusqlite::{Connection, TransactionBehavior};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What this program knows of the tables, see [`crate::schema`]. The format is written in the same transaction as the tables and the
/// rebuilt rows: a file without it was never finished. A pack that older programs could not serve (a new kind) is a contract.
pub(crate) const SCHEMA: Schema = Schema {
    expand: &[TABLES],
    contract: &[],
    rebuildable: true,
    begins_for: 1,
};
const TABLES: &str = "
CREATE TABLE packs(
    id TEXT PRIMARY KEY,
    index_hash BLOB NOT NULL,
    index_bytes INTEGER NOT NULL,
    stage TEXT NOT NULL,
    summary TEXT NOT NULL) WITHOUT ROWID;
-- 1 from before the first file of a change is moved until the last one nobody needs is deleted
CREATE TABLE state(one INTEGER PRIMARY KEY CHECK (one = 1), unsettled INTEGER NOT NULL);
";

/// What a newer program's catalogue is called while an older one works.
const LATER: &str = ".later";

/// A line of the catalogue and what it rests on.
#[derive(Debug, Clone)]
pub(crate) struct Installed {
    pub(crate) summary: PackSummary,
    pub(crate) index: BlobHash,
    pub(crate) index_bytes: u64,
    /// Name of the staging folder it came from.
    pub(crate) stage: String,
}

/// The catalogue, open for its one writer.
#[derive(Debug)]
pub(crate) struct Catalogue {
    path: PathBuf,
    connection: Connection,
}

impl Catalogue {
    /// Opens the catalogue; one that is damaged is put aside as `library.db.corrupt-N`, one that a newer program took out of this
    /// one's reach as `library.db.later`, one that is missing is rebuilt from the installed indexes.
    pub(crate) fn open(layout: &Layout) -> Result<Self, LibraryError> {
        Self::open_as(layout, &SCHEMA)
    }

    /// As [`open`](Self::open), for a program that knows other tables.
    pub(crate) fn open_as(layout: &Layout, schema: &Schema) -> Result<Self, LibraryError> {
        let path = layout.catalogue();
        let (aside, error) = match Self::open_sound(layout, schema) {
            Err(error @ LibraryError::TooNew { .. }) => {
                let aside = named(&path, LATER);
                keep_for_later(&path, &aside)?;
                (aside, error)
            }
            Err(error) if error.is_corrupt() => {
                let aside = corrupt(&path);
                put_aside(&path, &aside)?;
                (aside, error)
            }
            opened => return opened,
        };
        tracing::warn!(event = "library.catalogue_rebuilt", aside = %aside.display(), %error);
        Self::open_sound(layout, schema)
    }

    fn open_sound(layout: &Layout, schema: &Schema) -> Result<Self, LibraryError> {
        let path = layout.catalogue();
        let connection = sqlite::open_writer(&path, Durability::Full)
            .map_err(LibraryError::sqlite("open", path.clone()))?;
        let mut catalogue = Self { path, connection };
        let found = Found::read(&catalogue.connection).map_err(catalogue.failed("read"))?;
        match schema.way(&found) {
            Way::Refuse => {
                return Err(LibraryError::TooNew {
                    path: catalogue.path,
                    found: found.format,
                    known: schema.format(),
                });
            }
            Way::Change { expand, contract } => {
                catalogue.change(layout, schema, found, expand, contract)?;
            }
            Way::Open => {}
        }
        catalogue.check()?;
        catalogue.take_up(layout, schema)?;
        Ok(catalogue)
    }

    /// After an older program had put this one's catalogue aside and rebuilt what it could read: the packs that it could not read.
    fn take_up(&mut self, layout: &Layout, schema: &Schema) -> Result<(), LibraryError> {
        let aside = named(&self.path, LATER);
        let readable = |found: Found| schema.way(&found) != Way::Refuse;
        let found = aside.exists().then(|| sqlite::open_reader(&aside));
        let found = found.map(|aside| aside.and_then(|aside| Found::read(&aside)));
        if !found.is_some_and(|found| found.is_ok_and(readable)) {
            return Ok(());
        }
        let there: BTreeSet<PackId> = self
            .installed()?
            .into_iter()
            .map(|p| p.summary.id)
            .collect();
        for (complete, pack) in examined(layout)? {
            if complete && !there.contains(&pack.summary.id) {
                tracing::info!(event = "library.pack_taken_up", pack = %pack.summary.id);
                self.install(&pack)?;
            }
        }
        remove(&aside)
    }

    /// One transaction for all that is added, and for the rows of a catalogue that is made.
    fn change(
        &mut self,
        layout: &Layout,
        schema: &Schema,
        found: Found,
        expand: Range<usize>,
        contract: Range<usize>,
    ) -> Result<(), LibraryError> {
        let made = match found.format {
            0 => Some(examined(layout)?),
            _ => None,
        };
        let failed = self.failed("write");
        let failed = &failed;
        let mut now = schema
            .expand(&mut self.connection, &found, expand, |change| {
                made.as_deref().map_or(Ok(()), |packs| fill(change, packs))
            })
            .map_err(failed)?;
        for place in contract {
            now = schema
                .contract(&mut self.connection, &now, place)
                .map_err(failed)?;
        }
        // The file's own name.
        disk::sync_dir(layout.library()).map_err(LibraryError::sync(layout.library()))
    }

    fn check(&self) -> Result<(), LibraryError> {
        let verdict: String = self
            .connection
            .query_row("PRAGMA quick_check(1)", [], |r| r.get(0))
            .map_err(self.failed("check"))?;
        if verdict != "ok" {
            return Err(self.damaged(verdict));
        }
        self.installed()?;
        self.unsettled().map(drop)
    }

    /// Every installed pack.
    pub(crate) fn installed(&self) -> Result<Vec<Installed>, LibraryError> {
        let failed = self.failed("read");
        let mut statement = self
            .connection
            .prepare_cached("SELECT index_hash, index_bytes, stage, summary FROM packs ORDER BY id")
            .map_err(&failed)?;
        let mut rows = statement.query([]).map_err(&failed)?;
        let mut installed = Vec::new();
        while let Some(row) = rows.next().map_err(&failed)? {
            let read = || -> rusqlite::Result<(Vec<u8>, i64, String, String)> {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            };
            let (index, bytes, stage, json) = read().map_err(|e| self.damaged(e.to_string()))?;
            let summary = serde_json::from_str(&json).map_err(|e| self.damaged(e.to_string()))?;
            let index = BlobHash::from_slice(&index)
                .ok_or_else(|| self.damaged("an index's name is no hash"))?;
            installed.push(Installed {
                summary,
                index,
                index_bytes: u64::try_from(bytes).unwrap_or(0),
                stage,
            });
        }
        Ok(installed)
    }

    /// A change was begun and its leftovers may lie about.
    pub(crate) fn unsettled(&self) -> Result<bool, LibraryError> {
        self.connection
            .query_row("SELECT unsettled FROM state WHERE one = 1", [], |r| {
                r.get(0)
            })
            .map_err(self.failed("read"))
    }

    pub(crate) fn set_unsettled(&self, unsettled: bool) -> Result<(), LibraryError> {
        self.connection
            .execute("UPDATE state SET unsettled = ?1", [unsettled])
            .map(drop)
            .map_err(self.failed("write"))
    }

    /// The commit point of an import.
    pub(crate) fn install(&self, pack: &Installed) -> Result<(), LibraryError> {
        insert(&self.connection, pack).map_err(self.failed("write"))
    }

    /// The commit point of a removal.
    pub(crate) fn remove(&mut self, id: &PackId) -> Result<(), LibraryError> {
        let failed = self.failed("write");
        let failed = &failed;
        let change = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        change
            .execute("UPDATE state SET unsettled = 1", [])
            .map_err(failed)?;
        change
            .execute("DELETE FROM packs WHERE id = ?1", [id.as_str()])
            .map_err(failed)?;
        change.commit().map_err(failed)
    }

    fn failed(&self, action: &'static str) -> impl Fn(rusqlite::Error) -> LibraryError + use<> {
        let path = self.path.clone();
        move |source| LibraryError::Sqlite {
            action,
            path: path.clone(),
            source,
        }
    }

    fn damaged(&self, what: impl Into<String>) -> LibraryError {
        LibraryError::Damaged {
            path: self.path.clone(),
            what: what.into(),
        }
    }
}

fn insert(connection: &Connection, pack: &Installed) -> rusqlite::Result<()> {
    let summary = serde_json::to_string(&pack.summary)
        .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    let bytes = i64::try_from(pack.index_bytes).unwrap_or(i64::MAX);
    connection
        .prepare_cached("INSERT OR REPLACE INTO packs(id, index_hash, index_bytes, stage, summary) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((pack.summary.id.as_str(), &pack.index.as_bytes()[..], bytes, &pack.stage, summary))
        .map(drop)
}

/// The first rows of a catalogue.
fn fill(change: &Connection, packs: &[(bool, Installed)]) -> rusqlite::Result<()> {
    change.execute("INSERT INTO state VALUES (1, 0)", [])?;
    packs.iter().try_for_each(|(_, pack)| insert(change, pack))
}

/// Where a damaged one goes: none is overwritten.
fn corrupt(path: &Path) -> PathBuf {
    (1..u32::MAX)
        .map(|number| named(path, &format!(".corrupt-{number}")))
        .find(|aside| !aside.exists())
        .unwrap_or_else(|| named(path, ".corrupt"))
}

fn named(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Gives a newer program's catalogue a second name before the first is taken away, the journal's last: a cut in between never leaves
/// the file without the journal that holds its last rows. (SQLite deletes a journal that has no database.)
fn keep_for_later(path: &Path, aside: &Path) -> Result<(), LibraryError> {
    remove(aside)?;
    for suffix in ["", "-wal"] {
        let from = named(path, suffix);
        match fs::hard_link(&from, named(aside, suffix)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(LibraryError::io("put aside", from)(e));
            }
            Ok(()) | Err(_) => {}
        }
    }
    sync_folder_of(path)?;
    remove(path)
}

/// Deletes a database and what belongs to it.
fn remove(path: &Path) -> Result<(), LibraryError> {
    for suffix in ["", "-wal", "-shm"] {
        let file = named(path, suffix);
        match fs::remove_file(&file) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(LibraryError::io("delete", file)(e));
            }
            Ok(()) | Err(_) => {}
        }
    }
    sync_folder_of(path)
}

fn sync_folder_of(path: &Path) -> Result<(), LibraryError> {
    match path.parent() {
        Some(folder) => disk::sync_dir(folder).map_err(LibraryError::sync(folder)),
        None => Ok(()),
    }
}

/// Renames the database and what belongs to it.
fn put_aside(path: &Path, aside: &Path) -> Result<(), LibraryError> {
    // The journal first: a new database must never meet the old one's.
    for suffix in ["-wal", "-shm", ""] {
        let from = named(path, suffix);
        match fs::rename(&from, named(aside, suffix)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(LibraryError::io("rename", from)(e));
            }
            Ok(()) | Err(_) => {}
        }
    }
    sync_folder_of(path)
}

/// The packs whose indexes lie there and can be read, each with whether it is whole. Of two indexes of one pack (a cut between an import's commit and its sweep) the one whose
/// blobs are all there is taken.
fn examined(layout: &Layout) -> Result<Vec<(bool, Installed)>, LibraryError> {
    let mut best: BTreeMap<PackId, (bool, Installed)> = BTreeMap::new();
    let folder = layout.indexes();
    for file in fs::read_dir(&folder).map_err(LibraryError::io("list", folder.clone()))? {
        let file = file.map_err(LibraryError::io("list", folder.clone()))?;
        let Some(hash) = file.file_name().to_str().and_then(BlobHash::from_hex) else {
            continue;
        };
        match examine(layout, hash) {
            Ok((complete, pack)) => {
                let id = pack.summary.id.clone();
                let better = best.get(&id).is_none_or(|(had, other)| {
                    (complete, &pack.summary.version) > (*had, &other.summary.version)
                });
                if better {
                    best.insert(id, (complete, pack));
                }
            }
            Err(error) => tracing::warn!(event = "library.index_unreadable", index = %hash, %error),
        }
    }
    Ok(best.into_values().collect())
}

/// Reads a pack's line out of its index; whether all its blobs are there with their right lengths comes with it.
fn examine(layout: &Layout, hash: BlobHash) -> Result<(bool, Installed), LibraryError> {
    let path = layout.index(&hash);
    let file = fs::File::open(&path).map_err(LibraryError::io("open", path.clone()))?;
    let (found, index_bytes) =
        BlobHash::of_reader(file, |_| {}).map_err(LibraryError::io("read", path.clone()))?;
    if found != hash {
        return Err(LibraryError::Damaged {
            path,
            what: "its bytes do not have its hash".to_owned(),
        });
    }
    let index = Index::open(&path)?;
    let mut summary = index.summary()?;
    summary.bytes = index.content_bytes()?.saturating_add(index_bytes);
    let mut complete = true;
    index.blobs(None, |blob, bytes| {
        complete &= fs::metadata(layout.blob(&blob)).is_ok_and(|m| m.len() == bytes);
        Ok::<_, LibraryError>(())
    })?;
    Ok((
        complete,
        Installed {
            summary,
            index: hash,
            index_bytes,
            stage: String::new(),
        },
    ))
}
