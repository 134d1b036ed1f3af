//! INA226: 16-bit current and voltage, the cheap one. Data sheet SBOS547.
//!
//! The current is told from the shunt's voltage itself, so the chip needs no calibration that a brown-out could lose. It has no
//! thermometer and no charge counter.

use super::ina2xx::{TEXAS_INSTRUMENTS, scale_error};
use super::{BusAddress, Gauge, GaugeError};
use crate::bus::{Register, Registers};
use embedded_hal::i2c::I2c;
use power_mgmt::BatterySample;
use power_mgmt::units::{Amps, Volts};

pub(super) const CHIP: &str = "INA226";

const CONFIGURATION: Register = Register(0x00, "CONFIGURATION");
const SHUNT_VOLTAGE: Register = Register(0x01, "SHUNT_VOLTAGE");
const BUS_VOLTAGE: Register = Register(0x02, "BUS_VOLTAGE");
const MANUFACTURER_ID: Register = Register(0xfe, "MANUFACTURER_ID");
const DIE_ID: Register = Register(0xff, "DIE_ID");

const DIE: u16 = 0x2260;
/// Bit 14 reads as 1; mean of 64 (3), 1.1 ms each (4, 4), shunt and bus without a break (7): a value every 0.14 s.
const CONTINUOUS: u16 = 1 << 14 | 3 << 9 | 4 << 6 | 4 << 3 | 7;
/// One step of SHUNT_VOLTAGE, V.
const SHUNT_STEP_V: f64 = 2.5e-6;
/// One step of BUS_VOLTAGE, V.
const BUS_STEP_V: f64 = 1.25e-3;

/// The driver, on any bus.
#[derive(Debug)]
pub struct Ina226<I2C> {
    registers: Registers<I2C>,
    shunt_ohm: f64,
}

impl<I2C: I2c> Ina226<I2C> {
    /// Checks that the chip is one, and sets it to measure without a break.
    ///
    /// # Errors
    /// [`GaugeError::Chip`]; [`GaugeError::Scale`] for a shunt of 0.
    pub fn new(i2c: I2C, at: BusAddress, shunt_micro_ohm: u32) -> Result<Self, GaugeError> {
        Self::start(Registers::new(i2c, CHIP, at), shunt_micro_ohm)
    }

    pub(super) fn start(
        mut registers: Registers<I2C>,
        shunt_micro_ohm: u32,
    ) -> Result<Self, GaugeError> {
        registers.check(MANUFACTURER_ID, 0xffff, TEXAS_INSTRUMENTS)?;
        registers.check(DIE_ID, 0xffff, DIE)?;
        if shunt_micro_ohm == 0 {
            return Err(scale_error(&registers, SHUNT_VOLTAGE));
        }
        registers.settle_u16(CONFIGURATION, CONTINUOUS)?;
        Ok(Self {
            registers,
            shunt_ohm: f64::from(shunt_micro_ohm) * 1e-6,
        })
    }
}

impl<I2C: I2c + Send> Gauge for Ina226<I2C> {
    fn sample(&mut self) -> Result<BatterySample, GaugeError> {
        let voltage = bus_volts(self.registers.read(BUS_VOLTAGE)?);
        let current = shunt_volts(self.registers.read(SHUNT_VOLTAGE)?) / self.shunt_ohm;
        Ok(BatterySample {
            voltage: Volts::new(voltage).ok_or(scale_error(&self.registers, BUS_VOLTAGE))?,
            current: Amps::new(current).ok_or(scale_error(&self.registers, SHUNT_VOLTAGE))?,
            temperature: None,
            solar: None,
            counter: None,
        })
    }
}

fn bus_volts(raw: [u8; 2]) -> f64 {
    f64::from(u16::from_be_bytes(raw)) * BUS_STEP_V
}

fn shunt_volts(raw: [u8; 2]) -> f64 {
    f64::from(i16::from_be_bytes(raw)) * SHUNT_STEP_V
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::super::ina2xx::open_ina2xx;
    use super::*;
    use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource};
    use embedded_hal_mock::eh1::i2c::{Mock, Transaction as T};

    const AT: BusAddress = BusAddress {
        bus: 1,
        address: 0x40,
    };

    fn identity() -> Vec<T> {
        vec![
            T::write_read(0x40, vec![0xfe], vec![0x54, 0x49]),
            T::write_read(0x40, vec![0xff], vec![0x22, 0x60]),
        ]
    }

    #[test]
    fn conversions_at_the_data_sheets_points() {
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} is not {b}");
        close(bus_volts([0x25, 0x70]), 11.98);
        close(bus_volts([0x7f, 0xff]), 40.95875);
        close(shunt_volts([0x20, 0x00]), 0.02048);
        close(shunt_volts([0x80, 0x00]), -0.08192);
    }

    #[test]
    fn a_sample_with_the_reference_shunt() {
        // 13.25 V = 10,600 steps; -0.4 A over 5 mΩ = -2 mV = -800 steps.
        let mut script = identity();
        script.push(T::write_read(0x40, vec![0x00], vec![0x41, 0x27]));
        script.push(T::write(0x40, vec![0x00, 0x47, 0x27]));
        script.push(T::write_read(0x40, vec![0x02], vec![0x29, 0x68]));
        script.push(T::write_read(0x40, vec![0x01], vec![0xfc, 0xe0]));
        let mut bus = Mock::new(&script);
        let sample = Ina226::new(bus.clone(), AT, 5_000)
            .unwrap()
            .sample()
            .unwrap();
        assert!((sample.voltage.get() - 13.25).abs() < 1e-9);
        assert!((sample.current.get() + 0.4).abs() < 1e-9);
        assert!(sample.temperature.is_none());
        bus.done();
    }

    #[test]
    fn a_shunt_of_nothing_is_refused() {
        let mut bus = Mock::new(&identity());
        assert!(matches!(
            Ina226::new(bus.clone(), AT, 0),
            Err(GaugeError::Scale { .. })
        ));
        bus.done();
    }

    #[test]
    fn the_cheap_chip_is_tried_where_the_reference_chip_is_not() {
        let mut script = vec![T::write_read(0x40, vec![0x3e], vec![0x00, 0x00])];
        script.append(&mut identity());
        script.push(T::write_read(0x40, vec![0x00], vec![0x47, 0x27]));
        let mut bus = Mock::new(&script);
        assert!(open_ina2xx(bus.clone(), AT, 5_000).is_ok());
        bus.done();
    }

    #[test]
    fn an_empty_address_is_told_without_trying_the_other_chip() {
        let nack = ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address);
        let nobody = || T::write_read(0x40, vec![0x3e], vec![0, 0]).with_error(nack);
        let mut bus = Mock::new(&[nobody(), nobody(), nobody()]);
        let error = open_ina2xx(bus.clone(), AT, 5_000).err().unwrap();
        assert!(
            error
                .to_string()
                .starts_with("INA228 on I2C bus 1, address 0x40: register MANUFACTURER_ID"),
            "{error}"
        );
        bus.done();
    }
}
