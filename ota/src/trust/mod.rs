//! Whom an update is believed: the client's rules of TUF 1.0, on a box whose clock may be wrong by decades.
//!
//! | file | holds |
//! |---|---|
//! | `client` | [`Client`]: root, timestamp, snapshot, targets, in that order, over the ports [`Repository`] and [`TrustStore`] |
//! | `delegation` | which role may speak for a path: patterns, hash prefixes, succinct bins |
//! | `rules` | what must hold between a file and its referrer or forerunner |
//! | `trusted` | what is believed, and by which clock |
//! | `metadata` | the roles' files, read; thresholds |
//! | `key` | ed25519, ECDSA, RSA |
//! | `canonical`, `hex` | the bytes that are signed |
//!
//! # Without a clock
//!
//! Versions never go back and thresholds hold whatever the clock says. Expiry is enforced by a clock that is trusted
//! ([`Today::Trusted`]); else it is only told ([`Trusted::expired`]). What publishers signed as the time of their signature is a floor
//! ([`Trusted::not_before`]): a clock before it is wrong.
//!
//! # Limits
//!
//! No file of metadata is read beyond what its referrer says, nor beyond the limits here; at most 256 roots a refresh, 32 roles a search.

pub(crate) mod canonical;
mod client;
mod delegation;
pub(crate) mod hex;
mod key;
mod metadata;
mod rules;
mod trusted;

pub use client::Client;
pub use key::PublicKey;
pub(crate) use metadata::SIGNED_AT;
pub use trusted::{Today, Trusted};

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256, Sha512};
use std::collections::BTreeMap;
use std::fmt;

/// A role of the repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Who may sign what.
    Root,
    /// Which snapshot holds.
    Timestamp,
    /// Which version of every targets file holds.
    Snapshot,
    /// The files offered.
    Targets,
    /// Files offered by whom `targets`, or another delegated role, trusts with them.
    Delegated(String),
}

impl Role {
    /// Its name in metadata.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Root => "root",
            Self::Timestamp => "timestamp",
            Self::Snapshot => "snapshot",
            Self::Targets => "targets",
            Self::Delegated(name) => name,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delegated(name) => write!(f, "the role {name:?}"),
            Self::Root | Self::Timestamp | Self::Snapshot | Self::Targets => {
                f.write_str(self.name())
            }
        }
    }
}

/// Why metadata or a file of a repository is not believed. What was believed before is still.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It cannot be read as what it should be.
    #[error("{role} is garbled: {why}")]
    Garbled {
        /// Whose file.
        role: Role,
        /// What is wrong with it.
        why: String,
    },
    /// Too few of those who should have signed it have.
    #[error("{role} has {valid} good signatures and needs {threshold}")]
    Signatures {
        /// Whose file.
        role: Role,
        /// Signatures that hold.
        valid: u64,
        /// Signatures needed.
        threshold: u64,
    },
    /// It is older than what was already believed.
    #[error("{role} would go back from version {known} to {offered}")]
    Rollback {
        /// Whose file.
        role: Role,
        /// The version believed.
        known: u64,
        /// The version offered.
        offered: u64,
    },
    /// A role that was there is there no more.
    #[error("the snapshot no longer lists {role}")]
    Dropped {
        /// Which.
        role: Role,
    },
    /// It is another version than its referrer says.
    #[error("{role} is version {found}, but its referrer says {expected}")]
    Version {
        /// Whose file.
        role: Role,
        /// As named.
        expected: u64,
        /// As found.
        found: u64,
    },
    /// Its bytes are not those that its referrer names.
    #[error("{what} is not what was signed for: {why}")]
    Mismatch {
        /// Which file.
        what: String,
        /// Length, or which hash.
        why: &'static str,
    },
    /// A trusted clock says that it is out of date.
    #[error("{role} expired at {expires}")]
    Expired {
        /// Whose file.
        role: Role,
        /// When.
        expires: Timestamp,
    },
    /// Nobody who is trusted offers such a file.
    #[error("the repository offers no {path:?}")]
    NoSuchTarget {
        /// Its name.
        path: String,
    },
}

/// What kept a refresh from its end.
#[derive(Debug, thiserror::Error)]
pub enum TrustError<R, S> {
    /// The repository was reached and is not believed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The repository does not have a file that it must have.
    #[error("the repository has no {0}")]
    Missing(String),
    /// The repository was not reached.
    #[error("the repository cannot be read")]
    Repository(#[source] R),
    /// What is believed could not be kept.
    #[error("what is trusted cannot be kept")]
    Store(#[source] S),
}

/// Where metadata comes from: a web server, a stick, another box.
pub trait Repository {
    /// Why it cannot be read.
    type Error;

    /// The file of metadata of this name, at most `most` bytes of it; `None` where there is none. A longer file gives its first
    /// `most + 1` bytes, or fewer and an error.
    ///
    /// # Errors
    /// Whatever the transport says.
    fn metadata(&mut self, name: &str, most: u64) -> Result<Option<Vec<u8>>, Self::Error>;
}

/// Where trusted metadata is kept: written aside, synced, renamed.
pub trait TrustStore {
    /// Why it cannot.
    type Error;

    /// The file of a role as it was kept.
    ///
    /// # Errors
    /// Whatever the disk says; nothing kept is `None`.
    fn load(&self, role: &Role) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Keeps the file of a role. One commit point: after a cut it is the old file or the new one.
    ///
    /// # Errors
    /// Whatever the disk says.
    fn keep(&mut self, role: &Role, bytes: &[u8]) -> Result<(), Self::Error>;

    /// Forgets the file of a role.
    ///
    /// # Errors
    /// Whatever the disk says.
    fn forget(&mut self, role: &Role) -> Result<(), Self::Error>;
}

/// A file that a trusted role offers.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Its name in metadata.
    pub path: String,
    /// Bytes.
    pub length: u64,
    /// What the publisher says of it beside.
    pub custom: Option<Value>,
    hashes: Hashes,
    consistent: bool,
}

impl Target {
    fn offered(path: &str, target: &metadata::RawTarget, consistent: bool) -> Self {
        Self {
            path: path.to_owned(),
            length: target.length,
            custom: target.custom.clone(),
            hashes: Hashes::of(&target.hashes),
            consistent,
        }
    }

    #[cfg(test)]
    pub(crate) fn for_tests(path: &str, sha256: &str) -> Self {
        Self {
            path: path.to_owned(),
            length: 1,
            custom: None,
            hashes: Hashes {
                sha256: Some(sha256.to_owned()),
                sha512: None,
            },
            consistent: true,
        }
    }

    /// Its name below the repository's targets: with its hash in front where snapshots are consistent.
    #[must_use]
    pub fn location(&self) -> String {
        let hash = self.hashes.sha256.as_ref().or(self.hashes.sha512.as_ref());
        match (self.consistent, hash) {
            (true, Some(hash)) => match self.path.rsplit_once('/') {
                Some((folder, name)) => format!("{folder}/{hash}.{name}"),
                None => format!("{hash}.{}", self.path),
            },
            (_, _) => self.path.clone(),
        }
    }

    /// These are its bytes.
    ///
    /// # Errors
    /// [`Refusal::Mismatch`].
    pub fn check(&self, bytes: &[u8]) -> Result<(), Refusal> {
        if bytes.len() as u64 != self.length {
            return Err(mismatch(&self.path, "its length"));
        }
        self.hashes.check(&self.path, bytes)
    }

    /// SHA-256 of it, in hexadecimal, where the publisher gives it.
    #[must_use]
    pub fn sha256(&self) -> Option<&str> {
        self.hashes.sha256.as_deref()
    }
}

/// The hashes that are known here; others that metadata may name are passed over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Hashes {
    sha256: Option<String>,
    sha512: Option<String>,
}

impl Hashes {
    fn of(named: &BTreeMap<String, String>) -> Self {
        let of = |name: &str| named.get(name).map(|hash| hash.to_ascii_lowercase());
        Self {
            sha256: of("sha256"),
            sha512: of("sha512"),
        }
    }

    /// A file without a hash that is known here is not believed: its length alone says nothing.
    fn check(&self, what: &str, bytes: &[u8]) -> Result<(), Refusal> {
        if self == &Self::default() {
            return Err(mismatch(what, "no hash of it is known"));
        }
        let differs = |named: &Option<String>, found: String| {
            named.as_ref().is_some_and(|named| *named != found)
        };
        if differs(&self.sha256, hex::of(&Sha256::digest(bytes))) {
            return Err(mismatch(what, "its SHA-256"));
        }
        if self.sha512.is_some() && differs(&self.sha512, hex::of(&Sha512::digest(bytes))) {
            return Err(mismatch(what, "its SHA-512"));
        }
        Ok(())
    }
}

fn mismatch(what: &str, why: &'static str) -> Refusal {
    Refusal::Mismatch {
        what: what.to_owned(),
        why,
    }
}
