//! A year of a school with a box: the box decides, the battery bears it, the months are counted.
//!
//! Tablets are charged from sun that the box leaves over, while its planner allows it; a film is booked in the morning and shown as far as
//! the planner answers for it. The planner hears of the panel what tablets and projector leave over.

use super::pack::{Pack, RESERVE, SLOT_H, draw_w};
use super::school::School;
use super::weather::{LEARNING_DAYS, SLOTS, Year, month_of};
use power_mgmt::units::{Celsius, StateOfCharge, Watts};
use power_mgmt::{Film, LocalTime, Observation, Planner, PowerState, Site};

/// What happened in a month.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Month {
    pub(super) lessons_h: f64,
    pub(super) full_h: f64,
    pub(super) eco_h: f64,
    pub(super) minimal_h: f64,
    pub(super) off_h: f64,
    pub(super) tablets_wanted_wh: f64,
    pub(super) tablets_wh: f64,
    pub(super) films_wanted_h: f64,
    pub(super) films_h: f64,
    pub(super) reserve_days: f64,
    pub(super) sun_wh: f64,
}

impl Month {
    /// Lesson-hours lost: those without the box, and half of those in which it serves few.
    pub(super) fn lost_h(&self) -> f64 {
        self.off_h + 0.5 * self.minimal_h
    }

    /// The sum of `count` months, told as one.
    pub(super) fn share(mut self, count: f64) -> Self {
        for value in self.values() {
            *value /= count;
        }
        self
    }

    fn values(&mut self) -> [&mut f64; 11] {
        [
            &mut self.lessons_h,
            &mut self.full_h,
            &mut self.eco_h,
            &mut self.minimal_h,
            &mut self.off_h,
            &mut self.tablets_wanted_wh,
            &mut self.tablets_wh,
            &mut self.films_wanted_h,
            &mut self.films_h,
            &mut self.reserve_days,
            &mut self.sun_wh,
        ]
    }

    pub(super) fn add(&mut self, other: &Self) {
        let mut other = *other;
        for (sum, more) in self.values().into_iter().zip(other.values()) {
            *sum += *more;
        }
    }
}

/// Who decides.
#[derive(Debug)]
pub(super) enum Mind {
    /// The box's own planner.
    Planner(Box<Planner>),
    /// Thresholds with the timetable: quick, and never better than the planner by much. For the search of sizes.
    Thresholds {
        /// What the battery holds, Wh.
        capacity_wh: f64,
    },
}

impl Mind {
    pub(super) fn planner(site: Site, school: &School) -> Self {
        let planner = Planner::with_week(site, &school.week);
        let sockets = Watts::new(school.tablets_w).unwrap_or(Watts::ZERO);
        Self::Planner(Box::new(planner.with_tablets(sockets)))
    }

    fn advise(&mut self, seen: &Observation) -> (PowerState, bool) {
        match self {
            Self::Planner(planner) => {
                let advice = planner.advise(seen);
                (advice.state, advice.charge_tablets)
            }
            Self::Thresholds { .. } => {
                let state = threshold(seen.soc.fraction(), seen.worth.get());
                (state, seen.soc.fraction() > 0.5)
            }
        }
    }

    /// Until which slot a film that begins in `first` goes on, as far as is known in the slot of `seen` with this `state`: the planner
    /// keeps energy for the film it has booked, and ends it where that is no longer there.
    fn film(
        &self,
        (seen, state): (&Observation, PowerState),
        first: usize,
        slots: usize,
        projector_w: f64,
    ) -> usize {
        match self {
            Self::Planner(planner) => match planner.booked() {
                Some(film) if state == PowerState::Full && film.start <= seen.time => {
                    first + usize::from(film.minutes) / 10
                }
                Some(_) | None => first,
            },
            Self::Thresholds { capacity_wh } => {
                let needed = slots as f64 * SLOT_H * (projector_w + draw_w(PowerState::Full));
                let left = seen.soc.fraction() - needed / *capacity_wh;
                if left > 0.35 { first + slots } else { first }
            }
        }
    }

    fn book(&mut self, film: Film) {
        if let Self::Planner(planner) = self {
            planner.book(film);
        }
    }
}

/// The higher the charge and the worth, the more.
fn threshold(charge: f64, worth: f64) -> PowerState {
    let [full, eco, minimal] = if worth >= 0.8 {
        [0.45, 0.20, 0.13]
    } else if worth >= 0.4 {
        [0.75, 0.45, 0.30]
    } else {
        [0.98, 0.90, 0.75]
    };
    if charge > full {
        PowerState::Full
    } else if charge > eco {
        PowerState::Eco
    } else if charge > minimal {
        PowerState::Minimal
    } else {
        PowerState::Off
    }
}

/// Where a slot lies.
#[derive(Debug, Clone, Copy)]
struct When {
    time: LocalTime,
    slot: usize,
    /// `None` while the planner learns.
    month: Option<usize>,
}

/// A school with its box, in the middle of a year.
#[derive(Debug)]
struct Life<'a> {
    school: &'a School,
    mind: Mind,
    pack: Pack,
    months: [Month; 12],
    ran: Option<PowerState>,
    /// What the panel gave and what tablets and projector drew in the slot before.
    panel_w: Option<f64>,
    extra_w: Option<f64>,
    tablets_left_wh: f64,
    film_until: usize,
    below: bool,
}

/// Lives one year; `panel_w` is the panel's label.
pub(super) fn live(
    school: &School,
    site: &Site,
    year: &Year,
    mind: Mind,
    first_day: i64,
) -> [Month; 12] {
    let mut life = Life {
        school,
        mind,
        pack: Pack::new(site.battery().get()),
        months: [Month::default(); 12],
        ran: None,
        panel_w: None,
        extra_w: None,
        tablets_left_wh: 0.0,
        film_until: 0,
        below: false,
    };
    let label = site.panel().get();
    let sky = year.panel.iter().zip(&year.battery).enumerate();
    for (index, (per_watt, battery)) in sky {
        let (day, slot) = (index / SLOTS, index % SLOTS);
        let date = first_day + day as i64 - LEARNING_DAYS as i64;
        let Some(time) = LocalTime::new(date, (slot * 10) as u16) else {
            continue;
        };
        let month = day.checked_sub(LEARNING_DAYS).map(month_of);
        let when = When { time, slot, month };
        life.ten_minutes(when, f64::from(*per_watt) * label, f64::from(*battery));
    }
    life.months
}

impl Life<'_> {
    fn ten_minutes(&mut self, when: When, sun_w: f64, battery_c: f64) {
        let weekday = when.time.weekday();
        if when.slot == 0 {
            self.morning(when, weekday);
        }
        let seen = Observation {
            time: when.time,
            worth: self.school.week.worth(when.time),
            soc: StateOfCharge::new(self.pack.charge()).unwrap_or(StateOfCharge::EMPTY),
            soc_low: None,
            panel: self.panel_w.and_then(|watts| Watts::new(watts.max(0.0))),
            battery: Celsius::new(battery_c),
            forced_off: self.pack.is_cut(),
            ran: self.ran,
            extra: self.extra_w.and_then(Watts::new),
        };
        let (mut state, may_charge) = self.mind.advise(&seen);
        let film_w = self.film_w(when, weekday, (&seen, state));
        if film_w > 0.0 {
            state = PowerState::Full;
        }
        let tablets_w = if may_charge && !state.is_power_off() {
            self.tablets_w(sun_w - draw_w(state) - film_w)
        } else {
            0.0
        };
        let extra_w = film_w + tablets_w;
        let (ran, share) = self.pack.step(state, extra_w, sun_w, battery_c);
        self.tablets_left_wh -= tablets_w * SLOT_H * share;
        self.ran = Some(ran);
        (self.panel_w, self.extra_w) = (Some(sun_w), Some(extra_w));
        if let Some(month) = when.month {
            let lesson = self.school.has_lesson(weekday, when.slot);
            self.count(month, lesson, (ran, share), film_w > 0.0, tablets_w);
            self.months[month].sun_wh += sun_w * SLOT_H;
        }
    }

    fn morning(&mut self, when: When, weekday: u8) {
        self.below = false;
        self.film_until = 0;
        self.tablets_left_wh = 0.0;
        if self.school.is_school_day(weekday) {
            self.tablets_left_wh = self.school.tablets_wh;
        }
        let film = self.school.film(weekday);
        if let Some(month) = when.month {
            self.months[month].tablets_wanted_wh += self.tablets_left_wh;
            if let Some((_, slots)) = film {
                self.months[month].films_wanted_h += slots as f64 * SLOT_H;
            }
        }
        if let Some((first, slots)) = film
            && let (Some(start), Some(projector)) = (
                LocalTime::new(when.time.day(), (first * 10) as u16),
                Watts::new(self.school.projector_w),
            )
        {
            let minutes = (slots * 10) as u16;
            self.mind.book(Film {
                start,
                minutes,
                projector,
            });
        }
    }

    /// What the projector draws now.
    fn film_w(&mut self, when: When, weekday: u8, now: (&Observation, PowerState)) -> f64 {
        let Some((first, slots)) = self.school.film(weekday) else {
            return 0.0;
        };
        let until = self.mind.film(now, first, slots, self.school.projector_w);
        if when.slot == first {
            self.film_until = until;
        } else if let Mind::Planner(_) = self.mind {
            // Thresholds decide once, at the beginning.
            self.film_until = until.min(self.film_until);
        }
        let shows = (first..self.film_until).contains(&when.slot) && !self.pack.is_cut();
        // Without a projector the film is seen on the tablets; it draws nothing more, and is shown all the same.
        if shows {
            self.school.projector_w.max(1e-6)
        } else {
            0.0
        }
    }

    /// What tablets draw of what the sun leaves over.
    fn tablets_w(&self, over_w: f64) -> f64 {
        let most = self.school.tablets_w.min(self.tablets_left_wh / SLOT_H);
        over_w.min(most).max(0.0)
    }

    fn count(
        &mut self,
        month: usize,
        lesson: bool,
        ran: (PowerState, f64),
        film: bool,
        tablets_w: f64,
    ) {
        let (state, share) = ran;
        let month = &mut self.months[month];
        if lesson {
            month.lessons_h += SLOT_H;
            month.off_h += SLOT_H * (1.0 - share);
            match state {
                PowerState::Full => month.full_h += SLOT_H * share,
                PowerState::Eco => month.eco_h += SLOT_H * share,
                PowerState::Minimal => month.minimal_h += SLOT_H * share,
                PowerState::Off | PowerState::Storage => {}
            }
        }
        if film {
            month.films_h += SLOT_H * share;
        }
        month.tablets_wh += tablets_w * SLOT_H * share;
        if self.pack.charge() < RESERVE && !self.below {
            self.below = true;
            month.reserve_days += 1.0;
        }
    }
}
