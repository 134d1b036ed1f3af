//! The nightly service: looks the box over at a quiet hour, and keeps a line a day of its health.
//!
//! `mind` says when (pure), `look` does it on a thread of the lowest rank, `lessons` is its part that reads the library and `slot` the one that reads the
//! other system slot, `kept` remembers, `days` is the health history, `growth` tells whether the process itself grows.

pub mod days;
pub mod growth;
pub mod kept;
pub mod lessons;
pub mod look;
pub mod mind;
pub mod slot;

use super::ServiceName;
use super::power::PowerReport;
use crate::activity::Activity;
use crate::clock::Clock;
use crate::events::Events;
use crate::selftest::Wear;
use crate::status::{Update, View};
use crate::stores::Stores;
use crate::supervisor::health::Criticality;
use crate::supervisor::restart::RestartPolicy;
use crate::supervisor::{Life, LifeError, Service};
use crate::telemetry::chain;
use board_support::BoardChoice;
use board_support::storage::registers;
use days::Tally;
use growth::Held;
use kept::Kept;
use look::{Around, look};
use mind::{QUIET_AT_NIGHT, QUIET_BY_DAY, Seen};
use ota::SlotStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::time::{MissedTickBehavior, interval};

/// Between two turns, box time.
const EVERY: Duration = Duration::from_secs(60);
/// Real time between two turns at least.
const AT_LEAST: Duration = Duration::from_millis(250);
/// Turns between two entries of the day's tally.
const TALLY_EVERY: u64 = 10;
/// The process has settled, turns after its start.
const SETTLED: u64 = 60;
/// A day.
const DAY: Duration = Duration::from_secs(86_400);

/// What the service is made of.
#[derive(Clone)]
pub struct NightlyParts {
    /// The clocks.
    pub clock: Clock,
    /// Local standard time less UTC.
    pub utc_offset_min: i32,
    /// Library and records.
    pub stores: Stores,
    /// The whole box.
    pub view: View,
    /// Whether learners are at work.
    pub activity: Activity,
    /// Which board.
    pub board: BoardChoice,
    /// What the power service publishes.
    pub power: watch::Receiver<PowerReport>,
    /// What the update service publishes.
    pub update: watch::Receiver<Update>,
    /// Which start of the box this is.
    pub events: Events,
    /// Where what is found is told.
    pub found: watch::Sender<Vec<String>>,
}

/// The service.
#[must_use]
pub fn service(parts: NightlyParts) -> Service {
    Service {
        name: ServiceName::Nightly,
        criticality: Criticality::BestEffort,
        policy: RestartPolicy::HOUSE,
        silence_limit: Duration::from_secs(300),
        stop_within: Duration::from_secs(2),
        begin: Box::new(move |life| {
            let parts = parts.clone();
            Box::pin(async move { Night::new(parts).live(life).await })
        }),
    }
}

struct Night {
    parts: NightlyParts,
    began: Duration,
    turns: u64,
    /// Box time of the last look.
    last: Option<Duration>,
    tally: Tally,
    settled: Option<Held>,
    grown: Vec<String>,
    kept: Kept,
    under_way: Option<UnderWay>,
}

/// A look that nobody waits for any more ends: the thread holds the stores, which the stop of the box closes.
struct UnderWay {
    stop: Arc<AtomicBool>,
    done: oneshot::Receiver<Kept>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl Night {
    fn new(parts: NightlyParts) -> Self {
        let kept = Kept::load(parts.stores.data());
        Self {
            began: parts.clock.box_time(),
            turns: 0,
            last: None,
            tally: Tally::default(),
            settled: None,
            grown: Vec::new(),
            kept,
            under_way: None,
            parts,
        }
    }

    async fn live(mut self, mut life: Life) -> Result<(), LifeError> {
        self.tell();
        let mut tick = interval(self.parts.clock.real(EVERY).max(AT_LEAST));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                _ = life.stopped() => break,
                _ = tick.tick() => {}
            }
            self.turn().await?;
            life.pulse.beat().await;
        }
        self.under_way = None;
        self.close_day().await
    }

    async fn turn(&mut self) -> Result<(), LifeError> {
        self.turns += 1;
        if self.turns.is_multiple_of(TALLY_EVERY) {
            self.count().await?;
        }
        if self.tally.lived() >= DAY {
            self.close_day().await?;
        }
        let seen = self.seen();
        match &mut self.under_way {
            None if seen.is_due() => self.begin(),
            None => {}
            Some(under_way) => {
                if !seen.may_go_on() {
                    under_way.stop.store(true, Ordering::Relaxed);
                }
                match under_way.done.try_recv() {
                    Err(oneshot::error::TryRecvError::Empty) => {}
                    done => self.ended(done.ok()).await?,
                }
            }
        }
        Ok(())
    }

    fn seen(&self) -> Seen {
        let parts = &self.parts;
        let now = parts.clock.box_time();
        let report = parts.power.borrow();
        let reading = report.reading.as_ref();
        let quiet = |span: Duration| {
            // Activity is marked in real time.
            let real = parts.clock.real(span);
            !parts.activity.within(real, parts.clock.since_boot())
        };
        let minute = parts.clock.wall_trusted().and_then(|now| {
            let minutes = now.as_second().div_euclid(60) + i64::from(parts.utc_offset_min);
            u16::try_from(minutes.rem_euclid(1440)).ok()
        });
        Seen {
            running: now.saturating_sub(self.began),
            minute,
            since_last: self.last.map(|last| now.saturating_sub(last)),
            quiet: (quiet(QUIET_AT_NIGHT), quiet(QUIET_BY_DAY)),
            charge_percent: reading
                .and_then(|r| r.soc)
                .map(power_mgmt::units::StateOfCharge::percent),
            charging: reading.is_some_and(|r| r.status == power_mgmt::ChargeStatus::Charging),
            on_mains: report.on_mains,
            state: report.plan.state,
        }
    }

    fn begin(&mut self) {
        self.last = Some(self.parts.clock.box_time());
        let (parts, before) = (self.parts.clone(), self.kept.clone());
        let stop = Arc::new(AtomicBool::new(false));
        let (done, wait) = oneshot::channel();
        let told = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name("nightly".to_owned())
            .spawn(move || {
                board_support::rank::lowest();
                let began = parts.clock.since_boot();
                let around = Around {
                    wall_s: parts.clock.wall_trusted().map(|at| at.as_second()),
                    board: &parts.board,
                    other_slot_may_boot: &|| other_slot_may_boot(&parts.update.borrow()),
                    stop: &told,
                    elapsed: &|| parts.clock.since_boot().saturating_sub(began),
                };
                let _ = done.send(look(&parts.stores, &before, &around));
            });
        match thread {
            Ok(_) => self.under_way = Some(UnderWay { stop, done: wait }),
            Err(error) => tracing::error!(%error, "nightly.no_thread"),
        }
    }

    /// `None`: the thread fell over.
    async fn ended(&mut self, kept: Option<Kept>) -> Result<(), LifeError> {
        self.under_way = None;
        let kept = kept.ok_or("the nightly look fell over")?;
        for line in kept
            .found
            .iter()
            .filter(|line| !self.kept.found.contains(line))
        {
            tracing::error!(problem = line, "nightly.found");
        }
        let (bytes, rounds) = (kept.last_bytes, kept.lessons.rounds);
        tracing::info!(
            bytes,
            rounds,
            part = kept.lessons.next_part,
            found = kept.found.len(),
            "nightly.looked"
        );
        self.kept = kept.clone();
        self.tell();
        let data = self.parts.stores.data().to_owned();
        let saved = tokio::task::spawn_blocking(move || kept.save(&data)).await?;
        if let Err(error) = saved {
            tracing::warn!(error = chain(&error), "nightly.not_kept");
        }
        Ok(())
    }

    async fn count(&mut self) -> Result<(), LifeError> {
        let view = self.parts.view.clone();
        let (board, data) = (
            self.parts.board.clone(),
            self.parts.stores.data().to_owned(),
        );
        let look = move || {
            let wear = registers(&board, &data).and_then(|told| Wear::of(&told));
            (view.now(), Held::now(), wear)
        };
        let (status, held, wear) = tokio::task::spawn_blocking(look).await?;
        let now = self.parts.clock.box_time();
        self.tally.add(&status, held, wear, now);
        if self.turns >= SETTLED {
            let first = *self.settled.get_or_insert(held);
            let grown = held.grown_since(&first);
            if self.grown.is_empty() && !grown.is_empty() {
                tracing::error!(problem = grown.join("; "), "box.grows");
                self.grown = grown;
                self.tell();
            }
        }
        Ok(())
    }

    async fn close_day(&mut self) -> Result<(), LifeError> {
        let Some(mut day) = self.tally.close() else {
            return Ok(());
        };
        let since_boot = self.parts.clock.since_boot();
        day.since_boot_ms = u64::try_from(since_boot.as_millis()).unwrap_or(u64::MAX);
        if let Some(boot) = self.parts.events.boot() {
            (day.boot, day.start) = (boot.boot, boot.start);
        }
        day.wall_s = self.parts.clock.wall_trusted().map(|at| at.as_second());
        let data = self.parts.stores.data().to_owned();
        let kept = tokio::task::spawn_blocking(move || days::keep(&data, day)).await?;
        if let Err(error) = kept {
            tracing::warn!(error = chain(&error), "nightly.day_not_kept");
        }
        Ok(())
    }

    fn tell(&self) {
        let lines = [self.kept.found.clone(), self.grown.clone()].concat();
        self.parts.found.send_if_modified(|told| {
            let changed = *told != lines;
            *told = lines;
            changed
        });
    }
}

/// Whether the loader may take the slot that does not run: then it holds a whole system, and nobody writes it.
fn other_slot_may_boot(update: &Update) -> bool {
    let of_slot = |slots: crate::status::SlotStates| match update.slot.other() {
        ota::Slot::A => slots.a,
        ota::Slot::B => slots.b,
    };
    update
        .slots
        .map(of_slot)
        .is_some_and(|status| match status {
            SlotStatus::Good => true,
            SlotStatus::Trial { tries_left } => tries_left > 0,
            SlotStatus::Retired => false,
        })
}
