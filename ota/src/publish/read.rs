//! A file of metadata as its publisher reads it back, to make the next version of it or to sign what others drafted.

use super::metadata::{Entry, Holders, Offered, RootDraft};
use super::{SignError, written};
use crate::trust::{PublicKey, SIGNED_AT, canonical, hex};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What is signed, and who has signed it. Whether it is to be believed is [`crate::trust`]'s.
#[derive(Debug, Clone, PartialEq)]
pub struct Signed {
    envelope: Value,
    message: Vec<u8>,
}

/// A signature of a file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Signature {
    /// The name of the key.
    pub keyid: String,
    /// In hexadecimal.
    pub sig: String,
}

#[derive(Deserialize)]
struct RawRoot {
    keys: BTreeMap<String, PublicKey>,
    roles: BTreeMap<String, RawHolders>,
}

#[derive(Deserialize)]
struct RawHolders {
    keyids: Vec<String>,
    threshold: u64,
}

#[derive(Deserialize)]
struct RawTargets {
    targets: BTreeMap<String, RawTarget>,
}

#[derive(Deserialize)]
struct RawTarget {
    length: u64,
    hashes: BTreeMap<String, String>,
    #[serde(default)]
    custom: Option<Value>,
}

fn garbled(why: impl ToString) -> SignError {
    SignError::NoMetadata(why.to_string())
}

impl Signed {
    /// Of a file's bytes.
    ///
    /// # Errors
    /// [`SignError::NoMetadata`].
    pub fn read(file: &[u8]) -> Result<Self, SignError> {
        let envelope: Value = serde_json::from_slice(file).map_err(garbled)?;
        let message = canonical::bytes(&envelope["signed"])
            .ok_or_else(|| garbled("it holds a number that is no integer"))?;
        let signed = Self { envelope, message };
        signed.signatures()?;
        Ok(signed)
    }

    /// As a file: equal metadata are equal files.
    #[must_use]
    pub fn to_file(&self) -> Vec<u8> {
        written(&self.envelope)
    }

    /// `root`, `targets`, `snapshot` or `timestamp`, as it says itself.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.envelope["signed"]["_type"]
            .as_str()
            .unwrap_or_default()
    }

    /// Version and times.
    ///
    /// # Errors
    /// [`SignError::NoMetadata`].
    pub fn entry(&self) -> Result<Entry, SignError> {
        let expires = self.time("expires")?;
        Ok(Entry {
            version: self.field("version")?,
            // Other publishers do not say when they signed.
            at: self.time(SIGNED_AT).unwrap_or(Timestamp::UNIX_EPOCH),
            expires,
        })
    }

    /// Its signatures.
    ///
    /// # Errors
    /// [`SignError::NoMetadata`].
    pub fn signatures(&self) -> Result<Vec<Signature>, SignError> {
        Vec::deserialize(&self.envelope["signatures"]).map_err(garbled)
    }

    /// Which of these keys have signed it, and rightly.
    #[must_use]
    pub fn voices<'a>(&self, keys: &'a [PublicKey]) -> Vec<&'a PublicKey> {
        let signatures = self.signatures().unwrap_or_default();
        let mut voices: Vec<&PublicKey> = Vec::new();
        for key in keys {
            if self.holds(&signatures, key) && !voices.contains(&key) {
                voices.push(key);
            }
        }
        voices
    }

    /// How many signatures are still missing.
    #[must_use]
    pub fn missing(&self, holders: &Holders) -> u64 {
        let voices = self.voices(&holders.keys).len() as u64;
        holders.threshold.saturating_sub(voices)
    }

    /// Names of the keys whose signature is here and is not that of any of `keys`, or is wrong, or is there twice.
    #[must_use]
    pub fn loose_signatures(&self, keys: &[PublicKey]) -> Vec<String> {
        let signatures = self.signatures().unwrap_or_default();
        let good: BTreeSet<String> = self.voices(keys).into_iter().map(super::key_id).collect();
        let mut seen = BTreeSet::new();
        let loose =
            |keyid: &&Signature| !good.contains(&keyid.keyid) || !seen.insert(keyid.keyid.clone());
        let loose: Vec<&Signature> = signatures.iter().filter(loose).collect();
        loose.into_iter().map(|one| one.keyid.clone()).collect()
    }

    /// Takes the signatures of another copy of the same draft; how many were new.
    ///
    /// # Errors
    /// [`SignError::NoMetadata`]: it is another draft.
    pub fn take(&mut self, other: &Self) -> Result<usize, SignError> {
        if self.message != other.message {
            return Err(garbled("what it signs is not the same"));
        }
        let here: BTreeSet<String> = self
            .signatures()?
            .into_iter()
            .map(|one| one.keyid)
            .collect();
        let theirs = other.envelope["signatures"].as_array();
        let new: Vec<Value> = theirs
            .into_iter()
            .flatten()
            .filter(|one| !one["keyid"].as_str().is_some_and(|id| here.contains(id)))
            .cloned()
            .collect();
        let count = new.len();
        if let Some(signatures) = self.envelope["signatures"].as_array_mut() {
            signatures.extend(new);
        }
        Ok(count)
    }

    /// Of `root`: who may sign what.
    ///
    /// # Errors
    /// [`SignError::NoMetadata`].
    pub fn root(&self) -> Result<RootDraft, SignError> {
        let raw: RawRoot = self.body()?;
        let holders = |name: &str| {
            let role = raw.roles.get(name);
            let role = role.ok_or_else(|| garbled(format!("it names nobody who signs {name}")))?;
            let key = |id: &String| raw.keys.get(id).cloned();
            let keys: Option<Vec<PublicKey>> = role.keyids.iter().map(key).collect();
            Ok(Holders {
                keys: keys.ok_or_else(|| garbled(format!("it lacks a key of {name}")))?,
                threshold: role.threshold,
            })
        };
        Ok(RootDraft {
            root: holders("root")?,
            targets: holders("targets")?,
            snapshot: holders("snapshot")?,
            timestamp: holders("timestamp")?,
        })
    }

    /// Of `targets`: the files offered.
    ///
    /// # Errors
    /// [`SignError::NoMetadata`]; so for a file that delegates, which this publisher does not make and would lose.
    pub fn offered(&self) -> Result<BTreeMap<String, Offered>, SignError> {
        if !self.envelope["signed"]["delegations"].is_null() {
            return Err(garbled("it delegates, and was made by another program"));
        }
        let raw: RawTargets = self.body()?;
        let offered = |(path, target): (String, RawTarget)| {
            let sha256 = target.hashes.get("sha256").cloned();
            let sha256 = sha256.ok_or_else(|| garbled(format!("{path:?} has no SHA-256")))?;
            let file = Offered {
                length: target.length,
                sha256,
                custom: target.custom,
            };
            Ok((path, file))
        };
        raw.targets.into_iter().map(offered).collect()
    }

    /// Of `timestamp` and `snapshot`: the version of the file of metadata that they name.
    ///
    /// # Errors
    /// [`SignError::NoMetadata`].
    pub fn names(&self, file: &str) -> Result<u64, SignError> {
        let version = self.envelope["signed"]["meta"][file]["version"].as_u64();
        version.ok_or_else(|| garbled(format!("it names no {file}")))
    }

    fn holds(&self, signatures: &[Signature], key: &PublicKey) -> bool {
        let keyid = super::key_id(key);
        let mut of_key = signatures.iter().filter(|one| one.keyid == keyid);
        of_key.any(|one| {
            hex::parse(&one.sig).is_some_and(|signature| key.vouches(&self.message, &signature))
        })
    }

    fn body<T: DeserializeOwned>(&self) -> Result<T, SignError> {
        T::deserialize(&self.envelope["signed"]).map_err(garbled)
    }

    fn field(&self, name: &str) -> Result<u64, SignError> {
        let number = self.envelope["signed"][name].as_u64();
        number.ok_or_else(|| garbled(format!("it has no {name}")))
    }

    fn time(&self, name: &str) -> Result<Timestamp, SignError> {
        let time = self.envelope["signed"][name].as_str();
        time.and_then(|time| time.parse().ok())
            .ok_or_else(|| garbled(format!("{name} is no time")))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::{Ed25519, Signer, countersign, metadata, sign};
    use super::*;

    fn key(seed: u8) -> Ed25519 {
        Ed25519::from_seed(&[seed; 32]).unwrap()
    }

    fn entry() -> Entry {
        Entry {
            version: 3,
            at: "2026-03-01T00:00:00Z".parse().unwrap(),
            expires: "2027-03-01T00:00:00Z".parse().unwrap(),
        }
    }

    fn holders(seeds: &[u8], threshold: u64) -> Holders {
        let keys = seeds.iter().map(|seed| key(*seed).public_key()).collect();
        Holders { keys, threshold }
    }

    #[test]
    fn root_and_targets_read_back_as_they_were_made() {
        let draft = RootDraft {
            root: holders(&[1, 2, 3], 2),
            targets: holders(&[2], 1),
            snapshot: holders(&[4], 1),
            timestamp: holders(&[4, 5], 2),
        };
        let file = sign(metadata::root(&entry(), &draft), &[]).unwrap();
        let read = Signed::read(&file).unwrap();
        assert_eq!((read.kind(), read.to_file()), ("root", file));
        assert_eq!(read.entry().unwrap().version, 3);
        assert_eq!(read.entry().unwrap().at, entry().at);
        let again = metadata::root(&entry(), &read.root().unwrap());
        assert_eq!(again, metadata::root(&entry(), &draft));

        let mut file = Offered::of(b"bytes");
        file.custom = Some(serde_json::json!({ "rollout_percent": 5 }));
        let offered = BTreeMap::from([("a/b".to_owned(), file)]);
        let file = sign(metadata::targets(&entry(), &offered), &[]).unwrap();
        assert_eq!(Signed::read(&file).unwrap().offered().unwrap(), offered);
        assert!(Signed::read(&file).unwrap().root().is_err());
    }

    #[test]
    fn a_voice_counts_once_and_a_loose_signature_is_found() {
        let value = metadata::targets(&entry(), &BTreeMap::new());
        let file = sign(value, &[&key(1), &key(9)]).unwrap();
        let mut read = Signed::read(&file).unwrap();
        let two = holders(&[1, 1, 2], 2);
        assert_eq!((read.voices(&two.keys).len(), read.missing(&two)), (1, 1));
        assert_eq!(
            read.loose_signatures(&two.keys),
            [super::super::key_id(&key(9).public_key())]
        );
        // Somebody else signed another copy.
        let other = Signed::read(&countersign(&file, &key(2)).unwrap()).unwrap();
        assert_eq!(read.take(&other).unwrap(), 1);
        assert_eq!((read.take(&other).unwrap(), read.missing(&two)), (0, 0));
        let stranger = sign(
            metadata::timestamp(&entry(), 1, b"x"),
            &[&key(2) as &dyn Signer],
        );
        assert!(
            read.take(&Signed::read(&stranger.unwrap()).unwrap())
                .is_err()
        );
    }

    #[test]
    fn what_is_no_metadata_is_refused() {
        for text in [
            "",
            "[]",
            "{}",
            "{\"signed\":{}}",
            "{\"signatures\":[{}],\"signed\":{}}",
            "{\"signatures\":[],\"signed\":1.5}",
        ] {
            assert!(Signed::read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
