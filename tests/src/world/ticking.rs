//! A clock on the simulated board that goes on.

use super::sim::Sim;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Where it begins: 2026-11-29, no earlier than the program under test was made.
pub const TICKING_FROM: u64 = 1_795_936_445;
const TURN: Duration = Duration::from_millis(50);

/// Until it is dropped, the board's clock shows the seconds since [`TICKING_FROM`].
#[derive(Debug)]
pub struct Ticking {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ticking {
    /// Begins.
    #[must_use]
    pub fn start(sim: &Sim) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (clock, asked, began) = (sim.clone(), Arc::clone(&stop), Instant::now());
        let thread = thread::spawn(move || {
            while !asked.load(Ordering::Relaxed) {
                clock.set(
                    "rtc",
                    &(TICKING_FROM + began.elapsed().as_secs()).to_string(),
                );
                thread::sleep(TURN);
            }
        });
        Self {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
