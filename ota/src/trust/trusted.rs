//! What is believed of a repository, and by which clock.

use super::metadata::{Document, Root, Snapshot, Targets, TimestampBody};
use super::{Role, Target};
use jiff::Timestamp;

/// What the clock says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Today {
    /// A clock that is trusted: expiry is enforced.
    Trusted(Timestamp),
    /// Nobody knows: expiry is told and not enforced.
    Unknown,
}

/// What is believed after a refresh.
#[derive(Debug, Clone)]
pub struct Trusted {
    pub(super) root: Document<Root>,
    pub(super) timestamp: Document<TimestampBody>,
    pub(super) snapshot: Document<Snapshot>,
    pub(super) targets: Document<Targets>,
    pub(super) expired: Vec<(Role, Timestamp)>,
}

impl Trusted {
    /// The version believed of a top-level role; `None` for a delegated one.
    #[must_use]
    pub fn version(&self, role: &Role) -> Option<u64> {
        match role {
            Role::Root => Some(self.root.common.version),
            Role::Timestamp => Some(self.timestamp.common.version),
            Role::Snapshot => Some(self.snapshot.common.version),
            Role::Targets => Some(self.targets.common.version),
            Role::Delegated(_) => None,
        }
    }

    /// The files that the top-level role offers, in the order of their paths. What delegated roles offer is found by name:
    /// [`Client::find`](super::Client::find).
    pub fn offered(&self) -> impl Iterator<Item = Target> + '_ {
        let consistent = self.root.body.consistent_snapshot;
        let targets = self.targets.body.targets.iter();
        targets.map(move |(path, target)| Target::offered(path, target, consistent))
    }

    /// Whose metadata is out of date by what is known of the time; only ever filled where that was not enforced.
    #[must_use]
    pub fn expired(&self) -> &[(Role, Timestamp)] {
        &self.expired
    }

    /// No earlier than this is it now: the latest time at which a trusted publisher signed.
    #[must_use]
    pub fn not_before(&self) -> Option<Timestamp> {
        let all = [
            &self.root.common,
            &self.timestamp.common,
            &self.snapshot.common,
            &self.targets.common,
        ];
        all.iter().filter_map(|common| common.signed_at).max()
    }
}
