//! From what the program logs to what is kept: a layer of `tracing`. It also holds back, for every layer, the place that says too much.

use super::boots::Boot;
use super::limit::Limit;
use super::line::{Event, Fields, Level, Value, is_name};
use crate::clock::Clock;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tracing::callsite::Identifier;
use tracing::field::{Field, Visit};
use tracing::{Event as Logged, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

/// Events that wait to be written at most: a storm beyond it is counted, and so is one while the disk hangs.
const MOST_WAITING: usize = 512;
/// The field of a line of the limit that names another event.
const KIND: &str = "kind";

/// Something that happened, before it is known in which boot.
#[derive(Debug, Clone)]
pub(super) struct Happened {
    pub(super) since_boot: Duration,
    pub(super) wall_s: Option<i64>,
    pub(super) level: Level,
    pub(super) name: String,
    pub(super) fields: Fields,
}

/// What waits to be written.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) events: VecDeque<Happened>,
    /// On their way to the disk just now: they wait no more, and are not there yet.
    pub(super) writing: Vec<Event>,
    /// There was no room for so many.
    pub(super) lost: u64,
    /// The box ends.
    pub(super) stopped: bool,
}

/// What the layer and the keeper share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    waiting: Mutex<Waiting>,
    pub(super) stirred: Condvar,
    /// Which start of the box this is, once the ring is open.
    pub(super) boot: OnceLock<Boot>,
    limit: Mutex<Limit<Identifier>>,
    clock: OnceLock<Clock>,
}

impl Shared {
    pub(super) fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn held_back(&self) -> Vec<(String, u64)> {
        let mut limit = self.limit.lock().unwrap_or_else(PoisonError::into_inner);
        limit.held_back()
    }

    /// From now on events bear wall time, where it is trusted.
    pub(super) fn set_clock(&self, clock: Clock) {
        let _ = self.clock.set(clock);
    }

    pub(super) fn now(&self) -> Duration {
        self.clock
            .get()
            .map_or_else(|| Clock::of_the_desk().since_boot(), Clock::since_boot)
    }

    /// One more waits.
    pub(super) fn put(&self, level: Level, name: String, fields: Fields) {
        let wall = self.clock.get().and_then(Clock::wall_trusted);
        let happened = Happened {
            since_boot: self.now(),
            wall_s: wall.map(|at| at.as_second()),
            level,
            name,
            fields,
        };
        let mut waiting = self.waiting();
        if waiting.events.len() >= MOST_WAITING {
            waiting.lost += 1;
            return;
        }
        waiting.events.push_back(happened);
        drop(waiting);
        if level >= Level::Error {
            self.stirred.notify_all();
        }
    }
}

/// The layer.
#[derive(Debug)]
pub struct EventLayer(pub(super) std::sync::Arc<Shared>);

impl<S: Subscriber> Layer<S> for EventLayer {
    fn event_enabled(&self, event: &Logged<'_>, _: Context<'_, S>) -> bool {
        let place = event.metadata().callsite();
        let mut said = Said::default();
        event.record(&mut said);
        let now = self.0.now();
        let mut limit = self.0.limit.lock().unwrap_or_else(PoisonError::into_inner);
        let name = said.name.filter(|name| is_name(name));
        let name = name.as_deref().unwrap_or("log.unnamed");
        limit.admits(place, name, now)
    }

    fn on_event(&self, event: &Logged<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        // What others' crates say is named otherwise and is not kept.
        let Some(name) = said.name.filter(|name| is_name(name)) else {
            return;
        };
        let level = match *event.metadata().level() {
            tracing::Level::ERROR => Level::Error,
            tracing::Level::WARN => Level::Warn,
            _ => Level::Info,
        };
        self.0.put(level, name, said.fields);
    }
}

/// Gathers name and fields.
#[derive(Debug, Default)]
struct Said {
    name: Option<String>,
    fields: Fields,
}

impl Said {
    fn text(&mut self, field: &Field, text: &str) {
        match field.name() {
            // An event is named by its message, or by a field of this name.
            "message" => self.name = self.name.take().or_else(|| Some(text.to_owned())),
            "event" => self.name = Some(text.to_owned()),
            KIND if is_name(text) => self.fields.put(KIND, Value::Words(text.to_owned())),
            name => self.fields.put(name, Value::words(text)),
        }
    }
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.fields.put(field.name(), Value::Flag(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.fields.put(field.name(), Value::Number(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        self.fields.put(field.name(), Value::Number(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.fields.put(field.name(), Value::Real(value));
        }
    }
}
