//! A small pool of read-only connections: readers never wait for the writer, and their number bounds their memory.

use super::RecordsError;
use super::queue::lock;
use super::schema::{database_error, database_path};
use crate::sqlite;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The box has few cores and one disk; a third reader would only wait elsewhere.
const READERS: usize = 2;

#[derive(Default)]
enum Slot {
    #[default]
    Empty,
    Open(Connection),
    Closed,
}

pub(super) struct Readers {
    database: PathBuf,
    slots: [Mutex<Slot>; READERS],
    next: AtomicUsize,
}

impl Readers {
    pub(super) fn new(folder: &std::path::Path) -> Self {
        Self {
            database: database_path(folder),
            slots: std::array::from_fn(|_| Mutex::default()),
            next: AtomicUsize::new(0),
        }
    }

    /// Runs `read` on a connection of its own; blocks while all are in use.
    pub(super) fn with<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, RecordsError>,
    ) -> Result<T, RecordsError> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % READERS;
        let mut slot = lock(&self.slots[turn]);
        if matches!(*slot, Slot::Empty) {
            let connection = sqlite::open_reader(&self.database).map_err(database_error("open"))?;
            *slot = Slot::Open(connection);
        }
        match &*slot {
            Slot::Open(connection) => read(connection),
            Slot::Empty | Slot::Closed => Err(RecordsError::Closed),
        }
    }

    /// Runs `work` while no reader has the database open, and none can open it.
    pub(super) fn while_shut<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut slots = self.slots.each_ref().map(lock);
        for slot in &mut slots {
            if matches!(**slot, Slot::Open(_)) {
                **slot = Slot::Empty;
            }
        }
        work()
    }

    pub(super) fn close(&self) {
        for slot in &self.slots {
            *lock(slot) = Slot::Closed;
        }
    }
}
