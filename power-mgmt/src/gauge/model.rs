//! The pack in numbers: what is not known of it, what is thought of that beforehand, and the voltage
//! and charge that follow.

use super::curve::OcvCurve;
use super::record::{Record, Terms, Told, Totals};
use alloc::vec;
use alloc::vec::Vec;

/// Charge from empty where the history begins, Ah.
pub(super) const CHARGE: usize = 0;
/// Capacity, Ah.
pub(super) const CAPACITY: usize = 1;
/// Size of the graphite: the capacity of the same pack before age took lithium from it, Ah.
pub(super) const GRAPHITE: usize = 2;
/// What the current sensor shows when nothing flows, A at 25 °C …
pub(super) const OFFSET: usize = 3;
/// … and its drift, A/K.
pub(super) const OFFSET_DRIFT: usize = 4;
/// What flows beyond what the sensor shows, share.
pub(super) const GAIN: usize = 5;
/// This pack's voltage above the curve, V: another maker, the sensor.
pub(super) const SHIFT: usize = 6;
/// The same, V/K: entropy, and the sensor.
pub(super) const ENTROPY: usize = 7;
/// Half the distance between the voltage after charging and after discharging, V.
pub(super) const HYSTERESIS: usize = 8;
/// Wires, shunt, contacts, Ω.
pub(super) const OHMIC: usize = 9;
/// The cells at once, Ω at 25 °C.
pub(super) const PROMPT: usize = 10;
/// The cells after minutes, Ω at 25 °C.
pub(super) const MINUTES: usize = 11;
/// The cells after an hour, Ω at 25 °C.
pub(super) const LASTING: usize = 12;
/// From here on: how this maker's curve deviates, V, at equal steps of charge.
pub(super) const CURVE: usize = 13;
/// Points of that deviation.
pub(super) const KNOTS: usize = 17;
/// Numbers in all; those of the gaps follow.
pub(super) const STATICS: usize = CURVE + KNOTS;

/// What the model may miss of that which the current adds, share of it.
const MISFIT_DROP: f64 = 0.15;
/// A usual resistance of the cells, Ω, for that share.
const DROP_OHM: f64 = 0.025;
/// Wires, Ω, where only a rough value is needed.
const OHMIC_GUESS: f64 = 0.02;
/// A hysteresis that nobody saw turn, V.
const UNSETTLED_V: f64 = 0.025;
/// Charge to a full charge as it is found, share of the capacity: mean and standard deviation.
const FULL_LACKS: (f64, f64) = (0.002, 0.003);
/// Beyond this many deviations an observation pulls no harder.
const HUBER: f64 = 2.5;

/// Where the charge stands, as sums over the unknown numbers: `constant + Σ factor · number`.
#[derive(Debug, Clone)]
pub(super) struct ChargeRow {
    constant: f64,
    factors: [(usize, f64); 4],
    gaps: usize,
}

impl ChargeRow {
    /// After `counted` and `gaps` gaps since the history began.
    pub(super) fn after(counted: &Totals, gaps: usize) -> Self {
        Self {
            constant: counted.ah,
            factors: [
                (CHARGE, 1.0),
                (OFFSET, -counted.hours),
                (OFFSET_DRIFT, -counted.kelvin_hours),
                (GAIN, counted.ah),
            ],
            gaps,
        }
    }

    /// Ah from empty.
    pub(super) fn of(&self, theta: &[f64]) -> f64 {
        let linear: f64 = self.factors.iter().map(|&(i, f)| f * theta[i]).sum();
        let gaps: f64 = theta[STATICS..STATICS + self.gaps].iter().sum();
        self.constant + linear + gaps
    }

    /// Its derivative, dense.
    pub(super) fn gradient(&self, size: usize) -> Vec<f64> {
        let mut row = vec![0.0; size];
        for (place, factor) in self.factors {
            row[place] = factor;
        }
        row[STATICS..STATICS + self.gaps].fill(1.0);
        row
    }
}

/// An observation beside what the model makes of it.
pub(super) struct Misfit {
    /// Observed less expected, standard deviations.
    pub(super) residual: f64,
    /// How many observations of that quality it is worth.
    pub(super) weight: f64,
    /// Derivative of the expected value, its places rising.
    pub(super) row: Vec<(usize, f64)>,
}

/// Voltage expected at rest, with its derivatives.
struct Rest {
    volts: f64,
    by_charge: f64,
    by_capacity: f64,
    by_graphite: f64,
    knot: usize,
    share: f64,
}

/// Where the knots stand along the charge: evenly, but for one more in the empty end, which bends most.
pub(super) fn place_of(knot: usize) -> f64 {
    match knot {
        0 => 0.0,
        1 => EMPTY_END,
        _ => (knot - 1) as f64 / (KNOTS - 2) as f64,
    }
}

/// Place of the knot in the empty end.
const EMPTY_END: f64 = 0.025;

/// The knot below `u`, the share of the way to the next, and one over that way.
fn knot_at(u: f64) -> (usize, f64, f64) {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the knots"
    )]
    let even = (u * (KNOTS - 2) as f64).clamp(0.0, (KNOTS - 3) as f64) as usize;
    let knot = match even {
        0 => usize::from(u >= EMPTY_END),
        even => even + 1,
    };
    let (from, to) = (place_of(knot), place_of(knot + 1));
    let share = ((u - from) / (to - from)).clamp(0.0, 1.0);
    (knot, share, 1.0 / (to - from))
}

fn at_rest(curve: &OcvCurve, theta: &[f64], charge: f64) -> Rest {
    let (capacity, graphite) = (theta[CAPACITY], theta[GRAPHITE]);
    let (u, missing) = (charge / graphite, (capacity - charge) / graphite);
    let (lower, upper) = (curve.lower(u), curve.upper(missing));
    let (knot, share, per_charge) = knot_at(u);
    let (left, right) = (theta[CURVE + knot], theta[CURVE + knot + 1]);
    let bend = if (0.0..=1.0).contains(&u) {
        (right - left) * per_charge
    } else {
        0.0
    };
    let rise = lower.rise + bend;
    Rest {
        volts: lower.value + upper.value + left + (right - left) * share,
        by_charge: (rise - upper.rise) / graphite,
        by_capacity: upper.rise / graphite,
        by_graphite: -(u * rise + missing * upper.rise) / graphite,
        knot,
        share,
    }
}

/// The hysteresis after `gaps` gaps, of which the last moved what these numbers say.
fn hysteresis(theta: &[f64], gaps: usize, terms: &Terms) -> f64 {
    if gaps == 0 || terms.carried < 0.01 {
        return terms.hysteresis + terms.carried * terms.before;
    }
    // The pack's own size, for nothing better is at hand: the turn-over is not known that well.
    terms.hysteresis_after(theta[STATICS + gaps - 1], theta[GRAPHITE])
}

/// What stands between the voltage at the terminals and that of the curve, V.
fn beside(theta: &[f64], terms: &Terms, hysteresis: f64) -> f64 {
    theta[SHIFT]
        + theta[ENTROPY] * terms.warm
        + theta[HYSTERESIS] * hysteresis
        + theta[OHMIC] * terms.amps
        + theta[PROMPT] * terms.cell_amps
        + theta[MINUTES] * terms.minutes
        + theta[LASTING] * terms.lasting
}

/// How many standard deviations a voltage at the terminals lies above what these numbers expect.
pub(super) fn deviation(
    curve: &OcvCurve,
    theta: &[f64],
    charge: f64,
    gaps: usize,
    volts: f64,
    terms: &Terms,
) -> f64 {
    let hysteresis = hysteresis(theta, gaps, terms);
    let seen = curve.deviations(volts - beside(theta, terms, hysteresis));
    let expected = curve.deviations(at_rest(curve, theta, charge).volts);
    libm::sqrt(quality(seen.rise, terms)) * (seen.value - expected.value)
}

/// Share of a voltage's worth that is left where current and an unknown past disturb it;
/// `per_volt` is one over the standard deviation of an undisturbed one.
fn quality(per_volt: f64, terms: &Terms) -> f64 {
    let drop = MISFIT_DROP * (OHMIC_GUESS * terms.amps + DROP_OHM * terms.cell_amps);
    let doubt = UNSETTLED_V * terms.carried;
    1.0 / (1.0 + per_volt * per_volt * (drop * drop + doubt * doubt))
}

/// What a record says against these numbers; `began` is where the history begins.
pub(super) fn misfit(curve: &OcvCurve, theta: &[f64], began: &Totals, record: &Record) -> Misfit {
    let charge_row = ChargeRow::after(&record.totals.since(began), record.gaps);
    let charge = charge_row.of(theta);
    match record.told {
        Told::Full => full(theta, charge, &charge_row),
        Told::Voltage {
            volts,
            ref terms,
            worth,
        } => {
            let rest = at_rest(curve, theta, charge);
            let hysteresis = hysteresis(theta, record.gaps, terms);
            let seen = curve.deviations(volts - beside(theta, terms, hysteresis));
            let expected = curve.deviations(rest.volts);
            Misfit {
                residual: seen.value - expected.value,
                weight: worth * quality(seen.rise, terms),
                row: voltage_row(
                    &charge_row,
                    &rest,
                    [expected.rise, seen.rise],
                    terms,
                    hysteresis,
                ),
            }
        }
    }
}

/// `curve` and `side` are deviations per volt on the curve and beside it.
fn voltage_row(
    charge: &ChargeRow,
    rest: &Rest,
    [curve, side]: [f64; 2],
    terms: &Terms,
    hysteresis: f64,
) -> Vec<(usize, f64)> {
    let by = curve * rest.by_charge;
    let [start, offset, drift, gain] = charge.factors.map(|(place, f)| (place, f * by));
    let mut row = Vec::with_capacity(CURVE + 2 + charge.gaps);
    row.extend([
        start,
        (CAPACITY, curve * rest.by_capacity),
        (GRAPHITE, curve * rest.by_graphite),
        offset,
        drift,
        gain,
        (SHIFT, side),
        (ENTROPY, side * terms.warm),
        (HYSTERESIS, side * hysteresis),
        (OHMIC, side * terms.amps),
        (PROMPT, side * terms.cell_amps),
        (MINUTES, side * terms.minutes),
        (LASTING, side * terms.lasting),
        (CURVE + rest.knot, curve * (1.0 - rest.share)),
        (CURVE + rest.knot + 1, curve * rest.share),
    ]);
    row.extend((STATICS..STATICS + charge.gaps).map(|gap| (gap, by)));
    row
}

/// What is missing to full, in deviations of how well full is found.
fn full(theta: &[f64], charge: f64, charge_row: &ChargeRow) -> Misfit {
    let (lacks, sd) = FULL_LACKS;
    let one = 1.0 / (sd * theta[CAPACITY]);
    let [start, offset, drift, gain] = charge_row.factors;
    let mut row = vec![start, (CAPACITY, lacks - 1.0), offset, drift, gain];
    row.extend((STATICS..STATICS + charge_row.gaps).map(|gap| (gap, 1.0)));
    for (_, derivative) in &mut row {
        *derivative *= one;
    }
    Misfit {
        residual: one * (theta[CAPACITY] * (1.0 - lacks) - charge),
        weight: 1.0,
        row,
    }
}

/// Half the squared deviations, linear beyond `HUBER` of them; and the share that still counts.
pub(super) fn robust(residual: f64, weight: f64) -> (f64, f64) {
    let deviations = libm::sqrt(weight) * libm::fabs(residual);
    if deviations <= HUBER {
        (0.5 * deviations * deviations, 1.0)
    } else {
        (HUBER * (deviations - 0.5 * HUBER), HUBER / deviations)
    }
}
