//! A writing that is killed, again and again. That a card which only looks done would be seen is what `written.rs` shows: one changed byte is.

use super::desk::{Desk, looks_done};
use super::looped::Looped;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

const CUTS: u64 = 20;

#[test]
fn twenty_kills_leave_no_card_that_looks_done_and_the_last_run_ends_it() {
    let test = "depot_card::cuts";
    let Some(desk) = Desk::new(test) else { return };
    // Prepared before: what is killed is the writing.
    desk.written(&["--serial-from", "SB-5", "first.img"]);
    let on = desk.path("disk");
    let Some(disk) = Looped::new(test, &on, 1 << 30) else {
        return;
    };
    let card = disk.device();
    let killed = kill_twenty_times(&desk, card, &on);
    assert_eq!(killed, CUTS, "so many were cut short");
    desk.written(&["--serial-from", "SB-5", card]);
    let verified = desk.verify(&[card]);
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
    assert!(looks_done(&on));
}

/// Kills it at moments that go through the whole of a writing; answers how many of them came before its end.
fn kill_twenty_times(desk: &Desk, card: &str, on: &Path) -> u64 {
    let (mut killed, mut pause) = (0, Duration::from_millis(2));
    for attempt in 0..400_u64 {
        if killed == CUTS {
            break;
        }
        let mut child = desk
            .command(&[
                "card",
                "write",
                "--profile",
                "islands.toml",
                "--serial-from",
                "SB-5",
                card,
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(pause);
        let early = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        let ended = child.wait().unwrap();
        if early && !ended.success() && !looks_done(on) {
            killed += 1;
            pause += pause / 4 + Duration::from_millis(attempt % 7);
        } else if looks_done(on) {
            // Its last bytes were there already: then all of them are.
            let verified = desk.verify(&[card]);
            assert_eq!(
                verified.code,
                Some(0),
                "after {attempt} attempts and {pause:?}: {}",
                verified.stderr
            );
            pause = Duration::from_millis(2 + attempt % 11);
        } else {
            pause = Duration::from_millis(2 + attempt % 11);
        }
    }
    killed
}
