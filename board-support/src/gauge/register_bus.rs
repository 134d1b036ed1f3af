//! Registers of a chip on a bus: big endian, read with one repeated start, repeated on a disturbance.

use super::ina226::Ina226;
use super::ina228::Ina228;
use super::{BusAddress, Gauge, GaugeError, is_disturbance};
use embedded_hal::i2c::{Error as _, ErrorKind, I2c};

/// Texas Instruments, in either chip's manufacturer register.
pub(super) const TEXAS_INSTRUMENTS: u16 = 0x5449;

/// How often a disturbed transfer is repeated. Without a pause: at 100 kHz a transfer takes half a millisecond, a glitch less.
const REPEATS: usize = 2;

/// A register: its number and its name in the data sheet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Register(pub(super) u8, pub(super) &'static str);

/// A chip's registers.
#[derive(Debug)]
pub(super) struct Registers<I2C> {
    i2c: I2C,
    pub(super) chip: &'static str,
    pub(super) at: BusAddress,
}

impl<I2C: I2c> Registers<I2C> {
    pub(super) const fn new(i2c: I2C, chip: &'static str, at: BusAddress) -> Self {
        Self { i2c, chip, at }
    }

    /// The same bus with another chip in mind.
    pub(super) fn taken_for(self, chip: &'static str) -> Self {
        Self { chip, ..self }
    }

    pub(super) fn read<const N: usize>(
        &mut self,
        register: Register,
    ) -> Result<[u8; N], GaugeError> {
        let mut bytes = [0; N];
        let address = self.at.address;
        let read = repeated(|| {
            self.i2c
                .write_read(address, &[register.0], &mut bytes)
                .map_err(|error| error.kind())
        });
        read.map_err(|fault| self.fault(register, fault))?;
        Ok(bytes)
    }

    pub(super) fn read_u16(&mut self, register: Register) -> Result<u16, GaugeError> {
        self.read(register).map(u16::from_be_bytes)
    }

    pub(super) fn write_u16(&mut self, register: Register, value: u16) -> Result<(), GaugeError> {
        let [high, low] = value.to_be_bytes();
        let address = self.at.address;
        let written = repeated(|| {
            self.i2c
                .write(address, &[register.0, high, low])
                .map_err(|error| error.kind())
        });
        written.map_err(|fault| self.fault(register, fault))
    }

    /// Writes only where another value stands: a counter that runs while the box is off must not be disturbed.
    pub(super) fn settle_u16(&mut self, register: Register, value: u16) -> Result<(), GaugeError> {
        if self.read_u16(register)? == value {
            Ok(())
        } else {
            self.write_u16(register, value)
        }
    }

    /// The register holds `expected`, the bits outside `mask` aside.
    pub(super) fn check(
        &mut self,
        register: Register,
        mask: u16,
        expected: u16,
    ) -> Result<(), GaugeError> {
        let found = self.read_u16(register)? & mask;
        if found == expected {
            return Ok(());
        }
        Err(GaugeError::WrongChip {
            chip: self.chip,
            at: self.at,
            register: register.1,
            found,
            expected,
        })
    }

    pub(super) const fn scale_error(&self, register: Register) -> GaugeError {
        GaugeError::Scale {
            chip: self.chip,
            at: self.at,
            register: register.1,
        }
    }

    const fn fault(&self, register: Register, fault: ErrorKind) -> GaugeError {
        GaugeError::Bus {
            chip: self.chip,
            at: self.at,
            register: register.1,
            fault,
        }
    }
}

fn repeated(mut transfer: impl FnMut() -> Result<(), ErrorKind>) -> Result<(), ErrorKind> {
    let mut outcome = transfer();
    for _ in 0..REPEATS {
        match outcome {
            Err(fault) if is_disturbance(fault) => outcome = transfer(),
            Ok(()) | Err(_) => break,
        }
    }
    outcome
}

/// The gauge at this address: an INA228, else an INA226.
///
/// # Errors
/// [`GaugeError::Bus`] where nothing answers, [`GaugeError::WrongChip`] where something else does.
pub(crate) fn open_ina2xx<I2C: I2c + Send + 'static>(
    i2c: I2C,
    at: BusAddress,
    shunt_micro_ohm: u32,
) -> Result<Box<dyn Gauge>, GaugeError> {
    let mut registers = Registers::new(i2c, super::ina228::CHIP, at);
    match Ina228::<I2C>::identify(&mut registers) {
        Ok(()) => Ok(Box::new(Ina228::start(registers, shunt_micro_ohm)?)),
        Err(GaugeError::WrongChip { .. }) => Ok(Box::new(Ina226::start(
            registers.taken_for(super::ina226::CHIP),
            shunt_micro_ohm,
        )?)),
        Err(error) => Err(error),
    }
}
