//! A writing that is killed, again and again. That a card which only looks done would be seen is what `written.rs` shows: one changed byte is.

use super::desk::{Desk, looks_done};
use super::looped::Looped;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use system_tests::need::{self, Met};

const CUTS: usize = 20;

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
    let Some(writing) = Writing::new(test, &desk, disk.device()) else {
        return;
    };
    let writes = writing.counted();
    assert!(writes > 2 * CUTS, "only {writes} writes to choose from");
    disk.discard();
    let mut killed = 0;
    while killed < CUTS {
        // The first is at the first write, the last at the table that makes it a card.
        let at = 1 + killed * (writes - 1) / (CUTS - 1);
        if !writing.until(at).success() {
            assert!(!looks_done(&on), "killed at write {at} of {writes}");
            killed += 1;
            continue;
        }
        // What earlier runs wrote was kept, and so this one ended before its kill: its card is done, and the kill is for a new one.
        let verified = desk.verify(&[disk.device()]);
        assert_eq!(verified.code, Some(0), "{}", verified.stderr);
        disk.discard();
        assert!(!looks_done(&on));
    }
    desk.written(&["--serial-from", "SB-5", disk.device()]);
    let verified = desk.verify(&[disk.device()]);
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
    assert!(looks_done(&on));
}

/// `card write` under a tracer that kills it at a write of its choice: no clock decides how far it came.
struct Writing<'a> {
    strace: PathBuf,
    desk: &'a Desk,
    card: &'a str,
}

impl<'a> Writing<'a> {
    fn new(test: &str, desk: &'a Desk, card: &'a str) -> Met<Self> {
        Some(Self {
            strace: need::program(test, "strace", "strace")?,
            desk,
            card,
        })
    }

    /// How many writes a whole one makes.
    fn counted(&self) -> usize {
        let log = self.desk.path("writes.log");
        let ended = self.run(&["--output", log.to_str().unwrap()]);
        assert!(ended.success(), "{ended}");
        let log = fs::read_to_string(log).unwrap();
        log.lines()
            .filter(|line| line.contains("pwrite64("))
            .count()
    }

    /// Killed as it begins its write number `at`, unless it ends before.
    fn until(&self, at: usize) -> ExitStatus {
        self.run(&[
            "--output=/dev/null",
            "--inject",
            &format!("pwrite64:signal=KILL:when={at}"),
        ])
    }

    fn run(&self, tracing: &[&str]) -> ExitStatus {
        let plain = self.desk.command(&[
            "card",
            "write",
            "--profile",
            "islands.toml",
            "--serial-from",
            "SB-5",
            self.card,
        ]);
        let mut command = Command::new(&self.strace);
        command
            .args(["--follow-forks", "--trace=pwrite64", "--trace-path"])
            .arg(self.card)
            .args(tracing)
            .arg(plain.get_program())
            .args(plain.get_args())
            .current_dir(plain.get_current_dir().unwrap_or(Path::new(".")));
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null());
        quiet.stderr(Stdio::null()).status().unwrap()
    }
}
