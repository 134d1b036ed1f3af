//! The records across an update and the way back: this program, one before it and two after it on the same database.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a test's verdict"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "crash states are made by copying files"
)]

mod records_rig;

use content_store::records::{Authority, Durability, Format, Query, Records, RecordsError};
use content_store::schema::{Contract, Found, Schema};
use records_rig::{authority, id, keys, now, open, open_with, options, statement, value};
use rusqlite::Connection;
use serde_json::json;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The tables of format 1 as they were published. Frozen: boxes have such databases.
const FORMAT_1: &str = include_str!("records_format_1.sql");

/// What the next program adds: a column, a table that is filled and emptied by triggers, an index.
const ADDED: &str = "
    ALTER TABLE statements ADD COLUMN lesson TEXT NOT NULL DEFAULT 'none';
    CREATE INDEX statements_by_lesson ON statements (lesson, stored);
    CREATE TABLE lessons (stored INTEGER PRIMARY KEY, bytes INTEGER NOT NULL) STRICT;
    INSERT INTO lessons SELECT stored, length(coalesce(sealed, body)) FROM statements;
    CREATE TRIGGER lesson_begins AFTER INSERT ON statements BEGIN
        INSERT INTO lessons VALUES (new.stored, length(coalesce(new.sealed, new.body)));
    END;
    CREATE TRIGGER lesson_ends AFTER DELETE ON statements BEGIN
        DELETE FROM lessons WHERE stored = old.stored;
    END;
";

/// And what it does not need any more.
const TAKEN: Contract = Contract {
    needs: 4,
    sql: "ALTER TABLE credentials DROP COLUMN made",
};

fn this() -> Schema {
    Records::schema()
}

/// The program that sealed nothing yet.
fn first() -> Schema {
    Schema {
        expand: &this().expand[..1],
        contract: &[],
        ..this()
    }
}

/// The program of the next release.
fn next() -> Schema {
    Schema {
        expand: Box::leak([this().expand, &[ADDED]].concat().into_boxed_slice()),
        ..this()
    }
}

/// The one after it, which does without the old shape.
fn last() -> Schema {
    Schema {
        contract: Box::leak([this().contract, &[TAKEN]].concat().into_boxed_slice()),
        ..next()
    }
}

fn open_as(data: &Path, schema: &Schema) -> Result<Records, RecordsError> {
    Records::open_as(data, options(Durability::Full, 0), keys(data), schema)
}

fn numbered(number: u128) -> content_store::records::Statement {
    let mut named = value(1);
    named["id"] = json!(id(number).to_string());
    statement(named)
}

fn put(records: &Records, numbers: Range<u128>) {
    put_by(records, &authority(records), numbers);
}

fn put_by(records: &Records, by: &Authority, numbers: Range<u128>) {
    for number in numbers {
        records.store(vec![numbered(number)], by, now()).unwrap();
    }
}

/// All of the first `count` statements are there, by their ids and in pages, and no more.
fn has(records: &Records, count: u128) {
    for number in 0..count {
        let found = records.statement(id(number), &Format::Exact).unwrap();
        assert!(found.is_some(), "statement {number} is gone");
    }
    assert_eq!(u128::from(records.count().unwrap()), count);
    let verb = Some(records_rig::verb(1));
    let page = records.query(&Query {
        verb,
        ..Query::default()
    });
    assert_eq!(page.unwrap().statements.len() as u128, count);
    assert_eq!(records.quarantined(), None);
}

fn database(data: &Path) -> PathBuf {
    data.join("records/records.db")
}

fn raw(data: &Path) -> Connection {
    let db = Connection::open(database(data)).unwrap();
    let verdict: String = db
        .query_row("PRAGMA integrity_check", (), |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
    db
}

fn found(data: &Path) -> (i64, i64, i64, i64) {
    let found = Found::read(&raw(data)).unwrap();
    (
        found.format,
        found.opens_from,
        found.kept_for,
        found.contracted,
    )
}

fn count(data: &Path, table: &str) -> u128 {
    let count: u32 = raw(data)
        .query_row(&format!("SELECT count(*) FROM {table}"), (), |row| {
            row.get(0)
        })
        .unwrap();
    count.into()
}

fn bytes_of(data: &Path) -> Vec<Option<Vec<u8>>> {
    ["", "-wal"]
        .map(|suffix| fs::read(format!("{}{suffix}", database(data).display())).ok())
        .to_vec()
}

/// What a box looks like whose power was cut just now: the files, without anybody's goodbye.
fn cut(data: &Path) -> TempDir {
    let copy = TempDir::new().unwrap();
    fs::create_dir(copy.path().join("records")).unwrap();
    for name in ["records/records.db", "records/records.db-wal", "key"] {
        if data.join(name).exists() {
            fs::copy(data.join(name), copy.path().join(name)).unwrap();
        }
    }
    copy
}

/// A database of format 1, made by its own SQL and filled by hand: what an old box brings.
fn published(statements: u128) -> TempDir {
    let data = TempDir::new().unwrap();
    fs::create_dir(data.path().join("records")).unwrap();
    let db = Connection::open(database(data.path())).unwrap();
    db.pragma_update(None, "page_size", 1024).unwrap();
    db.pragma_update(None, "journal_mode", "WAL").unwrap();
    db.execute_batch(FORMAT_1).unwrap();
    db.execute(
        "INSERT INTO meta VALUES ('store_id', x'00112233445566778899aabbccddeeff')",
        (),
    )
    .unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    drop(db);
    let records = open_as(data.path(), &first()).unwrap();
    put(&records, 0..statements);
    records.close();
    data
}

/// A database begun by this program.
fn sealed(statements: u128) -> TempDir {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    put(&records, 0..statements);
    records.close();
    data
}

/// Whether a word of every statement stands somewhere in the records' files.
fn is_open_to_read(data: &Path) -> bool {
    let mark = b"amina@school.example";
    let holds = |bytes: Vec<u8>| bytes.windows(mark.len()).any(|window| window == mark);
    bytes_of(data).into_iter().flatten().any(holds)
}

#[test]
fn format_1_is_what_was_published() {
    let shape = |data: &Path| -> Vec<String> {
        let db = raw(data);
        let mut rows = db
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            .unwrap();
        let rows = rows.query_map((), |row| row.get::<_, String>(0)).unwrap();
        let plain = |sql: String| sql.split_whitespace().collect::<Vec<_>>().join(" ");
        rows.map(|sql| plain(sql.unwrap())).collect()
    };
    let made = TempDir::new().unwrap();
    open_as(made.path(), &first()).unwrap().close();
    assert_eq!(shape(made.path()), shape(published(0).path()));
    assert_eq!(found(made.path()), (1, 1, 1, 0));
}

#[test]
fn a_published_database_is_taken_by_every_later_program() {
    for schema in [this(), next(), last()] {
        let data = published(40);
        let records = open_as(data.path(), &schema).unwrap();
        has(&records, 40);
        put(&records, 0..50);
        has(&records, 50);
        records.close();
        assert_eq!(
            found(data.path()),
            (schema.format(), 1, 1, 0),
            "and the program before can have it back"
        );
    }
}

#[test]
fn the_program_before_writes_what_the_next_one_finds_again() {
    to_and_fro(published(10), (4, 1, 1, 0));
    to_and_fro(sealed(10), (4, 3, 3, 2));
}

fn to_and_fro(data: TempDir, expected: (i64, i64, i64, i64)) {
    open_as(data.path(), &next()).unwrap().close();
    let shape = found(data.path());
    assert_eq!(shape, expected);

    // The way back: this program knows nothing of the column, the table, the triggers.
    let before = open(data.path());
    has(&before, 10);
    put(&before, 0..25);
    has(&before, 25);
    let credential = before.make_credential("tablet", now()).unwrap();
    before.close();
    assert_eq!(found(data.path()), shape, "what it does not know stays");
    assert_eq!(count(data.path(), "lessons"), 25);

    // And forth again.
    let again = open_as(data.path(), &next()).unwrap();
    has(&again, 25);
    assert!(
        again
            .check_credential(&credential.username, &credential.password)
            .is_some()
    );
    put(&again, 0..30);
    again.close();
    assert_eq!(count(data.path(), "lessons"), 30);
    assert_eq!(
        count(
            data.path(),
            "statements INDEXED BY statements_by_lesson WHERE lesson = 'none'"
        ),
        30
    );

    // What the program before forgets is forgotten in the tables that it does not know, too.
    let before = open(data.path());
    before.forget_everyone(now()).unwrap();
    before.close();
    assert_eq!(
        count(data.path(), "sqlite_schema WHERE name = 'lessons'"),
        0
    );
    has(&open_as(data.path(), &next()).unwrap(), 0);
}

#[test]
fn nothing_is_taken_away_while_a_program_may_come_back_that_needs_it() {
    let data = published(10);
    for _ in 0..3 {
        open_as(data.path(), &last()).unwrap().close();
    }
    assert_eq!(found(data.path()), (4, 1, 1, 0));
    let before = open(data.path());
    put(&before, 0..12);
    before.make_credential("tablet", now()).unwrap();
    // Nobody older than this one, which itself needs the old shape.
    before.older_programs_are_gone(now()).unwrap();
    before.close();
    assert!(is_open_to_read(data.path()));
    let records = open_as(data.path(), &last()).unwrap();
    assert_eq!(
        found(data.path()),
        (4, 3, 3, 2),
        "sealed and bound, and no more"
    );
    assert!(!is_open_to_read(data.path()));
    has(&records, 12);
    records.close();
    let before = open(data.path());
    has(&before, 12);
    before.close();
    let records = open_as(data.path(), &last()).unwrap();
    records.older_programs_are_gone(now()).unwrap();
    records.close();
    assert_eq!(found(data.path()), (4, 3, 4, 2), "at the next opening");
    let records = open_as(data.path(), &last()).unwrap();
    has(&records, 12);
    records.close();
    assert_eq!(found(data.path()), (4, 4, 4, 3));
}

/// Taken out of the reach of the program before.
fn contracted(statements: u128) -> TempDir {
    let data = published(statements);
    let records = open_as(data.path(), &last()).unwrap();
    records.older_programs_are_gone(now()).unwrap();
    let by = authority(&records);
    records.close();
    let records = open_as(data.path(), &last()).unwrap();
    put_by(&records, &by, statements..statements + 3);
    // Cut, so that its last statements stand in the journal alone.
    cut(data.path())
}

#[test]
fn what_the_program_before_cannot_write_it_refuses_and_leaves_as_it_is() {
    let data = contracted(7);
    let before = bytes_of(data.path());
    assert!(before[1].as_ref().is_some_and(|wal| !wal.is_empty()));
    for suspect in [false, true] {
        if suspect {
            fs::write(data.path().join("records/suspect"), "a read failed").unwrap();
        }
        for _ in 0..2 {
            let refused =
                Records::open(data.path(), options(Durability::Full, 0), keys(data.path()));
            let error = refused.unwrap_err();
            assert!(matches!(error, RecordsError::TooNew { found: 4, known: 3 }));
            assert!(bytes_of(data.path()) == before, "the database was changed");
        }
    }
    let shut = Records::shut(data.path(), 4);
    let line = "records.db has format 4, this version knows 3: update the box before it opens them";
    assert_eq!(shut.is_shut().unwrap().to_string(), line);
    assert_eq!(shut.health().last_error.as_deref(), Some(line));
    assert_eq!(shut.fatal(), None);
    assert_eq!(shut.count().unwrap_err().to_string(), line);
    assert_eq!(shut.forget_everyone(now()).unwrap_err().to_string(), line);
    assert!(shut.statement(id(1), &Format::Exact).is_err());
    shut.close();
    assert!(bytes_of(data.path()) == before);
    // Nothing is lost for the program that comes next.
    let records = open_as(data.path(), &last()).unwrap();
    has(&records, 10);
}

/// The control: a database that says it can be opened from 1 though it was contracted is opened, and fails.
#[test]
fn control_without_the_rule_the_program_before_fails_on_a_contracted_database() {
    let data = contracted(7);
    raw(data.path())
        .execute("UPDATE schema_rule SET opens_from = 3", ())
        .unwrap();
    let before = open(data.path());
    let refused = before.make_credential("tablet", now()).unwrap_err();
    assert!(refused.to_string().contains("made"), "{refused}");
}

#[test]
fn a_step_that_fails_leaves_the_database_as_it_was() {
    let failing = format!("{ADDED} INSERT INTO lessons SELECT * FROM nowhere;");
    let schema = Schema {
        expand: Box::leak(Box::new([
            this().expand[0],
            this().expand[1],
            this().expand[2],
            &*Box::leak(failing.into_boxed_str()),
        ])),
        ..this()
    };
    let data = published(5);
    let refused = open_as(data.path(), &schema).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "cannot change the tables of the records"
    );
    assert_eq!(found(data.path()), (1, 1, 1, 0));
    has(&open(data.path()), 5);
    // The control: without the transaction half of the step stays.
    let half = published(5);
    let db = raw(half.path());
    db.execute_batch(schema.expand[3]).unwrap_err();
    let tables = "sqlite_schema WHERE name = 'lessons'";
    assert_eq!(
        (count(data.path(), tables), count(half.path(), tables)),
        (0, 1)
    );
    drop(db);
    open_as(half.path(), &next()).unwrap_err();
}

/// The power is cut after every kilobyte that the step writes into the journal, and in the middle of each.
#[test]
fn a_cut_anywhere_in_a_step_costs_nothing() {
    let data = published(60);
    let records = open_as(data.path(), &next()).unwrap();
    let after = cut(data.path());
    drop(records);
    let wal = |data: &Path| data.join("records/records.db-wal");
    let whole = fs::read(wal(after.path())).unwrap();
    let (mut old, mut new) = (0, 0);
    let frame = 1024 + 24;
    for place in 0..=whole.len().div_ceil(frame) * 2 {
        let keep = (32 + place * frame / 2).min(whole.len());
        let state = cut(after.path());
        fs::write(wal(state.path()), &whole[..keep]).unwrap();
        match found(cut(state.path()).path()).0 {
            1 => old += 1,
            _ => new += 1,
        }
        // Either program may be the one that starts next.
        match place % 2 {
            0 => has(&open_with(state.path(), Durability::Full, 0), 60),
            _ => has(&open_as(state.path(), &next()).unwrap(), 60),
        }
        let records = open_as(state.path(), &next()).unwrap();
        has(&records, 60);
        records.close();
        assert_eq!(count(state.path(), "lessons"), 60);
    }
    assert!(old > 10 && new > 0, "{old} before, {new} after the commit");
}

#[test]
fn a_database_of_a_next_program_is_young_enough_for_the_one_before() {
    let data = TempDir::new().unwrap();
    open_as(data.path(), &last()).unwrap().close();
    assert_eq!(found(data.path()), (4, 3, 3, 2));
    let before = open(data.path());
    put(&before, 0..3);
    has(&before, 3);
}

/// Sealing what was plain changes nothing that anybody can ask for: statements about statements, voided ones, tools, repeats.
#[test]
fn what_is_sealed_later_is_found_as_before() {
    let data = published(4);
    let records = open_as(data.path(), &first()).unwrap();
    let by = authority(&records);
    let said = records_rig::about("http://example.org/verbs/liked", id(1));
    let voiding = records_rig::about("http://adlnet.gov/expapi/verbs/voided", id(2));
    for (number, mut value) in [(100, said), (101, voiding)] {
        value["id"] = json!(id(number).to_string());
        records.store(vec![statement(value)], &by, now()).unwrap();
    }
    let tool = records.make_credential("quiz", now()).unwrap();
    let queries = || {
        let agent = r#"{"mbox": "mailto:amina@school.example"}"#;
        let agent = content_store::records::AgentFilter::parse(agent).ok();
        let query = |verb: Option<String>, related_agents| Query {
            agent: agent.clone(),
            verb,
            related_agents,
            ..Query::default()
        };
        [
            query(None, false),
            query(None, true),
            query(Some(records_rig::verb(1)), false),
        ]
    };
    let answers = |records: &Records| {
        let pages = queries().map(|query| records.query(&query).unwrap());
        let voided = records.voided_statement(id(2), &Format::Exact).unwrap();
        (pages, voided)
    };
    let before = answers(&records);
    records.close();
    let records = open(data.path());
    records.older_programs_are_gone(now()).unwrap();
    records.close();
    assert!(is_open_to_read(data.path()), "the control");

    let records = open(data.path());
    assert!(!is_open_to_read(data.path()));
    assert_eq!(answers(&records), before);
    assert!(before.1.is_some());
    assert!(
        records
            .check_credential(&tool.username, &tool.password)
            .is_some()
    );
    records.store(vec![numbered(0)], &by, now()).unwrap();
    assert_eq!(records.count().unwrap(), 6, "a repeat");
    let mut other = value(2);
    other["id"] = json!(id(0).to_string());
    let refused = records.store(vec![statement(other)], &by, now());
    assert!(matches!(refused, Err(RecordsError::Conflict { .. })));
    // What comes later still meets what came before.
    let mut late = records_rig::about("http://adlnet.gov/expapi/verbs/voided", id(3));
    late["id"] = json!(id(102).to_string());
    records.store(vec![statement(late)], &by, now()).unwrap();
    let voided = records.voided_statement(id(3), &Format::Exact).unwrap();
    assert!(voided.is_some());
}
