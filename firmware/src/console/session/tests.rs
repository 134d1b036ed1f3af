#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use super::super::desk::Pending;
use super::super::pages::Page;
use super::*;
use board_support::BoardChoice;

const BUSY_LOOKS: Duration = Duration::from_millis(1);

/// A console on an empty data folder, and what is shown of it; nobody looks.
struct Rig {
    console: Console,
    output: Output,
    drawn: Drawn,
    ear: Ear,
    _data: tempfile::TempDir,
}

impl Rig {
    fn new(mode: Mode) -> Self {
        let data = tempfile::tempdir().unwrap();
        let now = Duration::from_secs(1000);
        Self {
            console: Console {
                place: Place {
                    data: data.path().to_owned(),
                    board: BoardChoice::Sim,
                },
                clock: Clock::of_the_desk(),
                presence: Presence::default(),
                seen: Seen {
                    now,
                    ..Seen::default()
                },
                looks: sync_channel(2).1,
                done: sync_channel(8),
                desk: Desk::new(false),
                mode,
                cramped: false,
                typed: String::new(),
                acting: false,
            },
            output: Output::new(now),
            drawn: Drawn::new(None),
            ear: Ear::new(mode.most()),
            _data: data,
        }
    }

    /// Bytes come in one go, and the line is quiet behind them.
    fn hear(&mut self, bytes: &[u8]) {
        let mut left = bytes;
        let mut read = |room: &mut [u8]| {
            let length = left.len().min(room.len());
            room[..length].copy_from_slice(&left[..length]);
            left = &left[length..];
            Ok(length)
        };
        self.console.listen(&mut read, &mut self.ear).unwrap();
        self.console.seen.now += Duration::from_millis(30);
        self.ear.handle_time(self.console.seen.now);
        let (output, drawn) = (&mut self.output, &mut self.drawn);
        assert!(!self.console.hear_keys(&mut self.ear, output, drawn));
    }

    /// One after the other.
    fn type_keys(&mut self, keys: &str) {
        for key in keys.bytes() {
            self.hear(&[key]);
        }
    }
}

#[test]
fn one_thing_at_a_time_also_for_who_changes_from_the_lines_to_the_screen() {
    let mut rig = Rig::new(Mode::Lines);
    // What it is told by the box is heard in the loop, which does not run here: it is at it until the end.
    rig.hear(b"rollback\r");
    assert!(rig.console.acting);
    rig.hear(b"screen\r");
    rig.type_keys("9hhand over\r");
    assert_eq!(rig.console.desk.page, Page::Records);
    assert_eq!(rig.console.desk.pending, Pending::Nothing);
    assert_eq!(rig.console.desk.notice.as_deref(), Some(BUSY));
    // The control: it is free again.
    rig.console.acting = false;
    rig.type_keys("hhand over\r");
    assert!(matches!(
        rig.console.desk.pending,
        Pending::Button(Action::HandOver, _)
    ));
}

#[test]
fn what_a_terminal_says_by_itself_is_nobody() {
    let mut rig = Rig::new(Mode::Screen);
    let every = |rig: &Rig| rig.console.presence.every(BUSY_LOOKS, rig.console.seen.now);
    rig.hear(b"\x1b[24;80R");
    assert!(every(&rig) > BUSY_LOOKS, "nobody is there");
    rig.hear(b"2");
    assert_eq!(every(&rig), BUSY_LOOKS);
}

#[test]
fn a_new_mode_believes_from_its_first_byte_on_what_it_believes() {
    let mut rig = Rig::new(Mode::Screen);
    rig.hear(b"l");
    assert_eq!(rig.console.mode, Mode::Lines);
    rig.hear(b"events             1");
    assert_eq!(rig.console.typed, "events             1");
    rig.hear(b"\x15screen\r");
    assert_eq!(rig.console.mode, Mode::Screen);
    // Each letter of the paste is a key that would do something.
    rig.hear(&b"4ry".repeat(10));
    assert!(rig.console.desk.notice.is_some(), "it is told");
    assert_eq!(rig.console.desk.page, Page::Box);
}

#[test]
fn what_follows_the_word_for_the_screen_in_one_go_is_no_key() {
    let mut rig = Rig::new(Mode::Lines);
    rig.hear(b"screen\r4ry");
    assert_eq!(rig.console.mode, Mode::Screen);
    assert_eq!(rig.console.desk.page, Page::Box);
    assert_eq!(rig.console.desk.pending, Pending::Nothing);
    // The control: the same keys, one by one.
    rig.type_keys("4r");
    assert_eq!(rig.console.desk.pending, Pending::Sure(Action::RollBack));
}

#[test]
fn nobody_leaves_a_serial_line_and_a_script_is_told_so() {
    let mut rig = Rig::new(Mode::Lines);
    rig.hear(b"quit\r");
    let said = rig.output.waiting();
    let answer = "\"command\":\"quit\",\"error\":\"this line stays\",\"ok\":false";
    assert!(said.contains(answer), "{said}");
    // The control: who came by a command line leaves.
    rig.console.desk.may_quit = true;
    let left = rig.console.obey("quit", &mut rig.output, &mut rig.drawn);
    assert!(left);
}

#[test]
fn a_terminal_that_has_grown_again_shows_the_screen_unless_somebody_chose_the_lines() {
    let mut rig = Rig::new(Mode::Screen);
    let fit = |rig: &mut Rig, columns, rows| {
        let said = Some(Size::new(columns, rows));
        rig.console.fit(said, &mut rig.output, &mut rig.drawn);
        rig.console.mode
    };
    assert_eq!(fit(&mut rig, 11, 3), Mode::Lines);
    assert_eq!(fit(&mut rig, 20, 2), Mode::Lines, "still too small");
    rig.hear(b"bo");
    assert_eq!(fit(&mut rig, 80, 24), Mode::Lines, "somebody is typing");
    rig.hear(b"x\r");
    assert_eq!(fit(&mut rig, 80, 24), Mode::Screen);
    // The control: chosen by a key, they stay.
    rig.hear(b"l");
    for (columns, rows) in [(80, 24), (1, 1), (80, 24)] {
        assert_eq!(fit(&mut rig, columns, rows), Mode::Lines);
    }
}

/// A serial line says nothing of its size: its terminal is asked, without a screen too.
#[test]
fn a_terminal_that_only_answers_is_asked_again_whether_it_has_grown() {
    let mut rig = Rig::new(Mode::Screen);
    rig.hear(b"\x1b[2;9R");
    let fit = |rig: &mut Rig| {
        rig.console.fit(None, &mut rig.output, &mut rig.drawn);
        rig.console.mode
    };
    assert_eq!((fit(&mut rig), fit(&mut rig)), (Mode::Lines, Mode::Lines));
    assert!(rig.output.waiting().ends_with("\x1b[6n\x1b8"));
    rig.hear(b"\x1b[24;80R");
    assert_eq!(fit(&mut rig), Mode::Screen);
}
