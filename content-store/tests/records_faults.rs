//! The records when something breaks: a killed process, a full disk, a failing disk, a database that is not sound.
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

use content_store::records::{Checked, Durability, Format, Records, RecordsError};
use records_rig::{
    authority, child, child_data, id, keys, now, open, open_with, options, statement, value,
};
use serde_json::json;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

fn numbered(number: u128) -> content_store::records::Statement {
    let mut named = value(1);
    named["id"] = json!(id(number).to_string());
    named["result"] = json!({"response": "x".repeat(500)});
    statement(named)
}

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

// ---- a database that is not sound ----

fn database(data: &Path) -> PathBuf {
    data.join("records/records.db")
}

fn with_statements(data: &Path, count: u128) {
    let records = open(data);
    let by = authority(&records);
    records
        .store((0..count).map(numbered).collect(), &by, now())
        .unwrap();
    records.close();
}

#[test]
fn an_unsound_database_is_put_aside_and_never_thrown_away() {
    let data = TempDir::new().unwrap();
    with_statements(data.path(), 1);
    for round in 1..=2 {
        let garbage = format!("round {round}: this is no database").repeat(300);
        fs::write(database(data.path()), &garbage).unwrap();
        fs::write(data.path().join("records/records.db-wal"), "its wal").unwrap();
        // A cut in an earlier try, after the first of its two files was put aside.
        let half = format!("records/records.db.corrupt-{round}-wal");
        fs::write(data.path().join(half), "half a try").unwrap();
        let records = open(data.path());
        let aside = records.quarantined().unwrap();
        assert!(
            aside.ends_with(format!("records.db.corrupt-{round}")),
            "{}",
            aside.display()
        );
        assert!(
            fs::read_to_string(&aside).unwrap() == garbage,
            "the file aside was changed"
        );
        assert_eq!(
            fs::read_to_string(format!("{}-wal", aside.display())).unwrap(),
            "its wal"
        );
        let by = authority(&records);
        records.store(vec![numbered(1)], &by, now()).unwrap();
        assert_eq!(records.count().unwrap(), 1);
        records.close();
    }
}

#[test]
fn a_suspect_database_is_checked_whole_at_the_next_start() {
    let data = TempDir::new().unwrap();
    with_statements(data.path(), 400);
    let mut bytes = fs::read(database(data.path())).unwrap();
    let middle = bytes.len() / 2 / 1024 * 1024;
    bytes[middle..middle + 1024].fill(0x5a);
    fs::write(database(data.path()), &bytes).unwrap();
    // Control: without the mark nothing looks at the page in the middle.
    let unmarked = open(data.path());
    assert_eq!(unmarked.quarantined(), None);
    unmarked.close();
    assert!(fs::read(database(data.path())).unwrap() == bytes);
    fs::write(data.path().join("records/suspect"), "a read failed").unwrap();
    let records = open(data.path());
    assert!(
        fs::read(records.quarantined().unwrap()).unwrap() == bytes,
        "the file aside was changed"
    );
    assert!(!data.path().join("records/suspect").exists());
    assert_eq!(records.count().unwrap(), 0);
}

#[test]
fn a_read_that_meets_damage_marks_the_database_and_ends_the_process() {
    let data = TempDir::new().unwrap();
    with_statements(data.path(), 400);
    let mut bytes = fs::read(database(data.path())).unwrap();
    // Away from the newest statement, which opening reads.
    let middle = bytes.len() / 2 / 1024 * 1024;
    bytes[middle - 50 * 1024..middle].fill(0x5a);
    fs::write(database(data.path()), &bytes).unwrap();
    let records = open(data.path());
    let failed = (0..400).any(|number| records.statement(id(number), &Format::Exact).is_err());
    assert!(failed && records.fatal().is_some());
    assert!(data.path().join("records/suspect").exists());
    records.close();
    assert!(open(data.path()).quarantined().is_some());
}

#[test]
fn a_sound_suspect_is_kept() {
    let data = TempDir::new().unwrap();
    with_statements(data.path(), 10);
    fs::write(data.path().join("records/suspect"), "just in case").unwrap();
    let records = open(data.path());
    assert_eq!(
        (records.quarantined(), records.count().unwrap()),
        (None, 10)
    );
}

#[test]
fn a_newer_database_is_left_alone() {
    let data = TempDir::new().unwrap();
    with_statements(data.path(), 1);
    let db = rusqlite::Connection::open(database(data.path())).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    db.execute("UPDATE schema_rule SET opens_from = 99", ())
        .unwrap();
    drop(db);
    let before = fs::read(database(data.path())).unwrap();
    let result = Records::open(data.path(), options(Durability::Off, 0), keys(data.path()));
    assert!(
        matches!(result, Err(RecordsError::TooNew { found: 99, .. })),
        "{result:?}"
    );
    assert!(
        fs::read(database(data.path())).unwrap() == before,
        "the newer database was changed"
    );
}

/// What a look at night finds: the disk changed beneath records that are open.
#[test]
fn a_damaged_page_is_found_while_the_records_are_open() {
    let data = tempfile::tempdir().unwrap();
    let records = open(data.path());
    for tool in 0..200 {
        let name = format!("a tool with a long name, number {tool}");
        records.make_credential(&name, now()).unwrap();
    }
    assert_eq!(records.check(|| true).unwrap(), Checked::Sound);
    records.close();
    let path = data.path().join("records/records.db");
    let length = std::fs::metadata(&path).unwrap().len();
    let records = open(data.path());
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    // Beyond the first page, so that it opens.
    let noise = vec![0xa5; usize::try_from(length).unwrap() - 4096];
    std::os::unix::fs::FileExt::write_all_at(&file, &noise, 4096).unwrap();
    assert!(records.check(|| true).is_err());
}

#[test]
fn a_look_at_the_records_stops_in_the_middle_when_it_is_told_to() {
    let data = tempfile::tempdir().unwrap();
    with_statements(data.path(), 2000);
    let records = open(data.path());
    let asked_until = |most: usize| {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let go_on = move || counted.fetch_add(1, Ordering::Relaxed) + 1 < most;
        (records.check(go_on).unwrap(), asked.load(Ordering::Relaxed))
    };
    // The control: left alone it asks often, and ends.
    let (whole, questions) = asked_until(usize::MAX);
    assert_eq!(whole, Checked::Sound);
    assert!(questions > 20, "{questions}");
    let (ended, asked) = asked_until(3);
    assert_eq!((ended, asked), (Checked::Stopped, 3));
}
