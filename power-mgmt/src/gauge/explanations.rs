//! All explanations that are still possible, weighed against each other.
//!
//! On the plateau one voltage fits many charges; a gap may have hidden much or nothing. Each such
//! possibility is fitted to the whole history on its own and dies when another explains it far better.

use super::curve::OcvCurve;
use super::gap::GapPrior;
use super::makers;
use super::mode::{History, Mode};
use super::model::{self, CAPACITY, CHARGE, GAIN};
use super::prior::{Age, Prior};
use super::record::{Record, Terms, Totals};
use super::saved::Saved;
use super::verdict::Verdict;
use alloc::vec::Vec;

/// Longest history kept, records; beyond it the oldest quarter is folded into what is thought beforehand.
const RECORDS: usize = 480;
/// Most gaps kept open; beyond it the oldest half is folded.
const GAPS: usize = 24;
/// Charges that a start tries, share of the nominal capacity.
const STARTS: [f64; 10] = [0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.72, 0.85, 0.97];
/// How probable it is that a saved state is another pack's.
const STALE: f64 = 0.02;
/// How probable it is that another battery stands there after a gap …
const EXCHANGED: f64 = 0.01;
/// … and when nothing else explains a voltage.
const EXCHANGED_IF_NOTHING_FITS: f64 = 0.3;
/// Records after which every start is tried once more.
const RECONSIDER_AT: [usize; 4] = [6, 20, 60, 140];
/// Explanations less probable than this are dropped …
const NEGLIGIBLE: f64 = 3e-4;
/// … and of the rest these many are kept.
const MOST: usize = 16;
/// After a gap only explanations at least this probable are tried with much moved.
const WORTH_A_JUMP: f64 = 0.05;
/// The evidence is counted as this share of itself: the misfits of one day are alike.
const TEMPER: f64 = 0.5;
/// Steps of a fit: of something new, and of something known with one record more.
const STEPS_ANEW: usize = 12;
const STEPS_ON: usize = 6;

#[derive(Debug, Clone)]
pub(super) struct Explanations {
    /// What packs are like; one alone if the pack's own is known.
    curves: Vec<OcvCurve>,
    nominal_ah: f64,
    began: Totals,
    records: Vec<Record>,
    gaps: usize,
    /// Weights sum to one; the most probable first. Never empty after a start.
    modes: Vec<(f64, Mode)>,
    /// The explanations have been multiplied, and nothing was seen since.
    fresh: bool,
    /// The pack may be of another size than it is said to be.
    any_size: bool,
    /// It began with what was saved.
    resumed: bool,
    /// Something was folded into what is thought beforehand.
    folded: bool,
    verdict: Verdict,
    /// Totals of the verdict.
    at: Totals,
}

impl Explanations {
    pub(super) fn new(curves: Vec<OcvCurve>, nominal_ah: f64) -> Self {
        Self {
            curves,
            nominal_ah,
            began: Totals::default(),
            records: Vec::new(),
            gaps: 0,
            modes: Vec::new(),
            fresh: true,
            any_size: false,
            resumed: false,
            folded: false,
            verdict: Verdict::unknown(nominal_ah),
            at: Totals::default(),
        }
    }

    /// Knows nothing; with `any_size` not even that the pack is as large as it is said to be.
    pub(super) fn begin(&mut self, any_size: bool, now: &Totals) {
        self.any_size = any_size;
        self.began = *now;
        self.records.clear();
        self.gaps = 0;
        self.folded = false;
        self.resumed = false;
        self.fresh = true;
        self.modes = self.starts(any_size);
    }

    /// Every charge for every kind of pack.
    fn starts(&self, any_size: bool) -> Vec<(f64, Mode)> {
        let mut starts = Vec::new();
        for (n, curve) in self.curves.iter().enumerate() {
            for age in Age::ALL {
                if !(age.as_labelled() || any_size && n == 0) {
                    continue;
                }
                if let Some(prior) = Prior::of_stranger(curve, age, self.nominal_ah) {
                    // Weighing tempers it with the evidence; it is meant as it stands.
                    let share = libm::log(age.share()) + libm::log(self.curve_share(n)) / TEMPER;
                    let start =
                        |z: &f64| Mode::new(n, prior.clone(), z * 2.0 * prior.mean[CHARGE], share);
                    starts.extend(STARTS.iter().map(|z| (0.0, start(z))));
                }
            }
        }
        starts
    }

    /// How probable a curve is.
    fn curve_share(&self, curve: usize) -> f64 {
        let known = self.curves.len() < makers::SHARES.len();
        let share = makers::SHARES.get(curve).filter(|_| !known);
        share.copied().unwrap_or(1.0)
    }

    /// Starts once more from every charge, with all that was seen since: what was dropped too early
    /// gets another chance.
    fn reconsider(&mut self) {
        let Some((_, best)) = self.modes.first() else {
            return;
        };
        let likely: Vec<(GapPrior, f64)> = best.gaps().collect();
        for (weight, mut mode) in self.starts(self.any_size) {
            for (prior, moved) in &likely {
                mode = mode.across(*prior, *moved);
            }
            self.modes.push((weight, mode));
        }
        self.fresh = true;
    }

    /// Knows what was saved, and that it may be stale or another pack's.
    pub(super) fn resume(&mut self, saved: &Saved, counter: Option<f64>, now: &Totals) {
        self.begin(false, now);
        let moved = counter.zip(saved.counter).map(|(now, then)| now - then);
        let charge = saved.prior.mean[CHARGE];
        let known = Mode::restored(saved.curve, saved.prior.clone(), charge);
        let strangers = core::mem::replace(&mut self.modes, [(1.0, known)].into());
        let little = GapPrior::little_in_unknown_time(moved, self.nominal_ah);
        let much = GapPrior::much_in_unknown_time(self.nominal_ah);
        self.split(Some(little), much, now);
        self.resumed = true;
        let idle = GapPrior::idle(STALE, self.nominal_ah);
        let strangers = strangers.into_iter();
        self.modes
            .extend(strangers.map(|(weight, mode)| (weight, mode.across(idle, 0.0))));
    }

    /// What the best explanation knows, to be saved.
    pub(super) fn save(&self, counter: Option<f64>, now: &Totals) -> Option<Saved> {
        let (_, best) = self.modes.first()?;
        let mut best = best.clone();
        let history = History {
            curves: &self.curves,
            records: &self.records,
            began: &self.began,
            nominal_ah: self.nominal_ah,
        };
        best.fold(&history, self.gaps, now).then_some(Saved {
            curve: best.curve,
            nominal_ah: self.nominal_ah,
            counter,
            prior: best.prior,
        })
    }

    /// How probable it is that what was restored is right; `None` if nothing was.
    pub(super) fn trust_in_saved(&self) -> Option<f64> {
        let weights = self.modes.iter();
        self.resumed.then(|| {
            weights
                .filter(|(_, mode)| mode.restored)
                .map(|(weight, _)| weight)
                .sum()
        })
    }

    /// How many curves there are.
    pub(super) fn curves(&self) -> usize {
        self.curves.len()
    }

    /// Gaps so far.
    pub(super) const fn gaps(&self) -> usize {
        self.gaps
    }

    /// Adds what was seen and thinks everything over.
    pub(super) fn learn(&mut self, record: Record, now: &Totals) {
        self.records.push(record);
        if self.records.len() > RECORDS {
            self.fold(RECORDS / 4);
        }
        if !self.folded && !self.resumed && RECONSIDER_AT.contains(&self.records.len()) {
            self.reconsider();
        }
        let steps = if self.fresh { STEPS_ANEW } else { STEPS_ON };
        self.fresh = false;
        self.fit(steps, now);
    }

    /// Nobody looked for `hours`, and no counter ran.
    pub(super) fn gap(&mut self, hours: f64, now: &Totals) {
        if self.gaps >= GAPS {
            let open = self.records.iter().position(|r| r.gaps > GAPS / 2);
            self.fold(open.unwrap_or(self.records.len()));
        }
        let little = GapPrior::little(hours, self.nominal_ah);
        let much = GapPrior::much(hours, self.nominal_ah);
        let others = self.others(EXCHANGED, now);
        self.split(Some(little), much, now);
        self.modes.extend(others);
    }

    /// What was learned after `then` was wrong.
    pub(super) fn forget_since(&mut self, then: &Totals, now: &Totals) {
        self.records
            .retain(|record| record.totals.hours <= then.hours);
        self.think_over(now);
    }

    /// Thinks everything over with nothing new seen.
    pub(super) fn think_over(&mut self, now: &Totals) {
        self.fit(STEPS_ANEW, now);
    }

    /// Something happened that no explanation allows: perhaps the count was wrong.
    pub(super) fn jump(&mut self, now: &Totals) {
        let others = self.others(EXCHANGED_IF_NOTHING_FITS, now);
        self.split(None, GapPrior::anything(self.nominal_ah), now);
        self.modes.extend(others);
    }

    /// What if another battery, of any size, took the place of this one in a gap that begins now?
    fn others(&self, share: f64, now: &Totals) -> Vec<(f64, Mode)> {
        let Some((_, best)) = self.modes.first() else {
            return Vec::new();
        };
        let counted = now.since(&self.began);
        let evidence = best.evidence + libm::log(share) / TEMPER;
        let idle = GapPrior::idle(1.0, self.nominal_ah);
        let exchanged = |(weight, start): (f64, Mode)| {
            let start = start.in_place_of(evidence, &counted, now.hours);
            let start = (0..=self.gaps).fold(start, |start, _| start.across(idle, 0.0));
            (weight, start)
        };
        // One make stands for all: what matters first is how large it is and how full.
        let starts = self.starts(true).into_iter();
        let of_one_make = starts.filter(|(_, start)| start.curve == 0);
        of_one_make.map(exchanged).collect()
    }

    /// Each explanation goes on in several ways: with `little` moved, and with `much` moved to one
    /// of the charges that a start would try.
    fn split(&mut self, little: Option<GapPrior>, much: GapPrior, now: &Totals) {
        let counted = now.since(&self.began);
        let mut next = Vec::new();
        for (weight, mode) in &self.modes {
            if let Some(prior) = little {
                next.push((0.0, mode.across(prior, prior.mean)));
            }
            if little.is_some() && *weight < WORTH_A_JUMP {
                continue;
            }
            for start in STARTS {
                let moved = start * mode.theta[CAPACITY] - mode.charge(&counted);
                // What is out of the question beforehand need not be tried.
                if libm::fabs(moved - much.mean) < 3.0 * much.sd {
                    next.push((0.0, mode.across(much, moved)));
                }
            }
        }
        self.gaps += 1;
        self.modes = next;
        self.fresh = true;
    }

    fn fit(&mut self, steps: usize, now: &Totals) {
        let history = History {
            curves: &self.curves,
            records: &self.records,
            began: &self.began,
            nominal_ah: self.nominal_ah,
        };
        for (_, mode) in &mut self.modes {
            mode.fit(&history, steps);
        }
        self.weigh(now);
        self.at = *now;
        self.verdict = Verdict::of(&self.modes, &now.since(&self.began), self.nominal_ah);
    }

    /// Weighs, merges what says the same, drops what is out of the question.
    fn weigh(&mut self, now: &Totals) {
        let counted = now.since(&self.began);
        let evidence = |mode: &Mode| mode.evidence;
        let best = self.modes.iter().map(|(_, m)| evidence(m));
        let best = best.fold(f64::NEG_INFINITY, f64::max);
        if !best.is_finite() {
            return;
        }
        for (weight, mode) in &mut self.modes {
            *weight = libm::exp(TEMPER * (mode.evidence - best));
        }
        self.modes.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut kept: Vec<(f64, Mode)> = Vec::new();
        for (weight, mode) in self.modes.drain(..) {
            let told = mode.tell(&counted);
            let alike = kept.iter_mut().any(|(_, other)| {
                if other.curve != mode.curve {
                    return false;
                }
                let there = other.tell(&counted);
                let near = 0.3 * there.charge_sd.clamp(1e-3, 0.1 * self.nominal_ah);
                libm::fabs(told.soc - there.soc) * other.theta[CAPACITY] < near
                    && told.charge_sd < 1.5 * there.charge_sd
                    && libm::fabs(mode.theta[CAPACITY] - other.theta[CAPACITY])
                        < 0.01 * self.nominal_ah
            });
            if weight >= NEGLIGIBLE && !alike && kept.len() < MOST {
                kept.push((weight, mode));
            }
        }
        let sum: f64 = kept.iter().map(|(weight, _)| weight).sum();
        for (weight, _) in &mut kept {
            *weight /= sum;
        }
        self.modes = kept;
    }

    /// What is believed `now`: the last verdict with what was counted since.
    pub(super) fn verdict(&self, now: &Totals) -> Verdict {
        let counted = now.since(&self.at);
        let gain = self.modes.first().map_or(0.0, |(_, m)| m.theta[GAIN]);
        let moved = counted.ah * (1.0 + gain) - self.verdict.offset * counted.hours;
        Verdict {
            soc: (self.verdict.soc + moved / self.verdict.capacity).clamp(0.0, 1.0),
            ..self.verdict
        }
    }

    /// The smallest distance of a voltage from what any explanation expects, standard deviations.
    pub(super) fn surprise(&self, volts: f64, terms: &Terms, now: &Totals) -> f64 {
        let counted = now.since(&self.began);
        let off = self.modes.iter().map(|(_, mode)| {
            let charge = mode.charge(&counted);
            let curve = &self.curves[mode.curve];
            let off = model::deviation(curve, &mode.theta, charge, self.gaps, volts, terms);
            libm::fabs(off)
        });
        off.fold(f64::INFINITY, f64::min)
    }

    /// Puts the oldest `count` records into what is thought beforehand.
    fn fold(&mut self, count: usize) {
        let rest = self.records.split_off(count);
        let gaps = rest.first().map_or(self.gaps, |record| record.gaps);
        let Some(end) = self.records.last().map(|record| record.totals) else {
            return;
        };
        let history = History {
            curves: &self.curves,
            records: &self.records,
            began: &self.began,
            nominal_ah: self.nominal_ah,
        };
        self.modes
            .retain_mut(|(_, mode)| mode.fold(&history, gaps, &end));
        self.began = end;
        self.folded = true;
        self.gaps -= gaps;
        self.records = rest;
        for record in &mut self.records {
            record.gaps -= gaps;
        }
        if self.modes.is_empty() {
            self.begin(self.any_size, &end);
        }
    }
}
