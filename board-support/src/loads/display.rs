//! The box's own picture output: the HDMI connectors of its graphics.
//!
//! `card*-HDMI-A-*/status` takes `off`, which forces the connector to count as unplugged so that its output is switched off, and `detect`, which
//! lifts that and looks again (kernel's `drivers/gpu/drm/drm_sysfs.c`, `status_store`). What it shows when read is the plug, not the word, so the word is
//! remembered here.

use super::{LoadSwitches, entries, put};
use crate::{BoardError, error};
use power_mgmt::LoadPlan;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(super) struct Displays {
    connectors: PathBuf,
    /// Which were told what in this life of the box.
    told: BTreeMap<PathBuf, bool>,
}

impl Displays {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            connectors: root.join("sys/class/drm"),
            told: BTreeMap::new(),
        }
    }

    fn switch(&mut self, on: bool) -> Result<(), BoardError> {
        let connectors = entries(&self.connectors, is_hdmi)?;
        self.told.retain(|path, _| connectors.contains(path));
        error::all(connectors.into_iter().map(|path| self.tell(path, on)))
    }

    fn tell(&mut self, connector: PathBuf, on: bool) -> Result<(), BoardError> {
        // Looking again takes the graphics a while: only when something changes.
        if self.told.get(&connector) == Some(&on) {
            return Ok(());
        }
        let word = if on { "detect" } else { "off" };
        if put(&connector.join("status"), word.as_bytes())? {
            self.told.insert(connector, on);
        }
        Ok(())
    }
}

fn is_hdmi(name: &str) -> bool {
    name.starts_with("card") && name.contains("-HDMI-A-")
}

impl LoadSwitches for Displays {
    fn apply(&mut self, plan: &LoadPlan) -> Result<(), BoardError> {
        self.switch(plan.display)
    }

    fn power_off(&mut self) -> Result<(), BoardError> {
        self.switch(false)
    }
}
