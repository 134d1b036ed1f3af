//! The one place of the records that reads a clock: how long the box has been up, for the age of the last write in
//! health. No decision here rests on it.

use nix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// Time since boot, suspend included; zero where the system does not say.
pub(super) fn since_boot() -> Duration {
    clock_gettime(ClockId::CLOCK_BOOTTIME)
        .map(Duration::from)
        .unwrap_or_default()
}
