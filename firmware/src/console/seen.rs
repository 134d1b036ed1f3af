//! What the console knows at a moment: what the box's program says, and what lies on the disk.

use crate::services::access_point::Device;
use crate::status::{Machine, Status, Update};
use serde::Serialize;
use std::time::Duration;

/// The box's program, as it answers or not.
#[derive(Debug, Clone, Default)]
pub(super) enum Program {
    /// Nobody has looked yet.
    #[default]
    Unknown,
    /// It runs.
    Runs(Box<Status>, Vec<Device>),
    /// It is there, and says nothing.
    Silent(String),
    /// It does not run: since when, how often it started, why it ended.
    Gone(String),
}

impl Program {
    /// The word for it, for programs.
    #[must_use]
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Runs(..) => "running",
            Self::Silent(_) => "silent",
            Self::Gone(_) => "not_running",
        }
    }

    /// What it says of the box, if it says anything.
    #[must_use]
    pub(super) const fn status(&self) -> Option<&Status> {
        match self {
            Self::Runs(status, _) => Some(status),
            Self::Unknown | Self::Silent(_) | Self::Gone(_) => None,
        }
    }
}

/// What is read without the box's program, and without a lock.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct OnDisk {
    /// What the start of the system found wrong, a line each.
    pub(super) problems: Vec<String>,
    /// Both slots and the choice between them, or why they cannot be read.
    pub(super) update: Option<Result<Update, String>>,
    /// The charge that was kept last, percent.
    pub(super) charge_percent: Option<f64>,
    /// Of warehouse storage, a line each.
    pub(super) storage: Vec<String>,
    /// Bytes of the data disk: in all, and free.
    pub(super) disk: Option<(u64, u64)>,
    /// The machine's memory.
    pub(super) machine: Option<Machine>,
    /// How worn the card is, a line each.
    pub(super) wear: Vec<String>,
    /// The last events, oldest first; of a program that answers, those that it has not written yet among them.
    pub(super) events: Vec<String>,
    /// When the last of them happened, where the program did not tell what came after it.
    pub(super) written_up_to: Option<String>,
    /// The last self-test, a line each; empty where there was none.
    pub(super) test: Vec<String>,
}

/// All of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// The box's program.
    pub(super) program: Program,
    /// Starts of the program after its first since the system started.
    pub(super) restarts: u32,
    /// The disk; `None` before the first look.
    pub(super) disk: Option<OnDisk>,
    /// When the disk was looked at, since boot.
    pub(super) disk_at: Duration,
    /// It is so late, since boot.
    pub(super) now: Duration,
}

/// A disk that does not answer for so long is told.
const DISK_SILENT: Duration = Duration::from_secs(60);

impl Seen {
    /// What is wrong with the disk, if it does not answer.
    #[must_use]
    pub(super) fn silent_disk(&self) -> Option<String> {
        let silent = self.now.saturating_sub(self.disk_at);
        (silent >= DISK_SILENT).then(|| {
            format!(
                "the disk has not answered for {} s: what is shown of it is old; see to the card",
                silent.as_secs()
            )
        })
    }

    /// The slots, as the running box or the disk tells of them.
    #[must_use]
    pub(super) fn update(&self) -> Option<Result<&Update, &str>> {
        if let Some(status) = self.program.status() {
            return Some(Ok(&status.update));
        }
        let told = self.disk.as_ref()?.update.as_ref()?;
        Some(told.as_ref().map_err(String::as_str))
    }
}
