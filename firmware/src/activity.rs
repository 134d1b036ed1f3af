//! Whether learners are at work: when lessons or records were last asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Written by the web, read by the button table. Nothing is kept of who asked for what.
#[derive(Debug, Clone, Default)]
pub struct Activity {
    /// Milliseconds since boot; 0: never.
    last: Arc<AtomicU64>,
}

impl Activity {
    /// Somebody asked for a lesson, a page of the portal or the records at `now` (since boot).
    pub fn mark(&self, now: Duration) {
        self.last.store(
            u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
    }

    /// Whether anybody did within `span` before `now`.
    #[must_use]
    pub fn within(&self, span: Duration, now: Duration) -> bool {
        let last = self.last.load(Ordering::Relaxed);
        last != 0 && now.saturating_sub(Duration::from_millis(last)) < span
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_at_work_before_the_first_request_and_long_after_the_last() {
        let (activity, ten) = (Activity::default(), Duration::from_secs(600));
        assert!(!activity.within(ten, Duration::from_secs(5)));
        activity.mark(Duration::from_secs(100));
        assert!(activity.within(ten, Duration::from_secs(699)));
        assert!(!activity.within(ten, Duration::from_secs(700)));
    }
}
