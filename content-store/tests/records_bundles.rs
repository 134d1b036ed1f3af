//! What leaves the box is cut into bundles: each statement in exactly one, whoever else cuts at the same time, and the same for good.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is a test's verdict"
)]

mod records_rig;

use content_store::records::{Bundle, Records, RecordsError};
use records_rig::{authority, id, now, numbered, open, statement, value};
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use tempfile::TempDir;

const STATEMENTS: u32 = 300;

fn store_some(records: &Records) {
    let by = authority(records);
    for number in 0..u128::from(STATEMENTS) {
        let mut named = value(1);
        named["id"] = json!(id(number).to_string());
        // Some bundles' worth of bytes.
        named["result"] = json!({"response": "x".repeat(40_000)});
        records.store(vec![statement(named)], &by, now()).unwrap();
    }
}

fn read_out(records: &Records, bundle: &Bundle) -> Vec<String> {
    let mut lines = Vec::new();
    let mut take = |line: &str| -> Result<(), RecordsError> {
        lines.push(line.to_owned());
        Ok(())
    };
    assert_eq!(
        records.read_bundle(bundle, now(), &mut take).unwrap(),
        *bundle
    );
    lines
}

/// Two technicians and a class at once.
#[test]
fn each_statement_is_in_one_bundle_whoever_cuts() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let lessons_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            store_some(&records);
            lessons_over.store(true, Ordering::Release);
        });
        for _ in 0..2 {
            scope.spawn(|| {
                while !lessons_over.load(Ordering::Acquire) {
                    records.bundles(now()).unwrap();
                }
            });
        }
    });
    let bundles = records.bundles(now()).unwrap();
    assert!(bundles.len() >= 2, "{bundles:?}");
    let mut after = i64::MIN;
    for (place, bundle) in bundles.iter().enumerate() {
        assert_eq!(bundle.number, place as u64 + 1);
        assert_eq!(bundle.after, after, "nothing lies between two bundles");
        after = bundle.up_to;
    }
    let mut all: Vec<String> = (bundles.iter())
        .flat_map(|bundle| {
            let lines = read_out(&records, bundle);
            assert_eq!(lines.len() as u64, bundle.statements);
            lines
        })
        .collect();
    assert_eq!(all.len() as u64, records.count().unwrap());
    all.sort();
    all.dedup();
    assert_eq!(all.len(), STATEMENTS as usize);
    let waiting = records.waiting().unwrap();
    assert_eq!(
        (waiting.in_bundles, waiting.in_none),
        (u64::from(STATEMENTS), 0)
    );
    assert_eq!(records.outstanding().unwrap(), u64::from(STATEMENTS));

    for (bundle, rest) in bundles.iter().zip(1..) {
        records.mark_received(bundle, now()).unwrap();
        let left: u64 = bundles[rest..].iter().map(|bundle| bundle.statements).sum();
        assert_eq!(records.outstanding().unwrap(), left);
    }
    records.close();
    let records = open(data.path());
    let again = records.bundles(now()).unwrap();
    assert!(again.iter().all(|bundle| bundle.received), "{again:?}");
    assert_eq!(again.len(), bundles.len(), "cut once for good");
    assert_eq!(records.waiting().unwrap().in_bundles, 0);
}

/// One that does not open any more is in no bundle, and is waited for by nobody.
#[test]
fn what_waits_is_the_same_whoever_counts_it() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let by = authority(&records);
    let three = (0..3).map(numbered).collect();
    records.store(three, &by, now()).unwrap();
    records.close();
    let db = rusqlite::Connection::open(data.path().join("records/records.db")).unwrap();
    let damage =
        "UPDATE statements SET sealed = x'00' WHERE stored = (SELECT min(stored) FROM statements)";
    assert_eq!(db.execute(damage, ()).unwrap(), 1);
    drop(db);
    let records = open(data.path());
    let both = || {
        let waiting = records.waiting().unwrap();
        let told = records.outstanding().unwrap();
        assert_eq!(waiting.in_bundles + waiting.in_none, told, "{waiting:?}");
        told
    };
    assert_eq!(both(), 3, "nobody has read them yet");
    let bundles = records.bundles(now()).unwrap();
    assert_eq!(both(), 2);
    records.mark_received(&bundles[0], now()).unwrap();
    assert_eq!(both(), 0);
    records.store(vec![numbered(3)], &by, now()).unwrap();
    assert_eq!(both(), 1);
}
