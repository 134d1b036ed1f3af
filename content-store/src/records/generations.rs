//! The records across an update and the way back: programs before and after this one on the same database.

use super::fatal::Fatal;
use super::job::Work;
use super::moment::StoredClock;
use super::queue::{Face, Shared, State};
use super::readers::Readers;
use super::veil::Veil;
use super::{Inner, Records, RecordsError, schema};
use crate::schema::Schema;
use jiff::Timestamp;
use std::path::Path;
use std::sync::{Arc, Mutex, RwLock};
use uuid::Uuid;

impl Records {
    /// What [`open`](Self::open) knows of the tables.
    #[must_use]
    pub const fn schema() -> Schema {
        schema::SCHEMA
    }

    /// Records that a newer program left in a shape this one cannot write ([`RecordsError::TooNew`] at the opening): every call
    /// is refused with those words, nothing on the disk is touched, and the lessons go on.
    #[must_use]
    pub fn shut(data: &Path, found: i64) -> Self {
        let folder = data.join("records");
        let known = schema::SCHEMA.format();
        let reason = RecordsError::TooNew { found, known }.to_string();
        let shared = Shared {
            fatal: Fatal::default(),
            clock: Mutex::new(StoredClock::new(0)),
            state: Mutex::new(State {
                last_error: Some(reason),
                ..State::default()
            }),
            readers: Readers::new(&folder),
            face: Mutex::new(Face {
                veil: Veil::NONE,
                store_id: Uuid::nil(),
            }),
            folder,
            shut: Some((found, known)),
        };
        Self(Arc::new(Inner {
            shared: Arc::new(shared),
            queue: Mutex::default(),
            thread: Mutex::default(),
            tally: Mutex::default(),
            known: RwLock::default(),
            cutting: Mutex::default(),
            format: known,
        }))
    }

    /// Why nothing is taken or given, if the records are [`shut`](Self::shut).
    #[must_use]
    pub fn is_shut(&self) -> Option<RecordsError> {
        self.0.shared.refusal()
    }

    /// No system slot holds an older program any more (the spare one was retired under a system that is confirmed): what only
    /// such a program needed is taken away at the next opening. Blocks; writes only where that is news.
    ///
    /// # Errors
    /// As [`store`](Self::store).
    pub fn older_programs_are_gone(&self, now: Timestamp) -> Result<(), RecordsError> {
        let format = self.0.format;
        self.wait(|reply| self.enqueue(now, Work::OlderAreGone { format, reply }))
    }
}
