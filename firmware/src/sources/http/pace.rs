//! How long is waited for what. Pure: time is an argument.

use std::time::Duration;

/// How long a web source is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For its name and its address.
    pub connect: Duration,
    /// For TLS to be set up; for the head of an answer.
    pub head: Duration,
    /// For [`Patience::least`] bytes of a body.
    pub window: Duration,
    /// Fewer bytes than these in a window are not worth a radio that is on.
    pub least: u64,
    /// For a whole file of metadata.
    pub metadata: Duration,
}

impl Patience {
    /// What every box has. A satellite's round trip is 0.6 s; the slowest mobile network that is still one gives 1 kB a second.
    pub const HOUSE: Self = Self {
        connect: Duration::from_secs(10),
        head: Duration::from_secs(20),
        window: Duration::from_secs(30),
        least: 1000,
        metadata: Duration::from_secs(300),
    };
}

/// Whether bytes come fast enough. Only what is waited for them counts: a slow disk behind them is not the source's fault.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    patience: Patience,
    waited: Duration,
    came: u64,
}

impl Pace {
    pub(super) const fn new(patience: Patience) -> Self {
        Self {
            patience,
            waited: Duration::ZERO,
            came: 0,
        }
    }

    /// How long the next bytes may take; zero when it is too slow.
    pub(super) const fn left(&self) -> Duration {
        self.patience.window.saturating_sub(self.waited)
    }

    /// So many bytes came after so long.
    pub(super) const fn came(&mut self, bytes: u64, waited: Duration) {
        self.came = self.came.saturating_add(bytes);
        self.waited = self.waited.saturating_add(waited);
        if self.came >= self.patience.least {
            *self = Self::new(self.patience);
        }
    }

    /// Bytes that came in the window.
    pub(super) const fn so_far(&self) -> u64 {
        self.came
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long a source that sends `bytes` every `every` is borne.
    fn borne(bytes: u64, every: Duration) -> Option<Duration> {
        let (mut pace, mut borne) = (Pace::new(Patience::HOUSE), Duration::ZERO);
        for _ in 0..10_000 {
            let wait = every.min(pace.left());
            borne += wait;
            if wait < every || pace.left().is_zero() {
                return Some(borne);
            }
            pace.came(bytes, wait);
        }
        None
    }

    #[test]
    fn a_thousand_bytes_in_half_a_minute_or_not_at_all() {
        let s = Duration::from_secs;
        for (bytes, every, ends) in [
            (1, s(60), Some(s(30))),
            (1, s(1), Some(s(30))),
            (33, s(1), Some(s(30))),
            (34, s(1), None),
            (1000, s(29), None),
            (1000, s(31), Some(s(30))),
            (0, s(1), Some(s(30))),
        ] {
            assert_eq!(borne(bytes, every), ends, "{bytes} bytes every {every:?}");
        }
    }

    #[test]
    fn time_that_nobody_waited_does_not_count() {
        let mut pace = Pace::new(Patience::HOUSE);
        for _ in 0..1000 {
            pace.came(1, Duration::from_millis(1));
        }
        assert_eq!(pace.left(), Patience::HOUSE.window);
    }
}
