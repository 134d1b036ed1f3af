//! Asks gauge and clock of a bus once, through the same code as a board does: a line each, and the first that fails ends it.
//!
//! ```sh
//! bus_probe 1
//! ```

use board_support::clock::Rtc as _;
use board_support::ds3231::Ds3231;
use board_support::gauge::{BusAddress, ina2xx};
use board_support::wake::WakeAlarm as _;
use std::error::Error;
use std::process::ExitCode;

/// Of the reference board.
const GAUGE: u8 = 0x40;
const CLOCK: u8 = 0x68;
const SHUNT_MICRO_OHM: u32 = 5_000;
/// How far ahead the alarm is tried, s.
const AHEAD: u64 = 3600;

fn main() -> ExitCode {
    let Some(Ok(bus)) = std::env::args().nth(1).map(|text| text.parse()) else {
        return said(std::io::stderr(), "usage: bus_probe BUS", 2);
    };
    for probe in [gauge, clock] {
        match probe(bus) {
            Ok(line) => said(std::io::stdout(), &line, 0),
            Err(error) => return said(std::io::stderr(), &format!("error: {}", chain(&*error)), 1),
        };
    }
    ExitCode::SUCCESS
}

fn gauge(bus: u8) -> Result<String, Box<dyn Error>> {
    let at = BusAddress {
        bus,
        address: GAUGE,
    };
    let mut gauge = ina2xx::open(at, SHUNT_MICRO_OHM)?;
    let first = gauge.sample()?;
    let sample = gauge.sample()?;
    let shown = |value: Option<f64>, digits: usize| {
        value.map_or("none".to_owned(), |value| format!("{value:.digits$}"))
    };
    Ok(format!(
        "gauge voltage_v={:.4} current_a={:.4} temperature_c={} counter_ah={} counter_at_first={}",
        sample.voltage.get(),
        sample.current.get(),
        shown(sample.temperature.map(|t| t.get()), 2),
        shown(sample.counter.map(|ah| ah.get()), 6),
        shown(first.counter.map(|ah| ah.get()), 6),
    ))
}

fn clock(bus: u8) -> Result<String, Box<dyn Error>> {
    let at = BusAddress {
        bus,
        address: CLOCK,
    };
    let mut clock = Ds3231::open(at)?;
    let rang = u8::from(clock.rang()?);
    let Some(now) = clock.read()? else {
        return Err("the clock has lost the time".into());
    };
    let alarm = clock.set(Some(now + AHEAD))?.unwrap_or_default();
    Ok(format!("clock unix={now} rang={rang} alarm={alarm}"))
}

fn chain(error: &dyn Error) -> String {
    match error.source() {
        None => error.to_string(),
        Some(cause) => format!("{error}: {}", chain(cause)),
    }
}

fn said(mut out: impl std::io::Write, line: &str, code: u8) -> ExitCode {
    match writeln!(out, "{line}") {
        Ok(()) => ExitCode::from(code),
        Err(_) => ExitCode::FAILURE,
    }
}
