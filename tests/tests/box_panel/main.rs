//! The light panel: every state of its table, and every cause of each, reached on the simulated board by the real binary; the card and the
//! playbooks printed; what is mistyped.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod help;
mod tested;
mod told;

use help::{
    a_disk_without_room, a_radio_that_halted, a_sensor_that_came_off,
    another_device_that_gives_addresses,
};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;
use system_tests::world::http::Request;
use system_tests::world::{
    DEADLINE, Outcome, RunningBox, World, folder_pack, school_box, wait_for, wait_until,
};
use tested::{a_test_of_a_box_without_its_sensor, a_test_of_a_sound_box};

/// A lesson day on a plain week day: Monday, the second of March 2026, ten in the morning.
const MONDAY: u64 = 1_772_445_600;
/// The thresholds far apart, so that no finer point of the gauge matters here.
const WIDE: &str =
    "[power]\ndwell_s = 0\nfull_at_percent = 90\neco_at_percent = 22\nhysteresis_percent = 1\n";
/// What is less than nearly full is little.
const STRICT: &str =
    "[power]\ndwell_s = 0\nfull_at_percent = 94\neco_at_percent = 90\nhysteresis_percent = 1\n";
/// The probe of the box itself has to be silent for 90 s before the verdict is that it does not get on.
const STUCK_WITHIN: Duration = Duration::from_secs(300);

/// The table, as the binary under test has it.
fn table() -> Value {
    run(&["list", "--json"]).succeeded().json()
}

fn run(arguments: &[&str]) -> Outcome {
    let mut command = Command::new(school_box());
    command.arg("panel").args(arguments).stdin(Stdio::null());
    Outcome::of(command)
}

/// What a person reads from a line of lights with the printed table in hand: the rhythms alone, no colour.
fn read(table: &Value, line: &str) -> Vec<String> {
    let lights: Vec<(String, String)> = (line.split_whitespace())
        .filter_map(|word| {
            let (light, told) = word.split_once('=')?;
            let rhythm = match told.rsplit(':').next()? {
                "green" | "amber" | "red" => "on",
                rhythm => rhythm,
            };
            Some((light.to_owned(), rhythm.to_owned()))
        })
        .collect();
    let fits = |sight: &Value| {
        lights.len() == 4
            && lights.iter().all(|(light, rhythm)| {
                let seen = sight[light.as_str()].as_str().unwrap();
                seen == "any" || seen.split('|').any(|one| one == rhythm)
            })
    };
    (table.as_array().unwrap().iter())
        .filter(|row| row["lights"].as_array().unwrap().iter().any(fits))
        .map(|row| row["state"].as_str().unwrap().to_owned())
        .collect()
}

fn shows(world: &World, state: &str) -> bool {
    read(&table_of(world), &world.sim().panel()) == [state]
}

/// The table is asked for once a world.
fn table_of(world: &World) -> Value {
    let kept = world.path("table.json");
    if !kept.is_file() {
        fs::write(&kept, table().to_string()).unwrap();
    }
    serde_json::from_slice(&fs::read(kept).unwrap()).unwrap()
}

fn wait_to_show(world: &World, state: &str, within: Duration) {
    let what = format!("the panel to read {state}");
    wait_for(&what, within, || shows(world, state).then_some(()));
}

/// Waits for a state on the panel, and that the box says the same of itself.
fn reaches(world: &World, running: &RunningBox, state: &str) {
    wait_to_show(world, state, DEADLINE);
    let told = running.wait_for_status(state, |status| status["panel"]["state"] == state);
    assert_eq!(told["panel"]["lights"], world.sim().panel().as_str());
}

/// A box with lessons.
fn school() -> World {
    let world = World::new();
    world.import(&folder_pack(&world, "lessons"));
    world.sim().battery(14.2, 0.2);
    world
}

fn on_air(world: &World, config: &str) -> RunningBox {
    let config = world.write("box.toml", config);
    world.launch().on_air().config(&config).start()
}

macro_rules! causes {
    ($($cause:literal brings $state:literal in $name:ident)*) => {
        /// What this suite brings about.
        const CAUSES: &[(&str, &str)] = &[$(($cause, $state)),*];
        mod each {
            $(
                #[test]
                fn $name() {
                    super::$name($state);
                }
            )*
        }
    };
}

causes! {
    "full" brings "well" in a_full_battery
    "eco" brings "saving" in half_a_battery
    "sure-night" brings "saving" in little_that_lasts_for_hours
    "storage-check" brings "saving" in the_look_in_the_warehouse
    "soon" brings "low" in minutes_that_are_left
    "minimal" brings "low" in a_box_that_spares_everything
    "network-silent" brings "resting" in a_network_that_sleeps
    "no-lessons" brings "resting" in a_box_without_lessons
    "off" brings "asleep" in the_button_held
    "storage" brings "asleep" in the_box_put_away
    "degraded" brings "look" in another_device_that_gives_addresses
    "disk" brings "disk" in a_disk_without_room
    "sensor" brings "sensor" in a_sensor_that_came_off
    "radio" brings "radio" in a_radio_that_halted
    "no-progress" brings "stuck" in a_web_that_hangs
    "test-passed" brings "test-passed" in a_test_of_a_sound_box
    "test-failed" brings "test-failed" in a_test_of_a_box_without_its_sensor
}

/// No row of the table, and no cause of a row, is without its test above; and none is tested that the table does not have.
#[test]
fn every_state_and_every_cause_of_the_table_is_reached_here() {
    let table = table();
    let rows = table.as_array().unwrap();
    assert!(
        rows.len() <= 12,
        "{} states: nobody learns more",
        rows.len()
    );
    let mut all = BTreeSet::new();
    for row in rows {
        let causes = row["causes"].as_array().unwrap();
        assert!(!causes.is_empty(), "{row}");
        for cause in causes {
            all.insert((cause.as_str().unwrap(), row["state"].as_str().unwrap()));
        }
    }
    assert_eq!(all, CAUSES.iter().copied().collect());
}

fn a_full_battery(state: &str) {
    let world = school();
    let running = on_air(&world, "");
    reaches(&world, &running, state);
    assert_eq!(
        world.sim().panel(),
        "battery=green wifi=on lessons=on help=off"
    );
    // The same for whoever asks.
    let now = world.run(&["panel", "now"]).succeeded().stdout;
    assert!(
        now.contains("battery=green") && now.contains("Green battery light"),
        "{now}"
    );
    let page = running.get("/lights").expect(200).text();
    assert!(page.contains("<p class=\"told\">"), "{page}");
    running.stop();
    // With nothing that drives them, the lights are not made up.
    let line = world.run(&["panel", "now"]).refused(1).to_owned();
    assert!(line.contains("start"), "{line}");
}

fn half_a_battery(state: &str) {
    let world = school();
    let running = on_air(&world, WIDE);
    reaches(&world, &running, "well");
    world.sim().battery(13.0, -0.3);
    running.wait_for_status("eco", |status| status["power"]["state"] == "eco");
    reaches(&world, &running, state);
    assert!(
        world
            .sim()
            .panel()
            .starts_with("battery=amber:slow wifi=on lessons=on")
    );
    running.stop();
}

fn little_that_lasts_for_hours(state: &str) {
    let world = school();
    world.sim().battery(13.3, -0.05);
    let running = on_air(&world, STRICT);
    running.wait_for_status("minimal", |status| status["power"]["state"] == "minimal");
    reaches(&world, &running, state);
    assert_eq!(world.sim().light("wifi"), "off", "hidden, to save");
    // Whoever presses sees the whole panel for a while.
    world.sim().press(Duration::from_millis(300));
    world.sim().wait_for_panel("the whole panel", |panel| {
        panel.contains("wifi=on lessons=on")
    });
    running.stop();
}

fn the_look_in_the_warehouse(state: &str) {
    let world = school();
    let due = put_away(&world);
    world.sim().set("rtc", &(due + 40).to_string());
    let mut running = world.launch().on_air().without_health().start();
    wait_for("the look", DEADLINE, || {
        let shown = world.sim().panel() == "battery=amber:slow wifi=off lessons=off help=off";
        (shown && shows(&world, state)).then_some(())
    });
    let ended = running.wait_for_end(Duration::from_secs(180));
    assert!(ended.status.success(), "{ended:?}");
    wait_to_show(&world, "asleep", DEADLINE);
}

/// Stored, off, and when it wakes.
fn put_away(world: &World) -> u64 {
    world.sim().set("rtc", &MONDAY.to_string());
    let mut running = world.launch().on_air().start();
    running.wait_for_status("a charge", |status| {
        !status["battery"]["charge_percent"].is_null()
    });
    world.run(&["storage", "enter"]).succeeded();
    let ended = running.wait_for_end(DEADLINE);
    assert!(ended.status.success(), "{ended:?}");
    world.sim().read("wake").trim().parse().unwrap()
}

fn minutes_that_are_left(state: &str) {
    let world = school();
    let running = on_air(&world, "");
    reaches(&world, &running, "well");
    world.sim().battery(12.2, -0.2);
    let status = running.wait_for_status("minutes", |status| {
        status["power"]["minutes_left_band"][0]
            .as_u64()
            .is_some_and(|minutes| minutes < 30)
    });
    assert_eq!(status["power"]["state"], "minimal", "{status}");
    reaches(&world, &running, state);
    assert_eq!(world.sim().light("battery"), "red:quick");
    running.stop();
}

fn a_box_that_spares_everything(state: &str) {
    let world = school();
    // A battery that it has just met, at a third: what is sure is less than three hours, and nobody knows that it is less than half an hour.
    world.sim().battery(12.86, -0.4);
    world.sim().set("charger/power_w", "0");
    let running = on_air(&world, STRICT);
    running.wait_for_status("minimal", |status| status["power"]["state"] == "minimal");
    reaches(&world, &running, state);
    running.stop();
}

fn a_network_that_sleeps(state: &str) {
    let world = school();
    // Noon of that Monday, in a night that begins at eleven.
    world.sim().set("rtc", "1772452800");
    let running = on_air(&world, "[air]\nnight_off = '11:00-13:00'\n");
    running.wait_for_status("silence", |status| status["radio"]["silent"] == "night");
    reaches(&world, &running, state);
    assert_eq!(world.sim().light("lessons"), "on");
    // The remedy of the playbook's first step.
    world.sim().press(Duration::from_millis(400));
    reaches(&world, &running, "well");
    running.stop();
}

fn a_box_without_lessons(state: &str) {
    let world = World::new();
    world.sim().battery(14.2, 0.2);
    let running = on_air(&world, "");
    world
        .sim()
        .wait_for_panel("on the air", |panel| panel.contains("wifi=on lessons=off"));
    reaches(&world, &running, state);
    world.import(&folder_pack(&world, "lessons"));
    reaches(&world, &running, "well");
    running.stop();
}

fn the_button_held(state: &str) {
    let world = school();
    let mut running = on_air(&world, "");
    reaches(&world, &running, "well");
    world.sim().set("button", "1");
    wait_until("one light: let go to switch off", || {
        world.sim().panel() == "battery=amber wifi=off lessons=off help=off"
    });
    running.wait_for_status("no state while the button speaks", |status| {
        status["panel"]["state"].is_null()
    });
    world.sim().set("button", "0");
    let ended = running.wait_for_end(DEADLINE);
    assert!(ended.status.success(), "{ended:?}\n{}", running.log());
    wait_to_show(&world, state, DEADLINE);
    assert!(world.sim().power().contains("state=off"));
}

fn the_box_put_away(state: &str) {
    let world = school();
    put_away(&world);
    wait_to_show(&world, state, DEADLINE);
    assert!(world.data().join("power/storage.json").is_file());
}

fn a_web_that_hangs(state: &str) {
    let world = school();
    let running = on_air(&world, "");
    reaches(&world, &running, "well");
    world.sim().fault("web", "hang");
    // The hang begins with the next connection that is accepted; the box's own probe makes one, too.
    let _ = running.try_send(&Request::get("/healthz"));
    wait_to_show(&world, state, STUCK_WITHIN);
    world.sim().no_fault();
    wait_for("it gets on again", STUCK_WITHIN, || {
        (!shows(&world, state)).then_some(())
    });
}

/// The negative control of all of the above: lines that are no state, or another, are not read as one.
#[test]
fn what_is_no_state_is_not_read_as_one() {
    let table = table();
    for (line, states) in [
        ("battery=green wifi=on lessons=on help=off", &["well"][..]),
        (
            "battery=amber:slow wifi=on lessons=on help=off",
            &["saving"],
        ),
        ("battery=red:quick wifi=off lessons=off help=off", &["low"]),
        (
            "battery=red:quick wifi=quick lessons=quick help=off",
            &["test-passed"],
        ),
        ("battery=off wifi=off lessons=off help=blink3", &["sensor"]),
        ("battery=green wifi=on lessons=on help=blink3", &[]),
        ("battery=green:blink2 wifi=on lessons=on help=off", &[]),
        ("battery=green wifi=on lessons=on", &[]),
        ("", &[]),
    ] {
        assert_eq!(read(&table, line), states, "{line}");
    }
}
