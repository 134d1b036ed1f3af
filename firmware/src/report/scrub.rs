//! What of a value may leave the box: numbers, yes and no, and of texts the words of our own messages. Keys come from the program; one that
//! could be somebody's is left out with all that is under it.

use crate::events::line::is_field;
use crate::events::words::plain;
use serde_json::{Map, Value};

/// Left out whole: who is where, and how one joins.
const NEVER: [&str; 12] = [
    "latitude_deg",
    "longitude_deg",
    "phrase",
    "passphrase",
    "password",
    "network",
    "name",
    "host",
    "kit",
    "packs",
    "sources",
    "stations",
];
/// Deeper, nothing of ours is nested.
const DEEPEST: usize = 8;
/// Entries of a list at most.
const LONGEST_LIST: usize = 256;

/// `value` with nothing in it that somebody could be known by.
#[must_use]
pub fn scrub(value: &Value) -> Value {
    scrubbed(value, DEEPEST)
}

fn scrubbed(value: &Value, deeper: usize) -> Value {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        Value::String(text) => Value::String(plain(text)),
        _ if deeper == 0 => Value::Null,
        Value::Array(list) => {
            let kept = list.iter().take(LONGEST_LIST);
            Value::Array(kept.map(|value| scrubbed(value, deeper - 1)).collect())
        }
        Value::Object(fields) => Value::Object(object(fields, deeper - 1)),
    }
}

fn object(fields: &Map<String, Value>, deeper: usize) -> Map<String, Value> {
    let may_stay = |key: &str| is_field(key) && !NEVER.contains(&key);
    fields
        .iter()
        // A count of packs is a number; their names are none.
        .filter(|(key, value)| {
            may_stay(key) || (is_field(key) && value.is_number() && !key.ends_with("_deg"))
        })
        .map(|(key, value)| (key.clone(), scrubbed(value, deeper)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_and_our_own_words_stay_and_nothing_else() {
        let value = json!({
            "degraded": ["the disk is full", "the pack \"Марьям\" is damaged"],
            "battery": {"charge_percent": 61.5, "stale": false, "status": "charging"},
            "library": {"packs": 3},
            "network": "Escuela María",
            "latitude_deg": 9.8,
            "packs": ["maryams-lessons"],
            "Maryam": 7,
        });
        assert_eq!(
            scrub(&value),
            json!({
                "degraded": ["the disk is full", "the pack \"~\" is damaged"],
                "battery": {"charge_percent": 61.5, "stale": false, "status": "charging"},
                "library": {"packs": 3},
            })
        );
    }

    #[test]
    fn a_value_without_bounds_is_bounded() {
        let mut deep = json!("damaged");
        for _ in 0..100 {
            deep = json!([deep]);
        }
        assert!(scrub(&deep).to_string().len() < 40);
        assert!(scrub(&json!(vec![7; 100_000])).to_string().len() < 1000);
    }
}
