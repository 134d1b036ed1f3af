//! The soft block of the Wi-Fi radios.
//!
//! One event written to `/dev/rfkill` says it to every radio of a kind, also to those that come later (kernel's `net/rfkill/core.c`,
//! `rfkill_fop_write`). *Not* `/sys/class/rfkill/*/soft`: a file per radio, each needing its own permission.

use super::{LoadSwitches, put};
use crate::BoardError;
use power_mgmt::LoadPlan;
use std::path::{Path, PathBuf};

/// Kernel's `include/uapi/linux/rfkill.h`: `RFKILL_TYPE_WLAN`. Bluetooth and modems are other kinds.
const TYPE_WLAN: u8 = 1;
/// `RFKILL_OP_CHANGE_ALL`.
const OP_CHANGE_ALL: u8 = 3;

pub(super) struct WifiBlock {
    device: PathBuf,
    blocked: Option<bool>,
}

impl WifiBlock {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            device: root.join("dev/rfkill"),
            blocked: None,
        }
    }

    fn set(&mut self, blocked: bool) -> Result<(), BoardError> {
        if self.blocked != Some(blocked) && put(&self.device, &event(blocked))? {
            self.blocked = Some(blocked);
        }
        Ok(())
    }
}

/// `struct rfkill_event`: index (of no meaning here), type, operation, soft, hard.
const fn event(blocked: bool) -> [u8; 8] {
    [0, 0, 0, 0, TYPE_WLAN, OP_CHANGE_ALL, blocked as u8, 0]
}

impl LoadSwitches for WifiBlock {
    fn apply(&mut self, plan: &LoadPlan) -> Result<(), BoardError> {
        self.set(!plan.radio)
    }

    fn power_off(&mut self) -> Result<(), BoardError> {
        self.set(true)
    }
}
