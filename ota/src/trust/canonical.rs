//! Canonical JSON: the bytes that are signed, whatever the file looked like.
//!
//! The rules are OLPC's, as TUF 1.0 §4.2 names them: keys sorted by code point, no white space, strings with nothing escaped but `"` and
//! `\`, integers only.

use serde_json::Value;

/// The canonical bytes of `value`; `None` where it holds a number that is no integer.
pub(crate) fn bytes(value: &Value) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    write(value, &mut out)?;
    Some(out)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Option<()> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) if number.is_f64() => return None,
        Value::Number(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::String(text) => string(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                separate(index, out);
                write(item, out)?;
            }
            out.push(b']');
        }
        // Sorted by its bytes in UTF-8, which is by code point: the map is a BTreeMap.
        Value::Object(fields) => {
            out.push(b'{');
            for (index, (key, field)) in fields.iter().enumerate() {
                separate(index, out);
                string(key, out);
                out.push(b':');
                write(field, out)?;
            }
            out.push(b'}');
        }
    }
    Some(())
}

fn separate(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn canonical(text: &str) -> Option<String> {
        let value: Value = serde_json::from_str(text).unwrap();
        bytes(&value).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn sorted_tight_and_unescaped() {
        assert_eq!(
            canonical("{ \"b\": [1, -2, true, null], \"a\": \"x\\n\\\"\\\\\\u00e9\", \"B\": {} }")
                .unwrap(),
            "{\"B\":{},\"a\":\"x\n\\\"\\\\é\",\"b\":[1,-2,true,null]}"
        );
    }

    #[test]
    fn what_is_no_integer_has_no_canonical_form() {
        for text in ["1.5", "[1e3]", "{\"a\":18446744073709551616}"] {
            assert_eq!(canonical(text), None, "{text}");
        }
        assert_eq!(
            canonical("18446744073709551615").unwrap(),
            "18446744073709551615"
        );
    }

    #[test]
    fn keys_sort_by_code_point_beyond_the_basic_plane() {
        // U+FF5E sorts before U+1F600 by code point; by UTF-16 it would come after.
        assert_eq!(
            canonical("{\"😀\":1,\"～\":2}").unwrap(),
            "{\"～\":2,\"😀\":1}"
        );
    }
}
