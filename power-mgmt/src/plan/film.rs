//! Films: "can we show ninety minutes at 14:00?", and energy kept for the one that is booked.

use super::Planner;
use super::load_model::{CHARGE_EFFICIENCY, ECO, FULL, LOAD_W, stored_wh};
use super::outlook::{CAUTION, OCCASION, quantile};
use super::value::DayAhead;
use crate::bytes::{Reader, Writer};
use crate::forecast::{LocalTime, SLOT_HOURS, SLOTS};
use crate::units::Watts;
use core::ops::Range;

/// No film is longer, min.
const LONGEST_MIN: u16 = 240;
/// No projector of a school draws more, W.
const STRONGEST_W: f64 = 5_000.0;

/// A film that a class wants to see.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Film {
    /// When it begins.
    pub start: LocalTime,
    /// How long it is, 1 to 240.
    pub minutes: u16,
    /// What the projector draws.
    pub projector: Watts,
}

/// "Can we show ninety minutes at 14:00?"
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilmAnswer {
    /// Also under a dark sky, and the lessons before and after it are served.
    Yes,
    /// Only until then.
    Until(LocalTime),
    /// Not even ten minutes.
    No,
    /// It is over, or not of this day, or has no length that a film has.
    NotToday,
}

/// A film in the slots of its day.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Showing {
    pub(super) slots: Range<usize>,
    /// What it draws besides `Full`, W.
    pub(super) draw_w: f64,
}

impl Showing {
    /// `None` when the film is of another day, or too long for what is left of its day.
    pub(super) fn on(film: &Film, day: i64) -> Option<Self> {
        let first = film.start.slot();
        let within = usize::from(film.start.minute() % 10 + film.minutes);
        let slots = first..first + within.div_ceil(10);
        let fits = (1..=LONGEST_MIN).contains(&film.minutes) && slots.end <= SLOTS;
        (fits && film.start.day() == day).then(|| Self {
            slots,
            draw_w: film.projector.get().clamp(0.0, STRONGEST_W),
        })
    }

    /// What it draws in a slot besides `Full`.
    pub(super) fn draws(&self, slot: usize) -> Option<f64> {
        self.slots.contains(&slot).then_some(self.draw_w)
    }
}

impl Planner {
    /// Energy is kept for this film from now on, if it can be shown; the answer is that of [`can_show`](Self::can_show).
    ///
    /// One that can be shown only until some time is booked until then. A film that was booked before
    /// gives way; when the new one cannot be shown at all, it stays.
    pub fn book(&mut self, film: Film) -> FilmAnswer {
        let before = self.film.take();
        let answer = self.can_show(film.start, film.minutes, film.projector);
        self.film = match answer {
            FilmAnswer::Yes => Some(film),
            FilmAnswer::Until(end) => Some(Film {
                minutes: end.minute() - film.start.minute(),
                ..film
            }),
            FilmAnswer::No | FilmAnswer::NotToday => before,
        };
        self.solve_again();
        answer
    }

    /// Drops the film that was booked.
    pub fn unbook(&mut self) {
        self.film = None;
        self.solve_again();
    }

    /// The film that is booked and not over.
    #[must_use]
    pub const fn booked(&self) -> Option<Film> {
        self.film
    }

    /// A film that is over, or of a day that is not this one, holds nothing.
    pub(super) fn release_film(&mut self, now: LocalTime) {
        let showing = (self.film.as_ref()).and_then(|film| Showing::on(film, now.day()));
        if self.film.is_some() && showing.is_none_or(|film| film.slots.end <= now.slot()) {
            self.film = None;
            if self.solved == Some(now.day()) {
                self.solve(now.day());
            }
        }
    }

    fn solve_again(&mut self) {
        if let (Some(day), Some(last)) = (self.solved, self.last)
            && day == last.day()
        {
            self.solve(day);
        }
    }

    /// What the booked film draws now besides `Full`.
    pub(super) fn film_w(&self, now: LocalTime) -> Option<f64> {
        Showing::on(self.film.as_ref()?, now.day())?.draws(now.slot())
    }

    /// Whether `minutes` of `Full` with a projector of `extra` W can be shown from `start` on, today.
    ///
    /// The sun counts as on a dark day among those that today may be. `Eco` in the lessons before
    /// and after it, a film that is booked, and the reserve come first.
    #[must_use]
    pub fn can_show(&self, start: LocalTime, minutes: u16, extra: Watts) -> FilmAnswer {
        let film = Film {
            start,
            minutes,
            projector: extra,
        };
        let (Some(now), Some(values)) = (self.last, &self.values) else {
            return FilmAnswer::NotToday;
        };
        let today = &values.ahead()[0];
        let Some(wanted) = Showing::on(&film, now.day()).filter(|_| start >= now) else {
            return FilmAnswer::NotToday;
        };
        let (first, end) = (wanted.slots.start, wanted.slots.end);
        let shown = (first + 1..=end).rev().find(|until| {
            let slots = first..*until;
            self.pays_for(now, today, &Showing { slots, ..wanted })
        });
        match shown {
            Some(until) if until == end => FilmAnswer::Yes,
            Some(until) => now
                .later(until - now.slot())
                .map_or(FilmAnswer::No, FilmAnswer::Until),
            None => FilmAnswer::No,
        }
    }

    /// Whether a dark `day` pays for the lessons and `wanted` until midnight; what lies before it is
    /// not its fault.
    fn pays_for(&self, now: LocalTime, day: &DayAhead, wanted: &Showing) -> bool {
        let clearness = quantile(self.forecast.today(), CAUTION);
        let floor = self.floor_wh();
        let mut energy_wh = self.ledger.energy_wh();
        for slot in now.slot()..SLOTS {
            let booked = day.film.as_ref().and_then(|film| film.draws(slot));
            // One projector: of two films at once the stronger counts.
            let film = wanted
                .draws(slot)
                .into_iter()
                .chain(booked)
                .reduce(f64::max);
            let load = match film {
                Some(film_w) => LOAD_W[FULL] + film_w,
                None if day.worth[slot] >= OCCASION => LOAD_W[ECO],
                None => LOAD_W[0],
            };
            let net = (clearness * day.clear_w[slot] - load) * SLOT_HOURS;
            let charge = day.charge[slot].min(CHARGE_EFFICIENCY);
            energy_wh = self.held(energy_wh + stored_wh(net, charge));
            if energy_wh < floor && slot >= wanted.slots.start {
                return false;
            }
        }
        true
    }
}

pub(super) fn save(film: Option<&Film>, to: &mut Writer) {
    to.flag(film.is_some());
    if let Some(film) = film {
        to.whole(film.start.day());
        to.whole(film.start.minute().into());
        to.whole(film.minutes.into());
        to.number(film.projector.get());
    }
}

/// The outer `None` is for what cannot have been saved.
#[allow(clippy::option_option, reason = "no film and no save are two things")]
pub(super) fn restore(from: &mut Reader<'_>) -> Option<Option<Film>> {
    if !from.flag()? {
        return Some(None);
    }
    let day = from.whole(-LocalTime::MOST_DAYS..=LocalTime::MOST_DAYS)?;
    let start = LocalTime::new(day, u16::try_from(from.whole(0..=1439)?).ok()?)?;
    let minutes = u16::try_from(from.whole(1..=LONGEST_MIN.into())?).ok()?;
    let projector = Watts::new(from.number(f64::MIN..=f64::MAX)?)?;
    Some(Some(Film {
        start,
        minutes,
        projector,
    }))
}
