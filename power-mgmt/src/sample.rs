//! What the gauge hardware says at one instant.

use crate::units::{AmpHours, Amps, Celsius, Volts, Watts};
use core::fmt;
use serde::{Deserialize, Serialize};

/// One reading of the battery, as a board's gauge delivers it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BatterySample {
    /// At the pack's terminals, V.
    pub voltage: Volts,
    /// Into the pack, A: charge positive.
    pub current: Amps,
    /// Of the pack, °C; `None` where the board has no sensor or it is silent.
    pub temperature: Option<Celsius>,
    /// What the solar charger says it draws from the panel, W; `None` without a charger that speaks.
    pub solar: Option<Watts>,
    /// What a counter that never sleeps has summed up since it was reset, Ah, into the pack positive;
    /// `None` where the board has none. Only differences matter.
    #[serde(default)]
    pub counter: Option<AmpHours>,
}

impl BatterySample {
    /// From plain numbers: V, A, °C, W.
    ///
    /// `None` when voltage or current is not finite. A temperature or a solar power that is not
    /// finite counts as not measured: without them the gauge still works.
    #[must_use]
    pub fn from_plain(
        voltage_v: f64,
        current_a: f64,
        temperature_c: Option<f64>,
        solar_w: Option<f64>,
    ) -> Option<Self> {
        Some(Self {
            voltage: Volts::new(voltage_v)?,
            current: Amps::new(current_a)?,
            temperature: temperature_c.and_then(Celsius::new),
            solar: solar_w.and_then(Watts::new),
            counter: None,
        })
    }

    /// The same sample with what the board's charge counter says.
    #[must_use]
    pub const fn with_counter(self, counter: Option<AmpHours>) -> Self {
        Self { counter, ..self }
    }
}

/// Which way the charge flows, told from the current with a dead band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeStatus {
    /// The pack gains charge.
    Charging,
    /// The pack gives charge.
    Discharging,
    /// Neither, within the sensor's dead band.
    Idle,
    /// At absorption voltage with a tapered current: full.
    Full,
    /// No believable sample yet.
    Unknown,
}

impl ChargeStatus {
    /// Half of the dead band around zero, A. Twice the ±20 mA offset that cheap current sensors have.
    pub const DEAD_BAND: f64 = 0.04;

    /// The direction of a current, without memory: never `Full`, never `Unknown`.
    #[must_use]
    pub fn of_current(current: Amps) -> Self {
        if current.get() > Self::DEAD_BAND {
            Self::Charging
        } else if current.get() < -Self::DEAD_BAND {
            Self::Discharging
        } else {
            Self::Idle
        }
    }

    /// The stable machine word, as in the status interface.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Charging => "charging",
            Self::Discharging => "discharging",
            Self::Idle => "idle",
            Self::Full => "full",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for ChargeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_sample_needs_voltage_and_current() {
        assert_eq!(BatterySample::from_plain(f64::NAN, 0.0, None, None), None);
        assert_eq!(
            BatterySample::from_plain(13.0, f64::INFINITY, None, None),
            None
        );
        let sample = BatterySample::from_plain(13.0, -0.5, Some(f64::NAN), Some(12.0)).unwrap();
        assert_eq!(sample.temperature, None);
        assert_eq!(sample.solar.map(Watts::get), Some(12.0));
    }

    #[test]
    fn direction_has_a_dead_band() {
        let of = |amps| ChargeStatus::of_current(Amps::new(amps).unwrap());
        assert_eq!(of(0.5), ChargeStatus::Charging);
        assert_eq!(of(-0.5), ChargeStatus::Discharging);
        assert_eq!(of(0.02), ChargeStatus::Idle);
        assert_eq!(of(-0.02), ChargeStatus::Idle);
    }
}
