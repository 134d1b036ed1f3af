//! What drives a source's connections: a runtime without threads of its own, run only while a call waits.

use super::Stop;
use std::future::{Future, pending};
use std::io;
use std::time::Duration;
use tokio::runtime::{self, Runtime};
use tokio::time::timeout;

/// Why a wait ended without what was waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The word to stop.
    Stopped,
    /// The time was up.
    TimedOut,
}

/// The runtime, and the word to stop.
#[derive(Debug)]
pub(super) struct Engine {
    runtime: Option<Runtime>,
    stop: Stop,
}

impl Engine {
    /// Its one thread beside the caller's looks names up: the C library's resolver cannot be told to stop, and gives up by itself.
    pub(super) fn start(stop: Stop) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread()
            .max_blocking_threads(1)
            .thread_name("sources-names")
            .enable_io()
            .enable_time()
            .build()?;
        Ok(Self {
            runtime: Some(runtime),
            stop,
        })
    }

    /// Waits for `work`, at most this long. The word to stop comes first: after it nothing is begun any more.
    pub(super) fn run<T>(
        &self,
        within: Duration,
        work: impl Future<Output = T>,
    ) -> Result<T, Ended> {
        let Some(runtime) = &self.runtime else {
            return Err(Ended::Stopped);
        };
        runtime.block_on(async {
            tokio::select! {
                biased;
                () = self.stop.asked() => Err(Ended::Stopped),
                done = timeout(within, work) => done.map_err(|_| Ended::TimedOut),
            }
        })
    }

    /// Waits.
    pub(super) fn pause(&self, time: Duration) -> Result<(), Ended> {
        match self.run(time, pending::<()>()) {
            Ok(()) | Err(Ended::TimedOut) => Ok(()),
            Err(Ended::Stopped) => Err(Ended::Stopped),
        }
    }
}

/// Nothing is waited for: connections are closed with the runtime, and a thread that looks a name up ends when it has.
impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
