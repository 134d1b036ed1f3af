//! What one batch does inside the writer's transaction.

use super::authority::Authority;
use super::moment;
use super::schema::random_uuid;
use super::statement::{Statement, Term, Terms, terms};
use super::veil::{Place, Veil};
use super::{RecordsError, schema};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet, VecDeque};
use uuid::Uuid;

/// How long a chain of statements about statements is followed, and how many earlier statements are found again by
/// what a late target brings: a hostile client must not make one small statement a long transaction.
const CHAIN_LIMIT: usize = 8;
const LATE_LIMIT: usize = 1_000;

/// Why a batch was not taken.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The batch is at fault; the others go on.
    Refused(RecordsError),
    /// SQLite said no; whether the others go on depends on what.
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// Stores `batch`, the statements that are there already left out; answers the ids in order.
/// `stored` is the moment of the last statement before, and becomes that of the last one here.
pub(super) fn batch(
    db: &Connection,
    veil: &Veil,
    batch: &[Statement],
    authority: &Authority,
    now: i64,
    stored: &mut i64,
) -> Result<Vec<Uuid>, Trouble> {
    let mut ids = Vec::with_capacity(batch.len());
    for statement in batch {
        let id = match statement.id() {
            Some(id) => id,
            None => random_uuid().map_err(Trouble::Refused)?,
        };
        if !is_repeat(db, veil, id, statement)? {
            *stored = moment::next(*stored, now);
            insert(db, veil, id, statement, authority, now, *stored)?;
        }
        ids.push(id);
    }
    Ok(ids)
}

/// `true` when the very statement is there; a different one under its id is a conflict.
fn is_repeat(
    db: &Connection,
    veil: &Veil,
    id: Uuid,
    statement: &Statement,
) -> Result<bool, Trouble> {
    let mut find =
        db.prepare_cached("SELECT fingerprint, happened FROM statements WHERE id = ?1")?;
    let found: Option<([u8; 32], i64)> = find
        .query_row([veil.keyed(id.as_bytes()).as_slice()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    match found {
        None => Ok(false),
        Some((fingerprint, happened)) => {
            let same_time = statement
                .timestamp()
                .is_none_or(|time| moment::micros(time) == happened);
            if fingerprint == veil.fingerprint(statement.fingerprint()) && same_time {
                Ok(true)
            } else {
                Err(Trouble::Refused(RecordsError::Conflict { id }))
            }
        }
    }
}

fn insert(
    db: &Connection,
    veil: &Veil,
    id: Uuid,
    statement: &Statement,
    authority: &Authority,
    now: i64,
    stored: i64,
) -> Result<(), Trouble> {
    let happened = statement.timestamp().map_or(now, moment::micros);
    let body = complete(statement, id, authority, now, stored);
    let own = veil.keyed(id.as_bytes());
    let voided = !statement.is_voiding() && is_voided(db, own)?;
    let target = statement.target();
    let target = target.map(|target| veil.keyed(target.as_bytes()));
    let text = body.to_string();
    let sealed = veil
        .seal(Place::Statement(stored), &text)
        .map_err(Trouble::Refused)?;
    let fingerprint = veil.fingerprint(statement.fingerprint());
    let values = params![
        stored,
        own.as_slice(),
        fingerprint.as_slice(),
        happened,
        target.as_ref().map(<[u8; 16]>::as_slice),
        statement.is_voiding(),
        voided,
        if sealed.is_some() { "" } else { &text },
        sealed,
    ];
    if sealed.is_some() {
        db.prepare_cached(
            "INSERT INTO statements (stored, id, fingerprint, happened, target, voiding, voided, body, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(values)?;
    } else {
        db.prepare_cached(
            "INSERT INTO statements (stored, id, fingerprint, happened, target, voiding, voided, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(&values[..8])?;
    }
    if let Some(target) = target
        && statement.is_voiding()
    {
        db.prepare_cached("UPDATE statements SET voided = 1 WHERE id = ?1 AND voiding = 0")?
            .execute([target.as_slice()])?;
    }
    let found_by = with_targets(db, veil, keyed(veil, terms(&body)), target)?;
    add_terms(db, stored, &found_by)?;
    late_target(db, own, &found_by)
}

/// As the index has them.
fn keyed(veil: &Veil, plain: Terms) -> Terms {
    plain
        .into_iter()
        .map(|(term, direct)| (veil.term(&term), direct))
        .collect()
}

/// The statement as it is given back: what the store sets is in it.
fn complete(
    statement: &Statement,
    id: Uuid,
    authority: &Authority,
    now: i64,
    stored: i64,
) -> Value {
    let mut body = statement.value().clone();
    if let Value::Object(map) = &mut body {
        map.insert("id".to_owned(), id.to_string().into());
        map.insert("stored".to_owned(), moment::text(stored).into());
        map.insert("authority".to_owned(), authority.agent().clone());
        // The honest clock, not `stored`: that one may run ahead of a clock that stepped back.
        map.entry("timestamp")
            .or_insert_with(|| moment::text(now).into());
        map.entry("version").or_insert_with(|| "1.0.0".into());
    }
    body
}

/// Whether a voiding statement names `id`: it may have come first.
fn is_voided(db: &Connection, id: [u8; 16]) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM statements WHERE target = ?1 AND voiding = 1)")?
        .query_row([id.as_slice()], |row| row.get(0))
}

/// A statement about a statement is found by what finds the other, and so on along the chain.
fn with_targets(
    db: &Connection,
    veil: &Veil,
    own: Terms,
    target: Option<[u8; 16]>,
) -> Result<Terms, Trouble> {
    let mut all = own;
    let mut next = target;
    let body = veil.body_column();
    let sql = format!("SELECT stored, {body}, target FROM statements WHERE id = ?1");
    let mut find = db.prepare_cached(&sql)?;
    for _ in 0..CHAIN_LIMIT {
        let Some(id) = next else { break };
        let found: Option<(Option<String>, Option<[u8; 16]>)> = find
            .query_row([id.as_slice()], |row| {
                let place = Place::Statement(row.get(0)?);
                Ok((veil.body(row, 1, place)?, row.get(2)?))
            })
            .optional()?;
        // One that cannot be read any more is no reason to refuse what is said about it.
        let body = found
            .as_ref()
            .and_then(|(body, _)| serde_json::from_str(body.as_ref()?).ok());
        let (Some((_, further)), Some(body)) = (found, body) else {
            break;
        };
        merge(&mut all, keyed(veil, terms(&body)));
        next = further;
    }
    Ok(all)
}

fn merge(all: &mut Terms, more: Terms) {
    for (term, direct) in more {
        *all.entry(term).or_default() |= direct;
    }
}

fn add_terms(
    db: &Connection,
    stored: i64,
    found_by: &BTreeMap<Term, bool>,
) -> rusqlite::Result<()> {
    let mut add = db.prepare_cached(
        "INSERT INTO terms (term, stored, direct) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET direct = max(direct, excluded.direct)",
    )?;
    for (term, direct) in found_by {
        add.execute(params![term.as_slice(), stored, direct])?;
    }
    Ok(())
}

/// Statements about `id` that came before it are now found by what finds it.
fn late_target(db: &Connection, id: [u8; 16], found_by: &Terms) -> Result<(), Trouble> {
    let mut about = db.prepare_cached(
        "SELECT stored, id FROM statements WHERE target = ?1 ORDER BY stored LIMIT ?2",
    )?;
    let mut seen = HashSet::from([id]);
    let mut waiting = VecDeque::from([id]);
    while let Some(target) = waiting.pop_front() {
        let left = LATE_LIMIT.saturating_sub(seen.len());
        let rows = about
            .query_map(params![target.as_slice(), left as i64], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect::<rusqlite::Result<Vec<(i64, [u8; 16])>>>()?;
        for (stored, about_it) in rows {
            if seen.insert(about_it) {
                add_terms(db, stored, found_by)?;
                waiting.push_back(about_it);
            }
        }
    }
    Ok(())
}

/// One row, to prove that a write reaches the disk.
pub(super) fn probe(db: &Connection, now: i64) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO meta (key, value) VALUES ('probe', ?1)
         ON CONFLICT DO UPDATE SET value = excluded.value",
    )?
    .execute([now])
    .map(|_| ())
}

/// Makes or renews a credential.
pub(super) fn credential(
    db: &Connection,
    veil: &Veil,
    (username, name): (&str, &str),
    hash: &[u8; 32],
    now: i64,
) -> Result<(), Trouble> {
    let row = veil.username(username);
    let sealed = veil
        .seal(veil.credential(&row, hash), username)
        .map_err(Trouble::Refused)?;
    if let Some(sealed) = sealed {
        db.prepare_cached(
            "INSERT INTO credentials (username, name, password_hash, made, sealed) VALUES (?1, '', ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET password_hash = excluded.password_hash, made = excluded.made,
                                       sealed = excluded.sealed",
        )?
        .execute(params![row, hash.as_slice(), now, sealed])?;
        return Ok(());
    }
    db.prepare_cached(
        "INSERT INTO credentials (username, name, password_hash, made) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET name = excluded.name, password_hash = excluded.password_hash,
                                   made = excluded.made",
    )?
    .execute(params![username, name, hash.as_slice(), now])?;
    Ok(())
}

/// How many statements there are, and how many of them lie in bundles.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) all: Counted,
    pub(super) in_bundles: Counted,
}

/// Statements up to a moment, counted once: `stored` only rises, so later counts look at what came since.
#[derive(Debug, Default)]
pub(super) struct Counted {
    statements: u64,
    /// Of the last statement counted.
    up_to: Option<i64>,
}

impl Counted {
    /// Those stored up to `end`, which never steps back.
    pub(super) fn count(&mut self, db: &Connection, end: i64) -> Result<u64, RecordsError> {
        let (since, last): (i64, Option<i64>) = db
            .prepare_cached(
                "SELECT count(*), max(stored) FROM statements WHERE stored > ?1 AND stored <= ?2",
            )
            .and_then(|mut count| {
                count.query_row((self.up_to.unwrap_or(i64::MIN), end), |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
            })
            .map_err(schema::database_error("count"))?;
        self.statements += since.unsigned_abs();
        self.up_to = last.or(self.up_to);
        Ok(self.statements)
    }
}
