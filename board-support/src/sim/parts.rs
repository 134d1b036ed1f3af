//! Each part of the board as a file or two.

use crate::BoardError;
use crate::button::Button;
use crate::clock::{Rtc, seconds};
use crate::files::{Output, bad_input, read_text};
use crate::gauge::{Gauge, GaugeError};
use crate::loads::LoadSwitches;
use crate::panel::{LightPanel, Lights};
use crate::serial::{SerialPage, plain};
use crate::wake::WakeAlarm;
use power_mgmt::units::{AmpHours, Amps, Celsius, Volts, Watts};
use power_mgmt::{BatterySample, LoadPlan};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(super) struct FileGauge {
    dir: PathBuf,
}

impl FileGauge {
    pub(super) fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
        }
    }

    fn needed(&self, name: &str) -> Result<f64, GaugeError> {
        number(&self.dir.join(name))?.ok_or_else(|| GaugeError::Silent(name.to_owned()))
    }
}

impl Gauge for FileGauge {
    fn sample(&mut self) -> Result<BatterySample, GaugeError> {
        let silent = |name: &str| GaugeError::Silent(name.to_owned());
        Ok(BatterySample {
            voltage: Volts::new(self.needed("battery/voltage_v")?)
                .ok_or_else(|| silent("battery/voltage_v"))?,
            current: Amps::new(self.needed("battery/current_a")?)
                .ok_or_else(|| silent("battery/current_a"))?,
            temperature: number(&self.dir.join("battery/temperature_c"))?.and_then(Celsius::new),
            solar: number(&self.dir.join("charger/power_w"))?.and_then(Watts::new),
            counter: number(&self.dir.join("battery/counter_ah"))?.and_then(AmpHours::new),
        })
    }
}

/// The finite number in a sensor's file; `None` where the file is missing, unreadable or empty (as while a script writes it anew).
fn number(path: &Path) -> Result<Option<f64>, GaugeError> {
    let Some(text) = read_text(path)
        .ok()
        .flatten()
        .filter(|text| !text.is_empty())
    else {
        return Ok(None);
    };
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Some(value)),
        Ok(_) | Err(_) => Err(GaugeError::Input(bad_input(path, &text, "a number"))),
    }
}

pub(super) struct FileButton {
    path: PathBuf,
}

impl FileButton {
    pub(super) fn new(dir: &Path) -> Self {
        Self {
            path: dir.join("button"),
        }
    }
}

impl Button for FileButton {
    fn is_pressed(&mut self) -> Result<bool, BoardError> {
        flag(&self.path)
    }
}

/// `1` or `0`; nothing is `0`.
fn flag(path: &Path) -> Result<bool, BoardError> {
    match read_text(path)?.as_deref() {
        None | Some("" | "0") => Ok(false),
        Some("1") => Ok(true),
        Some(text) => Err(bad_input(path, text, "0 or 1")),
    }
}

pub(super) struct FileRtc {
    path: PathBuf,
}

impl FileRtc {
    pub(super) fn new(dir: &Path) -> Self {
        Self {
            path: dir.join("rtc"),
        }
    }
}

impl Rtc for FileRtc {
    fn read(&mut self) -> Result<Option<u64>, BoardError> {
        read_text(&self.path)?.map_or(Ok(None), |text| seconds(&self.path, &text))
    }
}

pub(super) struct FileWake {
    dead: PathBuf,
    rang: PathBuf,
    shown: Output,
}

impl FileWake {
    pub(super) fn new(dir: &Path) -> Self {
        Self {
            dead: dir.join("wake-dead"),
            rang: dir.join("wake-rang"),
            shown: Output::new(dir.join("wake")),
        }
    }
}

impl WakeAlarm for FileWake {
    /// `wake-rang` is an input and stays as it is.
    fn set(&mut self, at: Option<u64>) -> Result<Option<u64>, BoardError> {
        if flag(&self.dead)? {
            return Err(bad_input(&self.dead, "1", "an alarm that keeps its time"));
        }
        self.shown
            .put(at.map_or_else(String::new, |at| format!("{at}\n")))?;
        Ok(at)
    }

    fn rang(&mut self) -> Result<bool, BoardError> {
        flag(&self.rang)
    }
}

pub(super) struct FilePanel(Output);

impl FilePanel {
    pub(super) fn new(dir: &Path) -> Self {
        Self(Output::new(dir.join("panel")))
    }
}

impl LightPanel for FilePanel {
    /// The rhythm stands in the line, so the phase changes nothing.
    fn show(&mut self, lights: &Lights, _phase: Duration) -> Result<(), BoardError> {
        self.0.put(format!("{lights}\n"))
    }
}

pub(super) struct FileSerial(Output);

impl FileSerial {
    pub(super) fn new(dir: &Path) -> Self {
        Self(Output::new(dir.join("serial")))
    }
}

impl SerialPage for FileSerial {
    fn show(&mut self, page: &str) -> Result<(), BoardError> {
        self.0.put(plain(page))
    }
}

pub(super) struct FileLoads(Output);

impl FileLoads {
    pub(super) fn new(dir: &Path) -> Self {
        Self(Output::new(dir.join("power")))
    }
}

impl LoadSwitches for FileLoads {
    fn apply(&mut self, plan: &LoadPlan) -> Result<(), BoardError> {
        self.0.put(plan_text(plan))
    }

    fn power_off(&mut self) -> Result<(), BoardError> {
        self.0.put("state=off\n".to_owned())
    }
}

fn plan_text(plan: &LoadPlan) -> String {
    let word = |on| if on { "on" } else { "off" };
    format!(
        "state={}\nradio={}\nhttp_connections={}\nusb_charging={}\nprojector={}\npanel_full={}\n\
         radio_dbm={}\nvideo_kbit_s={}\ncpu={}\nsync={}\ndisplay={}\n",
        plan.state.as_str(),
        word(plan.radio),
        plan.http_connections,
        word(plan.usb_charging),
        word(plan.projector),
        word(plan.panel_full),
        plan.radio_dbm,
        plan.video_kbit_s,
        plan.cpu.as_str(),
        plan.sync.as_str(),
        word(plan.display),
    )
}
