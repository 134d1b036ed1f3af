//! What leaves the box: statements in the order of their storing, cut into bundles that keep their number and their contents for good,
//! so that the same bundle can be carried twice, and a receipt means the same to both sides.
//!
//! A bundle is a row: from which moment to which, how many, their digest. Sealing it for somebody is the caller's.

use super::job::Work;
use super::queue::lock;
use super::schema::{database_error, database_path};
use super::veil::{Place, Veil};
use super::{Records, RecordsError};
use crate::sqlite::open_reader;
use jiff::Timestamp;
use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};
/// Statements read at once.
const SLICE: i64 = 500;
/// And so many bytes of them, one statement more at most.
const SLICE_BYTES: usize = 1 << 20;
/// A bundle is closed beyond so many bytes of statements: what a box can keep twice on a full disk.
const BUNDLE_BYTES: u64 = 4 << 20;

/// A bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// From 1, without gaps.
    pub number: u64,
    /// It begins after the statement stored at this moment, microseconds since 1970.
    pub after: i64,
    /// And ends with the one stored at this.
    pub up_to: i64,
    /// How many there are.
    pub statements: u64,
    /// Of them, each with a line feed.
    pub bytes: u64,
    /// SHA-256 of them, each with a line feed.
    pub digest: [u8; 32],
    /// A receipt says that it has arrived.
    pub received: bool,
}

/// What is not known to have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// In bundles without a receipt.
    pub in_bundles: u64,
    /// In none yet.
    pub in_none: u64,
}

/// What a look at everything found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RecordsReport {
    /// Statements that are what was written.
    pub statements: u64,
    /// Statements that are not.
    pub unreadable: u64,
    /// What the database says of its pages; empty when they are sound.
    pub database: Vec<String>,
    /// Bundles that are there.
    pub bundles: u64,
    /// Numbers of bundles whose statements are not the same any more.
    pub changed_bundles: Vec<u64>,
}

impl RecordsReport {
    /// Nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.unreadable == 0 && self.database.is_empty() && self.changed_bundles.is_empty()
    }
}

#[derive(Default)]
struct Slice {
    statements: Vec<String>,
    last: Option<i64>,
    unreadable: u64,
}

impl Records {
    /// Cuts what is in no bundle yet into bundles, and keeps their rows; all bundles, the oldest first. Blocks for the reading of what
    /// is new.
    ///
    /// # Errors
    /// As [`store`](Records::store).
    pub fn bundles(&self, now: Timestamp) -> Result<Vec<Bundle>, RecordsError> {
        let _alone = lock(&self.0.cutting);
        let mut all = self.read(|db, _| list(db))?;
        loop {
            let (number, after) = all
                .last()
                .map_or((1, i64::MIN), |last| (last.number + 1, last.up_to));
            let Some(next) = self.measure(number, after, None, &mut |_| Ok(()))? else {
                return Ok(all);
            };
            self.keep_bundle(next.clone(), now)?;
            all.push(next);
        }
    }

    /// Gives every statement of `bundle` to `take`, in order. A statement that is not what was written any more is left out; then the
    /// bundle that comes back is another, and is kept in its place.
    ///
    /// # Errors
    /// As [`store`](Records::store), or what `take` fails with.
    pub fn read_bundle(
        &self,
        bundle: &Bundle,
        now: Timestamp,
        take: &mut dyn FnMut(&str) -> Result<(), RecordsError>,
    ) -> Result<Bundle, RecordsError> {
        let until = Some(bundle.up_to);
        let read = self.measure(bundle.number, bundle.after, until, take)?;
        let read = read.map(|read| Bundle {
            received: bundle.received,
            up_to: bundle.up_to,
            ..read
        });
        let read = read.unwrap_or_else(|| Bundle {
            statements: 0,
            bytes: 0,
            digest: Sha256::digest(b"").into(),
            ..bundle.clone()
        });
        if read != *bundle {
            self.keep_bundle(read.clone(), now)?;
        }
        Ok(read)
    }

    /// A receipt for the bundle `number` was believed.
    ///
    /// # Errors
    /// As [`store`](Records::store).
    pub fn mark_received(&self, bundle: &Bundle, now: Timestamp) -> Result<(), RecordsError> {
        let received = Bundle {
            received: true,
            ..bundle.clone()
        };
        self.keep_bundle(received, now)
    }

    /// How much is not known to have arrived.
    ///
    /// # Errors
    /// [`RecordsError`] when the database cannot be read.
    pub fn waiting(&self) -> Result<Waiting, RecordsError> {
        self.read(|db, _| waiting(db).map_err(database_error("count")))
    }

    /// Statements that are not known to have arrived, as [`waiting`](Self::waiting) has them, but told without reading any: for who asks every
    /// second.
    ///
    /// # Errors
    /// [`RecordsError`] when the database cannot be read.
    pub fn outstanding(&self) -> Result<u64, RecordsError> {
        self.read(|db, _| {
            let (in_bundles, up_to) = without_receipt(db).map_err(database_error("count"))?;
            let mut tally = lock(&self.0.tally);
            let all = tally.all.count(db, i64::MAX)?;
            let bundled = tally.in_bundles.count(db, up_to)?;
            Ok(in_bundles + all.saturating_sub(bundled))
        })
    }

    /// Looks at every page and every statement, and at every bundle that was cut. Blocks for long; writing goes on meanwhile.
    ///
    /// # Errors
    /// [`RecordsError`] when the database cannot be read at all.
    pub fn verify(
        &self,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<RecordsReport, RecordsError> {
        let total = self.count()?;
        // A connection of its own: it takes long, and nobody who reads statements waits for it.
        let apart =
            open_reader(&database_path(&self.0.shared.folder)).map_err(database_error("open"))?;
        let database = integrity(&apart).map_err(database_error("check"))?;
        drop(apart);
        let mut report = RecordsReport {
            statements: 0,
            unreadable: 0,
            database,
            bundles: 0,
            changed_bundles: Vec::new(),
        };
        let mut after = i64::MIN;
        loop {
            let slice = self.read(|db, veil| slice(db, veil, after, i64::MAX))?;
            report.statements += slice.statements.len() as u64;
            report.unreadable += slice.unreadable;
            progress(report.statements + report.unreadable, total);
            let Some(last) = slice.last else { break };
            after = last;
        }
        for bundle in self.read(|db, _| list(db))? {
            report.bundles += 1;
            let until = Some(bundle.up_to);
            let now = self.measure(bundle.number, bundle.after, until, &mut |_| Ok(()))?;
            if now.is_none_or(|now| now.digest != bundle.digest) {
                report.changed_bundles.push(bundle.number);
            }
        }
        Ok(report)
    }

    /// The bundle that begins after `after` and ends at `until`, or when it is long enough; `None` when nothing is there.
    fn measure(
        &self,
        number: u64,
        after: i64,
        until: Option<i64>,
        take: &mut dyn FnMut(&str) -> Result<(), RecordsError>,
    ) -> Result<Option<Bundle>, RecordsError> {
        let (mut digest, mut up_to) = (Sha256::new(), after);
        let (mut statements, mut bytes) = (0, 0);
        while until.is_some() || bytes < BUNDLE_BYTES {
            let end = until.unwrap_or(i64::MAX);
            let slice = self.read(|db, veil| slice(db, veil, up_to, end))?;
            for json in &slice.statements {
                digest.update(json.as_bytes());
                digest.update(b"\n");
                bytes += json.len() as u64 + 1;
                statements += 1;
                take(json)?;
            }
            let Some(last) = slice.last else { break };
            up_to = last;
        }
        let bundle = Bundle {
            number,
            after,
            up_to,
            statements,
            bytes,
            digest: digest.finalize().into(),
            received: false,
        };
        Ok((up_to != after).then_some(bundle))
    }

    fn keep_bundle(&self, bundle: Bundle, now: Timestamp) -> Result<(), RecordsError> {
        self.wait(|reply| self.enqueue(now, Work::Bundle { bundle, reply }))
    }
}

/// The statements of one read, voided ones too: who takes them out must not miss one.
fn slice(db: &Connection, veil: &Veil, after: i64, up_to: i64) -> Result<Slice, RecordsError> {
    let column = veil.body_column();
    let sql = format!(
        "SELECT stored, {column} FROM statements WHERE stored > ?1 AND stored <= ?2 ORDER BY stored LIMIT {SLICE}"
    );
    let read = || {
        let (mut found, mut bytes) = (Slice::default(), 0);
        let mut rows_of = db.prepare_cached(&sql)?;
        let mut rows = rows_of.query((after, up_to))?;
        while let Some(row) = rows.next()? {
            let stored = row.get(0)?;
            found.last = Some(stored);
            match veil.body(row, 1, Place::Statement(stored))? {
                Some(json) => {
                    bytes += json.len();
                    found.statements.push(json);
                }
                None => found.unreadable += 1,
            }
            if bytes >= SLICE_BYTES {
                break;
            }
        }
        Ok(found)
    };
    read().map_err(database_error("read"))
}

fn list(db: &Connection) -> Result<Vec<Bundle>, RecordsError> {
    let read = || {
        let mut rows = db.prepare_cached(
            "SELECT number, after, up_to, statements, bytes, digest, received FROM bundles ORDER BY number",
        )?;
        let rows = rows.query_map((), |row| {
            Ok(Bundle {
                number: whole(row, 0)?,
                after: row.get(1)?,
                up_to: row.get(2)?,
                statements: whole(row, 3)?,
                bytes: whole(row, 4)?,
                digest: row.get(5)?,
                received: row.get(6)?,
            })
        })?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    read().map_err(database_error("read"))
}

/// Within the caller's transaction, or of one moment.
pub(super) fn waiting(db: &Connection) -> rusqlite::Result<Waiting> {
    let (in_bundles, up_to) = without_receipt(db)?;
    let in_none = db.query_row(
        "SELECT count(*) FROM statements WHERE stored > ?1",
        [up_to],
        |row| whole(row, 0),
    )?;
    Ok(Waiting {
        in_bundles,
        in_none,
    })
}

/// Statements in bundles without a receipt, and up to which moment there are bundles.
fn without_receipt(db: &Connection) -> rusqlite::Result<(u64, i64)> {
    let (statements, up_to): (u64, Option<i64>) = db
        .prepare_cached(
            "SELECT coalesce(sum(statements) FILTER (WHERE received = 0), 0), max(up_to) FROM bundles",
        )?
        .query_row((), |row| Ok((whole(row, 0)?, row.get(1)?)))?;
    Ok((statements, up_to.unwrap_or(i64::MIN)))
}

fn integrity(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut rows = db.prepare("PRAGMA integrity_check(10)")?;
    let rows = rows.query_map((), |row| row.get::<_, String>(0))?;
    rows.filter(|line| line.as_ref().is_ok_and(|line| line != "ok") || line.is_err())
        .collect()
}

/// Keeps a bundle's row; the same again changes nothing, and a receipt is never taken back.
pub(super) fn keep(db: &Connection, bundle: &Bundle) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO bundles (number, after, up_to, statements, bytes, digest, received)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT DO UPDATE SET statements = excluded.statements, bytes = excluded.bytes,
                                   digest = excluded.digest, received = max(received, excluded.received)",
    )?
    .execute(params![
        bundle.number.cast_signed(),
        bundle.after,
        bundle.up_to,
        bundle.statements.cast_signed(),
        bundle.bytes.cast_signed(),
        bundle.digest.as_slice(),
        bundle.received
    ])
    .map(drop)
}

/// SQLite's whole numbers have a sign; none of these is below 0.
fn whole(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<u64> {
    row.get(at).map(i64::cast_unsigned)
}
