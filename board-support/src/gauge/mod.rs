//! The battery gauge: one trait, one chip a file.

pub mod ina226;
pub mod ina228;
mod register_bus;
mod reopening;

use crate::BoardError;
use embedded_hal::i2c::ErrorKind;
use power_mgmt::BatterySample;
use std::fmt;

pub(crate) use register_bus::open_ina2xx;
pub(crate) use reopening::Reopening;

/// Something that measures the battery. Reading may block for some milliseconds.
pub trait Gauge: Send {
    /// What the pack does now.
    ///
    /// # Errors
    /// A [`GaugeError`]; the caller takes it as a missing sample, which is an input too.
    fn sample(&mut self) -> Result<BatterySample, GaugeError>;
}

/// A chip's place on a bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BusAddress {
    /// `/dev/i2c-N`.
    pub bus: u8,
    /// 7 bit.
    pub address: u8,
}

impl fmt::Display for BusAddress {
    /// `I2C bus 1, address 0x40`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "I2C bus {}, address {:#04x}", self.bus, self.address)
    }
}

/// The gauge gave no sample.
#[derive(Debug, thiserror::Error)]
pub enum GaugeError {
    /// A transfer failed, repeats included.
    #[error("{chip} on {at}: register {register}: {fault:?}")]
    Bus {
        /// Part number.
        chip: &'static str,
        /// Where.
        at: BusAddress,
        /// As the data sheet names it.
        register: &'static str,
        /// What the bus says.
        fault: ErrorKind,
    },
    /// Another chip answers at this address.
    #[error("no {chip} on {at}: register {register} holds {found:#06x}, {expected:#06x} is meant")]
    WrongChip {
        /// Part number.
        chip: &'static str,
        /// Where.
        at: BusAddress,
        /// As the data sheet names it.
        register: &'static str,
        /// What it holds.
        found: u16,
        /// What it should hold.
        expected: u16,
    },
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
            Self::Bus { fault, .. } => is_disturbance(*fault),
            Self::Silent(_) => true,
            Self::WrongChip { .. } | Self::Scale { .. } | Self::NoBus { .. } | Self::Input(_) => {
                false
            }
        }
    }
}

/// Faults that a repeat may heal: nobody acknowledged, another master won, a glitch on the lines.
const fn is_disturbance(fault: ErrorKind) -> bool {
    matches!(
        fault,
        ErrorKind::NoAcknowledge(_) | ErrorKind::ArbitrationLoss | ErrorKind::Bus
    )
}
