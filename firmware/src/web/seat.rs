//! The seat of one connection: whether a request is being answered on it, since when not, and the word to leave.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Shared by the door, the connection's task and the bodies of its answers.
#[derive(Debug)]
pub(crate) struct Seat {
    /// Who sits here.
    pub(crate) from: IpAddr,
    opened: Instant,
    /// Requests whose answers are not yet handed over.
    busy: AtomicU32,
    /// Milliseconds after `opened` at which it fell idle.
    idle_from: AtomicU64,
    leave: Notify,
}

impl Seat {
    /// A connection that has just come in.
    pub(crate) fn new(now: Instant, from: IpAddr) -> Arc<Self> {
        Arc::new(Self {
            from,
            opened: now,
            busy: AtomicU32::new(0),
            idle_from: AtomicU64::new(0),
            leave: Notify::new(),
        })
    }

    /// How long nothing was asked on it; `None` while an answer is under way. A request whose header is still coming in counts as nothing.
    pub(crate) fn idle_for(&self, now: Instant) -> Option<Duration> {
        let idle_from = self.opened + Duration::from_millis(self.idle_from.load(Ordering::Acquire));
        (self.busy.load(Ordering::Acquire) == 0).then(|| now.saturating_duration_since(idle_from))
    }

    /// Asks the connection to end: at once when idle, after the answer under way otherwise.
    pub(crate) fn dismiss(&self) {
        self.leave.notify_one();
    }

    /// Waits for [`Seat::dismiss`].
    pub(crate) async fn dismissed(&self) {
        self.leave.notified().await;
    }
}

/// An answer under way; dropped when its last byte was handed over.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Seat>);

impl Busy {
    /// Marks `seat` as busy.
    pub(crate) fn at(seat: Arc<Seat>) -> Self {
        seat.busy.fetch_add(1, Ordering::AcqRel);
        Self(seat)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let idle_from = u64::try_from(self.0.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.idle_from.store(idle_from, Ordering::Release);
        self.0.busy.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_is_idle_from_the_end_of_its_last_answer() {
        let opened = Instant::now();
        let seat = Seat::new(opened, IpAddr::from([10, 0, 0, 1]));
        let later = opened + Duration::from_secs(3);
        assert_eq!(seat.idle_for(later), Some(Duration::from_secs(3)));
        let (first, second) = (Busy::at(Arc::clone(&seat)), Busy::at(Arc::clone(&seat)));
        drop(first);
        assert_eq!(seat.idle_for(later), None);
        while opened.elapsed() < Duration::from_millis(2) {}
        drop(second);
        assert!(
            seat.idle_for(later)
                .is_some_and(|idle| idle < Duration::from_secs(3))
        );
    }
}
