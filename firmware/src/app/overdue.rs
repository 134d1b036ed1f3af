//! What is done with a stop that does not end: it is said, and the process ends all the same, as in a power cut. What was answered is on the disk.

use super::end::leave_word;
use crate::clock::Clock;
use crate::events::Keeper;
use crate::supervisor::Ended;
use crate::supervisor::ending::Overdue;
use crate::supervisor::lives::Lives;
use crate::supervisor::next::Next;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// A disk or a log that takes no words has no more time than this.
const WORDS_TAKE_AT_MOST: Duration = Duration::from_secs(3);
/// As for any end that is none of its own will.
const FAILED: i32 = 1;
/// As for a restart of the machine: whoever started the box does not start it again, but carries out what is left for them.
const SEE_WHAT_IS_NEXT: i32 = 3;

/// With what it is said.
pub(super) struct LastResort {
    pub(super) data: PathBuf,
    pub(super) runtime_folder: Option<PathBuf>,
    pub(super) keeper: Arc<Keeper>,
}

impl LastResort {
    /// Ends the process.
    #[expect(
        clippy::disallowed_methods,
        reason = "main hangs, so it returns no exit code, and no drop runs"
    )]
    pub(super) fn end(self, overdue: Overdue) {
        let next = Next::after(&Ended::Cleanly(overdue.stop), None);
        let code = match &self.runtime_folder {
            Some(_) if next.is_some() => SEE_WHAT_IS_NEXT,
            Some(_) | None => FAILED,
        };
        let (said, wait) = mpsc::sync_channel(1);
        let saying = std::thread::Builder::new()
            .name("overdue".to_owned())
            .spawn(move || {
                self.leave(next);
                self.say(&overdue);
                let _ = said.send(());
            });
        if saying.is_ok() {
            let _ = wait.recv_timeout(WORDS_TAKE_AT_MOST);
        }
        std::process::exit(code);
    }

    /// Before anything is said: the log may hang where the stop does, and an empty battery may not wait for it.
    fn leave(&self, next: Option<Next>) {
        let word = self.runtime_folder.as_deref();
        if let Some(Err(error)) = word.map(|folder| leave_word(next, folder)) {
            tracing::error!(problem = format!("{error:#}"), "stop.no_word_left");
        }
    }

    fn say(&self, overdue: &Overdue) {
        let part = overdue.at.to_string();
        tracing::error!(part, threads = overdue.threads, "stop.overdue");
        let why = format!("it did not end in time ({part})");
        self.keeper.stop("overdue");
        let _ = Lives::end(&self.data, &why, Clock::of_the_desk().since_boot());
    }
}
