//! The battery gauge: from voltage, current and temperature to charge, with an honest band.
//!
//! | module | does |
//! |---|---|
//! | `screen` | decides which samples are believed |
//! | `ocv` | the pack's voltage at rest, its resistance and hysteresis |
//! | `belief` | how probable each charge is |
//! | here | counts charge, weighs it against voltage, finds full and empty |
//! | `reading` | what others are told |

mod belief;
mod ocv;
mod reading;
mod screen;

pub use reading::Reading;
pub use screen::Distrust;

use crate::policy::Policy;
use crate::sample::{BatterySample, ChargeStatus};
use crate::units::{Amps, StateOfCharge, WattHours, Watts};
use belief::Belief;
use core::time::Duration;
use screen::{Passed, Screen};

/// Longer between two samples and nobody knows what flowed meanwhile.
const GAP: Duration = Duration::from_secs(120);
/// Over this time the voltage of a pack at rest counts as one independent observation: its errors
/// (hysteresis, another maker's curve, age) stay the same for hours, however often one looks.
const VOLTAGE_TELLS_ONCE_IN_S: f64 = 8.0 * 3_600.0;
/// Standard deviation of what an hour of silence hides, share of the capacity.
const SILENCE_HIDES_AN_HOUR: f64 = 0.03;
/// Variance by the sensor's offset, in an hour: about 3 % after a day.
const OFFSET_VARIANCE_AN_HOUR: f64 = 0.03 * 0.03 / 24.0;
/// Variance by an unknown capacity, for the whole capacity counted once: 10 %.
const CAPACITY_VARIANCE: f64 = 0.1 * 0.1;
/// Smoothing of current and power, s.
const SMOOTH_S: f64 = 300.0;
/// Full: held at absorption (14.2 V, less the sensor's error) …
const ABSORPTION_V: f64 = 14.05;
/// … with a current tapered below a twentieth of the capacity an hour …
const TAPERED: f64 = 1.0 / 20.0;
/// … for this long.
const ABSORBED_FOR: Duration = Duration::from_secs(300);
/// Full ends when this share of the capacity is gone, or when the pack gives.
const FULL_ENDS_BELOW: f64 = 0.97;
/// Empty: 2.5 V a cell, where the pack's own protection cuts.
const EMPTY_V: f64 = 10.0;
/// A voltage this many standard deviations from everything thought possible contradicts the belief.
const CONTRADICTS_SIGMAS: f64 = 5.0;
/// So many contradictions in a row and the gauge begins anew.
const CONTRADICTIONS: u8 = 3;
/// Times to empty or full beyond this say nothing, s: thirty days.
const FORESEEABLE_S: f64 = 30.0 * 86_400.0;

/// Estimates the charge of a 4s LiFePO₄ pack.
///
/// Starts knowing nothing. [`handle_sample`](Self::handle_sample) or
/// [`handle_missing`](Self::handle_missing) once a tick, with time since boot that never runs back;
/// [`reading`](Self::reading) at any time.
#[derive(Debug, Clone)]
pub struct SocEstimator {
    capacity_ah: f64,
    capacity_wh: f64,
    reserve: StateOfCharge,
    belief: Belief,
    screen: Screen,
    last: Option<Believed>,
    /// −1 after a discharge, 1 after a charge.
    hysteresis: f64,
    absorbed: Duration,
    full: bool,
    contradictions: u8,
    harvested_wh: Option<f64>,
    missing: u32,
    distrust: Option<Distrust>,
}

/// The last believed sample and what flows on average.
#[derive(Debug, Clone, Copy)]
struct Believed {
    sample: BatterySample,
    at: Duration,
    mean_amps: f64,
    mean_watts: f64,
}

impl Believed {
    fn watts(sample: &BatterySample) -> f64 {
        sample.voltage.get() * sample.current.get()
    }

    fn first(sample: BatterySample, at: Duration) -> Self {
        Self {
            sample,
            at,
            mean_amps: sample.current.get(),
            mean_watts: Self::watts(&sample),
        }
    }

    fn then(self, sample: BatterySample, at: Duration) -> Self {
        let share = 1.0 - libm::exp(-(at - self.at).as_secs_f64() / SMOOTH_S);
        let mix = |mean: f64, new: f64| mean + (new - mean) * share;
        Self {
            sample,
            at,
            mean_amps: mix(self.mean_amps, sample.current.get()),
            mean_watts: mix(self.mean_watts, Self::watts(&sample)),
        }
    }
}

impl SocEstimator {
    /// For the pack and the reserve of a policy.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        Self {
            capacity_ah: policy.capacity_charge().get(),
            capacity_wh: policy.capacity().get(),
            reserve: policy.reserve(),
            belief: Belief::unknown(),
            screen: Screen::default(),
            last: None,
            hysteresis: 0.0,
            absorbed: Duration::ZERO,
            full: false,
            contradictions: 0,
            harvested_wh: None,
            missing: 0,
            distrust: None,
        }
    }

    /// Takes a sample of `now` (time since boot).
    ///
    /// # Errors
    /// Why it is not believed; it then counts as missing.
    pub fn handle_sample(&mut self, sample: &BatterySample, now: Duration) -> Result<(), Distrust> {
        let passed = self.screen.judge(sample, now).inspect_err(|&distrust| {
            self.missing = self.missing.saturating_add(1);
            self.distrust = Some(distrust);
        })?;
        self.missing = 0;
        self.distrust = None;
        let sample = screen::without_garbled_solar(sample);
        let before = match passed {
            Passed::Continues => self.last,
            Passed::Anew => None,
        };
        match before {
            Some(before) => self.continue_from(before, sample, now),
            None => self.begin(sample, now),
        }
        Ok(())
    }

    /// A tick without a sample.
    pub fn handle_missing(&mut self) {
        self.missing = self.missing.saturating_add(1);
        self.distrust = None;
    }

    /// Knows nothing but this sample.
    fn begin(&mut self, sample: BatterySample, now: Duration) {
        self.belief = Belief::unknown();
        self.hysteresis = 0.0;
        self.absorbed = Duration::ZERO;
        self.full = false;
        self.contradictions = 0;
        let seen = Believed::first(sample, now);
        self.weigh_voltage(&seen, 1.0);
        self.last = Some(seen);
    }

    fn continue_from(&mut self, before: Believed, sample: BatterySample, now: Duration) {
        let elapsed = now.saturating_sub(before.at);
        let counted = elapsed.min(GAP);
        self.count(&before, &sample, counted);
        let seen = if elapsed > GAP {
            let hidden = SILENCE_HIDES_AN_HOUR * (elapsed - counted).as_secs_f64() / 3_600.0;
            self.belief.widen(hidden * hidden);
            self.absorbed = Duration::ZERO;
            Believed::first(sample, now)
        } else {
            before.then(sample, now)
        };
        let share = (elapsed.as_secs_f64() / VOLTAGE_TELLS_ONCE_IN_S).min(1.0);
        self.weigh_voltage(&seen, share);
        self.find_full_and_empty(&seen, counted);
        self.last = Some(seen);
    }

    /// Counts charge and harvest over `time`, and what counting cannot know.
    fn count(&mut self, before: &Believed, sample: &BatterySample, time: Duration) {
        let hours = time.as_secs_f64() / 3_600.0;
        let amps = 0.5 * (before.sample.current.get() + sample.current.get());
        let moved = amps * hours / self.capacity_ah;
        self.belief.count(moved);
        self.belief
            .widen(OFFSET_VARIANCE_AN_HOUR * hours + CAPACITY_VARIANCE * libm::fabs(moved));
        self.hysteresis = ocv::hysteresis_after(self.hysteresis, moved);
        if let Some(watts) = sample.solar {
            *self.harvested_wh.get_or_insert(0.0) += watts.get() * hours;
        }
    }

    /// Weighs the belief by the voltage, which counts as `share` of one independent observation.
    /// Where the curve is flat the voltage changes nothing by itself.
    fn weigh_voltage(&mut self, seen: &Believed, share: f64) {
        let rest = ocv::rest_voltage(
            seen.sample.voltage.get(),
            seen.sample.current.get(),
            seen.mean_amps,
            seen.sample.temperature,
            self.hysteresis,
        );
        let log_likelihood = |z: f64| {
            let off = (rest.volts - ocv::at_rest(z)) / rest.sigma;
            -0.5 * off * off
        };
        let best = self.belief.best(log_likelihood);
        // Some charge explains every voltage on the curve; beyond its ends the nearest end is best.
        let nearest = rest.volts.clamp(ocv::at_rest(0.0), ocv::at_rest(1.0));
        let off = (rest.volts - nearest) / rest.sigma;
        let could_be = -0.5 * off * off;
        let contradicts = best < could_be - 0.5 * CONTRADICTS_SIGMAS * CONTRADICTS_SIGMAS;
        self.contradictions = if contradicts {
            self.contradictions.saturating_add(1)
        } else {
            0
        };
        if self.contradictions >= CONTRADICTIONS {
            self.contradictions = 0;
            self.belief = Belief::unknown();
            self.belief.weigh(1.0, log_likelihood);
        } else {
            self.belief.weigh(share, log_likelihood);
        }
    }

    fn find_full_and_empty(&mut self, seen: &Believed, time: Duration) {
        let (volts, amps) = (seen.sample.voltage.get(), seen.sample.current.get());
        let tapered = (-ChargeStatus::DEAD_BAND..=TAPERED * self.capacity_ah).contains(&amps);
        self.absorbed = if volts >= ABSORPTION_V && tapered {
            self.absorbed.saturating_add(time)
        } else {
            Duration::ZERO
        };
        if self.absorbed >= ABSORBED_FOR {
            self.full = true;
            self.belief = Belief::about(1.0, 0.01);
        } else if volts <= EMPTY_V {
            self.belief = Belief::about(0.0, 0.01);
        }
        if self.full {
            self.full =
                seen.mean_amps >= -ChargeStatus::DEAD_BAND && self.belief.mean() >= FULL_ENDS_BELOW;
        }
    }

    /// What is believed at `now`.
    #[must_use]
    pub fn reading(&self, now: Duration) -> Reading {
        let unknown = Reading {
            harvested: self.harvested_wh.and_then(WattHours::new),
            missing: self.missing,
            distrust: self.distrust,
            ..Reading::UNKNOWN
        };
        let Some(last) = self.last else {
            return unknown;
        };
        let sample = last.sample;
        let age = now.saturating_sub(last.at);
        let soc = self.belief.mean();
        let silent = age.saturating_sub(GAP).as_secs_f64() / 3_600.0;
        let power = Watts::new(Believed::watts(&sample));
        Reading {
            soc: Some(StateOfCharge::clamped(soc)),
            band: Some(self.band(soc, silent)),
            status: if self.full {
                ChargeStatus::Full
            } else {
                ChargeStatus::of_current(sample.current)
            },
            sample_age: Some(age),
            time_to_empty: self.time_to_empty(soc, last.mean_watts, age),
            time_to_full: self.time_to_full(soc, last.mean_watts),
            voltage: Some(sample.voltage),
            current: Some(sample.current),
            mean_current: Amps::new(last.mean_amps),
            temperature: sample.temperature,
            power,
            solar: sample.solar,
            draw: draw(sample.solar, power),
            ..unknown
        }
    }

    /// The middle 95 %, wider for `silent` hours; it contains `soc`.
    fn band(&self, soc: f64, silent: f64) -> (StateOfCharge, StateOfCharge) {
        let (low, high) = self.belief.band(1.96 * SILENCE_HIDES_AN_HOUR * silent);
        let soc = StateOfCharge::clamped(soc);
        (
            if low < soc { low } else { soc },
            if high > soc { high } else { soc },
        )
    }

    /// As if the draw had gone on for the `age` of the last sample.
    fn time_to_empty(&self, soc: f64, mean_watts: f64, age: Duration) -> Option<Duration> {
        if !gives(mean_watts) {
            return None;
        }
        let left = (soc - self.reserve.fraction()).max(0.0) * self.capacity_wh;
        hours(left / -mean_watts).map(|time| time.saturating_sub(age))
    }

    fn time_to_full(&self, soc: f64, mean_watts: f64) -> Option<Duration> {
        if self.full || !gives(-mean_watts) {
            return None;
        }
        hours((1.0 - soc) * self.capacity_wh / mean_watts)
    }
}

/// Beyond the dead band at the pack's usual voltage.
fn gives(watts: f64) -> bool {
    watts < -ChargeStatus::DEAD_BAND * 13.0
}

fn hours(hours: f64) -> Option<Duration> {
    let seconds = hours * 3_600.0;
    (0.0..=FORESEEABLE_S)
        .contains(&seconds)
        .then(|| Duration::from_secs_f64(seconds))
}

fn draw(solar: Option<Watts>, power: Option<Watts>) -> Option<Watts> {
    let into_pack = power?.get();
    match solar {
        Some(solar) => Watts::new((solar.get() - into_pack).max(0.0)),
        None if into_pack < 0.0 => Watts::new(-into_pack),
        None => None,
    }
}
