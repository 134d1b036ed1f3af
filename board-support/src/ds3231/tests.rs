//! By scripted transactions, and against a chip that keeps what is written.

use super::*;
use crate::bus::{SmbusOnly, Stub};
use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource};
use embedded_hal_mock::eh1::i2c::{Mock, Transaction as T};
use proptest::prelude::*;

const AT: BusAddress = BusAddress {
    bus: 1,
    address: 0x68,
};
/// 2026-03-02 07:00:00, a Monday.
const MONDAY: [u8; 7] = [0x00, 0x00, 0x07, 0x02, 0x02, 0x03, 0x26];
const NOW: u64 = 1_772_434_800;

fn byte(register: u8, value: u8) -> T {
    T::write_read(0x68, vec![register], vec![value])
}

fn start(mut more: Vec<T>) -> Mock {
    let mut script = vec![
        byte(0x12, 0x40),
        T::write_read(0x68, vec![0x00], MONDAY.to_vec()),
    ];
    script.append(&mut more);
    Mock::new(&script)
}

fn chip() -> Stub {
    Stub::new().with_bytes(0, &MONDAY)
}

#[test]
fn an_alarm_is_set_register_by_register() {
    let i2c = start(vec![
        byte(0x0f, 0x09),
        T::write_read(0x68, vec![0x00], MONDAY.to_vec()),
        byte(0x02, 0x07),
        // Off, on the cell, as an interrupt; then the flags; then the time; then on.
        byte(0x0e, 0x1f),
        T::write(0x68, vec![0x0e, 0x5c]),
        byte(0x0f, 0x09),
        T::write(0x68, vec![0x0f, 0x08]),
        byte(0x0f, 0x08),
        T::write(0x68, vec![0x07, 0x30, 0x15, 0x06, 0x03]),
        T::write(0x68, vec![0x0e, 0x5d]),
        byte(0x07, 0x30),
        byte(0x08, 0x15),
        byte(0x09, 0x06),
        byte(0x0a, 0x03),
        byte(0x0e, 0x5d),
    ]);
    let mut bus = i2c.clone();
    // Tuesday, 06:15:30.
    let at = NOW + 23 * 3600 + 15 * 60 + 30;
    let set = Ds3231::new(i2c, AT).unwrap().set(Some(at)).unwrap();
    assert_eq!(set, Some(at));
    bus.done();
}

#[test]
fn the_time_of_the_chip_in_either_count_of_hours_and_century() {
    let read = |fields: &[u8; 7]| {
        let bus = SmbusOnly(Stub::new().with_bytes(0, fields));
        Ds3231::new(bus, AT).unwrap().read().unwrap()
    };
    assert_eq!(read(&MONDAY), Some(NOW));
    // 12 at night, 7 in the morning, 12 at noon, 11 at night.
    for (hour, of_day) in [(0x52, 0), (0x47, 7), (0x72, 12), (0x71, 23)] {
        let fields = [0, 0, hour, 2, 2, 3, 0x26];
        assert_eq!(read(&fields), Some(NOW - 7 * 3600 + of_day * 3600));
    }
    assert_eq!(read(&[0, 0, 0, 2, 1, 0x83, 0x00]), Some(4_107_542_400));
    // Begun at 2000, as after a change of the cell; the 31st of April; no digits.
    assert_eq!(read(&[0x12, 0, 0, 6, 1, 1, 0]), None);
    assert_eq!(read(&[0, 0, 0, 1, 0x31, 4, 0x26]), None);
    assert_eq!(read(&[0x0f, 0, 0, 1, 1, 4, 0x26]), None);
}

#[test]
fn an_alarm_is_kept_capped_cleared_and_tells_that_it_rang() {
    let mut clock = Ds3231::new(SmbusOnly(chip()), AT).unwrap();
    let mut keeps = |at| clock.set(at).unwrap();
    assert_eq!(keeps(Some(NOW + 3600)), Some(NOW + 3600));
    assert_eq!(keeps(Some(NOW - 5)), Some(NOW + 60));
    assert_eq!(keeps(Some(NOW + 60 * 86_400)), Some(NOW + 27 * 86_400));
    assert_eq!(keeps(None), None);
    assert!(!clock.rang().unwrap());

    let mut rung = Ds3231::new(SmbusOnly(chip().with_bytes(0x0f, &[1])), AT).unwrap();
    assert!(rung.rang().unwrap());
    rung.set(Some(NOW + 3600)).unwrap();
    assert!(!rung.rang().unwrap(), "so that the pin is let go");
}

#[test]
fn a_chip_that_counts_to_twelve_gets_its_alarm_so() {
    // 7 in the morning; the alarm at 7, at noon, at 11 at night and at midnight.
    for (ahead, hour) in [(0, 0x47), (5, 0x72), (16, 0x71), (17, 0x52)] {
        let twelve = chip().with_bytes(2, &[0x47]);
        let mut clock = Ds3231::new(SmbusOnly(twelve), AT).unwrap();
        let at = NOW + 86_400 + ahead * 3600;
        assert_eq!(clock.set(Some(at)).unwrap(), Some(at));
        clock.rings_at(at).unwrap();
        assert!(clock.rings_at(at + 3600).is_err());
        assert_eq!(clock.registers.read_u8(ALARM_1_BYTES[2]).unwrap(), hour);
    }
}

#[test]
fn a_clock_that_stood_sets_no_alarm_and_one_that_ran_does() {
    let with_status = |status| {
        let bus = SmbusOnly(chip().with_bytes(0x0f, &[status]));
        Ds3231::new(bus, AT).unwrap().set(Some(NOW + 3600))
    };
    assert!(with_status(0x00).is_ok());
    let error = with_status(0x80).unwrap_err();
    insta::assert_snapshot!(error, @"DS3231 on I2C bus 1, address 0x68 has lost the time: its cell is empty or missing; change it and set the clock");
}

#[test]
fn a_chip_that_keeps_nothing_is_told_with_its_register() {
    let i2c = start(vec![
        byte(0x0f, 0x00),
        T::write_read(0x68, vec![0x00], MONDAY.to_vec()),
        byte(0x02, 0x07),
        byte(0x0e, 0x1c),
        T::write(0x68, vec![0x0e, 0x5c]),
        byte(0x0f, 0x00),
        T::write(0x68, vec![0x0f, 0x00]),
        byte(0x0f, 0x00),
        T::write(0x68, vec![0x07, 0x00, 0x00, 0x08, 0x02]),
        T::write(0x68, vec![0x0e, 0x5d]),
        byte(0x07, 0x00),
        byte(0x08, 0x00),
        byte(0x09, 0x00),
    ]);
    let mut bus = i2c.clone();
    let error = Ds3231::new(i2c, AT)
        .unwrap()
        .set(Some(NOW + 3600))
        .unwrap_err();
    insta::assert_snapshot!(error, @"DS3231 on I2C bus 1, address 0x68: register ALARM_1_HOURS holds 0x0000 after 0x0008 was written");
    bus.done();
}

#[test]
fn another_chip_is_refused_and_an_empty_address_told() {
    // A PCF8523 at the same address: its first register is a control, its seventh a day of the week.
    let other = Stub::new().with_bytes(0, &[0x80, 0, 0, 0x12, 0x34, 0x05, 0x02]);
    let error = Ds3231::new(SmbusOnly(other), AT).unwrap_err();
    insta::assert_snapshot!(error, @"no DS3231 on I2C bus 1, address 0x68: register SECONDS holds 0x0080, 0x0000 is meant");

    let nack = ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address);
    let nobody = || byte(0x12, 0).with_error(nack);
    let mut bus = Mock::new(&[nobody(), nobody(), nobody()]);
    let error = Ds3231::new(bus.clone(), AT).unwrap_err();
    insta::assert_snapshot!(error, @"DS3231 on I2C bus 1, address 0x68: register TEMPERATURE_LOW: NoAcknowledge(Address)");
    bus.done();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_registers_give_a_time_an_alarm_or_an_error(bytes in prop::array::uniform19(any::<u8>()), at: u64) {
        if let Ok(mut clock) = Ds3231::new(SmbusOnly(Stub::new().with_bytes(0, &bytes)), AT) {
            let now = clock.read().unwrap();
            match clock.set(Some(at)) {
                Ok(set) => prop_assert!(set >= now.map(|now| now + 60)),
                Err(_) => prop_assert!(now.is_none()),
            }
        }
    }

    #[test]
    fn what_is_set_is_what_the_chip_will_match(ahead in 60_u64..27 * 86_400) {
        let mut clock = Ds3231::new(SmbusOnly(chip()), AT).unwrap();
        clock.set(Some(NOW + ahead)).unwrap();
        let [second, minute, hour, day] = clock.registers.read(ALARM_1).unwrap();
        let moment = Moment::of_unix(NOW + ahead).unwrap();
        prop_assert_eq!(
            [decimal(second), decimal(minute), decimal(hour), decimal(day)],
            [moment.second, moment.minute, moment.hour, moment.day].map(Some)
        );
        prop_assert_eq!(clock.registers.read_u8(CONTROL).unwrap() & ALARM_BITS, ON_CELL | INTERRUPT | ALARM_1_ON);
    }
}
