//! What the services publish, seen from outside.

use super::day::{BookedFilm, DayPlan, doubts, minutes};
use super::{
    Battery, Distrusted, LastSelftest, LibraryState, Machine, Panel, Power, Radio, RecordsState,
    Status, Storage, Update,
};
use crate::clock::Clock;
use crate::config::Programme;
use crate::outgoing::StickTold;
use crate::selftest::Outcome;
use crate::serial::Serial;
use crate::services::access_point::{AirReport, Device};
use crate::services::power::{DayStory, PowerReport};
use crate::stores::Stores;
use crate::supervisor::health::Verdict;
use power_mgmt::LocalTime;
use power_mgmt::units::{Amps, Celsius, StateOfCharge, Volts, WattHours, Watts};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A sample older than this is told as old: ten ticks of the power service missed in a row.
const STALE_AFTER: Duration = Duration::from_secs(10);

/// The story of the day is renewed so often, minutes.
const RENEWED_MIN: u64 = 10;

/// What a [`View`] is made of.
pub struct ViewParts {
    /// The clocks.
    pub clock: Clock,
    /// Model of the board, for people.
    pub board: String,
    /// See [`Status::serial`].
    pub serial: Option<Serial>,
    /// What the update service publishes.
    pub update: watch::Receiver<Update>,
    /// See [`Status::utc_offset_min`].
    pub utc_offset_min: i32,
    /// Lines of what went wrong at start and will not mend by itself.
    pub degraded_at_start: Vec<String>,
    /// See [`Storage::in_memory`].
    pub data_in_memory: bool,
    /// Library and records.
    pub stores: Stores,
    /// What the power service publishes.
    pub power: watch::Receiver<PowerReport>,
    /// What the access point publishes.
    pub air: watch::Receiver<AirReport>,
    /// What the diagnostics service publishes.
    pub panel: watch::Receiver<Option<Panel>>,
    /// What the supervisor publishes.
    pub verdict: watch::Receiver<Verdict>,
    /// What the look at night found, a line each.
    pub found: watch::Receiver<Vec<String>>,
    /// The last self-test.
    pub selftest: watch::Receiver<Option<Outcome>>,
    /// What became of the last stick for records.
    pub stick: watch::Receiver<Option<StickTold>>,
}

/// A cloneable look at the whole box.
#[derive(Clone)]
pub struct View {
    parts: Arc<ViewParts>,
}

impl View {
    /// A view of these parts.
    #[must_use]
    pub fn new(parts: ViewParts) -> Self {
        Self {
            parts: Arc::new(parts),
        }
    }

    /// The clocks of the box.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.parts.clock
    }

    /// See [`Status::box_id`]. Needs no disk once it is known.
    #[must_use]
    pub fn box_id(&self) -> String {
        self.parts.stores.box_id()
    }

    /// The day behind and the day ahead, and how many minutes ago that was written.
    #[must_use]
    pub fn day(&self) -> (Arc<DayStory>, u64) {
        let story = Arc::clone(&self.parts.power.borrow().story);
        let age = self.age_of(&story);
        (story, age)
    }

    /// Minutes since the story was written, at most one renewal's worth where nobody knows.
    fn age_of(&self, story: &DayStory) -> u64 {
        let now = self
            .parts
            .clock
            .wall_trusted()
            .and_then(|now| local(now, self.parts.utc_offset_min));
        match (story.at, now) {
            (Some(at), Some(now)) => {
                u64::try_from(minutes(now) - minutes(at)).map_or(0, |age| age.min(RENEWED_MIN))
            }
            (_, _) => 0,
        }
    }

    /// The state at this instant. Asks the disk and the records, so it blocks: call it off the runtime.
    #[must_use]
    pub fn now(&self) -> Status {
        let parts = &*self.parts;
        let report = parts.power.borrow().clone();
        let battery = battery(&report, parts.clock.box_time());
        // Each let go of at once: who publishes waits for whoever reads, and what follows asks the disk.
        let radio = Radio::of(&parts.air.borrow());
        let update = parts.update.borrow().clone();
        let last_selftest = parts.selftest.borrow().as_ref().map(last_selftest);
        let panel = parts.panel.borrow().clone();
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            box_id: parts.stores.box_id(),
            board: parts.board.clone(),
            serial: parts.serial.as_ref().map(Serial::to_string),
            uptime_s: parts.clock.uptime().as_secs(),
            time: parts.clock.wall_trusted().map(|time| format!("{time:.0}")),
            utc_offset_min: parts.utc_offset_min,
            degraded: self.degraded(&battery),
            battery,
            power: power(&report, self.age_of(&report.story)),
            radio,
            storage: self.storage(),
            update,
            library: library(&parts.stores),
            records: records(&parts.stores, *parts.stick.borrow()),
            machine: machine(),
            last_selftest,
            panel,
        }
    }

    /// The devices on the air, without anything by which one could be known again.
    #[must_use]
    pub fn devices(&self) -> Vec<Device> {
        let report = self.parts.air.borrow();
        let cells = report.cells.iter();
        cells
            .flat_map(|cell| cell.devices.iter().cloned())
            .collect()
    }

    fn storage(&self) -> Storage {
        let stores = &self.parts.stores;
        let room = stores.room().unwrap_or_default();
        Storage {
            total_bytes: room.total,
            free_bytes: room.free,
            reserve_bytes: stores.keep_free(),
            in_memory: self.parts.data_in_memory,
        }
    }

    fn degraded(&self, battery: &Battery) -> Vec<String> {
        let parts = &*self.parts;
        let mut lines = parts.degraded_at_start.clone();
        if battery.stale {
            lines.push("the battery sensor is silent: see that its plug is in".to_owned());
        }
        lines.extend(doubts(&parts.power.borrow().story));
        lines.extend(parts.stores.faults());
        lines.extend(parts.found.borrow().iter().cloned());
        lines.extend(parts.air.borrow().trouble.iter().cloned());
        let update = parts.update.borrow().clone();
        lines.extend([update.fell_back, update.problem].into_iter().flatten());
        match &*parts.verdict.borrow() {
            Verdict::Healthy => {}
            Verdict::Degraded(reasons) => lines.extend(reasons.iter().cloned()),
            Verdict::Failing(reason) => lines.push(reason.clone()),
        }
        lines
    }
}

fn last_selftest(outcome: &Outcome) -> LastSelftest {
    LastSelftest {
        at: outcome.at.clone(),
        ready: outcome.ready,
        verdict: outcome.verdict.clone(),
        failed: outcome
            .failed()
            .map(|tried| tried.part.as_str().to_owned())
            .collect(),
    }
}

/// The memory of the machine.
#[must_use]
pub(crate) fn machine() -> Machine {
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    Machine {
        memory_total_bytes: system.total_memory(),
        memory_available_bytes: system.available_memory(),
    }
}

/// How old the last believable sample is; the report may be as old as the power service's last turn, and the sample ages meanwhile.
fn sample_age(report: &PowerReport, now: Duration) -> Option<Duration> {
    let age = report.reading.as_ref()?.sample_age?;
    Some(age + now.saturating_sub(report.at))
}

/// How long there has been no sample: before the service's first turn nobody has looked yet.
fn silent_for(report: &PowerReport, now: Duration) -> Duration {
    match report.reading {
        None => now.saturating_sub(report.at),
        Some(_) => sample_age(report, now).unwrap_or(Duration::MAX),
    }
}

/// There is no believable sample, or the last one is too old to be believed as it stands. `now` is box time.
#[must_use]
pub fn sensor_is_silent(report: &PowerReport, now: Duration) -> bool {
    !report.on_mains && silent_for(report, now) > STALE_AFTER * report.time_scale
}

fn battery(report: &PowerReport, now: Duration) -> Battery {
    let reading = report.reading.as_ref();
    let age = sample_age(report, now);
    Battery {
        charge_percent: reading.and_then(|r| r.soc).map(StateOfCharge::percent),
        charge_band_percent: reading
            .and_then(|r| r.band)
            .map(|(low, high)| [low.percent(), high.percent()]),
        status: reading.map_or(power_mgmt::ChargeStatus::Unknown, |r| r.status),
        voltage_v: reading.and_then(|r| r.voltage).map(Volts::get),
        current_a: reading.and_then(|r| r.current).map(Amps::get),
        temperature_c: reading.and_then(|r| r.temperature).map(Celsius::get),
        solar_w: reading.and_then(|r| r.solar).map(Watts::get),
        sample_age_s: age.map(|age| age.as_secs()),
        stale: sensor_is_silent(report, now),
        on_mains: report.on_mains,
        capacity_ah: reading
            .and_then(|r| r.capacity)
            .map(|(holds, _)| holds.get()),
        health_percent: reading.and_then(|r| r.health).map(|health| 100.0 * health),
        distrust: reading.and_then(|r| r.distrust).map(|distrust| Distrusted {
            word: distrust.as_str().to_owned(),
            sentence: distrust.to_string(),
        }),
    }
}

/// `now` at the school.
fn local(now: jiff::Timestamp, utc_offset_min: i32) -> Option<LocalTime> {
    let minutes = now.as_second().div_euclid(60) + i64::from(utc_offset_min);
    LocalTime::new(
        minutes.div_euclid(1440),
        u16::try_from(minutes.rem_euclid(1440)).ok()?,
    )
}

fn expected((mean, sd): (WattHours, WattHours)) -> [f64; 2] {
    [-1.0, 1.0].map(|side| (mean.get() + side * sd.get()).max(0.0))
}

fn power(report: &PowerReport, since: u64) -> Power {
    let whole = |time: Duration| time.as_secs() / 60;
    let minutes = |time: Option<Duration>| time.map(whole);
    let story = &*report.story;
    Power {
        state: report.plan.state,
        reason: report.reason.map_or_else(
            || "on_mains".to_owned(),
            |reason| reason.as_str().to_owned(),
        ),
        minutes_left: minutes(report.reading.as_ref().and_then(|r| r.time_to_empty)),
        minutes_left_band: report
            .reading
            .as_ref()
            .and_then(|r| r.time_to_empty_band)
            .map(|(low, high)| [whole(low), whole(high)]),
        minutes_to_full: minutes(report.reading.as_ref().and_then(|r| r.time_to_full)),
        storage_check: story.storage_check,
        usb_charging: report.plan.usb_charging,
        harvest_today_wh: story.harvest_today.map(WattHours::get),
        harvest_expected_wh: story.harvest_expected.map(expected),
        plan: DayPlan::of(
            story,
            since,
            report
                .reading
                .as_ref()
                .and_then(|r| r.band)
                .map(|(low, _)| low),
        ),
        film: story
            .film
            .as_ref()
            .map(|(film, answer)| BookedFilm::of(film, *answer)),
        http_connections: report.plan.http_connections,
    }
}

fn library(stores: &Stores) -> LibraryState {
    let packs = stores.library().packs();
    LibraryState {
        packs: packs.len() as u64,
        bytes: packs.iter().map(|pack| pack.bytes).sum(),
    }
}

fn records(stores: &Stores, last_stick: Option<StickTold>) -> RecordsState {
    let records = stores.records();
    RecordsState {
        statements: records.count().unwrap_or(0),
        last_write_age_s: records.health().last_write_age.map(|age| age.as_secs()),
        sealed_for: match stores.programme() {
            Programme::None => "none".to_owned(),
            Programme::Demo(_) => "demo".to_owned(),
            Programme::Own(key) => key.id(),
        },
        waiting: records.outstanding().ok(),
        last_stick,
    }
}
