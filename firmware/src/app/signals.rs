//! The signals that end the box.

use crate::supervisor::ending::Ending;
use crate::supervisor::{Stop, StopRequester};
use anyhow::Context as _;
use std::io;
use std::sync::mpsc;
use tokio::runtime::{self, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// TERM and INT, heard from before the data is opened, on a thread and a runtime of their own: a box whose threads are all blocked must hear them too.
pub(super) struct Signals(watch::Receiver<bool>);

struct Both {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// They are heard when it returns. The first begins the stop in `ending`, and says it all: the stop has its deadlines, a second one changes nothing.
    pub(super) fn listen(ending: Ending) -> anyhow::Result<Self> {
        let (tell, heard) = watch::channel(false);
        let (ready, begun) = mpsc::sync_channel(1);
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                let (runtime, mut both) = match Both::listen() {
                    Ok(listening) => listening,
                    Err(error) => return drop(ready.send(Err(error))),
                };
                let _ = ready.send(Ok(()));
                runtime.block_on(both.next());
                ending.begin(Stop::Process);
                let _ = tell.send(true);
            })?;
        begun
            .recv()
            .context("the thread that hears signals has ended")??;
        Ok(Self(heard))
    }

    pub(super) async fn next(&mut self) {
        if self.0.wait_for(|heard| *heard).await.is_err() {
            // Without the thread no signal is heard any more.
            std::future::pending().await
        }
    }

    pub(super) async fn pass_on(mut self, stop: StopRequester) {
        self.next().await;
        stop.ask(Stop::Process);
    }
}

impl Both {
    fn listen() -> io::Result<(Runtime, Self)> {
        let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
        let inside = runtime.enter();
        let both = Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        };
        drop(inside);
        Ok((runtime, both))
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
