#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::config::Config;
use crate::control::{Request, ask};

#[test]
fn records_of_a_newer_system_are_left_alone_and_the_lessons_go_on() {
    let data = tempfile::tempdir().unwrap();
    let database = data.path().join("records/records.db");
    // What a newer system leaves: other tables, and the word that this one cannot do with them.
    let mut newer = Records::schema();
    newer.expand = Box::leak(
        [newer.expand, &["CREATE TABLE more (one INTEGER)"]]
            .concat()
            .into(),
    );
    newer.begins_for = 4;
    let takes_away = [content_store::schema::Contract {
        needs: 4,
        sql: "ALTER TABLE credentials DROP COLUMN made",
    }];
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
    let bytes = std::fs::read(&database).unwrap();

    let stores = Stores::open(data.path(), &Config::default()).unwrap();
    stores.library().probe().unwrap();
    let faults = stores.faults().join("\n");
    assert!(
        faults.contains("records.db has format 4, this version knows 3"),
        "{faults}"
    );
    assert_eq!(stores.lost(), None, "no restart would help");
    let health = stores.records().health();
    assert!(health.last_error.unwrap().contains("update the box"));
    drop(stores);
    assert!(std::fs::read(&database).unwrap() == bytes);
}

#[test]
fn one_process_holds_the_data_and_who_only_looks_leaves_nothing_behind() {
    let data = tempfile::tempdir().unwrap();
    assert!(!in_use(data.path()));
    let refused = ask(
        data.path(),
        &Config::default(),
        &Request::Status,
        &mut |_, _| {},
    );
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("no box is running")
    );
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0);

    let stores = Stores::open(data.path(), &Config::default()).unwrap();
    assert!(in_use(data.path()));
    assert!(matches!(
        Stores::open(data.path(), &Config::default()),
        Err(StoresError::InUse { .. })
    ));
    drop(stores);
    assert!(!in_use(data.path()));
}

#[test]
fn a_copy_of_the_key_that_cannot_be_made_good_is_a_fault_until_everyone_is_forgotten() {
    let data = tempfile::tempdir().unwrap();
    let open = || {
        let config = Config {
            keep_free_bytes: 0,
            ..Config::default()
        };
        Stores::open(data.path(), &config).unwrap()
    };
    drop(open());
    let copy = data.path().join("keys/records-b");
    std::fs::remove_file(&copy).unwrap();
    assert_eq!(open().faults(), [""; 0], "the control: it was made good");
    std::fs::remove_file(&copy).unwrap();
    std::os::unix::fs::symlink("/dev/full", &copy).unwrap();
    let stores = open();
    let faults = stores.faults();
    assert!(
        faults.len() == 1 && faults[0].contains("keys/records-b"),
        "{faults:?}"
    );
    assert_eq!(stores.records().count().unwrap(), 0, "the key is there");
    std::fs::remove_file(&copy).unwrap();
    crate::erase::everyone(&stores).unwrap();
    assert_eq!(stores.faults(), [""; 0]);
}
