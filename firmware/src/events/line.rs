//! An event, and the line that keeps it: eight hexadecimal digits of CRC-32, a space, one JSON object, a line feed. A line stands for itself,
//! so whatever a power cut left of its neighbours does not matter.

use super::words::plain;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Bytes of a line at most, its end included.
pub const LONGEST_LINE: usize = 1024;
/// Fields of an event at most.
const MOST_FIELDS: usize = 24;
/// Characters of a name at most.
const LONGEST_NAME: usize = 48;

/// How grave an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// As it should be.
    #[serde(rename = "I")]
    Info,
    /// Somebody should know.
    #[serde(rename = "W")]
    Warn,
    /// Something failed.
    #[serde(rename = "E")]
    Error,
}

impl Level {
    /// One letter.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Info => 'I',
            Self::Warn => 'W',
            Self::Error => 'E',
        }
    }
}

/// The value of a field: nothing else is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// Any other number.
    Real(f64),
    /// Words of our own ([`plain`]).
    Words(String),
}

impl Value {
    /// Of a text: what may be kept of it.
    #[must_use]
    pub fn words(text: &str) -> Self {
        Self::Words(plain(text))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Real(value) => value.fmt(f),
            Self::Words(text) => f.pad(text),
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The boot of the machine in which it happened, counted from 1 since the events began.
    #[serde(rename = "b")]
    pub boot: u32,
    /// The start of the box in this boot, counted from 1.
    #[serde(rename = "s")]
    pub start: u32,
    /// Since the machine booted, ms.
    #[serde(rename = "t")]
    pub since_boot_ms: u64,
    /// Wall time, Unix seconds; only where a source of it is trusted.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub wall_s: Option<i64>,
    /// How grave it is.
    #[serde(rename = "l")]
    pub level: Level,
    /// `room.what_happened`.
    #[serde(rename = "n")]
    pub name: String,
    /// What belongs to it.
    #[serde(rename = "f", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Value>,
}

impl Event {
    /// The line that keeps it. One that would be too long goes without its fields.
    #[must_use]
    pub fn to_line(&self) -> String {
        let line = encoded(self);
        if line.len() <= LONGEST_LINE {
            return line;
        }
        encoded(&Self {
            fields: BTreeMap::new(),
            ..self.clone()
        })
    }

    /// The event that `line` (without its end) keeps; `None`: it is damaged, or of another format.
    #[must_use]
    pub fn from_line(line: &[u8]) -> Option<Self> {
        let (sum, json) = line.split_at_checked(9)?;
        let sum = std::str::from_utf8(sum.strip_suffix(b" ")?).ok()?;
        let sum = u32::from_str_radix(sum, 16).ok()?;
        if crc32fast::hash(json) != sum {
            return None;
        }
        let event: Self = serde_json::from_slice(json).ok()?;
        let sound = is_name(&event.name) && event.fields.keys().all(|key| is_field(key));
        Some(event).filter(|event| sound && event.fields.len() <= MOST_FIELDS)
    }
}

impl fmt::Display for Event {
    /// `12.1 0d 03:12:45 W power.state_changed from=full to=eco`: boot and start, time since boot, what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.since_boot_ms / 1000;
        let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
        let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
        let (boot, start, level) = (self.boot, self.start, self.level.letter());
        write!(
            f,
            "{boot}.{start} {days}d {hours:02}:{minutes:02}:{seconds:02} {level} {}",
            self.name
        )?;
        for (name, value) in &self.fields {
            match value {
                Value::Words(text) => write!(f, " {name}=\"{text}\"")?,
                value @ (Value::Flag(_) | Value::Number(_) | Value::Real(_)) => {
                    write!(f, " {name}={value}")?
                }
            }
        }
        Ok(())
    }
}

fn encoded(event: &Event) -> String {
    let json = serde_json::to_string(event).unwrap_or_default();
    format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()))
}

/// Whether `text` is named as events are: `room.what_happened`.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let word =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let parts = text.split_once('.');
    text.len() <= LONGEST_NAME && parts.is_some_and(|(room, what)| word(room) && word(what))
}

pub(crate) fn is_field(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    !text.is_empty() && text.len() <= LONGEST_NAME && text.bytes().all(fits)
}

/// An event's fields, as they come.
#[derive(Debug, Clone, Default)]
pub struct Fields(BTreeMap<String, Value>);

impl Fields {
    /// One more, unless there are too many; its name comes from the program.
    pub fn put(&mut self, name: &str, value: Value) {
        if is_field(name) && self.0.len() < MOST_FIELDS {
            self.0.insert(name.to_owned(), value);
        }
    }

    /// All.
    #[must_use]
    pub fn all(self) -> BTreeMap<String, Value> {
        self.0
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    /// An event that tells its number.
    pub(crate) fn numbered(number: i64) -> Event {
        let mut fields = Fields::default();
        fields.put("number", Value::Number(number));
        fields.put("why", Value::words("the disk is full"));
        Event {
            boot: 3,
            start: 1,
            since_boot_ms: 93_784_005,
            wall_s: None,
            level: Level::Warn,
            name: "test.numbered".to_owned(),
            fields: fields.all(),
        }
    }

    #[test]
    fn a_line_is_read_back_and_no_changed_byte_is_believed() {
        let event = numbered(7);
        let line = event.to_line();
        let line = line.strip_suffix('\n').unwrap().as_bytes();
        assert_eq!(Event::from_line(line), Some(event));
        for at in 0..line.len() {
            let mut changed = line.to_vec();
            changed[at] ^= 1;
            assert_eq!(Event::from_line(&changed), None, "byte {at}");
            assert_eq!(Event::from_line(&line[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn a_line_for_people() {
        assert_eq!(
            numbered(7).to_string(),
            "3.1 1d 02:03:04 W test.numbered number=7 why=\"the disk is full\""
        );
    }

    #[test]
    fn names_are_of_the_program() {
        for (name, fits) in [
            ("power.state_changed", true),
            ("power", false),
            ("Power.off", false),
            ("a.b.c", false),
            ("a.", false),
            ("somebody.said \"x\"", false),
        ] {
            assert_eq!(is_name(name), fits, "{name}");
        }
    }

    #[test]
    fn no_line_is_too_long() {
        let mut fields = Fields::default();
        for number in 0..40 {
            fields.put(
                &format!("field_{number}"),
                Value::words(&"damaged ".repeat(40)),
            );
        }
        let event = Event {
            fields: fields.all(),
            ..numbered(1)
        };
        assert!(event.to_line().len() <= LONGEST_LINE);
        assert!(Event::from_line(event.to_line().trim_end().as_bytes()).is_some());
    }
}
