//! The records when something breaks: a killed process, a full disk, a failing disk. (A database that is not sound: `records_unsound`.)
//! Every fault has its control, where the same test without the protection loses something.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a test's verdict"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "damage is done to files by hand here"
)]

mod records_rig;
#[path = "../../tests/src/skip.rs"]
mod skip;

use content_store::records::{Durability, Format, RecordsError};
use records_rig::{authority, child, child_data, id, now, numbered, open, open_with};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

fn say(words: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{words}").unwrap();
    out.flush().unwrap();
}

// ---- a killed process ----

#[test]
#[ignore = "the child of killed_between_two_commits"]
fn child_that_writes_until_killed() {
    let records = open_with(&child_data(), Durability::Full, 0);
    let by = authority(&records);
    for number in 0.. {
        if std::env::var_os("ANSWER_TOO_EARLY").is_some() {
            say(&format!("answered {number}"));
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        records.store(vec![numbered(number)], &by, now()).unwrap();
        say(&format!("answered {number}"));
    }
}

/// The last statement that was answered before the kill, and whether it is there afterwards.
fn answered_and_kept(early: bool, answers: u128) -> (u128, bool) {
    let data = TempDir::new().unwrap();
    let mut command = child("child_that_writes_until_killed", data.path());
    if early {
        command.env("ANSWER_TOO_EARLY", "1");
    }
    let mut writer = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let mut last = 0;
    for line in lines {
        if let Some(number) = line.unwrap().trim().strip_prefix("answered ") {
            last = number.parse().unwrap();
            if last == answers {
                break;
            }
        }
    }
    writer.kill().unwrap();
    writer.wait().unwrap();
    let records = open(data.path());
    for number in 0..last {
        assert!(
            records
                .statement(id(number), &Format::Exact)
                .unwrap()
                .is_some(),
            "{number} of {last}"
        );
    }
    (
        last,
        records
            .statement(id(last), &Format::Exact)
            .unwrap()
            .is_some(),
    )
}

#[test]
fn killed_between_two_commits() {
    for answers in [0, 1, 7, 40] {
        let (last, kept) = answered_and_kept(false, answers);
        assert!(kept, "statement {last} was answered and is gone");
    }
}

#[test]
fn control_a_writer_that_answers_before_it_writes_loses_a_statement() {
    let lost = (1..40).any(|answers| !answered_and_kept(true, answers).1);
    assert!(lost, "the test above would not see a lost statement");
}

// ---- a full disk ----

const SMALL_DISK: u64 = 12 * 1024 * 1024;

/// Runs the child on a disk of its own; `None` where the system permits no such disk.
fn on_a_small_disk(name: &str, reserve: u64) -> Option<String> {
    let data = TempDir::new().unwrap();
    let unshare = |command: &mut Command| {
        command.arg("-m");
        if !nix::unistd::Uid::effective().is_root() {
            command.arg("-Ur");
        }
    };
    let mut probe = Command::new("unshare");
    unshare(&mut probe);
    let mount = format!("mount -t tmpfs -o size={SMALL_DISK} tmpfs \"$0\"");
    probe.args(["sh", "-c", &mount]).arg(data.path());
    if !probe
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
    {
        let remedy = "run the tests as root, or allow user namespaces";
        skip::skip(name, "no disk can be mounted for a test", remedy);
        return None;
    }
    let inner = child(name, data.path());
    let mut command = Command::new("unshare");
    unshare(&mut command);
    command
        .args(["sh", "-c", &format!("{mount} && shift 0 && exec \"$@\"")])
        .arg(data.path());
    command.arg(inner.get_program()).args(inner.get_args());
    command
        .env("RECORDS_DATA", data.path())
        .env("RESERVE", reserve.to_string());
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(text)
}

fn fill(folder: &Path) -> PathBuf {
    let ballast = folder.join("ballast");
    let mut file = fs::File::create(&ballast).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
    ballast
}

#[test]
#[ignore = "the child of the tests on a small disk"]
fn child_on_a_small_disk() {
    let data = child_data();
    let reserve: u64 = std::env::var("RESERVE").unwrap().parse().unwrap();
    let records = open_with(&data, Durability::Full, reserve);
    let by = authority(&records);
    assert_eq!(records.health().reserve_held, reserve > 0);
    let ballast = fill(&data);
    let mut taken = 0;
    let mut refused = 0;
    for number in 0..200 {
        match records.store(vec![numbered(number)], &by, now()) {
            Ok(_) => taken += 1,
            Err(RecordsError::DiskFull) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    say(&format!(
        "taken {taken} refused {refused} fatal {:?}",
        records.fatal()
    ));
    assert_eq!(records.count().unwrap(), taken);
    assert!(!records.health().reserve_held);
    fs::remove_file(ballast).unwrap();
    for number in 1_000..1_040 {
        records
            .store(vec![numbered(number)], &by, now())
            .expect("room again");
    }
    assert_eq!(
        records.health().reserve_held,
        reserve > 0,
        "the reserve is taken again"
    );
    records.close();
    assert_eq!(open(&data).count().unwrap(), taken + 40);
}

#[test]
fn statements_are_taken_from_the_reserve_of_a_full_disk() {
    if let Some(text) = on_a_small_disk("child_on_a_small_disk", 2 * 1024 * 1024) {
        assert!(text.contains("taken 200 refused 0 fatal None"), "{text}");
    }
}

#[test]
fn control_without_a_reserve_a_full_disk_refuses_them() {
    if let Some(text) = on_a_small_disk("child_on_a_small_disk", 0) {
        let refused = text
            .split("refused ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next())
            .unwrap();
        assert!(refused.parse::<u32>().unwrap() > 100, "{text}");
        assert!(
            text.contains("fatal None"),
            "a full disk is no broken disk: {text}"
        );
    }
}

// ---- a failing disk ----

#[test]
#[ignore = "the child of a_failing_disk_ends_the_writer"]
fn child_whose_writes_fail() {
    let records = open_with(&child_data(), Durability::Full, 0);
    let by = authority(&records);
    let (sender, told) = std::sync::mpsc::channel();
    records.on_fatal(Box::new(move |reason| {
        sender.send(reason.to_owned()).unwrap()
    }));
    let (answered, error) = (0..5_000)
        .find_map(|number| {
            Some((
                number,
                records.store(vec![numbered(number)], &by, now()).err()?,
            ))
        })
        .expect("the limit on file sizes is below this");
    assert!(matches!(error, RecordsError::WriterDied { .. }), "{error}");
    let reason = told.recv().unwrap();
    assert_eq!(records.fatal().as_deref(), Some(reason.as_str()));
    assert_eq!(
        records.health().last_error.as_deref(),
        Some(reason.as_str())
    );
    let again = records.store(vec![numbered(9_000)], &by, now());
    assert!(
        matches!(again, Err(RecordsError::WriterDied { .. })),
        "a dead writer is never tried again"
    );
    let (sender, late) = std::sync::mpsc::channel();
    records.on_fatal(Box::new(move |reason| {
        sender.send(reason.to_owned()).unwrap()
    }));
    assert_eq!(late.recv().unwrap(), reason);
    records.close();
    say(&format!("died as it should after {answered} answers"));
}

#[test]
fn a_failing_disk_ends_the_writer() {
    let data = TempDir::new().unwrap();
    let inner = child("child_whose_writes_fail", data.path());
    // A write beyond the limit fails with EFBIG: not "full", so the disk counts as broken. 1024 blocks of 512 or 1024 bytes.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$@\"", "sh"])
        .arg(inner.get_program())
        .args(inner.get_args())
        .env("RECORDS_DATA", data.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let answered = text
        .split("died as it should after ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next());
    let answered: u64 = answered
        .unwrap_or_else(|| panic!("{text}{errors}"))
        .parse()
        .unwrap();
    // What was answered before is there for the next process.
    let records = open(data.path());
    assert!(answered > 5 && records.count().unwrap() >= answered);
    assert_eq!(records.fatal(), None);
}
