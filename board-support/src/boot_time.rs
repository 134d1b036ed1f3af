//! The one place of this crate that reads a clock: the simulated day has to pass, and what a device said grows old.

use nix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// Counts suspend: a laptop that slept finds the simulated day further on. A kernel without that clock has a day that stands still.
#[allow(
    clippy::disallowed_methods,
    reason = "the one place that reads a clock"
)]
pub(crate) fn since_boot() -> Duration {
    clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(Duration::ZERO, Duration::from)
}
