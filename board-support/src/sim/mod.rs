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
//! | `wake-dead` | `1` the alarm does not keep what it is set to, `0` it does | it does |
//! | `storage/life_time`, `pre_eol_info`, `type`, `name`, `manfid`, `fwrev` | the registers of the storage, as the kernel shows an eMMC's | it does not tell |
//! | `storage/mb_s` | the most MB/s that the storage takes and gives while it is measured | as fast as this machine's |
//! | `serial-number` | what the board's maker numbered it | not told |
//! | `watchdog/identity`, `timeout`, `state` | the watchdog, as the kernel shows one; no folder: there is none | not known |
//! | `slots/booted` | `A` or `B`: what a boot loader told the kernel; read once | as the kernel's command line says, else A |
//! | `radio/facts` | a line a radio: `wlan0 driver=X limit=31 bands=2.4,5 ap=yes wpa3=no dbm=20 radar=52,100 no-initiate=12 forbidden=13`, each word with its default | one plain radio; empty: none |
//! | `radio/countries` | countries whose rules are known, one a line | all |
//! | `radio/stations` | who is there: lines of `MAC DBM IDLE_S ADDRESS[,ADDRESS] [INTERFACE]` | nobody |
//! | `radio/heard` | what a scan hears: lines of `MAC MHZ DBM NAME` | nothing |
//! | `radio/rival` | the address of another DHCP server | none |
//! | `radio/fault` | `silent`, `gone`, `no-beacons`, `deaf`, `halted` or `hang` (the questions themselves hang), the gentlest rung that heals it (`reload`, `restart_daemon`, `interface_down_up`, `reset_device`, `nothing`), and on which radio, if not on all | none |
//! | `faults` | lines of `SERVICE panic`, `SERVICE hang` or `SERVICE leak` | none |
//! | `speed` | box seconds in a real second, 1 to 100000; read once | 1 |
//! | `start/problems`, `start/data-in-memory`, `start/reset-by-watchdog` | what the start of the system found wrong (see [`crate::start`]); read once | as this machine's own start says |
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
//! | `radio/air` | what is on the air: a line a cell, as `wlan0 lock=wpa2 country=PH band=2.4 channel=6 dbm=20 beacon_tu=100 clients=30 only=all name=School-7F3A`, and one of the network; empty: silence |
//! | `radio/rungs` | the last rungs that were climbed: lines of `INTERFACE RUNG` |
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
mod radio;
pub mod sunny_day;

use crate::board::{Board, BoardError, BoardId};
use crate::boot_control::sim::SimBootControl;
use crate::clock::Rtc;
use crate::faults::FaultSwitch;
use crate::files::{Output, bad_input, read_text, write_error};
use crate::gauge::Gauge;
use crate::loads::LoadSwitches;
use crate::start::StartFacts;
use fast_clock::FastClock;
use fast_day::{DayLoads, DayRtc, SharedLoad, SunnyGauge};
use parts::{FileButton, FileGauge, FileLoads, FilePanel, FileRtc, FileSerial, FileWake};
use radio::FileAir;
use std::path::Path;

/// Box seconds per real second on the sunny day.
pub const SUNNY_DAY_SCALE: u32 = 60;

/// Box seconds per real second at most: a day in less than a second would be no day for anybody.
const FASTEST: u32 = 100_000;

/// What a folder that was not there gets: a healthy pack at rest in the shade, 85 to 90 % full.
const AT_REST: [(&str, &str); 5] = [
    ("battery/voltage_v", "13.25\n"),
    ("battery/current_a", "-0.4\n"),
    ("battery/temperature_c", "24\n"),
    ("charger/power_w", "0\n"),
    ("button", "0\n"),
];

/// And a watchdog, which every board has.
const WATCHDOG: [(&str, &str); 3] = [
    ("watchdog/identity", "simulated\n"),
    ("watchdog/timeout", "15\n"),
    ("watchdog/state", "active\n"),
];

/// The board whose parts are the files in `dir`.
pub(crate) fn open_dir(dir: &Path) -> Result<Board, BoardError> {
    if !dir.exists() {
        make_folders(dir)?;
        put(dir, &AT_REST)?;
        put_watchdog(dir)?;
    }
    make_folders(dir)?;
    let gauge = Box::new(FileGauge::new(dir));
    board(
        dir,
        "simulated board",
        speed(dir)?,
        gauge,
        Box::new(FileLoads::new(dir)),
        Box::new(FileRtc::new(dir)),
    )
}

fn put(dir: &Path, files: &[(&str, &str)]) -> Result<(), BoardError> {
    (files.iter()).try_for_each(|(name, text)| Output::new(dir.join(name)).put((*text).to_owned()))
}

fn put_watchdog(dir: &Path) -> Result<(), BoardError> {
    let folder = dir.join("watchdog");
    std::fs::create_dir_all(&folder).map_err(|source| write_error(&folder, source))?;
    put(dir, &WATCHDOG)
}

/// What the folder says of the speed of its time.
fn speed(dir: &Path) -> Result<u32, BoardError> {
    let path = dir.join("speed");
    let Some(text) = read_text(&path)?.filter(|text| !text.is_empty()) else {
        return Ok(1);
    };
    let speed = text.parse().ok();
    speed
        .filter(|speed| (1..=FASTEST).contains(speed))
        .ok_or_else(|| bad_input(&path, &text, "a number from 1 to 100000"))
}

/// The sunny day, shown in `dir`. It begins anew at every start.
pub(crate) fn open_sunny_day(dir: &Path) -> Result<Board, BoardError> {
    make_folders(dir)?;
    // A button left pressed by the day before would act at once.
    put(dir, &[("button", "0\n")])?;
    put_watchdog(dir)?;
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
        air: Some(Box::new(FileAir::new(dir))),
        boot: Box::new(SimBootControl::open(dir)?),
        time_scale,
        faults: FaultSwitch::at(dir.join("faults")),
        faults_at_open: Vec::new(),
        start: StartFacts::default(),
    })
}

fn make_folders(dir: &Path) -> Result<(), BoardError> {
    for folder in ["battery", "charger", "radio", "slots"].map(|name| dir.join(name)) {
        std::fs::create_dir_all(&folder).map_err(|source| write_error(&folder, source))?;
    }
    Ok(())
}
