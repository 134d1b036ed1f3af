//! The next files of metadata, until enough have signed each of them.
//!
//! A file names the bytes of the one before it, signatures and all, so they are signed one after the other: root, targets, snapshot, timestamp.
//! What has enough signatures stays as it is.

use super::disk::{self, Step};
use super::duty::{Duty, Expiry};
use super::keys::Keys;
use super::place::Place;
use super::published::Published;
use super::trouble::Trouble;
use jiff::Timestamp;
use ota::publish::{
    Entry, Holders, Offered, RootDraft, SignError, Signed, countersign, key_id, metadata, sign,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The files that are to come.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Draft(BTreeMap<Duty, Signed>);

/// How far a draft is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Progress {
    /// Enough have signed everything.
    Complete,
    /// The role whose signatures are missing, and how many.
    Waits { duty: Duty, missing: u64 },
}

/// Who signs what is drafted, and when.
pub(super) struct Signing<'a> {
    pub(super) published: &'a Published,
    pub(super) keys: &'a Keys,
    pub(super) expiry: &'a Expiry,
    pub(super) now: Timestamp,
}

impl Draft {
    /// What waits; empty where there is no such file.
    pub(super) fn read(path: &Path) -> Result<Self, Trouble> {
        let garbled = |error: serde_json::Error| SignError::NoMetadata(error.to_string());
        let Some(bytes) = disk::read(path)? else {
            return Ok(Self::default());
        };
        let files: BTreeMap<Duty, Value> = serde_json::from_slice(&bytes)
            .map_err(garbled)
            .map_err(Trouble::file(path))?;
        let read = |(duty, file): (Duty, Value)| {
            let file = Signed::read(&serde_json::to_vec(&file).map_err(garbled)?)?;
            if file.kind() == duty.name() {
                return Ok((duty, file));
            }
            let why = format!("what stands under {duty} is a {}", file.kind());
            Err(SignError::NoMetadata(why))
        };
        let files: Result<_, SignError> = files.into_iter().map(read).collect();
        files.map(Self).map_err(Trouble::file(path))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn file(&self, duty: Duty) -> Option<&Signed> {
        self.0.get(&duty)
    }

    /// Takes the signatures that somebody else's copy has, and the files that it has more.
    pub(super) fn take(&mut self, other: &Self) -> Result<(), SignError> {
        for (duty, theirs) in &other.0 {
            match self.0.get_mut(duty) {
                Some(file) => {
                    file.take(theirs)?;
                }
                None => {
                    self.0.insert(*duty, theirs.clone());
                }
            }
        }
        Ok(())
    }

    /// Another root.
    pub(super) fn set_root(&mut self, entry: &Entry, root: &RootDraft) -> Result<(), Trouble> {
        self.set(Duty::Root, metadata::root(entry, root))
    }

    /// Other files offered.
    pub(super) fn set_targets(
        &mut self,
        signing: &Signing<'_>,
        offered: &BTreeMap<String, Offered>,
    ) -> Result<(), Trouble> {
        let entry = signing.next(Duty::Targets);
        self.set(Duty::Targets, metadata::targets(&entry, offered))
    }

    /// The file of a role once more, with new times.
    pub(super) fn renew(&mut self, duty: Duty, signing: &Signing<'_>) -> Result<(), Trouble> {
        self.make(duty, signing)
    }

    fn set(&mut self, duty: Duty, value: serde_json::Value) -> Result<(), Trouble> {
        let file = Signed::read(&sign(value, &[])?)?;
        self.0.insert(duty, file);
        Ok(())
    }

    /// As far as the keys at hand bring it. Nothing is written: where a signer fails, nothing has changed.
    pub(super) fn advance(&mut self, signing: &Signing<'_>) -> Result<Progress, Trouble> {
        let before = signing.published.root()?;
        let after = match self.0.get(&Duty::Root) {
            Some(root) => Some(root.root()?),
            None => before.clone(),
        };
        let after = after.ok_or_else(|| Trouble::Refused("there is no root yet".to_owned()))?;
        for duty in Duty::ALL {
            if !self.0.contains_key(&duty) {
                if !self.needs(duty, before.as_ref(), &after) {
                    continue;
                }
                self.make(duty, signing)?;
            }
            let missing = self.sign(duty, before.as_ref(), &after, signing)?;
            if missing > 0 {
                return Ok(Progress::Waits { duty, missing });
            }
        }
        Ok(Progress::Complete)
    }

    /// A file is made anew when one that it names is, or when its signers are others.
    fn needs(&self, duty: Duty, before: Option<&RootDraft>, after: &RootDraft) -> bool {
        let named_is_new = match duty {
            Duty::Root | Duty::Targets => false,
            Duty::Snapshot => self.0.contains_key(&Duty::Targets),
            Duty::Timestamp => self.0.contains_key(&Duty::Snapshot),
        };
        let others_sign = duty != Duty::Root
            && before.is_none_or(|before| !same(duty.holders(before), duty.holders(after)));
        named_is_new || others_sign
    }

    fn make(&mut self, duty: Duty, signing: &Signing<'_>) -> Result<(), Trouble> {
        let entry = signing.next(duty);
        let value = match duty {
            Duty::Root => return Err(Trouble::Refused("a root is made by rotate".to_owned())),
            Duty::Targets => metadata::targets(&entry, &signing.published.offered()?),
            Duty::Snapshot => {
                let (version, file) = self.newest(Duty::Targets, signing)?;
                let files = BTreeMap::from([("targets.json".to_owned(), (version, file))]);
                metadata::snapshot(&entry, &files)
            }
            Duty::Timestamp => {
                let (version, file) = self.newest(Duty::Snapshot, signing)?;
                metadata::timestamp(&entry, version, &file)
            }
        };
        self.set(duty, value)
    }

    /// What will be the newest file of a role when this draft is published.
    fn newest(&self, duty: Duty, signing: &Signing<'_>) -> Result<(u64, Vec<u8>), Trouble> {
        let file = self.0.get(&duty).or(signing.published.newest(duty));
        let file = file.ok_or_else(|| Trouble::Refused(format!("there is no {duty} yet")))?;
        Ok((file.entry()?.version, file.to_file()))
    }

    /// Signs with what is at hand, where signatures are missing; how many still are.
    fn sign(
        &mut self,
        duty: Duty,
        before: Option<&RootDraft>,
        after: &RootDraft,
        signing: &Signing<'_>,
    ) -> Result<u64, Trouble> {
        let Some(file) = self.0.get_mut(&duty) else {
            return Ok(0);
        };
        let holders: Vec<&Holders> = [Some(after), before]
            .into_iter()
            .flatten()
            .map(|root| duty.holders(root))
            .collect();
        // A new root needs the old ones' consent. The others' files carry old signatures so that boxes read them before and after the new root.
        let wanted = if duty == Duty::Root { holders.len() } else { 1 };
        let missing = |file: &Signed| {
            let missing = holders.iter().take(wanted).map(|of| file.missing(of));
            missing.max().unwrap_or(0)
        };
        if missing(file) > 0 {
            let mut bytes = file.to_file();
            for signer in signing.keys.signers(duty, &holders) {
                bytes = countersign(&bytes, signer)?;
            }
            *file = Signed::read(&bytes)?;
        }
        Ok(missing(file))
    }

    /// Whether boxes that do not have the new root yet can read the other files.
    pub(super) fn reads_before_and_after(&self, before: &RootDraft) -> bool {
        let others = self.0.iter().filter(|(duty, _)| **duty != Duty::Root);
        let missing = others.map(|(duty, file)| file.missing(duty.holders(before)));
        missing.max().unwrap_or(0) == 0
    }

    /// Keeps it in the repository's folder: one file, so that it is there or not.
    pub(super) fn kept(&self, place: &Place) -> Step {
        let file = |file: &Signed| serde_json::from_slice(&file.to_file()).unwrap_or_default();
        let files = self.0.iter().map(|(duty, signed)| (duty, file(signed)));
        let files: BTreeMap<&Duty, Value> = files.collect();
        Step::Write {
            to: place.draft(),
            bytes: serde_json::to_vec(&files).unwrap_or_default(),
        }
    }

    /// Publishes it. It is kept first, so that whoever comes next after a cut can end what was begun. The timestamp is the moment of a release. A
    /// root comes after it: while old and new keys have signed, every box reads every state.
    pub(super) fn publication(&self, place: &Place) -> Result<Vec<Step>, Trouble> {
        let mut steps = vec![self.kept(place)];
        for duty in [Duty::Targets, Duty::Snapshot, Duty::Timestamp, Duty::Root] {
            if let Some(file) = self.0.get(&duty) {
                steps.push(Step::Write {
                    to: place.metadata(duty, file.entry()?.version),
                    bytes: file.to_file(),
                });
            }
        }
        steps.push(Step::Remove(place.draft()));
        Ok(steps)
    }
}

impl Signing<'_> {
    /// Of the next file of a role.
    pub(super) fn next(&self, duty: Duty) -> Entry {
        let version = self.published.version(duty) + 1;
        self.expiry.entry(duty, version, self.now)
    }
}

fn same(one: &Holders, other: &Holders) -> bool {
    let ids = |of: &Holders| {
        let mut ids: Vec<String> = of.keys.iter().map(key_id).collect();
        ids.sort();
        ids
    };
    one.threshold == other.threshold && ids(one) == ids(other)
}
