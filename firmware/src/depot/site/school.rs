//! What a school wants of its box: lessons, tablets, films.

use crate::config::timetable::Timetable;
use power_mgmt::Week;

use super::weather::SLOTS;

/// Longest film on one day, min: a school shows more on several days.
const LONGEST_MIN: usize = 120;
/// Films begin at this hour where there are lessons then.
const FILM_HOUR: usize = 13;
/// What one USB socket gives a tablet at most, W.
const SOCKET_W: f64 = 10.0;

/// The week of a school, ten minutes at a time.
#[derive(Debug, Clone)]
pub(super) struct School {
    pub(super) week: Week,
    pub(super) weekend: [u8; 2],
    /// Whether there is a lesson; the first day is Monday.
    lessons: [[bool; SLOTS]; 7],
    school_day: [bool; 7],
    /// First slot of the film of each day, and how many.
    films: [Option<(usize, usize)>; 7],
    pub(super) projector_w: f64,
    /// What all tablets take on a school day, Wh.
    pub(super) tablets_wh: f64,
    /// What they take at once, W.
    pub(super) tablets_w: f64,
}

/// Tablets and films.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wishes {
    pub(super) tablets: u32,
    pub(super) tablet_wh: f64,
    pub(super) projector_w: f64,
    pub(super) film_h: f64,
}

impl School {
    /// `None` where the timetable has no lesson.
    pub(super) fn new(timetable: &Timetable, wishes: Wishes) -> Option<Self> {
        let lessons: [[bool; SLOTS]; 7] = std::array::from_fn(|day| {
            std::array::from_fn(|slot| timetable.has_lesson(day as u8, (slot * 10) as u16))
        });
        let tablets = f64::from(wishes.tablets);
        lessons
            .iter()
            .flatten()
            .any(|lesson| *lesson)
            .then(|| Self {
                week: timetable.week(),
                weekend: timetable.weekend(),
                films: films(&lessons, wishes.film_h),
                lessons,
                school_day: std::array::from_fn(|day| timetable.is_school_day(day as u8)),
                projector_w: wishes.projector_w,
                tablets_wh: tablets * wishes.tablet_wh,
                tablets_w: tablets * SOCKET_W,
            })
    }

    pub(super) fn has_lesson(&self, weekday: u8, slot: usize) -> bool {
        self.lessons[usize::from(weekday % 7)][slot % SLOTS]
    }

    pub(super) fn is_school_day(&self, weekday: u8) -> bool {
        self.school_day[usize::from(weekday % 7)]
    }

    /// First slot of that day's film, and how many.
    pub(super) fn film(&self, weekday: u8) -> Option<(usize, usize)> {
        self.films[usize::from(weekday % 7)]
    }
}

/// Spreads the hours over as few days as will do, from the last school day of the week backwards.
fn films(lessons: &[[bool; SLOTS]; 7], hours: f64) -> [Option<(usize, usize)>; 7] {
    let days: Vec<usize> = (0..7).filter(|day| lessons[*day].contains(&true)).collect();
    let minutes = (hours * 60.0).round() as usize;
    let shows = minutes.div_ceil(LONGEST_MIN).min(days.len());
    let mut films = [None; 7];
    for day in days.iter().rev().take(shows) {
        let slots = minutes.div_ceil(10).div_ceil(shows);
        let lesson = |slot: &usize| lessons[*day][*slot];
        let first = (FILM_HOUR * 6..SLOTS)
            .find(lesson)
            .or_else(|| (0..SLOTS).find(lesson))
            .unwrap_or(FILM_HOUR * 6);
        films[*day] = Some((first, slots.min(SLOTS - first)));
    }
    films
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn school(film_h: f64) -> School {
        let wishes = Wishes {
            tablets: 10,
            tablet_wh: 15.0,
            projector_w: 60.0,
            film_h,
        };
        School::new(&Timetable::default(), wishes).unwrap()
    }

    #[test]
    fn films_are_on_the_last_days_of_the_week() {
        assert!((0..7).all(|day| school(0.0).film(day).is_none()));
        assert_eq!(school(1.5).film(4), Some((78, 9)));
        let long = school(5.0);
        assert_eq!(long.film(4), Some((78, 10)));
        assert!(long.film(2).is_some() && long.film(1).is_none());
        let whole_week = school(40.0);
        assert!((0..5).all(|day| whole_week.film(day) == Some((78, 48))));
    }

    #[test]
    fn a_timetable_without_lessons_is_no_school() {
        let none = Timetable::parse("school_days = []\n").unwrap();
        let wishes = Wishes {
            tablets: 0,
            tablet_wh: 0.0,
            projector_w: 0.0,
            film_h: 0.0,
        };
        assert!(School::new(&none, wishes).is_none());
    }
}
