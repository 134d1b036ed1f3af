//! The self-test from the technician's line: it begins with the button, says what the person is to do, and ends with a verdict.

use super::keep;
use serde_json::Value;
use std::fs;
use std::time::Duration;
use system_tests::console::Console;
use system_tests::world::{DEADLINE, World, wait_for};

const TAP: Duration = Duration::from_millis(400);

/// The result that was kept; a test may take some minutes.
fn result(world: &World) -> Value {
    let file = world.data().join("selftest.json");
    wait_for("the result of the test", 4 * DEADLINE, || {
        serde_json::from_slice(&fs::read(&file).ok()?).ok()
    })
}

/// What the person does, as the line asks for it; whatever stands before it on the line.
fn do_what_is_asked(world: &World, console: &mut Console, name: &str) {
    let sim = world.sim();
    let lights = console.wait_for("Look at the lights");
    keep(&format!("{name}-lights"), &lights);
    console.wait_for("press the button on the box now");
    sim.press(TAP);
    console.wait_for("Plug a stick into the box now");
    fs::create_dir_all(sim.dir().join("usb")).unwrap();
    fs::write(sim.dir().join("usb/lesson.txt"), "x").unwrap();
}

fn insist_that_the_hands_were_seen(result: &Value) {
    let parts = result["parts"].as_array().unwrap();
    for name in ["panel", "button", "usb"] {
        let part = parts.iter().find(|part| part["part"] == name).unwrap();
        assert_eq!(part["is"], "ok", "{result:#}");
    }
}

#[test]
fn a_self_test_at_the_screen() {
    let world = World::new();
    let running = world.start();
    let mut console = Console::start(&world);
    console.press("7");
    console.wait_for("No self-test was made yet.");
    console.press("t");
    console.wait_for("Try every part, up to ten minutes?");
    console.press("y");
    console.wait_for("test: press the box's button now");
    world.sim().press(TAP);
    do_what_is_asked(&world, &mut console, "selftest");
    let result = result(&world);
    insist_that_the_hands_were_seen(&result);
    let verdict = result["verdict"].as_str().unwrap();
    keep("selftest-verdict", &console.wait_for(verdict));
    // All of it is on the page, with what the warehouse takes in.
    let code = wait_for("the code on a part of the page", DEADLINE, || {
        console.press("n");
        let screen = console.screen();
        screen.contains("SBT1/").then_some(screen)
    });
    keep("selftest-code", &code);
    assert!(code.contains("For `depot shelf`:"), "{code}");
    running.stop();
}

#[test]
fn a_self_test_on_the_line_says_when_to_press_the_button() {
    let world = World::new();
    let running = world.start();
    let mut console = Console::start(&world);
    console.wait_for("Nothing needs help.");
    console.press("l");
    console.wait_for("line mode");
    // The control: nobody presses, nothing is tried.
    console.press("selftest\r");
    console.wait_for("# test: press the box's button now, shortly");
    console.wait_for("nobody pressed the button within 30 s");
    assert!(!world.data().join("selftest.json").exists());

    console.press("selftest\r");
    console.wait_that("the second asking", |screen| {
        screen.matches("# test: press the box's button now").count() == 2
    });
    world.sim().press(TAP);
    do_what_is_asked(&world, &mut console, "selftest-line");
    insist_that_the_hands_were_seen(&result(&world));
    console.wait_for("\"command\":\"selftest\",\"ok\":true");
    running.stop();
}
