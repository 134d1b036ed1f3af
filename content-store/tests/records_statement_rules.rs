//! Every rule of a valid statement, as the table beside this file has it, and the limits that no table line shows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a test's verdict"
)]

use content_store::records::{BATCH_LIMIT, STATEMENT_LIMIT, Statement, StatementError};
use serde_json::{Value, json};

const TABLE: &str = include_str!("records_statements.txt");
const KINDS: [(&str, &str); 6] = [
    ("null", "null"),
    ("boolean", "true"),
    ("number", "5"),
    ("string", "\"x\""),
    ("array", "[]"),
    ("object", "{}"),
];

fn verdict(statement: &Value) -> Result<(), String> {
    match Statement::parse(statement.to_string().as_bytes()) {
        Ok(_) => Ok(()),
        Err(StatementError::Invalid { path, .. }) => Err(path),
        Err(other) => panic!("{other}"),
    }
}

/// `base` with `value` at `place`, or without anything there.
fn changed(base: &Value, place: &str, value: Option<Value>) -> Value {
    let mut statement = base.clone();
    let (parent, key) = place.rsplit_once('/').expect("a pointer with a slash");
    let parent = match statement.pointer_mut(parent) {
        Some(parent) => parent,
        None => panic!("{place}: its parent is not there"),
    };
    match (parent, value) {
        (Value::Object(map), Some(value)) => {
            map.insert(key.to_owned(), value);
        }
        (Value::Object(map), None) => {
            map.remove(key).expect("what is taken out was there");
        }
        (Value::Array(items), Some(value)) => items[key.parse::<usize>().unwrap()] = value,
        (other, _) => panic!("{place}: {other} has no parts"),
    }
    statement
}

/// Case by case, what went otherwise than the line says.
fn run(base: &Value, line: &str) -> (usize, Vec<String>) {
    let (verb, rest) = line.split_once(' ').expect("a verb and a place");
    let (place, rest) = rest
        .trim_start()
        .split_once(' ')
        .unwrap_or((rest.trim(), ""));
    let mut faults = Vec::new();
    let mut expect = |what: String, statement: &Value, good: Option<bool>, path: Option<&str>| {
        let found = verdict(statement);
        if found.is_ok() != good.unwrap_or(false) {
            faults.push(format!("{line} ({what}): {found:?}"));
        } else if let (Err(found), Some(path)) = (&found, path)
            && !found.starts_with(path)
        {
            faults.push(format!("{line} ({what}): at {found}"));
        }
    };
    let mut cases = 1;
    match verb {
        "good" => {
            let value = serde_json::from_str(rest).unwrap();
            expect(
                String::new(),
                &changed(base, place, Some(value)),
                Some(true),
                None,
            );
        }
        "bad" => {
            let (value, path) = rest.rsplit_once(" => ").expect("bad lines name a path");
            let value = serde_json::from_str(value).expect(line);
            expect(
                String::new(),
                &changed(base, place, Some(value)),
                None,
                Some(path),
            );
        }
        "must" => expect(String::new(), &changed(base, place, None), None, None),
        "type" => {
            let kind = place;
            assert!(KINDS.iter().any(|(name, _)| *name == kind), "{line}");
            for (_, sample) in KINDS.iter().filter(|(name, _)| *name != kind) {
                let value = serde_json::from_str(sample).unwrap();
                expect(
                    (*sample).to_owned(),
                    &changed(base, rest.trim(), Some(value)),
                    None,
                    None,
                );
            }
            cases = KINDS.len() - 1;
        }
        "open" => {
            let keys: Vec<String> = base
                .pointer(place)
                .unwrap()
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect();
            cases = keys.len() + 1;
            let surprise = changed(base, &format!("{place}/surprise"), Some(json!("x")));
            expect("surprise".to_owned(), &surprise, None, None);
            for key in keys {
                // The same key in capitals, its value moved.
                let value = base.pointer(&format!("{place}/{key}")).cloned();
                let without = changed(base, &format!("{place}/{key}"), None);
                let capitals = changed(&without, &format!("{place}/{}", key.to_uppercase()), value);
                expect(key, &capitals, None, None);
            }
        }
        other => panic!("{other} is no verb of the table"),
    }
    (cases, faults)
}

#[test]
fn every_line_of_the_table_holds() {
    let mut base = Value::Null;
    let (mut cases, mut faults) = (0, Vec::new());
    for line in TABLE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if let Some(rest) = line.strip_prefix("base ") {
            let (name, text) = rest.split_once(' ').unwrap();
            base = serde_json::from_str(text).expect(name);
            assert_eq!(verdict(&base), Ok(()), "base {name}");
        } else {
            let (count, found) = run(&base, line);
            cases += count;
            faults.extend(found);
        }
    }
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert!(cases > 600, "the table shrank to {cases} cases");
}

fn plain() -> Value {
    json!({
        "actor": {"mbox": "mailto:a@b.org"},
        "verb": {"id": "http://example.org/did"},
        "object": {"id": "http://example.org/it"},
    })
}

#[test]
fn text_that_is_no_sound_json_is_refused() {
    let deep = |levels: usize| {
        let nest = format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        plain().to_string().replacen(
            '{',
            &format!(r#"{{"result":{{"extensions":{{"urn:a:b":{nest}}}}},"#),
            1,
        )
    };
    assert!(Statement::parse(deep(29).as_bytes()).is_ok());
    let many = format!("[{}]", vec!["1"; 100_001].join(","));
    let cases = [
        (String::new(), "EOF"),
        ("{".to_owned(), "EOF"),
        ("{} {}".to_owned(), "trailing"),
        (
            r#"{"actor":1,"actor":2}"#.to_owned(),
            "\"actor\" stands twice",
        ),
        (
            r#"{"result":{"extensions":{"urn:a:b":{"k":1,"k":1}}}}"#.to_owned(),
            "\"k\" stands twice",
        ),
        (r#"{"a":1e999}"#.to_owned(), "out of range"),
        (deep(40), "nested too deep"),
        (many, "100000"),
        ("{\"a\":\"\u{1}\"}".to_owned(), "control character"),
    ];
    for (text, part) in cases {
        let error = Statement::parse(text.as_bytes()).unwrap_err();
        assert!(matches!(error, StatementError::Json(_)), "{error}");
        assert!(
            error.to_string().contains(part),
            "{error} does not say {part}"
        );
    }
    assert!(Statement::parse(&[b'"', 0xff, b'"']).is_err());
}

#[test]
fn sizes_are_limited() {
    let with_response = |letters: usize| {
        let mut statement = plain();
        statement["result"] = json!({"response": "x".repeat(letters)});
        Statement::from_value(statement)
    };
    let rest = with_response(0).unwrap().bytes();
    assert_eq!(
        with_response(STATEMENT_LIMIT - rest).unwrap().bytes(),
        STATEMENT_LIMIT
    );
    assert!(matches!(
        with_response(STATEMENT_LIMIT - rest + 1),
        Err(StatementError::TooLarge { .. })
    ));
    let batch = |count: usize| {
        Statement::parse_batch(Value::Array(vec![plain(); count]).to_string().as_bytes())
    };
    assert_eq!(batch(BATCH_LIMIT).unwrap().0.len(), BATCH_LIMIT);
    assert!(matches!(
        batch(BATCH_LIMIT + 1),
        Err(StatementError::TooMany(_))
    ));
}

#[test]
fn a_batch_names_the_statement_at_fault() {
    let mut bad = plain();
    bad["actor"]["mbox"] = json!("x");
    let text = json!([plain(), bad]).to_string();
    let error = Statement::parse_batch(text.as_bytes())
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "[1].actor.mbox: must be \"mailto:\" and an e-mail address"
    );
    let mut named = plain();
    named["id"] = json!("12345678-1234-4234-8234-123456789abc");
    let mut capital = named.clone();
    capital["id"] = json!("12345678-1234-4234-8234-123456789ABC");
    let text = json!([named, capital]).to_string();
    let error = Statement::parse_batch(text.as_bytes())
        .unwrap_err()
        .to_string();
    assert_eq!(error, "[1].id: stands twice in this batch");
    assert!(Statement::parse_batch(b"[]").unwrap().0.is_empty());
    assert!(Statement::parse_batch(b"7").is_err());
}

#[test]
fn single_context_activities_become_arrays() {
    let mut statement = plain();
    statement["context"] = json!({"contextActivities": {"parent": {"id": "http://a.org/"}}});
    let kept = Statement::from_value(statement).unwrap();
    assert_eq!(
        kept.value()["context"]["contextActivities"]["parent"],
        json!([{"id": "http://a.org/"}])
    );
}
