#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking"
)]

use super::handover::hand_over;
use super::*;
use crate::config::Config;
use crate::control::{Answer, Request, ask};
use crate::report;
use content_store::records::{Durability, KeyFound, Records, RecordsOptions};
use content_store::schema::Contract;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

fn open(data: &Path) -> Stores {
    let config = Config {
        keep_free_bytes: 0,
        records_reserve_bytes: 0,
        ..Config::default()
    };
    Stores::open(data, &config).unwrap()
}

type Way = fn(&Stores) -> Result<Erased, String>;

/// A box of which support knows a number, whose devices had addresses, and whose records a newer system has changed.
fn changed_by_a_newer_system() -> TempDir {
    let data = tempfile::tempdir().unwrap();
    let mut newer = Records::schema();
    newer.begins_for = newer.format() + 1;
    let takes_away = [Contract {
        needs: newer.begins_for,
        sql: "ALTER TABLE credentials DROP COLUMN made",
    }];
    newer.expand = Box::leak(
        [newer.expand, &["CREATE TABLE more (one INTEGER)"]]
            .concat()
            .into(),
    );
    newer.contract = Box::leak([newer.contract, &takes_away].concat().into());
    let options = RecordsOptions {
        durability: Durability::Full,
        reserve_bytes: 0,
        traces: Vec::new(),
        finishing: Vec::new(),
    };
    let keys = Arc::new(FileKeys::in_data(data.path()));
    let records = Records::open_as(data.path(), options, keys, &newer).unwrap();
    records.close();
    plant(data.path());
    data
}

fn plant(data: &Path) {
    report::key::open_or_make(data).unwrap();
    fs::create_dir_all(data.join("air")).unwrap();
    fs::write(
        data.join("air/leases"),
        "43200 02:00:00:00:00:01 10.73.0.16 * *\n",
    )
    .unwrap();
}

fn key(data: &Path) -> KeyFound {
    FileKeys::in_data(data).find().unwrap()
}

#[test]
fn records_that_a_newer_system_has_shut_are_forgotten_too() {
    let data = changed_by_a_newer_system();
    let stores = open(data.path());
    let before = stores.box_id();
    assert!(stores.records().is_shut().is_some() && !before.is_empty());
    let database = data.path().join("records/records.db");
    assert!(matches!(key(data.path()), KeyFound::Key(_)), "the control");

    assert_eq!(everyone(&stores).unwrap().statements, 0);
    assert!(matches!(key(data.path()), KeyFound::Destroyed));
    assert!(!data.path().join("air/leases").exists());
    let after = stores.box_id();
    assert!(!after.is_empty() && after != before, "{after}");
    everyone(&stores).unwrap();
    assert!(database.exists(), "the newer system's is not this one's");
    drop(stores);

    let stores = open(data.path());
    assert!(stores.records().is_shut().is_none(), "cleared away");
    assert_eq!(stores.records().count().unwrap(), 0);
    assert!(
        stores
            .records()
            .make_credential("quiz", Clock::of_the_desk().wall())
            .is_ok()
    );
}

#[test]
fn what_cannot_be_opened_is_forgotten_all_the_same() {
    let data = tempfile::tempdir().unwrap();
    let records = open(data.path());
    let now = Clock::of_the_desk().wall();
    let tool = records.records().make_credential("quiz", now).unwrap();
    drop(records);
    plant(data.path());
    fs::remove_dir_all(data.path().join("library")).unwrap();
    fs::write(data.path().join("library"), "no folder").unwrap();
    let config = Config::default();
    let asked = |request| ask(data.path(), &config, &request, &mut |_, _| {});
    assert!(asked(Request::Outgoing).is_err(), "the control");

    let erased = asked(Request::Erase).unwrap();
    assert!(matches!(
        erased,
        Answer::Erased(Erased { statements: 0, .. })
    ));
    assert!(matches!(key(data.path()), KeyFound::Destroyed));
    assert!(!data.path().join("air/leases").exists());
    fs::remove_file(data.path().join("library")).unwrap();
    let stores = open(data.path());
    let known = stores
        .records()
        .check_credential(&tool.username, &tool.password);
    assert!(known.is_none());
    // Whose stores are open is asked, and nothing is done behind its back.
    let refused = unopened(data.path()).unwrap_err();
    assert!(refused.contains("in use"), "{refused}");
}

#[test]
fn records_that_were_set_aside_go_with_everyone() {
    let data = tempfile::tempdir().unwrap();
    let stores = open(data.path());
    let aside = data.path().join("records/records.db.corrupt-1");
    fs::write(&aside, "half a page").unwrap();
    assert!(stores.records().quarantined().is_some(), "the control");
    everyone(&stores).unwrap();
    assert_eq!(stores.records().quarantined(), None);
    assert!(!aside.exists());
}

#[test]
fn a_box_has_another_number_at_once_when_everyone_is_forgotten() {
    let data = tempfile::tempdir().unwrap();
    plant(data.path());
    let stores = open(data.path());
    let ways: [Way; 2] = [everyone, |stores| hand_over(stores, false)];
    for forget in ways {
        let before = stores.box_id();
        assert_eq!(stores.box_id(), before, "the control");
        forget(&stores).unwrap();
        let after = stores.box_id();
        assert!(!after.is_empty() && after != before);
        assert_eq!(report::key::known_box_id(data.path()), Some(after));
    }
}

#[test]
fn a_hand_over_waits_for_records_that_lie_aside() {
    let data = tempfile::tempdir().unwrap();
    let stores = open(data.path());
    let aside = data.path().join("records/records.db.corrupt-1");
    fs::write(&aside, "half a page").unwrap();
    let store = stores.records().store_id();
    let refused = hand_over(&stores, false).unwrap_err();
    assert!(refused.starts_with("nothing was done: "), "{refused}");
    assert!(refused.contains("records.db.corrupt-1"), "{refused}");
    assert!(aside.exists() && !data.path().join("handover").exists());
    assert_eq!(stores.records().store_id(), store);

    // The control: given up by its name, it goes; and without one nothing waits.
    hand_over(&stores, true).unwrap();
    assert!(!aside.exists());
    hand_over(&stores, false).unwrap();
}
