//! What systemd is told: READY, WATCHDOG, STOPPING. Without systemd nobody listens, and nothing is said.

use sd_notify::NotifyState;
use std::time::Duration;

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "systemd.not_told");
    }
}

/// The box serves.
pub fn ready() {
    tell(NotifyState::Ready);
}

/// The box begins to stop.
pub fn stopping() {
    tell(NotifyState::Stopping);
}

/// The watchdog that systemd keeps on this process, if it does.
#[derive(Debug, Default)]
pub struct Watchdog {
    period: Option<Duration>,
    fed: Option<Duration>,
}

impl Watchdog {
    /// As `WATCHDOG_USEC` and `WATCHDOG_PID` say. It is fed four times in its time.
    #[must_use]
    pub fn from_environment() -> Self {
        Self {
            period: sd_notify::watchdog_enabled().map(|limit| limit / 4),
            fed: None,
        }
    }

    /// How often it wants to be fed; `None` without one.
    #[must_use]
    pub fn period(&self) -> Option<Duration> {
        self.period
    }

    /// Feeds it if it is time to. Call only while there is progress.
    pub fn feed(&mut self, now: Duration) {
        let Some(period) = self.period else { return };
        if self.fed.is_none_or(|fed| now >= fed + period) {
            tell(NotifyState::Watchdog);
            self.fed = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_watchdog_nothing_is_fed() {
        let mut watchdog = Watchdog::default();
        watchdog.feed(Duration::from_secs(5));
        assert_eq!((watchdog.period(), watchdog.fed), (None, None));
    }

    #[test]
    fn it_is_fed_once_in_its_period() {
        let mut watchdog = Watchdog {
            period: Some(Duration::from_secs(5)),
            fed: None,
        };
        for (now, fed) in [(10, 10), (14, 10), (15, 15), (19, 15), (40, 40)] {
            watchdog.feed(Duration::from_secs(now));
            assert_eq!(watchdog.fed, Some(Duration::from_secs(fed)));
        }
    }
}
