//! A power cut at any write or sync while the power service keeps what it knows: afterwards each file is the old one or the new one, whole, and the new one
//! from the moment on at which the keeping returned.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use anyhow::{Context as _, Result, ensure};
use content_store::disk::write_aside;
use std::fs;
use std::io;
use std::path::Path;
use system_tests::disk::{LyingDisk, Position, Seed, Survey, plan, states_wanted, survey, usable};

const DISK: u64 = 64 << 20;
/// As long as a saved gauge.
const LENGTH: usize = 2_127;
const TIMES: u8 = 12;

/// The save of one time: its number in each byte.
fn save(time: u8) -> Vec<u8> {
    vec![time; LENGTH]
}

/// Keeps time after time in `power/gauge.bin`; checks every crash state.
fn cut(keep: fn(&Path, &[u8]) -> io::Result<()>) -> Result<Survey> {
    let disk = LyingDisk::new(DISK)?;
    let folder = disk.folder().join("power");
    fs::create_dir(&folder)?;
    keep(&folder.join("gauge.bin"), &save(0))?;
    disk.settle()?;
    let start = disk.position()?;
    let mut returned: Vec<Position> = Vec::new();
    for time in 1..=TIMES {
        keep(&folder.join("gauge.bin"), &save(time))?;
        returned.push(disk.position()?);
    }
    disk.settle()?;
    let recording = disk.pull_the_plug()?;
    let cuts = plan(
        recording.log().entries(),
        start..recording.end(),
        states_wanted(80),
        Seed(0xba77),
    );
    survey(&recording, &cuts, |folder, cut| {
        let kept = fs::read(folder.join("power/gauge.bin")).context("it is gone")?;
        let oldest = returned.iter().filter(|at| **at <= cut.at).count();
        let time = *kept.first().context("it is empty")?;
        ensure!(kept == save(time), "torn: {} bytes", kept.len());
        ensure!(
            usize::from(time) >= oldest,
            "{time} after {oldest} was kept"
        );
        Ok(())
    })
}

#[test]
fn what_is_kept_is_whole_and_never_older_than_it_was() {
    if usable("lying disk, what the power service keeps").is_none() {
        return;
    }
    let survey = cut(write_aside).unwrap();
    eprintln!("written aside: {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
}

/// The control: overwritten in place, and nothing synced.
#[test]
fn a_file_that_is_overwritten_is_torn_or_lost() {
    if usable("lying disk, a file overwritten in place").is_none() {
        return;
    }
    let survey = cut(|path, bytes| fs::write(path, bytes)).unwrap();
    eprintln!("overwritten: {survey}");
    assert!(!survey.failures.is_empty(), "the rig finds what is wrong");
}
