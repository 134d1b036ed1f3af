//! The four roles as values to be signed (TUF 1.0 §4).

use super::{key_id, keys_by_id};
use crate::trust::{PublicKey, SIGNED_AT, hex};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// Version and times of a file of metadata.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// From 1, one more at each change.
    pub version: u64,
    /// When it is made: a floor for the clocks of boxes.
    pub at: Timestamp,
    /// When it stops to be current.
    pub expires: Timestamp,
}

/// Whose signatures a role needs.
#[derive(Debug, Clone)]
pub struct Holders {
    /// The keys.
    pub keys: Vec<PublicKey>,
    /// How many of them, at least 1.
    pub threshold: u64,
}

/// Who may sign what.
#[derive(Debug, Clone)]
pub struct RootDraft {
    /// Of root itself.
    pub root: Holders,
    /// Of the files offered.
    pub targets: Holders,
    /// Of the snapshot.
    pub snapshot: Holders,
    /// Of the timestamp.
    pub timestamp: Holders,
}

/// A file that is offered.
#[derive(Debug, Clone, PartialEq)]
pub struct Offered {
    /// Bytes.
    pub length: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// What the publisher says of it beside.
    pub custom: Option<Value>,
}

impl Offered {
    /// Of a file's bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            length: bytes.len() as u64,
            sha256: hex::of(&Sha256::digest(bytes)),
            custom: None,
        }
    }
}

fn common(kind: &str, entry: &Entry) -> Value {
    json!({
        "_type": kind,
        "spec_version": "1.0.33",
        "version": entry.version,
        "expires": seconds(entry.expires),
        SIGNED_AT: seconds(entry.at),
    })
}

/// TUF's times have no fraction.
fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn with(mut value: Value, more: Value) -> Value {
    if let (Some(fields), Value::Object(more)) = (value.as_object_mut(), more) {
        fields.extend(more);
    }
    value
}

/// `root`.
#[must_use]
pub fn root(entry: &Entry, draft: &RootDraft) -> Value {
    let roles = [
        ("root", &draft.root),
        ("targets", &draft.targets),
        ("snapshot", &draft.snapshot),
        ("timestamp", &draft.timestamp),
    ];
    let keys = keys_by_id(roles.iter().flat_map(|(_, holders)| &holders.keys));
    let roles: BTreeMap<&str, Value> = roles
        .iter()
        .map(|(name, holders)| {
            let keyids: Vec<String> = holders.keys.iter().map(key_id).collect();
            (
                *name,
                json!({ "keyids": keyids, "threshold": holders.threshold }),
            )
        })
        .collect();
    with(
        common("root", entry),
        json!({ "consistent_snapshot": true, "keys": keys, "roles": roles }),
    )
}

/// `targets`.
#[must_use]
pub fn targets(entry: &Entry, offered: &BTreeMap<String, Offered>) -> Value {
    let targets: BTreeMap<&String, Value> = offered
        .iter()
        .map(|(path, file)| {
            let plain = json!({ "length": file.length, "hashes": { "sha256": file.sha256 } });
            let custom = file
                .custom
                .as_ref()
                .map(|custom| json!({ "custom": custom }));
            (path, with(plain, custom.unwrap_or_default()))
        })
        .collect();
    with(common("targets", entry), json!({ "targets": targets }))
}

/// `snapshot` over the files of the targets roles: name such as `targets.json`, version, bytes.
#[must_use]
pub fn snapshot(entry: &Entry, files: &BTreeMap<String, (u64, Vec<u8>)>) -> Value {
    let meta: BTreeMap<&String, Value> = files
        .iter()
        .map(|(name, (version, bytes))| (name, meta_file(*version, bytes)))
        .collect();
    with(common("snapshot", entry), json!({ "meta": meta }))
}

/// `timestamp` over the snapshot's version and bytes.
#[must_use]
pub fn timestamp(entry: &Entry, snapshot_version: u64, snapshot: &[u8]) -> Value {
    let meta = json!({ "snapshot.json": meta_file(snapshot_version, snapshot) });
    with(common("timestamp", entry), json!({ "meta": meta }))
}

fn meta_file(version: u64, bytes: &[u8]) -> Value {
    let sha256 = hex::of(&Sha256::digest(bytes));
    json!({ "version": version, "length": bytes.len(), "hashes": { "sha256": sha256 } })
}
