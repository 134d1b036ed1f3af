//! `library.db`: which packs are installed. One row a pack, so a commit is small and a check at every start is cheap; what a pack
//! consists of stands in its own index, from which this file can be rebuilt.

use super::error::LibraryError;
use super::hash::BlobHash;
use super::index::Index;
use super::layout::Layout;
use super::model::{PackId, PackSummary};
use crate::disk;
use crate::records::Durability;
use crate::sqlite;
use rusqlite::{Connection, TransactionBehavior};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Written in the same transaction as the tables and the rebuilt rows: a file without it was never finished.
const FORMAT: i32 = 1;
const SCHEMA: &str = "
CREATE TABLE packs(
    id TEXT PRIMARY KEY,
    index_hash BLOB NOT NULL,
    index_bytes INTEGER NOT NULL,
    stage TEXT NOT NULL,
    summary TEXT NOT NULL) WITHOUT ROWID;
-- 1 from before the first file of a change is moved until the last one nobody needs is deleted
CREATE TABLE state(one INTEGER PRIMARY KEY CHECK (one = 1), unsettled INTEGER NOT NULL);
";

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
    /// Opens the catalogue; one that is damaged is put aside as `library.db.corrupt-N`, one that is missing is rebuilt from the
    /// installed indexes.
    pub(crate) fn open(layout: &Layout) -> Result<Self, LibraryError> {
        let path = layout.catalogue();
        match Self::open_sound(layout) {
            Err(error) if error.is_corrupt() => {
                let aside = quarantine(&path)?;
                tracing::warn!(event = "library.catalogue_rebuilt", aside = %aside.display(), %error);
                Self::open_sound(layout)
            }
            opened => opened,
        }
    }

    fn open_sound(layout: &Layout) -> Result<Self, LibraryError> {
        let path = layout.catalogue();
        let connection = sqlite::open_writer(&path, Durability::Full)
            .map_err(LibraryError::sqlite("open", path.clone()))?;
        let mut catalogue = Self { path, connection };
        let format: i32 = catalogue
            .connection
            .pragma_query_value(None, "user_version", |r| r.get(0))
            .map_err(catalogue.failed("read"))?;
        match format {
            0 => catalogue.build(layout)?,
            FORMAT => catalogue.check()?,
            other => return Err(catalogue.damaged(format!("it has format {other}"))),
        }
        Ok(catalogue)
    }

    fn build(&mut self, layout: &Layout) -> Result<(), LibraryError> {
        let found = rebuild(layout)?;
        let failed = self.failed("write");
        let failed = &failed;
        let change = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        change.execute_batch(SCHEMA).map_err(failed)?;
        change
            .execute("INSERT INTO state VALUES (1, 0)", [])
            .map_err(failed)?;
        for pack in &found {
            insert(&change, pack).map_err(failed)?;
        }
        change
            .pragma_update(None, "user_version", FORMAT)
            .map_err(failed)?;
        change.commit().map_err(failed)?;
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

/// Renames the database and what belongs to it; answers the new name.
fn quarantine(path: &Path) -> Result<PathBuf, LibraryError> {
    let named = |suffix: &str, number: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".corrupt-{number}{suffix}"));
        PathBuf::from(name)
    };
    let number = (1..u32::MAX)
        .find(|&n| !named("", n).exists())
        .unwrap_or(u32::MAX);
    // The journal first: a new database must never meet the old one's.
    for suffix in ["-wal", "-shm", ""] {
        let mut from = path.as_os_str().to_owned();
        from.push(suffix);
        let from = PathBuf::from(from);
        match fs::rename(&from, named(suffix, number)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(LibraryError::io("rename", from)(e));
            }
            Ok(()) | Err(_) => {}
        }
    }
    if let Some(folder) = path.parent() {
        disk::sync_dir(folder).map_err(LibraryError::sync(folder))?;
    }
    Ok(named("", number))
}

/// The packs whose indexes are installed. Of two indexes of one pack (a cut between an import's commit and its sweep) the one whose
/// blobs are all there is taken.
fn rebuild(layout: &Layout) -> Result<Vec<Installed>, LibraryError> {
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
    Ok(best.into_values().map(|(_, pack)| pack).collect())
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
