//! The pulse of a service: felt when it has done a turn of work, never by a timer beside the work.

use crate::clock::Clock;
use crate::services::ServiceName;
use board_support::faults::{Fault, FaultSwitch};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Cloned into the service; the supervisor keeps the original.
#[derive(Clone)]
pub struct Pulse {
    name: ServiceName,
    clock: Clock,
    /// Milliseconds since boot.
    last: Arc<AtomicU64>,
    faults: FaultSwitch,
}

impl Pulse {
    pub(super) fn new(name: ServiceName, clock: Clock, faults: FaultSwitch) -> Self {
        let pulse = Self {
            name,
            clock,
            last: Arc::default(),
            faults,
        };
        pulse.mark();
        pulse
    }

    fn mark(&self) {
        let now = u64::try_from(self.clock.since_boot().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now, Ordering::Relaxed);
    }

    /// A turn of work was done. A simulated board may ask the service to fail here.
    pub async fn beat(&self) {
        self.mark();
        match self.faults.asked_of(self.name.as_str()) {
            None => {}
            Some(Fault::Panic) => self.fall_over(),
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Block) => self.beat_blocking(),
            Some(Fault::Leak) => lose(),
        }
    }

    /// As [`Pulse::beat`], for a service that cannot wait: asked to hang or to block, it blocks its thread until that is lifted.
    pub fn beat_blocking(&self) {
        self.mark();
        while let Some(fault) = self.faults.asked_of(self.name.as_str()) {
            match fault {
                Fault::Panic => self.fall_over(),
                Fault::Hang | Fault::Block => {
                    std::thread::park_timeout(Duration::from_millis(100));
                }
                Fault::Leak => return lose(),
            }
        }
    }

    #[allow(
        clippy::panic,
        reason = "the simulated board asked for a panic, to prove that it is survived"
    )]
    fn fall_over(&self) {
        panic!("{} panics as the simulated board asked it to", self.name);
    }

    /// Since the last beat.
    #[must_use]
    pub fn silent_for(&self) -> Duration {
        let last = Duration::from_millis(self.last.load(Ordering::Relaxed));
        self.clock.since_boot().saturating_sub(last)
    }
}

/// What a simulated board asks for to prove that it is noticed: memory and a descriptor that nobody gives back.
fn lose() {
    Box::leak(vec![1_u8; 256 * 1024].into_boxed_slice());
    std::mem::forget(std::fs::File::open("/dev/null"));
}
