//! The end of the process has a deadline of its own, kept by an ordinary thread: whatever hangs in the stop (a driver's call, a disk, a runtime whose
//! threads are all blocked), the process ends, and says what did not.
//!
//! ```text
//!   TERM, or a wish of a service ─► begin ─► at: hearing, a service, … ─► over          nothing is said
//!                                     └───────────── STOP_WITHIN ──────► overdue: the step, and the threads that are left
//! ```

use super::Stop;
use crate::services::ServiceName;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// From the wish to the end. Services have their own deadlines within it; the unit's `TimeoutStopSec` is longer.
pub const STOP_WITHIN: Duration = Duration::from_secs(25);
/// Where the kernel shows the threads of this process.
const THREADS: &str = "/proc/self/task";
/// Where a disk or a driver holds it.
const IN_THE_KERNEL: &str = "in the kernel";
/// Threads that are named at most.
const MOST_THREADS: usize = 40;

/// How far a stop is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Step {
    /// The supervisor has not taken the wish up yet: the runtime stands still, or the box is just being opened.
    #[default]
    Hearing,
    /// This service ends.
    Service(ServiceName),
    /// What the services held is let go: radios, drivers.
    Parts,
    /// Library and records are closed.
    Stores,
    /// What the machine does next, and why the box ended, is left for others.
    LastWords,
    /// What waits to be kept of the events is written.
    Events,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hearing => f.write_str("supervisor"),
            Self::Service(name) => write!(f, "service {name}"),
            Self::Parts => f.write_str("parts of the board"),
            Self::Stores => f.write_str("library and records"),
            Self::LastWords => f.write_str("last words"),
            Self::Events => f.write_str("events"),
        }
    }
}

/// A stop that did not end in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// What was wished.
    pub stop: Stop,
    /// How far it came.
    pub at: Step,
    /// The threads that are left, those in the kernel's hands first: name, state, where in the kernel they wait if it says so, how many of a kind.
    pub threads: String,
}

/// The notebook of the stop: written by whoever stops, read by the watch. A clone is the same notebook.
#[derive(Debug, Clone, Default)]
pub struct Ending(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    notes: Mutex<Notes>,
    stirred: Condvar,
}

#[derive(Debug, Default)]
struct Notes {
    wish: Option<Stop>,
    at: Step,
    over: bool,
}

impl Ending {
    /// The box is to stop: from now on its time runs. A graver wish replaces an earlier one and gives no more time.
    pub fn begin(&self, stop: Stop) {
        let mut notes = self.notes();
        notes.wish = notes.wish.max(Some(stop));
        self.0.stirred.notify_all();
    }

    /// The stop is here now.
    pub fn at(&self, step: Step) {
        self.notes().at = step;
    }

    /// Starts the watch. `overdue` is called on its thread where a stop that has begun is not over `within` that time; the watch ends when what is
    /// returned is dropped.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn watch(
        &self,
        within: Duration,
        overdue: impl FnOnce(Overdue) + Send + 'static,
    ) -> io::Result<Watch> {
        let ending = self.clone();
        std::thread::Builder::new()
            .name("ending".to_owned())
            .spawn(move || {
                if let Some((stop, at)) = ending.waited_in_vain(within) {
                    let threads = threads(Path::new(THREADS));
                    overdue(Overdue { stop, at, threads });
                }
            })?;
        Ok(Watch(self.clone()))
    }

    fn waited_in_vain(&self, within: Duration) -> Option<(Stop, Step)> {
        let stirred = &self.0.stirred;
        let idle = |notes: &mut Notes| notes.wish.is_none() && !notes.over;
        let notes = stirred.wait_while(self.notes(), idle);
        let notes = notes.unwrap_or_else(PoisonError::into_inner);
        let ended = stirred.wait_timeout_while(notes, within, |notes| !notes.over);
        let (notes, _) = ended.unwrap_or_else(PoisonError::into_inner);
        notes
            .wish
            .filter(|_| !notes.over)
            .map(|stop| (stop, notes.at))
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A watch that goes on until it is dropped.
#[derive(Debug)]
pub struct Watch(Ending);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.notes().over = true;
        self.0.0.stirred.notify_all();
    }
}

/// The threads in `folder`, those of one name and state together: `update in the kernel, web sleeps futex_do_wait x2`.
fn threads(folder: &Path) -> String {
    let mut kinds = BTreeMap::<(bool, String), usize>::new();
    for thread in fs::read_dir(folder).into_iter().flatten().flatten() {
        let kind = kind_of(&thread.path());
        *kinds
            .entry((!kind.contains(IN_THE_KERNEL), kind))
            .or_default() += 1;
    }
    let told = kinds.into_iter().take(MOST_THREADS);
    let told = told.map(|((_, kind), count)| match count {
        1 => kind,
        more => format!("{kind} x{more}"),
    });
    told.collect::<Vec<_>>().join(", ")
}

fn kind_of(thread: &Path) -> String {
    let text = |name: &str| fs::read_to_string(thread.join(name)).unwrap_or_default();
    let stat = text("stat");
    // `NUMBER (NAME) STATE …`: a name may have brackets.
    let state = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let state = match state.trim_start().chars().next() {
        Some('R') => "runs",
        Some('S' | 'I') => "sleeps",
        // Neither a signal nor the end of the process reaches it there.
        Some('D') => IN_THE_KERNEL,
        Some('T' | 't') => "is stopped",
        Some(_) | None => "is gone",
    };
    let (name, waits) = (text("comm"), text("wchan"));
    let waits = waits.trim().trim_matches('0');
    format!("{} {state} {waits}", name.trim()).trim().to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, channel};

    const SOON: Duration = Duration::from_millis(50);
    const PATIENCE: Duration = Duration::from_secs(20);

    fn watched(within: Duration) -> (Ending, Watch, Receiver<Overdue>) {
        let ending = Ending::default();
        let (tell, told) = channel();
        let watch = ending.watch(within, move |overdue| tell.send(overdue).unwrap());
        (ending, watch.unwrap(), told)
    }

    #[test]
    fn a_stop_that_does_not_end_is_told_with_its_step_and_its_threads() {
        let (ending, _watch, told) = watched(SOON);
        ending.begin(Stop::Process);
        ending.at(Step::Service(ServiceName::Web));
        ending.begin(Stop::PowerOff);
        ending.begin(Stop::Restart);
        ending.at(Step::Parts);
        let overdue = told.recv_timeout(PATIENCE).unwrap();
        assert_eq!((overdue.stop, overdue.at), (Stop::PowerOff, Step::Parts));
        assert!(
            overdue.threads.contains("ending runs"),
            "{}",
            overdue.threads
        );
    }

    /// The controls: one that ends in time is not told, nor a box that goes on.
    #[test]
    fn a_stop_that_ends_and_a_box_that_lives_are_not_told() {
        let (ending, watch, told) = watched(PATIENCE);
        ending.begin(Stop::Process);
        drop(watch);
        // The thread has gone with what it would have told.
        assert!(
            told.recv_timeout(PATIENCE)
                .is_err_and(|error| error == std::sync::mpsc::RecvTimeoutError::Disconnected)
        );
        let (_ending, _watch, told) = watched(Duration::ZERO);
        assert!(told.recv_timeout(SOON * 4).is_err());
    }

    #[test]
    fn threads_are_told_by_kind() {
        let folder = tempfile::tempdir().unwrap();
        for (number, name, state, waits) in [
            ("7", "web", "S", "futex_do_wait"),
            ("8", "web", "S", "futex_do_wait"),
            ("9", "up) D (date", "D", "0"),
        ] {
            let thread = folder.path().join(number);
            fs::create_dir(&thread).unwrap();
            fs::write(thread.join("comm"), format!("{name}\n")).unwrap();
            fs::write(thread.join("wchan"), waits).unwrap();
            fs::write(
                thread.join("stat"),
                format!("{number} ({name}) {state} 1 1"),
            )
            .unwrap();
        }
        // One that has just ended.
        fs::create_dir(folder.path().join("10")).unwrap();
        assert_eq!(
            threads(folder.path()),
            "up) D (date in the kernel, is gone, web sleeps futex_do_wait x2"
        );
    }

    /// Whoever started the box must not lose patience first.
    #[test]
    fn the_unit_waits_longer() {
        let unit = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../yocto-layer/recipes-core/school-box/files/school-box.service"
        );
        let unit = fs::read_to_string(unit).unwrap();
        let told = unit
            .lines()
            .find_map(|line| line.strip_prefix("TimeoutStopSec="));
        let seconds: u64 = told.unwrap().trim_end_matches('s').parse().unwrap();
        assert!(STOP_WITHIN + Duration::from_secs(4) < Duration::from_secs(seconds));
    }
}
