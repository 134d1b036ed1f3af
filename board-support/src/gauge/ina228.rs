//! INA228: 20-bit current, voltage and charge counter. Data sheet SBOS938.
//!
//! The charge counter runs from the pack while the box is off, so starting the driver neither resets the chip nor writes a register that
//! already holds what it should.

use super::register_bus::{Register, Registers, TEXAS_INSTRUMENTS};
use super::{BusAddress, Gauge, GaugeError};
use embedded_hal::i2c::I2c;
use power_mgmt::BatterySample;
use power_mgmt::units::{Amps, Celsius, Volts};

pub(super) const CHIP: &str = "INA228";

const ADC_CONFIG: Register = Register(0x01, "ADC_CONFIG");
const SHUNT_CAL: Register = Register(0x02, "SHUNT_CAL");
const VBUS: Register = Register(0x05, "VBUS");
const DIETEMP: Register = Register(0x06, "DIETEMP");
const CURRENT: Register = Register(0x07, "CURRENT");
const MANUFACTURER_ID: Register = Register(0x3e, "MANUFACTURER_ID");
const DEVICE_ID: Register = Register(0x3f, "DEVICE_ID");

/// The upper 12 bits of `DEVICE_ID`; the lower four are the die's revision.
const DEVICE: u16 = 0x2280;
/// Continuous bus voltage, shunt voltage and temperature (0xF), 1052 µs each (5, 5, 5), mean of 64 (3): a value every 0.2 s.
const CONTINUOUS: u16 = 0xf << 12 | 5 << 9 | 5 << 6 | 5 << 3 | 3;
/// One step of VBUS, V.
const VBUS_STEP_V: f64 = 195.3125e-6;
/// One step of DIETEMP, °C.
const DIETEMP_STEP_C: f64 = 7.8125e-3;
/// One step of CURRENT, A: ±32.8 A over 20 bits, the range of 163.84 mV over 5 mΩ.
const CURRENT_STEP_A: f64 = 62.5e-6;
/// Of the data sheet: SHUNT_CAL = this × step (A) × shunt (Ω).
const SHUNT_CAL_SCALE: f64 = 13_107.2e6;
/// SHUNT_CAL has 15 bits.
const SHUNT_CAL_MAX: f64 = 32_767.0;

/// The driver, on any bus.
#[derive(Debug)]
pub struct Ina228<I2C> {
    registers: Registers<I2C>,
}

impl<I2C: I2c> Ina228<I2C> {
    /// Checks that the chip is one, and sets it to measure without a break.
    ///
    /// # Errors
    /// [`GaugeError::Bus`], [`GaugeError::WrongChip`]; [`GaugeError::Scale`] for a shunt of 0 or above 40 mΩ.
    pub fn new(i2c: I2C, at: BusAddress, shunt_micro_ohm: u32) -> Result<Self, GaugeError> {
        let mut registers = Registers::new(i2c, CHIP, at);
        Self::identify(&mut registers)?;
        Self::start(registers, shunt_micro_ohm)
    }

    pub(super) fn identify(registers: &mut Registers<I2C>) -> Result<(), GaugeError> {
        registers.check(MANUFACTURER_ID, 0xffff, TEXAS_INSTRUMENTS)?;
        registers.check(DEVICE_ID, 0xfff0, DEVICE)
    }

    pub(super) fn start(
        mut registers: Registers<I2C>,
        shunt_micro_ohm: u32,
    ) -> Result<Self, GaugeError> {
        let cal = shunt_cal(shunt_micro_ohm).ok_or(registers.scale_error(SHUNT_CAL))?;
        registers.settle_u16(SHUNT_CAL, cal)?;
        registers.settle_u16(ADC_CONFIG, CONTINUOUS)?;
        Ok(Self { registers })
    }
}

impl<I2C: I2c + Send> Gauge for Ina228<I2C> {
    /// The temperature is the die's. The gauge sits on the pack and heats itself by less than 1 °C, so it stands for the pack's.
    fn sample(&mut self) -> Result<BatterySample, GaugeError> {
        let voltage = bus_volts(self.registers.read(VBUS)?);
        let current = amps(self.registers.read(CURRENT)?);
        let temperature = die_celsius(self.registers.read(DIETEMP)?);
        Ok(BatterySample {
            voltage: Volts::new(voltage).ok_or(self.registers.scale_error(VBUS))?,
            current: Amps::new(current).ok_or(self.registers.scale_error(CURRENT))?,
            temperature: Celsius::new(temperature),
            solar: None,
            counter: None,
        })
    }
}

/// SHUNT_CAL for a shunt, µΩ; `None` where it does not fit.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to lie within 1..=32767"
)]
fn shunt_cal(shunt_micro_ohm: u32) -> Option<u16> {
    let cal = (SHUNT_CAL_SCALE * CURRENT_STEP_A * f64::from(shunt_micro_ohm) * 1e-6).round();
    (1.0..=SHUNT_CAL_MAX).contains(&cal).then_some(cal as u16)
}

/// 20 bits, two's complement, left-aligned in 24.
fn signed20([high, middle, low]: [u8; 3]) -> i32 {
    i32::from_be_bytes([high, middle, low, 0]) >> 12
}

fn bus_volts(raw: [u8; 3]) -> f64 {
    f64::from(signed20(raw)) * VBUS_STEP_V
}

fn amps(raw: [u8; 3]) -> f64 {
    f64::from(signed20(raw)) * CURRENT_STEP_A
}

fn die_celsius(raw: [u8; 2]) -> f64 {
    f64::from(i16::from_be_bytes(raw)) * DIETEMP_STEP_C
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource};
    use embedded_hal_mock::eh1::i2c::{Mock, Transaction as T};

    const AT: BusAddress = BusAddress {
        bus: 1,
        address: 0x40,
    };

    fn start(mut more: Vec<T>) -> Mock {
        let mut script = vec![
            T::write_read(0x40, vec![0x3e], vec![0x54, 0x49]),
            T::write_read(0x40, vec![0x3f], vec![0x22, 0x81]),
            T::write_read(0x40, vec![0x02], vec![0x10, 0x00]),
            T::write_read(0x40, vec![0x01], vec![0xfb, 0x6b]),
        ];
        script.append(&mut more);
        Mock::new(&script)
    }

    #[test]
    fn conversions_at_the_data_sheets_points() {
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} is not {b}");
        close(bus_volts([0x10, 0x59, 0x90]), 66_969.0 * VBUS_STEP_V);
        close(bus_volts([0, 0, 0]), 0.0);
        close(amps([0x00, 0x00, 0x10]), CURRENT_STEP_A);
        close(amps([0xff, 0xff, 0xf0]), -CURRENT_STEP_A);
        close(amps([0x80, 0x00, 0x00]), -32.768);
        close(amps([0x7f, 0xff, 0xf0]), 32.768 - CURRENT_STEP_A);
        close(amps([0x00, 0x00, 0x0f]), 0.0);
        close(die_celsius([0x0c, 0x80]), 25.0);
        close(die_celsius([0xfb, 0x00]), -10.0);
    }

    #[test]
    fn the_reference_shunt_needs_the_chips_own_default() {
        assert_eq!(shunt_cal(5_000), Some(0x1000));
        assert_eq!(shunt_cal(0), None);
        assert_eq!(shunt_cal(40_000), None);
        assert_eq!(shunt_cal(u32::MAX), None);
    }

    #[test]
    fn a_chip_that_is_set_is_not_written_to_and_a_sample_is_read() {
        // 13.25 V = 67,840 steps; -0.4 A = -6,400 steps; 24 °C = 3,072 steps.
        let i2c = start(vec![
            T::write_read(0x40, vec![0x05], vec![0x10, 0x90, 0x00]),
            T::write_read(0x40, vec![0x07], vec![0xfe, 0x70, 0x00]),
            T::write_read(0x40, vec![0x06], vec![0x0c, 0x00]),
        ]);
        let mut bus = i2c.clone();
        let sample = Ina228::new(i2c, AT, 5_000).unwrap().sample().unwrap();
        assert!((sample.voltage.get() - 13.25).abs() < 1e-6);
        assert!((sample.current.get() + 0.4).abs() < 1e-9);
        assert_eq!(sample.temperature.unwrap().get(), 24.0);
        bus.done();
    }

    #[test]
    fn another_setting_is_written_over() {
        let mut bus = Mock::new(&[
            T::write_read(0x40, vec![0x3e], vec![0x54, 0x49]),
            T::write_read(0x40, vec![0x3f], vec![0x22, 0x80]),
            T::write_read(0x40, vec![0x02], vec![0x00, 0x00]),
            T::write(0x40, vec![0x02, 0x10, 0x00]),
            T::write_read(0x40, vec![0x01], vec![0xfb, 0x68]),
            T::write(0x40, vec![0x01, 0xfb, 0x6b]),
        ]);
        Ina228::new(bus.clone(), AT, 5_000).unwrap();
        bus.done();
    }

    #[test]
    fn another_chip_is_refused_at_once_and_named() {
        let mut bus = Mock::new(&[T::write_read(0x40, vec![0x3e], vec![0x00, 0x60])]);
        let error = Ina228::new(bus.clone(), AT, 5_000).unwrap_err();
        insta::assert_snapshot!(error, @"no INA228 on I2C bus 1, address 0x40: register MANUFACTURER_ID holds 0x0060, 0x5449 is meant");
        assert!(!error.is_transient());
        bus.done();
    }

    #[test]
    fn two_disturbances_are_outlived_a_third_names_the_register() {
        let nack = ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address);
        let disturbed = |fault| T::write_read(0x40, vec![0x05], vec![0, 0, 0]).with_error(fault);
        let i2c = start(vec![
            disturbed(nack),
            disturbed(ErrorKind::ArbitrationLoss),
            T::write_read(0x40, vec![0x05], vec![0x10, 0x90, 0x00]),
            T::write_read(0x40, vec![0x07], vec![0, 0, 0]),
            T::write_read(0x40, vec![0x06], vec![0, 0]),
            disturbed(nack),
            disturbed(nack),
            disturbed(nack),
        ]);
        let mut bus = i2c.clone();
        let mut gauge = Ina228::new(i2c, AT, 5_000).unwrap();
        gauge.sample().unwrap();
        let error = gauge.sample().unwrap_err();
        assert!(error.is_transient());
        assert_eq!(
            error.to_string(),
            "INA228 on I2C bus 1, address 0x40: register VBUS: NoAcknowledge(Address)"
        );
        bus.done();
    }

    #[test]
    fn a_fault_that_a_repeat_does_not_heal_is_not_repeated() {
        let i2c = start(vec![
            T::write_read(0x40, vec![0x05], vec![0, 0, 0]).with_error(ErrorKind::Overrun),
        ]);
        let mut bus = i2c.clone();
        assert!(Ina228::new(i2c, AT, 5_000).unwrap().sample().is_err());
        bus.done();
    }
}
