//! Forgetting everyone: nothing of a learner is left in the records' folder, and the store goes on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod records_rig;

use content_store::records::Statement;
use records_rig::{authority, id, now, open, value};
use std::fs;
use std::path::Path;

/// A word of one learner's statement that must not be found anywhere afterwards.
const MARK: &[u8] = b"amina@school.example";

fn is_in_a_file_of(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(MARK.len()).any(|window| window == MARK)
    })
}

fn statement(number: u128) -> Statement {
    let mut value = value(1);
    value["id"] = id(number).to_string().into();
    Statement::from_value(value).unwrap()
}

#[test]
fn everyone_is_forgotten_and_the_store_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("records");
    let records = open(data.path());
    let teller = authority(&records);
    let credential = records.make_credential("quiz", now()).unwrap();
    for number in 0..50 {
        records
            .store(vec![statement(number)], &teller, now())
            .unwrap();
    }
    fs::write(folder.join("records.db.corrupt-1"), MARK).unwrap();
    fs::write(folder.join("records.db.corrupt-2"), MARK).unwrap();
    assert_eq!(records.count().unwrap(), 50);
    assert!(
        is_in_a_file_of(&folder),
        "the control: what is looked for can be found"
    );

    records.forget_everyone(now()).unwrap();

    assert_eq!(records.count().unwrap(), 0);
    assert!(!is_in_a_file_of(&folder));
    assert_eq!(records.quarantined(), None);
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
