//! `GET /api/v1/power/day`: what the drawing of the day is made of, so that others can draw it. Pure.

use crate::services::power::DayStory;
use crate::status::day::{BookedFilm, clock, minutes};
use jiff::ToSpan as _;
use jiff::civil::Date;
use power_mgmt::policy::RESERVE_PERCENT;
use power_mgmt::{LocalTime, PowerState};
use serde::Serialize;

/// The whole answer.
#[derive(Debug, Serialize)]
pub(crate) struct PowerDay {
    /// Local time when it was written, `YYYY-MM-DDTHH:MM`; `null` before the first advice, and on mains. It is renewed every ten
    /// minutes of box time.
    at: Option<String>,
    /// `at` comes from a clock that is trusted; else only the distances `from_min` mean something.
    clock_trusted: bool,
    /// Length of each entry, minutes.
    step_min: u8,
    /// Charge that the box never spends by choice, percent.
    reserve_percent: f64,
    /// The last 24 hours, oldest first; what is missing the box was off.
    past: Vec<Past>,
    /// The next 24 hours.
    ahead: Vec<Next>,
    /// As in `/api/v1/status`.
    film: Option<BookedFilm>,
}

/// Ten minutes that were lived.
#[derive(Debug, Serialize)]
struct Past {
    /// Local time of day, `HH:MM`.
    from: String,
    /// The same as minutes from `at`, -1440 to 0.
    from_min: i64,
    /// The state at their end: `off`, `minimal`, `eco`, `full` or `storage`.
    state: PowerState,
    /// Charge at their end, percent, 0 to 100.
    charge_percent: Option<f64>,
    /// Mean power of the panel, W.
    panel_w: Option<f64>,
}

/// Ten minutes to come.
#[derive(Debug, Serialize)]
struct Next {
    /// Local time of day, `HH:MM`.
    from: String,
    /// The same as minutes from `at`, -10 to 1440.
    from_min: i64,
    /// The state planned.
    state: PowerState,
    /// Charge expected at their end, percent.
    charge_percent: f64,
    /// The middle 95 % of it, low and high, percent.
    charge_band_percent: [f64; 2],
    /// What the panel is expected to give, W.
    panel_w: f64,
}

impl PowerDay {
    /// Of a story.
    pub(crate) fn of(story: &DayStory) -> Self {
        let now = story.at.map_or(0, minutes);
        let past = story.lived.iter().map(|lived| Past {
            from: clock(lived.from),
            from_min: minutes(lived.from) - now,
            state: lived.state,
            charge_percent: lived.charge.map(|charge| tenth(charge.percent())),
            panel_w: lived.panel.map(|panel| tenth(panel.get())),
        });
        let ahead = story.ahead.iter().map(|ahead| Next {
            from: clock(ahead.from),
            from_min: minutes(ahead.from) - now,
            state: ahead.state,
            charge_percent: tenth(ahead.charge.percent()),
            charge_band_percent: [ahead.band.0, ahead.band.1].map(|end| tenth(end.percent())),
            panel_w: tenth(ahead.panel.get()),
        });
        Self {
            at: story.at.and_then(date_and_time),
            clock_trusted: story.clock_trusted,
            step_min: 10,
            reserve_percent: RESERVE_PERCENT,
            past: past.collect(),
            ahead: ahead.collect(),
            film: story
                .film
                .as_ref()
                .map(|(film, answer)| BookedFilm::of(film, *answer)),
        }
    }
}

fn date_and_time(time: LocalTime) -> Option<String> {
    let day = Date::constant(1970, 1, 1)
        .checked_add(time.day().days())
        .ok()?;
    Some(format!("{day}T{}", clock(time)))
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::sample::{at, story};

    #[test]
    fn the_first_and_the_last_of_each_side() {
        let mut story = story(at(0, 10 * 60 + 12));
        story.lived = story.lived.into_iter().step_by(60).collect();
        story.ahead = story.ahead.into_iter().step_by(70).collect();
        insta::assert_snapshot!(
            serde_json::to_string_pretty(&PowerDay::of(&story)).unwrap_or_default()
        );
    }

    #[test]
    fn before_the_first_advice_there_is_nothing_to_draw() {
        let told = serde_json::to_value(PowerDay::of(&DayStory::default())).unwrap_or_default();
        assert_eq!(told["at"], serde_json::Value::Null);
        assert_eq!(told["past"].as_array().map(Vec::len), Some(0));
    }
}
