//! Which of the two chips stands at an address.

use super::ina226::{self, Ina226};
use super::ina228::{self, Ina228};
use super::{BusAddress, Gauge, GaugeError};
use crate::bus::{ChipError, LinuxBus, Register, Registers, Sharing};
use embedded_hal::i2c::I2c;

/// Texas Instruments, in either chip's manufacturer register.
pub(super) const TEXAS_INSTRUMENTS: u16 = 0x5449;

pub(super) const fn scale_error<I2C>(registers: &Registers<I2C>, register: Register) -> GaugeError {
    GaugeError::Scale {
        chip: registers.chip,
        at: registers.at,
        register: register.1,
    }
}

/// The gauge at this address of Linux's bus: an INA228, else an INA226. The shunt in µΩ.
///
/// # Errors
/// [`GaugeError::NoBus`]; [`GaugeError::Chip`] where nothing answers, or something else.
pub fn open(at: BusAddress, shunt_micro_ohm: u32) -> Result<Box<dyn Gauge>, GaugeError> {
    let i2c = LinuxBus::open(at, Sharing::OursAlone).map_err(|error| GaugeError::NoBus {
        device: at.device(),
        source: Box::new(error),
    })?;
    open_ina2xx(i2c, at, shunt_micro_ohm)
}

/// The same on any bus.
///
/// # Errors
/// [`GaugeError::Chip`] where nothing answers, or something else.
pub(super) fn open_ina2xx<I2C: I2c + Send + 'static>(
    i2c: I2C,
    at: BusAddress,
    shunt_micro_ohm: u32,
) -> Result<Box<dyn Gauge>, GaugeError> {
    let mut registers = Registers::new(i2c, ina228::CHIP, at);
    match Ina228::<I2C>::identify(&mut registers) {
        Ok(()) => Ok(Box::new(Ina228::start(registers, shunt_micro_ohm)?)),
        Err(GaugeError::Chip(ChipError::Identity { .. })) => Ok(Box::new(Ina226::start(
            registers.taken_for(ina226::CHIP),
            shunt_micro_ohm,
        )?)),
        Err(error) => Err(error),
    }
}
