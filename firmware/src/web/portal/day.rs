//! The page of the sun and the plan of the day: the drawing, the same in words and numbers, and the question for a film.

use super::energy::Energy;
use super::film::{Asked, FilmTalk, now_of};
use super::state::Row;
use super::{Frame, Reader, power_chart, rendered};
use crate::services::power::{DayStory, Lived};
use crate::status::Status;
use crate::status::day::{clock, minutes};
use crate::web::texts::{Value, Words};
use askama::Template;
use power_mgmt::{Advice, LocalTime, PlanReason, PowerState};

/// What the page is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day<'a> {
    pub(crate) status: &'a Status,
    pub(crate) story: &'a DayStory,
    /// Minutes since the story was written.
    pub(crate) age: u64,
    /// The question that was asked with this very request.
    pub(crate) asked: Option<Asked>,
}

#[derive(Template)]
#[template(path = "day.html")]
struct DayPage<'a> {
    frame: Frame<'a>,
    headline: String,
    notices: Vec<String>,
    chart: Option<String>,
    /// The plan in sentences.
    plan: Vec<String>,
    ahead: Vec<Row>,
    sun: Vec<String>,
    past: Vec<Row>,
    /// `None` where there is no plan to ask.
    film: Option<FilmTalk>,
}

/// Pure: the page as text.
pub(crate) fn html(reader: &Reader<'_>, day: &Day<'_>) -> String {
    let words = &reader.words;
    let energy = Energy::of(day.status);
    let headline = energy.headline(words);
    let planned = day.story.advice.filter(|_| !day.status.battery.on_mains);
    let plan = match &planned {
        _ if day.status.battery.on_mains => Vec::new(),
        None => vec![words.text("plan-none")],
        Some(advice) => sentences(advice, day, words),
    };
    let told = [words.text("chart-name"), headline.clone(), plan.join(" ")].join(" ");
    let now = now_of(day.story, day.age);
    rendered(&DayPage {
        chart: power_chart::svg(day.story, words, told.trim_end()),
        ahead: ahead(day.story, words),
        past: past(day.story, words),
        sun: sun(day, words),
        film: planned
            .and(now)
            .map(|now| FilmTalk::of(day.story, now, day.asked, words)),
        // The plan says what the box saves, and for what.
        notices: match planned {
            Some(_) => reader.forgets().into_iter().collect(),
            None => reader.notices(&energy),
        },
        headline,
        plan,
        frame: Frame::new(reader, "/sun"),
    })
}

/// "The box saves energy until 14:00. So the evening class has light." What is in force is told: the plan may wait, for people or for
/// the box to have looked at its battery, and then only the rows below tell it.
fn sentences(advice: &Advice, day: &Day<'_>, words: &Words<'_>) -> Vec<String> {
    let power = &day.status.power;
    let (still, until) = match power.state {
        PowerState::Full => ("plan-full", "plan-full-until"),
        PowerState::Eco => ("plan-eco", "plan-eco-until"),
        PowerState::Minimal => ("plan-minimal", "plan-minimal-until"),
        PowerState::Off | PowerState::Storage => ("plan-off", "plan-off-until"),
    };
    let followed = power.state == advice.state;
    let end = advice
        .until
        .filter(|_| followed && day.story.clock_trusted)
        .map(|until| first_change(day.story).unwrap_or(until));
    let state = match end {
        Some(time) => words.say(until, &[("time", Value::Ready(clock(time)))]),
        None => words.text(still),
    };
    let reason = followed.then(|| words.text(why(advice)));
    let tablets = match power.usb_charging {
        true => Some("tablets-yes"),
        false if power.state.is_power_off() => None,
        false => Some("tablets-no"),
    };
    std::iter::once(state)
        .chain(reason)
        .chain(tablets.map(|tablets| words.text(tablets)))
        .collect()
}

/// Where the first row of the plan ends: the sentence above it says the same.
fn first_change(story: &DayStory) -> Option<LocalTime> {
    let now = story.ahead.first()?.state;
    let change = story.ahead.iter().find(|slot| slot.state != now)?;
    Some(change.from)
}

fn why(advice: &Advice) -> &'static str {
    match advice.reason {
        PlanReason::PackCut => "why-pack-cut",
        PlanReason::Reserve => "why-reserve",
        PlanReason::Thresholds => "why-thresholds",
        PlanReason::Plenty => "why-plenty",
        PlanReason::Balanced => "why-balanced",
        PlanReason::Film => "why-film",
        PlanReason::SavesFor(occasion) if occasion.film => "why-for-film",
        PlanReason::SavesFor(occasion) => {
            match (occasion.start.day() - advice.at.day(), occasion.evening) {
                (0, true) => "why-evening-today",
                (0, false) => "why-lessons-today",
                (1, true) => "why-evening-tomorrow",
                (1, false) => "why-lessons-tomorrow",
                (_, _) => "why-next-day",
            }
        }
    }
}

/// What the panel has given and will give.
fn sun(day: &Day<'_>, words: &Words<'_>) -> Vec<String> {
    let status = day.status;
    let today = match status.power.harvest_today_wh {
        Some(energy) => words.say("sun-today", &[("energy", whole(energy))]),
        None => words.text("sun-today-none"),
    };
    let expected = status
        .power
        .harvest_expected_wh
        .filter(|[_, high]| day.story.clock_trusted && *high >= 1.0);
    let expected = expected.map(|[low, high]| {
        words.say(
            "sun-expected",
            &[("low", whole(low)), ("high", whole(high))],
        )
    });
    std::iter::once(today).chain(expected).collect()
}

/// The plan as a table: one row for each change.
fn ahead(story: &DayStory, words: &Words<'_>) -> Vec<Row> {
    let runs = story.ahead.chunk_by(|one, next| one.state == next.state);
    runs.filter_map(|run| {
        let (first, last) = (run.first()?, run.last()?);
        let value = [
            words.text(state_word(first.state)),
            battery(last.charge.percent(), words),
        ];
        row(story, (first.from, last.from), value.join(" · "), words)
    })
    .collect()
}

/// The last 24 hours as a table, cut at 0, 6, 12 and 18 hours.
fn past(story: &DayStory, words: &Words<'_>) -> Vec<Row> {
    let quarter = |lived: &Lived| minutes(lived.from).div_euclid(360);
    let runs = story
        .lived
        .chunk_by(|one, next| quarter(one) == quarter(next));
    runs.filter_map(|run| {
        let (first, last) = (run.first()?, run.last()?);
        let charge = run.iter().rev().find_map(|lived| lived.charge);
        let heard = run.iter().filter_map(|lived| lived.panel);
        let energy = heard.map(|panel| panel.get().max(0.0) / 6.0).sum::<f64>();
        let value: Vec<String> = charge
            .map(|charge| battery(charge.percent(), words))
            .into_iter()
            .chain((energy >= 0.5).then(|| words.say("day-sun", &[("energy", whole(energy))])))
            .collect();
        row(story, (first.from, last.from), value.join(" · "), words)
    })
    .collect()
}

/// A row for the ten minutes from the first to the last of a span.
fn row(
    story: &DayStory,
    (first, last): (LocalTime, LocalTime),
    value: String,
    words: &Words<'_>,
) -> Option<Row> {
    let end = minutes(last) + 10;
    let name = if story.clock_trusted {
        let end = format!("{:02}:{:02}", end.rem_euclid(1440) / 60, end.rem_euclid(60));
        words.digits(&format!("{} – {end}", clock(first)))
    } else {
        relative(
            minutes(first) - minutes(story.at?),
            end - minutes(story.at?),
            words,
        )?
    };
    Some(Row {
        name,
        value,
        exact: false,
    })
}

/// In whole hours from now; `None` for a span of less than one.
fn relative(from: i64, to: i64, words: &Words<'_>) -> Option<String> {
    let hours = |minutes: i64| Value::Count(((minutes.abs() + 30) / 60).unsigned_abs());
    let ((near, far), key) = if to <= 0 {
        ((to, from), "day-ago")
    } else {
        ((from, to), "day-ahead")
    };
    let (near, far) = (hours(near), hours(far));
    (near != far).then(|| words.say(key, &[("from", near), ("to", far)]))
}

fn battery(percent: f64, words: &Words<'_>) -> String {
    words.say("day-battery", &[("percent", whole(percent))])
}

fn state_word(state: PowerState) -> &'static str {
    match state {
        PowerState::Full => "day-full",
        PowerState::Eco => "day-eco",
        PowerState::Minimal => "day-minimal",
        PowerState::Off | PowerState::Storage => "day-off",
    }
}

fn whole(value: f64) -> Value {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "held within a battery's bounds just before"
    )]
    let whole = value.clamp(0.0, 1e6).round() as u64;
    Value::Count(whole)
}

#[cfg(test)]
mod tests;
