//! The grammar the rules are written in: a rule is a function from a JSON value to [`Checked`], and rules compose by key.

use serde_json::{Map, Value};

/// What is wrong, and where. The path is built from the inside out while the fault travels up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) path: String,
    pub(super) rule: String,
}

pub(super) type Checked = Result<(), Fault>;

impl Fault {
    pub(super) fn new(rule: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            rule: rule.into(),
        }
    }

    /// Keys that are plain words read `actor.mbox`; any other key reads `extensions["http://…"]`.
    pub(super) fn under_key(mut self, key: &str) -> Self {
        let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let step = if plain {
            key.to_owned()
        } else {
            let short: String = key.chars().take(80).collect();
            format!("[{short:?}]")
        };
        let join = if self.path.is_empty() || self.path.starts_with('[') {
            ""
        } else {
            "."
        };
        self.path = format!("{step}{join}{}", self.path);
        self
    }

    pub(super) fn under_index(mut self, index: usize) -> Self {
        let join = if self.path.is_empty() || self.path.starts_with('[') {
            ""
        } else {
            "."
        };
        self.path = format!("[{index}]{join}{}", self.path);
        self
    }
}

pub(super) fn fail(rule: impl Into<String>) -> Checked {
    Err(Fault::new(rule))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn mismatch(wanted: &str, value: &Value) -> Fault {
    Fault::new(format!("must be {wanted}, is {}", kind(value)))
}

/// The fields of one object whose keys are all known.
pub(super) struct Fields<'a> {
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// Refuses what is no object, and every key that is not in `known`: keys are case-sensitive.
    pub(super) fn of(value: &'a Value, what: &str, known: &[&str]) -> Result<Self, Fault> {
        let map = object(value, what)?;
        match map.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(Fault::new(format!("is no property of {what}")).under_key(key)),
            None => Ok(Self { map }),
        }
    }

    pub(super) fn required(&self, key: &str, check: impl FnOnce(&Value) -> Checked) -> Checked {
        match self.map.get(key) {
            Some(value) => check(value).map_err(|fault| fault.under_key(key)),
            None => Err(Fault::new("is required").under_key(key)),
        }
    }

    pub(super) fn optional(&self, key: &str, check: impl FnOnce(&Value) -> Checked) -> Checked {
        self.map.get(key).map_or(Ok(()), |value| {
            check(value).map_err(|fault| fault.under_key(key))
        })
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    pub(super) fn number(&self, key: &str) -> Option<f64> {
        self.map.get(key).and_then(Value::as_f64)
    }
}

pub(super) fn object<'a>(value: &'a Value, what: &str) -> Result<&'a Map<String, Value>, Fault> {
    value
        .as_object()
        .ok_or_else(|| mismatch(&format!("{what} (an object)"), value))
}

pub(super) fn string(value: &Value) -> Result<&str, Fault> {
    value.as_str().ok_or_else(|| mismatch("a string", value))
}

pub(super) fn text(value: &Value) -> Checked {
    string(value).map(|_| ())
}

/// A string that may not be empty, for identifiers without a format of their own.
pub(super) fn filled_text(value: &Value) -> Checked {
    if string(value)?.is_empty() {
        return fail("must not be empty");
    }
    Ok(())
}

pub(super) fn number(value: &Value) -> Result<f64, Fault> {
    value.as_f64().ok_or_else(|| mismatch("a number", value))
}

pub(super) fn boolean(value: &Value) -> Checked {
    value
        .as_bool()
        .map(|_| ())
        .ok_or_else(|| mismatch("true or false", value))
}

/// Every item of an array, each fault told with its index.
pub(super) fn each(value: &Value, check: impl Fn(&Value) -> Checked) -> Checked {
    let items = value
        .as_array()
        .ok_or_else(|| mismatch("an array", value))?;
    items
        .iter()
        .enumerate()
        .try_for_each(|(index, item)| check(item).map_err(|fault| fault.under_index(index)))
}

/// A string with a format: `wanted` completes the sentence "must be …".
pub(super) fn formatted(value: &Value, wanted: &str, good: impl FnOnce(&str) -> bool) -> Checked {
    if good(string(value)?) {
        Ok(())
    } else {
        fail(format!("must be {wanted}"))
    }
}
