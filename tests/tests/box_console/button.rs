//! Nothing is changed from the line unless somebody presses the button of the box.

use super::keep;
use serde_json::Value;
use std::time::Duration;
use system_tests::console::Console;
use system_tests::world::{DEADLINE, World};

const TAP: Duration = Duration::from_millis(400);

#[test]
fn without_the_button_nothing_is_done_and_with_it_the_box_restarts() {
    let world = World::new();
    let mut running = world.start();
    // A tap before the asking is none.
    world.sim().press(TAP);
    running.wait_for_log("button.pressed");
    let mut console = Console::start(&world);
    console.wait_for("Nothing needs help.");
    console.press("r");
    console.wait_for("Restart the box?");
    console.press("y");
    let waits = console.wait_for("restart: press the box's button now");
    keep("button", &waits);
    console.wait_for("nobody pressed the button within 30 s");
    assert!(running.ended().is_none());

    console.press("r");
    console.wait_for("Restart the box?");
    console.press("y");
    console.wait_for("press the box's button now");
    // One tap is a yes to one thing.
    let second = super::lines::script(&world, b"use\n");
    let why = second[0]["error"].as_str().unwrap();
    assert!(
        why.contains("another request waits for the button"),
        "{why}"
    );
    world.sim().press(TAP);
    console.wait_for("The box restarts now.");
    assert_eq!(running.wait_for_end(DEADLINE).status.code(), Some(3));
    console.wait_for("it asked for a restart of the machine");
}

#[test]
fn a_slot_is_confirmed_or_refused_by_the_box_itself_and_storage_is_entered() {
    let world = World::new();
    let mut running = world.start();
    let mut console = Console::start(&world);
    console.wait_for("Nothing needs help.");
    console.press("4");
    console.press("r");
    console.press("y");
    console.wait_for("roll back: press the box's button now");
    // Meanwhile one may look around; one thing at a time.
    console.press("2");
    console.wait_for("-- Battery and plan");
    console.press("s");
    console.wait_for("One thing at a time");
    world.sim().press(TAP);
    let said = console.wait_that("the box's word on it", |screen| {
        !screen.contains("press the box's button")
    });
    keep("rolled-back", &said);

    console.press("s");
    console.wait_for("Store the box");
    console.press("y");
    console.wait_for("store: press the box's button now");
    world.sim().press(TAP);
    console.wait_for("The box is stored and switches off.");
    running.wait_for_end(DEADLINE);
    console.wait_for("it switched the box off");
    console.wait_for("Storage   the box is stored");
}

#[test]
fn a_script_waits_for_the_button_too() {
    let world = World::new();
    let running = world.start();
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let asked = scope.spawn(|| super::lines::script(&world, b"use\n"));
        // Taps until one of them is heard.
        while !asked.is_finished() {
            world.sim().press(TAP);
            std::thread::sleep(TAP);
        }
        asked.join().unwrap()
    });
    assert_eq!(answers[0]["ok"], true, "{answers:?}");
    running.stop();
    let without = super::lines::script(&world, b"use\n");
    assert_eq!(without[0]["ok"], false);
    let why = without[0]["error"].as_str().unwrap();
    assert!(why.contains("is not running"), "{why}");
}
