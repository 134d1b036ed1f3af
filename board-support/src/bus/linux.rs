//! An adapter of Linux with one chip in mind.

use super::BusAddress;
use super::smbus::{self, Refused};
use embedded_hal::i2c::{
    Error, ErrorKind, ErrorType, I2c, NoAcknowledgeSource as Source, Operation,
};
use linux_embedded_hal::i2cdev::core::{I2CMessage, I2CTransfer};
use linux_embedded_hal::i2cdev::linux::{
    LinuxI2CBus, LinuxI2CDevice, LinuxI2CError, LinuxI2CMessage,
};
use nix::errno::Errno;
use std::fmt;
use std::io;

/// Whether a chip may have a driver in the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// No: opening fails where it has.
    OursAlone,
    /// Yes: we keep to the registers it leaves alone. An adapter of SMBus calls alone cannot be shared so.
    WithKernel,
}

#[derive(Debug)]
enum Line {
    Device(LinuxI2CDevice),
    Bus(LinuxI2CBus),
}

/// Sends whole I2C messages. An adapter that takes none (it says so before anything is on the wire) gets SMBus calls from then on.
#[derive(Debug)]
pub struct LinuxBus {
    line: Line,
    address: u8,
    smbus_only: bool,
}

impl LinuxBus {
    /// # Errors
    /// Where the bus is not there, may not be used, or (see [`Sharing`]) the chip has a driver in the kernel: `EBUSY`.
    pub fn open(at: BusAddress, sharing: Sharing) -> io::Result<Self> {
        let line = match sharing {
            Sharing::OursAlone => {
                Line::Device(LinuxI2CDevice::new(at.device(), at.address.into())?)
            }
            Sharing::WithKernel => Line::Bus(LinuxI2CBus::new(at.device())?),
        };
        Ok(Self {
            line,
            address: at.address,
            smbus_only: false,
        })
    }

    fn messages(&mut self, operations: &mut [Operation<'_>]) -> Result<(), LinuxI2CError> {
        let address = self.address.into();
        let mut messages: Vec<LinuxI2CMessage<'_>> = operations
            .iter_mut()
            .map(|operation| match operation {
                Operation::Write(bytes) => LinuxI2CMessage::write(bytes).with_address(address),
                Operation::Read(bytes) => LinuxI2CMessage::read(bytes).with_address(address),
            })
            .collect();
        match &mut self.line {
            Line::Device(device) => device.transfer(&mut messages).map(drop),
            Line::Bus(bus) => bus.transfer(&mut messages).map(drop),
        }
    }
}

impl ErrorType for LinuxBus {
    type Error = TransferError;
}

impl I2c for LinuxBus {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), TransferError> {
        if address != self.address {
            return Err(TransferError(Errno::EADDRNOTAVAIL));
        }
        if !self.smbus_only {
            let sent = self.messages(operations).map_err(|e| errno(&e));
            if sent != Err(Errno::EOPNOTSUPP) {
                return sent.map_err(TransferError);
            }
        }
        let Line::Device(device) = &mut self.line else {
            return Err(TransferError(Errno::EOPNOTSUPP));
        };
        self.smbus_only = true;
        smbus::transfer(device, operations).map_err(|refused| match refused {
            Refused::NoCall => TransferError(Errno::EOPNOTSUPP),
            Refused::Adapter(error) => TransferError(errno(&error)),
        })
    }
}

fn errno(error: &LinuxI2CError) -> Errno {
    match error {
        LinuxI2CError::Errno(number) => Errno::from_raw(*number),
        LinuxI2CError::Io(error) => error
            .raw_os_error()
            .map_or(Errno::UnknownErrno, Errno::from_raw),
    }
}

/// What the adapter's driver says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferError(Errno);

impl fmt::Display for TransferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Error for TransferError {
    /// As the kernel's `i2c/fault-codes` has them. The Pi 4's adapter says `EREMOTEIO` when nobody acknowledged and a bus held low ends
    /// in `ETIMEDOUT`; the Pi 5's says `ENXIO` or `EREMOTEIO`.
    #[allow(
        clippy::wildcard_enum_match_arm,
        reason = "of over a hundred error numbers these mean something on a bus"
    )]
    fn kind(&self) -> ErrorKind {
        match self.0 {
            Errno::ENXIO | Errno::ENODEV => ErrorKind::NoAcknowledge(Source::Address),
            Errno::EREMOTEIO => ErrorKind::NoAcknowledge(Source::Unknown),
            Errno::EAGAIN => ErrorKind::ArbitrationLoss,
            Errno::EIO | Errno::ETIMEDOUT | Errno::EBUSY | Errno::EPROTO => ErrorKind::Bus,
            _ => ErrorKind::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_is_what_a_repeat_may_heal_or_not() {
        let table = [
            (Errno::EREMOTEIO, true),
            (Errno::ENXIO, true),
            (Errno::EAGAIN, true),
            (Errno::ETIMEDOUT, true),
            (Errno::EIO, true),
            (Errno::EINVAL, false),
            (Errno::EOPNOTSUPP, false),
            (Errno::EACCES, false),
        ];
        for (errno, heals) in table {
            assert_eq!(
                super::super::is_disturbance(TransferError(errno).kind()),
                heals,
                "{errno}"
            );
        }
    }

    #[test]
    fn a_bus_that_is_not_there_is_no_bus() {
        let at = BusAddress {
            bus: 250,
            address: 0x40,
        };
        for sharing in [Sharing::OursAlone, Sharing::WithKernel] {
            let error = LinuxBus::open(at, sharing).err().map(|e| e.kind());
            assert_eq!(error, Some(io::ErrorKind::NotFound));
        }
    }
}
