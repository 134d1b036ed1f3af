//! Which samples are believed.

use super::hang::Hang;
use crate::sample::BatterySample;
use core::fmt;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// Terminal voltages that four LiFePO₄ cells in series can have, V.
const VOLTAGE: core::ops::RangeInclusive<f64> = 8.0..=16.0;
/// Largest current either way, A: five times the capacity of 20 Ah an hour, beyond every fuse.
pub(super) const CURRENT_LIMIT: f64 = 100.0;
/// Temperatures a battery can survive, °C; also what the usual sensors can measure.
const TEMPERATURE: core::ops::RangeInclusive<f64> = -40.0..=85.0;
/// A panel of a school box, W; more is a garbled frame of the charger.
const SOLAR: core::ops::RangeInclusive<f64> = 0.0..=1_000.0;
/// Step of voltage from one sample to the next, V, beyond what a current of `STEP_OHM` explains.
const VOLTAGE_STEP: f64 = 1.0;
const STEP_OHM: f64 = 0.1;
/// Step of current from one sample to the next, A.
const CURRENT_STEP: f64 = 30.0;
/// Only samples this close are compared; over a longer time a pack may have changed.
const COMPARABLE: Duration = Duration::from_secs(300);
/// A step is believed when this many samples in a row agree on it.
const AGREE: u8 = 3;

/// Why a sample is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distrust {
    /// No 4s LiFePO₄ pack has this voltage.
    Voltage,
    /// No such current can flow.
    Current,
    /// No battery works at this temperature.
    Temperature,
    /// Voltage or current stepped as no battery does, and no second sample confirmed it.
    Step,
    /// The sample is older than one already taken.
    Time,
    /// The voltage does not move although the current does: the converter hangs.
    Stuck,
    /// The current does not move although the voltage does, up and down as under a load.
    StuckCurrent,
    /// The counted charge cannot explain the voltage: another battery, or a wrong sensor.
    Contradiction,
}

impl Distrust {
    /// The stable machine word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Voltage => "voltage",
            Self::Current => "current",
            Self::Temperature => "temperature",
            Self::Step => "step",
            Self::Time => "time",
            Self::Stuck => "stuck",
            Self::StuckCurrent => "stuck_current",
            Self::Contradiction => "contradiction",
        }
    }
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Voltage => "voltage outside 8 to 16 V",
            Self::Current => "current beyond 100 A",
            Self::Temperature => "temperature outside -40 to 85 °C",
            Self::Step => "a step that no battery makes",
            Self::Time => "older than the sample before",
            Self::Stuck => "a voltage that stays the same while the current steps",
            Self::StuckCurrent => "a current that stays the same while the voltage swings",
            Self::Contradiction => {
                "a voltage that the counted charge cannot explain: another battery, or a wrong sensor"
            }
        })
    }
}

/// What the screen made of a sample that it let pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passed {
    /// It continues what was seen before.
    Continues,
    /// A step that several samples agree on: perhaps another battery.
    Anew,
    /// The clock ran back and goes on from there: nobody knows how much time has passed.
    Elsewhen,
}

/// Remembers the last believed sample and what might replace it.
#[derive(Debug, Clone, Default)]
pub(super) struct Screen {
    last: Option<(BatterySample, Duration)>,
    suspect: Option<(BatterySample, u8)>,
    /// The last time before that of the last believed sample, and how many of these have run on in order.
    earlier: Option<(Duration, u8)>,
    hang: Hang,
}

impl Screen {
    /// Judges a sample taken at `now`.
    pub(super) fn judge(
        &mut self,
        sample: &BatterySample,
        now: Duration,
    ) -> Result<Passed, Distrust> {
        in_range(sample)?;
        let Some((last, at)) = self.last else {
            self.last = Some((*sample, now));
            return Ok(Passed::Continues);
        };
        if now < at {
            return self.judge_earlier(sample, now);
        }
        self.earlier = None;
        let near = now - at <= COMPARABLE;
        let passed = self.judge_step(near && is_step(&last, sample), sample)?;
        self.last = Some((*sample, now));
        if !near {
            self.hang = Hang::default();
            return Ok(passed);
        }
        self.hang.judge(&last, sample).map_or(Ok(passed), Err)
    }

    /// One sample from the past is late; some that run on are a clock that was set back.
    fn judge_earlier(&mut self, sample: &BatterySample, now: Duration) -> Result<Passed, Distrust> {
        let run = match self.earlier {
            Some((before, run)) if before < now => run.saturating_add(1),
            Some(_) | None => 1,
        };
        if run < AGREE {
            self.earlier = Some((now, run));
            return Err(Distrust::Time);
        }
        *self = Self {
            last: Some((*sample, now)),
            ..Self::default()
        };
        Ok(Passed::Elsewhen)
    }

    /// One step is refused; some that agree are believed.
    fn judge_step(&mut self, steps: bool, sample: &BatterySample) -> Result<Passed, Distrust> {
        if !steps {
            self.suspect = None;
            return Ok(Passed::Continues);
        }
        let agreed = match self.suspect {
            Some((suspect, count)) if !is_step(&suspect, sample) => count.saturating_add(1),
            Some(_) | None => 1,
        };
        if agreed < AGREE {
            self.suspect = Some((*sample, agreed));
            return Err(Distrust::Step);
        }
        self.suspect = None;
        self.hang = Hang::default();
        Ok(Passed::Anew)
    }
}

/// The same sample without what its charger garbled.
pub(super) fn without_garbled_solar(sample: &BatterySample) -> BatterySample {
    let solar = sample.solar.filter(|w| SOLAR.contains(&w.get()));
    BatterySample { solar, ..*sample }
}

fn in_range(sample: &BatterySample) -> Result<(), Distrust> {
    if !VOLTAGE.contains(&sample.voltage.get()) {
        return Err(Distrust::Voltage);
    }
    if libm::fabs(sample.current.get()) > CURRENT_LIMIT {
        return Err(Distrust::Current);
    }
    match sample.temperature {
        Some(t) if !TEMPERATURE.contains(&t.get()) => Err(Distrust::Temperature),
        Some(_) | None => Ok(()),
    }
}

fn is_step(from: &BatterySample, to: &BatterySample) -> bool {
    let amps = to.current.get() - from.current.get();
    let volts = to.voltage.get() - from.voltage.get();
    libm::fabs(amps) > CURRENT_STEP || libm::fabs(volts - STEP_OHM * amps) > VOLTAGE_STEP
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn sample(v: f64, i: f64) -> BatterySample {
        BatterySample::from_plain(v, i, Some(25.0), None).unwrap()
    }

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn ranges() {
        let mut screen = Screen::default();
        let mut judge = |v, i, t| {
            let sample = BatterySample::from_plain(v, i, Some(t), None).unwrap();
            screen.judge(&sample, s(0))
        };
        assert_eq!(judge(7.9, 0.0, 25.0), Err(Distrust::Voltage));
        assert_eq!(judge(16.1, 0.0, 25.0), Err(Distrust::Voltage));
        assert_eq!(judge(13.0, 1_000.0, 25.0), Err(Distrust::Current));
        assert_eq!(judge(13.0, -101.0, 25.0), Err(Distrust::Current));
        assert_eq!(judge(13.0, 0.0, 127.0), Err(Distrust::Temperature));
        assert_eq!(judge(13.0, 0.0, 25.0), Ok(Passed::Continues));
    }

    #[test]
    fn one_spike_is_refused_and_three_agreeing_samples_are_believed() {
        let mut screen = Screen::default();
        assert!(screen.judge(&sample(13.2, -0.5), s(0)).is_ok());
        assert_eq!(screen.judge(&sample(11.0, -0.5), s(1)), Err(Distrust::Step));
        assert_eq!(
            screen.judge(&sample(13.2, -0.5), s(2)),
            Ok(Passed::Continues)
        );
        assert_eq!(screen.judge(&sample(11.0, -0.5), s(3)), Err(Distrust::Step));
        assert_eq!(screen.judge(&sample(11.0, -0.5), s(4)), Err(Distrust::Step));
        assert_eq!(screen.judge(&sample(11.1, -0.5), s(5)), Ok(Passed::Anew));
    }

    #[test]
    fn a_voltage_that_hangs_is_named_until_it_moves() {
        let mut screen = Screen::default();
        let amps = |i: u64| if i.is_multiple_of(2) { -0.5 } else { -2.0 };
        for i in 0..6 {
            assert!(screen.judge(&sample(13.2, amps(i)), s(i)).is_ok(), "{i}");
        }
        for i in 6..9 {
            let judged = screen.judge(&sample(13.2, amps(i)), s(i));
            assert_eq!(judged, Err(Distrust::Stuck), "{i}");
        }
        assert!(screen.judge(&sample(13.15, -2.0), s(9)).is_ok());
        // Negative control: a voltage that stays under a current that stays is a pack at rest.
        for i in 10..100 {
            assert!(screen.judge(&sample(13.15, -2.0), s(i)).is_ok());
        }
    }

    #[test]
    fn a_flapping_sensor_never_agrees_with_itself() {
        let mut screen = Screen::default();
        assert!(screen.judge(&sample(13.2, 0.0), s(0)).is_ok());
        for i in 1..20 {
            let volts = if i % 2 == 0 { 11.0 } else { 15.0 };
            assert_eq!(screen.judge(&sample(volts, 0.0), s(i)), Err(Distrust::Step));
        }
    }

    #[test]
    fn a_load_of_ten_amperes_is_no_step_and_time_does_not_run_back() {
        let mut screen = Screen::default();
        assert!(screen.judge(&sample(13.2, 0.0), s(10)).is_ok());
        assert!(screen.judge(&sample(12.5, -10.0), s(11)).is_ok());
        assert_eq!(
            screen.judge(&sample(12.5, -10.0), s(9)),
            Err(Distrust::Time)
        );
        assert!(screen.judge(&sample(10.5, -0.5), s(1_000)).is_ok());
    }

    #[test]
    fn a_clock_that_was_set_back_is_believed_when_it_runs_on() {
        let mut screen = Screen::default();
        let mut judge = |at| screen.judge(&sample(13.2, -0.5), s(at));
        assert_eq!(judge(5_000), Ok(Passed::Continues));
        assert_eq!(judge(100), Err(Distrust::Time));
        assert_eq!(judge(110), Err(Distrust::Time));
        assert_eq!(judge(120), Ok(Passed::Elsewhen));
        assert_eq!(judge(130), Ok(Passed::Continues));
        // Negative control: late samples between good ones, and a clock that only falls.
        for at in 0..9 {
            assert_eq!(judge(120 - at), Err(Distrust::Time), "{at}");
            assert_eq!(judge(140 + at), Ok(Passed::Continues), "{at}");
        }
        for at in 0..9 {
            assert_eq!(judge(100 - at), Err(Distrust::Time), "{at}");
        }
    }

    #[test]
    fn a_garbled_charger_does_not_cost_the_sample() {
        let of = |w| {
            without_garbled_solar(&BatterySample::from_plain(13.0, 0.0, None, Some(w)).unwrap())
                .solar
                .map(crate::units::Watts::get)
        };
        assert_eq!(of(45.0), Some(45.0));
        assert_eq!(of(-1.0), None);
        assert_eq!(of(1e9), None);
    }
}
