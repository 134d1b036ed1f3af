//! A battery that the kernel knows: a laptop's, a UPS hat's with a driver. `/sys/class/power_supply`, as the kernel's `sysfs-class-power`
//! describes it: µV, µA, µW, µAh, tenths of a degree.
//!
//! Drivers differ in the current's sign: most show how much flows, some are negative while discharging, some while charging. `status` says
//! which way it goes, or, where it does not know, a mains adapter that is not plugged in; the number says how much. `capacity` is a guess of
//! the firmware and is not read.

use super::{Gauge, GaugeError};
use crate::files::{bad_input, read_bytes};
use power_mgmt::BatterySample;
use power_mgmt::units::{AmpHours, Amps, Celsius, Volts};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where Linux shows them.
pub const CLASS: &str = "/sys/class/power_supply";

const MICRO: f64 = 1e-6;
/// Of one cell to a few dozen; a driver that shows less or more is not taken for a battery.
const PLAUSIBLE_V: std::ops::RangeInclusive<f64> = 1.0..=100.0;

/// What `technology` says of batteries that the gauge does not know.
const OTHER_CHEMISTRY: [&str; 5] = ["Li-ion", "Li-poly", "LiMn", "NiMH", "NiCd"];

/// A system battery.
#[derive(Debug)]
pub struct PowerSupply {
    folder: PathBuf,
}

/// Which way the charge flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    In,
    Out,
    /// Full, or held by its charger; whatever flows is little, and the number's sign the only word on it.
    AsShown,
}

impl PowerSupply {
    /// The first battery of the whole system in `class` that tells its voltage and what flows; `None` where there is none. A battery of a
    /// mouse or a pen (`scope` is `Device`) is none, and one of another chemistry is left alone: by LiFePO₄'s curve a laptop's lithium-ion
    /// battery would seem empty, and the box would switch itself off.
    #[must_use]
    pub fn find(class: &Path) -> Option<Self> {
        let mut folders: Vec<PathBuf> = std::fs::read_dir(class)
            .ok()?
            .flatten()
            .map(|entry| entry.path())
            .collect();
        folders.sort_unstable();
        folders.into_iter().map(Self::at).find(Self::is_battery)
    }

    /// The battery in this folder.
    #[must_use]
    pub const fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn is_battery(&self) -> bool {
        let holds = |name: &str, text: &str| {
            self.text(name)
                .is_ok_and(|found| found.as_deref() == Some(text))
        };
        let shows =
            |name: &str| matches!(self.text(name), Ok(Some(_)) | Err(GaugeError::Silent(_)));
        holds("type", "Battery")
            && !holds("scope", "Device")
            && !holds("present", "0")
            && !OTHER_CHEMISTRY
                .iter()
                .any(|other| holds("technology", other))
            && shows("voltage_now")
            && (shows("current_now") || shows("power_now"))
    }

    /// `None` where the driver has no such file or no value in it now (`ENODATA`); silent where it does not answer: the battery was taken out
    /// (`ENODEV`), its controller is busy (`EAGAIN`, `EBUSY`, `ETIMEDOUT`, `EIO`).
    fn text(&self, name: &str) -> Result<Option<String>, GaugeError> {
        let path = self.folder.join(name);
        match read_bytes(&path) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes).trim().to_owned();
                Ok((!text.is_empty()).then_some(text))
            }
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(GaugeError::Silent(format!("{}: {error}", path.display()))),
        }
    }

    fn number(&self, name: &str) -> Result<Option<f64>, GaugeError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match text.parse::<i64>() {
            #[allow(clippy::cast_precision_loss, reason = "a battery has no 2^53 µV")]
            Ok(value) => Ok(Some(value as f64)),
            Err(_) => Err(GaugeError::Input(bad_input(
                &self.folder.join(name),
                &text,
                "a whole number",
            ))),
        }
    }

    fn needed(&self, name: &str) -> Result<f64, GaugeError> {
        self.number(name)?.ok_or_else(|| self.silent(name))
    }

    fn silent(&self, name: &str) -> GaugeError {
        GaugeError::Silent(self.folder.join(name).display().to_string())
    }

    /// What the driver shows as flowing, A; from the power where it shows no current.
    fn shown_amps(&self, volts: f64) -> Result<f64, GaugeError> {
        if let Some(current) = self.number("current_now")? {
            return Ok(current * MICRO);
        }
        Ok(self.needed("power_now")? * MICRO / volts)
    }

    fn flow(&self) -> Result<Flow, GaugeError> {
        Ok(match self.text("status")?.as_deref() {
            Some("Charging") => Flow::In,
            Some("Discharging") => Flow::Out,
            Some(_) | None if self.folder.parent().and_then(on_mains) == Some(false) => Flow::Out,
            Some(_) | None => Flow::AsShown,
        })
    }
}

fn is_absent(error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::NotFound
        || error.raw_os_error() == Some(nix::errno::Errno::ENODATA as i32)
}

const fn into_pack(shown: f64, flow: Flow) -> f64 {
    match flow {
        Flow::In => shown.abs(),
        Flow::Out => -shown.abs(),
        Flow::AsShown => shown,
    }
}

impl Gauge for PowerSupply {
    fn sample(&mut self) -> Result<BatterySample, GaugeError> {
        let volts = self.needed("voltage_now")? * MICRO;
        if !PLAUSIBLE_V.contains(&volts) {
            return Err(self.silent("voltage_now"));
        }
        let amps = into_pack(self.shown_amps(volts)?, self.flow()?);
        // Nothing depends on what a battery may leave out: a driver that stumbles over its temperature has a voltage all the same.
        let tenths = self.number("temp").unwrap_or(None);
        let counter = self.number("charge_counter").unwrap_or(None);
        Ok(BatterySample {
            voltage: Volts::new(volts).ok_or_else(|| self.silent("voltage_now"))?,
            current: Amps::new(amps).ok_or_else(|| self.silent("current_now"))?,
            temperature: tenths.and_then(|tenths| Celsius::new(tenths / 10.0)),
            solar: None,
            counter: counter.and_then(|micro| AmpHours::new(micro * MICRO)),
        })
    }
}

/// Whether the machine has power from outside: a mains adapter or a USB charger that is `online`; `None` where it has no such supply.
fn on_mains(class: &Path) -> Option<bool> {
    let folders = std::fs::read_dir(class).ok()?.flatten();
    folders
        .map(|entry| PowerSupply::at(entry.path()))
        .filter(|supply| {
            let kind = supply.text("type").ok().flatten();
            matches!(kind.as_deref(), Some("Mains" | "USB"))
        })
        .map(|supply| supply.number("online").ok().flatten() == Some(1.0))
        .reduce(|one, other| one || other)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and writes its own files"
)]
mod tests;
