//! What the one writer promises to many: groups, a bounded queue, an orderly end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a test's verdict"
)]

mod records_rig;

use content_store::records::RecordsError;
use records_rig::{authority, id, now, open, statement, value};
use serde_json::json;
use std::sync::mpsc;
use tempfile::TempDir;

#[test]
fn one_conflict_spoils_no_other_batch() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let by = authority(&records);
    let (hold, held) = mpsc::channel::<()>();
    let (sender, results) = mpsc::channel();
    // The first reply holds the writer, so that all others fall into one commit.
    records.submit(
        vec![statement(value(9))],
        &by,
        now(),
        Box::new(move |_| {
            held.recv().unwrap();
        }),
    );
    for number in 0..20_u32 {
        let named = |number: u128, verb: u32| {
            let mut named = value(verb);
            named["id"] = json!(id(number).to_string());
            statement(named)
        };
        // Every third batch brings a second statement under the first one's id, after one of its own.
        let batch = if number % 3 == 2 {
            vec![named(1_000 + u128::from(number), 1), named(0, 2)]
        } else {
            vec![named(u128::from(number), 1)]
        };
        let sender = sender.clone();
        records.submit(
            batch,
            &by,
            now(),
            Box::new(move |result| sender.send((number, result)).unwrap()),
        );
    }
    hold.send(()).unwrap();
    for (number, result) in results.iter().take(20) {
        assert_eq!(
            result.is_err(),
            number % 3 == 2,
            "batch {number}: {result:?}"
        );
    }
    assert_eq!(
        records.count().unwrap(),
        1 + 14,
        "nothing of a refused batch stays"
    );
}

#[test]
fn a_full_queue_says_busy_at_once() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let by = authority(&records);
    let (hold, held) = mpsc::channel::<()>();
    records.submit(
        vec![statement(value(1))],
        &by,
        now(),
        Box::new(move |_| {
            held.recv().unwrap();
        }),
    );
    let (sender, results) = mpsc::channel();
    // The held writer may have taken 127 more into its group, and 256 fit into the queue.
    for _ in 0..500 {
        let sender = sender.clone();
        records.submit(
            vec![statement(value(1))],
            &by,
            now(),
            Box::new(move |result| sender.send(result).unwrap()),
        );
    }
    drop(sender);
    // The writer is held: whatever was answered by now was answered by this thread.
    let refused = results
        .try_iter()
        .inspect(|result| {
            assert!(matches!(result, Err(RecordsError::Busy)), "{result:?}");
        })
        .count();
    assert!((116..500).contains(&refused), "{refused} refused");
    hold.send(()).unwrap();
    let taken = results
        .iter()
        .inspect(|result| assert!(result.is_ok()))
        .count();
    assert_eq!(records.count().unwrap(), 1 + taken as u64);
    assert_eq!(taken + refused, 500);
    assert_eq!(records.health().queued, 0);
}

#[test]
fn queued_bytes_are_bounded() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let by = authority(&records);
    let mut big = value(1);
    big["result"] = json!({"response": "x".repeat(60_000)});
    let batch = vec![statement(big); 100];
    let (hold, held) = mpsc::channel::<()>();
    records.submit(
        vec![statement(value(1))],
        &by,
        now(),
        Box::new(move |_| held.recv().unwrap()),
    );
    let (sender, results) = mpsc::channel();
    for _ in 0..3 {
        let sender = sender.clone();
        records.submit(
            batch.clone(),
            &by,
            now(),
            Box::new(move |result| sender.send(result).unwrap()),
        );
    }
    // Six megabytes fit, twelve do not.
    assert!(matches!(results.recv().unwrap(), Err(RecordsError::Busy)));
    hold.send(()).unwrap();
    assert_eq!(results.iter().take(2).filter(Result::is_ok).count(), 1);
}

#[test]
fn close_finishes_what_is_queued() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let by = authority(&records);
    let (sender, results) = mpsc::channel();
    for _ in 0..50 {
        let sender = sender.clone();
        records.submit(
            vec![statement(value(1))],
            &by,
            now(),
            Box::new(move |result| sender.send(result).unwrap()),
        );
    }
    records.close();
    assert_eq!(results.try_iter().filter(Result::is_ok).count(), 50);
    assert!(matches!(
        records.store(vec![statement(value(1))], &by, now()),
        Err(RecordsError::Closed)
    ));
    assert!(matches!(records.count(), Err(RecordsError::Closed)));
    records.close();
    let wal = data.path().join("records/records.db-wal");
    assert!(!wal.exists() || wal.metadata().unwrap().len() == 0);
    assert_eq!(open(data.path()).count().unwrap(), 50);
}

#[test]
fn a_probe_counts_as_a_write() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    assert_eq!(records.health().last_write_age, None);
    let (sender, result) = mpsc::channel();
    records.probe_write(now(), Box::new(move |result| sender.send(result).unwrap()));
    result.recv().unwrap().unwrap();
    let health = records.health();
    assert!(
        health.last_write_age.is_some() && health.last_error.is_none(),
        "{health:?}"
    );
    assert_eq!(records.count().unwrap(), 0);
}
