//! What stored energy is worth: stochastic dynamic programming (R. Bellman, 1957) over the days ahead.
//!
//! The worth of every level of the battery is computed backwards, slot by slot, for each class of
//! the day's clearness. The class of a day becomes known with its first light: there the worth is
//! averaged over what may follow the class of the day before. Within a day that has begun the class
//! counts as known, and whoever decides averages over a belief (the QMDP rule, M. Littman et al.,
//! 1995): exact but for the first hours of light.

use super::choose::FILM_WORTH;
use super::film::Showing;
use super::load_model::{FULL, LOAD_W, UTILITY, stored_wh};
use crate::forecast::{CLASSES, CLEARNESS, Distribution, SLOT_HOURS, SLOTS};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// Levels of stored energy between the floor and full.
const LEVELS: usize = 128;
/// Room on both sides of a row for what a stage may charge or draw, in levels.
const PAD: usize = 64;
/// The class of a day is known when this share of a clear day's light has come.
const REVEALED: f64 = 0.06;
/// What falling below the floor costs, in worth per Wh: more than any service brings.
const PENALTY: f64 = 0.5;

/// One day as the solver needs it.
#[derive(Debug, Clone)]
pub(super) struct DayAhead {
    /// Clear-sky power of the panel, W.
    pub(super) clear_w: [f64; SLOTS],
    pub(super) worth: [f64; SLOTS],
    /// Share of a surplus that gets into the battery: its efficiency, and the cold forbids it.
    pub(super) charge: [f64; SLOTS],
    /// The film booked for this day.
    pub(super) film: Option<Showing>,
}

impl DayAhead {
    /// What a state draws in a slot, W, and its service is worth, an hour.
    fn draw_and_worth(&self, slot: usize, state: usize) -> (f64, f64) {
        let (load, worth) = (LOAD_W[state], self.worth[slot] * UTILITY[state]);
        let film = self.film.as_ref().filter(|_| state == FULL);
        match film.and_then(|film| film.draws(slot)) {
            Some(film_w) => (load + film_w, worth + FILM_WORTH * (load + film_w)),
            None => (load, worth),
        }
    }
}

/// Worth over stored energy, for each class of the day.
pub(super) type Row = Vec<[f32; LEVELS]>;

/// The battery as the solver sees it: levels from a floor to full.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    floor_wh: f64,
    step_wh: f64,
}

impl Grid {
    pub(super) fn new(floor_wh: f64, capacity_wh: f64) -> Self {
        let step_wh = ((capacity_wh - floor_wh) / (LEVELS - 1) as f64).max(0.01);
        Self { floor_wh, step_wh }
    }

    /// For an end so far away that it hardly matters: each Wh is worth less than the one before.
    pub(super) fn distant_end(&self) -> Row {
        let worth = |level: usize| {
            let share = level as f64 / (LEVELS - 1) as f64;
            let energy = level as f64 * self.step_wh;
            (energy * (0.08 - 0.02 * share)) as f32
        };
        vec![core::array::from_fn(worth); CLASSES]
    }

    /// One day backwards in stages of `stage` slots, from the row at its end to the row at its
    /// start; `each` sees every row. With a `matrix` the day's class is unknown until its light comes.
    pub(super) fn day(
        &self,
        row: &mut Row,
        day: &DayAhead,
        matrix: Option<&[Distribution; CLASSES]>,
        stage: usize,
        mut each: impl FnMut(&Row),
    ) {
        let mut padded = vec![0.0; LEVELS + 2 * PAD];
        let mut clearness = CLEARNESS;
        let reveal = revealed(&day.clear_w);
        for index in (0..SLOTS / stage).rev() {
            let slots = index * stage..(index + 1) * stage;
            for (levels, clearness) in row.iter_mut().zip(clearness) {
                self.pad(&mut padded, levels);
                self.back(levels, &padded, day, slots.clone(), clearness);
            }
            if let Some(matrix) = matrix
                && slots.contains(&reveal)
            {
                *row = mix(row, matrix);
                clearness = matrix.map(|p| p.iter().zip(CLEARNESS).map(|(p, k)| p * k).sum());
            }
            each(row);
        }
    }

    fn pad(&self, padded: &mut [f32], levels: &[f32; LEVELS]) {
        let fall = (PENALTY * self.step_wh) as f32;
        let (low, rest) = padded.split_at_mut(PAD);
        let (middle, high) = rest.split_at_mut(LEVELS);
        for (below, worth) in low.iter_mut().rev().enumerate() {
            *worth = levels[0] - fall * (below + 1) as f32;
        }
        middle.copy_from_slice(levels);
        high.fill(levels[LEVELS - 1]);
    }

    fn back(
        &self,
        levels: &mut [f32; LEVELS],
        padded: &[f32],
        day: &DayAhead,
        slots: Range<usize>,
        clearness: f64,
    ) {
        for state in 0..LOAD_W.len() {
            let (mut change, mut gain) = (0.0, 0.0);
            for slot in slots.clone() {
                let (load, worth) = day.draw_and_worth(slot, state);
                let net = (clearness * day.clear_w[slot] - load) * SLOT_HOURS;
                change += stored_wh(net, day.charge[slot]);
                gain += worth * SLOT_HOURS;
            }
            let moved = (change / self.step_wh).clamp(2.0 - PAD as f64, PAD as f64 - 2.0);
            let whole = libm::floor(moved);
            let (part, gain) = ((moved - whole) as f32, gain as f32);
            let from = (PAD as f64 + whole) as usize;
            let reached = padded[from..].iter().zip(&padded[from + 1..]);
            // What runs must not end below the floor.
            let payable = if state == 0 {
                0
            } else {
                libm::ceil(-moved).max(0.0) as usize
            };
            for (level, (worth, (a, b))) in levels.iter_mut().zip(reached).enumerate() {
                let worth_here = gain + (1.0 - part) * a + part * b;
                if state == 0 || (level >= payable && worth_here > *worth) {
                    *worth = worth_here;
                }
            }
        }
    }
}

/// The slot at whose start the class of a day is known.
fn revealed(clear_w: &[f64; SLOTS]) -> usize {
    let all: f64 = clear_w.iter().sum();
    let mut sum = 0.0;
    let passed = clear_w.iter().position(|w| {
        sum += w;
        sum > REVEALED * all
    });
    passed.unwrap_or(SLOTS / 2)
}

/// Averages over the class that follows.
fn mix(row: &Row, matrix: &[Distribution; CLASSES]) -> Row {
    let mut out: Row = vec![[0.0; LEVELS]; CLASSES];
    for (out, row_of_matrix) in out.iter_mut().zip(matrix) {
        for (levels, p) in row.iter().zip(row_of_matrix) {
            let p = *p as f32;
            for (sum, worth) in out.iter_mut().zip(levels) {
                *sum += p * worth;
            }
        }
    }
    out
}

/// Worth of stored energy at the start of every slot of today and tomorrow, and at their ends.
#[derive(Debug, Clone)]
pub(super) struct Values {
    grid: Grid,
    days: [Vec<Row>; 2],
    ahead: [DayAhead; 2],
    matrix: [Distribution; CLASSES],
    /// The slot of tomorrow from whose end on its own class is known; before it, today's counts.
    reveal: usize,
}

impl Values {
    /// `row` is the worth at the end of the last of `later`, the days after tomorrow; today has begun.
    pub(super) fn solve(
        grid: Grid,
        mut row: Row,
        [today, tomorrow]: [DayAhead; 2],
        later: &[DayAhead],
        matrix: [Distribution; CLASSES],
    ) -> Self {
        for day in later.iter().rev() {
            grid.day(&mut row, day, Some(&matrix), 1, |_| ());
        }
        let mut keep = |day: &DayAhead, matrix: Option<&[Distribution; CLASSES]>| {
            let mut slots = vec![row.clone()];
            grid.day(&mut row, day, matrix, 1, |row| slots.push(row.clone()));
            slots.reverse();
            slots
        };
        let second = keep(&tomorrow, Some(&matrix));
        let first = keep(&today, None);
        Self {
            grid,
            days: [first, second],
            reveal: revealed(&tomorrow.clear_w),
            ahead: [today, tomorrow],
            matrix,
        }
    }

    /// Today and tomorrow, as they were solved for.
    pub(super) const fn ahead(&self) -> &[DayAhead; 2] {
        &self.ahead
    }

    /// Tomorrow's classes, as today's are believed.
    pub(super) fn tomorrow(&self, today: &Distribution) -> Distribution {
        let mut sum = [0.0; CLASSES];
        for (p, row) in today.iter().zip(&self.matrix) {
            for (sum, of_row) in sum.iter_mut().zip(row) {
                *sum += p * of_row;
            }
        }
        sum
    }

    /// Whether in a slot of tomorrow its own class counts, and not that of today.
    pub(super) const fn is_revealed(&self, slot: usize) -> bool {
        slot >= self.reveal
    }

    /// Worth of `energy_wh` at the start of a slot, 0..=144, of today (0) or tomorrow (1).
    pub(super) fn at(&self, day: usize, slot: usize, energy_wh: f64, belief: &Distribution) -> f64 {
        let slots = &self.days[day.min(1)];
        let Some(row) = slots.get(slot).or(slots.last()) else {
            return 0.0;
        };
        let height = (energy_wh - self.grid.floor_wh) / self.grid.step_wh;
        let level = (height.max(0.0) as usize).min(LEVELS - 2);
        let part = (height - level as f64).clamp(0.0, 1.0);
        let worth: f64 = belief
            .iter()
            .zip(row)
            .filter(|(p, _)| **p > 0.0)
            .map(|(p, levels)| {
                let (low, high) = (f64::from(levels[level]), f64::from(levels[level + 1]));
                p * ((1.0 - part) * low + part * high)
            })
            .sum();
        worth + height.min(0.0) * self.grid.step_wh * PENALTY
    }
}
