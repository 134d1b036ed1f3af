//! Registers of a chip on a bus: big endian, read with one repeated start, repeated on a disturbance.

use super::{BusAddress, ChipError, is_disturbance};
use embedded_hal::i2c::{Error as _, ErrorKind, I2c};

/// How often a disturbed transfer is repeated. Without a pause: at 100 kHz a transfer takes half a millisecond, a glitch less.
const REPEATS: usize = 2;

/// No register of ours takes more at once.
const LONGEST_WRITE: usize = 8;

/// A register: its number and its name in the data sheet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Register(pub(crate) u8, pub(crate) &'static str);

/// A chip's registers.
#[derive(Debug)]
pub(crate) struct Registers<I2C> {
    i2c: I2C,
    pub(crate) chip: &'static str,
    pub(crate) at: BusAddress,
}

impl<I2C: I2c> Registers<I2C> {
    pub(crate) const fn new(i2c: I2C, chip: &'static str, at: BusAddress) -> Self {
        Self { i2c, chip, at }
    }

    /// The same bus with another chip in mind.
    pub(crate) fn taken_for(self, chip: &'static str) -> Self {
        Self { chip, ..self }
    }

    pub(crate) fn read<const N: usize>(
        &mut self,
        register: Register,
    ) -> Result<[u8; N], ChipError> {
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

    pub(crate) fn read_u8(&mut self, register: Register) -> Result<u8, ChipError> {
        self.read(register).map(u8::from_be_bytes)
    }

    pub(crate) fn read_u16(&mut self, register: Register) -> Result<u16, ChipError> {
        self.read(register).map(u16::from_be_bytes)
    }

    /// At most [`LONGEST_WRITE`] - 1 bytes, in one transfer.
    pub(crate) fn write(&mut self, register: Register, bytes: &[u8]) -> Result<(), ChipError> {
        let mut message = [0; LONGEST_WRITE];
        let Some(body) = message.get_mut(1..=bytes.len()) else {
            return Err(self.fault(register, ErrorKind::Overrun));
        };
        body.copy_from_slice(bytes);
        message[0] = register.0;
        let (address, message) = (self.at.address, &message[..=bytes.len()]);
        let written = repeated(|| {
            self.i2c
                .write(address, message)
                .map_err(|error| error.kind())
        });
        written.map_err(|fault| self.fault(register, fault))
    }

    /// Writes only where another value stands: a counter that runs while the box is off must not be disturbed. Whether it stood there.
    pub(crate) fn settle_u16(&mut self, register: Register, value: u16) -> Result<bool, ChipError> {
        if self.read_u16(register)? == value {
            return Ok(true);
        }
        self.write(register, &value.to_be_bytes())?;
        Ok(false)
    }

    /// The register holds `expected`, the bits outside `mask` aside.
    pub(crate) fn check(
        &mut self,
        register: Register,
        mask: u16,
        expected: u16,
    ) -> Result<(), ChipError> {
        let found = self.read_u16(register)? & mask;
        if found == expected {
            return Ok(());
        }
        Err(self.identity_error(register, found, expected))
    }

    pub(crate) const fn identity_error(
        &self,
        register: Register,
        found: u16,
        expected: u16,
    ) -> ChipError {
        ChipError::Identity {
            chip: self.chip,
            at: self.at,
            register: register.1,
            found,
            expected,
        }
    }

    /// The register, one byte, now holds `written`, the bits outside `mask` aside.
    pub(crate) fn check_written(
        &mut self,
        register: Register,
        mask: u8,
        written: u8,
    ) -> Result<(), ChipError> {
        let found = self.read_u8(register)? & mask;
        if found == written & mask {
            return Ok(());
        }
        Err(ChipError::ReadBack {
            chip: self.chip,
            at: self.at,
            register: register.1,
            found: found.into(),
            written: (written & mask).into(),
        })
    }

    const fn fault(&self, register: Register, fault: ErrorKind) -> ChipError {
        ChipError::Transfer {
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
