//! Releases, published and signed; a source over them.

use jiff::{SignedDuration, Timestamp};
use ota::bundle::CHUNK;
use ota::image::TreeBuilder;
use ota::publish::{
    Ed25519, Entry, Holders, Offered, RootDraft, Signer, describe, metadata, patch, sign,
};
use ota::source::{Source, SourceError};
use ota::{Bundle, FileRef, PackOffer, Part, PatchRef, Payload};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

pub(crate) const BOARD: &str = "school-box-model";
const SALT: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

pub(crate) fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A system, as its slot should hold it.
#[derive(Debug, Clone)]
pub(crate) struct Release {
    pub(crate) version: u64,
    pub(crate) boot: Vec<u8>,
    pub(crate) root: Vec<u8>,
    pub(crate) tree: Vec<u8>,
}

impl Release {
    pub(crate) fn new(version: u64, boot: Vec<u8>, root: Vec<u8>) -> Self {
        let salt: Vec<u8> = (0..32)
            .map(|at| u8::from_str_radix(&SALT[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        let mut tree = TreeBuilder::new(&salt);
        root.chunks(4096).for_each(|block| tree.push(block));
        let tree = tree.finish().unwrap().as_bytes().to_vec();
        Self {
            version,
            boot,
            root,
            tree,
        }
    }

    fn part(&self, part: Part) -> &[u8] {
        match part {
            Part::Boot => &self.boot,
            Part::Root => &self.root,
            Part::Tree => &self.tree,
        }
    }

    pub(crate) fn path(version: u64) -> String {
        format!("system/{BOARD}/{version}/bundle.json")
    }
}

/// The publisher's desk, and all that it has put out.
pub(crate) struct Depot {
    keys: Vec<Ed25519>,
    threshold: u64,
    /// How many of the keys sign.
    pub(crate) voices: usize,
    pub(crate) shelf: Shelf,
    offered: BTreeMap<String, Offered>,
    version: u64,
    pub(crate) board: String,
}

fn day(days: i64) -> Timestamp {
    let opened: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
    opened + SignedDuration::from_hours(24 * days)
}

impl Depot {
    pub(crate) fn open(threshold: u64) -> Self {
        let keys: Vec<Ed25519> = (1..=2)
            .map(|seed| Ed25519::from_seed(&[seed; 32]).unwrap())
            .collect();
        let mut depot = Self {
            keys,
            threshold,
            voices: usize::try_from(threshold).unwrap(),
            shelf: Shelf::new("the depot"),
            offered: BTreeMap::new(),
            version: 0,
            board: BOARD.to_owned(),
        };
        let holders = Holders {
            keys: depot.keys.iter().map(Signer::public_key).collect(),
            threshold,
        };
        let draft = RootDraft {
            root: holders.clone(),
            targets: holders.clone(),
            snapshot: holders.clone(),
            timestamp: holders,
        };
        let root = depot.signed(metadata::root(&entry(1), &draft));
        depot.shelf.metadata.insert("1.root.json".to_owned(), root);
        depot
    }

    pub(crate) fn first_root(&self) -> Vec<u8> {
        self.shelf.metadata["1.root.json"].clone()
    }

    fn signed(&self, value: serde_json::Value) -> Vec<u8> {
        let signers: Vec<&dyn Signer> = self.keys[..self.voices]
            .iter()
            .map(|key| key as _)
            .collect();
        sign(value, &signers).unwrap()
    }

    fn put(&mut self, folder: &str, name: &str, bytes: Vec<u8>) -> FileRef {
        let sha256 = sha256(&bytes);
        let file = FileRef {
            location: format!("{folder}/{sha256}.{name}"),
            bytes: bytes.len() as u64,
            sha256,
        };
        self.shelf.targets.insert(file.location.clone(), bytes);
        file
    }

    fn payload(&mut self, release: &Release, part: Part, bases: &[&Release]) -> Payload {
        let folder = format!("system/{BOARD}/{}", release.version);
        let bytes = release.part(part);
        let mut frames = Vec::new();
        let described = describe(bytes, SALT, &mut frames).unwrap();
        let name = |what: &str| format!("{part:?}.{what}").to_lowercase();
        let patches = bases
            .iter()
            .map(|base| self.patch(&folder, &name("patch"), base, part, bytes))
            .collect();
        Payload {
            seal: described.seal,
            crown: self.put(&folder, &name("crown"), described.crown),
            blocks: self.put(&folder, &name("blocks"), described.blocks),
            frames: self.put(&folder, &name("frames"), frames),
            patches,
        }
    }

    fn patch(
        &mut self,
        folder: &str,
        name: &str,
        base: &Release,
        part: Part,
        to: &[u8],
    ) -> PatchRef {
        let from = base.part(part);
        let made = patch(from, to, &mut |_| {}).unwrap();
        let chunks = made.chunks(usize::try_from(CHUNK).unwrap());
        let chunks = chunks.map(sha256).collect();
        PatchRef {
            from_version: base.version,
            from_bytes: from.len() as u64,
            from_sha256: sha256(from),
            file: self.put(folder, name, made),
            chunks,
        }
    }

    /// What is offered of a pack, with patches from `bases`.
    pub(crate) fn pack(
        &mut self,
        id: &str,
        version: u64,
        bytes: &[u8],
        bases: &[&[u8]],
    ) -> PackOffer {
        let folder = format!("packs/{id}/{version}");
        let mut frames = Vec::new();
        let described = describe(bytes, SALT, &mut frames).unwrap();
        let mut patches = Vec::new();
        for base in bases {
            let made = patch(base, bytes, &mut |_| {}).unwrap();
            let chunks = made.chunks(usize::try_from(CHUNK).unwrap());
            patches.push(PatchRef {
                from_version: version - 1,
                from_bytes: base.len() as u64,
                from_sha256: sha256(base),
                chunks: chunks.map(sha256).collect(),
                file: self.put(&folder, "pack.patch", made),
            });
        }
        PackOffer {
            format: 1,
            id: id.to_owned(),
            version,
            file: "pack.zim".to_owned(),
            payload: Payload {
                seal: described.seal,
                crown: self.put(&folder, "pack.crown", described.crown),
                blocks: self.put(&folder, "pack.blocks", described.blocks),
                frames: self.put(&folder, "pack.frames", frames),
                patches,
            },
        }
    }

    /// What its bundle says.
    pub(crate) fn bundle(&mut self, release: &Release, bases: &[&Release]) -> Bundle {
        let mut parts = BTreeMap::new();
        for part in [Part::Boot, Part::Root] {
            parts.insert(part, self.payload(release, part, bases));
        }
        Bundle {
            format: 1,
            board: self.board.clone(),
            version: release.version,
            name: format!("2026.{}", release.version),
            parts,
        }
    }

    /// Publishes a release, with patches from `bases`.
    pub(crate) fn publish(&mut self, release: &Release, bases: &[&Release]) {
        let bundle = self.bundle(release, bases);
        self.offer(
            &Release::path(release.version),
            serde_json::to_vec(&bundle).unwrap(),
            None,
        );
    }

    /// The next version of everything offers this file.
    pub(crate) fn offer(&mut self, path: &str, bytes: Vec<u8>, percent: Option<u8>) {
        let mut offered = Offered::of(&bytes);
        offered.custom = percent.map(|percent| json!({ "rollout_percent": percent }));
        let (folder, name) = path.rsplit_once('/').unwrap();
        let location = format!("{folder}/{}.{name}", offered.sha256);
        self.offered.insert(path.to_owned(), offered);
        self.shelf.targets.insert(location, bytes);
        self.sign_all();
    }

    pub(crate) fn sign_all(&mut self) {
        self.version += 1;
        let version = self.version;
        let entry = entry(version);
        let targets = self.signed(metadata::targets(&entry, &self.offered));
        let files = BTreeMap::from([("targets.json".to_owned(), (version, targets.clone()))]);
        let snapshot = self.signed(metadata::snapshot(&entry, &files));
        let timestamp = self.signed(metadata::timestamp(&entry, version, &snapshot));
        let metadata = &mut self.shelf.metadata;
        metadata.insert(format!("{version}.targets.json"), targets);
        metadata.insert(format!("{version}.snapshot.json"), snapshot);
        metadata.insert("timestamp.json".to_owned(), timestamp);
    }
}

fn entry(version: u64) -> Entry {
    Entry {
        version,
        at: day(0),
        expires: day(730),
    }
}

/// A source in memory, honest or not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelf {
    pub(crate) name: String,
    pub(crate) metadata: BTreeMap<String, Vec<u8>>,
    pub(crate) targets: BTreeMap<String, Vec<u8>>,
    /// These files never end.
    pub(crate) endless: BTreeSet<String>,
    /// What a file is from the second time on.
    pub(crate) later: BTreeMap<String, Vec<u8>>,
    /// It gives at most so many bytes at once, as a network does.
    pub(crate) at_once: Option<usize>,
    /// It goes away after so many bytes of targets.
    pub(crate) gone_after: Option<u64>,
    /// Bytes of targets that it gave.
    pub(crate) gave: u64,
    /// What was asked for.
    pub(crate) asked: Vec<(String, u64, u64)>,
}

impl Shelf {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }
}

struct Giving<'a> {
    bytes: &'a [u8],
    endless: bool,
    at_once: usize,
    gone_after: Option<u64>,
    gave: &'a mut u64,
    name: &'a str,
}

impl Read for Giving<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.gone_after.map_or(u64::MAX, |end| end - *self.gave);
        if left == 0 {
            return Err(io::Error::other(SourceError::Gone {
                source_name: self.name.to_owned(),
                source: io::ErrorKind::BrokenPipe.into(),
            }));
        }
        let most = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(self.at_once);
        let step = into.len().min(most);
        let step = if self.endless {
            into[..step].fill(b' ');
            step
        } else {
            self.bytes.read(&mut into[..step])?
        };
        *self.gave += step as u64;
        Ok(step)
    }
}

impl Source for Shelf {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn metadata(&mut self, name: &str, most: u64) -> Result<Option<Vec<u8>>, SourceError> {
        if self.endless.contains(name) {
            return Ok(Some(vec![b' '; usize::try_from(most + 1).unwrap()]));
        }
        let mut bytes = self.metadata.get(name).cloned();
        if let Some(bytes) = &mut bytes {
            bytes.truncate(usize::try_from(most + 1).unwrap());
        }
        Ok(bytes)
    }

    fn open(
        &mut self,
        location: &str,
        from: u64,
        bytes: u64,
    ) -> Result<Box<dyn Read + '_>, SourceError> {
        let again = self.asked.iter().any(|(asked, _, _)| asked == location);
        self.asked.push((location.to_owned(), from, bytes));
        let later = self.later.get(location).filter(|_| again);
        let all = later.or_else(|| self.targets.get(location));
        let Some(all) = all else {
            return Err(SourceError::Missing {
                source_name: self.name.clone(),
                location: location.to_owned(),
            });
        };
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(all.len());
        let to = from.saturating_add(usize::try_from(bytes).unwrap_or(usize::MAX));
        Ok(Box::new(Giving {
            bytes: &all[from..to.min(all.len())],
            endless: self.endless.contains(location),
            at_once: self.at_once.unwrap_or(usize::MAX),
            gone_after: self.gone_after,
            gave: &mut self.gave,
            name: &self.name,
        }))
    }
}
