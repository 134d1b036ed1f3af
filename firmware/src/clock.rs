//! The one module that reads clocks.
//!
//! Decisions take their time as an argument. Three times are told apart:
//!
//! - *since boot* (`CLOCK_BOOTTIME`: counts suspend, never steps) drives every timer of the supervisor;
//! - *box time* is the same on real boards and runs faster on the simulated sunny day; it drives the power machine;
//! - *wall time* is for people and records alone. It is trusted only where a battery-backed clock gave it.

use jiff::Timestamp;
use nix::time::{ClockId, clock_gettime};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// No real wall time lies before the year this firmware was made in (2026-01-01): an earlier one is a dead clock's.
const EARLIEST_PLAUSIBLE_UNIX_S: u64 = 1_767_225_600;
/// Nor does one lie beyond what the clock chips can count (their century ends with 2099-12-31): that is a garbled register.
const END_OF_PLAUSIBLE_UNIX_S: u64 = 4_102_444_800;

/// The clocks of one running box.
#[derive(Debug, Clone)]
pub struct Clock {
    started: Duration,
    scale: u32,
    wall: Wall,
}

#[derive(Debug, Clone, Copy)]
enum Wall {
    /// Unix time at start, from the board's own clock.
    Board { at_start: Duration },
    /// No clock on the board is to be believed; the system's is used for time stamps, trusted by nobody.
    System,
}

impl Clock {
    /// `rtc` is what the board's clock says (Unix seconds), `scale` the box seconds in a real second.
    #[must_use]
    pub fn start(scale: u32, rtc: Option<u64>) -> Self {
        let wall = match rtc {
            Some(unix_s)
                if (EARLIEST_PLAUSIBLE_UNIX_S..END_OF_PLAUSIBLE_UNIX_S).contains(&unix_s) =>
            {
                Wall::Board {
                    at_start: Duration::from_secs(unix_s),
                }
            }
            Some(_) | None => Wall::System,
        };
        Self {
            started: boot_time(),
            scale: scale.max(1),
            wall,
        }
    }

    /// A clock at real speed for a verb that runs without a box.
    #[must_use]
    pub fn of_the_desk() -> Self {
        Self::start(1, None)
    }

    /// Real time since the machine booted.
    #[must_use]
    pub fn since_boot(&self) -> Duration {
        boot_time()
    }

    /// Real time since this clock was started.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        boot_time().saturating_sub(self.started)
    }

    /// Time since boot as the box lives it: faster than real on the simulated sunny day.
    #[must_use]
    pub fn box_time(&self) -> Duration {
        self.started + self.uptime() * self.scale
    }

    /// How long `box_time` takes in real time.
    #[must_use]
    pub fn real(&self, box_time: Duration) -> Duration {
        box_time / self.scale
    }

    /// Wall time for stamping records, the best there is.
    #[must_use]
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the module that reads clocks"
    )]
    pub fn wall(&self) -> Timestamp {
        let unix = match self.wall {
            Wall::Board { at_start } => at_start + self.uptime() * self.scale,
            Wall::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
        };
        let nanos = i32::try_from(unix.subsec_nanos()).unwrap_or(0);
        let seconds = i64::try_from(unix.as_secs()).unwrap_or(i64::MAX);
        Timestamp::new(seconds, nanos).unwrap_or(Timestamp::MAX)
    }

    /// Wall time fit to be shown to people; `None` while no source of it is trusted.
    #[must_use]
    pub fn wall_trusted(&self) -> Option<Timestamp> {
        match self.wall {
            Wall::Board { .. } => Some(self.wall()),
            Wall::System => None,
        }
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "this is the module that reads clocks"
)]
fn boot_time() -> Duration {
    clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(Duration::ZERO, Duration::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_or_garbled_clock_is_not_trusted() {
        for rtc in [
            None,
            Some(0),
            Some(1_000_000_000),
            Some(EARLIEST_PLAUSIBLE_UNIX_S - 1),
            Some(END_OF_PLAUSIBLE_UNIX_S),
            Some(u64::MAX),
        ] {
            assert_eq!(Clock::start(1, rtc).wall_trusted(), None, "{rtc:?}");
        }
        for rtc in [EARLIEST_PLAUSIBLE_UNIX_S, END_OF_PLAUSIBLE_UNIX_S - 1] {
            assert!(Clock::start(60, Some(rtc)).wall_trusted().is_some());
        }
    }

    #[test]
    fn box_time_runs_at_its_scale_and_real_time_undoes_it() {
        let clock = Clock::start(60, Some(EARLIEST_PLAUSIBLE_UNIX_S));
        assert_eq!(
            clock.real(Duration::from_secs(3600)),
            Duration::from_secs(60)
        );
        let before = clock.uptime();
        let lived = clock.box_time() - clock.started;
        let after = clock.uptime();
        assert!(lived >= before * 60 && lived <= after * 60);
    }
}
