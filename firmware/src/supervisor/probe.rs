//! The self-probe: an ordinary thread that asks the box for a page as a learner's browser would.
//!
//! It stands outside the asynchronous runtime on purpose: a runtime whose timers and sockets have stopped cannot
//! vouch for itself.

use crate::clock::Clock;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Between two probes once the box serves.
const EVERY: Duration = Duration::from_secs(10);
/// Between two probes until the first answer.
const UNTIL_THE_FIRST: Duration = Duration::from_millis(10);
/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(5);

/// The probe's thread and what it saw.
pub struct Probe {
    seen: Arc<Seen>,
    thread: JoinHandle<()>,
}

struct Seen {
    /// Milliseconds since boot.
    answered: AtomicU64,
    end: AtomicBool,
}

impl Probe {
    /// Starts to ask `listener`'s address; `first_answer` is called once, when the box has served its first page.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        listener: SocketAddr,
        clock: Clock,
        first_answer: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let seen = Arc::new(Seen {
            answered: AtomicU64::new(millis(clock.since_boot())),
            end: AtomicBool::new(false),
        });
        let address = reachable(listener);
        let thread = std::thread::Builder::new()
            .name("probe".to_owned())
            .spawn({
                let seen = Arc::clone(&seen);
                move || seen.ask_for_ever(address, &clock, first_answer)
            })?;
        Ok(Self { seen, thread })
    }

    /// Since the last answer (or since the start).
    #[must_use]
    pub fn silent_for(&self, clock: &Clock) -> Duration {
        let answered = Duration::from_millis(self.seen.answered.load(Ordering::Relaxed));
        clock.since_boot().saturating_sub(answered)
    }
}

impl Drop for Probe {
    /// The thread is told, not waited for: an answer that a hung web owes it would hold up the stop by its whole patience.
    fn drop(&mut self) {
        self.seen.end.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
    }
}

impl Seen {
    fn ask_for_ever(&self, address: SocketAddr, clock: &Clock, first_answer: impl FnOnce()) {
        let mut first_answer = Some(first_answer);
        while !self.end.load(Ordering::Relaxed) {
            if ask(address).is_ok() {
                self.answered
                    .store(millis(clock.since_boot()), Ordering::Relaxed);
                if let Some(tell) = first_answer
                    .take()
                    .filter(|_| !self.end.load(Ordering::Relaxed))
                {
                    tell();
                }
            }
            std::thread::park_timeout(if first_answer.is_some() {
                UNTIL_THE_FIRST
            } else {
                EVERY
            });
        }
    }
}

/// Any HTTP answer counts, a refusal too: it shows that the box accepts, reads and writes.
fn ask(address: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut start = [0; 9];
    stream.read_exact(&mut start)?;
    if start.starts_with(b"HTTP/1.1 ") {
        Ok(())
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}

fn reachable(listener: SocketAddr) -> SocketAddr {
    let ip = match listener.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    // In place, for a link-local address is nothing without its scope.
    let mut reachable = listener;
    reachable.set_ip(ip);
    reachable
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_listener_is_asked_where_it_can_be_reached() {
        for (listener, asked) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("10.0.0.1:80", "10.0.0.1:80"),
            ("[fe80::1%3]:80", "[fe80::1%3]:80"),
        ] {
            let asked: SocketAddr = asked.parse().unwrap();
            assert_eq!(reachable(listener.parse().unwrap()), asked, "{listener}");
        }
    }

    #[test]
    fn an_answer_that_never_comes_does_not_hold_up_the_stop() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let clock = Clock::of_the_desk();
        let probe = Probe::start(silent.local_addr().unwrap(), clock.clone(), || {}).unwrap();
        let (_asking, _) = silent.accept().unwrap();
        let before = clock.uptime();
        drop(probe);
        assert!(clock.uptime() - before < PATIENCE / 2);
    }
}
