//! The clock at its address: read, its alarm set, its words of trouble told.

use super::{Bus, CLOCK, bus, ds3231, ina228};
use system_tests::vm::Guest;

/// `ds3231()`: 2026-03-31T23:30:15Z, and the alarm an hour later.
const READING: &str = "unix=1774999815 rang=0 alarm=1775003415";
/// Seconds, minutes, hours, day of the month: 00:30:15 on the 1st; no mask bit set, so that all four have to match.
const ALARM: [u8; 4] = [0x15, 0x30, 0x00, 0x01];
/// CONTROL: works on the cell (6), interrupt (2), alarm 1 (0); the rest as it was.
const ARMED: u8 = 0x5d;

#[test]
fn the_clock_tells_the_time_and_takes_an_alarm() {
    let Some(guest) = Guest::found("image::smbus_clock") else {
        return;
    };
    let mut bus = bus(guest, "smbus-clock");
    an_alarm_stands_in_the_data_sheets_digits(&mut bus);
    it_is_armed_last_over_one_that_was_set(&mut bus);
    one_that_rang_is_told_and_let_go(&mut bus);
    hours_to_twelve_have_an_alarm_to_twelve(&mut bus);
    a_clock_that_stood_tells_no_time_and_gets_no_alarm(&mut bus);
    a_stranger_is_named_and_not_written_to(&mut bus);
    a_driver_of_the_kernel_is_not_pushed_aside(&mut bus);
    the_kernels_own_alarm_is_as_the_board_takes_it(&mut bus);
    eprintln!("smbus clock: {:?} of CPU", bus.cpu_time());
}

fn an_alarm_stands_in_the_data_sheets_digits(bus: &mut Bus) {
    bus.plug(&[ina228(), ds3231()]);
    let before = bus.registers(CLOCK);
    assert_eq!(bus.probe().line("clock"), READING);
    let now = bus.registers(CLOCK);
    assert_eq!(now.bytes(0x07), ALARM);
    assert_eq!(now.bytes(0x0e), [ARMED, 0x08], "32 kHz as it was, no flag");
    let changed: Vec<usize> = before.differences(&now).iter().map(|one| one.0).collect();
    assert_eq!(
        changed,
        [0x07, 0x08, 0x0a, 0x0e],
        "nothing else, the time least of all"
    );
}

/// A cut in between leaves an alarm that does not ring, never one of two halves.
fn it_is_armed_last_over_one_that_was_set(bus: &mut Bus) {
    // Alarm 1 for 06:00:00 on the 9th, alarm 2 (0x0b to 0x0d) too, both armed.
    let old = ds3231().block(0x07, &[0x00, 0x00, 0x06, 0x09, 0x00, 0x06, 0x09]);
    bus.plug(&[ina228(), old]);
    let both = format!("i2cset -y {} 0x68 0x0e 0x1f b", bus.number);
    let _ = bus.run(&both).well();
    let seen = bus.probe();
    assert_eq!(seen.line("clock"), READING);
    let writes = seen.writes_to(CLOCK);
    assert_eq!(
        writes.first(),
        Some(&"write 0x68 0x0e BYTE_DATA 5c"),
        "{writes:?}"
    );
    assert_eq!(
        writes.last(),
        Some(&"write 0x68 0x0e BYTE_DATA 5d"),
        "{writes:?}"
    );
    let now = bus.registers(CLOCK);
    assert_eq!(now.bytes(0x07), ALARM);
    assert_eq!(now.bytes(0x0e), [ARMED], "alarm 2 is off");
}

fn one_that_rang_is_told_and_let_go(bus: &mut Bus) {
    let rang = format!("i2cset -y {} 0x68 0x0f 0x09 b", bus.number);
    let _ = bus.run(&rang).well();
    assert_eq!(
        bus.probe().line("clock"),
        READING.replace("rang=0", "rang=1")
    );
    assert_eq!(bus.registers(CLOCK).bytes(0x0f), [0x08]);
    assert_eq!(bus.probe().line("clock"), READING, "control: told once");
}

/// The chip compares digits: an alarm has to be written as its clock counts.
fn hours_to_twelve_have_an_alarm_to_twelve(bus: &mut Bus) {
    // To 12 (6), afternoon (5), eleven.
    let eleven = format!("i2cset -y {} 0x68 0x02 0x71 b", bus.number);
    let _ = bus.run(&eleven).well();
    assert_eq!(bus.probe().line("clock"), READING);
    // Half past midnight: to 12 (6), morning, twelve.
    assert_eq!(bus.registers(CLOCK).bytes(0x07), [0x15, 0x30, 0x52, 0x01]);
}

fn a_clock_that_stood_tells_no_time_and_gets_no_alarm(bus: &mut Bus) {
    bus.plug(&[ina228(), ds3231()]);
    let stood = format!("i2cset -y {} 0x68 0x0f 0x88 b", bus.number);
    let _ = bus.run(&stood).well();
    let seen = bus.probe();
    assert_eq!(seen.error(), "the clock has lost the time");
    assert_eq!(seen.writes_to(CLOCK), [""; 0]);
}

fn a_stranger_is_named_and_not_written_to(bus: &mut Bus) {
    bus.plug(&[ina228(), ds3231()]);
    let other = format!("i2cset -y {} 0x68 0x00 0x95 b", bus.number);
    let _ = bus.run(&other).well();
    let seen = bus.probe();
    let number = bus.number;
    assert_eq!(
        seen.error(),
        format!(
            "no DS3231 on I2C bus {number}, address 0x68: register SECONDS holds 0x0095, 0x0015 is meant"
        )
    );
    assert_eq!(seen.writes_to(CLOCK), [""; 0]);
}

/// The kernel's `dummy` driver stands for the one of this clock, which Debian's kernel for PCs does not have.
fn a_driver_of_the_kernel_is_not_pushed_aside(bus: &mut Bus) {
    bus.plug(&[ina228(), ds3231()]);
    let devices = format!("/sys/bus/i2c/devices/i2c-{}", bus.number);
    let _ = bus
        .run(&format!("echo dummy {CLOCK:#04x} >{devices}/new_device"))
        .well();
    let seen = bus.probe();
    let named = format!("DS3231 on I2C bus {}, address 0x68: ", bus.number);
    assert!(seen.error().starts_with(&named), "{}", seen.said);
    assert_eq!(seen.writes_to(CLOCK), [""; 0]);
    let _ = bus
        .run(&format!("echo {CLOCK:#04x} >{devices}/delete_device"))
        .well();
    assert_eq!(bus.probe().line("clock"), READING, "control: without it");
}

/// On a board whose device tree wires the alarm, `wakealarm` of the kernel's class is used. Its manners, at the PC's own clock.
fn the_kernels_own_alarm_is_as_the_board_takes_it(bus: &mut Bus) {
    let said = bus.run(
        "cd /sys/class/rtc/rtc0
         at=$(($(cat since_epoch) + 3600))
         echo $at >wakealarm && [ \"$(cat wakealarm)\" = $at ] && echo set
         echo $((at + 60)) >wakealarm 2>/dev/null || echo refused
         echo 0 >wakealarm && [ -z \"$(cat wakealarm)\" ] && echo cleared
         echo $((at + 60)) >wakealarm && [ \"$(cat wakealarm)\" = $((at + 60)) ] && echo set",
    );
    assert_eq!(said.well(), "set\nrefused\ncleared\nset\n");
}
