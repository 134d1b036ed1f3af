//! What the box remembers of updates between two starts, beside the boot choice: one small file, written aside, synced, renamed.

use crate::boot::{BootChoice, BootFlags};
use crate::slot::Slot;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io;

/// Activations of one bundle before it is left alone for good: a trial that fails thrice is not the weather.
pub const ATTEMPTS_AT_MOST: u8 = 3;

/// See the fields. A lost ledger costs a download begun, never a boot: the floor is kept up by the running system's own version too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ledger {
    /// No version below it is installed: the highest that was ever confirmed here.
    pub floor: u64,
    /// The release that is being fetched or installed: trusted when it was written here.
    pub wanted: Option<Wanted>,
    /// The inactive slot holds this, read back and right.
    pub staged: Option<Wanted>,
    /// Activations of one bundle so far.
    pub attempts: Option<Attempts>,
    /// What was last put into a slot by an update: `a`, `b`.
    pub a: Option<Wanted>,
    /// See `a`.
    pub b: Option<Wanted>,
    /// The pack that is being fetched: its name is the pack's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack: Option<Wanted>,
    /// What came of packs, by id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub packs: BTreeMap<String, PackRecord>,
    /// Words of a later system, kept for it.
    #[serde(flatten)]
    pub later: Map<String, Value>,
}

/// A release that was believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Its number.
    pub version: u64,
    /// Its name for people.
    pub name: String,
    /// SHA-256 of its bundle, hexadecimal.
    pub bundle: String,
}

/// What came of one pack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PackRecord {
    /// The version that was last taken into the library; 0: none.
    pub version: u64,
    /// Attempts at an offer that came whole and did not become a pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<Attempts>,
}

/// How often a bundle was activated, or a pack tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// SHA-256 of it, hexadecimal.
    pub bundle: String,
    /// Activations.
    pub count: u8,
}

impl Ledger {
    /// What an update put into `slot`, if one did.
    #[must_use]
    pub const fn in_slot(&self, slot: Slot) -> Option<&Wanted> {
        match slot {
            Slot::A => self.a.as_ref(),
            Slot::B => self.b.as_ref(),
        }
    }

    /// Notes what an update put into `slot`, or that it holds nothing whole.
    pub fn put_in_slot(&mut self, slot: Slot, release: Option<Wanted>) {
        match slot {
            Slot::A => self.a = release,
            Slot::B => self.b = release,
        }
    }

    /// No older system than the running one, of this version, can boot any more: the running slot is settled, and the other one is retired or holds the same
    /// release or a newer one. Of a spare slot that nobody noted anything of, nobody knows.
    #[must_use]
    pub fn older_are_gone(&self, flags: &BootFlags, version: u64) -> bool {
        let BootChoice::Settled { first, spare } = flags.choice() else {
            return false;
        };
        let other = self.in_slot(first.other());
        let newer = other.is_some_and(|other| version > 0 && other.version >= version);
        first == flags.booted() && (!spare || newer)
    }

    /// The system of this version, 0 where it does not say, proved itself in `running`.
    pub fn confirm(&mut self, running: Slot, version: u64) {
        // What this slot was given last; a card may have been written anew beside the ledger.
        let given = self.in_slot(running).cloned();
        let given = given.filter(|release| version == 0 || release.version == version);
        let version = given.as_ref().map_or(version, |release| release.version);
        self.floor = self.floor.max(version);
        let still_new = |release: &Wanted| release.version > version;
        self.wanted = self.wanted.take().filter(still_new);
        self.staged = self.staged.take().filter(still_new);
        let proved = |attempts: &Attempts| {
            given
                .as_ref()
                .is_some_and(|given| given.bundle == attempts.bundle)
        };
        self.attempts = self.attempts.take().filter(|attempts| !proved(attempts));
        self.put_in_slot(running, given);
    }
}

/// Port: where the ledger is kept.
pub trait StateStore: Send {
    /// It; an empty one where none can be read.
    fn load(&mut self) -> Ledger;

    /// Keeps it. One commit point: after a cut it is the old one or the new one.
    ///
    /// # Errors
    /// Whatever the disk says.
    fn save(&mut self, ledger: &Ledger) -> io::Result<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_no_older_system_can_boot_any_more() {
        let settled = |first, spare| BootChoice::Settled { first, spare };
        let trial = BootChoice::Trial {
            on: Slot::B,
            tries_left: 2,
        };
        let (a, b) = (Slot::A, Slot::B);
        // Running slot, choice, what slot A is known to hold, the running version, whether all older ones are gone.
        let table = [
            (
                "confirmed, the old one is spare",
                b,
                settled(b, true),
                Some(12),
                13,
                false,
            ),
            (
                "confirmed, nobody knows the spare",
                b,
                settled(b, true),
                None,
                13,
                false,
            ),
            (
                "confirmed, the old one was retired",
                b,
                settled(b, false),
                Some(12),
                13,
                true,
            ),
            ("the same in both", b, settled(b, true), Some(13), 13, true),
            (
                "gone back: the spare is newer",
                b,
                settled(b, true),
                Some(14),
                13,
                true,
            ),
            (
                "nobody knows what runs",
                b,
                settled(b, true),
                Some(14),
                0,
                false,
            ),
            ("on trial", b, trial, Some(12), 13, false),
            ("the other slot is on trial", a, trial, Some(12), 12, false),
            (
                "another slot boots next",
                b,
                settled(a, true),
                Some(12),
                13,
                false,
            ),
        ];
        for (what, booted, choice, in_a, version, gone) in table {
            let release = |version| Wanted {
                version,
                name: String::new(),
                bundle: String::new(),
            };
            let ledger = Ledger {
                a: in_a.map(release),
                ..Ledger::default()
            };
            let flags = BootFlags::new(booted, choice);
            assert_eq!(ledger.older_are_gone(&flags, version), gone, "{what}");
        }
    }
}
