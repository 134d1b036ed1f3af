//! What of a value may leave the box: numbers, yes and no, and of texts the words of our own messages. Keys come from the program; one that
//! could be somebody's is left out with all that is under it. Three more texts of ours have no words in them and are told by their keys, where
//! they have the form of such a text: whose rules of the air hold, by what support knows the box, and for whom records are sealed.

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
        .map(|(key, value)| {
            let kept = match is_of_its_form(key, value) {
                true => value.clone(),
                false => scrubbed(value, deeper),
            };
            (key.clone(), kept)
        })
        .collect()
}

/// Whether `value` is what is told under `key` alone. Two capital letters elsewhere are initials, 16 hexadecimal digits elsewhere a name's bytes.
fn is_of_its_form(key: &str, value: &Value) -> bool {
    let Some(text) = value.as_str() else {
        return false;
    };
    let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    match key {
        // Of a country (ISO 3166-1), as the configuration has checked it: of where the box is, no more.
        "country" => text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
        "box_id" | "sealed_for" => text.len() == 16 && text.bytes().all(digit),
        _ => false,
    }
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
    fn a_text_without_words_is_told_by_its_key_and_only_in_its_form() {
        let good = json!({
            "air": {"country": "PH"},
            "box_id": "0123456789abcdef",
            "records": {"sealed_for": "0a1b2c3d4e5f6071"},
        });
        assert_eq!(scrub(&good), good);
        for (key, text) in [
            ("country", "Ph"),
            ("country", "MAR"),
            ("country", "\u{41c}\u{410}"),
            ("other", "PH"),
            ("other", "4d617279616d2020"),
            ("box_id", "4d617279616d202"),
            ("box_id", "Maryam Dimaculan"),
            ("sealed_for", "4D617279616D2020"),
        ] {
            let told = scrub(&json!({ key: text }));
            assert_eq!(told, json!({ key: "~" }), "{key}: {text}");
        }
    }

    /// What support asks for first.
    #[cfg(feature = "box")]
    #[test]
    fn of_a_whole_state_the_words_are_left() {
        use crate::status::sample::{planned, sample, silent, updating};
        for status in [sample(), silent(), planned(), updating()] {
            let whole = serde_json::to_value(&status).unwrap_or_default();
            let told = scrub(&whole);
            for place in [
                "/box_id",
                "/version",
                "/time",
                "/panel",
                "/battery",
                "/power",
                "/degraded",
                "/radio/cells/0/interface",
                "/radio/cells/0/band_ghz",
                "/records/sealed_for",
                "/update/slot",
                "/update/state",
            ] {
                assert!(whole.pointer(place).is_some(), "{place}");
                assert_eq!(told.pointer(place), whole.pointer(place), "{place}");
            }
            assert_eq!(told.pointer("/radio/network"), None);
        }
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
