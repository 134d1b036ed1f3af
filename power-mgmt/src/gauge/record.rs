//! From samples to records: what flowed, and what the voltage was meanwhile, some dozens a day.

use crate::sample::BatterySample;
use crate::units::Celsius;

/// Time constants of the overpotential, h: 90 s for the diffusion in the particles' skin, three
/// quarters of an hour for that through them (time constants of published second-order models of
/// LiFePO₄ cells lie at 20 to 100 s and at 10 to 90 min).
const MINUTES_H: f64 = 90.0 / 3_600.0;
const LASTING_H: f64 = 0.75;
/// Charge through the pack after which the hysteresis has turned by 63 %, share of the capacity.
const HYSTERESIS_TURNS_OVER: f64 = 0.10;
/// Activation energy over the gas constant, K: 35 kJ/mol, the middle of published values for cells.
const ACTIVATION_K: f64 = 4_200.0;
/// Temperature at which resistances are stated, K.
const REFERENCE_K: f64 = 298.15;

/// All that was counted since the start, as the sensor said it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Totals {
    /// Ah into the pack.
    pub(super) ah: f64,
    /// h in which somebody counted.
    pub(super) hours: f64,
    /// Kelvin above 25 °C, summed over the hours.
    pub(super) kelvin_hours: f64,
}

impl Totals {
    pub(super) fn since(&self, earlier: &Self) -> Self {
        Self {
            ah: self.ah - earlier.ah,
            hours: self.hours - earlier.hours,
            kelvin_hours: self.kelvin_hours - earlier.kelvin_hours,
        }
    }

    fn add(&mut self, share: f64, other: &Self) {
        self.ah += share * other.ah;
        self.hours += share * other.hours;
        self.kelvin_hours += share * other.kelvin_hours;
    }
}

/// What was counted when a reading last changed: a sensor that hangs is found out late.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moved {
    pub(super) volts: Totals,
    pub(super) amps: Totals,
}

impl Moved {
    pub(super) const fn at(totals: &Totals) -> Self {
        Self {
            volts: *totals,
            amps: *totals,
        }
    }

    /// `sample` followed `before`, and `totals` is what was counted by then.
    pub(super) fn follow(
        &mut self,
        before: &BatterySample,
        sample: &BatterySample,
        totals: &Totals,
    ) {
        if sample.voltage != before.voltage {
            self.volts = *totals;
        }
        if sample.current != before.current {
            self.amps = *totals;
        }
    }
}

/// What is known of the pack from one sample to the next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flow {
    /// What the policy says the pack holds, Ah.
    nominal_ah: f64,
    pub(super) totals: Totals,
    /// Current smoothed over `MINUTES_H`, A.
    minutes: f64,
    /// Current smoothed over `LASTING_H`, A.
    lasting: f64,
    /// Hysteresis by what was seen since the last gap, −1 (discharge) to 1 (charge).
    hysteresis: f64,
    /// Share of the hysteresis at the end of that gap which is left, 0..=1.
    carried: f64,
    /// The hysteresis before that gap, −1..=1.
    before: f64,
}

/// The state of the pack's voltage beside its charge, at one sample or on the mean of some.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Terms {
    /// A.
    pub(super) amps: f64,
    /// A, times the Arrhenius factor.
    pub(super) cell_amps: f64,
    /// A smoothed over minutes, times the Arrhenius factor.
    pub(super) minutes: f64,
    /// A smoothed over an hour, times the Arrhenius factor.
    pub(super) lasting: f64,
    /// By what was seen since the last gap, −1..=1.
    pub(super) hysteresis: f64,
    /// Share of the hysteresis at the end of that gap which is left, 0..=1 …
    pub(super) carried: f64,
    /// … and the hysteresis before it.
    pub(super) before: f64,
    /// K above 25 °C.
    pub(super) warm: f64,
}

impl Flow {
    pub(super) fn new(nominal_ah: f64) -> Self {
        Self {
            nominal_ah,
            totals: Totals::default(),
            minutes: 0.0,
            lasting: 0.0,
            hysteresis: 0.0,
            carried: 1.0,
            before: 0.0,
        }
    }

    /// `amps` flowed for `hours`; `counted` says how much that was if a counter knows better.
    pub(super) fn advance(
        &mut self,
        amps: f64,
        hours: f64,
        temperature: Option<Celsius>,
        counted: Option<f64>,
    ) {
        let moved = counted.unwrap_or(amps * hours);
        self.totals.ah += moved;
        self.totals.hours += hours;
        self.totals.kelvin_hours += warm(temperature) * hours;
        let smooth = |mean: f64, over: f64| mean + (amps - mean) * -libm::expm1(-hours / over);
        self.minutes = smooth(self.minutes, MINUTES_H);
        self.lasting = smooth(self.lasting, LASTING_H);
        self.turn(moved);
    }

    /// What a counter says flowed while nobody looked, over `hours`.
    pub(super) fn unseen(&mut self, moved: Option<f64>, hours: f64) {
        self.minutes = 0.0;
        self.lasting = 0.0;
        if let Some(moved) = moved {
            self.totals.ah += moved;
            self.totals.hours += hours;
            self.turn(moved);
        } else {
            self.before = self.hysteresis + self.carried * self.before;
            self.hysteresis = 0.0;
            self.carried = 1.0;
        }
    }

    fn turn(&mut self, moved: f64) {
        let (towards, kept) = turned(moved, self.nominal_ah);
        self.hysteresis = towards + (self.hysteresis - towards) * kept;
        self.carried *= kept;
    }

    pub(super) fn terms(&self, amps: f64, temperature: Option<Celsius>) -> Terms {
        let kelvin = warm(temperature) + REFERENCE_K;
        let cold = libm::exp(ACTIVATION_K * (1.0 / kelvin - 1.0 / REFERENCE_K)).clamp(0.2, 8.0);
        Terms {
            amps,
            cell_amps: amps * cold,
            minutes: self.minutes * cold,
            lasting: self.lasting * cold,
            hysteresis: self.hysteresis,
            carried: self.carried,
            before: self.before,
            warm: warm(temperature),
        }
    }
}

impl Terms {
    /// The hysteresis, −1..=1, if `moved` (Ah) flowed in the last gap of a pack of `nominal_ah`.
    pub(super) fn hysteresis_after(&self, moved: f64, nominal_ah: f64) -> f64 {
        let (towards, kept) = turned(moved, nominal_ah);
        self.hysteresis + self.carried * (towards + (self.before - towards) * kept)
    }
}

/// Where `moved` Ah drive the hysteresis, and the share of the old one that is left.
fn turned(moved: f64, nominal_ah: f64) -> (f64, f64) {
    let share = libm::fabs(moved) / nominal_ah / HYSTERESIS_TURNS_OVER;
    let towards = if moved > 0.0 { 1.0 } else { -1.0 };
    (towards, libm::exp(-share))
}

/// K above 25 °C.
fn warm(temperature: Option<Celsius>) -> f64 {
    temperature.map_or(0.0, |t| t.get() + 273.15 - REFERENCE_K)
}

/// What a record tells.
#[derive(Debug, Clone, Copy)]
pub(super) enum Told {
    /// V at the terminals with these terms, and how many observations it is worth (0..=1).
    Voltage {
        volts: f64,
        terms: Terms,
        worth: f64,
    },
    /// The pack was full.
    Full,
}

/// One line of the history.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    /// Counted up to the middle of the record.
    pub(super) totals: Totals,
    /// Gaps since the history begins.
    pub(super) gaps: usize,
    pub(super) told: Told,
}

/// Gathers samples until they make a record.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Collector {
    hours: f64,
    moved: f64,
    totals: Totals,
    volts: f64,
    terms: Terms,
    /// Hours gathered since the last start or gap.
    age: f64,
}

impl Collector {
    /// A record spans this much at most, h …
    const LONGEST_H: f64 = 0.75;
    /// … or, as a share of the nominal capacity, this much.
    const MOST_MOVED: f64 = 0.015;

    /// A sample stands for `hours` before it.
    pub(super) fn add(&mut self, flow: &Flow, volts: f64, terms: &Terms, hours: f64) {
        self.hours += hours;
        self.age += hours;
        self.moved += libm::fabs(terms.amps) * hours / flow.nominal_ah;
        self.totals.add(hours, &flow.totals);
        self.volts += hours * volts;
        let sum = &mut self.terms;
        sum.amps += hours * terms.amps;
        sum.cell_amps += hours * terms.cell_amps;
        sum.minutes += hours * terms.minutes;
        sum.lasting += hours * terms.lasting;
        sum.hysteresis += hours * terms.hysteresis;
        sum.carried += hours * terms.carried;
        sum.before += hours * terms.before;
        sum.warm += hours * terms.warm;
    }

    /// Long enough gathered: soon after a start, and ever longer.
    pub(super) fn is_due(&self) -> bool {
        let longest = (0.5 * self.age).clamp(0.01, Self::LONGEST_H);
        self.hours >= longest || self.moved >= Self::MOST_MOVED
    }

    /// The record so far; begins the next one.
    pub(super) fn take(&mut self, gaps: usize) -> Option<Record> {
        if self.hours <= 0.0 {
            return None;
        }
        let (n, t) = (1.0 / self.hours, self.terms);
        let mut totals = Totals::default();
        totals.add(n, &self.totals);
        let worth = (self.hours / Self::LONGEST_H)
            .max(self.moved / Self::MOST_MOVED)
            .clamp(0.3, 1.0);
        let told = Told::Voltage {
            volts: n * self.volts,
            terms: Terms {
                amps: n * t.amps,
                cell_amps: n * t.cell_amps,
                minutes: n * t.minutes,
                lasting: n * t.lasting,
                hysteresis: n * t.hysteresis,
                carried: n * t.carried,
                before: n * t.before,
                warm: n * t.warm,
            },
            worth,
        };
        *self = Self {
            age: self.age,
            ..Self::default()
        };
        Some(Record { totals, gaps, told })
    }
}
