#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use super::desk::{Desk, Pending};
use super::doing::Action;
use super::ear::Key;
use super::line::{self, Reply};
use super::pages::Page;
use super::screen;
use super::seen::{OnDisk, Program, Seen};
use super::vt100::Vt100;
use crate::outgoing::{StickOut, StickTold};
use crate::services::access_point::Device;
use crate::status::sample::{planned, sample, silent, updating};
use crate::status::{Machine, Status, Update};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::layout::Size;
use serde_json::json;
use std::time::Duration;

const FULL: Size = Size::new(80, 24);
const SMALL: Size = Size::new(20, 5);

fn device(dbm: i16, kbit_s: Option<u32>) -> Device {
    Device {
        interface: "wlan0".to_owned(),
        dbm: Some(dbm),
        kbit_s,
    }
}

fn disk() -> OnDisk {
    OnDisk {
        problems: vec![
            "slot A is damaged: slot B runs in its place; write the card anew".to_owned(),
        ],
        update: Some(Ok(Update::idle(ota::Slot::B))),
        charge_percent: Some(41.6),
        storage: vec!["Storage   the box is in use".to_owned()],
        disk: Some((64_000_000_000, 21_500_000_000)),
        machine: Some(Machine {
            memory_total_bytes: 1_900_000_000,
            memory_available_bytes: 1_500_000_000,
        }),
        wear: vec!["Wear      20 % of its life used, of the card".to_owned()],
        events: (1..=200).map(|n| format!("event {n}")).collect(),
        written_up_to: None,
        test: Vec::new(),
    }
}

fn running(status: Status) -> Seen {
    Seen {
        program: Program::Runs(
            Box::new(status),
            vec![device(-48, Some(72_200)), device(-71, None)],
        ),
        restarts: 0,
        disk: Some(disk()),
        disk_at: Duration::from_secs(100),
        now: Duration::from_secs(101),
    }
}

fn gone() -> Seen {
    let why = "since 12 s, restarted 4 times: power failed too often";
    let mut disk = disk();
    disk.written_up_to = Some("2026-03-02T09:20:00Z".to_owned());
    Seen {
        program: Program::Gone(why.to_owned()),
        restarts: 4,
        disk: Some(disk),
        ..running(sample())
    }
}

/// The screen as a real terminal shows it.
fn shot(desk: &Desk, seen: &Seen, size: Size) -> String {
    let mut terminal = Terminal::new(Vt100::new(size)).unwrap();
    terminal.clear().unwrap();
    terminal
        .draw(|frame| screen::draw(frame, desk, seen))
        .unwrap();
    let number = |number| std::num::NonZeroU16::new(number).unwrap();
    let mut parser = vt100::Parser::new(number(size.height), number(size.width), 0);
    parser.process(&terminal.backend_mut().take());
    let rows = parser.screen().rows(0, size.width);
    let rows: Vec<String> = rows.map(|row| row.trim_end().to_owned()).collect();
    assert!(
        rows.iter()
            .all(|row| row.is_ascii() && row.len() <= usize::from(size.width))
    );
    rows.join("\n")
}

fn at(page: Page) -> Desk {
    let mut desk = Desk::new(false);
    desk.page = page;
    desk
}

#[test]
fn every_page_of_a_running_box() {
    let seen = running(planned());
    let pages = Page::ALL.map(|page| shot(&at(page), &seen, FULL));
    insta::assert_snapshot!(pages.join("\n\n"));
}

#[test]
fn every_page_without_the_program() {
    let pages = Page::ALL.map(|page| shot(&at(page), &gone(), FULL));
    insta::assert_snapshot!(pages.join("\n\n"));
}

#[test]
fn a_terminal_of_20_by_5() {
    let mut shots: Vec<String> = Page::ALL
        .map(|page| shot(&at(page), &running(silent()), SMALL))
        .to_vec();
    shots.push(shot(&at(Page::Box), &gone(), SMALL));
    let mut desk = at(Page::System);
    desk.pending = Pending::Button(Action::RollBack, Duration::from_secs(96));
    shots.push(shot(&desk, &gone(), SMALL));
    let mut desk = at(Page::Records);
    for key in "hhand over without rec".chars() {
        desk.handle_key(Key::Letter(key), (9, 3), Duration::ZERO);
    }
    shots.push(shot(&desk, &running(sample()), SMALL));
    insta::assert_snapshot!(shots.join("\n--------------------\n"));
}

#[test]
fn questions_notices_and_an_update_under_way() {
    let seen = running(updating());
    let mut desk = at(Page::System);
    desk.pending = Pending::Sure(Action::RollBack);
    let mut shots = vec![shot(&desk, &seen, FULL)];
    desk.pending = Pending::Button(Action::RollBack, Duration::from_secs(96));
    shots.push(shot(&desk, &seen, FULL));
    desk.handle_done("nobody pressed the button within 30 s: nothing was done".to_owned());
    shots.push(shot(&desk, &seen, FULL));
    let bottoms: Vec<String> = shots
        .iter()
        .map(|shot| shot.lines().skip(22).collect::<Vec<_>>().join("\n"))
        .collect();
    insta::assert_snapshot!(format!("{}\n\n{}", shots[0], bottoms.join("\n\n")));
}

#[test]
fn two_hundred_events_are_leafed_through_to_the_oldest() {
    let seen = gone();
    let (mut desk, mut told) = (at(Page::Events), String::new());
    for _ in 0..11 {
        told.push_str(&shot(&desk, &seen, FULL));
        let lines = screen::wrapped(Page::Events, &seen, FULL).len();
        desk.handle_key(Key::Down, (lines, screen::room(FULL)), seen.now);
    }
    for n in 1..=200 {
        assert!(told.contains(&format!("event {n}\n")), "{n}");
    }
}

#[test]
fn a_disk_that_does_not_answer_is_told() {
    let mut seen = running(sample());
    assert_eq!(seen.silent_disk(), None);
    seen.now = seen.disk_at + Duration::from_secs(300);
    assert!(shot(&at(Page::Box), &seen, FULL).contains("the disk has not answered for 300 s"));
}

#[test]
fn the_line_mode_answers_in_json() {
    let of = |seen: &Seen, command: &str| match line::reply(command, seen) {
        Reply::Say(value) => value.to_string(),
        other @ (Reply::Nothing | Reply::Do(_) | Reply::Bundle | Reply::Screen | Reply::Quit) => {
            format!("{other:?}")
        }
    };
    let commands = [
        "help",
        "box",
        "battery",
        "radio",
        "system",
        "disk",
        "events 2",
        "events",
        "test",
        "report",
        "records",
        "rollback",
        "hand over",
        "hand  over without receipts",
        "hand over now",
        "handover",
        "bundle",
        "screen",
        "quit",
        "",
        "events 999",
        "batery",
        "a b c",
        "box\u{7}",
    ];
    let runs = running(sample());
    let told: Vec<String> = commands
        .iter()
        .map(|command| format!("{command:?} -> {}", of(&runs, command)))
        .collect();
    let without: Vec<String> = [
        "box", "battery", "radio", "system", "disk", "records", "events 1",
    ]
    .iter()
    .map(|command| format!("{command:?} -> {}", of(&gone(), command)))
    .collect();
    let short = |line: &String| line.chars().take(900).collect::<String>();
    let all: Vec<String> = told.iter().chain(&without).map(short).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn nobody_is_sent_to_the_button_while_something_waits_for_receipts() {
    let mut status = sample();
    for (waiting, sent) in [
        (Some(204), false),
        (Some(1), false),
        (Some(0), true),
        // The box itself says what is wrong with its records.
        (None, true),
    ] {
        status.records.waiting = waiting;
        let seen = running(status.clone());
        let reply = line::reply("hand over", &seen);
        assert_eq!(reply == Reply::Do(Action::HandOver), sent, "{waiting:?}");
        let gives_up = line::reply("hand over without receipts", &seen);
        assert_eq!(gives_up, Reply::Do(Action::GiveUp));
    }
}

/// Its words and the order of what it brings.
#[test]
fn the_events_of_the_line_mode_are_told_as_its_help_says() {
    let said = |command: &str| match line::reply(command, &gone()) {
        Reply::Say(value) => value,
        other @ (Reply::Nothing | Reply::Do(_) | Reply::Bundle | Reply::Screen | Reply::Quit) => {
            panic!("{other:?}")
        }
    };
    let help = said("help");
    let about = help["commands"]["events"].as_str().unwrap();
    assert!(about.contains("oldest first"), "{about}");
    let told = said("events 3");
    let last = json!(["event 198", "event 199", "event 200"]);
    assert_eq!(told["events"], last);
    // The control: a person at the screen reads from the top.
    assert!(Page::Events.title().contains("newest first"));
    let screen = shot(&at(Page::Events), &running(sample()), FULL);
    assert!(screen.contains("---\nevent 200\nevent 199\n"), "{screen}");
}

#[test]
fn the_first_line_of_every_page_tells_what_needs_help() {
    for page in Page::ALL {
        for (size, first) in [
            (
                FULL,
                "School box: HELP: the battery sensor is silent: see that its plug is in",
            ),
            (SMALL, "HELP: battery sensor"),
        ] {
            let screen = shot(&at(page), &running(silent()), size);
            assert_eq!(screen.lines().next(), Some(first), "{page:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever others wrote, on a terminal of any size: no panic, nothing but ASCII, within the edges.
    #[test]
    fn any_words_on_any_terminal(
        words in proptest::collection::vec(".{0,300}", 0..30),
        width in 0_u16..100,
        height in 0_u16..40,
        page in 0_usize..9,
        top in 0_usize..50,
    ) {
        let mut seen = running(sample());
        if let Program::Runs(status, _) = &mut seen.program {
            status.degraded.clone_from(&words);
            status.board = words.concat();
        }
        seen.disk.as_mut().unwrap().events = words;
        let mut desk = at(Page::ALL[page]);
        desk.top = top;
        let size = Size::new(width.clamp(1, 80), height.clamp(1, 24));
        shot(&desk, &seen, size);
        let lines = screen::wrapped(desk.page, &seen, size);
        prop_assert!(lines.iter().all(|line| line.chars().count() <= usize::from(size.width)));
    }
}

#[test]
fn what_became_of_a_stick_and_the_words_of_a_hand_over() {
    let mut shots = Vec::new();
    for (out, receipts, refused) in [
        (
            StickOut::Carried {
                statements: 1_204,
                bundles: 3,
            },
            2,
            0,
        ),
        (StickOut::Nothing, 0, 0),
        (StickOut::NoKey, 0, 0),
        (StickOut::Locked, 1, 0),
        (StickOut::Full, 0, 1),
        (StickOut::Failing, 0, 0),
        (StickOut::BoxFailed, 0, 0),
        (StickOut::Busy, 1, 0),
    ] {
        let mut status = sample();
        status.records.waiting = Some(0);
        status.records.last_stick = Some(StickTold {
            out,
            receipts,
            refused,
        });
        let screen = shot(&at(Page::Records), &running(status), FULL);
        let line = screen.lines().find(|line| line.starts_with("Stick "));
        shots.push(line.unwrap().to_owned());
    }
    let mut desk = at(Page::Records);
    for key in "hhand ov".chars() {
        desk.handle_key(Key::Letter(key), (9, 19), Duration::ZERO);
    }
    shots.push(shot(&desk, &running(sample()), FULL));
    desk.handle_done("nothing was done: 204 statements are not known to have arrived at the programme; carry them there, and hand over then".to_owned());
    shots.push(shot(&desk, &running(sample()), FULL));
    insta::assert_snapshot!(shots.join("\n"));
}
