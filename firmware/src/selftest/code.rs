//! The result of a self-test as one line of text, which a QR code carries and any phone reads.
//!
//! ```text
//! SBT1/SB-PH-0042/2026.11/17/20261129T071405Z/87.5/250/OONNOOOOONOOFOO/1.1/6449519E
//! form serial     system  no time             %    Wh  letter a part   wear checksum
//! ```
//!
//! Fields stand in this order, `-` where nothing is known; a letter for each part in the order of [`PartName::ALL`]: `O` ok, `N` not tried, `F`
//! failed. The checksum is the first four bytes of SHA-256 of all before its own `/`, in upper-case digits. The characters are
//! those that a QR code packs tightest (ISO/IEC 18004, alphanumeric mode); what else a serial number has is written `%2F`.

use super::outcome::{Outcome, PartName, Wear};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// How every code begins.
pub const BEGINS: &str = "SBT";
const FORM: &str = "SBT1";
/// No code of ours is longer, bytes.
pub const LONGEST: usize = 300;
/// Of a serial number or a version, bytes as written.
const LONGEST_FIELD: usize = 96;
const UNKNOWN: &str = "-";

/// What the code says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Code {
    /// The box; empty where it has no number.
    pub serial: String,
    /// Name of the running system, such as `2026.11`; empty where nobody says.
    pub system: String,
    /// Number of the running system; 0 where nobody says.
    pub system_version: u64,
    /// When, Unix seconds.
    pub at: Option<i64>,
    /// Charge, percent.
    pub charge_percent: Option<f64>,
    /// What the battery holds, Wh.
    pub capacity_wh: Option<f64>,
    /// A letter for each part.
    pub letters: String,
    /// The wear of the storage.
    pub wear: Option<Wear>,
}

/// Why a text is no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Something else.
    #[error("it is no result of a self-test")]
    NotOurs,
    /// Of a later form.
    #[error("it is a result of a later form than this program knows; take a newer depot")]
    Later,
    /// Changed on its way, or cut.
    #[error("it is damaged: scan the code again")]
    Damaged,
}

impl Code {
    /// Of an outcome.
    #[must_use]
    pub fn of(outcome: &Outcome) -> Self {
        let at = outcome.at.as_ref().and_then(|at| at.parse().ok());
        let letter = |part: PartName| {
            let tried = outcome.parts.iter().find(|tried| tried.part == part);
            tried.map_or('N', |tried| tried.verdict.letter())
        };
        Self {
            serial: outcome.serial.clone(),
            system: outcome.system.clone(),
            system_version: outcome.system_version,
            at: at.map(|at: jiff::Timestamp| at.as_second()),
            charge_percent: outcome.charge_percent,
            capacity_wh: outcome.capacity_wh,
            letters: PartName::ALL.into_iter().map(letter).collect(),
            wear: outcome.wear,
        }
    }

    /// The parts that failed. A later program may know more parts: those are counted, without a name.
    #[must_use]
    pub fn failed(&self) -> Vec<&'static str> {
        let named = PartName::ALL.iter().map(|part| part.as_str());
        let names = named.chain(std::iter::repeat("a newer part"));
        let failed = self.letters.chars().zip(names);
        failed
            .filter_map(|(letter, name)| (letter == 'F').then_some(name))
            .collect()
    }

    /// The text, at most [`LONGEST`] bytes.
    #[must_use]
    pub fn text(&self) -> String {
        let wear = |wear: Wear| format!("{}.{}", wear.life_used_tenths, wear.pre_eol);
        let number = |value: f64| format!("{value}");
        let fields = [
            FORM.to_owned(),
            escaped(&self.serial),
            escaped(&self.system),
            self.system_version.to_string(),
            told(self.at.and_then(time), |time| time),
            told(self.charge_percent.map(tenths), number),
            told(self.capacity_wh.map(f64::round), number),
            self.letters.clone(),
            told(self.wear, wear),
        ];
        let body = fields.join("/");
        let sum = checksum(&body);
        format!("{body}/{sum}")
    }

    /// What a text says.
    ///
    /// # Errors
    /// [`CodeError`].
    pub fn read(text: &str) -> Result<Self, CodeError> {
        let text = text.trim();
        if !text.starts_with(BEGINS) {
            return Err(CodeError::NotOurs);
        }
        if text.len() > LONGEST {
            return Err(CodeError::Damaged);
        }
        let (body, sum) = text.rsplit_once('/').ok_or(CodeError::Damaged)?;
        if checksum(body) != sum {
            return Err(CodeError::Damaged);
        }
        let fields: Vec<&str> = body.split('/').collect();
        match fields.as_slice() {
            [FORM, fields @ ..] => Self::of_fields(fields).ok_or(CodeError::Damaged),
            _ => Err(CodeError::Later),
        }
    }

    fn of_fields(fields: &[&str]) -> Option<Self> {
        let [serial, system, version, at, charge, capacity, letters, wear] = fields else {
            return None;
        };
        let known = letters.chars().all(|letter| "ONF".contains(letter));
        Some(Self {
            serial: plain(serial)?,
            system: plain(system)?,
            system_version: version.parse().ok()?,
            at: optional(at, unix)?,
            charge_percent: optional(charge, |text| number(text, 100.0))?,
            capacity_wh: optional(capacity, |text| number(text, 1e6))?,
            letters: Some((*letters).to_owned()).filter(|letters| known && !letters.is_empty())?,
            wear: optional(wear, |text| {
                let (life, pre_eol) = text.split_once('.')?;
                Some(Wear {
                    life_used_tenths: life.parse().ok()?,
                    pre_eol: pre_eol.parse().ok()?,
                })
            })?,
        })
    }
}

fn told<T>(value: Option<T>, text: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), text)
}

/// The outer `None`: it is neither unknown nor a value.
#[allow(
    clippy::option_option,
    reason = "unknown and unreadable are two things"
)]
fn optional<T>(text: &str, value: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    match text {
        UNKNOWN => Some(None),
        text => value(text).map(Some),
    }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn number(text: &str, most: f64) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    (0.0..=most).contains(&number).then_some(number)
}

/// `20261129T071405Z`.
fn time(unix: i64) -> Option<String> {
    let at = jiff::Timestamp::from_second(unix).ok()?;
    Some(at.strftime("%Y%m%dT%H%M%SZ").to_string())
}

fn unix(text: &str) -> Option<i64> {
    let digits = text.strip_suffix('Z')?;
    let at = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%S", digits).ok()?;
    let at = at.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(at.timestamp().as_second())
}

fn checksum(body: &str) -> String {
    let sum = Sha256::digest(body.as_bytes());
    sum.iter().take(4).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
}

/// Letters that a QR code packs tightest stay, all others are bytes in hexadecimal digits; an empty field is `-`, so a `-` alone is escaped, too.
fn escaped(text: &str) -> String {
    match text {
        "" => return UNKNOWN.to_owned(),
        UNKNOWN => return "%2D".to_owned(),
        _ => {}
    }
    let mut field = String::new();
    for c in text.chars() {
        let mut utf8 = [0; 4];
        let piece = match c {
            'A'..='Z' | '0'..='9' | '-' | '.' | ':' => c.to_string(),
            c => {
                let bytes = c.encode_utf8(&mut utf8).bytes();
                bytes.map(|byte| format!("%{byte:02X}")).collect()
            }
        };
        if field.len() + piece.len() > LONGEST_FIELD {
            break;
        }
        field.push_str(&piece);
    }
    field
}

fn plain(field: &str) -> Option<String> {
    if field == UNKNOWN {
        return Some(String::new());
    }
    let mut bytes = Vec::new();
    let mut rest = field.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code() -> Code {
        Code {
            serial: "SB-PH-0042".to_owned(),
            system: "2026.11".to_owned(),
            system_version: 17,
            at: Some(1_795_936_445),
            charge_percent: Some(87.46),
            capacity_wh: Some(249.6),
            letters: "OONNOOOOONOOFOO".to_owned(),
            wear: Some(Wear {
                life_used_tenths: 1,
                pre_eol: 1,
            }),
        }
    }

    #[test]
    fn the_text_is_short_and_stays_what_it_is() {
        assert_eq!(
            code().text(),
            "SBT1/SB-PH-0042/2026.11/17/20261129T071405Z/87.5/250/OONNOOOOONOOFOO/1.1/6449519E"
        );
        let read = Code::read(&code().text()).unwrap();
        assert_eq!(
            (read.charge_percent, read.capacity_wh),
            (Some(87.5), Some(250.0))
        );
        assert_eq!(read.failed(), ["running system"]);
        assert_eq!(read.text(), code().text());
    }

    #[test]
    fn nothing_known_is_a_code_too() {
        let bare = Code {
            serial: String::new(),
            system: String::new(),
            system_version: 0,
            at: None,
            charge_percent: None,
            capacity_wh: None,
            letters: "N".repeat(15),
            wear: None,
        };
        assert_eq!(Code::read(&bare.text()).unwrap(), bare);
    }

    #[test]
    fn whatever_a_phone_makes_of_it_is_told_apart() {
        let good = code().text();
        assert!(Code::read(&format!("  {good}\r\n")).is_ok(), "control");
        assert_eq!(Code::read("https://example.org/"), Err(CodeError::NotOurs));
        assert_eq!(Code::read(""), Err(CodeError::NotOurs));
        for at in 4..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[at] = if bytes[at] == b'7' { b'1' } else { b'7' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(Code::read(&changed), Err(CodeError::Damaged), "{changed}");
            assert!(Code::read(&good[..at]).is_err(), "cut at {at}");
        }
        let later = "SBT2/X/what/ever";
        let later = format!("{later}/{}", checksum(later));
        assert_eq!(Code::read(&later), Err(CodeError::Later));
        for body in [
            "SBT1/A/B/17/-/101/-/OO/-",
            "SBT1/A/B/17/-/-/-/OX/-",
            "SBT1/A/B/17/20269999T000000Z/-/-/OO/-",
            "SBT1/A%2/B/17/-/-/-/OO/-",
            "SBT1/A/B/17/-/NaN/-/OO/-",
            "SBT1/A/B/17/-/-/-/OO",
        ] {
            let text = format!("{body}/{}", checksum(body));
            assert_eq!(Code::read(&text), Err(CodeError::Damaged), "{body}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_serial_number_comes_back(serial in "\\PC{0,14}", system in "[0-9a-z.+-]{0,12}", version: u64) {
            let code = Code { serial, system, system_version: version, ..code() };
            let text = code.text();
            prop_assert!(text.len() <= LONGEST);
            let read = Code::read(&text).unwrap();
            prop_assert!(code.serial.starts_with(&read.serial));
            if code.serial.is_ascii() {
                prop_assert_eq!((&read.serial, read.system, read.system_version), (&code.serial, code.system, version));
            }
        }

        #[test]
        fn no_text_panics(text in "(SBT1?)?[/A-Z0-9%.-]{0,80}") {
            let _ = Code::read(&text);
        }
    }
}
