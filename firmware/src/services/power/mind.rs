//! Governor and planning together: what thinks on a blocking thread, and what is kept of it. Pure; time is an argument.

use super::keeping::{Keeping, Kept, Saves};
use super::planning::{Day, Planning, Turn};
use power_mgmt::{
    Advice, BatterySample, Film, FilmAnswer, Governor, LocalTime, PlanReason, PowerState,
};
use std::time::Duration;

/// Below it what was restored is not this battery's, or not as it was left.
const NO_TRUST: f64 = 0.05;

/// One life's thoughts.
#[derive(Debug)]
pub(super) struct Mind {
    pub(super) governor: Governor,
    /// `None` on mains.
    pub(super) planning: Option<Planning>,
    /// What the governor was last told.
    given: Option<Advice>,
    /// The gauge began from a save that has not been doubted.
    restored: bool,
}

/// The moment of a turn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// Box time.
    pub(super) now: Duration,
    /// Since the turn before, box time.
    pub(super) passed: Duration,
    /// Local time; `None` beyond all calendars.
    pub(super) local: Option<LocalTime>,
    /// It comes from a clock that is trusted.
    pub(super) trusted: bool,
}

impl Mind {
    /// Begins from what was kept; what cannot be taken is refused.
    pub(super) fn new(
        governor: Governor,
        planning: Option<Planning>,
        saves: &Saves,
        keeping: Option<&Keeping>,
    ) -> Self {
        let mut mind = Self {
            governor,
            planning,
            given: None,
            restored: false,
        };
        let refuse = |kept, why: &str| {
            if let Some(keeping) = keeping {
                keeping.refuse(kept, why);
            }
        };
        if let Some(bytes) = &saves.gauge {
            match mind.governor.restore_gauge(bytes) {
                Ok(()) => mind.restored = true,
                Err(error) => refuse(Kept::Gauge, &error.to_string()),
            }
        }
        let Some(planning) = &mut mind.planning else {
            return mind;
        };
        if let Some(Err(error)) = saves.plan.as_deref().map(|plan| planning.restore(plan)) {
            refuse(Kept::Plan, &error.to_string());
        }
        match saves.day.as_deref().map(Day::from_bytes) {
            Some(Ok(day)) => planning.remember(day),
            Some(Err(why)) => refuse(Kept::Day, &why),
            None => {}
        }
        mind
    }

    /// A turn of the gauge; whether the planner was asked anew.
    pub(super) fn handle_turn(&mut self, sample: Option<&BatterySample>, moment: &Moment) -> bool {
        match sample {
            Some(sample) => self.governor.handle_sample(sample, moment.now),
            None => self.governor.handle_sample_missing(moment.now),
        }
        let (Some(planning), Some(at)) = (&mut self.planning, moment.local) else {
            return false;
        };
        let asked = planning.advice().map(|advice| advice.at);
        planning.handle_turn(&Turn {
            at,
            trusted: moment.trusted,
            passed: moment.passed,
            reading: &self.governor.reading(moment.now),
            state: self.governor.state(),
        });
        planning.advice().map(|advice| advice.at) != asked
    }

    /// Hands the advice to the governor, unless it has it.
    pub(super) fn give(&mut self, advice: Advice, now: Duration) {
        if self.given != Some(advice) {
            self.given = Some(advice);
            self.governor.handle_advice(&advice, now);
        }
    }

    /// `Minimal` until further advice, from the first sample on.
    pub(super) fn keep_low(&mut self, at: LocalTime, now: Duration) {
        let low = Advice {
            at,
            state: PowerState::Minimal,
            until: None,
            reason: PlanReason::Balanced,
            charge_tablets: false,
        };
        self.give(low, now);
    }

    /// Whether a film can be shown; never on mains, where nothing is planned.
    pub(super) fn can_show(&self, film: Film) -> FilmAnswer {
        let planning = self.planning.as_ref();
        planning.map_or(FilmAnswer::NotToday, |planning| planning.can_show(film))
    }

    /// Books it.
    pub(super) fn book(&mut self, film: Film) -> FilmAnswer {
        let planning = self.planning.as_mut();
        planning.map_or(FilmAnswer::NotToday, |planning| planning.book(film))
    }

    /// Drops the film that was booked.
    pub(super) fn unbook(&mut self) {
        if let Some(planning) = &mut self.planning {
            planning.unbook();
        }
    }

    /// What is worth keeping. What was learned by a clock that nobody trusts is not: its hours are not the school's.
    pub(super) fn saves(&self, clock_trusted: bool) -> Saves {
        let planning = self.planning.as_ref();
        Saves {
            gauge: self.governor.saved_gauge(),
            plan: planning.filter(|_| clock_trusted).and_then(Planning::save),
            day: planning.and_then(|planning| planning.day().to_bytes()),
        }
    }

    /// True once, when the samples have shown that what was restored is not so.
    pub(super) fn has_lost_trust(&mut self) -> bool {
        let lost = self.restored
            && (self.governor.trust_in_saved_gauge()).is_some_and(|trust| trust < NO_TRUST);
        self.restored &= !lost;
        lost
    }
}
