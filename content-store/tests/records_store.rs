//! What the store promises to one caller: ids, repeats, conflicts, voiding, filters, pages, credentials, the queue.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a panic is a test's verdict")]

mod records_rig;

use content_store::records::{
    AgentFilter, Format, Page, Query, Records, RecordsError, Statement, parse_uuid,
};
use jiff::{SignedDuration, Timestamp};
use records_rig::{VOIDED, about, authority, id, now, open, statement, value, verb};
use serde_json::{Value, json};
use std::sync::mpsc;
use tempfile::TempDir;
use uuid::Uuid;

fn store(records: &Records, value: Value) -> Result<Uuid, RecordsError> {
    let authority = authority(records);
    records.store(vec![statement(value)], &authority, now()).map(|ids| ids[0])
}

fn read(records: &Records, id: Uuid) -> Option<Value> {
    let found = records.statement(id, &Format::Exact).unwrap()?;
    Some(serde_json::from_str(&found.json).unwrap())
}

fn ids(page: &Page) -> Vec<Uuid> {
    let id = |json: &String| {
        let value: Value = serde_json::from_str(json).unwrap();
        parse_uuid(value["id"].as_str().unwrap()).unwrap()
    };
    page.statements.iter().map(id).collect()
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
    assert!(home.starts_with("http://school.internal/records/"), "{home}");
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
        with("/actor/member", json!([{"mbox": "mailto:c@d.org"}, {"objectType": "Agent", "mbox": "mailto:a@b.org"}])),
        with("/result/duration", json!("PT1.239S")),
        with("/result/score/raw", json!(1.0)),
        with("/context/contextActivities/parent", json!({"id": "http://a.org/p"})),
        with("/id", json!(id(1).to_string().to_uppercase())),
    ];
    let other = [
        with("/timestamp", json!("2026-03-01T08:30:01Z")),
        with("/verb/id", json!(verb(2))),
        with("/object/id", json!("http://a.org/X")),
        with("/actor/member", json!([{"mbox": "mailto:c@d.org"}])),
        with("/actor/member", json!([{"mbox": "mailto:A@b.org"}, {"mbox": "mailto:c@d.org"}])),
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
        assert!(store(&records, value.clone()).is_ok(), "{value} is the same");
    }
    for value in other {
        let result = store(&records, value.clone());
        assert!(matches!(result, Err(RecordsError::Conflict { .. })), "{value} is another");
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
        let ids = records.store(vec![statement(value(1))], &by, clock).unwrap();
        let found = records.statement(ids[0], &Format::Exact).unwrap().unwrap();
        assert!(found.stored > last, "statement {number}");
        last = found.stored;
        let newer = Query { since: Some(found.stored), ..Query::default() };
        assert!(records.query(&newer).unwrap().statements.is_empty());
    }
    let through = records.consistent_through(early);
    assert!(through >= last);
    let records = {
        records.close();
        open(data.path())
    };
    let ids = records.store(vec![statement(value(1))], &by, early).unwrap();
    assert!(records.statement(ids[0], &Format::Exact).unwrap().unwrap().stored > last);
}

#[test]
fn voiding_works_in_either_order_and_not_on_voiding() {
    for void_first in [false, true] {
        let data = TempDir::new().unwrap();
        let records = open(data.path());
        let mut plain = value(1);
        plain["id"] = json!(id(1).to_string());
        let mut void = about(VOIDED, id(1));
        void["id"] = json!(id(2).to_string());
        let mut void_void = about(VOIDED, id(2));
        void_void["id"] = json!(id(3).to_string());
        let mut order = [plain, void, void_void];
        if void_first {
            order.reverse();
        }
        for value in order {
            store(&records, value).unwrap();
        }
        assert!(records.statement(id(1), &Format::Exact).unwrap().is_none());
        assert!(records.voided_statement(id(1), &Format::Exact).unwrap().is_some());
        assert!(records.statement(id(2), &Format::Exact).unwrap().is_some(), "a voiding statement stays");
        // Whoever looks for the voided statement's verb finds what was said about it.
        let query = Query { verb: Some(verb(1)), ascending: true, ..Query::default() };
        let mut found = ids(&records.query(&query).unwrap());
        found.sort();
        assert_eq!(found, [id(2), id(3)], "void first: {void_first}");
    }
}

/// One statement with a term in every place, and who finds it.
#[test]
fn each_filter_finds_its_place() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let agent = |name: &str| json!({"mbox": format!("mailto:{name}@school.example")});
    let registration = id(77);
    let found = store(&records, json!({
        "actor": {"objectType": "Group", "mbox": "mailto:class@school.example", "member": [agent("member")]},
        "verb": {"id": verb(1)},
        "object": {"id": "http://a.org/object"},
        "context": {
            "registration": registration.to_string(),
            "instructor": agent("instructor"),
            "team": {"objectType": "Group", "member": [agent("teammate")]},
            "contextActivities": {"parent": {"id": "http://a.org/parent"}, "other": [{"id": "http://a.org/other"}]},
        },
    })).unwrap();
    let sub = store(&records, json!({
        "actor": agent("planner"),
        "verb": {"id": verb(2)},
        "object": {
            "objectType": "SubStatement", "actor": agent("inner"), "verb": {"id": verb(3)},
            "object": {"id": "http://a.org/inner"},
        },
    })).unwrap();
    let praise = store(&records, json!({
        "actor": agent("teacher"), "verb": {"id": verb(4)},
        "object": {"objectType": "Agent", "mbox": "mailto:praised@SCHOOL.example"},
    })).unwrap();
    let by_agent = |name: &str, related| Query {
        agent: Some(AgentFilter::parse(&agent(name).to_string()).unwrap()),
        related_agents: related,
        ..Query::default()
    };
    let by_activity = |name: &str, related| Query {
        activity: Some(format!("http://a.org/{name}")),
        related_activities: related,
        ..Query::default()
    };
    let cases = [
        ("group", by_agent("class", false), vec![found]),
        ("member", by_agent("member", false), vec![found]),
        ("object", by_agent("praised", false), vec![praise]),
        ("instructor", by_agent("instructor", false), vec![]),
        ("instructor related", by_agent("instructor", true), vec![found]),
        ("teammate related", by_agent("teammate", true), vec![found]),
        ("actor related", by_agent("planner", true), vec![sub]),
        ("inner", by_agent("inner", false), vec![]),
        ("inner related", by_agent("inner", true), vec![sub]),
        ("activity", by_activity("object", false), vec![found]),
        ("parent", by_activity("parent", false), vec![]),
        ("parent related", by_activity("parent", true), vec![found]),
        ("other related", by_activity("other", true), vec![found]),
        ("inner activity", by_activity("inner", false), vec![]),
        ("inner activity related", by_activity("inner", true), vec![sub]),
        ("verb", Query { verb: Some(verb(1)), ..Query::default() }, vec![found]),
        ("inner verb", Query { verb: Some(verb(3)), ..Query::default() }, vec![]),
        ("registration", Query { registration: Some(registration), ..Query::default() }, vec![found]),
        ("both", Query { verb: Some(verb(1)), ..by_agent("member", false) }, vec![found]),
        ("one of both", Query { verb: Some(verb(2)), ..by_agent("member", false) }, vec![]),
        ("all", Query::default(), vec![praise, sub, found]),
        ("ascending", Query { ascending: true, ..Query::default() }, vec![found, sub, praise]),
        ("limit", Query { limit: 1, ..Query::default() }, vec![praise]),
    ];
    for (name, query, expected) in cases {
        assert_eq!(ids(&records.query(&query).unwrap()), expected, "{name}");
    }
    assert!(AgentFilter::parse(r#"{"objectType":"Group","member":[]}"#).is_err());
}

#[test]
fn pages_are_bounded_in_bytes() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let by = authority(&records);
    let big = |number: u128| {
        let mut big = value(1);
        big["id"] = json!(id(number).to_string());
        big["result"] = json!({"response": "x".repeat(60_000)});
        statement(big)
    };
    let batch: Vec<Statement> = (0..80).map(big).collect();
    records.store(batch, &by, now()).unwrap();
    let (mut query, mut seen, mut pages) = (Query::default(), 0, 0);
    loop {
        let page = records.query(&query).unwrap();
        assert!(page.statements.iter().map(String::len).sum::<usize>() <= 2 * 1024 * 1024);
        (seen, pages) = (seen + page.statements.len(), pages + 1);
        match page.more {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!((seen, pages), (80, 3));
}

#[test]
fn one_conflict_spoils_no_other_batch() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let by = authority(&records);
    let (hold, held) = mpsc::channel::<()>();
    let (sender, results) = mpsc::channel();
    // The first reply holds the writer, so that all others fall into one commit.
    records.submit(vec![statement(value(9))], &by, now(), Box::new(move |_| {
        held.recv().unwrap();
    }));
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
        records.submit(batch, &by, now(), Box::new(move |result| sender.send((number, result)).unwrap()));
    }
    hold.send(()).unwrap();
    for (number, result) in results.iter().take(20) {
        assert_eq!(result.is_err(), number % 3 == 2, "batch {number}: {result:?}");
    }
    assert_eq!(records.count().unwrap(), 1 + 14, "nothing of a refused batch stays");
}

#[test]
fn a_full_queue_says_busy_at_once() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let by = authority(&records);
    let (hold, held) = mpsc::channel::<()>();
    records.submit(vec![statement(value(1))], &by, now(), Box::new(move |_| {
        held.recv().unwrap();
    }));
    let (sender, results) = mpsc::channel();
    for _ in 0..400 {
        let sender = sender.clone();
        records.submit(vec![statement(value(1))], &by, now(), Box::new(move |result| sender.send(result).unwrap()));
    }
    drop(sender);
    // The writer is held: whatever was answered by now was answered by this thread.
    let refused = results.try_iter().inspect(|result| {
        assert!(matches!(result, Err(RecordsError::Busy)), "{result:?}");
    }).count();
    assert!((100..400).contains(&refused), "{refused} refused");
    hold.send(()).unwrap();
    let taken = results.iter().inspect(|result| assert!(result.is_ok())).count();
    assert_eq!(records.count().unwrap(), 1 + taken as u64);
    assert_eq!(taken + refused, 400);
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
    records.submit(vec![statement(value(1))], &by, now(), Box::new(move |_| held.recv().unwrap()));
    let (sender, results) = mpsc::channel();
    for _ in 0..3 {
        let sender = sender.clone();
        records.submit(batch.clone(), &by, now(), Box::new(move |result| sender.send(result).unwrap()));
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
        records.submit(vec![statement(value(1))], &by, now(), Box::new(move |result| sender.send(result).unwrap()));
    }
    records.close();
    assert_eq!(results.try_iter().filter(Result::is_ok).count(), 50);
    assert!(matches!(records.store(vec![statement(value(1))], &by, now()), Err(RecordsError::Closed)));
    assert!(matches!(records.count(), Err(RecordsError::Closed)));
    records.close();
    let wal = data.path().join("records/records.db-wal");
    assert!(!wal.exists() || wal.metadata().unwrap().len() == 0);
    assert_eq!(open(data.path()).count().unwrap(), 50);
}

#[test]
fn credentials_outlive_the_process_and_renew() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let first = records.make_credential("tablet app", now()).unwrap();
    let second = records.make_credential("tablet app", now()).unwrap();
    assert_eq!(first.username, second.username);
    assert_eq!(records.check_credential(&first.username, &first.password), None);
    let by = records.check_credential(&second.username, &second.password).unwrap();
    records.close();
    let records = open(data.path());
    assert_eq!(records.check_credential(&second.username, &second.password), Some(by));
    assert!(matches!(records.make_credential("a:b", now()), Err(RecordsError::BadName { .. })));
    let bytes = std::fs::read(data.path().join("records/records.db")).unwrap();
    let password = second.password.as_bytes();
    assert!(!bytes.windows(password.len()).any(|window| window == password), "only the hash is kept");
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
    assert!(health.last_write_age.is_some() && health.last_error.is_none(), "{health:?}");
    assert_eq!(records.count().unwrap(), 0);
}

#[test]
fn children_s_records_are_readable_by_the_box_alone() {
    use std::os::unix::fs::PermissionsExt;
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    store(&records, value(1)).unwrap();
    for (name, mode) in [("", 0o700), ("records.db", 0o600), ("records.db-wal", 0o600)] {
        let path = data.path().join("records").join(name);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, mode, "{name}");
    }
}
