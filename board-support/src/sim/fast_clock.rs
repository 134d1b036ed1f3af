//! The clock of the simulated day.

use crate::boot_time::since_boot;
use std::time::Duration;

/// Box time since the day began, faster than real time.
#[derive(Debug, Clone, Copy)]
pub(super) struct FastClock {
    began: Duration,
    scale: u32,
}

impl FastClock {
    pub(super) fn start(scale: u32) -> Self {
        Self {
            began: since_boot(),
            scale,
        }
    }

    /// Box time since [`FastClock::start`].
    pub(super) fn elapsed(self) -> Duration {
        since_boot()
            .saturating_sub(self.began)
            .saturating_mul(self.scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_forward_and_scaled() {
        let clock = FastClock {
            began: since_boot().saturating_sub(Duration::from_secs(2)),
            scale: 60,
        };
        assert!(clock.elapsed() >= Duration::from_secs(120));
        let ahead = FastClock {
            began: Duration::MAX,
            scale: 60,
        };
        assert_eq!(ahead.elapsed(), Duration::ZERO);
    }
}
