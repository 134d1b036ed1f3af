//! The simulated board's files: a test's hands and eyes.

use super::wait::wait_until;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The folder behind `--board sim:DIR`. Inputs are written aside and renamed, so that the box never reads half a
/// number.
#[derive(Debug, Clone)]
pub struct Sim {
    dir: PathBuf,
}

impl Sim {
    /// Makes the folder and a board in the sun.
    pub(crate) fn new(dir: PathBuf) -> Self {
        for part in ["battery", "charger", "radio"] {
            fs::create_dir_all(dir.join(part)).expect("folder of the simulated board");
        }
        let sim = Self { dir };
        sim.battery(13.4, 1.0);
        sim.set("battery/temperature_c", "25.0");
        sim.set("charger/power_w", "20.0");
        sim.set("button", "0");
        sim
    }

    /// The folder itself.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes one input file.
    pub fn set(&self, name: &str, value: &str) {
        let path = self.dir.join(name);
        let aside = path.with_extension("aside");
        fs::write(&aside, format!("{value}\n")).expect("input of the simulated board");
        fs::rename(&aside, &path).expect("input of the simulated board");
    }

    /// Turns the battery: volts, and amperes with charging positive.
    pub fn battery(&self, voltage_v: f64, current_a: f64) {
        self.set("battery/voltage_v", &voltage_v.to_string());
        self.set("battery/current_a", &current_a.to_string());
    }

    /// Unplugs the battery's sensor: its files are gone.
    pub fn silence_battery(&self) {
        for part in ["voltage_v", "current_a", "temperature_c"] {
            let _ = fs::remove_file(self.dir.join("battery").join(part));
        }
    }

    /// A watchdog that is fed.
    pub fn watchdog(&self) {
        fs::create_dir_all(self.dir.join("watchdog")).expect("folder of the simulated board");
        for (name, text) in [
            ("identity", "simulated"),
            ("timeout", "15"),
            ("state", "active"),
        ] {
            self.set(&format!("watchdog/{name}"), text);
        }
    }

    /// Asks `service` to suffer `fault` (`panic`, `hang`, `block` or `leak`).
    pub fn fault(&self, service: &str, fault: &str) {
        self.set("faults", &format!("{service} {fault}"));
    }

    /// Takes every fault back.
    pub fn no_fault(&self) {
        let _ = fs::remove_file(self.dir.join("faults"));
    }

    /// Presses the button for about `time`.
    pub fn press(&self, time: Duration) {
        self.set("button", "1");
        std::thread::sleep(time);
        self.set("button", "0");
    }

    /// What an output file shows now; empty while there is none.
    #[must_use]
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.dir.join(name)).unwrap_or_default()
    }

    /// The lights now, e.g. `battery=green wifi=off lessons=on help=off`.
    #[must_use]
    pub fn panel(&self) -> String {
        self.read("panel").trim().to_owned()
    }

    /// What one light shows now, e.g. `light("help")`.
    #[must_use]
    pub fn light(&self, name: &str) -> String {
        let prefix = format!("{name}=");
        let panel = self.panel();
        let light = panel
            .split_whitespace()
            .find_map(|word| word.strip_prefix(&prefix));
        light.unwrap_or_default().to_owned()
    }

    /// What the technician's line shows now.
    #[must_use]
    pub fn serial(&self) -> String {
        self.read("serial")
    }

    /// The load plan now.
    #[must_use]
    pub fn power(&self) -> String {
        self.read("power")
    }

    /// Waits until the panel satisfies `condition`.
    pub fn wait_for_panel(&self, what: &str, condition: impl Fn(&str) -> bool) {
        wait_until(
            &format!("the panel: {what}; it shows `{}`", self.panel()),
            || condition(&self.panel()),
        );
    }
}
