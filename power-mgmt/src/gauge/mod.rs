//! The battery gauge: from voltage, current and temperature to charge, with an honest band.
//!
//! | module | does |
//! |---|---|
//! | `screen` | decides which samples are believed |
//! | `hang` | whether a sensor hangs |
//! | `record` | counts, and condenses samples into some dozens of records a day |
//! | `curve` | the pack's voltage at rest, and what age makes of it |
//! | `makers` | kinds of cell that a pack may be of |
//! | `model` | what is unknown of a pack, and the charge and voltage that follow |
//! | `prior` | what is thought of that beforehand |
//! | `gap` | what may have flowed while nobody looked |
//! | `mode` | one explanation: least squares over the whole history |
//! | `explanations` | all explanations still possible, weighed |
//! | `verdict` | what they say together |
//! | `matrix` | the linear algebra of it |
//! | `full` | when the pack is full |
//! | `saved` | what is worth keeping over a power cut, in bytes |
//! | here | joins them; finds gaps and contradictions |
//! | `reading` | what others are told |

mod curve;
mod explanations;
mod full;
mod gap;
mod hang;
mod makers;
mod matrix;
mod mode;
mod model;
mod prior;
mod reading;
mod record;
mod saved;
mod screen;
mod verdict;

pub use curve::{CurveError, OcvCurve};
pub use reading::Reading;
pub use saved::SavedError;
pub(crate) use saved::crc32;
pub use screen::Distrust;

use crate::policy::Policy;
use crate::sample::BatterySample;
use crate::units::{AmpHours, StateOfCharge, WattHours};
use alloc::vec::Vec;
use core::time::Duration;
use explanations::Explanations;
use full::Full;
use reading::Believed;
use record::{Collector, Flow, Moved, Record, Told};
use saved::Saved;
use screen::{Passed, Screen};
use verdict::Verdict;

/// Longer between two samples and nobody knows what flowed meanwhile.
const GAP: Duration = Duration::from_secs(120);
/// A sample that follows nothing stands for this long, h.
const ALONE_H: f64 = 5.0 / 3_600.0;
/// Standard deviation of what an hour of silence hides, share of the capacity, and of what flowed before it.
const SILENCE_HIDES_AN_HOUR: f64 = 0.03;
const SILENCE_HIDES_OF_THE_FLOW: f64 = 0.5;
/// Standard deviation that no explanation goes below, share of the capacity: at a full charge …
const NEVER_SURER: f64 = 0.004;
/// … and how much more when all is gone that was charged. What every model leaves out does not average away with
/// the weeks, as the least squares think.
const NEVER_SURER_EMPTY: f64 = 0.010;
/// A voltage this many standard deviations from what every explanation expects contradicts them.
const CONTRADICTS_SIGMAS: f64 = 8.0;
/// After so many contradictions in a row the count is thought wrong; after so many, the gauge begins anew.
const CONTRADICTIONS: [u8; 2] = [3, 6];
/// What may be hidden when the clock was set back, as hours of a gap.
const UNKNOWN_TIME_H: f64 = 1.0;

/// Estimates the charge of a 4s LiFePO₄ pack.
///
/// Starts knowing nothing. [`handle_sample`](Self::handle_sample) or
/// [`handle_missing`](Self::handle_missing) once a tick, with time since boot that never runs back;
/// [`reading`](Self::reading) at any time.
#[derive(Debug, Clone)]
pub struct SocEstimator {
    nominal_ah: f64,
    nominal_wh: f64,
    reserve: StateOfCharge,
    flow: Flow,
    collector: Collector,
    explanations: Explanations,
    screen: Screen,
    last: Option<Believed>,
    /// What was restored and waits for the first sample.
    saved: Option<Saved>,
    full: Full,
    contradictions: u8,
    moved: Moved,
    harvested_wh: Option<f64>,
    missing: u32,
    distrust: Option<Distrust>,
}

impl SocEstimator {
    /// For the pack and the reserve of a policy.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        Self::with_curves(policy, OcvCurve::of_makers())
    }

    /// The same for a pack whose fresh curve at rest is known.
    #[must_use]
    pub fn with_curve(policy: &Policy, curve: OcvCurve) -> Self {
        Self::with_curves(policy, [curve].into())
    }

    fn with_curves(policy: &Policy, curves: Vec<OcvCurve>) -> Self {
        let nominal_ah = policy.capacity_charge().get();
        Self {
            nominal_ah,
            nominal_wh: policy.capacity().get(),
            reserve: policy.reserve(),
            flow: Flow::new(nominal_ah),
            collector: Collector::default(),
            explanations: Explanations::new(curves, nominal_ah),
            screen: Screen::default(),
            last: None,
            saved: None,
            full: Full::default(),
            contradictions: 0,
            moved: Moved::default(),
            harvested_wh: None,
            missing: 0,
            distrust: None,
        }
    }

    /// What is known, as about 2 kB that [`restore`](Self::restore) understands; `None` before the first
    /// believed sample. Worth writing when the box stops, and once a day: flash wears.
    #[must_use]
    pub fn save(&self) -> Option<Vec<u8>> {
        let counter = self.last?.sample.counter.map(AmpHours::get);
        let saved = self.explanations.save(counter, &self.flow.totals)?;
        saved.to_bytes()
    }

    /// Begins with what was saved, before the first sample. Nobody knows for how long the box was off: the first
    /// voltages say how much of it still holds, see [`trust_in_saved`](Self::trust_in_saved). A charge counter that ran meanwhile
    /// says what flowed.
    ///
    /// # Errors
    /// Why the bytes are not believed; the gauge then begins knowing nothing.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), SavedError> {
        let curves = self.explanations.curves();
        self.saved = Some(Saved::from_bytes(bytes, self.nominal_ah, curves)?);
        Ok(())
    }

    /// How probable it is, 0..=1, that what was restored is this pack's; `None` if nothing was, or before
    /// the first sample.
    #[must_use]
    pub fn trust_in_saved(&self) -> Option<f64> {
        self.last.and(self.explanations.trust_in_saved())
    }

    /// Takes a sample of `now` (time since boot).
    ///
    /// # Errors
    /// Why it is not believed; it then counts as missing.
    pub fn handle_sample(&mut self, sample: &BatterySample, now: Duration) -> Result<(), Distrust> {
        let taken = self.take(sample, now);
        match taken {
            Ok(()) => self.missing = 0,
            Err(_) => self.missing = self.missing.saturating_add(1),
        }
        self.distrust = taken.err();
        taken
    }

    fn take(&mut self, sample: &BatterySample, now: Duration) -> Result<(), Distrust> {
        let passed = match self.screen.judge(sample, now) {
            Err(hangs @ (Distrust::Stuck | Distrust::StuckCurrent)) => {
                if self.distrust != Some(hangs) {
                    self.unlearn(hangs);
                }
                return Err(hangs);
            }
            judged => judged?,
        };
        let sample = screen::without_garbled_solar(sample);
        match (passed, self.last) {
            (Passed::Continues, Some(before)) => return self.continue_from(before, sample, now),
            (Passed::Elsewhen, Some(before)) => self.resume(&before, sample, now, UNKNOWN_TIME_H),
            (Passed::Anew, _) | (_, None) => self.begin(sample, now),
        }
        Ok(())
    }

    /// Forgets what was learned since the reading that `hangs` moved last. A current that hung counted nothing: how much
    /// flowed is not known.
    fn unlearn(&mut self, hangs: Distrust) {
        self.collector = Collector::default();
        let now = self.flow.totals;
        if hangs == Distrust::Stuck {
            self.explanations.forget_since(&self.moved.volts, &now);
            return;
        }
        let hours = now.hours - self.moved.amps.hours;
        self.flow.totals = self.moved.amps;
        self.flow.unseen(None, hours);
        self.explanations
            .forget_since(&self.flow.totals, &self.flow.totals);
        self.explanations
            .gap(hours.max(GAP.as_secs_f64() / 3_600.0), &self.flow.totals);
        self.explanations.think_over(&self.flow.totals);
    }

    /// A tick without a sample.
    pub fn handle_missing(&mut self) {
        self.missing = self.missing.saturating_add(1);
        self.distrust = None;
    }

    /// Knows nothing but this sample.
    fn begin(&mut self, sample: BatterySample, now: Duration) {
        self.flow = Flow::new(self.nominal_ah);
        let counter = sample.counter.map(AmpHours::get);
        match self.saved.take().filter(|_| self.last.is_none()) {
            Some(saved) => self.explanations.resume(&saved, counter, &self.flow.totals),
            None => self
                .explanations
                .begin(self.last.is_some(), &self.flow.totals),
        }
        self.full = Full::default();
        self.contradictions = 0;
        self.moved = Moved::default();
        self.last = Some(Believed::first(sample, now));
        self.look_afresh(&sample);
    }

    /// Learns from one sample alone.
    fn look_afresh(&mut self, sample: &BatterySample) {
        self.collector = Collector::default();
        self.collect(sample, ALONE_H);
        self.learn();
    }

    fn collect(&mut self, sample: &BatterySample, hours: f64) {
        let terms = self.flow.terms(sample.current.get(), sample.temperature);
        self.collector
            .add(&self.flow, sample.voltage.get(), &terms, hours);
    }

    fn learn(&mut self) {
        if let Some(record) = self.collector.take(self.explanations.gaps()) {
            self.explanations.learn(record, &self.flow.totals);
        }
    }

    fn continue_from(
        &mut self,
        before: Believed,
        sample: BatterySample,
        now: Duration,
    ) -> Result<(), Distrust> {
        let elapsed = now.saturating_sub(before.at);
        let hours = elapsed.as_secs_f64() / 3_600.0;
        if elapsed > GAP {
            self.resume(&before, sample, now, hours);
            return Ok(());
        }
        let amps = 0.5 * (before.sample.current.get() + sample.current.get());
        let counted = counter_moved(&before.sample, &sample, hours);
        let mut flow = self.flow;
        flow.advance(amps, hours, sample.temperature, counted);
        let contradicts = self.contradicts(&sample, &flow);
        if contradicts && !CONTRADICTIONS.contains(&self.contradictions) {
            return Err(Distrust::Contradiction);
        }
        self.flow = flow;
        self.moved.follow(&before.sample, &sample, &flow.totals);
        if let Some(watts) = sample.solar {
            *self.harvested_wh.get_or_insert(0.0) += watts.get() * hours;
        }
        let seen = before.then(sample, now);
        self.last = Some(seen);
        if contradicts {
            self.think_again(&sample);
            return Ok(());
        }
        self.collect(&sample, hours);
        if self.collector.is_due() {
            self.learn();
        }
        self.find_full(&seen, elapsed);
        Ok(())
    }

    /// The first sample after a gap of so many hours.
    fn resume(&mut self, before: &Believed, sample: BatterySample, now: Duration, hours: f64) {
        self.learn();
        let counted = counter_moved(&before.sample, &sample, hours);
        self.flow.unseen(counted, hours);
        self.moved = Moved::at(&self.flow.totals);
        self.last = Some(Believed::first(sample, now));
        if counted.is_none() {
            self.explanations.gap(hours, &self.flow.totals);
        }
        self.look_afresh(&sample);
        let soc = self.explanations.verdict(&self.flow.totals).soc;
        self.full.interrupt(soc);
    }

    /// Whether nothing that is thought possible explains this voltage; counts how often in a row.
    fn contradicts(&mut self, sample: &BatterySample, flow: &Flow) -> bool {
        let (amps, volts) = (sample.current.get(), sample.voltage.get());
        let terms = flow.terms(amps, sample.temperature);
        let surprise = self.explanations.surprise(volts, &terms, &flow.totals);
        let contradicts = surprise >= CONTRADICTS_SIGMAS;
        self.contradictions = if contradicts {
            self.contradictions.saturating_add(1)
        } else {
            0
        };
        contradicts
    }

    /// After so many contradictions in a row: first the count was wrong, then all was.
    fn think_again(&mut self, sample: &BatterySample) {
        if self.contradictions < CONTRADICTIONS[1] {
            self.learn();
            self.explanations.jump(&self.flow.totals);
        } else {
            self.contradictions = 0;
            self.explanations.begin(true, &self.flow.totals);
        }
        self.look_afresh(sample);
    }

    fn find_full(&mut self, seen: &Believed, time: Duration) {
        if self.full.finds(seen, time, self.nominal_ah) {
            self.learn();
            let record = Record {
                totals: self.flow.totals,
                gaps: self.explanations.gaps(),
                told: Told::Full,
            };
            self.explanations.learn(record, &self.flow.totals);
        }
        if self.full.is_full() {
            let soc = self.explanations.verdict(&self.flow.totals).soc;
            self.full.ends(soc, seen.mean_amps);
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
        let verdict = self.explanations.verdict(&self.flow.totals);
        let age = now.saturating_sub(last.at);
        let silent = age.saturating_sub(GAP).as_secs_f64() / 3_600.0;
        let flow = libm::fabs(last.mean_amps) / verdict.capacity;
        let hidden = (SILENCE_HIDES_AN_HOUR + SILENCE_HIDES_OF_THE_FLOW * flow) * silent;
        let never_surer = NEVER_SURER + NEVER_SURER_EMPTY * (1.0 - verdict.soc);
        let wider = |reach: f64, least: f64| libm::sqrt(reach * reach + least * least);
        let verdict = Verdict {
            soc_sd: wider(verdict.soc_sd, never_surer) + hidden,
            below: wider(verdict.below, 2.0 * never_surer) + 2.0 * hidden,
            above: wider(verdict.above, 2.0 * never_surer) + 2.0 * hidden,
            ..verdict
        };
        let reading = reading::of(&unknown, &last, &verdict, age, self.full.is_full());
        reading::with_times(reading, &self.outlook(&last, &verdict, age))
    }

    fn outlook(&self, last: &Believed, verdict: &Verdict, age: Duration) -> reading::Outlook {
        reading::Outlook {
            soc: verdict.soc,
            soc_sd: verdict.soc_sd,
            holds_wh: self.nominal_wh * verdict.health,
            reserve: self.reserve,
            mean_watts: last.mean_watts,
            full: self.full,
            age,
        }
    }
}

/// What the charge counter of the board says flowed between two samples, Ah; `None` without one, or when it
/// cannot be: it was reset meanwhile.
fn counter_moved(before: &BatterySample, sample: &BatterySample, hours: f64) -> Option<f64> {
    let moved = sample.counter?.get() - before.counter?.get();
    let most = screen::CURRENT_LIMIT * (hours + ALONE_H);
    (libm::fabs(moved) <= most).then_some(moved)
}
