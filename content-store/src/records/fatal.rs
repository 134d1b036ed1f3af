//! The latch that says the records are dead. It is set once and never released: a failed sync may have lost the data
//! already, and only a process that opens the database anew knows what the disk holds.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Called with the reason, once.
pub type OnFatal = Box<dyn FnOnce(&str) + Send>;

#[derive(Default)]
pub(super) struct Fatal(Mutex<State>);

#[derive(Default)]
struct State {
    reason: Option<String>,
    listeners: Vec<OnFatal>,
}

impl Fatal {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn reason(&self) -> Option<String> {
        self.lock().reason.clone()
    }

    /// Sets the latch and tells who listens. The first reason stays.
    pub(super) fn raise(&self, reason: &str) {
        let listeners = {
            let mut state = self.lock();
            if state.reason.is_some() {
                return;
            }
            state.reason = Some(reason.to_owned());
            std::mem::take(&mut state.listeners)
        };
        tracing::error!(reason, "records.writer_died");
        for listener in listeners {
            listener(reason);
        }
    }

    /// Calls `listener` when the latch is set: at once if it is.
    pub(super) fn listen(&self, listener: OnFatal) {
        let mut state = self.lock();
        match state.reason.clone() {
            None => state.listeners.push(listener),
            Some(reason) => {
                drop(state);
                listener(&reason);
            }
        }
    }
}
