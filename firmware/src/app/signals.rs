//! The signals that end the box.

use crate::supervisor::{Stop, StopRequester};
use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// TERM and INT, heard from before the data is opened.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// The first says it all, and the stop has its deadlines: a second one changes nothing.
    pub(super) async fn pass_on(mut self, stop: StopRequester) {
        self.next().await;
        stop.ask(Stop::Process);
    }
}
