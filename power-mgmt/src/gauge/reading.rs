//! What the gauge tells others.

use super::Distrust;
use super::full::Full;
use super::verdict::Verdict;
use crate::sample::BatterySample;
use crate::sample::ChargeStatus;
use crate::units::{AmpHours, Amps, Celsius, StateOfCharge, Volts, WattHours, Watts};
use core::time::Duration;

/// Smoothing of current and power, s.
const SMOOTH_S: f64 = 300.0;
/// Times to empty or full beyond this say nothing, s: thirty days.
const FORESEEABLE_S: f64 = 30.0 * 86_400.0;

/// What the gauge believes, with its honesty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Best estimate; `None` before the first believable sample.
    pub soc: Option<StateOfCharge>,
    /// 95 % band, low and high; contains `soc`; widens while the sensor is silent.
    pub band: Option<(StateOfCharge, StateOfCharge)>,
    /// One standard deviation of `soc`, a share of the capacity, 0..=1.
    pub soc_sd: Option<StateOfCharge>,
    /// What the pack holds when full, with one standard deviation.
    pub capacity: Option<(AmpHours, AmpHours)>,
    /// `capacity` over what the policy says; 1 is a pack as it is labelled.
    pub health: Option<f64>,
    /// What the current sensor shows when nothing flows, with one standard deviation.
    pub offset: Option<(Amps, Amps)>,
    /// Which way the charge flows.
    pub status: ChargeStatus,
    /// Since the last believable sample.
    pub sample_age: Option<Duration>,
    /// Until the reserve is reached at the present draw (smoothed over five minutes), less the age of
    /// the sample; `None` when charging, unknown or beyond thirty days.
    pub time_to_empty: Option<Duration>,
    /// As `time_to_empty`, from the low and from the high end of the band.
    pub time_to_empty_band: Option<(Duration, Duration)>,
    /// Until full at the present charge (smoothed over five minutes): the missing charge and five minutes of absorption. The
    /// taper of a charge faster than a twentieth of the capacity an hour comes on top. `None` when not charging; never zero
    /// before the pack is full.
    pub time_to_full: Option<Duration>,
    /// Of the last believed sample.
    pub voltage: Option<Volts>,
    /// Of the last believed sample; into the pack positive.
    pub current: Option<Amps>,
    /// Smoothed over five minutes; into the pack positive.
    pub mean_current: Option<Amps>,
    /// Of the last believed sample.
    pub temperature: Option<Celsius>,
    /// Into the pack (positive) or out of it, voltage times current of the last believed sample.
    pub power: Option<Watts>,
    /// What the panel gives, as the charger of the last believed sample said.
    pub solar: Option<Watts>,
    /// What the box itself draws: the panel's power less what enters the pack; without a charger
    /// that speaks it is known only while the pack gives.
    pub draw: Option<Watts>,
    /// What the panel has given since the start of the program; `None` if the charger never spoke.
    pub harvested: Option<WattHours>,
    /// Samples in a row that were missing or not believed.
    pub missing: u32,
    /// Why the last sample was not believed; `None` if it was, or if none came at all.
    pub distrust: Option<Distrust>,
}

/// Share of the charge by which the estimate may be wrong upwards near the reserve: below a quarter of charge the gauge has been
/// seen up to 3 points over the truth on the reference traces.
const CAUTION_AT_MOST: f64 = 0.05;

impl Reading {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        soc: None,
        band: None,
        soc_sd: None,
        capacity: None,
        health: None,
        offset: None,
        status: ChargeStatus::Unknown,
        sample_age: None,
        time_to_empty: None,
        time_to_empty_band: None,
        time_to_full: None,
        voltage: None,
        current: None,
        mean_current: None,
        temperature: None,
        power: None,
        solar: None,
        draw: None,
        harvested: None,
        missing: 0,
        distrust: None,
    };

    /// The charge to act on: half-way between the best estimate and the low end of its band.
    ///
    /// A gauge that knows well loses a point or two by this, one that knows little acts a state
    /// lower. The low end itself would switch a box off for nothing but ignorance.
    #[must_use]
    pub fn cautious(&self) -> Option<StateOfCharge> {
        let (soc, (low, _)) = (self.soc?, self.band?);
        StateOfCharge::new(0.5 * (soc.fraction() + low.fraction()))
    }

    /// The charge by which the reserve is kept: as [`cautious`](Self::cautious), but at most five points below the
    /// estimate. A box that was just switched on knows little; that alone must not switch it off again.
    #[must_use]
    pub fn guarded(&self) -> Option<StateOfCharge> {
        let (soc, cautious) = (self.soc?, self.cautious()?);
        StateOfCharge::new(cautious.fraction().max(soc.fraction() - CAUTION_AT_MOST))
    }

    /// The pack has gained charge over the last minutes, beyond the sensor's dead band.
    #[must_use]
    pub fn gains(&self) -> bool {
        self.mean_current
            .is_some_and(|amps| ChargeStatus::of_current(amps) == ChargeStatus::Charging)
    }
}

impl Default for Reading {
    fn default() -> Self {
        Self::UNKNOWN
    }
}

/// The last believed sample and what flows on average.
#[derive(Debug, Clone, Copy)]
pub(super) struct Believed {
    pub(super) sample: BatterySample,
    pub(super) at: Duration,
    pub(super) mean_amps: f64,
    pub(super) mean_watts: f64,
}

impl Believed {
    fn watts(sample: &BatterySample) -> f64 {
        sample.voltage.get() * sample.current.get()
    }

    pub(super) fn first(sample: BatterySample, at: Duration) -> Self {
        Self {
            sample,
            at,
            mean_amps: sample.current.get(),
            mean_watts: Self::watts(&sample),
        }
    }

    pub(super) fn then(self, sample: BatterySample, at: Duration) -> Self {
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

/// A reading without its times.
pub(super) fn of(
    unknown: &Reading,
    last: &Believed,
    verdict: &Verdict,
    age: Duration,
    full: bool,
) -> Reading {
    let sample = last.sample;
    let power = Watts::new(Believed::watts(&sample));
    Reading {
        soc: Some(StateOfCharge::clamped(verdict.soc)),
        band: Some(band(verdict)),
        soc_sd: Some(StateOfCharge::clamped(verdict.soc_sd)),
        capacity: AmpHours::new(verdict.capacity).zip(AmpHours::new(verdict.capacity_sd)),
        health: Some(verdict.health),
        offset: Amps::new(verdict.offset).zip(Amps::new(verdict.offset_sd)),
        status: if full {
            ChargeStatus::Full
        } else {
            ChargeStatus::of_current(sample.current)
        },
        sample_age: Some(age),
        voltage: Some(sample.voltage),
        current: Some(sample.current),
        mean_current: Amps::new(last.mean_amps),
        temperature: sample.temperature,
        power,
        solar: sample.solar,
        draw: draw(sample.solar, power),
        ..*unknown
    }
}

/// The middle 95 %.
fn band(verdict: &Verdict) -> (StateOfCharge, StateOfCharge) {
    (
        StateOfCharge::clamped(verdict.soc - verdict.below),
        StateOfCharge::clamped(verdict.soc + verdict.above),
    )
}

/// What times to empty and to full follow from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outlook {
    pub(super) soc: f64,
    pub(super) soc_sd: f64,
    /// What the full pack holds.
    pub(super) holds_wh: f64,
    pub(super) reserve: StateOfCharge,
    pub(super) mean_watts: f64,
    pub(super) full: Full,
    /// Of the last sample.
    pub(super) age: Duration,
}

impl Outlook {
    /// As if the draw had gone on for the age of the last sample.
    fn time_to_empty(&self, soc: f64) -> Option<Duration> {
        if !gives(self.mean_watts) {
            return None;
        }
        let left = (soc - self.reserve.fraction()).max(0.0) * self.holds_wh;
        hours(left / -self.mean_watts).map(|time| time.saturating_sub(self.age))
    }

    /// Until the charge that is missing has flowed and the absorption has gone on for long enough. What is not full lacks
    /// something, whatever the estimate says: half a standard deviation at least.
    fn time_to_full(&self) -> Option<Duration> {
        if self.full.is_full() || !gives(-self.mean_watts) {
            return None;
        }
        let missing = (1.0 - self.soc).max(0.5 * self.soc_sd) * self.holds_wh;
        hours(missing / self.mean_watts).map(|time| time.saturating_add(self.full.lacks()))
    }
}

/// The reading with its times.
pub(super) fn with_times(reading: Reading, outlook: &Outlook) -> Reading {
    let from = |soc: StateOfCharge| outlook.time_to_empty(soc.fraction());
    Reading {
        time_to_empty: outlook.time_to_empty(outlook.soc),
        time_to_empty_band: reading
            .band
            .and_then(|(low, high)| from(low).zip(from(high))),
        time_to_full: outlook.time_to_full(),
        ..reading
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
