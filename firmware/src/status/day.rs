//! The plan of the day and the film that is booked, as programs see them. Pure: a [`DayStory`] in, facts out.

use crate::services::power::DayStory;
use power_mgmt::policy::RESERVE_PERCENT;
use power_mgmt::units::StateOfCharge;
use power_mgmt::{Ahead, Film, FilmAnswer, LocalTime, PowerState};
use serde::{Deserialize, Serialize};

/// Minutes of one entry of the plan.
const STEP_MIN: i64 = 10;

/// What the planner wants with the next 24 hours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DayPlan {
    /// The state advised now: `off`, `minimal`, `eco` or `full`.
    pub state: PowerState,
    /// Local time of day, `HH:MM`, at which the plan leaves it; `None`: not today.
    pub until: Option<String>,
    /// Why, in a word of the planner: `pack_cut`, `reserve`, `thresholds`, `plenty`, `film`, `saves_for`, `balanced`.
    pub reason: String,
    /// The same as an English sentence, for technicians.
    pub text: String,
    /// Tablets may be charged: the sun gives more than the lessons need.
    pub charge_tablets: bool,
    /// The times of day come from a clock that is trusted; else only their distances mean something.
    pub clock_trusted: bool,
    /// Minutes from now until the first planned `off`, or until the low end of the charge expected reaches the reserve of 10 %,
    /// whichever is first; `None`: neither happens within `covers_min`. Where the gauge knows less than the planner believes, the low
    /// end lies lower by as much.
    pub teaches_min: Option<u64>,
    /// Minutes from now that the plan covers, 0 to 1440.
    pub covers_min: u64,
    /// The states planned, one block for each change, the present one first.
    pub blocks: Vec<PlanBlock>,
}

/// A stretch of the plan in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanBlock {
    /// Local time of day at which it begins, `HH:MM`.
    pub from: String,
    /// The same as minutes from now, 0 to 1440.
    pub in_min: u64,
    /// The state planned.
    pub state: PowerState,
}

/// The film that is booked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BookedFilm {
    /// Local time of day at which it begins, `HH:MM`.
    pub start: String,
    /// How long it is, minutes.
    pub minutes: u16,
    /// What the projector draws, W.
    pub projector_w: f64,
    /// `yes`, `until`, `no` or `not_today`: whether it can be shown as things stand now.
    pub answer: String,
    /// With `until`: local time of day, `HH:MM`.
    pub until: Option<String>,
}

impl DayPlan {
    /// Of a story, `since` minutes after it was written, with the low end of the gauge's band; `None` before the first advice.
    #[must_use]
    pub fn of(story: &DayStory, since: u64, low: Option<StateOfCharge>) -> Option<Self> {
        let advice = story.advice?;
        let now = minutes(story.at.unwrap_or(advice.at)) + i64::try_from(since).unwrap_or(0);
        let from_now = |time: LocalTime| u64::try_from(minutes(time) - now).unwrap_or(0);
        let end = story.ahead.last();
        let doubt = doubt(story, low);
        Some(Self {
            state: advice.state,
            until: advice.until.map(clock),
            reason: advice.reason.as_str().to_owned(),
            text: advice.to_string(),
            charge_tablets: advice.charge_tablets,
            clock_trusted: story.clock_trusted,
            teaches_min: story
                .ahead
                .iter()
                .find(|slot| ends(slot, doubt))
                .map(|slot| from_now(slot.from)),
            covers_min: end.map_or(0, |slot| {
                u64::try_from(minutes(slot.from) + STEP_MIN - now).unwrap_or(0)
            }),
            blocks: blocks(&story.ahead, from_now),
        })
    }
}

/// A clock that is farther off than this is told: nobody's time zone is.
const CLOCK_FAR_OFF_MIN: i32 = 150;

/// What the sun says against what the box is told: a line each, what, and what to do.
#[must_use]
pub(crate) fn doubts(story: &DayStory) -> Vec<String> {
    let panel = story.panel_doubted.then(|| {
        "the panel is said to give power at night: see to the charger's cable; until then nothing is learned of the sun".to_owned()
    });
    let ahead = story.clock_ahead_min;
    let way = if ahead > 0 { "ahead of" } else { "behind" };
    let clock = (ahead.abs() >= CLOCK_FAR_OFF_MIN).then(|| {
        format!(
            "the clock is some {} h {way} the sun: set it, or give the right site.utc_offset_min; the plan goes by the sun",
            (ahead.abs() + 30) / 60
        )
    });
    panel.into_iter().chain(clock).collect()
}

/// By how much the gauge's low end lies below where the plan begins, percent points.
fn doubt(story: &DayStory, low: Option<StateOfCharge>) -> f64 {
    let begins = story.ahead.first().map(|slot| slot.band.0.percent());
    let more = begins.zip(low).map(|(begins, low)| begins - low.percent());
    more.unwrap_or(0.0).max(0.0)
}

/// Nobody is promised a lesson in this slot.
fn ends(slot: &Ahead, doubt: f64) -> bool {
    slot.state.is_power_off() || slot.band.0.percent() - doubt <= RESERVE_PERCENT
}

fn blocks(ahead: &[Ahead], from_now: impl Fn(LocalTime) -> u64) -> Vec<PlanBlock> {
    let runs = ahead.chunk_by(|one, next| one.state == next.state);
    let first = runs.filter_map(<[Ahead]>::first);
    first
        .map(|slot| PlanBlock {
            from: clock(slot.from),
            in_min: from_now(slot.from),
            state: slot.state,
        })
        .collect()
}

impl BookedFilm {
    /// Of a film and the planner's answer.
    #[must_use]
    pub fn of(film: &Film, answer: FilmAnswer) -> Self {
        let (answer, until) = match answer {
            FilmAnswer::Yes => ("yes", None),
            FilmAnswer::Until(time) => ("until", Some(clock(time))),
            FilmAnswer::No => ("no", None),
            FilmAnswer::NotToday => ("not_today", None),
        };
        Self {
            start: clock(film.start),
            minutes: film.minutes,
            projector_w: film.projector.get(),
            answer: answer.to_owned(),
            until,
        }
    }
}

/// Minutes since 1970, local.
#[must_use]
pub(crate) fn minutes(time: LocalTime) -> i64 {
    time.day() * 1440 + i64::from(time.minute())
}

/// `HH:MM`.
#[must_use]
pub(crate) fn clock(time: LocalTime) -> String {
    format!("{:02}:{:02}", time.minute() / 60, time.minute() % 60)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::status::sample::{at, story};

    #[test]
    fn the_sun_is_believed_before_the_clock_and_a_panel_at_night_is_not() {
        let told = |panel_doubted, clock_ahead_min| {
            doubts(&DayStory {
                panel_doubted,
                clock_ahead_min,
                ..DayStory::default()
            })
        };
        assert_eq!(told(false, 0), [""; 0]);
        // Western ends of wide time zones.
        assert_eq!(told(false, 149), [""; 0]);
        assert!(told(false, 180)[0].starts_with("the clock is some 3 h ahead of the sun: set it"));
        assert!(told(false, -700)[0].starts_with("the clock is some 12 h behind the sun"));
        assert!(told(true, 0)[0].starts_with("the panel is said to give power at night"));
    }

    #[test]
    fn the_plan_teaches_until_it_switches_off_or_its_low_end_meets_the_reserve() {
        let whole = story(at(0, 600));
        let teaches = |story: &DayStory, low: f64| {
            let plan = DayPlan::of(story, 3, StateOfCharge::from_percent(low)).unwrap();
            (plan.teaches_min, plan.covers_min)
        };
        assert_eq!(teaches(&whole, 100.0), (None, 1_437));
        let mut off = whole.clone();
        off.ahead[66].state = PowerState::Off;
        assert_eq!(teaches(&off, 100.0), (Some(657), 1_437));
        let mut low = whole.clone();
        low.ahead[30].band.0 = StateOfCharge::from_percent(9.9).unwrap();
        assert_eq!(teaches(&low, 100.0), (Some(297), 1_437));
        // A gauge that knows little takes the plan's low end down with it.
        assert_eq!(teaches(&whole, 8.0).0, Some(0));
        assert!(teaches(&whole, 14.0).0.is_some_and(|minutes| minutes > 0));
    }

    #[test]
    fn the_blocks_of_a_day() {
        let plan = DayPlan::of(&story(at(0, 600)), 0, None).unwrap();
        let told: Vec<String> = plan
            .blocks
            .iter()
            .map(|block| format!("{} {} {}", block.from, block.in_min, block.state))
            .collect();
        let day = [
            "10:00 0 eco",
            "14:00 240 full",
            "17:00 420 eco",
            "21:00 660 minimal",
            "07:00 1260 full",
        ];
        assert_eq!(told, day);
        assert_eq!(
            (plan.until.as_deref(), plan.reason.as_str()),
            (Some("14:00"), "saves_for")
        );
        assert_eq!(DayPlan::of(&DayStory::default(), 0, None), None);
    }
}
