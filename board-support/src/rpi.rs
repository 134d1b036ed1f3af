//! The Raspberry Pi: the row's numbers turned into parts. What the parts do is in their own files, on `embedded-hal` traits.

use crate::absent::{DarkPanel, NoButton, NoSerial, NoSwitches};
use crate::board::Board;
use crate::boot_control;
use crate::button::{Button, LineButton};
use crate::clock::KernelRtc;
use crate::error::{BoardError, chain};
use crate::faults::FaultSwitch;
use crate::gauge::{BusAddress, Gauge, GaugeError, Reopening, open_ina2xx};
use crate::loads::{LineLoads, LoadSwitches};
use crate::panel::{LightPanel, LinePanel};
use crate::serial::{SerialPage, TtyPage};
use crate::start::StartFacts;
use crate::table::{BoardRow, GaugeWiring, Wiring};
use embedded_hal::digital::{ErrorType, InputPin, OutputPin};
use linux_embedded_hal::I2cdev;
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
            Box::new(NoSwitches),
        )
    });
    let (gauge, silent) = Reopening::new(|| open_gauge(&row.wiring.gauge));
    if let Some(error) = silent {
        faults.push(fault(
            &error,
            "the battery is not known; check the gauge's plug and that I2C is on",
        ));
    }
    let serial = open_serial(row.wiring.uart).unwrap_or_else(|error| {
        faults.push(fault(
            &error,
            "the technician's line is dark; check that UART0 is on",
        ));
        Box::new(NoSerial)
    });
    Board {
        id: row.id,
        gauge: Some(Box::new(gauge)),
        panel,
        button,
        serial,
        loads,
        rtc: Box::new(KernelRtc::named(row.wiring.rtc)),
        wake: None,
        boot: boot_control::wired(row.wiring.boot, boot_control::booted_slot(), &model),
        model,
        time_scale: 1,
        faults: FaultSwitch::default(),
        faults_at_open: faults,
        start: StartFacts::default(),
    }
}

fn open_serial(uart: &str) -> Result<Box<dyn SerialPage>, BoardError> {
    match TtyPage::open(Path::new(uart)) {
        Ok(page) => Ok(Box::new(page)),
        Err(source) => Err(BoardError::Write {
            path: uart.into(),
            source,
        }),
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
        Box::new(loads),
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
    let device = format!("/dev/i2c-{}", wiring.bus);
    let i2c = I2cdev::new(&device).map_err(|error| GaugeError::NoBus {
        device,
        source: Box::new(error),
    })?;
    open_ina2xx(
        i2c,
        BusAddress {
            bus: wiring.bus,
            address: wiring.address,
        },
        wiring.shunt_micro_ohm,
    )
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
        row.wiring.uart = "/dev/null";
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
