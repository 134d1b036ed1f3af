#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::status::sample::{at, planned, story};
use crate::web::portal::film::Question;
use crate::web::portal::tests::{reader, without_style};
use crate::web::texts::Languages;
use power_mgmt::units::Watts;
use power_mgmt::{Film, FilmAnswer};
use std::fmt::Write as _;

fn morning() -> (Status, DayStory) {
    (planned(), story(at(0, 11 * 60 + 30)))
}

fn page(tag: &str, status: &Status, story: &DayStory, asked: Option<Asked>) -> String {
    let languages = Languages::load();
    let day = Day {
        status,
        story,
        age: 2,
        asked,
    };
    without_style(&html(&reader(&languages, tag), &day))
}

const QUESTION: Question = Question {
    start: 14 * 60,
    minutes: 90,
};

fn asked(answer: Option<FilmAnswer>) -> Option<Asked> {
    Some(Asked {
        question: QUESTION,
        answer,
    })
}

#[test]
fn the_page_in_english_and_arabic() {
    let (status, story) = morning();
    let plain = page("en", &status, &story, None);
    insta::assert_snapshot!("day-en", plain);
    let answered = page("ar", &status, &story, asked(Some(FilmAnswer::Yes)));
    insta::assert_snapshot!("day-ar", answered);
}

/// Every reason with every state, in every language: the sentences as one golden file.
#[test]
fn every_plan_in_sentences() {
    use power_mgmt::plan::Occasion;
    let languages = Languages::load();
    let now = at(0, 600);
    let saves = |day, evening| {
        PlanReason::SavesFor(Occasion {
            start: at(day, 1_080),
            evening,
            film: false,
        })
    };
    let mut table = String::new();
    for tag in ["ar", "en", "es", "fr", "uk"] {
        let words = languages.choose(Some(tag), "");
        for (state, until, reason, charge_tablets) in [
            (PowerState::Full, None, PlanReason::Plenty, true),
            (
                PowerState::Full,
                Some(at(0, 990)),
                PlanReason::Balanced,
                false,
            ),
            (PowerState::Eco, Some(at(0, 840)), saves(0, true), false),
            (PowerState::Eco, None, saves(0, false), true),
            (PowerState::Minimal, Some(at(0, 840)), saves(1, true), false),
            (PowerState::Minimal, None, saves(1, false), false),
            (PowerState::Minimal, None, saves(3, false), false),
            (
                PowerState::Eco,
                Some(at(0, 840)),
                PlanReason::SavesFor(Occasion {
                    start: at(0, 840),
                    evening: false,
                    film: true,
                }),
                false,
            ),
            (PowerState::Full, Some(at(0, 930)), PlanReason::Film, false),
            (
                PowerState::Off,
                Some(at(0, 840)),
                PlanReason::Reserve,
                false,
            ),
            (PowerState::Off, None, PlanReason::PackCut, false),
            (PowerState::Eco, None, PlanReason::Thresholds, false),
        ] {
            let advice = Advice {
                at: now,
                state,
                until,
                reason,
                charge_tablets,
            };
            let (mut status, mut story) = morning();
            story.ahead.clear();
            (status.power.state, status.power.usb_charging) = (state, charge_tablets);
            let day = Day {
                status: &status,
                story: &story,
                age: 0,
                asked: None,
            };
            let told = sentences(&advice, &day, &words).join(" ");
            writeln!(table, "{tag} {told}").unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

/// The planner's own `until` looks further than the sky expected: the page says what its rows say.
#[test]
fn the_sentence_ends_where_the_first_row_ends() {
    let (status, mut story) = morning();
    story.advice.as_mut().unwrap().until = Some(at(0, 14 * 60 + 30));
    let told = page("en", &status, &story, None);
    assert!(
        told.contains("until 14:00") && told.contains("11:30 – 14:00"),
        "{told}"
    );
    assert!(!told.contains("until 14:30"), "{told}");
}

/// A plan that waits for people to go is no description of the box.
#[test]
fn what_is_in_force_is_told_and_not_what_the_plan_would_have() {
    let (mut status, mut story) = morning();
    status.power.state = PowerState::Minimal;
    let told = page("en", &status, &story, None);
    assert!(
        told.contains("<p>Only a few screens can learn.</p>"),
        "{told}"
    );
    assert!(!told.contains("So the evening class has light."), "{told}");
    story.clock_trusted = false;
    status.power.state = PowerState::Eco;
    let told = page("en", &status, &story, None);
    assert!(told.contains("<p>The box saves energy.</p>") && told.contains("evening class"));
}

#[test]
fn every_answer_about_a_film() {
    let (status, mut story) = morning();
    let words = |html: &str| {
        let film = html.split("id=\"films\"").nth(1).unwrap();
        film.split("</section>").next().unwrap().to_owned()
    };
    let told = |story: &DayStory, answer| words(&page("en", &status, story, asked(answer)));
    let yes = told(&story, Some(FilmAnswer::Yes));
    assert!(yes.contains("Yes, 90 minutes at 14:00.") && yes.contains("Keep light"));
    let until = told(&story, Some(FilmAnswer::Until(at(0, 910))));
    assert!(until.contains("Only until 15:10.") && until.contains("Keep light"));
    for (answer, text) in [
        (
            Some(FilmAnswer::No),
            "Not today. The lessons need the light.",
        ),
        (Some(FilmAnswer::NotToday), "That does not fit into today."),
        (None, "The box did not answer."),
    ] {
        let told = told(&story, answer);
        assert!(
            told.contains(text) && !told.contains("Keep light"),
            "{told}"
        );
    }
    let film = Film {
        start: at(0, 840),
        minutes: 90,
        projector: Watts::new(60.0).unwrap(),
    };
    story.film = Some((film, FilmAnswer::Yes));
    let booked = told(&story, None);
    assert!(booked.contains("The box keeps light for a film: 90 minutes at 14:00."));
    assert!(
        booked.contains("We need no film") && !booked.contains("Ask the box"),
        "{booked}"
    );
    story.clock_trusted = false;
    let clockless = told(&story, Some(FilmAnswer::Yes));
    assert!(clockless.contains("no clock that it can trust") && !clockless.contains("<form"));
}

#[test]
fn late_in_the_evening_nothing_is_offered() {
    let (status, _) = morning();
    let html = page("en", &status, &story(at(0, 23 * 60 + 40)), None);
    assert!(html.contains("too late for a film") && !html.contains("<select"));
}

#[test]
fn without_a_clock_the_tables_count_hours() {
    let (status, mut story) = morning();
    story.clock_trusted = false;
    let html = page("en", &status, &story, None);
    assert!(
        html.contains("hours ago") && html.contains("in 0 to 3 hours"),
        "{html}"
    );
    assert!(!html.contains("until 14:00"), "{html}");
}

#[test]
fn a_box_without_a_plan_says_so_and_one_on_mains_needs_none() {
    let (mut status, _) = morning();
    let young = page("en", &status, &DayStory::default(), None);
    assert!(young.contains("The box makes its plan when") && !young.contains("<form"));
    status.battery.on_mains = true;
    let mains = page("en", &status, &DayStory::default(), None);
    assert!(mains.contains("plugged into the wall") && !mains.contains("makes its plan"));
}
