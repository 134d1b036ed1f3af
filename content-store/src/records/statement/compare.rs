//! When two statements are the same (xAPI 1.0.3 Data, 2.3.1): everything but the listed exceptions counts.

use super::actor::fold_mbox;
use super::format::{comparable_duration, parse_timestamp};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Set by the store or compared on their own.
const NOT_COMPARED: [&str; 5] = ["id", "stored", "authority", "version", "timestamp"];

/// SHA-256 over the statement without what may differ: the properties the store sets, the display of verbs, the
/// definitions of activities, the order of a Group's members, letter case where it means nothing, durations beyond
/// hundredths of a second. `timestamp` is compared apart, because the store may have set it.
pub(super) fn fingerprint(statement: &Map<String, Value>) -> [u8; 32] {
    let mut plain = Map::new();
    for (key, value) in statement {
        if !NOT_COMPARED.contains(&key.as_str()) {
            plain.insert(key.clone(), comparable(key, value));
        }
    }
    Sha256::digest(Value::Object(plain).to_string().as_bytes()).into()
}

fn comparable(key: &str, value: &Value) -> Value {
    match (key, value) {
        ("verb", Value::Object(verb)) => without(verb, "display"),
        ("extensions", other) => numbers_folded(other),
        ("member", Value::Array(members)) => {
            let mut folded: Vec<Value> = members.iter().map(|m| comparable("", m)).collect();
            folded.sort_by_cached_key(Value::to_string);
            Value::Array(folded)
        }
        ("mbox", Value::String(mbox)) => Value::String(fold_mbox(mbox)),
        ("mbox_sha1sum" | "sha2" | "registration", Value::String(text)) => {
            Value::String(text.to_ascii_lowercase())
        }
        ("duration", Value::String(text)) => Value::String(comparable_duration(text)),
        ("timestamp", Value::String(text)) => match parse_timestamp(text) {
            Some(instant) => Value::String(instant.to_string()),
            None => value.clone(),
        },
        (_, Value::Object(map)) => object(map),
        (_, Value::Array(items)) => {
            Value::Array(items.iter().map(|item| comparable("", item)).collect())
        }
        (_, Value::Number(_)) => numbers_folded(value),
        (_, Value::Null | Value::Bool(_) | Value::String(_)) => value.clone(),
    }
}

fn object(map: &Map<String, Value>) -> Value {
    let mut plain = Map::new();
    let kind = map.get("objectType").and_then(Value::as_str);
    for (key, value) in map {
        // "Activity" and "Agent" are what an absent objectType means.
        let implied = key == "objectType" && matches!(kind, Some("Activity" | "Agent"));
        // Only an Activity has a definition; what stands in it is not part of the statement.
        if key == "definition" || implied {
            continue;
        }
        let folded = match (kind, key.as_str(), value) {
            (Some("StatementRef"), "id", Value::String(id)) => {
                Value::String(id.to_ascii_lowercase())
            }
            _ => comparable(key, value),
        };
        plain.insert(key.clone(), folded);
    }
    Value::Object(plain)
}

fn without(map: &Map<String, Value>, left_out: &str) -> Value {
    let kept = map.iter().filter(|(key, _)| *key != left_out);
    Value::Object(
        kept.map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    )
}

/// `1` and `1.0` are one number.
fn numbers_folded(value: &Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            // Within 2^53 every whole f64 is one integer.
            Some(float) if float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0 => {
                Value::from(float as i64)
            }
            _ => value.clone(),
        },
        Value::Array(items) => Value::Array(items.iter().map(numbers_folded).collect()),
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, value)| (key.clone(), numbers_folded(value)))
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}
