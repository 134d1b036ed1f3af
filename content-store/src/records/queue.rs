//! What the handles and the writer's thread share: the queue's bounds, the latch, and what health tells.

use super::RecordsError;
use super::fatal::Fatal;
use super::job::Job;
use super::moment::StoredClock;
use super::readers::Readers;
use super::veil::Veil;
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// Jobs that may wait.
pub(super) const QUEUE_JOBS: usize = 256;
/// Bytes of statements that may wait: the bound on memory. A single larger batch is taken into an empty queue.
const QUEUE_BYTES: usize = 8 * 1024 * 1024;
/// What the handles and the thread share.
pub(super) struct Shared {
    pub(super) folder: PathBuf,
    pub(super) fatal: Fatal,
    pub(super) clock: Mutex<StoredClock>,
    pub(super) state: Mutex<State>,
    pub(super) readers: Readers,
    pub(super) face: Mutex<Face>,
    /// The format of a database that this program must not touch, and the newest that it knows.
    pub(super) shut: Option<(i64, i64)>,
}

/// What changes when everyone is forgotten.
pub(super) struct Face {
    pub(super) veil: Veil,
    pub(super) store_id: Uuid,
}

/// What health tells.
#[derive(Default)]
pub(super) struct State {
    pub(super) queued: usize,
    pub(super) queued_bytes: usize,
    /// Since boot.
    pub(super) last_write: Option<Duration>,
    pub(super) last_error: Option<String>,
    pub(super) reserve_held: bool,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The guarded values are plain numbers and texts: whole after any panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn refusal(&self) -> Option<RecordsError> {
        let (found, known) = self.shut?;
        Some(RecordsError::TooNew { found, known })
    }

    /// Puts `job` into the queue, or refuses it at once.
    pub(super) fn enqueue(&self, queue: Option<&SyncSender<Job>>, job: Job) {
        if let Some(reason) = self.fatal.reason() {
            return job.work.refuse(RecordsError::WriterDied { reason });
        }
        if let Some(refusal) = self.refusal() {
            return job.work.refuse(refusal);
        }
        let Some(queue) = queue else {
            return job.work.refuse(RecordsError::Closed);
        };
        let bytes = job.work.bytes();
        {
            let mut state = lock(&self.state);
            if state.queued > 0 && state.queued_bytes + bytes > QUEUE_BYTES {
                drop(state);
                return job.work.refuse(RecordsError::Busy);
            }
            state.queued += 1;
            state.queued_bytes += bytes;
        }
        let (job, error) = match queue.try_send(job) {
            Ok(()) => return,
            Err(TrySendError::Full(job)) => (job, RecordsError::Busy),
            Err(TrySendError::Disconnected(job)) => (job, RecordsError::Closed),
        };
        self.left_queue(bytes);
        job.work.refuse(error);
    }

    /// A job of so many bytes waits no more.
    pub(super) fn left_queue(&self, bytes: usize) {
        let mut state = lock(&self.state);
        state.queued -= 1;
        state.queued_bytes -= bytes;
    }
}
