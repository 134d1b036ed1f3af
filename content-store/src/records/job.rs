//! What the writer is asked to do.

use super::RecordsError;
use super::authority::Authority;
use super::bundles::Bundle;
use super::statement::Statement;
use jiff::Timestamp;
use std::path::PathBuf;
use uuid::Uuid;

/// Called once, from the writer's thread, when the disk has it or it is known that it has not.
pub type Reply<T> = Box<dyn FnOnce(Result<T, RecordsError>) + Send>;

pub(super) enum Work {
    Statements {
        batch: Vec<Statement>,
        authority: Authority,
        reply: Reply<Vec<Uuid>>,
    },
    Credential {
        username: String,
        name: String,
        hash: [u8; 32],
        reply: Reply<()>,
    },
    Probe {
        reply: Reply<()>,
    },
    Forget {
        /// Not while anything waits for its receipt.
        only_received: bool,
        /// Files to go with everyone beside those named at the opening.
        traces: Vec<PathBuf>,
        reply: Reply<()>,
    },
    /// Keep a bundle's row.
    Bundle {
        bundle: Bundle,
        reply: Reply<()>,
    },
    /// No program older than this format can come back.
    OlderAreGone {
        format: i64,
        reply: Reply<()>,
    },
}

impl Work {
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Statements { batch, .. } => batch.iter().map(Statement::bytes).sum(),
            Self::Credential { .. }
            | Self::Probe { .. }
            | Self::Forget { .. }
            | Self::Bundle { .. }
            | Self::OlderAreGone { .. } => 0,
        }
    }

    pub(super) fn refuse(self, error: RecordsError) {
        match self {
            Self::Statements { reply, .. } => reply(Err(error)),
            Self::Credential { reply, .. }
            | Self::Probe { reply }
            | Self::Forget { reply, .. }
            | Self::Bundle { reply, .. }
            | Self::OlderAreGone { reply, .. } => reply(Err(error)),
        }
    }
}

pub(super) struct Job {
    pub(super) work: Work,
    pub(super) now: Timestamp,
}
