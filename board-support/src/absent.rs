//! The parts a board does not have, or that did not open: dark, silent, never pressed.

use crate::BoardError;
use crate::button::Button;
use crate::gauge::{Gauge, GaugeError};
use crate::loads::LoadSwitches;
use crate::panel::{LightPanel, Lights};
use crate::serial::SerialPage;
use power_mgmt::{BatterySample, LoadPlan};
use std::time::Duration;

pub(crate) struct DarkPanel;

impl LightPanel for DarkPanel {
    fn show(&mut self, _lights: &Lights, _phase: Duration) -> Result<(), BoardError> {
        Ok(())
    }
}

pub(crate) struct NoButton;

impl Button for NoButton {
    fn is_pressed(&mut self) -> Result<bool, BoardError> {
        Ok(false)
    }
}

/// Nothing of the board's own that measures the battery.
pub(crate) struct NoGauge;

impl Gauge for NoGauge {
    fn sample(&mut self) -> Result<BatterySample, GaugeError> {
        Err(GaugeError::Silent("of the board itself".to_owned()))
    }
}

pub(crate) struct NoSerial;

impl SerialPage for NoSerial {
    fn show(&mut self, _page: &str) -> Result<(), BoardError> {
        Ok(())
    }
}

/// No rails to switch.
pub(crate) struct NoSwitches;

impl LoadSwitches for NoSwitches {
    fn apply(&mut self, _plan: &LoadPlan) -> Result<(), BoardError> {
        Ok(())
    }

    fn power_off(&mut self) -> Result<(), BoardError> {
        Ok(())
    }
}
