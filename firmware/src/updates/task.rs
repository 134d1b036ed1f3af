//! What is to be done, how it ended, what is remembered: values between the machine and who does its work.

use super::{DiskLedger, DiskTrust, Folder, Place};
use jiff::Timestamp;
use ota::packs::{HeldBack, PackFetched};
use ota::updater::{FetchEnd, InstallEnd, Looked};
use ota::{Ledger, StateStore as _, Wanted};
use std::path::Path;

/// An action, with all that it needs.
#[derive(Debug, Clone, PartialEq)]
pub enum Task {
    /// The running slot is settled or was confirmed just now: the floor is raised, what was fetched for it is let go.
    Confirmed,
    /// Look at a place.
    Look {
        /// Which.
        place: Place,
        /// A staged roll-out is not waited for.
        now: bool,
        /// What a trusted clock says.
        clock: Option<Timestamp>,
    },
    /// Fetch from a place.
    Fetch {
        /// Which.
        place: Place,
        /// At most so many bytes.
        budget: u64,
        /// See [`Task::Look`].
        clock: Option<Timestamp>,
    },
    /// Write the slot.
    Install,
    /// Put it on trial.
    Activate,
    /// Look which pack of a place is next, and fetch it.
    FetchPack {
        /// Which.
        place: Place,
        /// At most so many bytes.
        budget: u64,
        /// Offers that are left alone.
        held: HeldBack,
        /// See [`Task::Look`].
        now: bool,
        /// See [`Task::Look`].
        clock: Option<Timestamp>,
    },
    /// Make the pack that was fetched, and take it into the library.
    BuildPack,
}

impl Task {
    /// It is about a pack, not about the system.
    #[must_use]
    pub const fn is_of_packs(&self) -> bool {
        matches!(self, Self::FetchPack { .. } | Self::BuildPack)
    }

    /// The place it is about, for people; empty where there is none.
    #[must_use]
    pub fn from(&self) -> String {
        match self {
            Self::Look { place, .. }
            | Self::Fetch { place, .. }
            | Self::FetchPack { place, .. } => place.name(),
            Self::Confirmed | Self::Install | Self::Activate | Self::BuildPack => String::new(),
        }
    }
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// [`Task::Confirmed`].
    Confirmed,
    /// [`Task::Look`], for the machine; and whether the source was no good for this box.
    Looked(Looked, bool),
    /// [`Task::Fetch`].
    Fetched(FetchEnd),
    /// [`Task::Install`].
    Installed(InstallEnd),
    /// [`Task::Activate`].
    Activated(InstallEnd),
    /// [`Task::FetchPack`], and the pack that it was about.
    PackFetched(PackFetched, Option<Wanted>),
    /// [`Task::BuildPack`], the same.
    PackBuilt(InstallEnd, Option<Wanted>),
}

/// A task's end, and a line about it for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How it ended.
    pub end: End,
    /// What there is to say; empty: nothing.
    pub line: String,
    /// Bytes that were fetched.
    pub spent: u64,
    /// Of a look that succeeded: whether the place has packs for this school.
    pub packs: Option<bool>,
    /// What is remembered afterwards.
    pub known: Known,
}

/// What is remembered between two starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// See [`Ledger`].
    pub ledger: Ledger,
    /// No earlier than this is it now.
    pub not_before: Option<Timestamp>,
}

impl Known {
    /// Of the box on `data`.
    #[must_use]
    pub fn on(data: &Path) -> Self {
        let folder = Folder::in_data(data);
        Self {
            ledger: DiskLedger::in_folder(&folder).load(),
            not_before: DiskTrust::in_folder(&folder).not_before(),
        }
    }
}

/// A task that did not even begin.
pub(super) fn failed(task: &Task, line: String) -> (End, String) {
    let end = match task {
        Task::Confirmed => End::Confirmed,
        // What is wrong is the box's own, or may be another way in an hour.
        Task::Look { .. } => End::Looked(Looked::Gone, true),
        Task::Fetch { .. } => End::Fetched(FetchEnd::Gone),
        Task::Install => End::Installed(InstallEnd::Failed),
        Task::Activate => End::Activated(InstallEnd::Failed),
        Task::FetchPack { .. } => End::PackFetched(PackFetched::Gone, None),
        Task::BuildPack => End::PackBuilt(InstallEnd::Failed, None),
    };
    (end, line)
}

/// A release for people.
pub(super) fn named(wanted: &Wanted) -> String {
    if wanted.name.is_empty() {
        format!("version {}", wanted.version)
    } else {
        format!("{} (version {})", wanted.name, wanted.version)
    }
}
