//! How the records are kept, and how their writer is.

use std::path::PathBuf;
use std::time::Duration;

/// How hard a commit must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// WAL with `synchronous=FULL`: what a box runs.
    #[default]
    Full,
    /// `synchronous=OFF`: loses acknowledged rows at a power cut. The negative control of the power-cut tests.
    Off,
}

/// How the records are kept.
#[derive(Debug, Clone)]
pub struct RecordsOptions {
    /// How hard a commit must be.
    pub durability: Durability,
    /// A file of this size is kept beside the database and given up when the disk is full, so that statements are
    /// still taken; 0 keeps none.
    pub reserve_bytes: u64,
    /// Files outside the records that name people or their devices: cleared away with everyone.
    pub traces: Vec<PathBuf>,
    /// What is cleared away besides, when this opening finishes a forgetting that a cut ended.
    pub finishing: Vec<PathBuf>,
}

/// State of the writer, for health.
#[derive(Debug, Clone, Default)]
pub struct WriterHealth {
    /// Since the last synced write that succeeded (suspend counts); `None` before the first.
    pub last_write_age: Option<Duration>,
    /// The last write failed with this line.
    pub last_error: Option<String>,
    /// Jobs waiting or being written.
    pub queued: usize,
    /// The reserve for a full disk is there.
    pub reserve_held: bool,
}
