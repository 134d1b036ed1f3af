//! The drivers of the reference board on a bus of the kernel's own making: INA228, INA226 and DS3231 as `i2c-stub` holds them, in a small guest.
//!
//! Proved through `bus_probe`, which opens gauge and clock as the board does: their registers at the data sheets' bytes; a restart of the driver
//! writes nothing to a gauge that measures, so its charge counter runs on; a stranger at its address and an empty address are named, and nothing is
//! written there; an alarm is armed as its last step, in digits that the test has from the data sheet.
//!
//! Every call on the bus is in the kernel's own trace: that nothing was written is read there, not concluded. Controls: a reset and a chip that has
//! lost its settings are seen by the same trace and the same comparison of registers; the good chip beside each bad one.
//!
//! The stub answers SMBus calls alone; that the drivers' whole messages go over a real wire is not proved here.

mod bus;
mod clock;
mod gauge;
mod stub;

use bus::{Bus, Observed};
use stub::StubChip;
use system_tests::vm::Guest;
use system_tests::world::example;

const GAUGE: u8 = 0x40;
const CLOCK: u8 = 0x68;

/// A guest with the bus and the probe.
fn bus(guest: Guest, name: &str) -> Bus {
    let probe = example("board-support", "bus_probe");
    Bus::boot(guest.program(&probe), name)
}

impl Bus {
    fn probe(&mut self) -> Observed {
        self.observe(&format!("bus_probe {}", self.number))
    }
}

impl Observed {
    /// The line about one of the two, `gauge` or `clock`, of a probe that found both.
    fn line(&self, part: &str) -> &str {
        assert_eq!(self.said.code, 0, "{}", self.said);
        let line = self
            .said
            .text
            .lines()
            .find_map(|line| line.strip_prefix(part));
        line.unwrap_or_else(|| panic!("no {part}: {}", self.said))
            .trim_start()
    }

    /// The error of a probe that failed.
    fn error(&self) -> &str {
        assert_eq!(self.said.code, 1, "{}", self.said);
        let last = self.said.text.lines().last().unwrap_or_default();
        last.strip_prefix("error: ")
            .unwrap_or_else(|| panic!("no error: {}", self.said))
    }
}

/// An INA228 as a driver left it, over 5 mΩ. Its registers share bytes in the stub, so the values are chosen to fit.
fn ina228() -> StubChip {
    StubChip::at(GAUGE)
        .word(0x3e, 0x5449)
        .word(0x3f, 0x2281)
        // ADC_CONFIG: continuous, 1052 µs, mean of 64. SHUNT_CAL: the data sheet's 13107.2e6 × 62.5 µA × 5 mΩ = 4096.
        .word(0x01, 0xfb6b)
        .word(0x02, 0x1000)
        // VBUS: 65,743 steps of 195.3125 µV; DIETEMP: 3,200 of 7.8125 m°C; CURRENT: -6,400 of 62.5 µA.
        .block(0x05, &[0x10, 0x0c, 0xfe])
        .word(0x06, 0x0c80)
        .block(0x07, &[0xfe, 0x70, 0x00])
        // CHARGE: -0x18000000 of 62.5 µC. DIAG_ALRT: memory sound, no overflow of charge or mathematics.
        .block(0x0a, &[0xff, 0xe8, 0x00, 0x00, 0x00])
        .word(0x0b, 0xe801)
}

/// A DS3231 that runs: 2026-03-31 23:30:15, a Tuesday (2), 25.25 °C, its output a square wave as after its first power.
fn ds3231() -> StubChip {
    StubChip::at(CLOCK)
        .block(0x00, &[0x15, 0x30, 0x23, 0x02, 0x31, 0x03, 0x26])
        .byte(0x0e, 0x1c)
        .byte(0x0f, 0x08)
        .block(0x11, &[0x19, 0x40])
}
