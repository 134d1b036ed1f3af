//! What is measured of each part: plain numbers, in units.

use board_support::storage::Registers;
use board_support::watchdog::Watchdog;
use content_store::library::Sampled;
use std::time::Duration;

/// What is known of battery and charger at one moment.
#[derive(Debug, Clone, PartialEq)]
pub enum Power {
    /// The board has no gauge: it stands on mains.
    OnMains,
    /// The gauge says nothing that can be believed: why, in a line.
    Silent(String),
    /// A sample.
    Measured(Sample),
}

/// What the gauge says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sample {
    /// V.
    pub voltage_v: f64,
    /// A, into the battery positive.
    pub current_a: f64,
    /// °C.
    pub temperature_c: Option<f64>,
    /// W from the panel; `None` where no charger speaks.
    pub solar_w: Option<f64>,
    /// Percent.
    pub charge_percent: Option<f64>,
    /// What it holds when full, Wh.
    pub capacity_wh: Option<f64>,
    /// Why a sample was not believed.
    pub distrust: Option<String>,
}

/// Means over some seconds, for what a change of load does.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Mean {
    /// Samples.
    pub count: u32,
    /// V.
    pub voltage_v: f64,
    /// A.
    pub current_a: f64,
    /// W from the panel; 0 where no charger speaks.
    pub solar_w: f64,
}

impl Mean {
    /// One more sample.
    pub(super) fn add(&mut self, sample: &Sample) {
        let (before, count) = (f64::from(self.count), f64::from(self.count + 1));
        let mean = |mean: f64, value: f64| (mean * before + value) / count;
        self.voltage_v = mean(self.voltage_v, sample.voltage_v);
        self.current_a = mean(self.current_a, sample.current_a);
        self.solar_w = mean(self.solar_w, sample.solar_w.unwrap_or(0.0));
        self.count += 1;
    }
}

/// What is known of the air.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Air {
    /// It is not to be tried: why.
    LeftAlone(String),
    /// Radios that could serve, and no box that serves on them.
    Idle(Vec<Cell>),
    /// It is being taken up.
    Starting,
    /// The box serves, or should.
    Serving {
        /// Its cells.
        cells: Vec<Cell>,
        /// What is wrong, a line each.
        trouble: Vec<String>,
    },
}

/// A radio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Its interface.
    pub interface: String,
    /// `channel 6`, or what drives it.
    pub on: String,
    /// Clients at most.
    pub clients_at_most: u16,
    /// Idle: it can be an access point. Serving: its beacons are sent and its daemon answers.
    pub good: bool,
}

/// What came of a trial of the wake alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alarm {
    /// The board has none.
    None,
    /// Not to be tried just now: why.
    LeftAlone(String),
    /// It was set a day ahead and read back: in so many seconds it would have rung; or why it would not. Then it was put back, or could not be.
    Tried {
        /// Seconds.
        rings_in: Result<u64, String>,
        /// Why it could not be put back.
        put_back: Result<(), String>,
    },
}

/// Two looks at the clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClockFacts {
    /// Unix seconds at the first look; `None`: it has no time.
    pub first: Result<Option<u64>, String>,
    /// At the second.
    pub second: Result<Option<u64>, String>,
    /// Between them, by the machine's own counter.
    pub between: Duration,
}

/// Room and speed of the storage.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StorageFacts {
    /// MB/s written, MB/s read, small synced writes a second; or why they were not measured, in a line.
    pub speed: Result<(f64, f64, f64), String>,
    /// Bytes free.
    pub free: u64,
    /// Bytes that are to stay free.
    pub keep_free: u64,
    /// The data lies in memory.
    pub in_memory: bool,
}

/// What the storage tells of its wear.
pub(super) type WearFacts = Option<Registers>;

/// The records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecordsFacts {
    /// How long a synced write took; or why none succeeded.
    pub write: Result<Duration, String>,
    /// Statements kept; or why they cannot be read.
    pub count: Result<u64, String>,
    /// What else is wrong with them: a line each.
    pub faults: Vec<String>,
}

/// The library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LibraryFacts {
    /// What was read; or why it cannot be.
    pub checked: Result<Sampled, String>,
}

/// A system slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SlotFacts {
    /// The machine has a single system.
    Single,
    /// Not to be tried: why.
    LeftAlone(String),
    /// It cannot be read: why.
    Unreadable(String),
    /// It was read and held against what was sealed.
    Read {
        /// `A` or `B`.
        slot: String,
        /// Bytes read.
        bytes: u64,
        /// The parts that are not what they should be.
        wrong: Vec<String>,
    },
}

/// The watchdog.
pub(super) type WatchdogFacts = Option<Watchdog>;

/// What a person did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Person {
    /// Nobody was asked: nobody takes part.
    NotAsked,
    /// Nobody could be asked: the lights are dark.
    NoLights,
    /// Nobody could answer: the button cannot be read.
    NoButton,
    /// They did it within the time.
    Did,
    /// They did not.
    DidNot,
}
