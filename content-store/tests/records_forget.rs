//! Forgetting everyone: nothing of a learner can be read any more, and the store goes on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "what a thief has is made by copying files"
)]

mod records_rig;

use content_store::records::{
    Durability, KeyFound, KeyStore, Records, RecordsError, RecordsKey, Statement,
};
use records_rig::{PlainKeys, authority, id, keys, now, open, options, value};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// A word of one learner's statement.
const MARK: &[u8] = b"amina@school.example";

fn holds(path: &Path, needle: &[u8]) -> bool {
    let bytes = fs::read(path).unwrap();
    bytes.windows(needle.len()).any(|window| window == needle)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn is_in_a_file_of(folder: &Path) -> bool {
    files(folder).iter().any(|path| holds(path, MARK))
}

fn statement(number: u128) -> Statement {
    let mut value = value(1);
    value["id"] = id(number).to_string().into();
    Statement::from_value(value).unwrap()
}

fn filled(count: u128) -> (TempDir, Records) {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let teller = authority(&records);
    for number in 0..count {
        records
            .store(vec![statement(number)], &teller, now())
            .unwrap();
    }
    (data, records)
}

/// What a thief has of the records without the key: every file, as a copy.
fn stolen(data: &Path) -> TempDir {
    let copy = TempDir::new().unwrap();
    fs::create_dir(copy.path().join("records")).unwrap();
    for file in files(&data.join("records")) {
        let name = file.file_name().unwrap();
        fs::copy(&file, copy.path().join("records").join(name)).unwrap();
    }
    copy
}

#[test]
fn everyone_is_forgotten_and_the_store_goes_on() {
    let (data, records) = filled(50);
    let folder = data.path().join("records");
    let credential = records.make_credential("quiz", now()).unwrap();
    fs::write(folder.join("records.db.corrupt-1"), MARK).unwrap();
    fs::write(folder.join("records.db.corrupt-2"), MARK).unwrap();
    assert_eq!(records.count().unwrap(), 50);
    assert!(
        is_in_a_file_of(&folder),
        "the control: what is looked for can be found"
    );
    let (key, store) = (
        fs::read(data.path().join("key")).unwrap(),
        records.store_id(),
    );

    records.forget_everyone(now()).unwrap();

    assert_eq!(records.count().unwrap(), 0);
    assert!(!is_in_a_file_of(&folder));
    assert_eq!(records.quarantined(), None);
    assert_ne!(fs::read(data.path().join("key")).unwrap(), key);
    assert_ne!(records.store_id(), store, "another store");
    assert!(
        records
            .check_credential(&credential.username, &credential.password)
            .is_none()
    );

    // The same statement is a new one now.
    let teller = authority(&records);
    records.store(vec![statement(0)], &teller, now()).unwrap();
    assert_eq!(records.count().unwrap(), 1);
    records.close();
    assert_eq!(open(data.path()).count().unwrap(), 1);
}

#[test]
fn nothing_stands_open_on_the_disk_and_the_key_alone_opens_it() {
    let (data, records) = filled(30);
    let folder = data.path().join("records");
    let ids: Vec<[u8; 16]> = (0..30).map(|number| id(number).into_bytes()).collect();
    for file in files(&folder) {
        assert!(!holds(&file, MARK), "{}", file.display());
        assert!(!holds(&file, b"tool"), "a tool's name: {}", file.display());
        let id = ids.iter().find(|id| holds(&file, id.as_slice()));
        assert_eq!(id, None, "{}", file.display());
    }
    let copy = stolen(data.path());
    records.close();
    // With the key: a sound store.
    fs::copy(data.path().join("key"), copy.path().join("key")).unwrap();
    let with_key = open(copy.path());
    assert_eq!(with_key.count().unwrap(), 30);
    assert_eq!(with_key.quarantined(), None);
    with_key.close();
    // With another: put aside, not thrown away, and a new store goes on.
    fs::write(copy.path().join("key"), [7; 32]).unwrap();
    let without = open(copy.path());
    assert_eq!(without.count().unwrap(), 0);
    let aside = without.quarantined().expect("put aside");
    without.close();
    // The key found again, its records can be.
    fs::rename(aside, copy.path().join("records/records.db")).unwrap();
    fs::copy(data.path().join("key"), copy.path().join("key")).unwrap();
    assert_eq!(open(copy.path()).count().unwrap(), 30);
}

#[test]
fn a_key_that_is_lost_or_damaged_costs_no_file() {
    for damage in ["gone", "damaged"] {
        let (data, records) = filled(5);
        records.close();
        match damage {
            "gone" => fs::remove_file(data.path().join("key")).unwrap(),
            _ => fs::write(data.path().join("key"), "half").unwrap(),
        }
        let records = open(data.path());
        assert!(records.quarantined().is_some(), "{damage}");
        let teller = authority(&records);
        records.store(vec![statement(1)], &teller, now()).unwrap();
    }
}

/// Keys of which a step fails or, cut there, is the last.
struct Failing {
    keys: PlainKeys,
    destroys: bool,
    keeps: bool,
}

impl KeyStore for Failing {
    fn find(&self) -> io::Result<KeyFound> {
        self.keys.find()
    }

    fn keep(&self, key: &RecordsKey) -> io::Result<()> {
        if self.keeps || !self.keys.0.exists() {
            return self.keys.keep(key);
        }
        Err(io::Error::other("the disk is gone"))
    }

    fn destroy(&self) -> io::Result<()> {
        if self.destroys {
            return self.keys.destroy();
        }
        Err(io::Error::other("the disk is gone"))
    }
}

fn open_failing(data: &Path, destroys: bool, keeps: bool) -> Records {
    let keys = Failing {
        keys: PlainKeys(data.join("key")),
        destroys,
        keeps,
    };
    Records::open(data, options(Durability::Off, 0), Arc::new(keys)).unwrap()
}

#[test]
fn a_key_that_cannot_be_destroyed_leaves_everyone_and_ends_the_writer() {
    let (data, records) = filled(5);
    records.close();
    let records = open_failing(data.path(), false, true);
    let refused = records.forget_everyone(now()).unwrap_err();
    assert!(matches!(refused, RecordsError::Key { .. }), "{refused}");
    assert!(records.fatal().is_some());
    records.close();
    assert_eq!(open(data.path()).count().unwrap(), 5);
}

#[test]
fn what_a_cut_leaves_after_the_key_is_gone_the_next_opening_finishes() {
    let (data, records) = filled(5);
    let copy = stolen(data.path());
    records.close();
    let records = open_failing(data.path(), true, false);
    records.forget_everyone(now()).unwrap_err();
    assert!(records.fatal().is_some());
    records.close();
    let trace = data.path().join("leases");
    // Every step that was not made yet: the files of before are there again.
    for file in files(&copy.path().join("records")) {
        let name = file.file_name().unwrap();
        fs::copy(&file, data.path().join("records").join(name)).unwrap();
    }
    fs::write(&trace, "02:00:00:00:00:01").unwrap();
    fs::write(data.path().join("records/records.db.corrupt-3"), MARK).unwrap();
    let mut options = options(Durability::Off, 0);
    options.traces = vec![trace.clone(), data.path().join("not-there")];
    let records = Records::open(data.path(), options, keys(data.path())).unwrap();
    assert_eq!(records.count().unwrap(), 0);
    assert_eq!(
        records.quarantined(),
        None,
        "nothing is put aside for anybody"
    );
    assert!(!trace.exists());
    assert!(!data.path().join("records/records.db.corrupt-3").exists());
    let teller = authority(&records);
    records.store(vec![statement(1)], &teller, now()).unwrap();
}

/// The control: without the word that the key was destroyed, what is left is taken for a damage and kept.
#[test]
fn control_a_key_that_merely_is_not_there_sweeps_nothing() {
    let (data, records) = filled(5);
    records.close();
    fs::remove_file(data.path().join("key")).unwrap();
    let trace = data.path().join("leases");
    fs::write(&trace, "02:00:00:00:00:01").unwrap();
    let mut options = options(Durability::Off, 0);
    options.traces = vec![trace.clone()];
    let records = Records::open(data.path(), options, keys(data.path())).unwrap();
    assert!(records.quarantined().is_some());
    assert!(trace.exists());
}

#[test]
fn readers_and_writers_at_work_meet_the_old_store_or_the_new_one() {
    let (_data, records) = filled(40);
    let teller = authority(&records);
    std::thread::scope(|scope| {
        for reader in 0..3_u128 {
            let (records, teller) = (records.clone(), teller.clone());
            scope.spawn(move || {
                for round in 0..60 {
                    let page = records.query(&content_store::records::Query::default());
                    let page = page.unwrap();
                    assert_eq!(page.unreadable, 0);
                    let number = 1_000 * (reader + 1) + round;
                    records
                        .store(vec![statement(number)], &teller, now())
                        .unwrap();
                }
            });
        }
        for _ in 0..8 {
            records.forget_everyone(now()).unwrap();
        }
    });
    records.forget_everyone(now()).unwrap();
    assert_eq!(records.count().unwrap(), 0);
}

#[test]
fn a_statement_that_is_not_what_was_written_hides_no_other() {
    let (data, records) = filled(6);
    records.close();
    let db = rusqlite::Connection::open(data.path().join("records/records.db")).unwrap();
    let changed = db.execute(
        "UPDATE statements SET sealed = (SELECT sealed FROM statements ORDER BY stored LIMIT 1)
         WHERE stored = (SELECT max(stored) FROM statements)",
        (),
    );
    assert_eq!(changed.unwrap(), 1);
    drop(db);
    let records = open(data.path());
    let page = records
        .query(&content_store::records::Query::default())
        .unwrap();
    assert_eq!((page.statements.len(), page.unreadable), (5, 1));
    let format = content_store::records::Format::Exact;
    let damaged = records.statement(id(5), &format).unwrap_err();
    assert!(matches!(damaged, RecordsError::Unreadable { .. }));
    assert!(records.statement(id(4), &format).unwrap().is_some());
}

#[test]
fn a_count_follows_every_write() {
    let data = tempfile::tempdir().unwrap();
    let records = open(data.path());
    let teller = authority(&records);
    for number in 0..5 {
        assert_eq!(u128::from(records.count().unwrap()), number);
        records
            .store(vec![statement(number)], &teller, now())
            .unwrap();
        records
            .store(vec![statement(number)], &teller, now())
            .unwrap();
    }
    assert_eq!(records.count().unwrap(), 5, "a repeat counts once");
}
