//! The four roles' metadata (TUF 1.0 §4), read and nothing more. Fields that are not known are carried in the signed bytes and ignored.

use super::key::PublicKey;
use super::{Refusal, Role, canonical, hex};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The signed field by which a publisher tells the time: no earlier than this was the file made.
pub(crate) const SIGNED_AT: &str = "x-school-box-signed-at";

/// What every role's metadata has.
#[derive(Debug, Clone)]
pub(super) struct Common {
    pub(super) version: u64,
    pub(super) expires: Timestamp,
    /// No earlier than this was it made; `None` where the publisher does not say.
    pub(super) signed_at: Option<Timestamp>,
}

/// A file of metadata that was read, its signatures not yet checked.
#[derive(Debug, Clone)]
pub(super) struct Document<T> {
    pub(super) common: Common,
    pub(super) body: T,
    /// What the signatures are over.
    signed: Vec<u8>,
    signatures: Vec<Signature>,
}

#[derive(Debug, Clone, Deserialize)]
struct Signature {
    keyid: String,
    /// Hexadecimal; empty where another signer has still to sign.
    sig: String,
}

#[derive(Deserialize)]
struct Envelope {
    signatures: Vec<Signature>,
    signed: Value,
}

#[derive(Deserialize)]
struct RawCommon {
    _type: String,
    spec_version: String,
    version: u64,
    expires: String,
}

/// `root`: who may sign what.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Root {
    #[serde(default)]
    pub(super) consistent_snapshot: bool,
    pub(super) keys: BTreeMap<String, PublicKey>,
    pub(super) roles: BTreeMap<String, Signers>,
}

/// Whose signatures a role needs, and how many.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Signers {
    pub(super) keyids: Vec<String>,
    pub(super) threshold: u64,
}

/// `timestamp`: which snapshot holds.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct TimestampBody {
    meta: BTreeMap<String, MetaFile>,
}

/// `snapshot`: which version of every targets file holds.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Snapshot {
    pub(super) meta: BTreeMap<String, MetaFile>,
}

/// A file of metadata as another one names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct MetaFile {
    pub(super) version: u64,
    #[serde(default)]
    pub(super) length: Option<u64>,
    #[serde(default)]
    pub(super) hashes: Option<BTreeMap<String, String>>,
}

/// `targets`, top-level or delegated.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Targets {
    pub(super) targets: BTreeMap<String, RawTarget>,
    #[serde(default)]
    pub(super) delegations: Option<Delegations>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct RawTarget {
    pub(super) length: u64,
    pub(super) hashes: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) custom: Option<Value>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Delegations {
    pub(super) keys: BTreeMap<String, PublicKey>,
    #[serde(default)]
    pub(super) roles: Option<Vec<Delegated>>,
    #[serde(default)]
    pub(super) succinct_roles: Option<Succinct>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Delegated {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) signers: Signers,
    #[serde(default)]
    pub(super) terminating: bool,
    #[serde(default)]
    pub(super) paths: Option<Vec<String>>,
    #[serde(default)]
    pub(super) path_hash_prefixes: Option<Vec<String>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Succinct {
    #[serde(flatten)]
    pub(super) signers: Signers,
    pub(super) bit_length: u32,
    pub(super) name_prefix: String,
}

impl<T: DeserializeOwned> Document<T> {
    /// Reads a file that shall be of `role`, whose type is `kind`.
    pub(super) fn read(bytes: &[u8], role: &Role, kind: &str) -> Result<Self, Refusal> {
        let garbled = |why: String| Refusal::Garbled {
            role: role.clone(),
            why,
        };
        let envelope: Envelope =
            serde_json::from_slice(bytes).map_err(|error| garbled(error.to_string()))?;
        let mut seen = BTreeSet::new();
        if !envelope
            .signatures
            .iter()
            .all(|one| seen.insert(&one.keyid))
        {
            return Err(garbled("a key signs twice".to_owned()));
        }
        let raw: RawCommon =
            RawCommon::deserialize(&envelope.signed).map_err(|error| garbled(error.to_string()))?;
        if raw._type != kind {
            return Err(garbled(format!(
                "it is of type {:?}, not {kind:?}",
                raw._type
            )));
        }
        if raw.spec_version != "1" && !raw.spec_version.starts_with("1.") {
            return Err(garbled(format!(
                "it is of specification {:?}, not 1",
                raw.spec_version
            )));
        }
        if raw.version == 0 {
            return Err(garbled(
                "its version is 0; versions begin with 1".to_owned(),
            ));
        }
        let expires = raw
            .expires
            .parse()
            .map_err(|_| garbled(format!("it expires at {:?}, which is no time", raw.expires)))?;
        let body = T::deserialize(&envelope.signed).map_err(|error| garbled(error.to_string()))?;
        let signed_at = envelope.signed.get(SIGNED_AT);
        Ok(Self {
            common: Common {
                version: raw.version,
                expires,
                signed_at: signed_at.and_then(|time| time.as_str()?.parse().ok()),
            },
            body,
            signed: canonical::bytes(&envelope.signed)
                .ok_or_else(|| garbled("it holds a number that is no integer".to_owned()))?,
            signatures: envelope.signatures,
        })
    }

    /// Signed by enough of `signers`, whose keys are among `keys`: each voice counts once.
    pub(super) fn check(
        &self,
        role: &Role,
        signers: &Signers,
        keys: &BTreeMap<String, PublicKey>,
    ) -> Result<(), Refusal> {
        let mut voices: Vec<&PublicKey> = Vec::new();
        let distinct: BTreeSet<&String> = signers.keyids.iter().collect();
        for keyid in distinct {
            let signature = self.signatures.iter().find(|one| one.keyid == *keyid);
            let (Some(key), Some(signature)) = (keys.get(keyid), signature) else {
                continue;
            };
            let vouched = hex::parse(&signature.sig)
                .is_some_and(|signature| key.vouches(&self.signed, &signature));
            if vouched && !voices.iter().any(|voice| voice.is_same_voice(key)) {
                voices.push(key);
            }
        }
        let valid = voices.len() as u64;
        // A threshold of nothing would be trust in everybody.
        if valid >= signers.threshold && signers.threshold > 0 {
            return Ok(());
        }
        Err(Refusal::Signatures {
            role: role.clone(),
            valid,
            threshold: signers.threshold,
        })
    }
}

impl Root {
    /// Who signs a top-level role; refused where the file does not say.
    pub(super) fn signers(&self, role: &Role) -> Result<&Signers, Refusal> {
        self.roles.get(role.name()).ok_or_else(|| Refusal::Garbled {
            role: Role::Root,
            why: format!("it names nobody who signs {role}"),
        })
    }
}

impl TimestampBody {
    pub(super) fn snapshot(&self) -> Result<&MetaFile, Refusal> {
        self.meta
            .get("snapshot.json")
            .ok_or_else(|| Refusal::Garbled {
                role: Role::Timestamp,
                why: "it names no snapshot.json".to_owned(),
            })
    }
}
