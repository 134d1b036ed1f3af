//! A stick with a folder for records, as the image gives it to the box: receipts in, what waits out, and a word to the box of what became of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod records_rig;

use records_rig::{Desk, School, files, holds, name};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use system_tests::world::{Outcome, RunningBox, SmallDisk};

fn errand(school: &School, folder: &Path) -> Outcome {
    let folder = folder.display().to_string();
    school.world.run(&["records", "stick", &folder, "--json"])
}

fn last(running: &RunningBox) -> Value {
    running.status()["records"]["last_stick"].clone()
}

fn state_page(running: &RunningBox) -> String {
    running.get("/status").expect(200).text()
}

#[test]
fn a_courier_brings_receipts_and_takes_records_with_one_stick() {
    let desk = Desk::new("programme");
    let school = School::of(&desk, 1);
    let running = school.world.start();
    assert_eq!(last(&running), Value::Null);
    assert!(state_page(&running).contains("school-box-records"), "how");
    let stick = school.world.path("stick/school-box-records");
    fs::create_dir_all(&stick).unwrap();

    let told = errand(&school, &stick).succeeded().json();
    assert_eq!(told, last(&running));
    let bundles = files(&stick, "sealed");
    assert_eq!(bundles.len(), 1);
    for file in &bundles {
        let (bytes, own) = (fs::read(file).unwrap(), file.display().to_string());
        for number in 0..records_rig::NAMES {
            let name = name(number);
            assert!(!holds(&bytes, name.as_bytes()) && !own.contains(&name));
        }
    }
    let carried = json!({"is": "carried", "statements": 200, "bundles": 1});
    assert_eq!(
        last(&running),
        json!({"out": carried, "receipts": 0, "refused": 0})
    );
    assert_eq!(running.status()["records"]["waiting"], 200);
    assert!(state_page(&running).contains("One sealed file is on the stick. You may pull it out."));

    // The desk answers into the same folder; one of the receipts was damaged on the way.
    desk.open(&[&stick]).succeeded();
    let receipt = files(&desk.out().join("receipts"), "receipt").remove(0);
    fs::rename(&receipt, stick.join("z.receipt")).unwrap();
    fs::write(stick.join("a.receipt"), "noise").unwrap();
    let refused = errand(&school, &stick);
    assert!(refused.refused(1).contains("a.receipt"), "{refused:?}");
    assert_eq!(
        last(&running),
        json!({"out": {"is": "nothing"}, "receipts": 1, "refused": 1})
    );
    assert_eq!(running.status()["records"]["waiting"], 0);
    assert!(state_page(&running).contains("One receipt on it was not accepted."));
    assert!(running.log().contains("records.stick"));
    running.stop();
}

#[test]
fn a_stick_that_is_full_or_locked_and_a_box_without_a_key_lose_nothing() {
    let Some(disk) = SmallDisk::mount("box_stick::full", 4) else {
        return;
    };
    let desk = Desk::new("programme");
    let school = School::of(&desk, 1);
    let running = school.world.start();
    let folder = disk.path().join("school-box-records");
    fs::create_dir(&folder).unwrap();
    let is = |running: &RunningBox| last(running)["out"]["is"].clone();

    let ballast = disk.fill();
    let line = errand(&school, &folder).refused(1).to_owned();
    assert!(
        line.contains("cannot be written") && line.contains("make room"),
        "{line}"
    );
    assert_eq!(is(&running), "full");
    assert!(files(&folder, "sealed").is_empty() && files(&folder, "new").is_empty());
    fs::remove_file(ballast).unwrap();

    remount(disk.path(), "ro");
    let line = errand(&school, &folder).refused(1).to_owned();
    assert!(line.contains("LOCK"), "{line}");
    assert_eq!(is(&running), "locked");
    // The control: the same stick, writable and with room.
    remount(disk.path(), "rw");
    errand(&school, &folder).succeeded();
    assert_eq!(is(&running), "carried");
    assert_eq!(running.status()["records"]["statements"], 200);
    assert!(files(&school.world.data().join("out"), "sealed").is_empty());
    running.stop();

    fs::remove_file(school.world.data().join("config.toml")).unwrap();
    let running = school.world.start();
    let other = school.world.path("other");
    fs::create_dir(&other).unwrap();
    let line = errand(&school, &other).refused(1).to_owned();
    assert!(line.contains("programme_key"), "{line}");
    assert_eq!(is(&running), "no_key");
    assert!(files(&other, "sealed").is_empty());
    assert!(state_page(&running).contains("the programme’s key is missing"));
    running.stop();
}

fn remount(place: &Path, how: &str) {
    let mut mount = Command::new("mount");
    mount.args(["-o", &format!("remount,{how}")]).arg(place);
    assert!(mount.status().unwrap().success());
}
