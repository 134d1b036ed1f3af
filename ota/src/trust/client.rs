//! The client's workflow (TUF 1.0 §5): every step believes only what the one before it vouched for.

use super::delegation::Speaker;
use super::metadata::{Document, MetaFile, Root, Signers, Snapshot, Targets, TimestampBody};
use super::rules::{no_way_back, role_of, same_version, succeeds};
use super::{PublicKey, Refusal, Repository, Role, Target, TrustError, TrustStore, mismatch};
use super::{Today, Trusted};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

/// Largest file of each kind, bytes, where no referrer names its length (those of python-tuf).
const ROOT_AT_MOST: u64 = 512_000;
const TIMESTAMP_AT_MOST: u64 = 16_384;
const SNAPSHOT_AT_MOST: u64 = 2_000_000;
const TARGETS_AT_MOST: u64 = 5_000_000;
/// Roots taken in one refresh.
const ROOTS_AT_MOST: usize = 256;
/// Roles asked for one target.
const ROLES_AT_MOST: usize = 32;

type Outcome<T, R, S> = Result<T, TrustError<<R as Repository>::Error, <S as TrustStore>::Error>>;

/// A repository and the memory of what was believed of it.
#[derive(Debug)]
pub struct Client<'a, R, S> {
    repository: &'a mut R,
    store: &'a mut S,
    today: Today,
}

impl<'a, R: Repository, S: TrustStore> Client<'a, R, S> {
    /// Of a repository whose first root is in `store` already: it comes with the image.
    pub fn new(repository: &'a mut R, store: &'a mut S, today: Today) -> Self {
        Self {
            repository,
            store,
            today,
        }
    }

    /// Takes what the repository has that is newer, step by step. What a step has believed is kept even where a later one fails.
    ///
    /// # Errors
    /// [`TrustError::Refused`] and [`TrustError::Missing`] say what is wrong with the repository, the others that it or the store was
    /// not reached. What was believed before is believed still.
    pub fn refresh(&mut self) -> Outcome<Trusted, R, S> {
        let mut expired = Vec::new();
        let root = self.root()?;
        self.fresh(&Role::Root, &root, &mut expired)?;
        let timestamp = self.timestamp(&root)?;
        // A clock that is behind what was signed is wrong, whoever trusts it.
        if let (Today::Trusted(now), Some(signed)) = (self.today, timestamp.common.signed_at)
            && now < signed
        {
            self.today = Today::Unknown;
        }
        self.fresh(&Role::Timestamp, &timestamp, &mut expired)?;
        let snapshot = self.snapshot(&root, &timestamp)?;
        self.fresh(&Role::Snapshot, &snapshot, &mut expired)?;
        let speaker = Speaker {
            role: Role::Targets,
            signers: root.body.signers(&Role::Targets)?.clone(),
            terminating: false,
        };
        let consistent = root.body.consistent_snapshot;
        let targets = self.targets(&speaker, &root.body.keys, &snapshot, consistent)?;
        self.fresh(&Role::Targets, &targets, &mut expired)?;
        Ok(Trusted {
            root,
            timestamp,
            snapshot,
            targets,
            expired,
        })
    }

    /// Who offers the file of this path, asked in the order of the delegations.
    ///
    /// # Errors
    /// As [`Client::refresh`]; [`Refusal::NoSuchTarget`].
    pub fn find(&mut self, trusted: &Trusted, path: &str) -> Outcome<Target, R, S> {
        let consistent = trusted.root.body.consistent_snapshot;
        let mut asked = BTreeSet::new();
        let mut ahead: Vec<(Speaker, BTreeMap<String, PublicKey>)> = Vec::new();
        let mut here = trusted.targets.clone();
        loop {
            if let Some(target) = here.body.targets.get(path) {
                return Ok(Target::offered(path, target, consistent));
            }
            if let Some(delegations) = &here.body.delegations {
                let mut speakers = delegations.speakers(path);
                if let Some(last) = speakers.iter().position(|speaker| speaker.terminating) {
                    speakers.truncate(last + 1);
                    ahead.clear();
                }
                let next = speakers.into_iter().rev();
                ahead.extend(next.map(|speaker| (speaker, delegations.keys.clone())));
            }
            let next = loop {
                match ahead.pop() {
                    Some((speaker, _)) if asked.contains(&speaker.role) => {}
                    Some(next) if asked.len() < ROLES_AT_MOST => break next,
                    Some(_) | None => {
                        let path = path.to_owned();
                        return Err(Refusal::NoSuchTarget { path }.into());
                    }
                }
            };
            let (speaker, keys) = next;
            asked.insert(speaker.role.clone());
            here = self.targets(&speaker, &keys, &trusted.snapshot, consistent)?;
            self.fresh(&speaker.role, &here, &mut Vec::new())?;
        }
    }

    fn root(&mut self) -> Outcome<Document<Root>, R, S> {
        let Some(bytes) = self.kept(&Role::Root)? else {
            return Err(TrustError::Missing("first root to trust".to_owned()));
        };
        let mut root: Document<Root> = Document::read(&bytes, &Role::Root, "root")?;
        root.check(
            &Role::Root,
            root.body.signers(&Role::Root)?,
            &root.body.keys,
        )?;
        for _ in 0..ROOTS_AT_MOST {
            let name = format!("{}.root.json", root.common.version.saturating_add(1));
            let Some(bytes) = self.fetched(&name, ROOT_AT_MOST)? else {
                break;
            };
            let next = succeeds(&root, &bytes)?;
            let rotated = |role| root.body.roles.get(role) != next.body.roles.get(role);
            // Before the root is kept: after a cut the old root stands, and these are fetched anew.
            if rotated("timestamp") || rotated("snapshot") {
                self.forget(&Role::Timestamp)?;
                self.forget(&Role::Snapshot)?;
            }
            self.keep(&Role::Root, &bytes)?;
            root = next;
        }
        Ok(root)
    }

    fn timestamp(&mut self, root: &Document<Root>) -> Outcome<Document<TimestampBody>, R, S> {
        let role = Role::Timestamp;
        let signers = root.body.signers(&role)?;
        let known: Option<Document<TimestampBody>> =
            self.known(&role, "timestamp", signers, &root.body.keys)?;
        let name = "timestamp.json";
        let Some(bytes) = self.fetched(name, TIMESTAMP_AT_MOST)? else {
            return Err(TrustError::Missing(name.to_owned()));
        };
        let new: Document<TimestampBody> = Document::read(&bytes, &role, "timestamp")?;
        new.check(&role, signers, &root.body.keys)?;
        if let Some(known) = known {
            if new.common.version == known.common.version {
                return Ok(known);
            }
            no_way_back(&role, known.common.version, new.common.version)?;
            let (before, after) = (known.body.snapshot()?, new.body.snapshot()?);
            no_way_back(&Role::Snapshot, before.version, after.version)?;
        }
        new.body.snapshot()?;
        self.enforce(&role, &new)?;
        self.keep(&role, &bytes)?;
        Ok(new)
    }

    fn snapshot(
        &mut self,
        root: &Document<Root>,
        timestamp: &Document<TimestampBody>,
    ) -> Outcome<Document<Snapshot>, R, S> {
        let role = Role::Snapshot;
        let signers = root.body.signers(&role)?;
        let meta = timestamp.body.snapshot()?;
        let known: Option<Document<Snapshot>> =
            self.known(&role, "snapshot", signers, &root.body.keys)?;
        if let Some(known) = &known
            && self.still_holds(&role, known, meta)?
        {
            return Ok(known.clone());
        }
        let consistent = root.body.consistent_snapshot;
        let bytes = self.named(&role, meta, consistent, SNAPSHOT_AT_MOST)?;
        let new: Document<Snapshot> = Document::read(&bytes, &role, "snapshot")?;
        new.check(&role, signers, &root.body.keys)?;
        same_version(&role, meta, &new)?;
        for (name, before) in known.iter().flat_map(|known| &known.body.meta) {
            let role = role_of(name);
            let Some(after) = new.body.meta.get(name) else {
                return Err(Refusal::Dropped { role }.into());
            };
            no_way_back(&role, before.version, after.version)?;
        }
        self.enforce(&role, &new)?;
        self.keep(&role, &bytes)?;
        Ok(new)
    }

    /// The targets of `speaker`, whose keys are among `keys`.
    fn targets(
        &mut self,
        speaker: &Speaker,
        keys: &BTreeMap<String, PublicKey>,
        snapshot: &Document<Snapshot>,
        consistent: bool,
    ) -> Outcome<Document<Targets>, R, S> {
        let role = &speaker.role;
        let name = format!("{}.json", role.name());
        let meta = snapshot
            .body
            .meta
            .get(&name)
            .ok_or_else(|| Refusal::Garbled {
                role: Role::Snapshot,
                why: format!("it does not list {name}"),
            })?;
        let known: Option<Document<Targets>> =
            self.known(role, "targets", &speaker.signers, keys)?;
        if let Some(known) = known
            && self.still_holds(role, &known, meta)?
        {
            return Ok(known);
        }
        let bytes = self.named(role, meta, consistent, TARGETS_AT_MOST)?;
        let new: Document<Targets> = Document::read(&bytes, role, "targets")?;
        new.check(role, &speaker.signers, keys)?;
        same_version(role, meta, &new)?;
        self.enforce(role, &new)?;
        self.keep(role, &bytes)?;
        Ok(new)
    }

    /// What was kept of a role, if its signatures still hold; what does not is as good as nothing.
    fn known<T: DeserializeOwned>(
        &self,
        role: &Role,
        kind: &str,
        signers: &Signers,
        keys: &BTreeMap<String, PublicKey>,
    ) -> Outcome<Option<Document<T>>, R, S> {
        let document = self
            .kept(role)?
            .and_then(|bytes| Document::read(&bytes, role, kind).ok());
        Ok(document.filter(|document| document.check(role, signers, keys).is_ok()))
    }

    /// What was kept is just what its referrer names, and not out of date.
    fn still_holds<T>(
        &self,
        role: &Role,
        known: &Document<T>,
        meta: &MetaFile,
    ) -> Outcome<bool, R, S> {
        let bytes = self.kept(role)?.unwrap_or_default();
        Ok(known.common.version == meta.version
            && meta.check(role, &bytes).is_ok()
            && self.enforce(role, known).is_ok())
    }

    /// The file of a role that a referrer names.
    fn named(
        &mut self,
        role: &Role,
        meta: &MetaFile,
        consistent: bool,
        at_most: u64,
    ) -> Outcome<Vec<u8>, R, S> {
        let name = if consistent {
            format!("{}.{}.json", meta.version, role.name())
        } else {
            format!("{}.json", role.name())
        };
        let at_most = meta.length.unwrap_or(at_most).min(at_most);
        let Some(bytes) = self.fetched(&name, at_most)? else {
            return Err(TrustError::Missing(name));
        };
        meta.check(role, &bytes)?;
        Ok(bytes)
    }

    fn fetched(&mut self, name: &str, at_most: u64) -> Outcome<Option<Vec<u8>>, R, S> {
        let bytes = self
            .repository
            .metadata(name, at_most)
            .map_err(TrustError::Repository)?;
        if bytes
            .as_ref()
            .is_some_and(|bytes| bytes.len() as u64 > at_most)
        {
            return Err(mismatch(name, "it is longer than it may be").into());
        }
        Ok(bytes)
    }

    /// Out of date by a trusted clock.
    fn enforce<T>(&self, role: &Role, document: &Document<T>) -> Result<(), Refusal> {
        let expires = document.common.expires;
        match self.today {
            Today::Trusted(now) if expires <= now => Err(Refusal::Expired {
                role: role.clone(),
                expires,
            }),
            Today::Trusted(_) | Today::Unknown => Ok(()),
        }
    }

    /// As [`Self::enforce`]; and noted where what was signed since then tells that it is out of date.
    fn fresh<T>(
        &self,
        role: &Role,
        document: &Document<T>,
        expired: &mut Vec<(Role, Timestamp)>,
    ) -> Result<(), Refusal> {
        self.enforce(role, document)?;
        let expires = document.common.expires;
        if document
            .common
            .signed_at
            .is_some_and(|signed| expires <= signed)
        {
            expired.push((role.clone(), expires));
        }
        Ok(())
    }

    fn kept(&self, role: &Role) -> Outcome<Option<Vec<u8>>, R, S> {
        self.store.load(role).map_err(TrustError::Store)
    }

    fn keep(&mut self, role: &Role, bytes: &[u8]) -> Outcome<(), R, S> {
        self.store.keep(role, bytes).map_err(TrustError::Store)
    }

    fn forget(&mut self, role: &Role) -> Outcome<(), R, S> {
        self.store.forget(role).map_err(TrustError::Store)
    }
}
