//! A report tells which box it is of, and what happened last, written or not; the desk shows both.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use system_tests::world::{Outcome, World, depot, wait_until};

/// An event that is not grave: it waits for its turn to be written.
const NEWS: &str = "button.pressed";

/// A report in a folder of its own: two of one start have one name.
fn report(world: &World, folder: &str) -> PathBuf {
    let to = world.path(folder);
    fs::create_dir(&to).unwrap();
    let made = world.run(&["report", "--json", "--to", &to.display().to_string()]);
    PathBuf::from(made.succeeded().json()["file"].as_str().unwrap())
}

fn show(file: &Path, more: &[&str]) -> Outcome {
    let mut command = Command::new(depot());
    command.args(["report", "show"]).arg(file).args(more);
    Outcome::of(command).succeeded()
}

#[test]
fn the_number_on_the_label_is_told_first() {
    let world = World::new();
    let first_line = |folder: &str| {
        let file = report(&world, folder);
        let shown = show(&file, &[]).stdout;
        let number = show(&file, &["--json"]).json()["manifest"]["serial"].clone();
        (shown.lines().next().unwrap().to_owned(), number)
    };
    // The controls: a box without a number, and one that was typed by hand.
    for (folder, typed) in [("none", ""), ("typed", "SB-PH-0042\n")] {
        fs::write(world.data().join("serial"), typed).unwrap();
        let (line, number) = first_line(folder);
        assert!(!line.contains("SB-PH-0042"), "{line}");
        assert_eq!(number, Value::Null);
    }
    // As `depot card write` lays it on a card: 64 bytes.
    let number = format!("{:<63}\n", "SB-PH-0042");
    fs::write(world.data().join("serial"), number).unwrap();
    let (line, number) = first_line("numbered");
    let begins = "Report of box SB-PH-0042, support ";
    assert!(line.starts_with(begins), "{line}");
    assert_eq!(number, "SB-PH-0042");
}

/// What happened last is often what the report is made for.
#[test]
fn what_the_box_has_not_written_yet_is_in_its_report_once() {
    let world = World::new();
    let running = world.start();
    let written = |word: &str| {
        let files = fs::read_dir(world.data().join("events"));
        let files = files.into_iter().flatten().flatten();
        let mut files = files.map(|file| fs::read(file.path()).unwrap_or_default());
        files.any(|bytes| String::from_utf8_lossy(&bytes).contains(word))
    };
    wait_until("the start on the disk", || written("box.started"));
    world.sim().press(Duration::from_millis(400));
    running.wait_for_log(NEWS);
    assert!(!written(NEWS), "it waits");
    let presses = |file: &Path| {
        let shown = show(file, &["--json"]).json();
        let events = shown["events"].as_array().unwrap();
        events.iter().filter(|event| event["n"] == NEWS).count()
    };
    assert_eq!(presses(&report(&world, "running")), 1);
    let from_portal = running.get("/report.sbr").expect(200);
    let from_portal = world.write("portal.sbr", from_portal.body);
    assert_eq!(presses(&from_portal), 1);
    // The control: it ends in order, and everything is written.
    running.stop();
    assert!(written(NEWS));
    assert_eq!(presses(&report(&world, "stopped")), 1);
}
