//! The battery gauge: one trait, one chip a file.

pub mod ina226;
pub mod ina228;
pub mod ina2xx;
pub mod power_supply;
mod reopening;
mod with_charger;

use crate::BoardError;
use crate::bus::ChipError;
use crate::vedirect::device::Charger;
use power_mgmt::BatterySample;

pub use crate::bus::BusAddress;
pub(crate) use reopening::Reopening;
pub(crate) use with_charger::WithCharger;

/// Something that measures the battery. Reading may block for some milliseconds.
pub trait Gauge: Send {
    /// What the pack does now.
    ///
    /// # Errors
    /// A [`GaugeError`]; the caller takes it as a missing sample, which is an input too.
    fn sample(&mut self) -> Result<BatterySample, GaugeError>;

    /// What changed beside the samples since this was last asked, a line each for people, told once: a solar charger fell silent, its cable
    /// was pulled. Asked after each sample.
    fn notices(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// What the board's solar chargers said a moment ago; none where they say nothing.
    fn chargers(&mut self) -> Vec<Charger> {
        Vec::new()
    }
}

/// The gauge gave no sample.
#[derive(Debug, thiserror::Error)]
pub enum GaugeError {
    /// The chip did not answer, or is another one.
    #[error(transparent)]
    Chip(#[from] ChipError),
    /// A register holds no physical quantity: the shunt of the board table is 0.
    #[error(
        "{chip} on {at}: register {register} cannot be scaled: check the shunt in the board table"
    )]
    Scale {
        /// Part number.
        chip: &'static str,
        /// Where.
        at: BusAddress,
        /// As the data sheet names it.
        register: &'static str,
    },
    /// The bus itself is not there.
    #[error("cannot open {device}")]
    NoBus {
        /// Its device file.
        device: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The sensor says nothing.
    #[error("the sensor {0} is silent")]
    Silent(String),
    /// What stands in the simulated sensor's file cannot be meant.
    #[error(transparent)]
    Input(BoardError),
}

impl GaugeError {
    /// A disturbance of the bus or a sensor that says nothing for once: the next reading may well be good.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Chip(error) => error.is_transient(),
            Self::Silent(_) => true,
            Self::Scale { .. } | Self::NoBus { .. } | Self::Input(_) => false,
        }
    }
}
