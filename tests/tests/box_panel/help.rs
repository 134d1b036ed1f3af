//! The causes of the help light: each brings its state and, where it can be taken back, takes it with it; and each change is logged, and so goes into
//! the ring of events, where a year later somebody asks when it began.

use crate::{on_air, reaches, school};
use std::fs;
use system_tests::world::{DEADLINE, RunningBox, SmallDisk, World, folder_pack, wait_for};

/// Waits for a line of the log with this event and these words.
fn is_logged(running: &RunningBox, event: &str, words: &str) {
    wait_for(&format!("{event} with {words}"), DEADLINE, || {
        let log = running.log();
        let mut lines = log.lines();
        lines
            .any(|line| line.contains(event) && line.contains(words))
            .then_some(())
    });
}

/// That the panel came to tell `state`.
fn change_is_logged(running: &RunningBox, state: &str) {
    is_logged(
        running,
        "panel.state_changed",
        &format!("to=\"{state}\" cause="),
    );
}

/// Well before the cause, the state with it; where it can be taken back, well again.
fn troubles(
    world: &World,
    running: &RunningBox,
    state: &str,
    cause: impl FnOnce(),
    undo: impl FnOnce(),
) {
    reaches(world, running, "well");
    cause();
    reaches(world, running, state);
    change_is_logged(running, state);
    undo();
    reaches(world, running, "well");
}

pub(crate) fn another_device_that_gives_addresses(state: &str) {
    let world = school();
    let running = on_air(&world, "");
    reaches(&world, &running, "well");
    running.stop();
    world.sim().set("radio/rival", "10.48.0.77");
    let running = on_air(&world, "");
    reaches(&world, &running, state);
    running.stop();
}

pub(crate) fn a_disk_without_room(state: &str) {
    // Without a disk: what the start of the system found.
    let world = school();
    fs::create_dir_all(world.sim().dir().join("start")).unwrap();
    world
        .sim()
        .set("start/problems", "the data partition cannot be mounted");
    world.sim().set("start/data-in-memory", "");
    let running = world.launch().on_air().without_health().start();
    reaches(&world, &running, state);
    world
        .sim()
        .wait_for_panel("they are read from memory", |panel| {
            panel.contains("lessons=on")
        });
    running.stop();
    // Full.
    let Some(disk) = SmallDisk::mount("a disk without room", 160) else {
        return;
    };
    let world = World::on(&disk);
    world.import(&folder_pack(&world, "lessons"));
    world.sim().battery(14.2, 0.2);
    let running = on_air(&world, "");
    let fill = || {
        let _ = disk.fill();
    };
    let empty = || fs::remove_file(disk.path().join("ballast")).unwrap();
    troubles(&world, &running, state, fill, empty);
    running.stop();
}

pub(crate) fn a_sensor_that_came_off(state: &str) {
    let world = school();
    let running = on_air(&world, "");
    let off = || world.sim().silence_battery();
    let on = || {
        world.sim().battery(14.2, 0.2);
        world.sim().set("battery/temperature_c", "25.0");
    };
    troubles(&world, &running, state, off, on);
    is_logged(&running, "power.gauge_failed", "is silent");
    is_logged(&running, "box.degraded", "the battery sensor is silent");
    running.stop();
}

pub(crate) fn a_radio_that_halted(state: &str) {
    let world = school();
    let running = on_air(&world, "");
    let halt = || world.sim().set("radio/fault", "hang");
    troubles(&world, &running, state, halt, || {
        world.sim().set("radio/fault", "")
    });
    running.stop();
}
