//! INA228: 20-bit current, voltage and charge counter. Data sheet SBOS938.
//!
//! The charge counter runs from the pack while the box is off, so starting the driver neither resets the chip nor writes a register that
//! already holds what it should.
//!
//! The chip itself tells whether the counter ran since this driver last set it up: a chip that lost its power has forgotten our averaging
//! (`ADC_CONFIG`) and its counter began anew at zero. Then the first sample comes without a counter, so that nobody takes the difference
//! to a counter that stood before for charge that flowed.

use super::ina2xx::{TEXAS_INSTRUMENTS, scale_error};
use super::{BusAddress, Gauge, GaugeError};
use crate::bus::{Register, Registers};
use embedded_hal::i2c::I2c;
use power_mgmt::BatterySample;
use power_mgmt::units::{AmpHours, Amps, Celsius, Volts};

pub(super) const CHIP: &str = "INA228";

const ADC_CONFIG: Register = Register(0x01, "ADC_CONFIG");
const SHUNT_CAL: Register = Register(0x02, "SHUNT_CAL");
const VBUS: Register = Register(0x05, "VBUS");
const DIETEMP: Register = Register(0x06, "DIETEMP");
const CURRENT: Register = Register(0x07, "CURRENT");
const CHARGE: Register = Register(0x0a, "CHARGE");
const DIAG_ALRT: Register = Register(0x0b, "DIAG_ALRT");
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
/// Of DIAG_ALRT: the charge counter overflowed. Reading CHARGE clears it, so it is read first.
const CHARGE_OVERFLOW: u16 = 1 << 10;
/// Of DIAG_ALRT: a product did not fit, so what was added to the counter is wrong.
const MATH_OVERFLOW: u16 = 1 << 9;
/// Of DIAG_ALRT: 0 where the chip's own trim memory is damaged.
const MEMORY_SOUND: u16 = 1;
/// A counter that shows the same this often while [`RUNNING_A`] flow does not run; at a sample a second it moves by a thousand steps.
const STANDS: u8 = 5;
/// Well above what a sensor shows at rest, A.
const RUNNING_A: f64 = 0.1;
/// Coulombs in an Ah.
const COULOMBS: f64 = 3_600.0;
/// Of the data sheet: SHUNT_CAL = this × step (A) × shunt (Ω).
const SHUNT_CAL_SCALE: f64 = 13_107.2e6;
/// SHUNT_CAL has 15 bits.
const SHUNT_CAL_MAX: f64 = 32_767.0;

/// The driver, on any bus.
#[derive(Debug)]
pub struct Ina228<I2C> {
    registers: Registers<I2C>,
    counter: Counter,
}

impl<I2C: I2c> Ina228<I2C> {
    /// Checks that the chip is one, and sets it to measure without a break.
    ///
    /// # Errors
    /// [`GaugeError::Chip`]; [`GaugeError::Scale`] for a shunt of 0 or above 40 mΩ.
    pub fn new(i2c: I2C, at: BusAddress, shunt_micro_ohm: u32) -> Result<Self, GaugeError> {
        let mut registers = Registers::new(i2c, CHIP, at);
        Self::identify(&mut registers)?;
        Self::start(registers, shunt_micro_ohm)
    }

    pub(super) fn identify(registers: &mut Registers<I2C>) -> Result<(), GaugeError> {
        registers.check(MANUFACTURER_ID, 0xffff, TEXAS_INSTRUMENTS)?;
        Ok(registers.check(DEVICE_ID, 0xfff0, DEVICE)?)
    }

    pub(super) fn start(
        mut registers: Registers<I2C>,
        shunt_micro_ohm: u32,
    ) -> Result<Self, GaugeError> {
        let cal = shunt_cal(shunt_micro_ohm).ok_or_else(|| scale_error(&registers, SHUNT_CAL))?;
        let scaled = registers.settle_u16(SHUNT_CAL, cal)?;
        let measuring = registers.settle_u16(ADC_CONFIG, CONTINUOUS)?;
        let counter = Counter::new(scaled && measuring);
        Ok(Self { registers, counter })
    }
}

impl<I2C: I2c + Send> Gauge for Ina228<I2C> {
    /// The temperature is the die's. The gauge sits on the pack and heats itself by less than 1 °C, so it stands for the pack's.
    ///
    /// The counter, of ±9,544 Ah, is `None` for a sample in which the chip says it overflowed or is damaged, in the first sample after
    /// it began anew, and while it stands although a current flows.
    fn sample(&mut self) -> Result<BatterySample, GaugeError> {
        let voltage = bus_volts(self.registers.read(VBUS)?);
        let current = amps(self.registers.read(CURRENT)?);
        let temperature = die_celsius(self.registers.read(DIETEMP)?);
        let diagnosis = self.registers.read_u16(DIAG_ALRT)?;
        let charge = signed40(self.registers.read(CHARGE)?);
        Ok(BatterySample {
            voltage: Volts::new(voltage).ok_or_else(|| scale_error(&self.registers, VBUS))?,
            current: Amps::new(current).ok_or_else(|| scale_error(&self.registers, CURRENT))?,
            temperature: Celsius::new(temperature),
            solar: None,
            counter: self.counter.believed(charge, diagnosis, current),
        })
    }
}

/// What of the charge counter can be believed.
#[derive(Debug)]
struct Counter {
    /// It ran since it was last read, whoever read it.
    kept: bool,
    shown: Option<i64>,
    /// Samples in which it stood although a current flowed.
    stood: u8,
}

impl Counter {
    const fn new(kept: bool) -> Self {
        Self {
            kept,
            shown: None,
            stood: 0,
        }
    }

    fn believed(&mut self, charge: i64, diagnosis: u16, current_a: f64) -> Option<AmpHours> {
        let sound = diagnosis & (CHARGE_OVERFLOW | MATH_OVERFLOW | MEMORY_SOUND) == MEMORY_SOUND;
        let stands = self.shown == Some(charge) && current_a.abs() > RUNNING_A;
        self.stood = if stands {
            self.stood.saturating_add(1)
        } else {
            0
        };
        self.shown = Some(charge);
        let kept = std::mem::replace(&mut self.kept, sound);
        (kept && sound && self.stood < STANDS)
            .then(|| AmpHours::new(amp_hours(charge)))
            .flatten()
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

/// 40 bits, two's complement.
fn signed40([a, b, c, d, e]: [u8; 5]) -> i64 {
    i64::from_be_bytes([a, b, c, d, e, 0, 0, 0]) >> 24
}

/// One step of CHARGE is a step of CURRENT for a second.
#[allow(clippy::cast_precision_loss, reason = "40 bits fit into 53")]
fn amp_hours(charge: i64) -> f64 {
    charge as f64 * CURRENT_STEP_A / COULOMBS
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
    use crate::bus::{SmbusOnly, Stub};
    use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource};
    use embedded_hal_mock::eh1::i2c::{Mock, Transaction as T};

    const AT: BusAddress = BusAddress {
        bus: 1,
        address: 0x40,
    };

    /// 57,600,000 steps of 62.5 µC, 3,600 C, out of the pack.
    const MINUS_ONE_AH: [u8; 5] = [0xff, 0xfc, 0x91, 0x18, 0x00];

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
            T::write_read(0x40, vec![0x0b], vec![0x00, 0x03]),
            T::write_read(0x40, vec![0x0a], MINUS_ONE_AH.to_vec()),
        ]);
        let mut bus = i2c.clone();
        let sample = Ina228::new(i2c, AT, 5_000).unwrap().sample().unwrap();
        assert!((sample.counter.unwrap().get() + 1.0).abs() < 1e-9);
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
            T::write_read(0x40, vec![0x0b], vec![0, 1]),
            T::write_read(0x40, vec![0x0a], vec![0; 5]),
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

    #[test]
    fn the_counter_has_forty_bits_and_a_sign() {
        assert_eq!(signed40(MINUS_ONE_AH), -57_600_000);
        assert_eq!(signed40([0x80, 0, 0, 0, 0]), -(1 << 39));
        assert_eq!(signed40([0x7f, 0xff, 0xff, 0xff, 0xff]), (1 << 39) - 1);
        assert_eq!(signed40([0; 5]), 0);
        assert!(
            (amp_hours((1 << 39) - 1) - 9_544.37).abs() < 0.01,
            "no pack overflows it"
        );
    }

    #[test]
    fn an_overflow_or_a_damaged_chip_has_no_counter_and_a_sound_one_has() {
        let believed = |flags| Counter::new(true).believed(7, flags, 0.0).is_some();
        assert!(believed(1) && believed(0x8003));
        assert!(!believed(0) && !believed(1 | 1 << 10) && !believed(1 | 1 << 9));
        // The sample after an overflow cannot be compared with the one before it: it has none either.
        let mut counter = Counter::new(true);
        assert!(counter.believed(7, 1 | 1 << 10, 0.0).is_none());
        assert!(counter.believed(8, 1, 0.0).is_none());
        assert!(counter.believed(9, 1, 0.0).is_some());
    }

    #[test]
    fn a_counter_that_stands_while_a_current_flows_is_not_believed_and_one_at_rest_is() {
        let mut standing = Counter::new(true);
        let seen: Vec<bool> = (0..7)
            .map(|_| standing.believed(7, 1, -0.4).is_some())
            .collect();
        assert_eq!(seen, [true, true, true, true, true, false, false]);
        assert!(standing.believed(8, 1, -0.4).is_some(), "it runs again");
        let mut at_rest = Counter::new(true);
        assert!((0..20).all(|_| at_rest.believed(7, 1, 0.02).is_some()));
    }

    #[test]
    fn a_chip_that_lost_its_power_has_no_counter_in_the_first_sample_and_one_that_ran_has() {
        let chip = |adc_config| {
            Stub::new()
                .with_word(0x3e, 0x5449)
                .with_word(0x3f, 0x2281)
                .with_word(0x02, 0x1000)
                .with_word(0x01, adc_config)
                .with_bytes(0x05, &[0x10, 0x0c, 0x00, 0x00, 0x10])
                .with_bytes(0x0a, &[0x00, 0x00, 0x36, 0xee, 0x80])
        };
        for (adc_config, kept) in [(0xfb6b, true), (0xfb68, false)] {
            let mut chip = chip(adc_config);
            chip.words[0x0b] |= 0x0100;
            let mut gauge = Ina228::new(SmbusOnly(chip), AT, 5_000).unwrap();
            assert_eq!(gauge.sample().unwrap().counter.is_some(), kept);
            let second = gauge.sample().unwrap();
            assert!((second.counter.unwrap().get() - 0.0625).abs() < 1e-9);
            assert!((second.voltage.get() - 12.8375).abs() < 1e-9);
        }
    }
}
