//! What the suites of the records share: a store in a folder of its own, statements by number, a child process.
#![allow(dead_code, reason = "each suite uses a part")]

use content_store::records::{
    Authority, Durability, Records, RecordsError, RecordsOptions, Statement,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use uuid::Uuid;

pub(crate) fn now() -> Timestamp {
    "2026-03-01T08:30:00Z".parse().unwrap()
}

pub(crate) fn open(data: &Path) -> Records {
    open_with(data, Durability::Off, 0)
}

pub(crate) fn open_with(data: &Path, durability: Durability, reserve_bytes: u64) -> Records {
    Records::open(
        data,
        RecordsOptions {
            durability,
            reserve_bytes,
        },
    )
    .unwrap()
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
