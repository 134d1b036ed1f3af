//! The Raspberry Pi: the row's numbers turned into parts. What the parts do is in their own files, on `embedded-hal` traits.

use crate::absent::{DarkPanel, NoButton, NoSerial};
use crate::board::Board;
use crate::boot_control;
use crate::boot_time::since_boot;
use crate::button::{Button, LineButton};
use crate::clock::{KernelRtc, RTC_CLASS};
use crate::error::{BoardError, chain};
use crate::faults::FaultSwitch;
use crate::gauge::{BusAddress, Gauge, GaugeError, Reopening, WithCharger, ina2xx};
use crate::loads::{self, LineLoads, LoadSwitches};
use crate::panel::{LightPanel, LinePanel};
use crate::serial;
use crate::start::StartFacts;
use crate::table::{BoardRow, ClockWiring, GaugeWiring, Wiring};
use crate::vedirect::Ports;
use crate::wake::{self, WakeAlarm};
use embedded_hal::digital::{ErrorType, InputPin, OutputPin};
use rppal::gpio::{self, Gpio};
use std::convert::Infallible;
use std::error::Error;
use std::path::Path;

/// The board of this row. Every part that does not open is replaced and named.
pub(crate) fn open(row: &'static BoardRow, model: String) -> Board {
    let lines =
        Gpio::new().map_err(|error| line_error(row.wiring.button, "button, lights, rails", error));
    assemble(
        row,
        model,
        lines.and_then(|gpio| line_parts(&gpio, &row.wiring)),
    )
}

fn assemble(row: &'static BoardRow, model: String, lines: Result<LineParts, BoardError>) -> Board {
    let mut faults = Vec::new();
    let (panel, button, loads) = lines.unwrap_or_else(|error| {
        faults.push(fault(
            &error,
            "lights, button and rails do nothing; check that the box may use /dev/gpiomem",
        ));
        (
            Box::new(DarkPanel),
            Box::new(NoButton),
            loads::without_rails(boot_control::booted_slot()),
        )
    });
    let gauge = gauge(&row.wiring, &mut faults);
    let wake = wake(&row.wiring, &mut faults);
    if let Err(error) = serial::look_for(Path::new(row.wiring.uart)) {
        faults.push(fault(
            &error,
            "the technician's line is dark; check that UART0 is on",
        ));
    }
    Board {
        id: row.id,
        gauge: Some(gauge),
        panel,
        button,
        serial: Box::new(NoSerial),
        loads,
        rtc: Box::new(KernelRtc::named(row.wiring.rtc)),
        wake,
        air: None,
        boot: boot_control::wired(row.wiring.boot, boot_control::booted_slot(), &model),
        model,
        time_scale: 1,
        faults: FaultSwitch::default(),
        faults_at_open: faults,
        start: StartFacts::default(),
    }
}

/// Never none: on a board with a battery a gauge that does not answer is silent.
fn gauge(wiring: &'static Wiring, faults: &mut Vec<String>) -> Box<dyn Gauge> {
    let (gauge, silent) = Reopening::new(|| open_gauge(&wiring.gauge));
    if let Some(error) = silent {
        faults.push(fault(
            &error,
            "the battery is not known; check the gauge's plug and that I2C is on",
        ));
    }
    let Some(cables) = wiring.charger else {
        return Box::new(gauge);
    };
    let mut ports = Ports::new(Path::new(cables));
    ports.listen(since_boot());
    if !ports.any() {
        faults.push(format!(
            "no VE.Direct cable ({cables}) when the box started: what the panel gives is not known; plug the charger's cable in"
        ));
    }
    faults.extend(ports.notices());
    Box::new(WithCharger::new(gauge, ports, since_boot))
}

fn wake(wiring: &Wiring, faults: &mut Vec<String>) -> Option<Box<dyn WakeAlarm>> {
    let ClockWiring { bus, address } = wiring.wake?;
    let at = BusAddress { bus, address };
    match wake::open(Path::new(RTC_CLASS), wiring.rtc, at) {
        Ok(alarm) => Some(alarm),
        Err(error) => {
            faults.push(fault(
                &error,
                "the box cannot wake itself by the clock, the charger and the button still do; check the clock's plug and that I2C is on",
            ));
            None
        }
    }
}

type LineParts = (Box<dyn LightPanel>, Box<dyn Button>, Box<dyn LoadSwitches>);

fn line_parts(gpio: &Gpio, wiring: &Wiring) -> Result<LineParts, BoardError> {
    let (p, r) = (&wiring.panel, &wiring.rails);
    let out = |line, purpose| output(gpio, line, purpose);
    let panel = LinePanel::new([
        out(p.battery_red, "battery light, red")?,
        out(p.battery_amber, "battery light, amber")?,
        out(p.battery_green, "battery light, green")?,
        out(p.wifi, "Wi-Fi light")?,
        out(p.lessons, "lessons light")?,
        out(p.help, "help light")?,
    ]);
    let loads = LineLoads {
        usb_charging: out(r.usb_charging, "rail of the USB sockets")?,
        projector: out(r.projector, "rail of the projector")?,
        radio: out(r.radio, "rail of the radio")?,
    };
    let button = gpio
        .get(wiring.button)
        .map_err(|error| line_error(wiring.button, "button", error))?;
    Ok((
        Box::new(panel),
        Box::new(LineButton(In(button.into_input_pullup()))),
        loads::of_the_machine(loads),
    ))
}

/// A line that keeps its level when the program ends, and when it comes back: a restart must not make the rails flicker. After a
/// cold start the chip drives it low.
fn output(gpio: &Gpio, line: u8, purpose: &'static str) -> Result<Out, BoardError> {
    let pin = gpio
        .get(line)
        .map_err(|error| line_error(line, purpose, error))?;
    let mut pin = pin.into_output();
    pin.set_reset_on_drop(false);
    Ok(Out(pin))
}

fn line_error(line: u8, purpose: &'static str, error: gpio::Error) -> BoardError {
    BoardError::Line {
        line,
        purpose,
        source: Box::new(error),
    }
}

fn open_gauge(wiring: &GaugeWiring) -> Result<Box<dyn Gauge>, GaugeError> {
    let at = BusAddress {
        bus: wiring.bus,
        address: wiring.address,
    };
    ina2xx::open(at, wiring.shunt_micro_ohm)
}

/// One line: what failed and why, then what it means and what to do.
fn fault(error: &dyn Error, remedy: &str) -> String {
    format!("{}: {remedy}", chain(error))
}

struct Out(gpio::OutputPin);

impl ErrorType for Out {
    type Error = Infallible;
}

impl OutputPin for Out {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0.set_low();
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0.set_high();
        Ok(())
    }
}

struct In(gpio::InputPin);

impl ErrorType for In {
    type Error = Infallible;
}

impl InputPin for In {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.is_high())
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.is_low())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use crate::table::{BOARDS, BoardId};
    use std::sync::LazyLock;

    /// The first row, with a bus and a line that no machine has.
    static NOWHERE: LazyLock<BoardRow> = LazyLock::new(|| {
        let mut row = BOARDS[0];
        row.wiring.gauge.bus = 250;
        row.wiring.uart = "/nonexistent/tty";
        row.wiring.charger = Some("/nonexistent/usb-VictronEnergy*");
        row.wiring.wake = Some(ClockWiring {
            bus: 250,
            address: 0x68,
        });
        row.wiring.rtc = "no clock of this name";
        row
    });

    #[test]
    fn a_board_without_its_parts_opens_and_names_them() {
        let refused = line_error(27, "button", gpio::Error::PinNotAvailable(27));
        let mut board = assemble(
            &NOWHERE,
            "Raspberry Pi 4 Model B Rev 1.5".to_owned(),
            Err(refused),
        );
        assert_eq!(board.id, BoardId::RaspberryPi4);
        insta::assert_snapshot!(board.faults_at_open.join("\n"));
        let silent = board.gauge.as_mut().unwrap().sample();
        assert!(
            silent.is_err(),
            "a battery board with a silent gauge, not a board on mains"
        );
        assert!(!board.button.is_pressed().unwrap());
    }
}
