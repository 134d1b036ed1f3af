//! `school-box plan`: the power planner as a closed loop on standard input and output.
//!
//! One line in, for every step one line out. A line that makes no sense is told once, in one clear
//! line on standard error, and answered with what is safe: `Minimal` while the last charge known is
//! well above the reserve, else `Off`.

use super::Failure;
use crate::control::counted;
use crate::telemetry::{say, warn};
use clap::Args;
use power_mgmt::units::{Celsius, StateOfCharge, Watts};
use power_mgmt::{LocalTime, Observation, Planner, PowerState, Site, SiteInput, Worth};
use std::io::{self, BufRead, Read as _};

/// Charge above which a box that cannot plan serves on in `Minimal`.
const SAFE_SHARE: f64 = 0.25;
/// The planner thinks in steps of ten minutes.
const STEP_S: f64 = 600.0;
/// No line of the contract is longer than this.
const LONGEST_LINE: u64 = 4096;
/// Bad lines told one by one; after them only their number.
const TOLD: u64 = 20;

/// Plan the power states in a closed loop on standard input and output
///
/// In: `H,cap_wh,panel_w,dt_s,n_steps,lat,lon,utc_offset_h,weekend1,weekend2` once (Monday is 0), then for every step
/// `S,step,local_time,weight,soc,pv_prev_w,battery_c,ambient_c,forced_off`; `E` ends. Out: one line for every step,
/// 0 off, 1 minimal, 2 eco, 3 full.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  school-box plan < steps.txt\n  school-box plan --explain < steps.txt > states.txt"
)]
pub(super) struct Plan {
    /// Tell every change of state and its reason on standard error
    #[arg(long)]
    explain: bool,
}

impl Plan {
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut input = io::stdin().lock();
        let mut session = Session::new(self.explain);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut input).take(LONGEST_LINE).read_until(b'\n', &mut line);
            let read = read.map_err(|error| {
                Failure::NotDone(format!(
                    "standard input cannot be read: {error}; run it again"
                ))
            })?;
            if read == 0 {
                break;
            }
            match session.answer(&String::from_utf8_lossy(&line)) {
                Reply::State(state) => say(digit(state)),
                Reply::Nothing => {}
                Reply::End => break,
            }
        }
        session.end()
    }
}

/// What a line gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reply {
    State(PowerState),
    Nothing,
    End,
}

#[derive(Debug)]
struct Session {
    planner: Option<Planner>,
    explain: bool,
    lines: u64,
    bad: u64,
    /// The last share of charge that made sense.
    share: f64,
    told: Option<PowerState>,
}

impl Session {
    const fn new(explain: bool) -> Self {
        Self {
            planner: None,
            explain,
            lines: 0,
            bad: 0,
            share: 0.0,
            told: None,
        }
    }

    fn answer(&mut self, line: &str) -> Reply {
        self.lines += 1;
        let line = line.trim();
        match line.split(',').next() {
            Some("H") => {
                match planner_of(line) {
                    Ok(planner) => self.planner = Some(planner),
                    Err(why) => self.complain(&why),
                }
                Reply::Nothing
            }
            Some("S") => Reply::State(self.step(line)),
            Some("E") => Reply::End,
            Some("") if line.is_empty() => Reply::Nothing,
            Some(_) | None => {
                self.complain("it begins with none of H, S and E");
                Reply::State(self.safe())
            }
        }
    }

    fn step(&mut self, line: &str) -> PowerState {
        let seen = match observation_of(line) {
            Ok(seen) => seen,
            Err(why) => {
                self.complain(&why);
                return self.safe();
            }
        };
        self.share = seen.soc.fraction();
        let Some(planner) = &mut self.planner else {
            self.complain("no good H line has come before it");
            return self.safe();
        };
        let advice = planner.advise(&seen);
        if self.explain && self.told != Some(advice.state) {
            let (hour, minute) = (seen.time.minute() / 60, seen.time.minute() % 60);
            warn(&format!("{hour:02}:{minute:02} {advice}"));
            self.told = Some(advice.state);
        }
        advice.state
    }

    fn safe(&self) -> PowerState {
        if self.share > SAFE_SHARE {
            PowerState::Minimal
        } else {
            PowerState::Off
        }
    }

    fn complain(&mut self, why: &str) {
        self.bad += 1;
        if self.bad <= TOLD {
            warn(&format!(
                "line {}: {why}; a safe state is answered",
                self.lines
            ));
        }
    }

    fn end(&self) -> Result<(), Failure> {
        if self.planner.is_none() {
            return Err(Failure::NotDone(
                "standard input held no good H line; send H,cap_wh,panel_w,dt_s,n_steps,lat,lon,utc_offset_h,weekend1,weekend2 first"
                    .to_owned(),
            ));
        }
        if self.bad > 0 {
            let (bad, lines) = (self.bad, counted(self.lines, "line"));
            warn(&format!(
                "{bad} of {lines} made no sense; each got a safe state"
            ));
        }
        Ok(())
    }
}

const fn digit(state: PowerState) -> &'static str {
    match state {
        PowerState::Storage | PowerState::Off => "0",
        PowerState::Minimal => "1",
        PowerState::Eco => "2",
        PowerState::Full => "3",
    }
}

/// The fields of a line, one after the other, each with the name it has in the contract.
struct Fields<'a> {
    rest: std::str::Split<'a, char>,
}

impl<'a> Fields<'a> {
    fn of(line: &'a str) -> Self {
        let mut rest = line.split(',');
        // The kind of the line.
        let _ = rest.next();
        Self { rest }
    }

    fn text(&mut self, name: &str) -> Result<&'a str, String> {
        self.rest
            .next()
            .map(str::trim)
            .ok_or_else(|| format!("{name} is missing"))
    }

    fn number(&mut self, name: &str) -> Result<f64, String> {
        let text = self.text(name)?;
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| format!("{name} is {text:?}, which is no number"))
    }
}

fn planner_of(line: &str) -> Result<Planner, String> {
    let mut fields = Fields::of(line);
    let battery_wh = fields.number("cap_wh")?;
    let panel_w = fields.number("panel_w")?;
    let step_s = fields.number("dt_s")?;
    fields.number("n_steps")?;
    let latitude = fields.number("lat")?;
    let longitude = fields.number("lon")?;
    let utc_offset_hours = fields.number("utc_offset_h")?;
    let mut weekend = [0; 2];
    for (day, name) in weekend.iter_mut().zip(["weekend1", "weekend2"]) {
        let text = fields.text(name)?;
        *day = text
            .parse()
            .map_err(|_| format!("{name} is {text:?}, which is no day, 0 to 6"))?;
    }
    if (step_s - STEP_S).abs() > 0.5 {
        return Err(format!("dt_s is {step_s}, but the planner needs {STEP_S}"));
    }
    let input = SiteInput {
        latitude,
        longitude,
        utc_offset_hours,
        panel_w,
        battery_wh,
        weekend,
    };
    Site::new(input)
        .map(Planner::new)
        .map_err(|error| error.to_string())
}

fn observation_of(line: &str) -> Result<Observation, String> {
    let mut fields = Fields::of(line);
    fields.number("step")?;
    let time = fields.text("local_time")?;
    let time = time_of(time)
        .ok_or_else(|| format!("local_time is {time:?}, which is no time like 2026-01-31T08:10"))?;
    let weight = fields.number("weight")?;
    let soc = fields.number("soc")?;
    if !(0.0..=1.0).contains(&soc) {
        return Err(format!("soc is {soc}, allowed is 0 to 1"));
    }
    // The sun and the weather may be unknown: the plan goes on without them.
    let panel = fields.text("pv_prev_w")?.parse().ok().and_then(Watts::new);
    let battery = fields
        .text("battery_c")?
        .parse()
        .ok()
        .and_then(Celsius::new);
    fields.text("ambient_c")?;
    let forced_off = match fields.text("forced_off")? {
        "0" => false,
        "1" => true,
        other => return Err(format!("forced_off is {other:?}, allowed is 0 or 1")),
    };
    Ok(Observation {
        time,
        worth: Worth::new(weight).unwrap_or(Worth::NONE),
        soc: StateOfCharge::new(soc).unwrap_or(StateOfCharge::EMPTY),
        soc_low: None,
        panel,
        battery,
        forced_off,
        ran: None,
        extra: None,
    })
}

fn time_of(text: &str) -> Option<LocalTime> {
    let (date, time) = text.split_once('T')?;
    let mut date = date.split('-');
    let mut time = time.split(':');
    LocalTime::from_civil(
        date.next()?.parse().ok()?,
        date.next()?.parse().ok()?,
        date.next()?.parse().ok()?,
        time.next()?.parse().ok()?,
        time.next()?.parse().ok()?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "H,205.0,30.0,600,52560,50.45,30.52,2.0,5,6";

    fn started() -> Session {
        let mut session = Session::new(false);
        assert_eq!(session.answer(HEADER), Reply::Nothing);
        session
    }

    #[test]
    fn a_morning_of_lessons_is_served() {
        let mut session = started();
        let reply = session.answer("S,0,2025-06-02T08:00,1.0,0.95000,0.00,21.0,22.0,0\n");
        assert_eq!(reply, Reply::State(PowerState::Full));
        assert_eq!(session.answer("E"), Reply::End);
        assert_eq!(session.bad, 0);
    }

    #[test]
    fn a_bad_line_gets_a_safe_answer_and_the_next_one_a_plan() {
        let mut session = started();
        assert_eq!(session.answer("nonsense"), Reply::State(PowerState::Off));
        session.answer("S,0,2025-06-02T08:00,1.0,0.95,0,21,22,0");
        for bad in [
            "S",
            "S,1,2025-06-02T08:10,1.0,NaN,0,21,22,0",
            "S,1,2025-06-02T08:10,1.0,1.5,0,21,22,0",
            "S,1,2025-02-30T08:10,1.0,0.5,0,21,22,0",
            "S,1,2025-06-02T08:10,1.0,0.5,0,21,22,2",
            "S,1,99999999999-06-02T08:10,1.0,0.5,0,21,22,0",
        ] {
            assert_eq!(
                session.answer(bad),
                Reply::State(PowerState::Minimal),
                "{bad}"
            );
        }
        assert_eq!(session.bad, 7);
        let reply = session.answer("S,2,2025-06-02T08:20,1.0,0.95,oops,,22,0");
        assert_eq!(reply, Reply::State(PowerState::Full));
    }

    #[test]
    fn a_header_that_cannot_be_names_its_field() {
        for (bad, says) in [
            ("H,205", "panel_w is missing"),
            (
                "H,205,30,60,1,50,30,2,5,6",
                "dt_s is 60, but the planner needs 600",
            ),
            (
                "H,205,30,600,1,95,30,2,5,6",
                "latitude is 95, allowed is -90 to 90",
            ),
            (
                "H,205,30,600,1,50,30,2,5,x",
                "weekend2 is \"x\", which is no day, 0 to 6",
            ),
        ] {
            assert_eq!(planner_of(bad).map(|_| ()), Err(says.to_owned()));
        }
        assert!(Session::new(false).end().is_err());
    }
}
