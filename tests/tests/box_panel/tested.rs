//! What the lights say when a self-test has ended.

use crate::{on_air, reaches, school, wait_to_show};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use system_tests::world::{Outcome, World};

/// For a test of the clock: no earlier than the program was made.
const NOW: u64 = 1_795_936_445;
/// An unattended self-test.
const TESTED_WITHIN: Duration = Duration::from_secs(600);

/// What the self-test says of the running box, and its exit code.
fn tested(world: &World, state: &str) -> Outcome {
    let outcome = world.run(&["selftest", "--unattended", "--json"]);
    wait_to_show(world, state, TESTED_WITHIN);
    outcome
}

/// A clock that goes for as long as `work` takes, and a watchdog that is fed: what a test of every part looks at, too.
fn with_clock_and_watchdog<T>(world: &World, work: impl FnOnce() -> T) -> T {
    fs::create_dir_all(world.sim().dir().join("watchdog")).unwrap();
    for (name, text) in [
        ("identity", "simulated"),
        ("timeout", "15"),
        ("state", "active"),
    ] {
        world.sim().set(&format!("watchdog/{name}"), text);
    }
    let (started, done) = (Instant::now(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let now = NOW + started.elapsed().as_secs();
                world.sim().set("rtc", &now.to_string());
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        let made = catch_unwind(AssertUnwindSafe(work));
        done.store(true, Ordering::Relaxed);
        made.unwrap_or_else(|panic| resume_unwind(panic))
    })
}

pub(crate) fn a_test_of_a_sound_box(state: &str) {
    let world = school();
    with_clock_and_watchdog(&world, || sound(&world, state));
}

fn sound(world: &World, state: &str) {
    let running = on_air(world, "");
    reaches(world, &running, "well");
    let outcome = tested(world, state);
    assert_eq!(outcome.json()["ready"], true, "{outcome:?}");
    // Whoever presses has seen it.
    world.sim().press(Duration::from_millis(300));
    reaches(world, &running, "well");
    running.stop();
}

pub(crate) fn a_test_of_a_box_without_its_sensor(state: &str) {
    let world = school();
    with_clock_and_watchdog(&world, || sensorless(&world, state));
}

fn sensorless(world: &World, state: &str) {
    let running = on_air(world, "");
    reaches(world, &running, "well");
    world.sim().silence_battery();
    reaches(world, &running, "sensor");
    let outcome = tested(world, state);
    let result = outcome.json();
    assert_eq!((outcome.code, &result["ready"]), (Some(1), &false.into()));
    let parts = result["parts"].as_array().unwrap();
    let gauge = parts.iter().find(|part| part["part"] == "gauge").unwrap();
    assert_eq!(gauge["is"], "failed", "{result:#}");
    running.stop();
}
