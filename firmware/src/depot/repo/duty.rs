//! The four roles that sign a repository, and how long what they sign is current.

use jiff::{SignedDuration, Timestamp};
use ota::publish::{Entry, Holders, RootDraft};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A role, in the order in which their files are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Duty {
    /// Who may sign what. Its keys lie in a safe.
    Root,
    /// The files offered.
    Targets,
    /// Which targets hold.
    Snapshot,
    /// Which snapshot holds.
    Timestamp,
}

impl Duty {
    pub(super) const ALL: [Self; 4] = [Self::Root, Self::Targets, Self::Snapshot, Self::Timestamp];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Targets => "targets",
            Self::Snapshot => "snapshot",
            Self::Timestamp => "timestamp",
        }
    }

    /// Its holders.
    pub(super) const fn holders(self, root: &RootDraft) -> &Holders {
        match self {
            Self::Root => &root.root,
            Self::Targets => &root.targets,
            Self::Snapshot => &root.snapshot,
            Self::Timestamp => &root.timestamp,
        }
    }

    pub(super) const fn holders_mut(self, root: &mut RootDraft) -> &mut Holders {
        match self {
            Self::Root => &mut root.root,
            Self::Targets => &mut root.targets,
            Self::Snapshot => &mut root.snapshot,
            Self::Timestamp => &mut root.timestamp,
        }
    }

    /// The name of its file: only the timestamp's is always the same.
    pub(super) fn file(self, version: u64) -> String {
        match self {
            Self::Timestamp => "timestamp.json".to_owned(),
            Self::Root | Self::Targets | Self::Snapshot => format!("{version}.{self}.json"),
        }
    }

    /// Days for which what it signs is current. A root outlives its box; the others outlive a stick that travels for months.
    const fn usual_days(self) -> u32 {
        match self {
            Self::Root => 3650,
            Self::Targets | Self::Snapshot => 730,
            Self::Timestamp => 365,
        }
    }
}

impl fmt::Display for Duty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Duty {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let duty = Self::ALL.into_iter().find(|duty| duty.name() == text);
        duty.ok_or_else(|| "the roles are root, targets, snapshot, timestamp".to_owned())
    }
}

/// `ROLE=VALUE` of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Of<T> {
    pub(super) duty: Duty,
    pub(super) value: T,
}

impl<T: FromStr<Err = String>> FromStr for Of<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (duty, value) = text
            .split_once('=')
            .ok_or("give ROLE=…, such as targets=…")?;
        Ok(Self {
            duty: duty.parse()?,
            value: value.parse()?,
        })
    }
}

/// 1 to 100000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count(pub(super) u32);

impl FromStr for Count {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.parse().ok();
        let number = number.filter(|number| (1..=100_000).contains(number));
        number
            .map(Self)
            .ok_or_else(|| "allowed is 1 to 100000".to_owned())
    }
}

/// Days for which the files of each role are current, where they differ from the usual.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Expiry(BTreeMap<Duty, u32>);

impl Expiry {
    pub(super) fn set(&mut self, told: &[Of<Count>]) {
        self.0
            .extend(told.iter().map(|one| (one.duty, one.value.0)));
    }

    /// Of a file that is made now.
    pub(super) fn entry(&self, duty: Duty, version: u64, now: Timestamp) -> Entry {
        let days = self.0.get(&duty).copied().unwrap_or(duty.usual_days());
        let current = SignedDuration::from_hours(24 * i64::from(days));
        Entry {
            version,
            at: now,
            expires: now.checked_add(current).unwrap_or(Timestamp::MAX),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_role_s_value_is_read_and_what_is_none_is_refused() {
        let days: Of<Count> = "timestamp=30".parse().unwrap();
        assert_eq!((days.duty, days.value), (Duty::Timestamp, Count(30)));
        for bad in [
            "",
            "30",
            "mirror=30",
            "root=",
            "root=0",
            "root=100001",
            "root=-1",
        ] {
            assert!(bad.parse::<Of<Count>>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_last_word_on_expiry_counts() {
        let now: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        let mut expiry = Expiry::default();
        let days = |expiry: &Expiry, duty| {
            (expiry.entry(duty, 1, now).expires.as_second() - now.as_second()) / 86_400
        };
        assert_eq!(days(&expiry, Duty::Root), 3650);
        expiry.set(&["root=10".parse().unwrap(), "root=20".parse().unwrap()]);
        assert_eq!(
            (days(&expiry, Duty::Root), days(&expiry, Duty::Timestamp)),
            (20, 365)
        );
        let text = serde_json::to_string(&expiry).unwrap();
        assert_eq!(text, "{\"root\":20}");
    }
}
