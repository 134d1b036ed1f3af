//! Waiting for a condition, with a deadline that a loaded machine keeps.

use std::time::{Duration, Instant};

/// How long a test waits for what should take a moment. Generous: it is met at once on a quiet machine, and a loaded
/// one must not fail a test.
pub const DEADLINE: Duration = Duration::from_secs(60);

const PAUSE: Duration = Duration::from_millis(20);

/// Polls until `probe` answers something, and hands it back.
///
/// # Panics
/// When `deadline` passes, naming `what` was waited for.
pub fn wait_for<T>(what: &str, deadline: Duration, mut probe: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + deadline;
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(
            Instant::now() < end,
            "waited {} s in vain for {what}",
            deadline.as_secs()
        );
        std::thread::sleep(PAUSE);
    }
}

/// Polls until `condition` holds.
///
/// # Panics
/// When [`DEADLINE`] passes, naming `what` was waited for.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    wait_for(what, DEADLINE, || condition().then_some(()));
}
