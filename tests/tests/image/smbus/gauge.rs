//! The gauge at its address: an INA228, an INA226, a stranger, nobody.

use super::stub::StubChip;
use super::{Bus, CLOCK, GAUGE, bus, ds3231, ina228};
use system_tests::vm::Guest;

/// ADC_CONFIG after the chip's own reset.
const UNSET: u16 = 0xfb68;

#[test]
fn whatever_is_at_the_gauges_address_is_told() {
    let Some(guest) = Guest::found("image::smbus_gauge") else {
        return;
    };
    let mut bus = bus(guest, "smbus-gauge");
    the_counter_is_read_and_a_restart_writes_nothing(&mut bus);
    control_a_reset_is_seen(&mut bus);
    control_a_chip_that_forgot_is_set_once_and_its_counter_not_believed(&mut bus);
    an_ina226_stands_in(&mut bus);
    a_stranger_is_named_and_not_written_to(&mut bus);
    an_empty_address_is_asked_three_times_and_named(&mut bus);
    eprintln!("smbus gauge: {:?} of CPU", bus.cpu_time());
}

/// -0x18000000 × 62.5 µC / 3600 s/h.
const READING: &str = "voltage_v=12.8404 current_a=-0.4000 temperature_c=25.00 counter_ah=-6.990507 counter_at_first=-6.990507";

fn the_counter_is_read_and_a_restart_writes_nothing(bus: &mut Bus) {
    bus.plug(&[ina228(), ds3231()]);
    let before = bus.registers(GAUGE);
    for start in ["the first", "the second"] {
        let seen = bus.probe();
        assert_eq!(seen.line("gauge"), READING, "{start} start");
        assert_eq!(seen.writes_to(GAUGE), [""; 0], "{start} start");
        assert!(
            seen.reads_of(GAUGE).len() > 10,
            "the trace works: {:?}",
            seen.calls
        );
    }
    assert_eq!(before.differences(&bus.registers(GAUGE)), []);
}

fn control_a_reset_is_seen(bus: &mut Bus) {
    let before = bus.registers(GAUGE);
    // CONFIG, bit 15, high byte first on the wire.
    let seen = bus.observe(&format!("i2cset -y {} 0x40 0x00 0x0080 w", bus.number));
    assert_eq!(seen.writes_to(GAUGE), ["write 0x40 0x00 WORD_DATA 8000"]);
    assert_eq!(before.differences(&bus.registers(GAUGE)), [(0, 0, 0x8000)]);
}

fn control_a_chip_that_forgot_is_set_once_and_its_counter_not_believed(bus: &mut Bus) {
    let forgot = format!(
        "i2cset -y {} 0x40 0x01 {:#06x} w",
        bus.number,
        UNSET.swap_bytes()
    );
    let _ = bus.run(&forgot).well();
    let before = bus.registers(GAUGE);
    assert_eq!(before.word(0x01), UNSET);
    let seen = bus.probe();
    let line = seen.line("gauge");
    assert!(line.ends_with("counter_at_first=none"), "{line}");
    assert_eq!(seen.writes_to(GAUGE), ["write 0x40 0x01 WORD_DATA fb6b"]);
    let set = bus.registers(GAUGE);
    assert_eq!(before.differences(&set), [(0x01, UNSET, 0xfb6b)]);
    let again = bus.probe();
    assert_eq!(again.line("gauge"), READING, "from then on it is");
    assert_eq!(again.writes_to(GAUGE), [""; 0]);
}

fn an_ina226_stands_in(bus: &mut Bus) {
    // 13.25 V = 10,600 steps of 1.25 mV; -0.4 A over 5 mΩ = -800 of 2.5 µV; as it comes from its reset.
    let chip = StubChip::at(GAUGE)
        .word(0xfe, 0x5449)
        .word(0xff, 0x2260)
        .word(0x00, 0x4127)
        .word(0x01, 0xfce0)
        .word(0x02, 0x2968);
    bus.plug(&[chip, ds3231()]);
    let before = bus.registers(GAUGE);
    let seen = bus.probe();
    let line = "voltage_v=13.2500 current_a=-0.4000 temperature_c=none counter_ah=none counter_at_first=none";
    assert_eq!(seen.line("gauge"), line);
    // Bit 14 as it was, mean of 64, 1.1 ms, continuous.
    let set = bus.registers(GAUGE);
    assert_eq!(before.differences(&set), [(0x00, 0x4127, 0x4727)]);
    assert_eq!(bus.probe().writes_to(GAUGE), [""; 0], "once is enough");
}

fn a_stranger_is_named_and_not_written_to(bus: &mut Bus) {
    bus.plug(&[StubChip::at(GAUGE).word(0xfe, 0x0060), ds3231()]);
    let seen = bus.probe();
    let number = bus.number;
    assert_eq!(
        seen.error(),
        format!(
            "no INA226 on I2C bus {number}, address 0x40: register MANUFACTURER_ID holds 0x0060, 0x5449 is meant"
        )
    );
    assert_eq!(seen.writes_to(GAUGE), [""; 0]);
    let asked = ["read 0x40 0x3e WORD_DATA", "read 0x40 0xfe WORD_DATA"];
    assert_eq!(
        seen.reads_of(GAUGE),
        asked,
        "once each: a wrong chip is no disturbance"
    );
}

fn an_empty_address_is_asked_three_times_and_named(bus: &mut Bus) {
    bus.plug(&[ds3231()]);
    let seen = bus.probe();
    let number = bus.number;
    assert_eq!(
        seen.error(),
        format!(
            "INA228 on I2C bus {number}, address 0x40: register MANUFACTURER_ID: NoAcknowledge(Address)"
        )
    );
    assert_eq!(seen.reads_of(GAUGE), ["read 0x40 0x3e WORD_DATA"; 3]);
    assert_eq!(seen.reads_of(CLOCK), [""; 0], "the probe ends there");
}
