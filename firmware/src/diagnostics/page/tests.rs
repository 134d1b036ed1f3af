//! The technician's page of every kind of box, as golden files.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::status::sample::{planned, sample, silent, updating};
use crate::status::{BookedFilm, Distrusted};

/// A box that has everything to tell at once.
fn busy() -> Status {
    let mut status = planned();
    (status.power.minutes_left, status.power.minutes_left_band) = (Some(320), Some([240, 400]));
    status.battery.distrust = Some(Distrusted {
        word: "temperature".to_owned(),
        sentence: "temperature outside -40 to 85 \u{b0}C".to_owned(),
    });
    status.power.film = Some(BookedFilm {
        start: "14:00".to_owned(),
        minutes: 90,
        projector_w: 60.0,
        answer: "until".to_owned(),
        until: Some("15:10".to_owned()),
    });
    status.degraded = vec!["the battery sensor is not believed".to_owned()];
    status
}

/// A box that heals its radio.
fn healing() -> Status {
    let mut status = sample();
    status.radio.cells[0].rung = Some("interface_down_up".to_owned());
    status
}

/// And a system that waits on its way.
fn waiting() -> Status {
    let mut status = busy();
    status.update = updating().update;
    let coming = status.update.coming.as_mut().unwrap();
    coming.waits_for = Some("the sun: charge is below 40 %".to_owned());
    status
}

/// A box that has looked and found nothing newer, by the words of a careless publisher.
fn looked() -> Status {
    let mut status = sample();
    status.update.release = "2026.11 \u{202e}\u{1b}[31m\n".to_owned();
    status.update.last_look = "nothing newer than 2026.11 \u{7}".repeat(20);
    status
}

#[test]
fn pages_fit_a_serial_terminal_and_tell_the_state() {
    for (name, status) in [
        ("sunny", sample()),
        ("silent", silent()),
        ("planned", busy()),
        ("updating", updating()),
        ("waiting", waiting()),
        ("looked", looked()),
        ("healing", healing()),
    ] {
        let page = page(&status);
        assert!(
            page.lines().count() <= HEIGHT && page.lines().all(|line| line.len() <= WIDTH),
            "{page}"
        );
        insta::assert_snapshot!(name, page);
    }
}

#[test]
fn a_box_that_looks_itself_over_in_the_warehouse_says_so_first() {
    let mut status = sample();
    status.power.storage_check = true;
    let first = page(&status).lines().next().map(str::to_owned);
    let told = "School box: STORAGE CHECK, 62 % left; it goes back to sleep by itself";
    assert_eq!(first.as_deref(), Some(told));
}

#[test]
fn a_long_reason_is_told_to_its_end() {
    let mut status = sample();
    let reason = "the data partition is missing: the box keeps nothing; use a card of 4 GB or more and write it anew";
    status.degraded = vec![reason.to_owned(), "short".to_owned()];
    let page = page(&status);
    let told: Vec<&str> = page
        .lines()
        .skip_while(|line| *line != "Needs help:")
        .collect();
    assert_eq!(
        told,
        [
            "Needs help:",
            "- the data partition is missing: the box keeps nothing; use a card of 4 GB or",
            "  more and write it anew",
            "- short"
        ]
    );
}

#[test]
fn a_hundred_complaints_and_strange_letters_still_fit() {
    let mut status = sample();
    status.board = "Платa ".repeat(30);
    status.degraded = (0..100)
        .map(|i| format!("reason {i} {}", "x".repeat(200)))
        .collect();
    let page = page(&status);
    assert!(page.is_ascii() && page.ends_with("and more: see the page of the box's state\n"));
    assert!(
        page.lines().count() <= HEIGHT && page.lines().all(|line| line.len() <= WIDTH),
        "{page}"
    );
}
