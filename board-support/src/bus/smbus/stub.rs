//! A chip as the kernel's `i2c-stub` plays one: 256 words; a byte or a block touches their lower halves.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use super::{Refused, transfer};
use embedded_hal::i2c::{Error, ErrorKind, ErrorType, I2c, Operation};
use linux_embedded_hal::i2cdev::core::I2CDevice;
use std::convert::Infallible;
use std::fmt;

/// A bus of SMBus calls with one chip in mind, as an `embedded-hal` bus.
#[derive(Debug)]
pub(crate) struct SmbusOnly<D>(pub(crate) D);

/// There is no call for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoCall;

impl Error for NoCall {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

impl fmt::Display for NoCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no call")
    }
}

impl<D> ErrorType for SmbusOnly<D> {
    type Error = NoCall;
}

impl<D: I2CDevice<Error = Infallible>> I2c for SmbusOnly<D> {
    fn transaction(
        &mut self,
        _address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), NoCall> {
        transfer(&mut self.0, operations).map_err(|refused| match refused {
            Refused::NoCall => NoCall,
            Refused::Adapter(never) => match never {},
        })
    }
}

/// The chip.
#[derive(Debug)]
pub(crate) struct Stub {
    pub(crate) words: [u16; 256],
    pointer: u8,
}

impl Stub {
    pub(crate) fn new() -> Self {
        Self {
            words: [0; 256],
            pointer: 0,
        }
    }

    /// A register of one word as the chip sends it: high byte first.
    pub(crate) fn with_word(mut self, register: u8, value: u16) -> Self {
        self.words[usize::from(register)] = value.swap_bytes();
        self
    }

    /// Registers of a byte each, or one of several bytes.
    pub(crate) fn with_bytes(mut self, register: u8, bytes: &[u8]) -> Self {
        self.smbus_write_i2c_block_data(register, bytes).unwrap();
        self
    }
}

impl I2CDevice for Stub {
    type Error = Infallible;

    fn read(&mut self, _data: &mut [u8]) -> Result<(), Infallible> {
        Ok(())
    }

    fn write(&mut self, _data: &[u8]) -> Result<(), Infallible> {
        Ok(())
    }

    fn smbus_write_quick(&mut self, _bit: bool) -> Result<(), Infallible> {
        Ok(())
    }

    fn smbus_write_byte(&mut self, value: u8) -> Result<(), Infallible> {
        self.pointer = value;
        Ok(())
    }

    fn smbus_read_byte_data(&mut self, register: u8) -> Result<u8, Infallible> {
        Ok(self.words[usize::from(register)].to_le_bytes()[0])
    }

    fn smbus_write_byte_data(&mut self, register: u8, value: u8) -> Result<(), Infallible> {
        let word = &mut self.words[usize::from(register)];
        *word = (*word & 0xff00) | u16::from(value);
        Ok(())
    }

    fn smbus_read_word_data(&mut self, register: u8) -> Result<u16, Infallible> {
        Ok(self.words[usize::from(register)])
    }

    fn smbus_write_word_data(&mut self, register: u8, value: u16) -> Result<(), Infallible> {
        self.words[usize::from(register)] = value;
        Ok(())
    }

    fn smbus_read_block_data(&mut self, _register: u8) -> Result<Vec<u8>, Infallible> {
        Ok(Vec::new())
    }

    fn smbus_read_i2c_block_data(&mut self, register: u8, len: u8) -> Result<Vec<u8>, Infallible> {
        (0..len)
            .map(|n| self.smbus_read_byte_data(register.wrapping_add(n)))
            .collect()
    }

    fn smbus_write_block_data(&mut self, _register: u8, _values: &[u8]) -> Result<(), Infallible> {
        Ok(())
    }

    fn smbus_write_i2c_block_data(
        &mut self,
        register: u8,
        values: &[u8],
    ) -> Result<(), Infallible> {
        for (register, value) in (register..).zip(values) {
            self.smbus_write_byte_data(register, *value)?;
        }
        Ok(())
    }

    fn smbus_process_block(
        &mut self,
        _register: u8,
        _values: &[u8],
    ) -> Result<Vec<u8>, Infallible> {
        Ok(Vec::new())
    }
}

#[test]
fn each_message_is_the_call_that_puts_the_same_bytes_on_the_wire() {
    let mut bus = SmbusOnly(Stub::new());
    bus.write(0x40, &[0x07]).unwrap();
    assert_eq!(bus.0.pointer, 0x07);
    bus.write(0x40, &[0x10, 0xab]).unwrap();
    assert_eq!(bus.0.words[0x10], 0x00ab);
    bus.write(0x40, &[0x11, 0x12, 0x34]).unwrap();
    assert_eq!(bus.0.words[0x11], 0x3412, "first byte low");
    bus.write(0x40, &[0x20, 1, 2, 3, 4]).unwrap();
    assert_eq!(bus.0.words[0x20..0x24], [1, 2, 3, 4]);

    let mut word = [0; 2];
    bus.write_read(0x40, &[0x11], &mut word).unwrap();
    assert_eq!(word, [0x12, 0x34]);
    let mut block = [0; 4];
    bus.write_read(0x40, &[0x20], &mut block).unwrap();
    assert_eq!(block, [1, 2, 3, 4]);
    let mut byte = [0; 1];
    bus.write_read(0x40, &[0x10], &mut byte).unwrap();
    assert_eq!(byte, [0xab]);
}

#[test]
fn what_has_no_call_is_refused_and_nothing_is_split() {
    let mut bus = SmbusOnly(Stub::new());
    assert!(bus.read(0x40, &mut [0; 2]).is_err());
    assert!(bus.write(0x40, &[]).is_err());
    assert!(bus.write(0x40, &[0; 34]).is_err());
    assert!(bus.write_read(0x40, &[0], &mut [0; 33]).is_err());
    assert!(bus.write_read(0x40, &[0, 1], &mut [0; 2]).is_err());
    assert!(bus.write_read(0x40, &[0], &mut []).is_err());
    assert!(bus.write(0x40, &[0; 33]).is_ok() && bus.write_read(0x40, &[0], &mut [0; 32]).is_ok());
}
