//! The services: each a private task that owns its state, and a public handle of channels.

pub mod control;
pub mod diagnostics;
pub mod power;
pub mod store;
pub mod web;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The services of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServiceName {
    /// Battery gauge and power states.
    Power,
    /// Light panel, button, technician's line.
    Diagnostics,
    /// Watches over the library and the records.
    Store,
    /// The socket for the verbs.
    Control,
    /// HTTP.
    Web,
}

impl ServiceName {
    /// As in events and in a simulated board's `faults`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Power => "power",
            Self::Diagnostics => "diagnostics",
            Self::Store => "store",
            Self::Control => "control",
            Self::Web => "web",
        }
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A part of the board that outlives the service that drives it: handed from one life of it to the next.
///
/// Only one life runs at a time, so nobody waits for the lock but after a hang; a part whose driver panicked is
/// taken as it is, for a register is no invariant.
pub struct Part<T: ?Sized>(Arc<Mutex<Box<T>>>);

impl<T: ?Sized> Part<T> {
    /// Takes the part from the board.
    #[must_use]
    pub fn new(part: Box<T>) -> Self {
        Self(Arc::new(Mutex::new(part)))
    }

    /// The part, for a moment.
    pub fn lock(&self) -> MutexGuard<'_, Box<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: ?Sized> Clone for Part<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
