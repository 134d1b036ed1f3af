//! A fair share of the air: the long answers of one address take turns, so that a device with sixteen downloads has no more of the air
//! than one with a single film. What the order is, is pure; [`Ticket`] is how an answer waits for it.
//!
//! Between devices TCP and the radio share; what they share by is connections, and so a device with many gets more. Here each address has
//! one answer on its way at a time, a few chunks of it. For that the kernel may hold little that is not yet sent ([`UNSENT`]): with the megabytes that it likes
//! to hold, all sixteen would be on their way all the same, and each page behind them would wait.
//!
//! A reader who takes nothing, such as a film that was paused, loses the turn after [`PATIENCE`]. The box itself has no such limit.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// Bytes of one connection that the kernel holds beyond what is on its way: less than a chunk, so that the turn lasts until most of it is gone.
pub(crate) const UNSENT: u32 = 16 * 1024;
/// Chunks of a turn: what is still on its way when a turn ends is little against it.
const CHUNKS: u32 = 4;
/// A chunk of a turn takes no longer: 64 KiB at a quarter of a megabit a second.
const PATIENCE: Duration = Duration::from_secs(2);

/// An answer among those of its address.
type Id = u64;

/// Whose turn it is.
#[derive(Debug, Default)]
struct Line {
    /// Who has the turn, since when they send their present chunk, and how many more they may.
    holder: Option<(Id, Duration, u32)>,
    /// Who waits, the first first.
    waiting: VecDeque<Id>,
}

/// Pure: the order of an address's answers. `now` may be any time that never runs back.
impl Line {
    /// Answer `id` wants to send its next chunk: `Ok`, or how long to wait at most before it asks again. Whoever has the turn has sent a chunk when they ask.
    fn ask(&mut self, id: Id, now: Duration) -> Result<(), Duration> {
        match self.holder {
            Some((holder, _, more)) if holder == id && more > 0 => {
                self.holder = Some((id, now, more - 1));
                return Ok(());
            }
            Some((holder, since, _)) if holder == id || now.saturating_sub(since) >= PATIENCE => {
                self.holder = None;
            }
            Some(_) | None => {}
        }
        if !self.waiting.contains(&id) {
            self.waiting.push_back(id);
        }
        match self.holder {
            None if self.waiting.front() == Some(&id) => {
                self.waiting.pop_front();
                self.holder = Some((id, now, CHUNKS - 1));
                Ok(())
            }
            // The first of those who wait was woken, and will ask; should it never, its own patience ends too.
            None => Err(PATIENCE),
            Some((_, since, _)) => Err((since + PATIENCE).saturating_sub(now)),
        }
    }

    /// Answer `id` is over.
    fn leave(&mut self, id: Id) {
        self.waiting.retain(|one| *one != id);
        self.holder = self.holder.filter(|(holder, ..)| *holder != id);
    }

    /// Who is to ask next, where nobody has the turn.
    fn next(&self) -> Option<Id> {
        self.holder
            .is_none()
            .then(|| self.waiting.front().copied())
            .flatten()
    }

    /// Nobody is left.
    fn is_empty(&self) -> bool {
        self.holder.is_none() && self.waiting.is_empty()
    }
}

/// The lines of all addresses; shared by all connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turns(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    of: HashMap<IpAddr, Line>,
    wakers: HashMap<Id, Waker>,
    issued: Id,
    /// Times are counted from here.
    begun: Option<Instant>,
}

impl Turns {
    /// The place of one long answer to `from`; `None` for the box itself, which takes no air.
    pub(crate) fn ticket(&self, from: IpAddr) -> Option<Ticket> {
        if is_the_box(from) {
            return None;
        }
        let mut lines = self.lock();
        lines.issued += 1;
        Some(Ticket {
            turns: self.clone(),
            from: from.to_canonical(),
            id: lines.issued,
            alarm: None,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A desk's browser and the box's own probe. Any other address, those of the loopback network too, is somebody's.
pub(crate) fn is_the_box(from: IpAddr) -> bool {
    let from = from.to_canonical();
    from == IpAddr::V4(Ipv4Addr::LOCALHOST) || from == IpAddr::V6(Ipv6Addr::LOCALHOST)
}

/// One answer in its address's line; it leaves it when it is dropped.
#[derive(Debug)]
pub(crate) struct Ticket {
    turns: Turns,
    from: IpAddr,
    id: Id,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Ticket {
    /// Ready when the next chunk may be read.
    pub(crate) fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let now = Instant::now();
            let mut lines = self.turns.lock();
            let begun = *lines.begun.get_or_insert(now);
            let since = now.saturating_duration_since(begun);
            let line = lines.of.entry(self.from).or_default();
            let asked = line.ask(self.id, since);
            let next = line.next();
            lines.wakers.insert(self.id, cx.waker().clone());
            lines.wake(next.filter(|next| *next != self.id));
            drop(lines);
            let Err(wait) = asked else {
                self.alarm = None;
                return Poll::Ready(());
            };
            // Polled again before its time: by the waker, or for something else.
            let wait = wait.max(Duration::from_millis(1));
            let alarm = self.alarm.insert(Box::pin(sleep_until(now + wait)));
            ready!(alarm.as_mut().poll(cx));
        }
    }
}

impl Lines {
    fn wake(&mut self, next: Option<Id>) {
        if let Some(waker) = next.and_then(|next| self.wakers.remove(&next)) {
            waker.wake();
        }
    }
}

impl Ticket {
    /// Out of the line for now, at whose end it may ask again: something else holds it up.
    pub(crate) fn step_back(&mut self) {
        let mut lines = self.turns.lock();
        lines.wakers.remove(&self.id);
        let Some(line) = lines.of.get_mut(&self.from) else {
            return;
        };
        line.leave(self.id);
        let next = line.next();
        if line.is_empty() {
            lines.of.remove(&self.from);
        }
        lines.wake(next);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.step_back();
    }
}

#[cfg(test)]
mod tests;
