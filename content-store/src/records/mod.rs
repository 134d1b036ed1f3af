//! The learners' records: an xAPI 1.0.3 statement store on SQLite.
//!
//! ```text
//! statement/   pure: the rules of a valid statement, when two are the same, what finds one, how it is given back
//! moment       pure: which moment a statement counts as stored at      boot_clock   time since the start
//! options      how the records are opened       error     what they fail with
//! writer       the one thread that writes: group commit, replies after the sync      job   what it is asked to do
//! queue        what the handles and that thread share
//! store        what one batch does inside a transaction
//! query        reading, page by page            readers   the connections for it
//! schema       tables, opening      quarantine   what is not sound, put aside      reserve   room kept for a full disk
//! generations  programs before and after this one on the same database                          check     a look while it is in use
//! credentials  outside tools      authority   who vouches for a statement      fatal   the latch of a dead disk
//! keys         where the key of the records lives             veil      what is sealed or keyed with it
//! sweep        forgetting everyone              bundles   what leaves the box, in numbered pieces
//! ```
//!
//! **Durability.** A reply is `Ok` only after COMMIT in WAL with `synchronous=FULL` returned. A statement's id makes a
//! repeat harmless. A failed sync is never retried: [`Records::on_fatal`] tells the process to exit and open anew. A
//! database that is not sound is put aside under `records.db.corrupt-N`, never deleted.

mod authority;
mod boot_clock;
mod bundles;
mod check;
mod credentials;
mod error;
mod fatal;
mod generations;
mod job;
mod keys;
mod moment;
mod options;
mod quarantine;
mod query;
mod queue;
mod readers;
mod reserve;
mod schema;
mod statement;
mod store;
mod sweep;
mod veil;
mod writer;

pub use authority::Authority;
pub use bundles::{Bundle, RecordsReport, Waiting};
pub use check::Checked;
pub use credentials::Credential;
pub use error::RecordsError;
pub use fatal::OnFatal;
pub use job::Reply;
pub use keys::{KEY_BYTES, KeyFound, KeyStore, RecordsKey};
pub use options::{Durability, RecordsOptions, WriterHealth};
pub use query::{AgentFilter, Cursor, Format, Found, PAGE_LIMIT, Page, Query};
pub use statement::{
    BATCH_LIMIT, STATEMENT_LIMIT, Statement, StatementError, is_iri, parse_timestamp, parse_uuid,
};
pub use sweep::remove_traces;

use crate::schema::Schema;
use credentials::Known;
use fatal::Fatal;
use jiff::Timestamp;
use job::{Job, Work};
use moment::StoredClock;
use queue::{Face, QUEUE_JOBS, Shared, State, lock};
use readers::Readers;
use reserve::Reserve;
use rusqlite::Connection;
use schema::Opening;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, RwLock, mpsc};
use std::thread::{self, JoinHandle};
use store::Tally;
use uuid::Uuid;
use veil::Veil;
use writer::Writer;

/// A cloneable handle; one writer thread, readers of their own.
///
/// Order of calls: [`open`](Self::open), [`on_fatal`](Self::on_fatal), anything, [`close`](Self::close). Everything
/// except [`submit`](Self::submit), [`probe_write`](Self::probe_write), [`check_credential`](Self::check_credential)
/// and [`health`](Self::health) blocks on the disk: call it off an async runtime.
#[derive(Clone)]
pub struct Records(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    queue: Mutex<Option<SyncSender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    tally: Mutex<Tally>,
    known: RwLock<Known>,
    /// Two who cut bundles at once would cut the same one differently, and leave what lies between in none.
    cutting: Mutex<()>,
    /// Of the tables that this program knows.
    format: i64,
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records")
            .field("folder", &self.0.shared.folder)
            .finish_non_exhaustive()
    }
}

impl Records {
    /// On a disk filled to the brim nothing can be opened: gives up the reserve for statements, if it is held, so that the library and the
    /// records can be. Call it before both, under the data's lock; `true` when it made room.
    pub fn make_room(data: &Path) -> bool {
        reserve::make_room(&data.join("records"))
    }

    /// Opens or makes `data/records`, sealed with the key that `keys` keeps. The caller holds the data's lock. A database that is not sound is put aside (see
    /// [`quarantined`](Self::quarantined)) and a new one begun.
    ///
    /// # Errors
    /// [`RecordsError`] when the folder or the database cannot be made or read, or is of a newer version.
    pub fn open(
        data: &Path,
        options: RecordsOptions,
        keys: Arc<dyn KeyStore>,
    ) -> Result<Self, RecordsError> {
        Self::open_as(data, options, keys, &schema::SCHEMA)
    }

    /// As [`open`](Self::open), for a program that knows other tables: how the suites of updates play the program before and the
    /// one after.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_as(
        data: &Path,
        options: RecordsOptions,
        keys: Arc<dyn KeyStore>,
        schema: &Schema,
    ) -> Result<Self, RecordsError> {
        let folder = data.join("records");
        schema::make_folder(&folder)?;
        // Before the database: a disk that is full at start must still take what opening writes.
        let reserve = Reserve::open(&folder, options.reserve_bytes);
        let opening = Opening {
            folder: folder.clone(),
            durability: options.durability,
            schema: *schema,
            keys,
            traces: options.traces,
            finishing: options.finishing,
        };
        let opened = schema::open(&opening)?;
        let shared = Arc::new(Shared {
            fatal: Fatal::default(),
            clock: Mutex::new(StoredClock::new(opened.last_stored)),
            state: Mutex::new(State {
                reserve_held: reserve.is_held(),
                ..State::default()
            }),
            readers: Readers::new(&folder),
            face: Mutex::new(Face {
                veil: opened.veil.clone(),
                store_id: opened.store_id,
            }),
            folder: folder.clone(),
            shut: None,
        });
        let writer = Writer {
            db: opened.connection,
            veil: opened.veil,
            opening,
            shared: Arc::clone(&shared),
            reserve,
        };
        let (queue, jobs) = sync_channel(QUEUE_JOBS);
        let thread = thread::Builder::new()
            .name("records-writer".to_owned())
            .spawn(move || writer.run(&jobs))
            .map_err(|source| RecordsError::Io {
                doing: "start the writer of",
                path: folder.clone(),
                source,
            })?;
        Ok(Self(Arc::new(Inner {
            shared,
            queue: Mutex::new(Some(queue)),
            thread: Mutex::new(Some(thread)),
            tally: Mutex::default(),
            known: RwLock::new(opened.known),
            cutting: Mutex::default(),
            format: schema.format(),
        })))
    }

    /// Stores `batch` whole or not at all. Never blocks: `reply` is called with the ids in order once the disk has
    /// them, from the writer's thread, or at once from this one when the queue is full ([`RecordsError::Busy`]), closed
    /// or dead. Statements that are stored already are left as they are; a different one under an id that is taken is
    /// a [`RecordsError::Conflict`]. `now` is the clock's, right or not: `stored` never steps back all the same.
    pub fn submit(
        &self,
        batch: Vec<Statement>,
        authority: &Authority,
        now: Timestamp,
        reply: Reply<Vec<Uuid>>,
    ) {
        self.enqueue(
            now,
            Work::Statements {
                batch,
                authority: authority.clone(),
                reply,
            },
        );
    }

    /// [`submit`](Self::submit), waiting for the reply.
    ///
    /// # Errors
    /// As the reply's.
    pub fn store(
        &self,
        batch: Vec<Statement>,
        authority: &Authority,
        now: Timestamp,
    ) -> Result<Vec<Uuid>, RecordsError> {
        self.wait(|reply| self.submit(batch, authority, now, reply))
    }

    /// The statement `id`, if it is there and not voided.
    ///
    /// # Errors
    /// [`RecordsError`] when the database cannot be read.
    pub fn statement(&self, id: Uuid, format: &Format) -> Result<Option<Found>, RecordsError> {
        self.read(|db, veil| query::one(db, veil, id, false, format))
    }

    /// The statement `id`, if it is there and voided.
    ///
    /// # Errors
    /// [`RecordsError`] when the database cannot be read.
    pub fn voided_statement(
        &self,
        id: Uuid,
        format: &Format,
    ) -> Result<Option<Found>, RecordsError> {
        self.read(|db, veil| query::one(db, veil, id, true, format))
    }

    /// One page of what `query` asks for.
    ///
    /// # Errors
    /// [`RecordsError`] when the database cannot be read.
    pub fn query(&self, query: &Query) -> Result<Page, RecordsError> {
        self.read(|db, veil| query::page(db, veil, query))
    }

    /// Every statement stored up to the answer is found by a read that begins after this call; none will be stored at
    /// or before it.
    #[must_use]
    pub fn consistent_through(&self, now: Timestamp) -> Timestamp {
        moment::timestamp(lock(&self.0.shared.clock).through(moment::micros(now)))
    }

    /// The name of this store, drawn at its beginning; everyone forgotten, it is another.
    #[must_use]
    pub fn store_id(&self) -> Uuid {
        lock(&self.0.shared.face).store_id
    }

    /// How the writer is.
    #[must_use]
    pub fn health(&self) -> WriterHealth {
        let fatal = self.fatal();
        let state = lock(&self.0.shared.state);
        WriterHealth {
            last_write_age: state
                .last_write
                .map(|at| boot_clock::since_boot().saturating_sub(at)),
            last_error: fatal.or_else(|| state.last_error.clone()),
            queued: state.queued,
            reserve_held: state.reserve_held,
        }
    }

    /// One synced write of a single row; `reply` is called from the writer thread when the disk has it.
    pub fn probe_write(
        &self,
        now: Timestamp,
        reply: Box<dyn FnOnce(Result<(), RecordsError>) + Send>,
    ) {
        self.enqueue(now, Work::Probe { reply });
    }

    /// Statements on the disk, voided ones included.
    ///
    /// # Errors
    /// [`RecordsError`] when the database cannot be read.
    pub fn count(&self) -> Result<u64, RecordsError> {
        self.read(|db, _| lock(&self.0.tally).all.count(db, i64::MAX))
    }

    /// A database that was put aside because it was not sound and still lies there: a degraded box, and somebody may
    /// get records back out of it.
    #[must_use]
    pub fn quarantined(&self) -> Option<PathBuf> {
        quarantine::quarantined(&self.0.shared.folder)
    }

    /// Why the writer died, if it did: the process must exit and open the records anew.
    #[must_use]
    pub fn fatal(&self) -> Option<String> {
        self.0.shared.fatal.reason()
    }

    /// Calls `listener` with the reason when the writer dies (at once if it has), from the thread that found out. It
    /// must only pass the word on, for example into a channel.
    pub fn on_fatal(&self, listener: OnFatal) {
        self.0.shared.fatal.listen(listener);
    }

    /// Finishes what is queued, checkpoints and closes; blocks. Later calls fail with [`RecordsError::Closed`].
    pub fn close(&self) {
        lock(&self.0.queue).take();
        self.0.shared.readers.close();
        let thread = lock(&self.0.thread).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            // The latch is raised already; there is nothing left to finish.
            tracing::error!("records.writer_panicked");
        }
    }

    fn enqueue(&self, now: Timestamp, work: Work) {
        // The handle is cloned so that a reply may call back in here.
        let queue = lock(&self.0.queue).clone();
        self.0.shared.enqueue(queue.as_ref(), Job { work, now });
    }

    fn wait<T: Send + 'static>(&self, start: impl FnOnce(Reply<T>)) -> Result<T, RecordsError> {
        let (sender, receiver) = mpsc::sync_channel(1);
        start(Box::new(move |result| {
            // Nobody waits any more only if this thread is gone.
            let _ = sender.send(result);
        }));
        // A job dropped unanswered: the writer's thread is gone.
        receiver.recv().unwrap_or_else(|_| {
            Err(RecordsError::WriterDied {
                reason: self
                    .fatal()
                    .unwrap_or_else(|| "its thread is gone".to_owned()),
            })
        })
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&Connection, &Veil) -> Result<T, RecordsError>,
    ) -> Result<T, RecordsError> {
        if let Some(refusal) = self.0.shared.refusal() {
            return Err(refusal);
        }
        let shared = &self.0.shared;
        // Under the reader's seat: everyone may be forgotten while one waits for it.
        let result = shared.readers.with(|db| {
            let veil = lock(&shared.face).veil.clone();
            read(db, &veil)
        });
        if let Err(error) = &result
            && let Some(damage) = error.damage()
        {
            quarantine::mark_suspect(&self.0.shared.folder, &damage);
            self.0.shared.fatal.raise(&damage);
        }
        result
    }
}
