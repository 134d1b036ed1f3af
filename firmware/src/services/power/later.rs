//! Files that two systems write in turn: what only the later one knows survives the older one's writes.

use serde_json::{Map, Value};

/// The JSON object `new` with the members of `old` that it does not have: a later system's. What is no object is not looked into.
pub(super) fn kept(old: &[u8], new: Vec<u8>) -> Vec<u8> {
    let object = |bytes: &[u8]| serde_json::from_slice::<Map<String, Value>>(bytes).ok();
    let (Some(old), Some(mut both)) = (object(old), object(&new)) else {
        return new;
    };
    let own = both.len();
    for (name, value) in old {
        both.entry(name).or_insert(value);
    }
    if both.len() == own {
        return new;
    }
    serde_json::to_vec(&both).unwrap_or(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_there_is_kept() {
        for (old, new, both) in [
            (r#"{"a":1,"b":[2]}"#, r#"{"a":3}"#, r#"{"a":3,"b":[2]}"#),
            (r#"{"a":1}"#, r#"{ "a": null }"#, r#"{ "a": null }"#),
            ("[1]", r#"{"a":3}"#, r#"{"a":3}"#),
            ("torn", r#"{"a":3}"#, r#"{"a":3}"#),
            (r#"{"b":1}"#, "\u{1}binary", "\u{1}binary"),
        ] {
            let kept = kept(old.as_bytes(), new.as_bytes().to_vec());
            assert_eq!(String::from_utf8_lossy(&kept), both, "{old} {new}");
        }
    }
}
