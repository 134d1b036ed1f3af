//! The live line: the panel and the state of the box, redrawn in place on the terminal of a desk.

use crate::diagnostics::page::{WIDTH, duration};
use crate::status::Status;
use board_support::panel::{BatteryColour, Lights, Rhythm};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tracing_subscriber::fmt::MakeWriter;

/// The panel and the state in two lines of at most 80 columns, ASCII.
#[must_use]
pub fn two_lines(lights: &Lights, status: &Status) -> [String; 2] {
    let battery = match lights.battery {
        Some((BatteryColour::Green, _)) => "(G)",
        Some((BatteryColour::Amber, _)) => "(A)",
        Some((BatteryColour::Red, _)) => "(R)",
        None => "( )",
    };
    let panel = format!(
        "panel   {battery} battery   {} wi-fi   {} lessons   {} help",
        lamp(lights.wifi),
        lamp(lights.lessons),
        lamp(lights.help)
    );
    [panel, state(status)]
}

fn lamp(rhythm: Rhythm) -> String {
    match rhythm {
        Rhythm::Off => "( )".to_owned(),
        Rhythm::Steady => "(*)".to_owned(),
        Rhythm::Slow => "(-)".to_owned(),
        Rhythm::Quick => "(~)".to_owned(),
        Rhythm::Blink(times) => format!("({times})"),
    }
}

fn state(status: &Status) -> String {
    let battery = &status.battery;
    let clock = status
        .time
        .as_deref()
        .and_then(|time| time.get(11..16))
        .unwrap_or("--:--");
    let charge = battery.charge_percent.map_or_else(
        || "charge unknown".to_owned(),
        |charge| {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 to 10"
            )]
            let bars = (charge / 10.0).round().clamp(0.0, 10.0) as usize;
            format!(
                "[{}{}] {charge:3.0} %",
                "#".repeat(bars),
                "-".repeat(10 - bars)
            )
        },
    );
    let current = battery
        .current_a
        .map_or_else(String::new, |current| format!("  {current:+.1} A"));
    let sun = battery
        .solar_w
        .map_or_else(String::new, |sun| format!("  sun {sun:2.0} W"));
    let lasts = match (status.power.minutes_left, status.power.minutes_to_full) {
        (Some(left), _) => format!("  lasts {}", duration(left)),
        (None, Some(full)) => format!("  full in {}", duration(full)),
        (None, None) => String::new(),
    };
    let until = status
        .power
        .plan
        .as_ref()
        .and_then(|plan| plan.until.as_ref())
        .map_or_else(String::new, |until| format!(" until {until}"));
    let told = |until: &str| {
        format!(
            "{clock}   {charge}{current}{sun}   {}{until}{lasts}",
            status.power.state
        )
    };
    // When the plan changes is said where there is room.
    let line = Some(told(&until)).filter(|line| line.chars().count() <= WIDTH);
    line.unwrap_or_else(|| told("").chars().take(WIDTH).collect())
}

/// Draws the two lines under the log's last one, and lets log lines pass above them.
#[derive(Clone, Default)]
pub struct LiveLine(Arc<Mutex<Option<[String; 2]>>>);

/// Up two lines, and clear to the end of the screen.
const BACK: &str = "\x1b[2A\r\x1b[J";

impl LiveLine {
    /// Draws `lines` in place of the last ones.
    pub fn draw(&self, lines: [String; 2]) {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.as_ref() == Some(&lines) {
            return;
        }
        let back = if shown.is_some() { BACK } else { "" };
        let mut out = io::stderr().lock();
        // A terminal that is gone needs no line.
        let _ = writeln!(out, "{back}{}\n{}", lines[0], lines[1]);
        *shown = Some(lines);
    }
}

impl Write for &LiveLine {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = io::stderr().lock();
        match &*shown {
            None => out.write_all(text)?,
            Some([panel, state]) => {
                out.write_all(BACK.as_bytes())?;
                out.write_all(text)?;
                writeln!(out, "{panel}\n{state}")?;
            }
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

impl<'a> MakeWriter<'a> for LiveLine {
    type Writer = &'a LiveLine;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::sample::{planned, sample, silent};

    #[test]
    fn two_lines_of_at_most_eighty_columns() {
        let lights = Lights {
            battery: Some((BatteryColour::Amber, Rhythm::Slow)),
            wifi: Rhythm::Steady,
            lessons: Rhythm::Off,
            help: Rhythm::Blink(2),
        };
        let mut evening = planned();
        (evening.power.minutes_left, evening.power.minutes_to_full) = (Some(320), None);
        (evening.battery.current_a, evening.battery.solar_w) = (Some(-0.4), None);
        let text = [sample(), silent(), planned(), evening]
            .iter()
            .flat_map(|status| two_lines(&lights, status))
            .collect::<Vec<_>>();
        assert!(text.iter().all(|line| line.is_ascii() && line.len() <= 80));
        insta::assert_snapshot!(text.join("\n"));
    }
}
