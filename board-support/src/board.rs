//! The box as a set of parts, and opening the chosen one.

use crate::absent::{DarkPanel, NoButton, NoGauge, NoSerial};
use crate::boot_control;
use crate::boot_time::since_boot;
use crate::button::Button;
use crate::clock::{KernelRtc, Rtc};
use crate::error::shortened;
use crate::faults::FaultSwitch;
use crate::files::read_bytes;
use crate::gauge::power_supply::{self, PowerSupply};
use crate::gauge::{Gauge, WithCharger};
use crate::loads::{self, LoadSwitches};
use crate::panel::LightPanel;
use crate::radio::{Air, LinuxAir};
use crate::serial::SerialPage;
use crate::start::StartFacts;
use crate::table::{self, identify};
use crate::vedirect::Ports;
use crate::wake::WakeAlarm;
use crate::{rpi, sim};
use ota::Slot;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

pub use crate::error::BoardError;
pub use crate::table::BoardId;

/// Where Linux shows the device tree.
pub const DEVICE_TREE: &str = "/proc/device-tree";

/// Configurations and sockets of the daemons: below the folder that the service's unit makes for it.
const AIR_RUN: &str = "/run/school-box/air";

/// A battery monitor speaks every second, and what is heard of its first block does not count.
const MONITOR_PATIENCE: Duration = Duration::from_secs(4);

/// `--board auto|sim|sim:DIR`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum BoardChoice {
    /// The board this machine is, told from the device tree.
    #[default]
    Auto,
    /// A simulated sunny school day at 60 times speed.
    Sim,
    /// Plain files in this folder.
    SimDir(PathBuf),
}

impl FromStr for BoardChoice {
    type Err = BoardError;

    /// # Errors
    /// [`BoardError::UnknownBoard`], which says what is allowed.
    fn from_str(text: &str) -> Result<Self, BoardError> {
        match (text, text.strip_prefix("sim:")) {
            ("auto", _) => Ok(Self::Auto),
            ("sim", _) => Ok(Self::Sim),
            (_, Some(dir)) if !dir.is_empty() => Ok(Self::SimDir(PathBuf::from(dir))),
            _ => Err(BoardError::UnknownBoard {
                asked: shortened(text),
            }),
        }
    }
}

/// Every part of the box, each owned by the one service that drives it.
pub struct Board {
    /// Which board this is.
    pub id: BoardId,
    /// For people, e.g. `Raspberry Pi 4 Model B Rev 1.5`.
    pub model: String,
    /// `None` on a board in no row of the table, without a battery that the kernel knows and without a battery monitor: it is taken to stand on
    /// mains.
    pub gauge: Option<Box<dyn Gauge>>,
    /// The four lights.
    pub panel: Box<dyn LightPanel>,
    /// The one button.
    pub button: Box<dyn Button>,
    /// The technician's page of a simulated board. A real board's line is the console's ([`crate::terminal`]).
    pub serial: Box<dyn SerialPage>,
    /// The switched rails.
    pub loads: Box<dyn LoadSwitches>,
    /// The battery-backed clock.
    pub rtc: Box<dyn Rtc>,
    /// Its alarm on the power latch; `None` where nothing could wake a box that is off.
    pub wake: Option<Box<dyn WakeAlarm>>,
    /// Radios and network; `None` where the box has nothing to say in them: on a desk's computer.
    pub air: Option<Box<dyn Air>>,
    /// Where the boot choice is kept.
    pub boot: Box<dyn ota::BootControl>,
    /// Box seconds per real second: 1, but 60 on the simulated sunny day.
    pub time_scale: u32,
    /// Only a simulated board has any.
    pub faults: FaultSwitch,
    /// Parts that did not open and were replaced by a silent or dark stand-in; a line each: what, on what, what to do.
    pub faults_at_open: Vec<String>,
    /// What the start of the system found wrong, before the box.
    pub start: StartFacts,
}

impl std::fmt::Debug for Board {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Board")
            .field("id", &self.id)
            .field("model", &self.model)
            .field("battery", &self.gauge.is_some())
            .field("time_scale", &self.time_scale)
            .field("faults_at_open", &self.faults_at_open)
            .finish_non_exhaustive()
    }
}

impl Board {
    /// Opens the chosen board. `data` is the box's data folder; `--board sim` keeps its files in `DATA/sim`.
    ///
    /// A real board always opens: see [`Board::faults_at_open`].
    ///
    /// # Errors
    /// [`BoardError::Write`] where a simulated board's folder cannot be made or written.
    pub fn open(choice: &BoardChoice, data: &Path) -> Result<Self, BoardError> {
        let mut board = match choice {
            BoardChoice::Sim => sim::open_sunny_day(&data.join("sim"))?,
            BoardChoice::SimDir(dir) => sim::open_dir(dir)?,
            BoardChoice::Auto => Self::open_from(Path::new(DEVICE_TREE), data),
        };
        board.start = StartFacts::of(choice);
        Ok(board)
    }

    /// Which board this machine is, from the device tree's `compatible` and `model`.
    ///
    /// # Errors
    /// [`BoardError::Read`] where there is a device tree that cannot be read.
    pub fn detect() -> Result<BoardId, BoardError> {
        Self::detect_in(Path::new(DEVICE_TREE))
    }

    /// As [`Board::detect`], in the device tree at `tree`. Without one the machine is [`BoardId::Generic`].
    ///
    /// # Errors
    /// [`BoardError::Read`] where there is a device tree that cannot be read.
    pub fn detect_in(tree: &Path) -> Result<BoardId, BoardError> {
        Ok(identify(
            &property(tree, "compatible")?,
            &property(tree, "model")?,
        ))
    }

    fn open_from(tree: &Path, data: &Path) -> Self {
        let mut faults = Vec::new();
        let id = Self::detect_in(tree).unwrap_or_else(|error| {
            faults.push(format!("{error}: the board is not known, its battery and lights are not used; check the image"));
            BoardId::Generic
        });
        let model = property(tree, "model").unwrap_or_default();
        let model = String::from_utf8_lossy(&model)
            .trim_end_matches('\0')
            .trim()
            .to_owned();
        let mut board = match table::row(id) {
            Some(row) => rpi::open(row, model),
            None => Self::generic(
                model,
                boot_control::booted_slot(),
                Path::new(power_supply::CLASS),
            ),
        };
        board.faults_at_open.append(&mut faults);
        board.air = air_of(boot_control::booted_slot(), data);
        board
    }

    /// A machine in no row of the table. Where it runs our image (then a slot was booted) somebody took it for a box: it says what it is
    /// not. A laptop or a board with a UPS has a battery that the kernel knows, in `class`.
    fn generic(model: String, booted: Option<Slot>, class: &Path) -> Self {
        let model = if model.is_empty() {
            "this computer".to_owned()
        } else {
            model
        };
        let mut faults = Vec::new();
        let gauge = gauge_of_generic(class, Path::new(table::VICTRON_CABLES));
        if booted.is_some() {
            faults.push(format!(
                "this board ({model}) is in no row of the board table: its {}lights and button are not used; use a board of the list{}",
                if gauge.is_none() { "battery, " } else { "" },
                if gauge.is_none() { ", or stay on mains" } else { "" },
            ));
        }
        Self {
            id: BoardId::Generic,
            gauge,
            panel: Box::new(DarkPanel),
            button: Box::new(NoButton),
            serial: Box::new(NoSerial),
            loads: loads::without_rails(booted),
            rtc: Box::new(KernelRtc::first()),
            wake: None,
            air: None,
            boot: boot_control::wired(
                table::boot_wiring(BoardId::Generic, &boot_control::loader()),
                booted,
                &model,
            ),
            model,
            time_scale: 1,
            faults: FaultSwitch::default(),
            faults_at_open: faults,
            start: StartFacts::default(),
        }
    }
}

/// Where our image runs, whatever the board, radios and network are the box's; on any other machine they are its owner's.
fn air_of(booted: Option<Slot>, data: &Path) -> Option<Box<dyn Air>> {
    booted.map(|_| {
        let air = LinuxAir::new(PathBuf::from(AIR_RUN), data.join("air"));
        Box::new(air) as Box<dyn Air>
    })
}

/// The battery that the kernel knows, and what a solar charger says; without one a battery monitor on a cable; else none, and the board stands
/// on mains.
fn gauge_of_generic(class: &Path, cables: &Path) -> Option<Box<dyn Gauge>> {
    let mut ports = Ports::new(cables);
    if let Some(battery) = PowerSupply::find(class) {
        return Some(Box::new(WithCharger::new(battery, ports, since_boot)));
    }
    ports
        .await_monitor(MONITOR_PATIENCE, since_boot)
        .then(|| Box::new(WithCharger::new(NoGauge, ports, since_boot)) as Box<dyn Gauge>)
}

/// What the board's maker numbered it, from the device tree; `None` where it does not say. `data` is as for [`Board::open`]; a simulated board's is
/// `DIR/serial-number`.
#[must_use]
pub fn serial_number(choice: &BoardChoice, data: &Path) -> Option<String> {
    let folder = match choice {
        BoardChoice::Auto => PathBuf::from(DEVICE_TREE),
        BoardChoice::Sim => data.join("sim"),
        BoardChoice::SimDir(dir) => dir.clone(),
    };
    let text = property(&folder, "serial-number").ok()?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    let shown: String = text.chars().filter(|c| !c.is_control()).take(32).collect();
    Some(shown).filter(|shown| !shown.is_empty())
}

/// A property of the device tree's root; empty where there is none.
fn property(tree: &Path, name: &str) -> Result<Vec<u8>, BoardError> {
    let path = tree.join(name);
    match read_bytes(&path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(BoardError::Read { path, source }),
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and writes its own files"
)]
mod tests;
