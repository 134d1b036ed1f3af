//! What the gauge tells others.

use super::Distrust;
use crate::sample::ChargeStatus;
use crate::units::{Amps, Celsius, StateOfCharge, Volts, WattHours, Watts};
use core::time::Duration;

/// What the gauge believes, with its honesty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Best estimate; `None` before the first believable sample.
    pub soc: Option<StateOfCharge>,
    /// 95 % band, low and high; contains `soc`; widens while the sensor is silent.
    pub band: Option<(StateOfCharge, StateOfCharge)>,
    /// Which way the charge flows.
    pub status: ChargeStatus,
    /// Since the last believable sample.
    pub sample_age: Option<Duration>,
    /// Until the reserve is reached at the present draw (smoothed over five minutes), less the age of
    /// the sample; `None` when charging, unknown or beyond thirty days.
    pub time_to_empty: Option<Duration>,
    /// Until full at the present charge (smoothed, without the taper at the end); `None` when not
    /// charging.
    pub time_to_full: Option<Duration>,
    /// Of the last believed sample.
    pub voltage: Option<Volts>,
    /// Of the last believed sample; into the pack positive.
    pub current: Option<Amps>,
    /// Smoothed over five minutes; into the pack positive.
    pub mean_current: Option<Amps>,
    /// Of the last believed sample.
    pub temperature: Option<Celsius>,
    /// Into the pack (positive) or out of it, voltage times current of the last believed sample.
    pub power: Option<Watts>,
    /// What the panel gives, as the charger of the last believed sample said.
    pub solar: Option<Watts>,
    /// What the box itself draws: the panel's power less what enters the pack; without a charger
    /// that speaks it is known only while the pack gives.
    pub draw: Option<Watts>,
    /// What the panel has given since the start of the program; `None` if the charger never spoke.
    pub harvested: Option<WattHours>,
    /// Samples in a row that were missing or not believed.
    pub missing: u32,
    /// Why the last sample was not believed; `None` if it was, or if none came at all.
    pub distrust: Option<Distrust>,
}

impl Reading {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        soc: None,
        band: None,
        status: ChargeStatus::Unknown,
        sample_age: None,
        time_to_empty: None,
        time_to_full: None,
        voltage: None,
        current: None,
        mean_current: None,
        temperature: None,
        power: None,
        solar: None,
        draw: None,
        harvested: None,
        missing: 0,
        distrust: None,
    };

    /// The charge to act on: half-way between the best estimate and the low end of its band.
    ///
    /// A gauge that knows well loses a point or two by this, one that knows little acts a state
    /// lower. The low end itself would switch a box off for nothing but ignorance.
    #[must_use]
    pub fn cautious(&self) -> Option<StateOfCharge> {
        let (soc, (low, _)) = (self.soc?, self.band?);
        StateOfCharge::new(0.5 * (soc.fraction() + low.fraction()))
    }

    /// The pack has gained charge over the last minutes, beyond the sensor's dead band.
    #[must_use]
    pub fn gains(&self) -> bool {
        self.mean_current
            .is_some_and(|amps| ChargeStatus::of_current(amps) == ChargeStatus::Charging)
    }
}

impl Default for Reading {
    fn default() -> Self {
        Self::UNKNOWN
    }
}
