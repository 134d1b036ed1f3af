//! Chips on a two-wire bus: where one is, its registers, and Linux's adapters.
//!
//! Drivers see `embedded-hal`'s `I2c` alone. [`LinuxBus`] is what it is on a board: whole I2C messages where the adapter takes them, SMBus
//! calls where it takes nothing else.

mod linux;
mod registers;
mod smbus;

use embedded_hal::i2c::ErrorKind;
use std::fmt;

pub use linux::{LinuxBus, Sharing, TransferError};
pub(crate) use registers::{Register, Registers};
#[cfg(test)]
pub(crate) use smbus::stub::{SmbusOnly, Stub};

/// A chip's place on a bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BusAddress {
    /// `/dev/i2c-N`.
    pub bus: u8,
    /// 7 bit.
    pub address: u8,
}

impl BusAddress {
    /// The bus's device file.
    pub(crate) fn device(self) -> String {
        format!("/dev/i2c-{}", self.bus)
    }
}

impl fmt::Display for BusAddress {
    /// `I2C bus 1, address 0x40`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "I2C bus {}, address {:#04x}", self.bus, self.address)
    }
}

/// A chip did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ChipError {
    /// A transfer failed, repeats included.
    #[error("{chip} on {at}: register {register}: {fault:?}")]
    Transfer {
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
    Identity {
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
    /// The chip does not keep what was written.
    #[error(
        "{chip} on {at}: register {register} holds {found:#06x} after {written:#06x} was written"
    )]
    ReadBack {
        /// Part number.
        chip: &'static str,
        /// Where.
        at: BusAddress,
        /// As the data sheet names it.
        register: &'static str,
        /// What it holds.
        found: u16,
        /// What it should hold.
        written: u16,
    },
}

impl ChipError {
    /// A disturbance of the bus: the next transfer may well be good.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Transfer { fault, .. } => is_disturbance(*fault),
            Self::Identity { .. } | Self::ReadBack { .. } => false,
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
