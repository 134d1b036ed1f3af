//! A bus that knows SMBus calls alone: a PC's chipset, a multiplexer behind one, the kernel's `i2c-stub`.
//!
//! On the wire an SMBus call is the same bits as the I2C message it stands for, so a driver need not know. What has no call (a read without
//! a register, more than 32 bytes) is refused, never split into several: half a register from before and half from after a conversion
//! would be a value that never was.

use embedded_hal::i2c::Operation;
use linux_embedded_hal::i2cdev::core::I2CDevice;

/// Of SMBus: no block is longer.
const LONGEST_BLOCK: usize = 32;

/// An SMBus call was refused.
pub(crate) enum Refused<E> {
    /// There is none for this message, or the adapter gave less than asked.
    NoCall,
    /// By the adapter or the chip.
    Adapter(E),
}

impl<E> From<E> for Refused<E> {
    fn from(error: E) -> Self {
        Self::Adapter(error)
    }
}

/// Does with SMBus calls what `operations` do in one message.
pub(crate) fn transfer<D: I2CDevice>(
    device: &mut D,
    operations: &mut [Operation<'_>],
) -> Result<(), Refused<D::Error>> {
    match operations {
        [Operation::Write(message)] => write(device, message),
        [Operation::Write([register]), Operation::Read(bytes)] => read(device, *register, bytes),
        _ => Err(Refused::NoCall),
    }
}

fn write<D: I2CDevice>(device: &mut D, message: &[u8]) -> Result<(), Refused<D::Error>> {
    match *message {
        [register] => device.smbus_write_byte(register)?,
        [register, value] => device.smbus_write_byte_data(register, value)?,
        // A word goes out low byte first.
        [register, first, second] => {
            device.smbus_write_word_data(register, u16::from_le_bytes([first, second]))?;
        }
        [register, ref block @ ..] if block.len() <= LONGEST_BLOCK => {
            device.smbus_write_i2c_block_data(register, block)?;
        }
        _ => return Err(Refused::NoCall),
    }
    Ok(())
}

#[allow(clippy::cast_possible_truncation, reason = "at most 32")]
fn read<D: I2CDevice>(
    device: &mut D,
    register: u8,
    bytes: &mut [u8],
) -> Result<(), Refused<D::Error>> {
    match bytes {
        [byte] => *byte = device.smbus_read_byte_data(register)?,
        [_, _] => bytes.copy_from_slice(&device.smbus_read_word_data(register)?.to_le_bytes()),
        [_, _, _, ..] if bytes.len() <= LONGEST_BLOCK => {
            let block = device.smbus_read_i2c_block_data(register, bytes.len() as u8)?;
            if block.len() != bytes.len() {
                return Err(Refused::NoCall);
            }
            bytes.copy_from_slice(&block);
        }
        _ => return Err(Refused::NoCall),
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod stub;
