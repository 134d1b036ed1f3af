//! What finds a statement: voiding, filters, pages.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a test's verdict"
)]

mod records_rig;

use content_store::records::{AgentFilter, Format, Page, Query, Statement, parse_uuid};
use records_rig::{VOIDED, about, authority, id, now, open, statement, store, value, verb};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

fn ids(page: &Page) -> Vec<Uuid> {
    let id = |json: &String| {
        let value: Value = serde_json::from_str(json).unwrap();
        parse_uuid(value["id"].as_str().unwrap()).unwrap()
    };
    page.statements.iter().map(id).collect()
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
        assert!(
            records
                .voided_statement(id(1), &Format::Exact)
                .unwrap()
                .is_some()
        );
        assert!(
            records.statement(id(2), &Format::Exact).unwrap().is_some(),
            "a voiding statement stays"
        );
        // Whoever looks for the voided statement's verb finds what was said about it.
        let query = Query {
            verb: Some(verb(1)),
            ascending: true,
            ..Query::default()
        };
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
    let sub = store(
        &records,
        json!({
            "actor": agent("planner"),
            "verb": {"id": verb(2)},
            "object": {
                "objectType": "SubStatement", "actor": agent("inner"), "verb": {"id": verb(3)},
                "object": {"id": "http://a.org/inner"},
            },
        }),
    )
    .unwrap();
    let praise = store(
        &records,
        json!({
            "actor": agent("teacher"), "verb": {"id": verb(4)},
            "object": {"objectType": "Agent", "mbox": "mailto:praised@SCHOOL.example"},
        }),
    )
    .unwrap();
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
        (
            "instructor related",
            by_agent("instructor", true),
            vec![found],
        ),
        ("teammate related", by_agent("teammate", true), vec![found]),
        ("actor related", by_agent("planner", true), vec![sub]),
        ("inner", by_agent("inner", false), vec![]),
        ("inner related", by_agent("inner", true), vec![sub]),
        ("activity", by_activity("object", false), vec![found]),
        ("parent", by_activity("parent", false), vec![]),
        ("parent related", by_activity("parent", true), vec![found]),
        ("other related", by_activity("other", true), vec![found]),
        ("inner activity", by_activity("inner", false), vec![]),
        (
            "inner activity related",
            by_activity("inner", true),
            vec![sub],
        ),
        (
            "verb",
            Query {
                verb: Some(verb(1)),
                ..Query::default()
            },
            vec![found],
        ),
        (
            "inner verb",
            Query {
                verb: Some(verb(3)),
                ..Query::default()
            },
            vec![],
        ),
        (
            "registration",
            Query {
                registration: Some(registration),
                ..Query::default()
            },
            vec![found],
        ),
        (
            "both",
            Query {
                verb: Some(verb(1)),
                ..by_agent("member", false)
            },
            vec![found],
        ),
        (
            "one of both",
            Query {
                verb: Some(verb(2)),
                ..by_agent("member", false)
            },
            vec![],
        ),
        ("all", Query::default(), vec![praise, sub, found]),
        (
            "ascending",
            Query {
                ascending: true,
                ..Query::default()
            },
            vec![found, sub, praise],
        ),
        (
            "limit",
            Query {
                limit: 1,
                ..Query::default()
            },
            vec![praise],
        ),
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
        assert!(page.statements.iter().map(String::len).sum::<usize>() <= 256 * 1024);
        (seen, pages) = (seen + page.statements.len(), pages + 1);
        match page.more {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!((seen, pages), (80, 20));
}

#[test]
fn ids_keep_what_identifies_and_canonical_keeps_one_language() {
    let data = TempDir::new().unwrap();
    let records = open(data.path());
    let words = json!({"en": "word", "fr-CH": "mot", "ar": "كلمة"});
    let activity = json!({
        "objectType": "Activity", "id": "http://a.org/x",
        "definition": {
            "name": words, "interactionType": "choice", "choices": [{"id": "a", "description": words}],
            "extensions": {"http://a.org/e": words},
        },
    });
    let stored = store(&records, json!({
        "actor": {"objectType": "Group", "name": "Class 3", "member": [{"name": "A", "mbox": "mailto:a@b.org"}]},
        "verb": {"id": verb(1), "display": words},
        "object": {
            "objectType": "SubStatement", "actor": {"name": "B", "mbox": "mailto:b@b.org"},
            "verb": {"id": verb(2), "display": words}, "object": activity,
        },
        "result": {"response": "kept"},
        "context": {
            "team": {"objectType": "Group", "name": "T", "mbox": "mailto:t@b.org", "member": [{"mbox": "mailto:a@b.org"}]},
            "contextActivities": {"parent": [activity]},
        },
    })).unwrap();
    let read = |format: Format| -> Value {
        let found = records.statement(stored, &format).unwrap().unwrap();
        serde_json::from_str(&found.json).unwrap()
    };
    let plain = json!({"objectType": "Activity", "id": "http://a.org/x"});
    let ids = read(Format::Ids);
    assert_eq!(
        ids["actor"],
        json!({"objectType": "Group", "member": [{"mbox": "mailto:a@b.org"}]})
    );
    assert_eq!(ids["verb"], json!({"id": verb(1)}));
    let inner = json!({
        "objectType": "SubStatement", "actor": {"mbox": "mailto:b@b.org"}, "verb": {"id": verb(2)}, "object": plain,
    });
    assert_eq!(ids["object"], inner);
    assert_eq!(
        ids["context"]["team"],
        json!({"objectType": "Group", "mbox": "mailto:t@b.org"})
    );
    assert_eq!(
        ids["context"]["contextActivities"],
        json!({"parent": [plain]})
    );
    assert_eq!(ids["result"], json!({"response": "kept"}));
    for (wishes, expected) in [
        (vec!["fr"], json!({"fr-CH": "mot"})),
        (vec!["uk", "AR"], json!({"ar": "كلمة"})),
        (vec!["uk"], json!({"ar": "كلمة"})),
        (vec!["*"], json!({"ar": "كلمة"})),
    ] {
        let canonical = read(Format::Canonical(
            wishes.iter().map(|tag| (*tag).to_owned()).collect(),
        ));
        assert_eq!(canonical["verb"]["display"], expected, "{wishes:?}");
        let inner = &canonical["object"]["object"]["definition"];
        assert_eq!(inner["choices"][0]["description"], expected, "{wishes:?}");
        assert_eq!(
            inner["extensions"]["http://a.org/e"], words,
            "extensions stay as they are"
        );
        let parent = &canonical["context"]["contextActivities"]["parent"][0]["definition"];
        assert_eq!(parent["name"], expected, "{wishes:?}");
    }
}
