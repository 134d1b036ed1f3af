//! The services: each a private task that owns its state, and a public handle of channels.

pub mod access_point;
pub mod control;
pub mod diagnostics;
pub mod nightly;
pub mod power;
pub mod store;
pub mod update;
pub mod web;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

/// The services of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServiceName {
    /// Battery gauge and power states.
    Power,
    /// The radios.
    AccessPoint,
    /// Light panel, button, technician's line.
    Diagnostics,
    /// Watches over the library and the records.
    Store,
    /// The socket for the verbs.
    Control,
    /// The system slots.
    Update,
    /// HTTP.
    Web,
    /// The look at the whole box at a quiet hour.
    Nightly,
}

impl ServiceName {
    /// As in events and in a simulated board's `faults`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Power => "power",
            Self::AccessPoint => "access_point",
            Self::Diagnostics => "diagnostics",
            Self::Store => "store",
            Self::Control => "control",
            Self::Update => "update",
            Self::Web => "web",
            Self::Nightly => "nightly",
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

    /// The part, unless somebody still drives it.
    #[must_use]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, Box<T>>> {
        match self.0.try_lock() {
            Ok(part) => Some(part),
            Err(TryLockError::Poisoned(fallen)) => Some(fallen.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl<T: ?Sized> Clone for Part<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "the fall under test")]
    use super::*;

    #[test]
    fn a_part_outlives_a_driver_that_fell_over() {
        let part = Part::new(Box::new(7));
        let driver = part.clone();
        let fell = std::thread::spawn(move || {
            let _held = driver.lock();
            panic!("as the test wants it");
        })
        .join();
        assert!(fell.is_err());
        assert_eq!(part.try_lock().map(|part| **part), Some(7));
        let held = part.lock();
        assert!(part.try_lock().is_none(), "nobody waits for a held part");
        drop(held);
    }
}
