//! Credentials of outside tools against somebody who has the disk and no key: a name opens beside its own hash alone, also those of before.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a test's verdict"
)]

mod records_rig;

use content_store::records::{Credential, Durability, Records};
use content_store::schema::{Found, Schema};
use records_rig::{keys, now, open, options};
use rusqlite::Connection;
use std::path::Path;
use tempfile::TempDir;

/// The program that sealed the names of credentials, and let any hash stand beside them.
fn second() -> Schema {
    Schema {
        expand: &Records::schema().expand[..2],
        contract: &Records::schema().contract[..1],
        begins_for: 2,
        ..Records::schema()
    }
}

fn open_as(data: &Path, schema: &Schema) -> Records {
    Records::open_as(data, options(Durability::Full, 0), keys(data), schema).unwrap()
}

fn raw(data: &Path) -> Connection {
    Connection::open(data.join("records/records.db")).unwrap()
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

/// Exchanges the hashes of the two credentials of `data`: what somebody does who has the disk, and a password of one tool.
fn exchange_hashes(data: &Path) {
    let db = raw(data);
    let rows = "SELECT username, password_hash FROM credentials";
    let mut rows = db.prepare(rows).unwrap();
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let rows: rusqlite::Result<Vec<(String, Vec<u8>)>> = rows.query_map((), row).unwrap().collect();
    let [(one, hash), (other, another)] = rows.unwrap().try_into().unwrap();
    let set = "UPDATE credentials SET password_hash = ?1 WHERE username = ?2";
    db.execute(set, (another, one)).unwrap();
    db.execute(set, (hash, other)).unwrap();
}

/// Two tools of a database begun by `schema`, and whether each is let in by its own password, and as the other one by it.
fn let_in(records: &Records, tools: &[Credential; 2]) -> [bool; 2] {
    let [one, other] = tools;
    let by = |username: &str, password: &str| {
        let checked = records.check_credential(username, password);
        checked.is_some()
    };
    assert_eq!(
        by(&one.username, &other.password),
        by(&other.username, &one.password)
    );
    let own = by(&one.username, &one.password) && by(&other.username, &other.password);
    [own, by(&one.username, &other.password)]
}

const OWN: [bool; 2] = [true, false];
const NOBODY: [bool; 2] = [false, false];
const EXCHANGED: [bool; 2] = [false, true];

#[test]
fn a_credential_opens_beside_its_own_hash_alone() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let tools = ["quiz", "tablet"].map(|name| records.make_credential(name, now()).unwrap());
    records.close();
    let records = open(data.path());
    assert_eq!(let_in(&records, &tools), OWN, "the control");
    assert_eq!(records.unreadable_credentials(), 0);
    records.close();
    exchange_hashes(data.path());
    let records = open(data.path());
    assert_eq!(let_in(&records, &tools), NOBODY);
    assert_eq!(records.unreadable_credentials(), 2, "and it is told");
    let quiz = records.make_credential("quiz", now()).unwrap();
    assert_eq!(records.unreadable_credentials(), 1, "made anew");
    records.close();
    let records = open(data.path());
    let checked = records.check_credential(&quiz.username, &quiz.password);
    assert!(checked.is_some());
    // To take the word away makes none loose.
    raw(data.path())
        .execute("DELETE FROM meta WHERE key = 'credentials_bound'", ())
        .unwrap();
    records.close();
    let records = open(data.path());
    assert_eq!(records.unreadable_credentials(), 2);
}

#[test]
fn credentials_of_before_are_kept_and_bound_once_no_older_program_comes_back() {
    let data = TempDir::new().unwrap();
    let before = open_as(data.path(), &second());
    let tools = ["quiz", "tablet"].map(|name| before.make_credential(name, now()).unwrap());
    before.close();
    assert_eq!(found(data.path()), (2, 2, 2, 1));
    // The control: what the program before could not notice.
    exchange_hashes(data.path());
    let records = open(data.path());
    assert_eq!(let_in(&records, &tools), EXCHANGED);
    records.close();
    exchange_hashes(data.path());

    // To and fro while the one before may come back: each lets in what the other has renewed.
    let records = open(data.path());
    assert_eq!(found(data.path()), (3, 2, 2, 1));
    let tools = [
        records.make_credential("quiz", now()).unwrap(),
        tools[1].clone(),
    ];
    records.close();
    let before = open_as(data.path(), &second());
    assert_eq!(let_in(&before, &tools), OWN);
    let tools = [
        tools[0].clone(),
        before.make_credential("tablet", now()).unwrap(),
    ];
    before.close();
    let records = open(data.path());
    assert_eq!(let_in(&records, &tools), OWN);
    records.older_programs_are_gone(now()).unwrap();
    records.close();

    let records = open(data.path());
    assert_eq!(found(data.path()), (3, 3, 3, 2));
    assert_eq!(let_in(&records, &tools), OWN);
    records.close();
    exchange_hashes(data.path());
    let records = open(data.path());
    assert_eq!(let_in(&records, &tools), NOBODY);
}
