#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::status::sample::{at, story};
use crate::web::texts::Languages;

/// Bytes that the drawing may have.
const BUDGET: usize = 8_000;

fn drawn(tag: &str, story: &DayStory) -> String {
    let languages = Languages::load();
    let words = languages.choose(Some(tag), "");
    svg(story, &words, "The day & the \"plan\"").unwrap()
}

/// One element a line, to be read.
fn lines(svg: &str) -> String {
    svg.replace("><", ">\n<")
}

#[test]
fn a_day_in_english_and_in_arabic() {
    let story = story(at(0, 10 * 60 + 12));
    insta::assert_snapshot!("chart-en", lines(&drawn("en", &story)));
    insta::assert_snapshot!("chart-ar", lines(&drawn("ar", &story)));
}

#[test]
fn without_a_clock_the_hours_are_counted_from_now() {
    let mut story = story(at(0, 10 * 60 + 12));
    story.clock_trusted = false;
    let svg = drawn("en", &story);
    let labels: Vec<&str> = svg
        .split("y=\"214\">")
        .skip(1)
        .filter_map(|rest| rest.split('<').next())
        .collect();
    assert_eq!(labels, ["-18", "-12", "-6", "0", "+6", "+12", "+18"]);
}

/// The mirror image and nothing else: the same number of points, each on the other side.
#[test]
fn in_arabic_time_runs_from_right_to_left() {
    let story = story(at(0, 10 * 60 + 12));
    let now = |svg: &str| {
        let place = svg.split("class=\"now\" d=\"M").nth(1).unwrap();
        place.split(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let first = |svg: &str| {
        let place = svg.split("class=\"was\" d=\"M").nth(1).unwrap();
        place.split(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let (english, arabic) = (drawn("en", &story), drawn("ar", &story));
    assert!((now(&english) + now(&arabic) - WIDTH).abs() < 0.2);
    assert!((first(&english) + first(&arabic) - WIDTH).abs() < 0.2);
    assert!(first(&english) < now(&english) && first(&arabic) > now(&arabic));
    assert!(arabic.contains("الآن") && arabic.contains("١٨"), "{arabic}");
}

#[test]
fn the_dearest_day_stays_within_its_weight() {
    let mut story = story(at(0, 10 * 60 + 10));
    for (place, lived) in story.lived.iter_mut().enumerate() {
        lived.state = PowerState::ALL[(place / 3) % 4 + 1];
        lived.panel = power_mgmt::units::Watts::new((place % 17) as f64 * 3.3);
    }
    for (place, ahead) in story.ahead.iter_mut().enumerate() {
        ahead.state = PowerState::ALL[(place / 3) % 4 + 1];
    }
    let svg = drawn("ar", &story);
    assert!(svg.len() <= BUDGET, "{} bytes", svg.len());
    assert!(svg.contains("&amp; the &quot;plan&quot;"));
}

#[test]
fn an_empty_story_is_no_drawing_and_half_a_story_is_half_a_drawing() {
    let languages = Languages::load();
    let words = languages.choose(Some("en"), "");
    assert_eq!(svg(&DayStory::default(), &words, ""), None);
    let whole = story(at(0, 10 * 60 + 10));
    let mut without_past = whole.clone();
    without_past.lived.clear();
    let drawn = svg(&without_past, &words, "").unwrap();
    assert!(!drawn.contains("class=\"was\"") && drawn.contains("class=\"will\""));
    let mut without_future = whole;
    without_future.ahead.clear();
    let drawn = svg(&without_future, &words, "").unwrap();
    assert!(drawn.contains("class=\"was\"") && !drawn.contains("class=\"will\""));
}

/// An hour that the box was off is a gap in the line, not a stroke across it.
#[test]
fn what_was_not_lived_is_not_drawn() {
    let whole = story(at(0, 10 * 60 + 10));
    let pieces = |story: &DayStory| {
        let svg = drawn("en", story);
        let line = svg.split("class=\"was\" d=\"").nth(1).unwrap();
        line.split('"').next().unwrap().matches('M').count()
    };
    assert_eq!(pieces(&whole), 2);
    let mut awake = whole;
    awake.lived.retain(|lived| lived.from >= at(0, 180));
    assert_eq!(pieces(&awake), 1);
}
