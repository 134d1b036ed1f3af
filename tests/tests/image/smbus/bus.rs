//! The guest's bus: chips are plugged, a driver is let loose on them, and the kernel's trace tells every call it made.

use super::stub::{Registers, StubChip};
use std::time::Duration;
use system_tests::vm::{Guest, RunningGuest, Said};

const TRACING: &str = "/sys/kernel/tracing";

pub(crate) struct Bus {
    guest: RunningGuest,
    /// Of `/dev/i2c-N`.
    pub(crate) number: u8,
}

/// What a driver said, and what it did on the bus: one line a call, e.g. `read 0x40 0x3e WORD_DATA`, `write 0x40 0x01 WORD_DATA fb6b`.
pub(crate) struct Observed {
    pub(crate) said: Said,
    pub(crate) calls: Vec<String>,
}

impl Observed {
    /// What was written to a chip.
    pub(crate) fn writes_to(&self, address: u8) -> Vec<&str> {
        self.starting_with(&format!("write {address:#04x} "))
    }

    /// What was asked of a chip.
    pub(crate) fn reads_of(&self, address: u8) -> Vec<&str> {
        self.starting_with(&format!("read {address:#04x} "))
    }

    fn starting_with(&self, start: &str) -> Vec<&str> {
        let calls = self.calls.iter().map(String::as_str);
        calls.filter(|call| call.starts_with(start)).collect()
    }
}

impl Bus {
    pub(crate) fn boot(guest: Guest, name: &str) -> Self {
        let guest = guest
            .module("i2c-dev", "")
            .module("i2c-stub", "chip_addr=0x03");
        let tools = ["i2cset", "i2cdump"];
        let guest = tools.into_iter().fold(guest, Guest::packaged);
        let mut guest = guest.boot(name);
        let mount =
            format!("mount -t tracefs trace {TRACING}; echo 1 >{TRACING}/events/smbus/enable");
        let _ = guest.run(&mount).well();
        Self { guest, number: 0 }
    }

    /// Takes all chips out and plugs these in, new and with nothing but what was put into them.
    pub(crate) fn plug(&mut self, chips: &[StubChip]) {
        let addresses: Vec<String> = chips
            .iter()
            .map(|chip| format!("{:#04x}", chip.address))
            .collect();
        let addresses = addresses.join(",");
        let number = self.guest.run(&format!(
            "set -e; modprobe -r i2c-stub; modprobe i2c-stub chip_addr={addresses}
             grep -l '^SMBus stub' /sys/class/i2c-dev/*/name | sed 's,[^0-9]*i2c-dev/i2c-,,; s,/name,,'"
        ));
        self.number = number.well().trim().parse().expect("the number of a bus");
        let script: String = chips.iter().map(|chip| chip.script(self.number)).collect();
        let _ = self.guest.run(&format!("set -e\n{script}")).well();
    }

    /// What a chip holds.
    pub(crate) fn registers(&mut self, address: u8) -> Registers {
        let dump = format!("i2cdump -y {} {address:#04x} w", self.number);
        Registers::of_dump(&self.guest.run(&dump).well())
    }

    /// Runs a driver, and listens on the bus.
    pub(crate) fn observe(&mut self, command: &str) -> Observed {
        let _ = self.guest.run(&format!("echo >{TRACING}/trace")).well();
        let said = self.guest.run(command);
        let trace = self
            .guest
            .run(&format!("grep -v '^#' {TRACING}/trace || true"));
        Observed {
            said,
            calls: trace.well().lines().filter_map(call).collect(),
        }
    }

    pub(crate) fn run(&mut self, script: &str) -> Said {
        self.guest.run(script)
    }

    pub(crate) fn cpu_time(&self) -> Duration {
        self.guest.cpu_time()
    }
}

/// A line of the trace, e.g. `… smbus_write: i2c-0 a=040 f=0000 c=2 WORD_DATA l=2 [10-00]`; the outcome of a call is not a call.
fn call(line: &str) -> Option<String> {
    let (kind, rest) = line.split_once("smbus_")?.1.split_once(": ")?;
    let kind = match kind {
        "read" | "write" => kind,
        _ => return None,
    };
    let field = |name: &str| {
        let words = rest.split_whitespace();
        words.filter_map(|word| word.strip_prefix(name)).next()
    };
    let number = |name| u8::from_str_radix(field(name)?, 16).ok();
    let protocol = rest.split_whitespace().nth(4)?;
    let bytes = field("[").map_or(String::new(), |bytes| {
        format!(" {}", bytes.trim_end_matches(']').replace('-', ""))
    });
    Some(format!(
        "{kind} {:#04x} {:#04x} {protocol}{bytes}",
        number("a=")?,
        number("c=")?
    ))
}
