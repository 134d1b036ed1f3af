//! The one writer: a thread, a bounded queue, and group commit.
//!
//! ```text
//! submit ─try_send─► queue ─► take one, drain more ─► one transaction, a savepoint per job ─► COMMIT (synced)
//!    └ full: Busy                                                                     └► then every reply
//! ```
//!
//! A job that conflicts is rolled back alone. A full disk gives up the reserve, then empties the WAL, and tries again. A failing disk
//! ends the thread and raises [`Fatal`](super::fatal::Fatal).

use super::job::{Job, Work};
use super::moment;
use super::queue::{Shared, lock};
use super::reserve::Reserve;
use super::schema::Opening;
use super::store::{self, Trouble};
use super::veil::Veil;
use super::{RecordsError, boot_clock, bundles, quarantine, sweep};
use crate::sqlite;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use uuid::Uuid;

/// Jobs in one commit.
const GROUP_JOBS: usize = 128;
/// WAL frames (a kilobyte each) after which a checkpoint is made, after which it waits for readers, and after which it
/// is made while the disk is full. A longer WAL lets more commits share a page of the checkpoint, and costs its length.
const CHECKPOINT_FRAMES: i64 = 4_000;
const TRUNCATE_FRAMES: i64 = 32_000;
const SCARCE_FRAMES: i64 = 400;

/// Raises the latch if the thread ends by a panic.
struct Watch(Arc<Shared>);

impl Drop for Watch {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fatal.raise("the writer's thread panicked");
        }
    }
}

/// What the disk said to a whole group.
enum Verdict {
    Full,
    Fatal,
    Refused,
}

fn verdict(error: &rusqlite::Error) -> Verdict {
    // The index of the WAL grows by a write of its own, whose lack of room SQLite reports apart.
    let no_room_for_index = error
        .sqlite_error()
        .is_some_and(|code| code.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE);
    if sqlite::is_full(error) || no_room_for_index {
        return Verdict::Full;
    }
    let broken = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen)
    );
    if broken || sqlite::is_corrupt(error) {
        Verdict::Fatal
    } else {
        Verdict::Refused
    }
}

/// The answer to one job of a committed group.
type Outcome = Result<Vec<Uuid>, RecordsError>;

pub(super) struct Writer {
    pub(super) db: Connection,
    pub(super) veil: Veil,
    pub(super) opening: Opening,
    pub(super) shared: Arc<Shared>,
    pub(super) reserve: Reserve,
}

impl Writer {
    /// Runs until every sender is gone or the disk failed.
    pub(super) fn run(mut self, queue: &Receiver<Job>) {
        let _watch = Watch(Arc::clone(&self.shared));
        while let Ok(first) = queue.recv() {
            let mut group = vec![first];
            group.extend(queue.try_iter().take(GROUP_JOBS - 1));
            self.work_off(group);
            if self.shared.fatal.reason().is_none() {
                self.tidy();
            }
            // Nothing is tried on a disk that failed, be it in a commit or in a checkpoint.
            if let Some(reason) = self.shared.fatal.reason() {
                for job in queue.try_iter() {
                    self.shared.left_queue(job.work.bytes());
                    let reason = reason.clone();
                    job.work.refuse(RecordsError::WriterDied { reason });
                }
                return;
            }
        }
        self.checkpoint("TRUNCATE");
    }

    /// Forgetting everyone stands between two commits: it is no row of a table.
    fn work_off(&mut self, mut group: Vec<Job>) {
        let forgets = |job: &Job| matches!(job.work, Work::Forget { .. });
        while let Some(at) = group.iter().position(forgets) {
            let rest = group.split_off(at + 1);
            let job = group.pop();
            self.commit(group);
            if let Some(job) = job {
                self.forget(job);
            }
            group = rest;
        }
        self.commit(group);
    }

    fn forget(&mut self, job: Job) {
        self.shared.left_queue(job.work.bytes());
        if let Some(reason) = self.shared.fatal.reason() {
            return job.work.refuse(RecordsError::WriterDied { reason });
        }
        let (only_received, traces) = match &job.work {
            Work::Forget {
                only_received,
                traces,
                ..
            } => (*only_received, traces.as_slice()),
            Work::Statements { .. }
            | Work::Credential { .. }
            | Work::Probe { .. }
            | Work::Bundle { .. }
            | Work::OlderAreGone { .. } => return,
        };
        let done = sweep::everyone(self, only_received, traces);
        // Statements that wait for their receipts are no fault of the disk.
        if !matches!(done, Err(RecordsError::NotReceived { .. })) {
            self.note(done.as_ref().err().map(ToString::to_string));
        }
        answer(job.work, done.map(|()| Vec::new()));
    }

    fn commit(&mut self, group: Vec<Job>) {
        if group.is_empty() {
            return;
        }
        if let Some(reason) = self.shared.fatal.reason() {
            for job in group {
                self.shared.left_queue(job.work.bytes());
                let reason = reason.clone();
                job.work.refuse(RecordsError::WriterDied { reason });
            }
            return;
        }
        let mut result = self.attempt(&group);
        let remedies: [fn(&mut Self) -> bool; 2] = [|w| w.reserve.give_up(), Self::shrink_wal];
        for remedy in remedies {
            let full = |error: &rusqlite::Error| matches!(verdict(error), Verdict::Full);
            if result.as_ref().is_err_and(full) && remedy(self) {
                result = self.attempt(&group);
            }
        }
        lock(&self.shared.state).reserve_held = self.reserve.is_held();
        for job in &group {
            self.shared.left_queue(job.work.bytes());
        }
        match result {
            Ok(outcomes) => {
                self.note(None);
                for (job, outcome) in group.into_iter().zip(outcomes) {
                    answer(job.work, outcome);
                }
            }
            Err(error) => self.fail(group, &error),
        }
    }

    /// One transaction over the whole group.
    fn attempt(&mut self, group: &[Job]) -> rusqlite::Result<Vec<Outcome>> {
        let base = lock(&self.shared.clock).begin();
        let result = write_group(&mut self.db, &self.veil, group, base);
        let last = result.as_ref().ok().map(|(_, last)| *last);
        lock(&self.shared.clock).end(last);
        result.map(|(outcomes, _)| outcomes)
    }

    fn note(&self, error: Option<String>) {
        let mut state = lock(&self.shared.state);
        if error.is_none() {
            state.last_write = Some(boot_clock::since_boot());
        }
        state.last_error = error;
    }

    fn fail(&self, group: Vec<Job>, error: &rusqlite::Error) {
        let reason = error.to_string();
        let kind = verdict(error);
        self.note(Some(reason.clone()));
        if matches!(kind, Verdict::Fatal) {
            self.die(error);
        }
        for job in group {
            let reason = reason.clone();
            job.work.refuse(match kind {
                Verdict::Full => RecordsError::DiskFull,
                Verdict::Fatal => RecordsError::WriterDied { reason },
                Verdict::Refused => RecordsError::Refused { reason },
            });
        }
    }

    fn die(&self, error: &rusqlite::Error) {
        if sqlite::is_corrupt(error) {
            quarantine::mark_suspect(&self.shared.folder, &error.to_string());
        }
        self.shared.fatal.raise(&error.to_string());
    }

    /// What can wait until the replies are out.
    fn tidy(&mut self) {
        // NOOP only counts the frames.
        match self.checkpoint("NOOP") {
            Some(frames) if frames >= TRUNCATE_FRAMES => self.checkpoint("TRUNCATE"),
            // On a full disk the WAL shares what the reserve left.
            Some(frames) if frames >= SCARCE_FRAMES && self.reserve.is_given_up() => {
                self.checkpoint("TRUNCATE")
            }
            Some(frames) if frames >= CHECKPOINT_FRAMES => self.checkpoint("PASSIVE"),
            other => other,
        };
        self.reserve.after_commit();
        lock(&self.shared.state).reserve_held = self.reserve.is_held();
    }

    /// Moves what the WAL holds into the database and gives its room back.
    fn shrink_wal(&mut self) -> bool {
        self.checkpoint("TRUNCATE").is_some()
    }

    /// The frames in the WAL, `None` when the checkpoint failed. Without room it is left for later: the WAL has it all.
    fn checkpoint(&mut self, mode: &str) -> Option<i64> {
        let sql = format!("PRAGMA wal_checkpoint({mode})");
        match self.db.query_row(&sql, (), |row| row.get(1)) {
            Ok(frames) => Some(frames),
            Err(error) => {
                self.note(Some(error.to_string()));
                match verdict(&error) {
                    Verdict::Full => {
                        self.reserve.give_up();
                    }
                    Verdict::Fatal => self.die(&error),
                    Verdict::Refused => {}
                }
                None
            }
        }
    }
}

fn write_group(
    db: &mut Connection,
    veil: &Veil,
    group: &[Job],
    base: i64,
) -> rusqlite::Result<(Vec<Outcome>, i64)> {
    let mut stored = base;
    let mut outcomes = Vec::with_capacity(group.len());
    let mut transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in group {
        let savepoint = transaction.savepoint()?;
        let outcome = match write_job(&savepoint, veil, job, &mut stored) {
            Ok(ids) => {
                savepoint.commit()?;
                Ok(ids)
            }
            // Dropping the savepoint takes back what this job wrote, and nothing else.
            Err(Trouble::Refused(error)) => Err(error),
            Err(Trouble::Sql(error)) if matches!(verdict(&error), Verdict::Refused) => {
                let reason = error.to_string();
                Err(RecordsError::Refused { reason })
            }
            Err(Trouble::Sql(error)) => return Err(error),
        };
        outcomes.push(outcome);
    }
    transaction.commit()?;
    Ok((outcomes, stored))
}

fn write_job(
    db: &Connection,
    veil: &Veil,
    job: &Job,
    stored: &mut i64,
) -> Result<Vec<Uuid>, Trouble> {
    let now = moment::micros(job.now);
    match &job.work {
        Work::Statements {
            batch, authority, ..
        } => store::batch(db, veil, batch, authority, now, stored),
        Work::Credential {
            username,
            name,
            hash,
            ..
        } => {
            store::credential(db, veil, (username, name), hash, now)?;
            Ok(Vec::new())
        }
        Work::Probe { .. } => {
            store::probe(db, now)?;
            Ok(Vec::new())
        }
        Work::Bundle { bundle, .. } => {
            bundles::keep(db, bundle)?;
            Ok(Vec::new())
        }
        // Taken out of the group before.
        Work::Forget { .. } => Ok(Vec::new()),
        Work::OlderAreGone { format, .. } => {
            crate::schema::older_are_gone(db, *format)?;
            Ok(Vec::new())
        }
    }
}

fn answer(work: Work, outcome: Outcome) {
    match work {
        Work::Statements { reply, .. } => reply(outcome),
        Work::Credential { reply, .. }
        | Work::Probe { reply }
        | Work::Forget { reply, .. }
        | Work::Bundle { reply, .. }
        | Work::OlderAreGone { reply, .. } => reply(outcome.map(|_| ())),
    }
}
