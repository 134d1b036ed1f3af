//! What the store promises to one caller: ids, repeats, conflicts, times, credentials.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a test's verdict"
)]

mod records_rig;

use content_store::records::{Format, Query, Records, RecordsError};
use jiff::{SignedDuration, Timestamp};
use records_rig::{authority, id, now, open, statement, store, value, verb};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

fn read(records: &Records, id: Uuid) -> Option<Value> {
    let found = records.statement(id, &Format::Exact).unwrap()?;
    Some(serde_json::from_str(&found.json).unwrap())
}

#[test]
fn an_absent_id_is_given_and_the_store_fills_in_its_own() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let mut sent = value(1);
    sent["authority"] = json!({"mbox": "mailto:pretender@school.example"});
    sent["stored"] = json!("1999-01-01T00:00:00Z");
    let id = store(&records, sent).unwrap();
    assert_eq!(id.get_version_num(), 4);
    let kept = read(&records, id).unwrap();
    assert_eq!(kept["stored"], "2026-03-01T08:30:00.000000Z");
    assert_eq!(kept["timestamp"], "2026-03-01T08:30:00.000000Z");
    assert_eq!(kept["version"], "1.0.0");
    let home = kept["authority"]["account"]["homePage"].as_str().unwrap();
    assert!(
        home.starts_with("http://school.internal/records/"),
        "{home}"
    );
    assert_eq!(records.count().unwrap(), 1);
}

/// The same statement in another dress, or another statement.
#[test]
fn repeats_are_told_from_conflicts() {
    let rich = json!({
        "id": id(1).to_string(),
        "actor": {"objectType": "Group", "member": [{"mbox": "mailto:a@B.org"}, {"mbox": "mailto:c@d.org"}]},
        "verb": {"id": verb(1), "display": {"en": "did"}},
        "object": {"id": "http://a.org/x", "definition": {"name": {"en": "X"}}},
        "result": {"duration": "PT1.23S", "score": {"raw": 1}},
        "context": {"contextActivities": {"parent": [{"id": "http://a.org/p"}]}},
        "timestamp": "2026-03-01T08:30:00Z",
    });
    let with = |pointer: &str, new: Value| {
        let mut other = rich.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        other.pointer_mut(parent).unwrap()[key] = new;
        other
    };
    let without = |key: &str| {
        let mut other = rich.clone();
        other.as_object_mut().unwrap().remove(key);
        other
    };
    let same = [
        with("/version", json!("1.0.3")),
        with("/stored", json!("2001-01-01T00:00:00Z")),
        with("/authority", json!({"mbox": "mailto:x@y.org"})),
        with("/timestamp", json!("2026-03-01T14:00:00+05:30")),
        without("timestamp"),
        with("/verb/display", json!({"fr": "a fait"})),
        with("/object/definition", json!({"name": {"en": "Y"}})),
        with("/object/objectType", json!("Activity")),
        with(
            "/actor/member",
            json!([{"mbox": "mailto:c@d.org"}, {"objectType": "Agent", "mbox": "mailto:a@b.org"}]),
        ),
        with("/result/duration", json!("PT1.239S")),
        with("/result/score/raw", json!(1.0)),
        with(
            "/context/contextActivities/parent",
            json!({"id": "http://a.org/p"}),
        ),
        with("/id", json!(id(1).to_string().to_uppercase())),
    ];
    let other = [
        with("/timestamp", json!("2026-03-01T08:30:01Z")),
        with("/verb/id", json!(verb(2))),
        with("/object/id", json!("http://a.org/X")),
        with("/actor/member", json!([{"mbox": "mailto:c@d.org"}])),
        with(
            "/actor/member",
            json!([{"mbox": "mailto:A@b.org"}, {"mbox": "mailto:c@d.org"}]),
        ),
        with("/result/duration", json!("PT1.24S")),
        with("/result/score/raw", json!(2)),
        with("/result/success", json!(true)),
        with("/context/contextActivities/parent", json!([])),
        without("context"),
    ];
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    store(&records, rich.clone()).unwrap();
    let kept = read(&records, id(1)).unwrap();
    for value in same {
        assert!(
            store(&records, value.clone()).is_ok(),
            "{value} is the same"
        );
    }
    for value in other {
        let result = store(&records, value.clone());
        assert!(
            matches!(result, Err(RecordsError::Conflict { .. })),
            "{value} is another"
        );
    }
    assert_eq!(read(&records, id(1)).unwrap(), kept);
    assert_eq!(records.count().unwrap(), 1);
}

#[test]
fn stored_rises_even_when_the_clock_falls_back() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let by = authority(&records);
    let early = now() - SignedDuration::from_hours(24 * 365);
    let mut last = Timestamp::UNIX_EPOCH;
    for (number, clock) in [now(), early, early, now()].into_iter().enumerate() {
        let ids = records
            .store(vec![statement(value(1))], &by, clock)
            .unwrap();
        let found = records.statement(ids[0], &Format::Exact).unwrap().unwrap();
        assert!(found.stored > last, "statement {number}");
        last = found.stored;
        let newer = Query {
            since: Some(found.stored),
            ..Query::default()
        };
        assert!(records.query(&newer).unwrap().statements.is_empty());
    }
    let through = records.consistent_through(early);
    assert!(through >= last);
    let records = {
        records.close();
        open(data.path())
    };
    let ids = records
        .store(vec![statement(value(1))], &by, early)
        .unwrap();
    assert!(
        records
            .statement(ids[0], &Format::Exact)
            .unwrap()
            .unwrap()
            .stored
            > last
    );
}

#[test]
fn credentials_outlive_the_process_and_renew() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let first = records.make_credential("tablet app", now()).unwrap();
    let second = records.make_credential("tablet app", now()).unwrap();
    assert_eq!(first.username, second.username);
    assert_eq!(
        records.check_credential(&first.username, &first.password),
        None
    );
    let by = records
        .check_credential(&second.username, &second.password)
        .unwrap();
    records.close();
    let records = open(data.path());
    assert_eq!(
        records.check_credential(&second.username, &second.password),
        Some(by)
    );
    assert!(matches!(
        records.make_credential("a:b", now()),
        Err(RecordsError::BadName { .. })
    ));
    let bytes = std::fs::read(data.path().join("records/records.db")).unwrap();
    let password = second.password.as_bytes();
    assert!(
        !bytes
            .windows(password.len())
            .any(|window| window == password),
        "only the hash is kept"
    );
}

#[test]
fn children_s_records_are_readable_by_the_box_alone() {
    use std::os::unix::fs::PermissionsExt;
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    store(&records, value(1)).unwrap();
    for (name, mode) in [
        ("", 0o700),
        ("records.db", 0o600),
        ("records.db-wal", 0o600),
    ] {
        let path = data.path().join("records").join(name);
        assert_eq!(
            path.metadata().unwrap().permissions().mode() & 0o777,
            mode,
            "{name}"
        );
    }
}
