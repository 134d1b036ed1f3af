//! What the lights say when a self-test has ended.

use crate::{on_air, reaches, school, wait_to_show};
use std::time::Duration;
use system_tests::world::{Outcome, RunningBox, Ticking, World};

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
    // The help light speaks before it; what was found well is told again when that is over.
    world.sim().silence_battery();
    reaches(&world, &running, "sensor");
    speaks_again(&world, &running);
    reaches(&world, &running, state);
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
    // It tells of what was wrong then: a trouble that comes later has more to say.
    speaks_again(&world, &running);
    reaches(&world, &running, state);
    world.sim().silence_battery();
    reaches(&world, &running, "sensor");
    running.stop();
}

/// The sensor is back, and the lights have had two looks at that.
fn speaks_again(world: &World, running: &RunningBox) {
    world.sim().battery(14.2, 0.2);
    world.sim().set("battery/temperature_c", "25.0");
    let status =
        running.wait_for_status("the sensor", |status| status["battery"]["stale"] == false);
    let heard = status["uptime_s"].as_u64();
    running.wait_for_status("two looks", |status| {
        status["uptime_s"].as_u64() > heard.map(|second| second + 2)
    });
}
