//! The simulated board: plain files in a folder, so that any script can turn a part.
//!
//! Inputs, read at every question:
//!
//! | file | holds | missing or empty |
//! |---|---|---|
//! | `battery/voltage_v`, `battery/current_a` | a number: V at the pack, A into it | the gauge is silent |
//! | `battery/temperature_c` | a number, °C | no temperature |
//! | `battery/counter_ah` | a number, Ah into the pack since the counter began; only its differences mean something | no charge counter |
//! | `charger/power_w` | a number, W drawn from the panel | no charger that speaks |
//! | `button` | `1` held down, `0` not | not held |
//! | `rtc` | seconds since 1970 | no clock |
//! | `wake-rang` | `1` it was the alarm that switched the box on, `0` not | not |
//! | `slots/booted` | `A` or `B`: what a boot loader told the kernel; read once | as the kernel's command line says, else A |
//! | `faults` | lines of `SERVICE panic` or `SERVICE hang` | none |
//! | `start/problems`, `start/data-in-memory` | what the start of the system found wrong (see [`crate::start`]); read once | as this machine's own start says |
//!
//! An unreadable sensor file is a silent sensor; one that holds something else is an error that names the file. `1e3` or `-5000` are
//! numbers: that a reading is absurd is for the estimator to notice.
//!
//! Outputs, written aside and renamed, and only when they change:
//!
//! | file | shows |
//! |---|---|
//! | `panel` | one line, the lights: `battery=green wifi=on lessons=blink1 help=off` |
//! | `serial` | the technician's page |
//! | `power` | the load plan as `key=value` lines, first `state=full`; only `state=off` once every rail is off for good |
//! | `wake` | when the clock's alarm switches the box on, seconds since 1970; empty: never |
//! | `boot.env`, `slots/a.img`, `slots/b.img` | the boot choice (our text, or U-Boot's two copies where it is a link to them) and the slots |
//!
//! A folder that is not there is made, with a healthy battery at rest, so that `--board sim:DIR` works at once. In a folder that is
//! there no input is ever made: a missing one means something.
//!
//! `--board sim` plays a sunny school day ([`sunny_day`]) at 60 times speed; its folder shows the inputs too, but only `button` and `faults` are
//! read from it.

mod fast_clock;
mod fast_day;
mod parts;
pub mod sunny_day;

use crate::board::{Board, BoardError, BoardId};
use crate::boot_control::sim::SimBootControl;
use crate::clock::Rtc;
use crate::faults::FaultSwitch;
use crate::files::{Output, write_error};
use crate::gauge::Gauge;
use crate::loads::LoadSwitches;
use crate::start::StartFacts;
use fast_clock::FastClock;
use fast_day::{DayLoads, DayRtc, SharedLoad, SunnyGauge};
use parts::{FileButton, FileGauge, FileLoads, FilePanel, FileRtc, FileSerial, FileWake};
use std::path::Path;

/// Box seconds per real second on the sunny day.
pub const SUNNY_DAY_SCALE: u32 = 60;

/// What a folder that was not there gets: a healthy pack at rest in the shade, 85 to 90 % full.
const AT_REST: [(&str, &str); 5] = [
    ("battery/voltage_v", "13.25\n"),
    ("battery/current_a", "-0.4\n"),
    ("battery/temperature_c", "24\n"),
    ("charger/power_w", "0\n"),
    ("button", "0\n"),
];

/// The board whose parts are the files in `dir`.
pub(crate) fn open_dir(dir: &Path) -> Result<Board, BoardError> {
    if !dir.exists() {
        make_folders(dir)?;
        for (name, text) in AT_REST {
            Output::new(dir.join(name)).put(text.to_owned())?;
        }
    }
    make_folders(dir)?;
    let gauge = Box::new(FileGauge::new(dir));
    board(
        dir,
        "simulated board",
        1,
        gauge,
        Box::new(FileLoads::new(dir)),
        Box::new(FileRtc::new(dir)),
    )
}

/// The sunny day, shown in `dir`. It begins anew at every start.
pub(crate) fn open_sunny_day(dir: &Path) -> Result<Board, BoardError> {
    make_folders(dir)?;
    // A button left pressed by the day before would act at once.
    Output::new(dir.join("button")).put("0\n".to_owned())?;
    let (clock, load) = (FastClock::start(SUNNY_DAY_SCALE), SharedLoad::default());
    let gauge = Box::new(SunnyGauge::new(dir, clock, load.clone()));
    let loads = Box::new(DayLoads::new(FileLoads::new(dir), load));
    let rtc = Box::new(DayRtc::new(dir, clock));
    board(
        dir,
        "simulated sunny school day",
        SUNNY_DAY_SCALE,
        gauge,
        loads,
        rtc,
    )
}

fn board(
    dir: &Path,
    model: &str,
    time_scale: u32,
    gauge: Box<dyn Gauge>,
    loads: Box<dyn LoadSwitches>,
    rtc: Box<dyn Rtc>,
) -> Result<Board, BoardError> {
    Ok(Board {
        id: BoardId::Sim,
        model: model.to_owned(),
        gauge: Some(gauge),
        panel: Box::new(FilePanel::new(dir)),
        button: Box::new(FileButton::new(dir)),
        serial: Box::new(FileSerial::new(dir)),
        loads,
        rtc,
        wake: Some(Box::new(FileWake::new(dir))),
        boot: Box::new(SimBootControl::open(dir)?),
        time_scale,
        faults: FaultSwitch::at(dir.join("faults")),
        faults_at_open: Vec::new(),
        start: StartFacts::default(),
    })
}

fn make_folders(dir: &Path) -> Result<(), BoardError> {
    for folder in ["battery", "charger", "slots"].map(|name| dir.join(name)) {
        std::fs::create_dir_all(&folder).map_err(|source| write_error(&folder, source))?;
    }
    Ok(())
}
