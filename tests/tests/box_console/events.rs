//! What happened last: what the box has not written yet among it, and how old it is where the box does not tell.

use super::keep;
use super::lines::script;
use serde_json::Value;
use std::fs;
use std::time::Duration;
use system_tests::console::Console;
use system_tests::world::{World, wait_until};

/// An event that is not grave: it waits for its turn to be written.
const NEWS: &str = "button.pressed";

/// All that is on the disk.
fn written(world: &World) -> String {
    let files = fs::read_dir(world.data().join("events"));
    let files = files.into_iter().flatten().flatten();
    let bytes = files.map(|file| fs::read(file.path()).unwrap_or_default());
    bytes
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect()
}

/// How often the events tell the news, and up to when they were written.
fn told(world: &World) -> (usize, Value) {
    let told = script(world, b"events\n").remove(0);
    let events = told["events"].as_array().unwrap();
    let news = |line: &&Value| line.as_str().is_some_and(|line| line.contains(NEWS));
    (
        events.iter().filter(news).count(),
        told["written_up_to"].clone(),
    )
}

#[test]
fn what_is_not_written_yet_is_told_and_without_the_box_how_old_the_events_are() {
    let world = World::new();
    let running = world.start();
    wait_until("the start on the disk", || {
        written(&world).contains("box.started")
    });
    world.sim().press(Duration::from_millis(400));
    running.wait_for_log(NEWS);
    assert!(!written(&world).contains(NEWS), "it waits");
    assert_eq!(told(&world), (1, Value::Null));
    let mut console = Console::start(&world);
    console.press("6");
    let screen = console.wait_for(NEWS);
    assert!(!screen.contains("Written up to"), "{screen}");
    keep("events-not-written", &screen);

    // It is lost, and the page does not pretend to be whole.
    running.kill();
    let (news, written_up_to) = told(&world);
    assert_eq!(news, 0);
    assert!(written_up_to.is_string(), "{written_up_to}");
    keep("events-killed", &console.wait_for("Written up to"));

    // The control: a box that ends in order writes them, and they are told once.
    let running = world.start();
    world.sim().press(Duration::from_millis(400));
    running.wait_for_log(NEWS);
    running.stop();
    assert_eq!(written(&world).matches(NEWS).count(), 1);
    assert_eq!(told(&world).0, 1);
}
