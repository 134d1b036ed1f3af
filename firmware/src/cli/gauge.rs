//! `school-box gauge`: the battery gauge as a filter over a trace, row by row.

use super::Failure;
use crate::telemetry::{chain, warn};
use clap::Args;
use power_mgmt::units::{AmpHours, StateOfCharge, Volts};
use power_mgmt::{BatterySample, OcvCurve, Policy, Reading, SocEstimator};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What comes out.
const HEADER: &str = "time_s,soc,soc_sd,capacity_ah,tte_s";
/// A longer line is no row of a trace.
const LONGEST_LINE: u64 = 4_096;
/// Cells in series of the pack.
const CELLS: f64 = 4.0;

/// Estimate charge and capacity from a trace of current, voltage and temperature
///
/// Reads CSV with the columns time_s, current_a (charge positive), voltage_v, temperature_c and, if there is a
/// charge counter, counter_ah. Writes time_s,soc,soc_sd,capacity_ah,tte_s: a row for each row, from that row and
/// those before it. A row that is none is told on standard error and skipped.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  school-box gauge < meas.csv > est.csv")]
pub(super) struct Gauge {
    /// The voltage at rest of this maker's cell: CSV with the columns soc (0 to 1) and ocv_pack_v or ocv_cell_v
    #[arg(long, value_name = "FILE")]
    ocv: Option<PathBuf>,
}

impl Gauge {
    pub(super) fn run(self) -> Result<(), Failure> {
        let policy = Policy::default();
        let gauge = match &self.ocv {
            Some(file) => SocEstimator::with_curve(&policy, read_curve(file)?),
            None => SocEstimator::new(&policy),
        };
        let input = BufReader::new(io::stdin().lock());
        filter(gauge, input, io::stdout().lock(), &mut |line| warn(line))
    }
}

/// Where the columns stand in a row.
#[derive(Debug, Clone, Copy)]
struct Columns {
    time: usize,
    current: usize,
    voltage: usize,
    temperature: Option<usize>,
    counter: Option<usize>,
}

impl Columns {
    fn of(header: &str) -> Result<Self, Failure> {
        let place = |name| header.split(',').position(|cell| cell.trim() == name);
        let needed = |name| {
            place(name).ok_or_else(|| {
                Failure::Usage(format!(
                    "standard input: the first line has no column {name}; it must be \
                     time_s,current_a,voltage_v,temperature_c"
                ))
            })
        };
        Ok(Self {
            time: needed("time_s")?,
            current: needed("current_a")?,
            voltage: needed("voltage_v")?,
            temperature: place("temperature_c"),
            counter: place("counter_ah"),
        })
    }

    /// The sample of a row and its time; else what is wrong with it.
    fn sample(&self, row: &str) -> Result<(BatterySample, Duration), String> {
        let cells: Vec<&str> = row.split(',').map(str::trim).collect();
        let number = |place: usize, name: &str| {
            let text = cells.get(place).copied().unwrap_or_default();
            let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
            value.ok_or_else(|| format!("{name} is {text:?}, not a number"))
        };
        let maybe = |place: Option<usize>| place.and_then(|p| number(p, "").ok());
        let time = number(self.time, "time_s")?;
        let at = Duration::try_from_secs_f64(time)
            .map_err(|_| format!("time_s is {time}, not a time since the start"))?;
        let volts = number(self.voltage, "voltage_v")?;
        let amps = number(self.current, "current_a")?;
        let sample = BatterySample::from_plain(volts, amps, maybe(self.temperature), None)
            .ok_or("current or voltage is not finite")?;
        Ok((
            sample.with_counter(maybe(self.counter).and_then(AmpHours::new)),
            at,
        ))
    }
}

fn filter(
    mut gauge: SocEstimator,
    mut input: BufReader<impl Read>,
    mut output: impl Write,
    complain: &mut dyn FnMut(&str),
) -> Result<(), Failure> {
    let unread = |error| Failure::NotDone(format!("standard input: {}", chain(&error)));
    let mut out = io::BufWriter::new(&mut output);
    let header = next_line(&mut input).map_err(unread)?.unwrap_or_default();
    let columns = Columns::of(&header)?;
    let mut written = writeln!(out, "{HEADER}");
    let mut number = 1_u64;
    let mut doubted = None;
    while let (Some(row), Ok(())) = (next_line(&mut input).map_err(unread)?, &written) {
        number += 1;
        let (sample, at) = match columns.sample(&row) {
            Ok(row) => row,
            Err(wrong) => {
                complain(&format!("line {number}: {wrong}; skipped"));
                continue;
            }
        };
        let doubt = gauge.handle_sample(&sample, at).err();
        if let (Some(doubt), true) = (doubt, doubt != doubted) {
            complain(&format!("line {number}: {doubt}; not believed"));
        }
        doubted = doubt;
        written = write_row(&mut out, at, &gauge.reading(at));
        if input.buffer().is_empty() {
            written = written.and_then(|()| out.flush());
        }
    }
    match written.and_then(|()| out.flush()) {
        // Whoever closed the pipe has read enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::NotDone(format!(
            "standard output: {}",
            chain(&error)
        ))),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The next line, without its end; `None` at the end of the input. What is not UTF-8, or too long, comes as
/// something that is no row.
fn next_line(input: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    input.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if !line.ends_with(b"\n") && line.len() as u64 == LONGEST_LINE {
        input.skip_until(b'\n')?;
    }
    Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()))
}

/// Nothing before the first believed sample.
fn write_row(out: &mut impl Write, at: Duration, reading: &Reading) -> io::Result<()> {
    let (Some(soc), Some(sd), Some((capacity, _))) =
        (reading.soc, reading.soc_sd, reading.capacity)
    else {
        return Ok(());
    };
    write!(
        out,
        "{},{:.6},{:.6},{:.4},",
        at.as_secs_f64(),
        soc.fraction(),
        sd.fraction(),
        capacity.get()
    )?;
    match reading.time_to_empty {
        Some(time) => writeln!(out, "{}", time.as_secs()),
        None => writeln!(out),
    }
}

fn read_curve(file: &Path) -> Result<OcvCurve, Failure> {
    let not_done = |why: String| Failure::NotDone(format!("{}: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| not_done(chain(&error)))?;
    curve_of(&text).map_err(|why| {
        not_done(format!(
            "{why}; give CSV with the columns soc (0 to 1) and ocv_pack_v or ocv_cell_v"
        ))
    })
}

fn curve_of(text: &str) -> Result<OcvCurve, String> {
    let mut lines = text.lines();
    let header = lines.next().unwrap_or_default();
    let place = |name| header.split(',').position(|cell| cell.trim() == name);
    let soc = place("soc").ok_or("no column soc")?;
    let (volts, cells) = match (place("ocv_pack_v"), place("ocv_cell_v")) {
        (Some(place), _) => (place, 1.0),
        (None, Some(place)) => (place, CELLS),
        (None, None) => return Err("no column of voltages".to_owned()),
    };
    let point = |(n, row): (usize, &str)| {
        let number = |place| row.split(',').nth(place)?.trim().parse::<f64>().ok();
        let soc = number(soc).and_then(|z| StateOfCharge::try_from(z).ok());
        let volts = number(volts).and_then(|v| Volts::new(cells * v));
        soc.zip(volts)
            .ok_or_else(|| format!("line {} is no point of a curve", n + 2))
    };
    let rows = lines.enumerate().filter(|(_, row)| !row.trim().is_empty());
    let points = rows.map(point).collect::<Result<Vec<_>, _>>()?;
    OcvCurve::new(&points).map_err(|error| error.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Write as _;

    /// Two nights and a day of a pack on the plateau, a row a minute, crude on purpose.
    fn trace(rows: usize) -> String {
        let mut text = "time_s,current_a,voltage_v,temperature_c\n".to_owned();
        let mut charge = 0.7;
        for n in 0..rows {
            let hour = n as f64 / 60.0 % 24.0;
            let amps = if hour < 12.0 { -0.5 } else { 1.5 };
            charge = f64::clamp(charge + amps / 60.0 / 20.0, 0.0, 1.0);
            let volts = 13.05 + 0.1 * (charge - 0.5) + 0.05 * amps;
            let _ = writeln!(text, "{},{amps:.4},{volts:.3},25.00", n * 60);
        }
        text
    }

    fn run(text: &str) -> (String, Vec<String>, Result<(), Failure>) {
        let (mut out, mut said) = (Vec::new(), Vec::new());
        let gauge = SocEstimator::new(&Policy::default());
        let input = BufReader::with_capacity(64, text.as_bytes());
        let done = filter(gauge, input, &mut out, &mut |line| {
            said.push(line.to_owned());
        });
        (String::from_utf8(out).unwrap(), said, done)
    }

    #[test]
    fn every_row_gets_its_estimate() {
        let (out, said, done) = run(&trace(200));
        assert!(done.is_ok() && said.is_empty(), "{said:?}");
        let mut lines = out.lines();
        assert_eq!(lines.next(), Some(HEADER));
        let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
        assert_eq!(rows.len(), 200);
        for (n, row) in rows.iter().enumerate() {
            assert_eq!(row[0], (n * 60).to_string());
            let soc: f64 = row[1].parse().unwrap();
            let sd: f64 = row[2].parse().unwrap();
            assert!((0.0..=1.0).contains(&soc) && sd > 0.0, "{row:?}");
            assert!((10.0..30.0).contains(&row[3].parse::<f64>().unwrap()));
            assert!(row[4].parse::<u64>().unwrap() > 0, "it gives all the time");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

        /// What comes later changes nothing of what was said before.
        #[test]
        fn a_trace_cut_anywhere_gives_the_beginning_of_the_same_estimates(rows in 1_usize..240) {
            let whole = run(&trace(240)).0;
            let cut = run(&trace(rows)).0;
            prop_assert!(whole.starts_with(&cut));
            prop_assert_eq!(cut.lines().count(), rows + 1);
        }
    }

    #[test]
    fn rows_that_are_none_are_told_and_skipped() {
        let good = trace(4);
        let mut lines: Vec<&str> = good.lines().collect();
        lines.insert(2, "60,NaN,13.1,25");
        lines.insert(3, "what?");
        lines.insert(4, "-5,0.1,13.1,25");
        lines.insert(5, "");
        let (out, said, done) = run(&lines.join("\n"));
        assert!(done.is_ok());
        assert_eq!(out, run(&good).0);
        assert_eq!(said.len(), 4, "{said:?}");
        assert_eq!(
            said[0],
            "line 3: current_a is \"NaN\", not a number; skipped"
        );
        assert_eq!(
            said[2],
            "line 5: time_s is -5, not a time since the start; skipped"
        );
    }

    #[test]
    fn a_reading_that_is_not_believed_is_named_once() {
        let mut text = trace(3);
        text.push_str("180,-0.5,99.0,25\n240,-0.5,99.0,25\n300,-0.5,13.1,25\n");
        let (out, said, done) = run(&text);
        assert!(done.is_ok());
        assert_eq!(out.lines().count(), 7);
        assert_eq!(said, ["line 5: voltage outside 8 to 16 V; not believed"]);
    }

    #[test]
    fn a_line_without_end_is_no_danger() {
        let mut text = trace(2);
        text.push_str(&"x".repeat(100_000));
        text.push_str("\n120,-0.5,13.1,25\n");
        let (out, said, done) = run(&text);
        assert!(done.is_ok());
        assert_eq!((out.lines().count(), said.len()), (4, 1));
    }

    #[test]
    fn another_header_is_wrong_usage() {
        for header in ["", "time,amps,volts\n1,2,3\n", "time_s,current_a\n"] {
            let (out, _, done) = run(header);
            assert!(matches!(done, Err(Failure::Usage(_))), "{header:?}");
            assert_eq!(out, "");
        }
    }

    #[test]
    fn columns_stand_in_any_order_and_a_counter_is_read() {
        let columns = Columns::of("voltage_v,counter_ah,time_s,current_a\r").unwrap();
        let (sample, at) = columns.sample("13.2,4.5,60,-0.5").unwrap();
        assert_eq!(at, Duration::from_secs(60));
        assert_eq!(sample.counter.map(AmpHours::get), Some(4.5));
        assert_eq!((sample.voltage.get(), sample.temperature), (13.2, None));
    }

    #[test]
    fn a_closed_pipe_ends_it_quietly() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let gauge = SocEstimator::new(&Policy::default());
        let text = trace(3);
        let done = filter(gauge, BufReader::new(text.as_bytes()), Closed, &mut |_| ());
        assert!(done.is_ok());
    }

    #[test]
    fn a_curve_is_read_by_pack_or_by_cell() {
        let row = |n: u32| (f64::from(n) / 20.0, 10.0 + 0.2 * f64::from(n));
        let (mut pack, mut cell) = ("soc,ocv_pack_v\n".to_owned(), "soc,ocv_cell_v\n".to_owned());
        for (z, v) in (0..=20).map(row) {
            let _ = writeln!(pack, "{z},{v}");
            let _ = writeln!(cell, "{z},{}", v / 4.0);
        }
        assert_eq!(curve_of(&pack).unwrap(), curve_of(&cell).unwrap());
        assert_eq!(
            curve_of("soc,ocv_pack_v\n0,10\nx,11\n"),
            Err("line 3 is no point of a curve".to_owned())
        );
        assert_eq!(
            curve_of("soc,volts\n"),
            Err("no column of voltages".to_owned())
        );
        assert!(curve_of("soc,ocv_pack_v\n0,10\n1,14\n").is_err());
    }
}
