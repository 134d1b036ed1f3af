#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::config::Place;
use power_mgmt::units::{Celsius, StateOfCharge, WattHours, Watts};

/// Monday, the second of March 2026.
const MONDAY: i64 = 20_514;
const MINUTE: Duration = Duration::from_secs(60);

fn planning() -> Planning {
    let timetable = Timetable::default();
    let site = Place::default()
        .site(WattHours::new(256.0).unwrap(), &timetable)
        .unwrap();
    Planning::new(site, &timetable)
}

/// Minutes since Monday's midnight.
fn at(minute: i64) -> LocalTime {
    let of_the_day = u16::try_from(minute.rem_euclid(1440)).unwrap();
    LocalTime::new(MONDAY + minute.div_euclid(1440), of_the_day).unwrap()
}

fn reading(charge: f64, solar_w: f64) -> Reading {
    let percent = |p: f64| StateOfCharge::from_percent(p.clamp(0.0, 100.0)).unwrap();
    Reading {
        soc: Some(percent(charge)),
        band: Some((percent(charge - 4.0), percent(charge + 4.0))),
        solar: Watts::new(solar_w),
        temperature: Celsius::new(25.0),
        sample_age: Some(Duration::ZERO),
        ..Reading::UNKNOWN
    }
}

/// A turn a minute from one minute of the week to another.
fn live(planning: &mut Planning, minutes: std::ops::Range<i64>, reading: &Reading) {
    for minute in minutes {
        planning.handle_turn(&Turn {
            at: at(minute),
            trusted: true,
            passed: MINUTE,
            reading,
            state: PowerState::Eco,
        });
    }
}

#[test]
fn the_planner_is_asked_at_once_and_then_every_ten_minutes() {
    let mut planning = planning();
    let asked = |planning: &Planning| planning.advice().map(|advice| advice.at);
    live(&mut planning, 485..486, &Reading::UNKNOWN);
    assert_eq!(
        asked(&planning),
        None,
        "without a charge there is no observation"
    );
    live(&mut planning, 487..490, &reading(80.0, 30.0));
    assert_eq!(asked(&planning), Some(at(480)));
    live(&mut planning, 490..491, &reading(80.0, 30.0));
    assert_eq!(asked(&planning), Some(at(490)));
    // The gauge falls silent: what it said a while ago is no observation.
    let old = Reading {
        sample_age: Some(Duration::from_secs(301)),
        ..reading(80.0, 30.0)
    };
    live(&mut planning, 491..530, &old);
    assert_eq!(asked(&planning), Some(at(490)));
    live(&mut planning, 530..531, &reading(80.0, 30.0));
    assert_eq!(asked(&planning), Some(at(530)));
}

#[test]
fn the_story_tells_the_day_behind_and_the_day_ahead() {
    let mut planning = planning();
    live(&mut planning, 480..611, &reading(80.0, 30.0));
    let story = planning.story();
    assert_eq!(story.at, Some(at(610)));
    assert!(story.clock_trusted && !story.storage_check);
    // Two hours and ten minutes at 30 W.
    let harvest = story.harvest_today.unwrap().get();
    assert!((harvest - 65.5).abs() < 0.6, "{harvest}");
    let (expected, sd) = story.harvest_expected.unwrap();
    assert!(expected.get() > 10.0 && sd.get() > 0.0);
    assert_eq!(story.lived.len(), 13);
    let first = story.lived[0];
    assert_eq!((first.from, first.state), (at(480), PowerState::Eco));
    assert_eq!(first.panel, Watts::new(30.0));
    assert_eq!(first.charge, StateOfCharge::from_percent(80.0));
    assert!(!story.ahead.is_empty() && story.ahead[0].from >= at(610));
    assert_eq!(story.advice.unwrap().at, at(610));
}

#[test]
fn a_day_is_remembered_and_midnight_begins_a_new_harvest() {
    let mut planning = planning();
    live(&mut planning, 600..600 + 26 * 60, &reading(90.0, 12.0));
    let story = planning.story();
    assert_eq!(story.lived.len(), 144);
    assert_eq!(story.lived[0].from, at(600 + 110));
    // From midnight to noon at 12 W; told at the last ten minutes.
    let harvest = story.harvest_today.unwrap().get();
    assert!((harvest - 142.2).abs() < 0.3, "{harvest}");
}

#[test]
fn a_clock_that_jumps_costs_no_more_than_the_minutes_it_hides() {
    let mut planning = planning();
    live(&mut planning, 480..520, &reading(80.0, 30.0));
    // Set back by half an hour: those minutes are lived again.
    live(&mut planning, 490..531, &reading(80.0, 30.0));
    let from: Vec<LocalTime> = planning
        .story()
        .lived
        .iter()
        .map(|lived| lived.from)
        .collect();
    assert_eq!(from, [480, 490, 500, 510, 520].map(at));
    // Set on by a week, and back by ten years.
    live(&mut planning, 10_500..10_502, &reading(80.0, 30.0));
    assert_eq!(planning.story().lived, []);
    live(&mut planning, -5_000_000..-4_999_998, &reading(80.0, 30.0));
    assert_eq!(planning.story().at, Some(at(-5_000_000)));
}

#[test]
fn a_film_is_booked_told_and_forgotten_when_it_is_over() {
    let mut planning = planning();
    let film = |start: i64| Film {
        start: at(start),
        minutes: 60,
        projector: Watts::new(40.0).unwrap(),
    };
    assert_eq!(
        planning.book(film(840)),
        FilmAnswer::NotToday,
        "no plan yet"
    );
    assert_eq!(planning.story().film, None);
    live(&mut planning, 700..701, &reading(95.0, 40.0));
    assert_eq!(planning.can_show(film(840)), FilmAnswer::Yes);
    assert_eq!(planning.story().film, None, "a question books nothing");
    assert_eq!(planning.book(film(840)), FilmAnswer::Yes);
    assert_eq!(planning.story().film, Some((film(840), FilmAnswer::Yes)));
    assert_eq!(planning.book(film(500)), FilmAnswer::NotToday);
    assert_eq!(
        planning.story().film.unwrap().0,
        film(840),
        "the first one stands"
    );
    planning.unbook();
    assert_eq!(planning.story().film, None);

    let _ = planning.book(film(840));
    live(&mut planning, 890..891, &reading(95.0, 40.0));
    assert!(planning.story().film.is_some(), "it still runs");
    live(&mut planning, 900..901, &reading(95.0, 40.0));
    assert_eq!(planning.story().film, None);
}

#[test]
fn a_day_goes_on_after_a_restart() {
    let mut before = planning();
    live(&mut before, 480..611, &reading(80.0, 30.0));
    let _ = before.book(Film {
        start: at(700),
        minutes: 30,
        projector: Watts::ZERO,
    });
    let mut after = planning();
    after.remember(before.day());
    live(&mut after, 612..621, &reading(80.0, 30.0));
    let (old, new) = (before.story(), after.story());
    assert!(new.harvest_today.unwrap() > old.harvest_today.unwrap());
    assert_eq!(new.lived[..13], old.lived[..]);
    assert_eq!(
        new.lived.len(),
        14,
        "the ten minutes of the restart count once"
    );
    assert_eq!(new.film.unwrap().0.start, at(700));
}

#[test]
fn without_a_trusted_clock_every_hour_may_be_a_lesson() {
    let night = |trusted| {
        let mut planning = planning();
        planning.handle_turn(&Turn {
            at: at(120),
            trusted,
            passed: MINUTE,
            reading: &reading(60.0, 0.0),
            state: PowerState::Minimal,
        });
        let story = planning.story();
        assert_eq!(story.clock_trusted, trusted);
        story.advice.unwrap().state
    };
    assert!(
        night(false) > night(true),
        "{:?} {:?}",
        night(false),
        night(true)
    );
}
