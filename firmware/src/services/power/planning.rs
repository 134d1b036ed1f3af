//! The plan of the day: every ten minutes of local time the planner is told what it was like, and says what comes. Pure; time is an argument.

use super::local::{slot_of, slot_start, until};
use super::story::{DayStory, Lived};
use super::tally::{Harvest, Tally, panel_now};
use crate::config::timetable::Timetable;
use power_mgmt::{
    Advice, Film, FilmAnswer, LocalTime, Observation, Planner, PowerState, Reading, SavedError,
    Site, Week, Worth,
};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Ten-minute entries of the life that is remembered: a day.
const REMEMBERED: i64 = 144;
/// A charge heard longer ago than this is no observation.
const STALE: Duration = Duration::from_secs(300);

/// What a turn of the power service brings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn<'a> {
    /// Local time.
    pub(super) at: LocalTime,
    /// It comes from a clock that is trusted.
    pub(super) trusted: bool,
    /// Box time since the turn before.
    pub(super) passed: Duration,
    /// What the gauge believes.
    pub(super) reading: &'a Reading,
    /// The state that runs.
    pub(super) state: PowerState,
}

/// Keeps the day, and asks the planner.
#[derive(Debug)]
pub(super) struct Planning {
    planner: Planner,
    week: Week,
    tally: Tally,
    /// Of the ten minutes before.
    before: Tally,
    harvest: Harvest,
    /// The slot under way.
    slot: Option<i64>,
    /// The slot in which the planner was last asked.
    asked: Option<i64>,
    lived: VecDeque<Lived>,
    advice: Option<Advice>,
    /// Booked in a life before: a planner that has seen nothing books nothing.
    film_before: Option<Film>,
    story: Arc<DayStory>,
}

/// What is worth keeping of the day, beside what the planner has learned.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Day {
    pub(super) harvest: Harvest,
    pub(super) lived: Vec<Lived>,
    pub(super) film: Option<Film>,
}

impl Planning {
    /// Knows the site and the week.
    pub(super) fn new(site: Site, timetable: &Timetable) -> Self {
        let week = timetable.week();
        Self {
            planner: Planner::with_week(site, &week),
            week,
            tally: Tally::default(),
            before: Tally::default(),
            harvest: Harvest::default(),
            slot: None,
            asked: None,
            lived: VecDeque::new(),
            advice: None,
            film_before: None,
            story: Arc::default(),
        }
    }

    /// Begins with what the planner had learned. Before the first turn.
    pub(super) fn restore(&mut self, bytes: &[u8]) -> Result<(), SavedError> {
        self.planner.restore(bytes)
    }

    /// Begins with what was kept of the day. Before the first turn.
    pub(super) fn remember(&mut self, day: Day) {
        self.harvest = day.harvest;
        self.lived = day.lived.into();
        self.film_before = day.film;
    }

    /// To be kept: what the planner has learned.
    pub(super) fn save(&self) -> Option<Vec<u8>> {
        self.planner.save()
    }

    /// To be kept: the day.
    pub(super) fn day(&self) -> Day {
        Day {
            harvest: self.harvest,
            lived: self.lived.iter().copied().collect(),
            film: self.planner.booked().or(self.film_before),
        }
    }

    /// What is told of the day.
    pub(super) fn story(&self) -> Arc<DayStory> {
        Arc::clone(&self.story)
    }

    /// What the planner last said.
    pub(super) const fn advice(&self) -> Option<Advice> {
        self.advice
    }

    /// When it would have a box woken that goes off now.
    pub(super) fn wakes_at(&self) -> Option<LocalTime> {
        self.planner.wakes_at()
    }

    /// A turn. The planner is asked once in each ten minutes, as soon as the charge is known.
    pub(super) fn handle_turn(&mut self, turn: &Turn<'_>) {
        let slot = slot_of(turn.at);
        if let Some(before) = self.slot.filter(|before| *before != slot) {
            self.close(before, slot, turn);
        }
        self.slot = Some(slot);
        let panel = panel_now(turn.reading, turn.state);
        self.tally.add(turn.passed, turn.state, panel);
        if let Some(panel) = panel {
            self.harvest.add(turn.at.day(), turn.passed, panel);
        }
        let fresh = turn.reading.sample_age.is_some_and(|age| age <= STALE);
        if self.asked != Some(slot) && fresh {
            self.ask(slot, turn);
        }
    }

    /// Whether, and until when, a film can be shown.
    pub(super) fn can_show(&self, film: Film) -> FilmAnswer {
        self.planner
            .can_show(film.start, film.minutes, film.projector)
    }

    /// Books a film that can be shown at least in part.
    pub(super) fn book(&mut self, film: Film) -> FilmAnswer {
        let answer = self.planner.book(film);
        self.retell(|story, planning| story.film = planning.film());
        answer
    }

    /// Drops the film that was booked.
    pub(super) fn unbook(&mut self) {
        self.film_before = None;
        self.planner.unbook();
        self.retell(|story, _| story.film = None);
    }

    fn close(&mut self, slot: i64, now: i64, turn: &Turn<'_>) {
        let ended = std::mem::take(&mut self.tally);
        if let Some(from) = slot_start(slot) {
            // A clock that was set back lives some minutes twice: the later life counts.
            self.lived.retain(|lived| lived.from < from);
            self.lived.push_back(Lived {
                from,
                state: ended.ran().unwrap_or(turn.state),
                charge: turn.reading.soc,
                panel: ended.panel(),
            });
        }
        self.lived
            .retain(|lived| (now - REMEMBERED..now).contains(&slot_of(lived.from)));
        // What lies further back than one slot is no observation of the ten minutes before.
        self.before = if now == slot + 1 {
            ended
        } else {
            Tally::default()
        };
    }

    fn ask(&mut self, slot: i64, turn: &Turn<'_>) {
        let (Some(soc), Some(time)) = (turn.reading.soc, slot_start(slot)) else {
            return;
        };
        self.asked = Some(slot);
        if self
            .planner
            .booked()
            .is_some_and(|film| is_over(&film, time))
        {
            self.planner.unbook();
        }
        let advice = self.planner.advise(&Observation {
            time,
            // Where nobody knows the time, any hour may be one of lessons.
            worth: if turn.trusted {
                self.week.worth(time)
            } else {
                Worth::LESSONS
            },
            soc,
            soc_low: turn.reading.band.map(|(low, _)| low),
            panel: self.before.panel(),
            battery: turn.reading.temperature,
            forced_off: false,
            extra: None,
            ran: Some(self.before.ran().unwrap_or(turn.state)),
        });
        self.advice = Some(advice);
        if let Some(film) = self.film_before.take() {
            let _ = self.planner.book(film);
        }
        self.story = Arc::new(self.tell(time, turn.trusted, advice));
    }

    fn tell(&self, time: LocalTime, trusted: bool, advice: Advice) -> DayStory {
        let forecast = self.planner.forecast();
        let expected = forecast.rest_of_day(time);
        DayStory {
            at: Some(time),
            clock_trusted: trusted,
            harvest_today: self.harvest.on(time.day()),
            harvest_expected: Some((expected.mean, expected.sd)),
            advice: Some(advice),
            lived: self.lived.iter().copied().collect(),
            ahead: self.planner.next_day(),
            film: self.film(),
            storage_check: false,
            panel_doubted: forecast.doubts_panel(),
            clock_ahead_min: forecast.clock_ahead_minutes(),
        }
    }

    fn film(&self) -> Option<(Film, FilmAnswer)> {
        self.planner
            .booked()
            .map(|film| (film, self.can_show(film)))
    }

    fn retell(&mut self, change: impl FnOnce(&mut DayStory, &Self)) {
        let mut story = DayStory::clone(&self.story);
        change(&mut story, self);
        story.ahead = self.planner.next_day();
        self.story = Arc::new(story);
    }
}

fn is_over(film: &Film, now: LocalTime) -> bool {
    until(film.start, now) >= Duration::from_secs(u64::from(film.minutes) * 60) && now > film.start
}

#[cfg(test)]
mod tests;
