//! What the lights say when a self-test has ended.

use crate::{on_air, reaches, school, wait_to_show};
use std::time::Duration;
use system_tests::world::{Outcome, Ticking, World};

/// An unattended self-test.
const TESTED_WITHIN: Duration = Duration::from_secs(600);

/// What the self-test says of the running box, and its exit code.
fn tested(world: &World, state: &str) -> Outcome {
    let outcome = world.run(&["selftest", "--unattended", "--json"]);
    wait_to_show(world, state, TESTED_WITHIN);
    outcome
}

pub(crate) fn a_test_of_a_sound_box(state: &str) {
    let world = school();
    world.sim().watchdog();
    let _clock = Ticking::start(world.sim());
    let running = on_air(&world, "");
    reaches(&world, &running, "well");
    let outcome = tested(&world, state);
    assert_eq!(outcome.json()["ready"], true, "{outcome:?}");
    // Whoever presses has seen it.
    world.sim().press(Duration::from_millis(300));
    reaches(&world, &running, "well");
    running.stop();
}

pub(crate) fn a_test_of_a_box_without_its_sensor(state: &str) {
    let world = school();
    world.sim().watchdog();
    let _clock = Ticking::start(world.sim());
    let running = on_air(&world, "");
    reaches(&world, &running, "well");
    world.sim().silence_battery();
    reaches(&world, &running, "sensor");
    let outcome = tested(&world, state);
    let result = outcome.json();
    assert_eq!((outcome.code, &result["ready"]), (Some(1), &false.into()));
    let parts = result["parts"].as_array().unwrap();
    let gauge = parts.iter().find(|part| part["part"] == "gauge").unwrap();
    assert_eq!(gauge["is"], "failed", "{result:#}");
    running.stop();
}
