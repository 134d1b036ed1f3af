//! The parts of `--board sim`: the pure day, played in real time and shown as files.

use super::fast_clock::FastClock;
use super::parts::FileLoads;
use super::sunny_day::{Moment, SunnyDay, draw_w, wall_clock};
use crate::BoardError;
use crate::clock::Rtc;
use crate::files::Output;
use crate::gauge::{Gauge, GaugeError};
use crate::loads::LoadSwitches;
use power_mgmt::units::{Amps, Celsius, Volts, Watts};
use power_mgmt::{BatterySample, LoadPlan, PowerState};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// What the box draws, mW: the load switches say it, the day's battery gives it. A single number, so no lock.
#[derive(Debug, Clone)]
pub(super) struct SharedLoad(Arc<AtomicU32>);

impl Default for SharedLoad {
    /// Before the first plan the box draws what it draws at the least.
    fn default() -> Self {
        let load = Self(Arc::default());
        load.set(PowerState::Minimal);
        load
    }
}

impl SharedLoad {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 9,000 mW"
    )]
    fn set(&self, state: PowerState) {
        self.0
            .store((draw_w(state) * 1000.0).round() as u32, Ordering::Relaxed);
    }

    fn watts(&self) -> f64 {
        f64::from(self.0.load(Ordering::Relaxed)) / 1000.0
    }
}

/// The day's gauge. Asking it moves the day on; what it answers is shown in the files that `sim:DIR` would read.
pub(super) struct SunnyGauge {
    day: SunnyDay,
    clock: FastClock,
    load: SharedLoad,
    voltage: Output,
    current: Output,
    temperature: Output,
    solar: Output,
}

impl SunnyGauge {
    pub(super) fn new(dir: &Path, clock: FastClock, load: SharedLoad) -> Self {
        let output = |name| Output::new(dir.join(name));
        Self {
            day: SunnyDay::new(),
            clock,
            load,
            voltage: output("battery/voltage_v"),
            current: output("battery/current_a"),
            temperature: output("battery/temperature_c"),
            solar: output("charger/power_w"),
        }
    }

    /// For people to look at; coarse, so that the files are not written at every sample.
    fn show(&mut self, moment: &Moment) -> Result<(), BoardError> {
        self.voltage.put(format!("{:.2}\n", moment.volts))?;
        self.current.put(format!("{:.1}\n", moment.amps))?;
        self.temperature.put(format!("{:.0}\n", moment.celsius))?;
        self.solar.put(format!("{:.0}\n", moment.solar_w))
    }
}

impl Gauge for SunnyGauge {
    fn sample(&mut self) -> Result<BatterySample, GaugeError> {
        self.day.advance_to(self.clock.elapsed(), self.load.watts());
        let moment = self.day.moment();
        self.show(&moment).map_err(GaugeError::Input)?;
        let silent = || GaugeError::Silent("of the simulated day".to_owned());
        Ok(BatterySample {
            voltage: Volts::new(moment.volts).ok_or_else(silent)?,
            current: Amps::new(moment.amps).ok_or_else(silent)?,
            temperature: Celsius::new(moment.celsius),
            solar: Watts::new(moment.solar_w),
            counter: None,
        })
    }
}

pub(super) struct DayLoads {
    files: FileLoads,
    load: SharedLoad,
}

impl DayLoads {
    pub(super) const fn new(files: FileLoads, load: SharedLoad) -> Self {
        Self { files, load }
    }
}

impl LoadSwitches for DayLoads {
    fn apply(&mut self, plan: &LoadPlan) -> Result<(), BoardError> {
        self.load.set(plan.state);
        self.files.apply(plan)
    }

    fn power_off(&mut self) -> Result<(), BoardError> {
        self.load.set(PowerState::Off);
        self.files.power_off()
    }
}

pub(super) struct DayRtc {
    clock: FastClock,
    shown: Output,
}

impl DayRtc {
    pub(super) fn new(dir: &Path, clock: FastClock) -> Self {
        Self {
            clock,
            shown: Output::new(dir.join("rtc")),
        }
    }
}

impl Rtc for DayRtc {
    fn read(&mut self) -> Result<Option<u64>, BoardError> {
        let seconds = wall_clock(self.clock.elapsed());
        self.shown.put(format!("{seconds}\n"))?;
        Ok(Some(seconds))
    }
}
