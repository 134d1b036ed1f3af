//! A box goes to another school: not before the programme has acknowledged every statement; then nobody is known, the network is another,
//! and the lessons are as they were. A cut anywhere leaves the box as it was, or handed over.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

mod records_rig;

use anyhow::{Context as _, Result, ensure};
use records_rig::{Desk, School, files};
use std::fs;
use std::path::Path;
use std::process::Command;
use system_tests::disk::{LyingDisk, Seed, Survey, plan, states_wanted, survey, usable};
use system_tests::world::{Outcome, folder_pack, school_box};

fn hand_over(school: &School, more: &[&str]) -> Outcome {
    school.world.run(&[&["handover", "--yes"], more].concat())
}

/// The network's name and key, as the label tells them.
fn network(data: &Path) -> String {
    fs::read_to_string(data.join("air/identity")).unwrap()
}

#[test]
fn a_box_is_handed_over_once_everything_has_arrived() {
    for runs in [true, false] {
        let desk = Desk::new("programme");
        let school = School::of(&desk, 1);
        let world = &school.world;
        world.import(&folder_pack(world, "lessons"));
        world.run(&["welcome", "--svg"]).succeeded();
        let before = network(world.data());
        let running = runs.then(|| world.start());
        let stick = world.path("stick");
        let to = stick.display().to_string();

        // Nothing is acknowledged: the bundles are carried, and nobody is forgotten.
        let refused = hand_over(&school, &["--to", &to]);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        let line = refused.stderr.lines().last().unwrap_or_default();
        assert!(
            line.contains("200 statements are not known to have arrived"),
            "{line}"
        );
        assert!(line.contains("records receipts"), "{line}");
        assert_eq!(files(&stick, "sealed").len(), 1);
        assert_eq!(network(world.data()), before);
        assert!(!world.data().join("handover").exists());

        // The courier comes back.
        desk.open(&[&stick]).succeeded();
        let receipts = desk.out().join("receipts");
        for receipt in files(&receipts, "receipt") {
            fs::rename(&receipt, stick.join(receipt.file_name().unwrap())).unwrap();
        }
        if let Some(running) = &running {
            // Meanwhile somebody has learned something.
            school.one_more(running);
            let refused = hand_over(&school, &["--to", &to]);
            let line = refused.stderr.lines().last().unwrap_or_default().to_owned();
            assert!(line.contains("1 statements are not known"), "{line}");
            desk.open(&[&stick]).succeeded();
            for receipt in files(&receipts, "receipt") {
                fs::rename(&receipt, stick.join(receipt.file_name().unwrap())).unwrap();
            }
        }
        let done = hand_over(&school, &["--to", &to, "--json"])
            .succeeded()
            .json();
        assert_eq!(done["statements"], if runs { 201 } else { 200 });
        if let Some(running) = running {
            assert_eq!(running.status()["records"]["statements"], 0);
            running.get("/").expect(200);
            running.stop();
        }
        assert!(!world.data().join("air/identity").exists());
        assert!(!world.data().join("handover").exists());
        let packs = world.run(&["library", "list", "--json"]).succeeded().json();
        assert_eq!(packs.as_array().unwrap().len(), 1, "the lessons stay");
        world.run(&["welcome", "--svg"]).succeeded();
        assert_ne!(network(world.data()), before, "another network");
        let running = world.start();
        assert_eq!(running.status()["records"]["statements"], 0);
        running.stop();
        // The receipts of before speak of nobody here.
        let taken = school.receipts(&stick).succeeded().json();
        assert_eq!(taken["taken"], 0);
    }
}

#[test]
fn in_an_emergency_it_goes_without_receipts_and_never_without_the_words() {
    let desk = Desk::new("programme");
    let school = School::of(&desk, 1);
    let refused = school.world.run(&["handover", "--without-receipts"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("hand over without receipts"),
        "{refused:?}"
    );
    assert_eq!(records_rig::open(school.world.data()).count().unwrap(), 200);
    hand_over(&school, &["--without-receipts"]).succeeded();
    assert_eq!(records_rig::open(school.world.data()).count().unwrap(), 0);
}

/// Nobody is asked to type what would only be refused.
#[test]
fn no_words_are_asked_for_while_something_waits_for_receipts() {
    for runs in [true, false] {
        let desk = Desk::new("programme");
        let school = School::of(&desk, 1);
        let world = &school.world;
        let running = runs.then(|| world.start());
        let refused = world.run(&["handover"]);
        let line = refused.refused(1);
        assert!(line.contains("200 statements are not known"), "{line}");
        assert!(!line.contains("type \"hand over\""), "{line}");
        // The control: all has arrived, and now they are.
        let stick = world.path("stick");
        school.export(&stick).succeeded();
        desk.open(&[&stick]).succeeded();
        school.receipts(&desk.out()).succeeded();
        let asked = world.run(&["handover"]);
        assert_eq!(asked.code, Some(1), "{asked:?}");
        assert!(asked.stderr.contains("type \"hand over\""), "{asked:?}");
        if let Some(running) = running {
            running.stop();
        }
        assert_eq!(records_rig::open(world.data()).count().unwrap(), 200);
    }
}

/// What a cut left: as it was, or handed over, after the next start.
fn is_one_or_the_other(data: &Path, before: &str) -> Result<bool> {
    let mut command = Command::new(school_box());
    command
        .args(["records", "verify", "--json", "--data"])
        .arg(data);
    let told = Outcome::of(command);
    ensure!(told.code == Some(0), "{told:?}");
    let known = told.json()["statements"].as_u64().context("a count")?;
    let identity = fs::read_to_string(data.join("air/identity")).ok();
    ensure!(!data.join("handover").exists(), "the word is left");
    match known {
        200 => {
            ensure!(identity.as_deref() == Some(before), "known, and half moved");
            Ok(false)
        }
        0 => {
            ensure!(identity.is_none(), "the network is the old one");
            ensure!(!data.join("updates/box-id").exists(), "so is the number");
            Ok(true)
        }
        other => anyhow::bail!("{other} of 200 are known"),
    }
}

/// Hands over on a lying disk by `how`; the states as it was, and handed over.
fn cut(usual: usize, how: impl FnOnce(&Path) -> Result<()>) -> Result<(Survey, usize, usize)> {
    let desk = Desk::new("programme");
    let school = School::of(&desk, 1);
    let disk = LyingDisk::new(64 << 20)?;
    let data = disk.folder().join("data");
    let mut command = Command::new("cp");
    command.arg("-r").arg(school.world.data()).arg(&data);
    Outcome::of(command).succeeded();
    for folder in ["air", "updates"] {
        fs::create_dir_all(data.join(folder))?;
    }
    let before = "mark=7F3A\n";
    fs::write(data.join("air/identity"), before)?;
    fs::write(data.join("updates/box-id"), "0123")?;
    disk.settle()?;
    let from = disk.position()?;
    how(&data)?;
    disk.settle()?;
    let recording = disk.pull_the_plug()?;
    let cuts = plan(
        recording.log().entries(),
        from..recording.end(),
        states_wanted(usual),
        Seed(0x4a4d),
    );
    let (mut as_it_was, mut handed_over) = (0, 0);
    let survey = survey(&recording, &cuts, |folder, _| {
        let handed = is_one_or_the_other(&folder.join("data"), before)?;
        *(if handed {
            &mut handed_over
        } else {
            &mut as_it_was
        }) += 1;
        Ok(())
    })?;
    Ok((survey, as_it_was, handed_over))
}

#[test]
fn a_cut_in_the_hand_over_leaves_one_school_or_the_other() {
    if usable("power cut while the box is handed over").is_none() {
        return;
    }
    let (survey, as_it_was, handed_over) = cut(80, |data| {
        let mut command = Command::new(school_box());
        command
            .args(["handover", "--yes", "--without-receipts", "--data"])
            .arg(data);
        Outcome::of(command).succeeded();
        Ok(())
    })
    .unwrap();
    eprintln!("hand-over: {as_it_was} as it was, {handed_over} handed over; {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
    assert!(as_it_was > 0, "no cut fell before the commit");
    assert!(handed_over > 0, "no cut fell after it");
}

/// The control: the same in two acts, the people first and the network then.
#[test]
fn control_two_acts_leave_the_new_school_with_the_old_network() {
    if usable("power cut between erasing and another network").is_none() {
        return;
    }
    let (survey, ..) = cut(60, |data| {
        let mut command = Command::new(school_box());
        command.args(["erase", "--yes", "--data"]).arg(data);
        Outcome::of(command).succeeded();
        fs::remove_file(data.join("air/identity"))?;
        fs::remove_file(data.join("updates/box-id"))?;
        Ok(())
    })
    .unwrap();
    eprintln!("hand-over in two acts: {survey}");
    assert!(!survey.failures.is_empty(), "the test above is blind");
}
