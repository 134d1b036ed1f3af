//! The plan of the rest of the day, and questions to it.

use super::load_model::{CHARGE_EFFICIENCY, LOAD_W, STATES, index_of, slot_draw_wh, stored_wh};
use super::{Moment, Occasion, Planner};
use crate::PowerState;
use crate::forecast::{CLASSES, CLEARNESS, Distribution, LocalTime, SLOT_HOURS, SLOTS};
use crate::units::{StateOfCharge, Watts};
use alloc::vec::Vec;

/// Service of this worth or more is an occasion to save for.
const OCCASION: f64 = 0.4;
/// The sun is promised for a film only as this share of the days like today would give it.
const CAUTION: f64 = 0.1;

/// A stretch of the day in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Its first ten minutes.
    pub from: LocalTime,
    /// The state planned.
    pub state: PowerState,
}

/// Ten minutes of the day to come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ahead {
    /// Where they begin.
    pub from: LocalTime,
    /// The state planned.
    pub state: PowerState,
    /// What the panel is expected to give.
    pub panel: Watts,
    /// Charge expected at their end.
    pub charge: StateOfCharge,
    /// The middle 95 % of it, low and high.
    pub band: (StateOfCharge, StateOfCharge),
}

/// A film that a class wants to see.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Film {
    /// When it begins.
    pub start: LocalTime,
    /// How long it is.
    pub minutes: u16,
    /// What the projector draws.
    pub projector: Watts,
}

/// "Can we show ninety minutes at 14:00?"
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilmAnswer {
    /// Also under a dark sky, and the lessons after it are served.
    Yes,
    /// Only until then.
    Until(LocalTime),
    /// Not even ten minutes.
    No,
    /// The plan reaches to the end of the day, and not into the past.
    NotToday,
}

impl Planner {
    /// The plan from now to the end of the day under the sky expected, one block for each change.
    #[must_use]
    pub fn outlook(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        if let Some(now) = self.last {
            self.play(now, self.state, |time, state| {
                if blocks
                    .last()
                    .is_none_or(|block| block.state != STATES[state])
                {
                    let state = STATES[state];
                    blocks.push(Block { from: time, state });
                }
                true
            });
        }
        blocks
    }

    /// The next 24 hours in steps of ten minutes, under the sky expected; empty before the first advice.
    #[must_use]
    pub fn next_day(&self) -> Vec<Ahead> {
        let mut day = Vec::new();
        if let Some(now) = self.last {
            self.play(now, self.state, |from, state| {
                day.push(Ahead {
                    from,
                    state: STATES[state],
                    panel: Watts::ZERO,
                    charge: self.charge(),
                    band: (self.charge(), self.charge()),
                });
                true
            });
        }
        day
    }

    /// Energy is kept for this film from now on, if it can be shown at all; the answer is that of [`can_show`](Self::can_show).
    /// A film booked before is dropped.
    pub fn book(&mut self, film: Film) -> FilmAnswer {
        let answer = self.can_show(film.start, film.minutes, film.projector);
        self.film = Some(film);
        answer
    }

    /// Drops the film that was booked.
    pub fn unbook(&mut self) {
        self.film = None;
    }

    /// The film that is booked and not over.
    #[must_use]
    pub const fn booked(&self) -> Option<Film> {
        self.film
    }

    /// When the plan leaves `state`, if it does so today.
    pub(super) fn changes_at(&self, now: LocalTime, state: usize) -> Option<LocalTime> {
        let mut change = None;
        self.play(now, state, |time, planned| {
            change = (planned != state).then_some(time);
            change.is_none()
        });
        change
    }

    /// Plays the day on with the mean of today's belief, until `each` says no.
    fn play(&self, now: LocalTime, first: usize, mut each: impl FnMut(LocalTime, usize) -> bool) {
        let belief = self.forecast.today();
        let clearness: f64 = belief.iter().zip(CLEARNESS).map(|(p, k)| p * k).sum();
        let day = self.ahead(now.day(), 0);
        let (mut energy_wh, mut on) = (self.ledger.energy_wh(), self.state > 0);
        for slot in now.slot()..SLOTS {
            let panel_w = clearness * day.clear_w[slot];
            let state = if slot == now.slot() {
                first
            } else {
                self.best(Moment {
                    slot,
                    energy_wh,
                    worth: day.worth[slot],
                    panel_w,
                    charge: day.charge[slot],
                    on,
                    belief,
                })
            };
            if !at(now.day(), slot).is_some_and(|time| each(time, state)) {
                return;
            }
            let net = panel_w * SLOT_HOURS - slot_draw_wh(state, state > 0 && !on);
            energy_wh = self.held(energy_wh + stored_wh(net, day.charge[slot]));
            on = state > 0;
        }
    }

    fn held(&self, energy_wh: f64) -> f64 {
        energy_wh.clamp(0.0, self.site.battery().get())
    }

    /// The next lessons or evening class after the present stretch of the timetable, within two days.
    pub(super) fn next_occasion(&self, now: LocalTime) -> Option<Occasion> {
        let worth_at = |index: usize| {
            let day = i64::try_from(index / SLOTS).unwrap_or(0);
            self.timetable.day(now.day() + day)[index % SLOTS]
        };
        let here = worth_at(now.slot());
        let mut left = false;
        for index in now.slot()..3 * SLOTS {
            let worth = worth_at(index);
            left |= (worth - here).abs() > 1e-9;
            if left && worth >= OCCASION {
                let start = at(
                    now.day() + i64::try_from(index / SLOTS).ok()?,
                    index % SLOTS,
                )?;
                let evening = start.minute() >= 17 * 60;
                return Some(Occasion { start, evening });
            }
        }
        None
    }

    /// Whether `minutes` of `Full` with a projector of `extra` W can be shown from `start` on, today.
    /// The sun counts as on a dark day among those that today may be; `Eco` in the lessons before
    /// and after it, and the reserve, come first.
    #[must_use]
    pub fn can_show(&self, start: LocalTime, minutes: u16, extra: Watts) -> FilmAnswer {
        let Some(now) = self.last else {
            return FilmAnswer::NotToday;
        };
        let slots = usize::from(minutes).div_ceil(10).max(1);
        if start.day() != now.day() || start < now || start.slot() + slots > SLOTS {
            return FilmAnswer::NotToday;
        }
        let draw = LOAD_W[index_of(PowerState::Full)] + extra.get().max(0.0);
        let shown = (0..=slots)
            .rev()
            .find(|shown| self.film_fits(now, start.slot(), *shown, draw));
        match shown {
            Some(shown) if shown == slots => FilmAnswer::Yes,
            Some(shown) if shown > 0 => {
                at(now.day(), start.slot() + shown).map_or(FilmAnswer::No, FilmAnswer::Until)
            }
            Some(_) | None => FilmAnswer::No,
        }
    }

    fn film_fits(&self, now: LocalTime, first: usize, shown: usize, draw_w: f64) -> bool {
        let day = self.ahead(now.day(), 0);
        let clearness = quantile(self.forecast.today(), CAUTION);
        let floor = self.floor_wh();
        let mut energy_wh = self.ledger.energy_wh();
        for slot in now.slot()..SLOTS {
            let load = if (first..first + shown).contains(&slot) {
                draw_w
            } else if day.worth[slot] >= OCCASION {
                LOAD_W[index_of(PowerState::Eco)]
            } else {
                LOAD_W[0]
            };
            let net = (clearness * day.clear_w[slot] - load) * SLOT_HOURS;
            let charge = day.charge[slot].min(CHARGE_EFFICIENCY);
            energy_wh = self.held(energy_wh + stored_wh(net, charge));
            if energy_wh < floor && slot >= first {
                return false;
            }
        }
        true
    }
}

fn at(day: i64, slot: usize) -> Option<LocalTime> {
    LocalTime::new(day, u16::try_from(slot * 10).ok()?)
}

/// The clearness that a share of the days stays below.
fn quantile(belief: &Distribution, share: f64) -> f64 {
    let mut sum = 0.0;
    for class in 0..CLASSES {
        sum += belief[class];
        if sum >= share {
            return CLEARNESS[class];
        }
    }
    CLEARNESS[CLASSES - 1]
}
