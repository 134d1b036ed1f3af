//! What the suites of the records share: a store in a folder of its own, statements by number, a child process.
#![allow(dead_code, reason = "each suite uses a part")]

use content_store::records::{
    Authority, Durability, KeyFound, KeyStore, Records, RecordsError, RecordsKey, RecordsOptions,
    Statement,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use uuid::Uuid;

pub(crate) fn now() -> Timestamp {
    "2026-03-01T08:30:00Z".parse().unwrap()
}

pub(crate) fn open(data: &Path) -> Records {
    open_with(data, Durability::Off, 0)
}

pub(crate) fn open_with(data: &Path, durability: Durability, reserve_bytes: u64) -> Records {
    Records::open(data, options(durability, reserve_bytes), keys(data)).unwrap()
}

pub(crate) fn options(durability: Durability, reserve_bytes: u64) -> RecordsOptions {
    RecordsOptions {
        durability,
        reserve_bytes,
        traces: Vec::new(),
        finishing: Vec::new(),
    }
}

/// The key in a file of its own; the real one is the board's.
pub(crate) struct PlainKeys(pub(crate) PathBuf);

pub(crate) fn keys(data: &Path) -> Arc<dyn KeyStore> {
    Arc::new(PlainKeys(data.join("key")))
}

impl KeyStore for PlainKeys {
    fn find(&self) -> io::Result<KeyFound> {
        match fs::read(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(KeyFound::None),
            Err(error) => Err(error),
            Ok(bytes) if bytes == b"destroyed" => Ok(KeyFound::Destroyed),
            Ok(bytes) => Ok(bytes.try_into().map_or(KeyFound::Damaged, |bytes| {
                KeyFound::Key(RecordsKey::from_bytes(bytes))
            })),
        }
    }

    fn keep(&self, key: &RecordsKey) -> io::Result<()> {
        fs::write(&self.0, key.bytes())
    }

    fn destroy(&self) -> io::Result<()> {
        fs::write(&self.0, "destroyed")
    }
}

pub(crate) fn authority(records: &Records) -> Authority {
    let credential = records.make_credential("tool", now()).unwrap();
    records
        .check_credential(&credential.username, &credential.password)
        .unwrap()
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x1234_5678_1234_4234_8234_0000_0000_0000 + number)
}

/// A statement of some length.
pub(crate) fn numbered(number: u128) -> Statement {
    let mut named = value(1);
    named["id"] = json!(id(number).to_string());
    named["result"] = json!({"response": "x".repeat(500)});
    statement(named)
}

pub(crate) fn verb(number: u32) -> String {
    format!("http://example.org/verbs/{number}")
}

pub(crate) fn value(verb_number: u32) -> Value {
    json!({
        "actor": {"mbox": "mailto:amina@school.example"},
        "verb": {"id": verb(verb_number)},
        "object": {"id": "http://school.internal/pack/one"},
    })
}

pub(crate) fn about(verb: &str, target: Uuid) -> Value {
    json!({
        "actor": {"mbox": "mailto:teacher@school.example"},
        "verb": {"id": verb},
        "object": {"objectType": "StatementRef", "id": target.to_string()},
    })
}

pub(crate) const VOIDED: &str = "http://adlnet.gov/expapi/verbs/voided";

pub(crate) fn statement(value: Value) -> Statement {
    Statement::from_value(value).unwrap()
}

/// The test `name` of this very binary (one that is ignored otherwise), as a process of its own in `data`.
pub(crate) fn child(name: &str, data: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env("RECORDS_DATA", data);
    command
}

/// The folder that [`child`] gave.
pub(crate) fn child_data() -> std::path::PathBuf {
    std::env::var_os("RECORDS_DATA")
        .expect("run as the child of another test")
        .into()
}

pub(crate) fn store(records: &Records, value: Value) -> Result<Uuid, RecordsError> {
    let authority = authority(records);
    records
        .store(vec![statement(value)], &authority, now())
        .map(|ids| ids[0])
}
