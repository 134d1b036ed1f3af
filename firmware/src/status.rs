//! The state of the box as people and programs see it: one value, from which `/api/v1/status`, the portal,
//! `school-box status`, the serial page and the light panel are all told.
//!
//! [`View`] is a cloneable look at what the services publish; [`View::now`] makes a [`Status`] of it.

pub(crate) mod day;
pub(crate) mod plain;
mod promise;
mod radio;
#[cfg(test)]
pub(crate) mod sample;
mod view;

pub use day::{BookedFilm, DayPlan, PlanBlock};
pub use promise::Promise;
pub use radio::{Cell, Radio, RadioState};
pub(crate) use view::machine;
pub use view::{View, ViewParts, sensor_is_silent};

use crate::outgoing::StickTold;
use power_mgmt::{ChargeStatus, PowerState};
use serde::{Deserialize, Serialize};

/// The whole state at one instant. Serialised, it is the answer of `GET /api/v1/status`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Version of the firmware.
    pub version: String,
    /// By what support knows this box: 16 digits; empty where it has no key of its own.
    #[serde(default)]
    pub box_id: String,
    /// Model of the board, for people.
    pub board: String,
    /// The number that the supply team gave the box (`DATA/serial`); `None`: it gave none.
    #[serde(default)]
    pub serial: Option<String>,
    /// Seconds since the supervisor started.
    pub uptime_s: u64,
    /// Wall-clock time, RFC 3339 in UTC; `None` while no source of time is trusted.
    pub time: Option<String>,
    /// Offset of the school's local time from UTC, minutes.
    pub utc_offset_min: i32,
    /// The battery.
    pub battery: Battery,
    /// The power state and its reason.
    pub power: Power,
    /// The access point.
    pub radio: Radio,
    /// The data disk.
    pub storage: Storage,
    /// The system slots.
    pub update: Update,
    /// The library.
    pub library: LibraryState,
    /// The learners' records.
    pub records: RecordsState,
    /// The machine itself.
    pub machine: Machine,
    /// What the box looks after worse than it should: one line each, empty when all is well.
    pub degraded: Vec<String>,
    /// What the last self-test found; `None` before the first.
    #[serde(default)]
    pub last_selftest: Option<LastSelftest>,
    /// The light panel; `None` while nobody drives it.
    #[serde(default)]
    pub panel: Option<Panel>,
}

impl Status {
    /// Which box this is, for people who keep many: its serial number, by what support knows it, its board; those it has.
    #[must_use]
    pub fn which_box(&self) -> String {
        let support = Some(&self.box_id).filter(|id| !id.is_empty());
        let told = [
            self.serial.clone(),
            support.map(|id| format!("support {id}")),
            Some(self.board.clone()),
        ];
        told.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// The last self-test in short; all of it is in `DATA/selftest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastSelftest {
    /// When it ended, RFC 3339 in UTC; `None` where no clock was trusted.
    pub at: Option<String>,
    /// No part needs help.
    pub ready: bool,
    /// The verdict in words.
    pub verdict: String,
    /// The parts that need help, by their names.
    pub failed: Vec<String>,
}

/// What the light panel shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panel {
    /// The lights, as the simulated board's `panel` tells them: `battery=green wifi=on lessons=on help=off`.
    pub lights: String,
    /// The name of the state that they tell, one of those of `school-box panel list`; `None` while they tell what the button does.
    pub state: Option<String>,
}

/// What the gauge believes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Battery {
    /// 0 to 100; `None` before the first believable sample, or on a board without a gauge.
    pub charge_percent: Option<f64>,
    /// 95 % band of the charge, low and high, percent.
    pub charge_band_percent: Option<[f64; 2]>,
    /// Which way the charge flows.
    pub status: ChargeStatus,
    /// V.
    pub voltage_v: Option<f64>,
    /// A, charge positive.
    pub current_a: Option<f64>,
    /// °C.
    pub temperature_c: Option<f64>,
    /// W from the panel.
    pub solar_w: Option<f64>,
    /// Seconds since the last believable sample; `None` before the first.
    pub sample_age_s: Option<u64>,
    /// The last sample is too old to be believed as it stands.
    pub stale: bool,
    /// The board has no gauge: it is taken to stand on mains.
    pub on_mains: bool,
    /// What the pack holds when full, Ah, as far as the gauge has learned it.
    #[serde(default)]
    pub capacity_ah: Option<f64>,
    /// The same as a share of what the pack is labelled with, percent; above 100 for a generous one.
    #[serde(default)]
    pub health_percent: Option<f64>,
    /// Why the last sample of the sensor was not believed; `None` if it was.
    #[serde(default)]
    pub distrust: Option<Distrusted>,
}

/// A sample that was not believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distrusted {
    /// `voltage`, `current`, `temperature`, `step`, `time` or `stuck`.
    pub word: String,
    /// The same as an English sentence, for technicians.
    pub sentence: String,
}

/// The power state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Power {
    /// The state in force.
    pub state: PowerState,
    /// Why, in a word of the governor (`battery_high`, `silent` …), or `on_mains`.
    pub reason: String,
    /// Minutes of teaching left until the reserve at the present draw; `None` while charging or unknown.
    pub minutes_left: Option<u64>,
    /// The same from the low and from the high end of the charge's 95 % band, minutes.
    #[serde(default)]
    pub minutes_left_band: Option<[u64; 2]>,
    /// Minutes until full at the present charge; `None` while not charging or unknown.
    pub minutes_to_full: Option<u64>,
    /// The box was woken in the warehouse to look itself over, and goes back to sleep within three minutes.
    #[serde(default)]
    pub storage_check: bool,
    /// USB sockets may charge tablets just now.
    #[serde(default)]
    pub usb_charging: bool,
    /// What the panel has given since local midnight, Wh; `None` where no panel was heard today.
    #[serde(default)]
    pub harvest_today_wh: Option<f64>,
    /// What the rest of today is expected to give, Wh: less and plus one standard deviation, about two days of three.
    #[serde(default)]
    pub harvest_expected_wh: Option<[f64; 2]>,
    /// The plan of the next 24 hours; `None` before the first advice, and on mains.
    #[serde(default)]
    pub plan: Option<DayPlan>,
    /// The film that is booked.
    #[serde(default)]
    pub film: Option<BookedFilm>,
    /// HTTP connections served at once.
    pub http_connections: u16,
}

/// The data disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storage {
    /// Bytes of the disk that holds the data.
    pub total_bytes: u64,
    /// Bytes that may still be written.
    pub free_bytes: u64,
    /// Bytes of it that only the learners' records may use.
    pub reserve_bytes: u64,
    /// It is no disk but memory: nothing that learners do is kept.
    #[serde(default)]
    pub in_memory: bool,
}

/// The system slots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// `idle`; `trial`: the running slot has to prove itself; `fell_back`: another slot failed its trial; `restart_needed`: the other slot
    /// boots next; `unproven`: the boot choice does not name the running slot yet; `unknown`: the boot choice cannot be read.
    pub state: String,
    /// The slot that runs, `a` or `b`.
    pub slot: ota::Slot,
    /// What is known of both; `None` while the boot choice cannot be read.
    #[serde(default)]
    pub slots: Option<SlotStates>,
    /// The slot that boots next.
    #[serde(default)]
    pub next: Option<ota::Slot>,
    /// Boots that a slot on trial still has after this one.
    #[serde(default)]
    pub tries_left: Option<u8>,
    /// What a slot on trial lacks just now.
    #[serde(default)]
    pub waits_for: Option<String>,
    /// Which slot failed its trial and why, until the next trial succeeds.
    #[serde(default)]
    pub fell_back: Option<String>,
    /// What is wrong with the boot choice.
    #[serde(default)]
    pub problem: Option<String>,
    /// The running system's name, such as `2026.11`; empty where nobody knows.
    #[serde(default)]
    pub release: String,
    /// Its number.
    #[serde(default)]
    pub version: u64,
    /// A newer one that is being fetched, installed, or waits for its restart.
    #[serde(default)]
    pub coming: Option<Coming>,
    /// A pack of lessons that is being fetched or made: `release` is its id; `doing` is `fetching`, `surveying`, `building` or `importing`.
    #[serde(default)]
    pub coming_pack: Option<Coming>,
    /// What came of the last pack, a line; empty before the first.
    #[serde(default)]
    pub last_pack: String,
    /// What the last look at a source said, a line; empty before the first.
    #[serde(default)]
    pub last_look: String,
    /// No release below this number is installed; 0 before the first that was confirmed.
    #[serde(default)]
    pub floor: u64,
    /// How often the release that is coming was put on trial already.
    #[serde(default)]
    pub attempts: u8,
    /// No earlier than this is it now, RFC 3339: the last signature of a publisher who is trusted.
    #[serde(default)]
    pub not_before: Option<String>,
}

/// A release on its way into the other slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coming {
    /// Its name.
    pub release: String,
    /// Its number.
    pub version: u64,
    /// `fetching`, `surveying`, `writing`, `checking`, `staged`, `restart`.
    pub doing: String,
    /// Where it comes from, for people; empty while no source is there.
    pub from: String,
    /// Bytes done of what is being done.
    pub done_bytes: u64,
    /// Of so many; 0: not known yet.
    pub of_bytes: u64,
    /// Bytes a second just now, while fetching.
    pub bytes_per_s: u64,
    /// Bytes of the new system that were here already.
    pub reused_bytes: u64,
    /// What it waits for, a line: power, quiet, a source; `None` while it goes on.
    pub waits_for: Option<String>,
}

impl Update {
    /// A box with one system, and nothing to tell of it.
    #[must_use]
    pub fn idle(slot: ota::Slot) -> Self {
        Self {
            state: "idle".to_owned(),
            slot,
            slots: None,
            next: None,
            tries_left: None,
            waits_for: None,
            fell_back: None,
            problem: None,
            release: String::new(),
            version: 0,
            coming: None,
            coming_pack: None,
            last_pack: String::new(),
            last_look: String::new(),
            floor: 0,
            attempts: 0,
            not_before: None,
        }
    }
}

/// Both slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotStates {
    /// The first.
    pub a: ota::SlotStatus,
    /// The second.
    pub b: ota::SlotStatus,
}

/// The library in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibraryState {
    /// Installed packs.
    pub packs: u64,
    /// Bytes that they take.
    pub bytes: u64,
}

/// The records in numbers: never a name, never a learner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordsState {
    /// Statements on the disk.
    pub statements: u64,
    /// Seconds since the last synced write that succeeded; `None` before the first.
    pub last_write_age_s: Option<u64>,
    /// For whom they are sealed when they leave the box: `none`, `demo` (anyone can open them), or the programme's short name.
    #[serde(default)]
    pub sealed_for: String,
    /// Statements that are not known to have arrived at the programme: they wait for receipts. `None`: the records cannot be asked.
    #[serde(default)]
    pub waiting: Option<u64>,
    /// What became of the last stick that was plugged in for records; `None`: there was none since the box started.
    #[serde(default)]
    pub last_stick: Option<StickTold>,
}

/// The machine itself, for the technician.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Memory of the machine, bytes.
    pub memory_total_bytes: u64,
    /// Memory that programs could still have, bytes.
    pub memory_available_bytes: u64,
}
