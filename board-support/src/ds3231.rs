//! DS3231: the battery-backed clock and its alarm. Data sheet 19-5170.
//!
//! Alarm 1 matches second, minute, hour and day of the month, so it looks a month ahead at the most. INT/SQW goes low while the alarm's flag
//! and its interrupt stand, and pulls the latch. Each register is a byte and is read and written as one: what two chips of one bus,
//! ours and the kernel's driver, do in between stays whole.

use crate::BoardError;
use crate::bus::{BusAddress, ChipError, LinuxBus, Register, Registers, Sharing};
use crate::calendar::Moment;
use crate::clock::{Rtc, believed};
use crate::wake::{AlarmChip, WakeAlarm, within_reach};
use embedded_hal::i2c::I2c;
use std::io::ErrorKind;

const CHIP: &str = "DS3231";

const SECONDS: Register = Register(0x00, "SECONDS");
const HOURS: Register = Register(0x02, "HOURS");
const ALARM_1: Register = Register(0x07, "ALARM_1");
/// The four bytes of alarm 1.
const ALARM_1_BYTES: [Register; 4] = [
    Register(0x07, "ALARM_1_SECONDS"),
    Register(0x08, "ALARM_1_MINUTES"),
    Register(0x09, "ALARM_1_HOURS"),
    Register(0x0a, "ALARM_1_DATE"),
];
const CONTROL: Register = Register(0x0e, "CONTROL");
const STATUS: Register = Register(0x0f, "STATUS");
const TEMPERATURE_LOW: Register = Register(0x12, "TEMPERATURE_LOW");

/// Of the seven time registers, the bits that always read as 0: seconds, minutes, hours, weekday, day, month, year.
const ALWAYS_ZERO: [u8; 7] = [0x80, 0x80, 0x80, 0xf8, 0xc0, 0x60, 0x00];
/// TEMPERATURE_LOW has two bits.
const TEMPERATURE_ZERO: u8 = 0x3f;

/// Of the hours: they count to 12.
const TWELVE_HOURS: u8 = 1 << 6;
/// Of the hours: it is afternoon, where they count to 12.
const AFTERNOON: u8 = 1 << 5;
/// Of the month: it is after 2099.
const CENTURY: u8 = 1 << 7;

/// Of CONTROL: the oscillator stops on the cell.
const OSCILLATOR_OFF: u8 = 1 << 7;
/// Of CONTROL: INT/SQW works on the cell too, when the box has no power.
const ON_CELL: u8 = 1 << 6;
/// Of CONTROL: INT/SQW is an interrupt, no square wave.
const INTERRUPT: u8 = 1 << 2;
/// Of CONTROL: alarm 2 pulls INT/SQW.
const ALARM_2_ON: u8 = 1 << 1;
/// Of CONTROL: alarm 1 pulls INT/SQW.
const ALARM_1_ON: u8 = 1;
/// What of CONTROL the alarm needs to be right.
const ALARM_BITS: u8 = OSCILLATOR_OFF | ON_CELL | INTERRUPT | ALARM_2_ON | ALARM_1_ON;

/// Of STATUS: the oscillator stood, so the time is none.
const STOOD: u8 = 1 << 7;
/// Of STATUS: alarm 1 and alarm 2 rang.
const RANG: [u8; 2] = [1, 1 << 1];

/// The driver, on any bus.
#[derive(Debug)]
pub struct Ds3231<I2C> {
    registers: Registers<I2C>,
}

impl Ds3231<LinuxBus> {
    /// The chip at this address of Linux's bus, beside the kernel's driver where it has one: that keeps to the time, we to the alarm.
    ///
    /// # Errors
    /// [`BoardError::Read`] without the bus; [`BoardError::Chip`] where nothing answers, or something else.
    pub fn open(at: BusAddress) -> Result<Self, BoardError> {
        let bus = match LinuxBus::open(at, Sharing::OursAlone) {
            Err(error) if error.kind() == ErrorKind::ResourceBusy => {
                LinuxBus::open(at, Sharing::WithKernel)
            }
            opened => opened,
        };
        let bus = bus.map_err(|source| BoardError::Read {
            path: at.device().into(),
            source,
        })?;
        Self::new(bus, at)
    }
}

impl<I2C: I2c> Ds3231<I2C> {
    /// Checks that the chip is one: the bits that always read as 0 do, and its fields are digits. Writes nothing.
    ///
    /// # Errors
    /// [`BoardError::Chip`].
    pub fn new(i2c: I2C, at: BusAddress) -> Result<Self, BoardError> {
        let mut registers = Registers::new(i2c, CHIP, at);
        let low = registers.read_u8(TEMPERATURE_LOW)?;
        let fields: [u8; 7] = registers.read(SECONDS)?;
        for (field, zero) in fields.into_iter().zip(ALWAYS_ZERO) {
            if field & zero != 0 {
                let (found, expected) = (u16::from(field), u16::from(field & !zero));
                return Err(registers.identity_error(SECONDS, found, expected).into());
            }
        }
        if low & TEMPERATURE_ZERO != 0 {
            let (found, expected) = (u16::from(low), u16::from(low & !TEMPERATURE_ZERO));
            return Err(registers
                .identity_error(TEMPERATURE_LOW, found, expected)
                .into());
        }
        Ok(Self { registers })
    }

    /// Unix seconds; `None` where the oscillator stood meanwhile or the fields are no moment.
    fn time(&mut self) -> Result<Option<u64>, ChipError> {
        if self.registers.read_u8(STATUS)? & STOOD != 0 {
            return Ok(None);
        }
        let fields = self.registers.read(SECONDS)?;
        Ok(moment(fields).and_then(Moment::unix).and_then(believed))
    }

    /// Switches the alarm off, so that the pin is let go while its time changes, then clears its flag.
    fn silence(&mut self) -> Result<u8, ChipError> {
        let off = self.registers.read_u8(CONTROL)? & !ALARM_BITS | ON_CELL | INTERRUPT;
        self.registers.write(CONTROL, &[off])?;
        self.clear_flags()?;
        Ok(off)
    }

    fn clear_flags(&mut self) -> Result<(), ChipError> {
        let flags = RANG[0] | RANG[1];
        let status = self.registers.read_u8(STATUS)?;
        self.registers.write(STATUS, &[status & !flags])?;
        self.registers.check_written(STATUS, flags, 0)
    }

    fn ring_at(&mut self, moment: Moment) -> Result<(), ChipError> {
        let fields = self.alarm_fields(moment)?;
        let off = self.silence()?;
        self.registers.write(ALARM_1, &fields)?;
        self.registers.write(CONTROL, &[off | ALARM_1_ON])?;
        self.check_alarm(fields)
    }

    /// Second, minute, hour and day, each to be matched; the hour as the chip counts its own.
    fn alarm_fields(&mut self, moment: Moment) -> Result<[u8; 4], ChipError> {
        let hour = match (self.registers.read_u8(HOURS)? & TWELVE_HOURS, moment.hour) {
            (0, hour) => bcd(hour),
            (twelve, hour @ 0..12) => twelve | bcd((hour + 11) % 12 + 1),
            (twelve, hour) => twelve | AFTERNOON | bcd((hour + 11) % 12 + 1),
        };
        Ok([
            bcd(moment.second),
            bcd(moment.minute),
            hour,
            bcd(moment.day),
        ])
    }

    /// The alarm is on and has these fields, whoever set it.
    fn check_alarm(&mut self, fields: [u8; 4]) -> Result<(), ChipError> {
        for (register, field) in ALARM_1_BYTES.into_iter().zip(fields) {
            self.registers.check_written(register, 0xff, field)?;
        }
        let on = ON_CELL | INTERRUPT | ALARM_1_ON;
        self.registers.check_written(CONTROL, ALARM_BITS, on)
    }
}

impl<I2C: I2c + Send> Rtc for Ds3231<I2C> {
    fn read(&mut self) -> Result<Option<u64>, BoardError> {
        Ok(self.time()?)
    }
}

impl<I2C: I2c + Send> WakeAlarm for Ds3231<I2C> {
    fn set(&mut self, at: Option<u64>) -> Result<Option<u64>, BoardError> {
        let Some(at) = at else {
            let off = self.silence()?;
            self.registers.check_written(CONTROL, ALARM_BITS, off)?;
            return Ok(None);
        };
        let lost = BoardError::TimeLost {
            clock: format!("{CHIP} on {}", self.registers.at),
        };
        let Some(now) = self.time()? else {
            return Err(lost);
        };
        let at = within_reach(now, at);
        let Some(moment) = Moment::of_unix(at) else {
            return Err(lost);
        };
        self.ring_at(moment)?;
        Ok(Some(at))
    }

    fn rang(&mut self) -> Result<bool, BoardError> {
        Ok(self.registers.read_u8(STATUS)? & RANG[0] != 0)
    }
}

impl<I2C: I2c + Send> AlarmChip for Ds3231<I2C> {
    fn rings_at(&mut self, at: u64) -> Result<(), BoardError> {
        let Some(moment) = Moment::of_unix(at) else {
            return Ok(());
        };
        let fields = self.alarm_fields(moment)?;
        Ok(self.check_alarm(fields)?)
    }
}

/// `None` where a field is no number in digits.
fn moment([second, minute, hour, _weekday, day, month, year]: [u8; 7]) -> Option<Moment> {
    let century = if month & CENTURY == 0 { 2000 } else { 2100 };
    Some(Moment {
        year: century + u16::from(decimal(year)?),
        month: decimal(month & !CENTURY)?,
        day: decimal(day)?,
        hour: hours(hour)?,
        minute: decimal(minute)?,
        second: decimal(second)?,
    })
}

/// To 24; a chip that somebody set to 12 counts 12, 1, 2, … 11.
fn hours(field: u8) -> Option<u8> {
    if field & TWELVE_HOURS == 0 {
        return decimal(field);
    }
    let hour = decimal(field & 0x1f).filter(|hour| (1..=12).contains(hour))? % 12;
    Some(if field & AFTERNOON == 0 {
        hour
    } else {
        hour + 12
    })
}

fn decimal(field: u8) -> Option<u8> {
    let (tens, ones) = (field >> 4, field & 0x0f);
    (tens < 10 && ones < 10).then_some(tens * 10 + ones)
}

const fn bcd(number: u8) -> u8 {
    ((number / 10) << 4) | (number % 10)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
