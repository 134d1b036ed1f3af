//! What became of the last stick that was plugged in for records: told on the page of the box's state, for who plugged it in has no other way to
//! see when it may be pulled out.

use serde::{Deserialize, Serialize};

/// What became of it. Numbers alone: nobody's name, and no file's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StickTold {
    /// What was written onto it.
    pub out: StickOut,
    /// Receipts of the programme that were taken in from it.
    pub receipts: u64,
    /// Receipts on it that were not believed, or could not be read.
    pub refused: u64,
}

/// What was written onto a stick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum StickOut {
    /// All that the programme has not acknowledged is on it.
    Carried {
        /// In the bundles.
        statements: u64,
        /// Sealed.
        bundles: u64,
    },
    /// There was nothing to carry.
    Nothing,
    /// The box does not know whose key seals.
    NoKey,
    /// It can only be read.
    Locked,
    /// It is full.
    Full,
    /// It was pulled out, or is failing.
    Failing,
    /// It is good, and the box could not: its disk is full or failing, or its program went away.
    BoxFailed,
    /// Something else was writing onto it.
    Busy,
}

impl StickOut {
    /// Its word, in events and for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Carried { .. } => "carried",
            Self::Nothing => "nothing",
            Self::NoKey => "no_key",
            Self::Locked => "locked",
            Self::Full => "full",
            Self::Failing => "failing",
            Self::BoxFailed => "box_failed",
            Self::Busy => "busy",
        }
    }

    /// Nothing is left to do with this stick.
    #[must_use]
    pub const fn is_done(self) -> bool {
        match self {
            Self::Carried { .. } | Self::Nothing => true,
            Self::NoKey
            | Self::Locked
            | Self::Full
            | Self::Failing
            | Self::BoxFailed
            | Self::Busy => false,
        }
    }
}

impl StickTold {
    /// Tells it to the log and the events.
    pub(crate) fn log(self) {
        let (out, receipts, refused) = (self.out.as_str(), self.receipts, self.refused);
        let (statements, bundles) = match self.out {
            StickOut::Carried {
                statements,
                bundles,
            } => (statements, bundles),
            StickOut::Nothing
            | StickOut::NoKey
            | StickOut::Locked
            | StickOut::Full
            | StickOut::Failing
            | StickOut::BoxFailed
            | StickOut::Busy => (0, 0),
        };
        if self.out.is_done() && refused == 0 {
            tracing::info!(out, statements, bundles, receipts, "records.stick");
        } else {
            tracing::warn!(out, statements, bundles, receipts, refused, "records.stick");
        }
    }
}
