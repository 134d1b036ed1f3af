//! The plan of the next 24 hours: played on from now under the sky expected, a dark and a bright one.

use super::choose::Moment;
use super::load_model::{FULL, LOAD_W, STATES, slot_draw_wh, stored_wh};
use super::{Occasion, Planner};
use crate::PowerState;
use crate::forecast::{CLASSES, CLEARNESS, Distribution, LocalTime, SLOT_HOURS, SLOTS};
use crate::units::{StateOfCharge, Watts};
use alloc::vec::Vec;

/// Service of this worth or more is an occasion to save for.
pub(super) const OCCASION: f64 = 0.4;
/// Sun is promised, for a film or for tablets, only as this share of the days would not give it.
pub(super) const CAUTION: f64 = 0.1;
/// Tails of the band of the charge, on each side: days beyond them, and as many classes farther, for an
/// afternoon may be of another kind than its morning. It holds 93 to 95 % on public years.
const TAIL: f64 = 0.015;
const FARTHER: usize = 1;
/// Standard deviations to the ends of a band of 95 %.
const BAND_SD: f64 = 1.96;
/// Skies under which a change of state must come to be told.
const LIKELY: [f64; 2] = [0.2, 0.8];
/// A change must last, slots: what the next belief takes back is none.
const LASTING: usize = 3;
/// Changes that lie as close as this are one, slots.
const SAME: usize = 6;

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
    /// What the panel is expected to give, before anything is drawn.
    pub panel: Watts,
    /// Charge expected at their end, if tablets take only what is over.
    pub charge: StateOfCharge,
    /// The middle 95 % of it, low and high: the box follows the sky that comes.
    pub band: (StateOfCharge, StateOfCharge),
}

/// The sky that today and tomorrow are played under.
#[derive(Debug, Clone)]
pub(super) struct Sky {
    beliefs: [Distribution; 2],
    clearness: [f64; 2],
    /// The last ten minutes still shine on the next ones.
    persists: bool,
}

/// One slot of a plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Played {
    pub(super) state: usize,
    pub(super) panel_w: f64,
    /// At its end.
    pub(super) energy_wh: f64,
}

impl Planner {
    /// The plan from now to the end of the day under the sky expected, one block for each change.
    #[must_use]
    pub fn outlook(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let Some(now) = self.last else { return blocks };
        let sky = self.expected_sky();
        let plan = self.play(now, &sky, 0.0);
        for (index, played) in plan.take(SLOTS - now.slot()).enumerate() {
            let state = STATES[played.state];
            if blocks.last().is_none_or(|block| block.state != state)
                && let Some(from) = now.later(index)
            {
                blocks.push(Block { from, state });
            }
        }
        blocks
    }

    /// The next 24 hours in steps of ten minutes, 144 of them, under the sky expected; empty before
    /// the first advice.
    ///
    /// The band is that of a dark and a bright sky, today and tomorrow, under which the box would follow
    /// other plans, and of the error of the charge now.
    #[must_use]
    pub fn next_day(&self) -> Vec<Ahead> {
        let Some(now) = self.last else {
            return Vec::new();
        };
        let sd = BAND_SD * self.ledger.sd_wh();
        let skies = [
            self.expected_sky(),
            self.sky_of(TAIL, FARTHER),
            self.sky_of(1.0 - TAIL, FARTHER),
        ];
        let plan = self.play(now, &skies[0], 0.0);
        let dark = self.play(now, &skies[1], -sd);
        let bright = self.play(now, &skies[2], sd);
        let capacity = self.site.battery().get();
        let share = |wh: f64| StateOfCharge::clamped(wh / capacity);
        let ahead = |(index, ((mean, dark), bright)): (usize, ((Played, Played), Played))| {
            let [a, b, c] = [mean, dark, bright].map(|played| played.energy_wh);
            Some(Ahead {
                from: now.later(index)?,
                state: STATES[mean.state],
                panel: Watts::new(mean.panel_w)?,
                charge: share(a),
                band: (share(a.min(b).min(c)), share(a.max(b).max(c))),
            })
        };
        let runs = plan.zip(dark).zip(bright);
        let mut day: Vec<Ahead> = runs.enumerate().filter_map(ahead).collect();
        self.keep_told(&mut day);
        day
    }

    /// The state that was told to last until some time does so here too: two times for one change would be one too many.
    fn keep_told(&self, day: &mut [Ahead]) {
        let Some((state, until)) = self.told else {
            return;
        };
        let state = STATES[state];
        let Some(change) = day.iter().position(|ahead| ahead.state != state) else {
            return;
        };
        let next = day
            .iter()
            .find(|ahead| ahead.from >= until && ahead.state != state);
        let next = next.unwrap_or(&day[change]).state;
        let lasting = day
            .iter()
            .position(|ahead| ahead.from >= until && ahead.state == next);
        for ahead in &mut day[..lasting.unwrap_or(change)] {
            ahead.state = if ahead.from < until { state } else { next };
        }
    }

    /// When a box that is advised to switch off now should be woken; `None` while it is advised to run.
    ///
    /// The next slot planned on, under the sky expected: with an empty battery that is when its sun has
    /// paid for a start. Without one, the first sun that carries `Minimal`; else a day from now.
    #[must_use]
    pub fn wakes_at(&self) -> Option<LocalTime> {
        let now = self.last.filter(|_| self.state == 0)?;
        let plan: Vec<Played> = self.play(now, &self.expected_sky(), 0.0).collect();
        let first = |wanted: &dyn Fn(&Played) -> bool| {
            let found = plan.iter().skip(1).position(wanted);
            found.map(|slots| slots + 1)
        };
        let on = first(&|played| played.state > 0);
        let slots = on
            .or_else(|| first(&|played| played.panel_w >= LOAD_W[1]))
            .unwrap_or(SLOTS);
        now.later(slots)
    }

    /// When the plan leaves its state within a day, if that much is likely whatever the sky does.
    ///
    /// What was told holds until it is wrong by more than an hour.
    pub(super) fn changes_at(&self, now: LocalTime) -> Option<LocalTime> {
        let found = self.leaves(now, &self.expected_sky())?;
        let agree = LIKELY.iter().all(|share| {
            self.leaves(now, &self.sky_of(*share, 0))
                .is_some_and(|other| other.abs_diff(found) <= SAME)
        });
        let fresh = now.later(found).filter(|_| agree)?;
        let told = self.told.filter(|(state, told)| {
            let near = told.index().abs_diff(fresh.index()) <= SAME as u64;
            *state == self.state && *told > now && near
        });
        Some(told.map_or(fresh, |(_, told)| told))
    }

    /// Slots until another state is planned for a while.
    fn leaves(&self, now: LocalTime, sky: &Sky) -> Option<usize> {
        let mut away = 0;
        let lasts = self.play(now, sky, 0.0).position(|played| {
            away = if played.state == self.state {
                0
            } else {
                away + 1
            };
            away == LASTING
        });
        lasts.map(|slot| slot + 1 - LASTING)
    }

    /// The sky as it is believed.
    pub(super) fn expected_sky(&self) -> Sky {
        let beliefs = self.beliefs();
        Sky {
            clearness: beliefs.map(|p| p.iter().zip(CLEARNESS).map(|(p, k)| p * k).sum()),
            beliefs,
            persists: true,
        }
    }

    /// A sky that a share of the days, of today's and tomorrow's, stays below, and so many classes
    /// farther from the middle.
    fn sky_of(&self, share: f64, farther: usize) -> Sky {
        let classes = self.beliefs().map(|belief| {
            let class = class_below(&belief, share);
            if share < 0.5 {
                class.saturating_sub(farther)
            } else {
                (class + farther).min(CLASSES - 1)
            }
        });
        Sky {
            clearness: classes.map(|class| CLEARNESS[class]),
            beliefs: classes
                .map(|known| core::array::from_fn(|class| if class == known { 1.0 } else { 0.0 })),
            persists: false,
        }
    }

    /// The belief over the classes of today and tomorrow.
    fn beliefs(&self) -> [Distribution; 2] {
        let today = *self.forecast.today();
        let tomorrow = (self.values.as_ref()).map(|values| values.tomorrow(&today));
        [today, tomorrow.unwrap_or(today)]
    }

    /// Plays the next 24 hours from now; `more_wh` is what the charge differs from the one believed.
    fn play(&self, now: LocalTime, sky: &Sky, more_wh: f64) -> impl Iterator<Item = Played> {
        let mut energy_wh = self.held(self.ledger.energy_wh() + more_wh);
        let mut before = self.state;
        let slots = if self.values.is_some() { SLOTS } else { 0 };
        (0..slots).map_while(move |index| {
            let moment = self.moment(now, index, sky, (energy_wh, before))?;
            let state = if index == 0 {
                self.state
            } else {
                self.pick(moment, energy_wh / self.site.battery().get())
            };
            let film_w = moment.film_w.filter(|_| state == FULL).unwrap_or(0.0);
            let draw = slot_draw_wh(state, state > 0 && before == 0) + film_w * SLOT_HOURS;
            let net = moment.panel_w * SLOT_HOURS - draw;
            energy_wh = self.held(energy_wh + stored_wh(net, moment.charge));
            before = state;
            Some(Played {
                state,
                panel_w: moment.panel_w,
                energy_wh,
            })
        })
    }

    /// What is decided so many slots from now, with an energy and the state before.
    fn moment<'a>(
        &'a self,
        now: LocalTime,
        index: usize,
        sky: &'a Sky,
        (energy_wh, before): (f64, usize),
    ) -> Option<Moment<'a>> {
        let values = self.values.as_ref()?;
        let (of, slot) = ((now.slot() + index) / SLOTS, (now.slot() + index) % SLOTS);
        let day = values.ahead().get(of)?;
        let clearness = if sky.persists && of == 0 {
            self.forecast.clearness_in(index)
        } else {
            sky.clearness[of]
        };
        // Tomorrow's class shows in its first light; before, its worth goes by today's.
        let known = if values.is_revealed(slot) { of } else { 0 };
        Some(Moment {
            day: of,
            slot,
            energy_wh,
            worth: day.worth[slot],
            panel_w: clearness * day.clear_w[slot],
            charge: day.charge[slot],
            before,
            film_w: day.film.as_ref().and_then(|film| film.draws(slot)),
            belief: &sky.beliefs[known],
        })
    }

    pub(super) fn held(&self, energy_wh: f64) -> f64 {
        energy_wh.clamp(0.0, self.site.battery().get())
    }

    /// The next lessons, evening class or film after the present stretch of the timetable, within two days.
    pub(super) fn next_occasion(&self, now: LocalTime) -> Option<Occasion> {
        let worth_at = |index: usize| {
            let day = i64::try_from(index / SLOTS).unwrap_or(0);
            self.timetable.day(now.day() + day)[index % SLOTS]
        };
        let film = self
            .film
            .map(|film| film.start)
            .filter(|start| *start > now);
        let here = worth_at(now.slot());
        let mut left = false;
        for index in now.slot()..3 * SLOTS {
            let worth = worth_at(index);
            left |= (worth - here).abs() > 1e-9;
            let start = now.later(index - now.slot())?;
            let is_film = film.is_some_and(|film| film.index() == start.index());
            if is_film || (left && worth >= OCCASION) {
                return Some(Occasion {
                    start,
                    evening: start.minute() >= 17 * 60,
                    film: is_film,
                });
            }
        }
        None
    }
}

/// The clearness that a share of the days stays below.
pub(super) fn quantile(belief: &Distribution, share: f64) -> f64 {
    CLEARNESS[class_below(belief, share)]
}

fn class_below(belief: &Distribution, share: f64) -> usize {
    let mut sum = 0.0;
    let found = belief.iter().position(|p| {
        sum += p;
        sum >= share
    });
    found.unwrap_or(CLASSES - 1)
}
