//! What is done with a stop that does not end: it is said, and the process ends all the same, as in a power cut. What was answered is on the disk.

use super::end::leave_word;
use crate::clock::Clock;
use crate::events::Keeper;
use crate::supervisor::ending::Overdue;
use crate::supervisor::lives::Lives;
use crate::supervisor::next::Next;
use crate::supervisor::{Ended, Stop};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// A disk or a log that takes no words has no more time than this.
const WORDS_TAKE_AT_MOST: Duration = Duration::from_secs(3);
/// As for any end that is none of its own will.
const FAILED: i32 = 1;
/// As for a restart of the machine: whoever started the box does not start it again, but carries out what is left for them. Only
/// where that is known to be left: else the box would stay as it is, and nobody would start it.
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
        std::process::exit(self.last_words(overdue));
    }

    /// The exit code, once the words are said or have had their time.
    fn last_words(self, overdue: Overdue) -> i32 {
        let clock = Clock::of_the_desk();
        let end = clock.since_boot() + WORDS_TAKE_AT_MOST;
        let (told, heard) = mpsc::sync_channel(2);
        // Without a thread nothing is left or said, and nothing is heard of it.
        let _ = std::thread::Builder::new()
            .name("overdue".to_owned())
            .spawn(move || {
                // Before anything is said: the log may hang where the stop does, and an empty battery may not wait for it.
                let left = self.leave(overdue.stop);
                let _ = told.send(matches!(left, Some(Ok(()))));
                self.say(&overdue, left.and_then(Result::err).as_ref());
                let _ = told.send(true);
            });
        let is_left = heard.recv_timeout(WORDS_TAKE_AT_MOST) == Ok(true);
        let _ = heard.recv_timeout(end.saturating_sub(clock.since_boot()));
        if is_left { SEE_WHAT_IS_NEXT } else { FAILED }
    }

    /// `None`: nothing is to be left, or there is nowhere to.
    fn leave(&self, stop: Stop) -> Option<anyhow::Result<()>> {
        let next = Next::after(&Ended::Cleanly(stop), None)?;
        let folder = self.runtime_folder.as_deref()?;
        Some(leave_word(Some(next), folder))
    }

    fn say(&self, overdue: &Overdue, not_left: Option<&anyhow::Error>) {
        if let Some(error) = not_left {
            tracing::error!(problem = format!("{error:#}"), "stop.no_word_left");
        }
        let part = overdue.at.to_string();
        tracing::error!(part, threads = overdue.threads, "stop.overdue");
        let why = format!("it did not end in time ({part})");
        self.keeper.stop("overdue");
        let _ = Lives::end(&self.data, &why, Clock::of_the_desk().since_boot());
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::events::Events;
    use crate::supervisor::ending::Step;
    use crate::supervisor::next::FILE;
    use std::fs;
    use std::path::Path;

    fn code(stop: Stop, runtime_folder: Option<&Path>) -> i32 {
        let data = tempfile::tempdir().unwrap();
        let last_resort = LastResort {
            data: data.path().to_owned(),
            runtime_folder: runtime_folder.map(Path::to_owned),
            keeper: Arc::new(Events::default().keep_in(data.path(), false)),
        };
        last_resort.last_words(Overdue {
            stop,
            at: Step::Stores,
            threads: String::new(),
        })
    }

    #[test]
    fn nobody_is_sent_to_a_word_that_was_not_left() {
        let folder = tempfile::tempdir().unwrap();
        let word = || fs::read_to_string(folder.path().join(FILE)).ok();
        let none = folder.path().join("none");
        for (stop, runtime_folder) in [
            (Stop::PowerOff, Some(none.as_path())),
            (Stop::Restart, Some(none.as_path())),
            (Stop::PowerOff, None),
            (Stop::Process, Some(folder.path())),
        ] {
            assert_eq!(code(stop, runtime_folder), FAILED, "{stop:?}");
            assert_eq!(word(), None);
        }
        // The controls.
        for (stop, left) in [(Stop::PowerOff, "poweroff\n"), (Stop::Restart, "reboot\n")] {
            assert_eq!(code(stop, Some(folder.path())), SEE_WHAT_IS_NEXT);
            assert_eq!(word().as_deref(), Some(left));
        }
    }
}
