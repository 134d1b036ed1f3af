//! A power cut at any write or sync while events are kept: afterwards every event of a batch that was kept is there, in order, whatever else is torn, and
//! the ring goes on.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use anyhow::{Context as _, Result, ensure};
use firmware::events::line::Fields;
use firmware::events::ring::Ring;
use firmware::events::segments::{FOLDER, MOST_SEGMENTS};
use firmware::events::{Event, Level, Value, last};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use system_tests::disk::{LyingDisk, Position, Seed, Survey, plan, states_wanted, survey, usable};

const DISK: u64 = 64 << 20;
const BATCHES: i64 = 30;
/// So many that the ring begins other files on the way.
const IN_ONE: i64 = 45;

fn event(number: i64) -> Event {
    let mut fields = Fields::default();
    fields.put("number", Value::Number(number));
    fields.put(
        "why",
        Value::words("the battery sensor is silent: see that its plug is in"),
    );
    Event {
        boot: 1,
        start: 1,
        since_boot_ms: 1000 * u64::try_from(number).unwrap(),
        wall_s: None,
        level: Level::Warn,
        name: "test.event".to_owned(),
        fields: fields.all(),
    }
}

fn batch(number: i64) -> Vec<Event> {
    (0..IN_ONE).map(|n| event(number * IN_ONE + n)).collect()
}

fn numbers(data: &Path) -> Result<Vec<i64>> {
    let past = last(data, usize::MAX).context("the ring cannot be read")?;
    let number = |event: &Event| match event.fields.get("number") {
        Some(Value::Number(number)) => *number,
        _ => -1,
    };
    Ok(past.events.iter().map(number).collect())
}

/// Keeps batch after batch; checks every crash state.
fn cut(keep: &dyn Fn(&mut Ring, &Path, &[Event])) -> Result<Survey> {
    let disk = LyingDisk::new(DISK)?;
    let mut ring = Ring::open(disk.folder(), FOLDER, MOST_SEGMENTS)?;
    keep(&mut ring, disk.folder(), &batch(0));
    disk.settle()?;
    let start = disk.position()?;
    let mut returned: Vec<Position> = Vec::new();
    for number in 1..=BATCHES {
        keep(&mut ring, disk.folder(), &batch(number));
        returned.push(disk.position()?);
    }
    drop(ring);
    disk.settle()?;
    let recording = disk.pull_the_plug()?;
    let cuts = plan(
        recording.log().entries(),
        start..recording.end(),
        states_wanted(80),
        Seed(0xe7e7),
    );
    survey(&recording, &cuts, |folder, cut| {
        let kept = i64::try_from(returned.iter().filter(|at| **at <= cut.at).count())? + 1;
        let found = numbers(folder)?;
        ensure!(found.is_sorted(), "out of order: {found:?}");
        let promised = (0..kept * IN_ONE).filter(|number| found.binary_search(number).is_err());
        let lost: Vec<i64> = promised.collect();
        ensure!(lost.is_empty(), "lost of {kept} batches: {lost:?}");
        let mut ring = Ring::open(folder, FOLDER, MOST_SEGMENTS).context("it does not open")?;
        ring.append(&[event(1_000_000)])
            .context("it does not go on")?;
        ensure!(
            numbers(folder)?.last() == Some(&1_000_000),
            "it does not go on"
        );
        Ok(())
    })
}

#[test]
fn what_was_kept_is_there_and_the_ring_goes_on() {
    if usable("lying disk, the event ring").is_none() {
        return;
    }
    let survey = cut(&|ring, _, events| ring.append(events).unwrap()).unwrap();
    eprintln!("the ring: {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
}

/// The control: the same lines, and nothing synced.
#[test]
fn lines_that_are_not_synced_are_lost() {
    if usable("lying disk, lines that are not synced").is_none() {
        return;
    }
    let unsynced = |_: &mut Ring, data: &Path, events: &[Event]| {
        let path = data.join(FOLDER).join("00000001.log");
        let lines: String = events.iter().map(Event::to_line).collect();
        let file = OpenOptions::new().append(true).create(true).open(path);
        file.unwrap().write_all(lines.as_bytes()).unwrap();
    };
    let survey = cut(&unsynced).unwrap();
    eprintln!("not synced: {survey}");
    assert!(!survey.failures.is_empty(), "the rig finds what is wrong");
}
