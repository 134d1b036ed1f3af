//! A database that is not sound, or of which something cannot be read any more: put aside or told, never thrown away, and no start fails of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a test's verdict"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "damage is done to files by hand here"
)]

mod records_rig;

use content_store::records::{Checked, Credential, Durability, Format, Records, RecordsError};
use records_rig::{authority, id, keys, now, numbered, open, options};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

fn database(data: &Path) -> PathBuf {
    data.join("records/records.db")
}

fn with_statements(data: &Path, count: u128) {
    let records = open(data);
    let by = authority(&records);
    records
        .store((0..count).map(numbered).collect(), &by, now())
        .unwrap();
    records.close();
}

#[test]
fn an_unsound_database_is_put_aside_and_never_thrown_away() {
    let data = TempDir::new().unwrap();
    with_statements(data.path(), 1);
    for round in 1..=2 {
        let garbage = format!("round {round}: this is no database").repeat(300);
        fs::write(database(data.path()), &garbage).unwrap();
        fs::write(data.path().join("records/records.db-wal"), "its wal").unwrap();
        // A cut in an earlier try, after the first of its two files was put aside.
        let half = format!("records/records.db.corrupt-{round}-wal");
        fs::write(data.path().join(half), "half a try").unwrap();
        let records = open(data.path());
        let aside = records.quarantined().unwrap();
        assert!(
            aside.ends_with(format!("records.db.corrupt-{round}")),
            "{}",
            aside.display()
        );
        assert!(
            fs::read_to_string(&aside).unwrap() == garbage,
            "the file aside was changed"
        );
        assert_eq!(
            fs::read_to_string(format!("{}-wal", aside.display())).unwrap(),
            "its wal"
        );
        let by = authority(&records);
        records.store(vec![numbered(1)], &by, now()).unwrap();
        assert_eq!(records.count().unwrap(), 1);
        records.close();
    }
}

#[test]
fn a_suspect_database_is_checked_whole_at_the_next_start() {
    let data = TempDir::new().unwrap();
    with_statements(data.path(), 400);
    let mut bytes = fs::read(database(data.path())).unwrap();
    let middle = bytes.len() / 2 / 1024 * 1024;
    bytes[middle..middle + 1024].fill(0x5a);
    fs::write(database(data.path()), &bytes).unwrap();
    // Control: without the mark nothing looks at the page in the middle.
    let unmarked = open(data.path());
    assert_eq!(unmarked.quarantined(), None);
    unmarked.close();
    assert!(fs::read(database(data.path())).unwrap() == bytes);
    fs::write(data.path().join("records/suspect"), "a read failed").unwrap();
    let records = open(data.path());
    assert!(
        fs::read(records.quarantined().unwrap()).unwrap() == bytes,
        "the file aside was changed"
    );
    assert!(!data.path().join("records/suspect").exists());
    assert_eq!(records.count().unwrap(), 0);
}

#[test]
fn a_read_that_meets_damage_marks_the_database_and_ends_the_process() {
    let data = TempDir::new().unwrap();
    with_statements(data.path(), 400);
    let mut bytes = fs::read(database(data.path())).unwrap();
    // Away from the newest statement, which opening reads.
    let middle = bytes.len() / 2 / 1024 * 1024;
    bytes[middle - 50 * 1024..middle].fill(0x5a);
    fs::write(database(data.path()), &bytes).unwrap();
    let records = open(data.path());
    let failed = (0..400).any(|number| records.statement(id(number), &Format::Exact).is_err());
    assert!(failed && records.fatal().is_some());
    assert!(data.path().join("records/suspect").exists());
    records.close();
    assert!(open(data.path()).quarantined().is_some());
}

#[test]
fn a_sound_suspect_is_kept() {
    let data = TempDir::new().unwrap();
    with_statements(data.path(), 10);
    fs::write(data.path().join("records/suspect"), "just in case").unwrap();
    let records = open(data.path());
    assert_eq!(
        (records.quarantined(), records.count().unwrap()),
        (None, 10)
    );
}

#[test]
fn a_newer_database_is_left_alone() {
    let data = TempDir::new().unwrap();
    with_statements(data.path(), 1);
    let db = rusqlite::Connection::open(database(data.path())).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    db.execute("UPDATE schema_rule SET opens_from = 99", ())
        .unwrap();
    drop(db);
    let before = fs::read(database(data.path())).unwrap();
    let result = Records::open(data.path(), options(Durability::Off, 0), keys(data.path()));
    assert!(
        matches!(result, Err(RecordsError::TooNew { found: 99, .. })),
        "{result:?}"
    );
    assert!(
        fs::read(database(data.path())).unwrap() == before,
        "the newer database was changed"
    );
}

/// What a look at night finds: the disk changed beneath records that are open.
#[test]
fn a_damaged_page_is_found_while_the_records_are_open() {
    let data = tempfile::tempdir().unwrap();
    let records = open(data.path());
    for tool in 0..200 {
        let name = format!("a tool with a long name, number {tool}");
        records.make_credential(&name, now()).unwrap();
    }
    assert_eq!(records.check(|| true).unwrap(), Checked::Sound);
    records.close();
    let path = data.path().join("records/records.db");
    let length = std::fs::metadata(&path).unwrap().len();
    let records = open(data.path());
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    // Beyond the first page, so that it opens.
    let noise = vec![0xa5; usize::try_from(length).unwrap() - 4096];
    std::os::unix::fs::FileExt::write_all_at(&file, &noise, 4096).unwrap();
    assert!(records.check(|| true).is_err());
    records.close();
    // Control: the pages that a start reads are not looked at again by it, but for what the look left.
    assert!(open(data.path()).quarantined().is_some());
}

/// A page that every start reads: it must not keep the box from starting.
#[test]
fn damaged_credentials_are_put_aside_with_their_database() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    records.make_credential("a tool", now()).unwrap();
    records.close();
    let db = rusqlite::Connection::open(database(data.path())).unwrap();
    let find = "SELECT rootpage FROM sqlite_schema WHERE name = 'credentials'";
    let page: u32 = db.query_row(find, (), |row| row.get(0)).unwrap();
    drop(db);
    let mut bytes = fs::read(database(data.path())).unwrap();
    let at = (usize::try_from(page).unwrap() - 1) * 1024;
    bytes[at..at + 1024].fill(0x5a);
    fs::write(database(data.path()), &bytes).unwrap();
    let records = open(data.path());
    let aside = records.quarantined().unwrap();
    assert!(fs::read(aside).unwrap() == bytes, "changed");
    assert_eq!(records.unreadable_credentials(), 0);
    records.make_credential("a tool", now()).unwrap();
}

#[test]
fn a_credential_whose_hash_was_cut_off_lets_nobody_in_and_the_others_stay() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let tools = ["quiz", "tablet"].map(|name| records.make_credential(name, now()).unwrap());
    records.close();
    let db = rusqlite::Connection::open(database(data.path())).unwrap();
    let cut_off = "UPDATE credentials SET password_hash = x'00' WHERE username = (SELECT max(username) FROM credentials)";
    assert_eq!(db.execute(cut_off, ()).unwrap(), 1);
    drop(db);
    let records = open(data.path());
    assert_eq!(records.unreadable_credentials(), 1);
    let let_in = |tool: &&Credential| {
        let checked = records.check_credential(&tool.username, &tool.password);
        checked.is_some()
    };
    assert_eq!(tools.iter().filter(let_in).count(), 1);
}

#[test]
fn a_look_at_the_records_stops_in_the_middle_when_it_is_told_to() {
    let data = tempfile::tempdir().unwrap();
    with_statements(data.path(), 2000);
    let records = open(data.path());
    let asked_until = |most: usize| {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let go_on = move || counted.fetch_add(1, Ordering::Relaxed) + 1 < most;
        (records.check(go_on).unwrap(), asked.load(Ordering::Relaxed))
    };
    // The control: left alone it asks often, and ends.
    let (whole, questions) = asked_until(usize::MAX);
    assert_eq!(whole, Checked::Sound);
    assert!(questions > 20, "{questions}");
    let (ended, asked) = asked_until(3);
    assert_eq!((ended, asked), (Checked::Stopped, 3));
}
