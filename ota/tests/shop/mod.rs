//! A publisher's desk in memory, and a box's memory of it.

use jiff::{SignedDuration, Timestamp};
use ota::publish::{Ed25519, Entry, Holders, Offered, RootDraft, Signer, metadata, sign};
use ota::trust::{Repository, Role, TrustStore};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

/// Days since the shop opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day(i64);

pub(crate) fn day(n: i64) -> Day {
    Day(n)
}

pub(crate) fn at(day: Day) -> Timestamp {
    let opened: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
    opened + SignedDuration::from_hours(24 * day.0)
}

/// The files of a repository.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files {
    files: BTreeMap<String, Vec<u8>>,
    endless: BTreeSet<String>,
    most_asked: u64,
}

impl Files {
    pub(crate) fn put(&mut self, name: &str, bytes: Vec<u8>) {
        self.files.insert(name.to_owned(), bytes);
    }

    pub(crate) fn get(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// This file never ends.
    pub(crate) fn endless(&mut self, name: &str) {
        self.endless.insert(name.to_owned());
    }

    pub(crate) fn most_asked(&self) -> u64 {
        self.most_asked
    }
}

impl Repository for Files {
    type Error = Infallible;

    fn metadata(&mut self, name: &str, most: u64) -> Result<Option<Vec<u8>>, Infallible> {
        self.most_asked = self.most_asked.max(most);
        if self.endless.contains(name) {
            return Ok(Some(vec![b' '; usize::try_from(most + 1).unwrap()]));
        }
        Ok(self.files.get(name).cloned())
    }
}

/// What a box has kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Kept(BTreeMap<Role, Vec<u8>>);

impl TrustStore for Kept {
    type Error = Infallible;

    fn load(&self, role: &Role) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.0.get(role).cloned())
    }

    fn keep(&mut self, role: &Role, bytes: &[u8]) -> Result<(), Infallible> {
        self.0.insert(role.clone(), bytes.to_vec());
        Ok(())
    }

    fn forget(&mut self, role: &Role) -> Result<(), Infallible> {
        self.0.remove(role);
        Ok(())
    }
}

/// A publisher with a desk of keys.
pub(crate) struct Shop {
    pub(crate) files: Files,
    /// How many of each role's keys sign.
    pub(crate) voices: usize,
    keys: Vec<Ed25519>,
    offered: BTreeMap<String, Offered>,
    version: u64,
    today: Day,
    threshold: u64,
}

impl Shop {
    pub(crate) fn open() -> Self {
        Self::with_thresholds(1)
    }

    /// Two keys hold every role, and so many of them must sign.
    pub(crate) fn with_thresholds(threshold: u64) -> Self {
        let keys = (1..=2)
            .map(|seed| Ed25519::from_seed(&[seed; 32]).unwrap())
            .collect();
        let mut shop = Self {
            files: Files::default(),
            voices: usize::try_from(threshold).unwrap(),
            keys,
            offered: BTreeMap::new(),
            version: 0,
            today: day(0),
            threshold,
        };
        let entry = Entry {
            version: 1,
            at: at(day(0)),
            expires: at(day(730)),
        };
        let root = shop.signed(metadata::root(&entry, &shop.draft()));
        shop.files.put("1.root.json", root);
        shop
    }

    pub(crate) fn signed_on(&mut self, today: Day) {
        self.today = today;
    }

    /// The key that holds root, once more.
    pub(crate) fn root_key() -> Ed25519 {
        Ed25519::from_seed(&[1; 32]).unwrap()
    }

    /// The next version of everything offers this file.
    pub(crate) fn offer(&mut self, path: &str, bytes: &[u8]) {
        self.offered.insert(path.to_owned(), Offered::of(bytes));
        self.version += 1;
        let version = self.version;
        let entry = Entry {
            version,
            at: at(self.today),
            expires: at(Day(self.today.0 + 365)),
        };
        let targets = self.signed(metadata::targets(&entry, &self.offered));
        let files = BTreeMap::from([("targets.json".to_owned(), (version, targets.clone()))]);
        let snapshot = self.signed(metadata::snapshot(&entry, &files));
        let timestamp = self.signed(metadata::timestamp(&entry, version, &snapshot));
        self.files.put(&format!("{version}.targets.json"), targets);
        self.files
            .put(&format!("{version}.snapshot.json"), snapshot);
        self.files.put("timestamp.json", timestamp);
    }

    /// What a new box has.
    pub(crate) fn first_root(&self) -> Kept {
        let root = self.files.get("1.root.json").unwrap().to_vec();
        Kept(BTreeMap::from([(Role::Root, root)]))
    }

    /// As now, but root is held by this key.
    pub(crate) fn draft_with_root(&self, key: &Ed25519) -> RootDraft {
        let root = Holders {
            keys: vec![key.public_key()],
            threshold: 1,
        };
        RootDraft {
            root,
            ..self.draft()
        }
    }

    fn draft(&self) -> RootDraft {
        let keys = self.keys.iter().map(Signer::public_key).collect();
        let holders = Holders {
            keys,
            threshold: self.threshold,
        };
        RootDraft {
            root: holders.clone(),
            targets: holders.clone(),
            snapshot: holders.clone(),
            timestamp: holders,
        }
    }

    fn signed(&self, value: serde_json::Value) -> Vec<u8> {
        let signers: Vec<&dyn Signer> = self.keys[..self.voices]
            .iter()
            .map(|key| key as _)
            .collect();
        sign(value, &signers).unwrap()
    }
}
