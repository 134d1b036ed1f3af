//! An update changes the tables of the records, and the power is cut at any write or sync of that change: the database is the old one
//! or the new one, every statement is there, and either program goes on with it: the new one, or the one before, to which the box fell
//! back.
//!
//! The control is the same change made step by step, without the one transaction.
//!
//! The same for the changes that seal what an older program left open, and bind credentials to their hash: each state is all open or all sealed, and
//! nothing is lost.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use anyhow::{Context as _, Result, ensure};
use board_support::key_store::FileKeys;
use content_store::records::{Credential, Durability, Format, Records, RecordsOptions, Statement};
use content_store::schema::{Found, Schema};
use jiff::Timestamp;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use system_tests::disk::{LyingDisk, Seed, Survey, plan, states_wanted, survey, usable};
use system_tests::world::statement;
use uuid::Uuid;

const DISK: u64 = 128 << 20;
const STATEMENTS: usize = 400;

/// What a next program adds: a column, a table with a row for each statement, an index over them.
const ADDED: [&str; 4] = [
    "ALTER TABLE statements ADD COLUMN lesson TEXT NOT NULL DEFAULT ''",
    "CREATE TABLE lessons (stored INTEGER PRIMARY KEY, bytes INTEGER NOT NULL) STRICT",
    "INSERT INTO lessons SELECT stored, length(body) FROM statements",
    "CREATE INDEX statements_by_lesson ON statements (lesson, stored)",
];

/// The program of the next release.
fn next() -> Schema {
    let added: &'static str = Box::leak(ADDED.join(";").into_boxed_str());
    Schema {
        expand: Box::leak(
            [Records::schema().expand, &[added]]
                .concat()
                .into_boxed_slice(),
        ),
        ..Records::schema()
    }
}

fn open(data: &Path, schema: &Schema) -> Result<Records> {
    let options = RecordsOptions {
        durability: Durability::Full,
        reserve_bytes: 0,
        traces: Vec::new(),
        finishing: Vec::new(),
    };
    let keys = Arc::new(FileKeys::in_data(data));
    let records =
        Records::open_as(data, options, keys, schema).context("the records do not open")?;
    let aside = records.quarantined();
    ensure!(aside.is_none(), "put aside: {aside:?}");
    Ok(records)
}

/// The program that sealed nothing yet.
fn first() -> Schema {
    Schema {
        expand: &Records::schema().expand[..1],
        contract: &[],
        ..Records::schema()
    }
}

/// What must be there whatever happens.
struct Kept {
    ids: Vec<Uuid>,
    tool: Credential,
}

/// Fills the records of `data` as the program that knows `schema` does.
fn fill(data: &Path, schema: &Schema) -> Result<Kept> {
    let records = open(data, schema)?;
    let credential = records.make_credential("quiz", Timestamp::now())?;
    let by = records.check_credential(&credential.username, &credential.password);
    let by = by.context("the store does not know its own credential")?;
    let ids: Vec<Uuid> = (0..STATEMENTS).map(|_| Uuid::new_v4()).collect();
    for some in ids.chunks(40) {
        let batch = some
            .iter()
            .map(|id| Statement::from_value(statement(*id)))
            .collect::<Result<_, _>>()?;
        records.store(batch, &by, Timestamp::now())?;
    }
    records.close();
    Ok(Kept {
        ids,
        tool: credential,
    })
}

/// All statements are there for a program that knows `schema`, and the tool is let in.
fn whole(data: &Path, schema: &Schema, Kept { ids, tool }: &Kept) -> Result<()> {
    let records = open(data, schema)?;
    let by = records.check_credential(&tool.username, &tool.password);
    ensure!(by.is_some(), "the tool's credential is lost");
    for id in ids {
        let found = records.statement(*id, &Format::Exact)?;
        ensure!(found.is_some(), "statement {id} is lost");
    }
    ensure!(
        records.count()? == u64::try_from(ids.len())?,
        "another count"
    );
    records.close();
    let db = Connection::open(data.join("records/records.db"))?;
    let verdict: String = db.query_row("PRAGMA integrity_check", (), |row| row.get(0))?;
    ensure!(verdict == "ok", "integrity: {verdict}");
    let found = Found::read(&db)?;
    ensure!(found.opens_from == 3, "the way back is shut: {found:?}");
    if found.format == 4 {
        let lessons: i64 = db.query_row("SELECT count(*) FROM lessons", (), |row| row.get(0))?;
        ensure!(usize::try_from(lessons)? == ids.len(), "{lessons} lessons");
    }
    Ok(())
}

/// Cuts `change` everywhere; the states that are still the old ones are counted.
fn cut_in(usual: usize, change: impl FnOnce(&Path) -> Result<()>) -> Result<(Survey, usize)> {
    let disk = LyingDisk::new(DISK)?;
    let data = disk.folder().join("data");
    let kept = fill(&data, &Records::schema())?;
    disk.settle()?;
    let from = disk.position()?;
    change(&data)?;
    disk.settle()?;
    let recording = disk.pull_the_plug()?;
    let range = from..recording.end();
    let entries = recording.log().entries();
    let cuts = plan(entries, range, states_wanted(usual), Seed(0x0da7a));
    let (mut old, mut turn) = (0, 0);
    let survey = survey(&recording, &cuts, |folder, _| {
        let data = folder.join("data");
        turn += 1;
        // Every other box falls back first.
        if turn % 2 == 0 {
            let fell_back = whole(&data, &Records::schema(), &kept);
            let db = Connection::open(data.join("records/records.db"))?;
            old += usize::from(Found::read(&db)?.format == 3);
            fell_back.context("fallen back")?;
        }
        whole(&data, &next(), &kept)
    })?;
    Ok((survey, old))
}

#[test]
fn a_cut_in_a_change_of_the_tables_costs_nothing() {
    if usable("power cut while the tables of the records change").is_none() {
        return;
    }
    let (survey, old) = cut_in(160, |data| {
        // Not closed before the box goes on: its journal is checkpointed at the end.
        let records = open(data, &next())?;
        records.close();
        Ok(())
    })
    .unwrap();
    eprintln!("change of tables: {old} fell back on the old ones; {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
    assert!(old > 0, "no cut fell before the commit");
}

#[test]
fn control_a_change_in_several_commits_is_found_half_done() {
    if usable("power cut while the tables change step by step").is_none() {
        return;
    }
    let (survey, _) = cut_in(60, |data| {
        let db = Connection::open(data.join("records/records.db"))?;
        for sql in ADDED {
            db.execute_batch(sql)?;
        }
        db.pragma_update(None, "user_version", 4)?;
        Ok(())
    })
    .unwrap();
    eprintln!("change of tables step by step: {survey}");
    assert!(
        !survey.failures.is_empty(),
        "no half-done change was found: the test above is blind"
    );
}

/// Cuts the opening that seals; counted are the states that are still open, and those that are sealed.
#[test]
fn a_cut_while_the_records_are_sealed_costs_nothing() {
    if usable("power cut while the records are sealed").is_none() {
        return;
    }
    let (survey, open_states, sealed_states) = cut_in_sealing(160).unwrap();
    eprintln!("sealing: {open_states} still open, {sealed_states} sealed; {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
    assert!(open_states > 0, "no cut fell before the commit");
    assert!(sealed_states > 0, "no cut fell after the commit");
}

fn cut_in_sealing(usual: usize) -> Result<(Survey, usize, usize)> {
    let disk = LyingDisk::new(DISK)?;
    let data = disk.folder().join("data");
    let kept = fill(&data, &first())?;
    let records = open(&data, &Records::schema())?;
    records.older_programs_are_gone(Timestamp::now())?;
    records.close();
    disk.settle()?;
    let from = disk.position()?;
    open(&data, &Records::schema())?.close();
    disk.settle()?;
    let recording = disk.pull_the_plug()?;
    let range = from..recording.end();
    let entries = recording.log().entries();
    let cuts = plan(entries, range, states_wanted(usual), Seed(0x5ea1));
    let (mut open_states, mut sealed_states) = (0, 0);
    let survey = survey(&recording, &cuts, |folder, _| {
        let data = folder.join("data");
        let sealed = || -> Result<(i64, i64)> {
            let db = Connection::open(data.join("records/records.db"))?;
            let counts = "SELECT count(*), count(sealed) FROM statements";
            Ok(db.query_row(counts, (), |row| Ok((row.get(0)?, row.get(1)?)))?)
        };
        let (all, closed) = sealed()?;
        ensure!(closed == 0 || closed == all, "{closed} of {all} are sealed");
        if closed == 0 {
            open_states += 1;
        } else {
            sealed_states += 1;
        }
        whole(&data, &Records::schema(), &kept)?;
        let (all, closed) = sealed()?;
        ensure!(closed == all, "{closed} of {all} are sealed afterwards");
        Ok(())
    })?;
    Ok((survey, open_states, sealed_states))
}
