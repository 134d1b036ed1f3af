//! Random JSON where a statement is expected: an answer every time, and what was taken once is taken again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a test's verdict"
)]

use content_store::records::{Statement, is_iri, parse_timestamp, parse_uuid};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Texts near the formats that are parsed by hand.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,30}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([.,][0-9]{0,12})?([Zz]|[+-][0-9:]{0,5})?",
        "P([0-9]{1,3}[.,]?[0-9]{0,2}[YMWD]){0,3}(T([0-9]{1,3}[.,]?[0-9]{0,2}[HMS]){0,3})?",
        "[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8}){0,4}",
        "mailto:[a-z@. ]{0,12}",
        "[a-z]{0,5}:[a-zA-Z0-9%/é]{0,12}",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::btree_map(text(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Places whose values have a format or a shape of their own.
const PLACES: [&str; 14] = [
    "/id",
    "/actor",
    "/actor/mbox",
    "/verb/id",
    "/verb/display",
    "/object",
    "/object/definition",
    "/result/duration",
    "/result/score",
    "/context/contextActivities/parent",
    "/context/language",
    "/timestamp",
    "/attachments",
    "/version",
];

fn full() -> Value {
    json!({
        "id": "12345678-1234-4234-8234-123456789abc",
        "actor": {"mbox": "mailto:a@b.org"},
        "verb": {"id": "http://example.org/did", "display": {"en": "did"}},
        "object": {"id": "http://example.org/it", "definition": {}},
        "result": {"duration": "PT1S", "score": {}},
        "context": {"language": "en", "contextActivities": {"parent": []}},
        "timestamp": "2026-03-01T08:30:00Z",
        "attachments": [],
        "version": "1.0.0",
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_stands_in_a_statement_gets_an_answer(
        place in proptest::sample::select(PLACES.to_vec()),
        value in any_value(),
    ) {
        let mut statement = full();
        *statement.pointer_mut(place).unwrap() = value;
        match Statement::from_value(statement) {
            // What the store would give back, it takes: export and import agree.
            Ok(taken) => {
                let again = Statement::parse(taken.value().to_string().as_bytes()).unwrap();
                prop_assert_eq!(again.value(), taken.value());
            }
            Err(error) => prop_assert!(error.to_string().lines().count() == 1, "{}", error),
        }
    }

    #[test]
    fn whatever_bytes_come_get_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        prop_assert!(Statement::parse_batch(&bytes).is_err() || bytes.starts_with(b"["));
    }

    #[test]
    fn parsers_take_any_text(text in text()) {
        let _ = (is_iri(&text), parse_uuid(&text));
        // What is taken as a moment names the same one when it is written in UTC.
        if let Some(moment) = parse_timestamp(&text) {
            prop_assert_eq!(parse_timestamp(&moment.to_string()), Some(moment));
        }
    }
}
