//! The file of a support bundle.
//!
//! ```text
//!   "SBR1\n"   public key, 32 bytes   signature, 64 bytes   gzip of JSON lines
//! ```
//!
//! The signature is over [`SIGNED`] and the gzip as it stands, and is checked before anything is unpacked. Each line is one `Line`; the first is
//! the manifest. What is unpacked is bounded, whoever signed it.

use crate::events::Event;
use crate::hex::hex;
use crate::serial::Serial;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use ota::publish::{SignError, Signer};
use ota::trust::PublicKey;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};

const MAGIC: &[u8; 5] = b"SBR1\n";
/// What stands before the bytes that are signed, so that the key vouches for nothing else.
pub const SIGNED: &[u8] = b"school-box report 1\n";
/// Bytes of a file at most.
pub const LARGEST: u64 = 4 << 20;
/// Bytes of its lines at most.
const LARGEST_UNPACKED: u64 = 16 << 20;
/// Bytes of one line at most.
const LONGEST_LINE: u64 = 256 * 1024;
/// Lines at most.
const MOST_LINES: usize = 50_000;
/// The form of the lines.
const FORM: u32 = 1;

/// Why a file is no bundle: each is one line.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// It cannot be read.
    #[error("it cannot be read")]
    Read(#[source] io::Error),
    /// It is something else.
    #[error("it is no report of a school box")]
    Other,
    /// It is larger than any report.
    #[error("it is larger than a report can be ({} MiB)", LARGEST >> 20)]
    Huge,
    /// Its signature does not fit.
    #[error(
        "it is damaged or was changed: its signature does not fit; fetch it from the box again"
    )]
    Forged,
    /// Its lines are none.
    #[error("its content is damaged: {0}")]
    Damaged(String),
    /// It unpacks to more than any report.
    #[error("it unpacks to more than a report can hold ({} MiB)", LARGEST_UNPACKED >> 20)]
    Bomb,
    /// A later form.
    #[error("it is of form {0}, this program knows {FORM}: take a newer depot")]
    TooNew(u32),
    /// It could not be signed.
    #[error("it cannot be signed")]
    Sign(#[source] SignError),
}

/// What a bundle is of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the lines.
    pub form: u32,
    /// [`box_id`] of the box's key.
    pub box_id: String,
    /// The number on its label; `None` where it has none. Older firmware does not tell it.
    #[serde(default, serialize_with = "as_text", deserialize_with = "checked")]
    pub serial: Option<Serial>,
    /// Version of the firmware that made it.
    pub version: String,
    /// Boots of the machine up to the last event that was kept; 0 where none was.
    pub boot: u32,
    /// Starts of the box in the boot of that event.
    pub start: u32,
    /// From the boot of the machine to the making, s.
    pub since_boot_s: u64,
    /// Wall time of the last event that was kept, Unix seconds; only where the box trusted its clock.
    #[serde(default)]
    pub wall_s: Option<i64>,
    /// Wall time of the making, Unix seconds; only of a running box that trusts its clock. Older firmware does not tell it.
    #[serde(default)]
    pub made_s: Option<i64>,
    /// A box was running.
    pub running: bool,
    /// Lines of the event ring that were damaged.
    #[serde(default)]
    pub damaged_events: usize,
}

/// A whole bundle.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bundle {
    /// What it is of.
    pub manifest: Manifest,
    /// `state`, `selftest`, `settings`, `nightly`: what there is of them, scrubbed.
    pub sections: BTreeMap<String, Value>,
    /// A line a day, the oldest first.
    pub days: Vec<Event>,
    /// The oldest first.
    pub events: Vec<Event>,
}

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Manifest(Manifest),
    Section { name: String, value: Value },
    Day(Event),
    Event(Event),
}

fn as_text<S: Serializer>(serial: &Option<Serial>, to: S) -> Result<S::Ok, S::Error> {
    serial.as_ref().map(Serial::as_str).serialize(to)
}

/// A number or nothing, whoever signed it.
fn checked<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Serial>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    let serial = text.map(|text| text.parse::<Serial>()).transpose();
    serial.map_err(D::Error::custom)
}

/// By what support knows the box with this key: 16 digits of the hash of its public half. It says nothing of where the box is.
#[must_use]
pub fn box_id(public: &[u8; 32]) -> String {
    let hash = Sha256::digest(public);
    hex(&hash[..8])
}

impl Bundle {
    /// The name of its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        let Manifest {
            box_id,
            boot,
            start,
            ..
        } = &self.manifest;
        format!("school-box-report-{box_id}-{boot}-{start}.sbr")
    }

    /// The file, signed; `public` is the signer's raw public key.
    ///
    /// # Errors
    /// [`BundleError::Sign`].
    pub fn to_file(&self, signer: &dyn Signer, public: &[u8; 32]) -> Result<Vec<u8>, BundleError> {
        let packed = self.packed().map_err(BundleError::Read)?;
        let signature = signer
            .sign(&[SIGNED, &packed].concat())
            .map_err(BundleError::Sign)?;
        Ok([&MAGIC[..], public, &signature, &packed].concat())
    }

    fn packed(&self) -> io::Result<Vec<u8>> {
        let mut out = GzEncoder::new(Vec::new(), Compression::best());
        let mut put = |line: &Line| {
            serde_json::to_writer(&mut out, line)?;
            out.write_all(b"\n")
        };
        put(&Line::Manifest(Manifest {
            form: FORM,
            ..self.manifest.clone()
        }))?;
        for (name, value) in &self.sections {
            let (name, value) = (name.clone(), value.clone());
            put(&Line::Section { name, value })?;
        }
        for day in &self.days {
            put(&Line::Day(day.clone()))?;
        }
        for event in &self.events {
            put(&Line::Event(event.clone()))?;
        }
        out.finish()
    }

    /// Reads a file, and the raw public key that vouches for it.
    ///
    /// # Errors
    /// [`BundleError`].
    pub fn read(file: impl Read) -> Result<(Self, [u8; 32]), BundleError> {
        let mut bytes = Vec::new();
        file.take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(BundleError::Read)?;
        let rest = bytes.strip_prefix(MAGIC).ok_or(BundleError::Other)?;
        if bytes.len() as u64 > LARGEST {
            return Err(BundleError::Huge);
        }
        let (public, rest) = rest.split_first_chunk::<32>().ok_or(BundleError::Forged)?;
        let (signature, packed) = rest.split_first_chunk::<64>().ok_or(BundleError::Forged)?;
        let key = PublicKey::ed25519(public);
        if !key.vouches(&[SIGNED, packed].concat(), signature) {
            return Err(BundleError::Forged);
        }
        let bundle = unpacked(packed)?;
        if bundle.manifest.box_id != box_id(public) {
            let why = "it bears the number of another box".to_owned();
            return Err(BundleError::Damaged(why));
        }
        Ok((bundle, *public))
    }
}

fn unpacked(packed: &[u8]) -> Result<Bundle, BundleError> {
    let damaged = |error: &dyn std::fmt::Display| BundleError::Damaged(error.to_string());
    let mut lines = BufReader::new(GzDecoder::new(packed).take(LARGEST_UNPACKED));
    let mut bundle = Bundle::default();
    let (mut number, mut line) = (0, Vec::new());
    loop {
        line.clear();
        let read = (&mut lines).take(LONGEST_LINE).read_until(b'\n', &mut line);
        if read.map_err(|error| damaged(&error))? == 0 {
            break;
        }
        number += 1;
        if !line.ends_with(b"\n") || number > MOST_LINES {
            return Err(BundleError::Bomb);
        }
        match (number, parsed(&line).map_err(|error| damaged(&error))?) {
            (1, Line::Manifest(manifest)) if manifest.form != FORM => {
                return Err(BundleError::TooNew(manifest.form));
            }
            (1, Line::Manifest(manifest)) => bundle.manifest = manifest,
            (1, _) | (_, Line::Manifest(_)) => {
                return Err(damaged(&"its manifest is not the first line"));
            }
            (_, Line::Section { name, value }) => drop(bundle.sections.insert(name, value)),
            (_, Line::Day(day)) => bundle.days.push(day),
            (_, Line::Event(event)) => bundle.events.push(event),
        }
    }
    match number {
        0 => Err(damaged(&"it is empty")),
        _ => Ok(bundle),
    }
}

fn parsed(line: &[u8]) -> serde_json::Result<Line> {
    serde_json::from_slice(line)
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::events::Level;
    use ota::publish::Ed25519;
    use ring::signature::{Ed25519KeyPair, KeyPair as _};
    use serde_json::json;

    const SEED: [u8; 32] = [7; 32];

    fn key() -> (Ed25519, [u8; 32]) {
        let pair = Ed25519KeyPair::from_seed_unchecked(&SEED).unwrap();
        let public = pair.public_key().as_ref().try_into().unwrap();
        (Ed25519::from_seed(&SEED).unwrap(), public)
    }

    pub(crate) fn event(name: &str, boot: u32, fields: Value) -> Event {
        let fields: BTreeMap<String, crate::events::Value> =
            serde_json::from_value(fields).unwrap();
        Event {
            boot,
            start: 1,
            since_boot_ms: 5000,
            wall_s: None,
            level: Level::Info,
            name: name.to_owned(),
            fields,
        }
    }

    fn bundle() -> Bundle {
        Bundle {
            manifest: Manifest {
                form: FORM,
                box_id: box_id(&key().1),
                serial: "SB-PH-0042".parse().ok(),
                version: "0.1.0".to_owned(),
                boot: 12,
                start: 1,
                ..Manifest::default()
            },
            sections: [(
                "state".to_owned(),
                json!({"degraded": ["the disk is full"]}),
            )]
            .into(),
            days: vec![event("health.day", 12, json!({"uptime_s": 80_000}))],
            events: (0..500)
                .map(|n| event("air.planned", 12, json!({"n": n})))
                .collect(),
        }
    }

    fn file(bundle: &Bundle) -> Vec<u8> {
        let (signer, public) = key();
        bundle.to_file(&signer, &public).unwrap()
    }

    fn refused(bytes: &[u8]) -> String {
        Bundle::read(bytes).unwrap_err().to_string()
    }

    #[test]
    fn a_bundle_is_read_back_and_no_changed_byte_is_believed() {
        let bytes = file(&bundle());
        let (read, public) = Bundle::read(&bytes[..]).unwrap();
        assert_eq!((read, public), (bundle(), key().1));
        assert!(bundle().file_name().starts_with("school-box-report-"));
        let step = bytes.len() / 97 + 1;
        for at in (0..bytes.len()).step_by(step) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x20;
            assert!(Bundle::read(&changed[..]).is_err(), "byte {at}");
            assert!(Bundle::read(&bytes[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_serial_number_is_one_and_older_firmware_tells_none() {
        let read = |serial: &str| {
            let rest =
                "\"version\":\"0.1.0\",\"boot\":1,\"start\":1,\"since_boot_s\":1,\"running\":true";
            let text = format!("{{\"form\":1,\"box_id\":\"\",{serial}{rest}}}");
            serde_json::from_str::<Manifest>(&text).map(|manifest| manifest.serial)
        };
        let number = "SB-0001".parse::<Serial>().ok();
        assert_eq!(read("\"serial\":\"SB-0001\",").unwrap(), number);
        assert_eq!(read("\"serial\":null,").unwrap(), None);
        assert_eq!(read("").unwrap(), None);
        assert!(read("\"serial\":\"Maryam Dimaculangan\",").is_err());
    }

    #[test]
    fn what_is_no_bundle_gets_its_line() {
        assert!(refused(b"").contains("no report"));
        assert!(refused(b"PK\x03\x04 whatever").contains("no report"));
        assert!(refused(&[&MAGIC[..], &[0; 400]].concat()).contains("signature"));
        let huge = io::Cursor::new(MAGIC.to_vec()).chain(io::repeat(0));
        assert!(matches!(Bundle::read(huge), Err(BundleError::Huge)));
        let mut of_another = bundle();
        of_another.manifest.box_id = "00".repeat(8);
        assert!(refused(&file(&of_another)).contains("another box"));
    }

    #[test]
    fn a_signed_bomb_is_let_lie() {
        let (signer, public) = key();
        let sealed = |lines: &mut dyn Read| {
            let mut out = GzEncoder::new(Vec::new(), Compression::fast());
            io::copy(lines, &mut out).unwrap();
            let packed = out.finish().unwrap();
            let signature = signer.sign(&[SIGNED, &packed].concat()).unwrap();
            [&MAGIC[..], &public, &signature, &packed].concat()
        };
        let blanks = sealed(&mut io::repeat(b' ').take(200 << 20));
        assert!(blanks.len() < 2 << 20, "it is a bomb: {}", blanks.len());
        assert!(refused(&blanks).contains("unpacks"));
        assert!(refused(&sealed(&mut &b"{}\n"[..])).contains("damaged"));
        assert!(refused(&sealed(&mut &b""[..])).contains("empty"));
        let newer = b"{\"manifest\":{\"form\":9,\"box_id\":\"\",\"version\":\"\",\"boot\":1,\"start\":1,\"since_boot_s\":1,\"running\":true}}\n";
        assert!(refused(&sealed(&mut &newer[..])).contains("newer depot"));
    }
}
