//! The thread that writes what has happened: within its ration, so that the card lives for years.

use super::boots::{Boot, STARTED, STOPPED};
use super::layer::{EventLayer, Happened, Shared};
use super::line::{Event, Fields, Level, Value};
use super::ration::Ration;
use super::ring::Ring;
use super::segments::{FOLDER, MOST_SEGMENTS};
use crate::clock::Clock;
use crate::telemetry::chain;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Between two looks at what waits.
const TURN: Duration = Duration::from_secs(20);
/// The last words are on the disk by then, or the disk hangs.
const LAST_WORDS_TAKE_AT_MOST: Duration = Duration::from_secs(2);
/// How many more were not kept.
const LOST: &str = "events.lost";

/// What the program logs, on its way to the disk.
#[derive(Debug, Clone, Default)]
pub struct Events {
    shared: Arc<Shared>,
}

impl Events {
    /// The layer that hears what is logged.
    #[must_use]
    pub fn layer(&self) -> EventLayer {
        EventLayer(Arc::clone(&self.shared))
    }

    /// From now on events bear wall time, where `clock` trusts it.
    pub fn set_clock(&self, clock: Clock) {
        self.shared.set_clock(clock);
    }

    /// Which start of the box this is; `None` until the ring is open.
    #[must_use]
    pub fn boot(&self) -> Option<Boot> {
        self.shared.boot.get().cloned()
    }

    /// What happened and is not on the disk yet, each as the line that will keep it, the oldest first: within its ration it may wait for ten
    /// minutes. `None` until the ring is open.
    #[must_use]
    pub fn unwritten(&self) -> Option<Vec<String>> {
        let boot = self.shared.boot.get()?;
        let (writing, waiting) = {
            let waiting = self.shared.waiting();
            (waiting.writing.clone(), waiting.events.clone())
        };
        let waiting = waiting.into_iter().map(|happened| event(happened, boot));
        let lines = writing.into_iter().chain(waiting);
        Some(lines.map(|event| event.to_line()).collect())
    }

    /// Keeps events in `data` from now on, as soon as nobody else does. `by_watchdog`: the machine says that its watchdog reset it.
    #[must_use]
    pub fn keep_in(&self, data: &Path, by_watchdog: bool) -> Keeper {
        let (ended, end) = mpsc::sync_channel(1);
        let mut work = Work::new(self.clone(), data, by_watchdog);
        let thread = std::thread::Builder::new()
            .name("events".to_owned())
            .spawn(move || {
                work.run();
                let _ = ended.send(());
            });
        if let Err(error) = thread {
            tracing::error!(%error, "events.no_thread");
        }
        Keeper {
            events: self.clone(),
            end: Mutex::new(end),
        }
    }
}

/// The running thread.
#[derive(Debug)]
pub struct Keeper {
    events: Events,
    end: Mutex<Receiver<()>>,
}

impl Keeper {
    /// The box ends, and so it says: what waits is written, unless the disk hangs.
    pub fn stop(&self, how: &str) {
        tracing::info!(how, "{STOPPED}");
        self.events.shared.waiting().stopped = true;
        self.events.shared.stirred.notify_all();
        // Whoever says so second waits for whoever said it first.
        let end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = end.recv_timeout(LAST_WORDS_TAKE_AT_MOST);
    }
}

struct Work {
    events: Events,
    data: PathBuf,
    by_watchdog: bool,
    ring: Option<Ring>,
    ration: Ration,
    /// Events that are gone.
    lost: u64,
    failing: bool,
    /// This start's first words are on the disk.
    begun: bool,
}

impl Work {
    fn new(events: Events, data: &Path, by_watchdog: bool) -> Self {
        Self {
            events,
            data: data.to_owned(),
            by_watchdog,
            ring: None,
            ration: Ration::default(),
            lost: 0,
            failing: false,
            begun: false,
        }
    }

    fn run(&mut self) {
        loop {
            self.open();
            let (gravest, stopped) = self.wait();
            for (kind, more) in self.events.shared.held_back() {
                tracing::warn!(kind, more, "log.held_back");
            }
            let now = self.events.shared.now();
            let due = gravest.is_some_and(|level| self.ration.is_due(level, now));
            if stopped || due {
                self.write(now, stopped);
                self.begun = true;
            }
            if stopped {
                return;
            }
        }
    }

    /// The gravest of what waits, and whether the box ends: at the latest after a turn, at once where it is grave.
    fn wait(&self) -> (Option<Level>, bool) {
        let shared = &self.events.shared;
        let first = shared.boot.get().is_none();
        let waits = |waiting: &mut super::layer::Waiting| {
            let grave = waiting
                .events
                .iter()
                .any(|event| event.level >= Level::Error);
            !waiting.stopped && !grave
        };
        // A ring that is not open yet is tried for again soon: a box before this one may just be ending.
        // So are a start's first words written soon: a box that falls over at once leaves them.
        let turn = match first || !self.begun {
            true => TURN / 20,
            false => TURN,
        };
        let waiting = shared
            .stirred
            .wait_timeout_while(shared.waiting(), turn, waits);
        let (waiting, timeout) = waiting.unwrap_or_else(PoisonError::into_inner);
        let stopped = waiting.stopped;
        let gravest = waiting.events.iter().map(|event| event.level).max();
        drop(waiting);
        // What is grave and has no ration waits as all else does.
        if !stopped && !timeout.timed_out() {
            std::thread::park_timeout(Duration::from_millis(200));
        }
        (gravest, stopped)
    }

    fn open(&mut self) {
        if self.ring.is_some() || !self.data.is_dir() {
            return;
        }
        let opened = Ring::open(&self.data, FOLDER, MOST_SEGMENTS).and_then(|ring| {
            let boot = Boot::begin(&self.data, self.by_watchdog)?;
            Ok((ring, boot))
        });
        match opened {
            Ok((ring, boot)) => {
                tracing::info!(
                    before = %boot.before,
                    version = env!("CARGO_PKG_VERSION"),
                    "{STARTED}"
                );
                let _ = self.events.shared.boot.set(boot);
                self.ring = Some(ring);
                self.failing = false;
            }
            // Another process keeps them.
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => self.failed(&error),
        }
    }

    fn write(&mut self, now: Duration, all: bool) {
        let shared = &self.events.shared;
        let (Some(ring), Some(boot)) = (&mut self.ring, shared.boot.get()) else {
            return;
        };
        // In one look: whoever asks meanwhile finds them on the one side or the other.
        let taken: Vec<Event> = {
            let mut waiting = shared.waiting();
            self.lost += std::mem::take(&mut waiting.lost);
            let taken = std::mem::take(&mut waiting.events).into_iter();
            let taken: Vec<Event> = taken.map(|happened| event(happened, boot)).collect();
            waiting.writing.clone_from(&taken);
            taken
        };
        let mut kept = Vec::new();
        for event in taken {
            if all && event.name == STOPPED || self.ration.admits(event.to_line().len(), now) {
                kept.push(event);
            } else {
                self.lost += 1;
            }
        }
        if self.lost > 0 {
            kept.push(event(gap(self.lost, now), boot));
        }
        let outcome = ring.append(&kept);
        shared.waiting().writing = Vec::new();
        match outcome {
            Ok(()) => (self.lost, self.failing) = (0, false),
            Err(error) => {
                self.lost += kept.len() as u64;
                self.failed(&error);
            }
        }
    }

    /// Told once, until it goes well again.
    fn failed(&mut self, error: &std::io::Error) {
        if !std::mem::replace(&mut self.failing, true) {
            tracing::warn!(error = chain(error), "events.not_kept");
        }
    }
}

fn gap(lost: u64, now: Duration) -> Happened {
    let mut fields = Fields::default();
    let lost = i64::try_from(lost).unwrap_or(i64::MAX);
    fields.put("count", Value::Number(lost));
    Happened {
        since_boot: now,
        wall_s: None,
        level: Level::Warn,
        name: LOST.to_owned(),
        fields,
    }
}

fn event(happened: Happened, boot: &Boot) -> Event {
    Event {
        boot: boot.boot,
        start: boot.start,
        since_boot_ms: u64::try_from(happened.since_boot.as_millis()).unwrap_or(u64::MAX),
        wall_s: happened.wall_s,
        level: happened.level,
        name: happened.name,
        fields: happened.fields.all(),
    }
}

#[cfg(test)]
mod tests;
