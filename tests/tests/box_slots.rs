//! The two system slots: a trial is confirmed by a box that is well and by no other, a fallback is said everywhere, and `boot-select` plays
//! the loader between the lives of a box.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use flate2::Crc;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use system_tests::world::{Outcome, RunningBox, World, school_box, wait_for};

/// As short as a box takes them.
const HOLD: Duration = Duration::from_secs(20);
const WITHIN: Duration = Duration::from_secs(60);
const CONFIG: &str = "[update]\ntrial_hold_s = 20\ntrial_within_s = 60\n";
const LATER: Duration = Duration::from_secs(120);

const TRIAL: &str = "gen=4\norder=B A\ntries=2";
const CONFIRMED: &str = "gen=5\norder=B A\ntries=\n";

/// A box whose loader took `booted`, with this choice.
fn world(booted: &str, env: &str) -> World {
    let world = World::new();
    std::fs::create_dir_all(world.sim().dir().join("slots")).unwrap();
    world.sim().set("slots/booted", booted);
    world.sim().set("boot.env", env);
    world
}

fn start(world: &World) -> RunningBox {
    world
        .launch()
        .config(&world.write("box.toml", CONFIG))
        .start()
}

fn env_file(world: &World) -> String {
    world.sim().dir().join("boot.env").display().to_string()
}

fn boot_select(env: &str, more: &[&str]) -> Outcome {
    let mut command = Command::new(school_box());
    command.args(["boot-select", "--env", env]).args(more);
    Outcome::of(command)
}

/// What a restart of the machine does: the loader picks a slot and tells the kernel.
fn reboot(world: &World) -> String {
    let picked = boot_select(&env_file(world), &[]).succeeded();
    let slot = picked.stdout.trim().to_owned();
    world.sim().set("slots/booted", &slot);
    slot
}

fn update(world: &World, verb: &str) -> Outcome {
    let board = format!("sim:{}", world.sim().dir().display());
    world.run(&["update", verb, "--json", "--board", &board])
}

/// Lets at least `time` pass in a box that lives on.
fn live_on(running: &RunningBox, time: Duration) {
    let until = running.status()["uptime_s"].as_u64().unwrap() + time.as_secs();
    wait_for("time to pass", LATER, || {
        (running.status()["uptime_s"].as_u64().unwrap() >= until).then_some(())
    });
}

#[test]
fn a_box_that_is_well_confirms_its_slot_by_itself() {
    let world = world("B", TRIAL);
    let running = start(&world);
    let told = running.status()["update"].clone();
    assert_eq!(
        (&told["state"], &told["slot"]),
        (&"trial".into(), &"b".into())
    );
    assert_eq!(told["slots"]["b"]["tries_left"], 2, "{told}");
    assert_eq!(world.sim().read("boot.env"), format!("{TRIAL}\n"));
    wait_for("the confirmation", LATER, || {
        (world.sim().read("boot.env") == CONFIRMED).then_some(())
    });
    assert!(running.status()["uptime_s"].as_u64().unwrap() >= HOLD.as_secs());
    let told = running.wait_for_status("idle", |status| status["update"]["state"] == "idle");
    assert_eq!(told["degraded"], serde_json::json!([]), "{told}");
    running.stop();
    assert_eq!(reboot(&world), "B");
    assert_eq!(
        world.sim().read("boot.env"),
        CONFIRMED,
        "an ordinary boot writes nothing"
    );
}

/// The control: without a trial, nothing is ever written.
#[test]
fn a_settled_box_writes_no_boot_choice() {
    let world = world("A", "gen=4\norder=A B\ntries=");
    let file = world.sim().dir().join("boot.env");
    let before = std::fs::metadata(&file).unwrap().modified().unwrap();
    let running = start(&world);
    live_on(&running, HOLD + Duration::from_secs(5));
    assert_eq!(running.status()["update"]["state"], "idle");
    running.stop();
    assert_eq!(
        std::fs::metadata(&file).unwrap().modified().unwrap(),
        before
    );
}

#[test]
fn a_silent_sensor_holds_the_confirmation_back_until_it_speaks() {
    let world = world("B", TRIAL);
    world.sim().silence_battery();
    let running = start(&world);
    live_on(&running, HOLD + Duration::from_secs(5));
    let told = running.status()["update"].clone();
    assert_eq!(told["state"], "trial", "{told}");
    assert!(told["waits_for"].to_string().contains("battery"), "{told}");
    assert_eq!(world.sim().read("boot.env"), format!("{TRIAL}\n"));
    world.sim().battery(13.4, 1.0);
    wait_for("the confirmation", LATER, || {
        (world.sim().read("boot.env") == CONFIRMED).then_some(())
    });
    running.stop();
}

/// A new system that does not find the data of the school is no good system.
#[test]
fn a_slot_that_keeps_nothing_is_not_confirmed() {
    let world = world("B", TRIAL);
    std::fs::create_dir(world.sim().dir().join("start")).unwrap();
    world.sim().set("start/data-in-memory", "");
    let running = world
        .launch()
        .config(&world.write("box.toml", CONFIG))
        .without_health()
        .start();
    live_on(&running, HOLD + Duration::from_secs(10));
    let told = running.status()["update"].clone();
    assert!(
        told["state"] == "trial" && told["waits_for"].to_string().contains("records"),
        "{told}"
    );
    assert_eq!(world.sim().read("boot.env"), format!("{TRIAL}\n"));
}

/// The whole way: a slot whose sensor never speaks gives up at each of its tries, and the good slot says why.
#[test]
fn a_slot_that_is_never_well_is_given_up_and_the_other_says_why() {
    let world = world("A", "gen=3\norder=B A\ntries=1");
    assert_eq!(reboot(&world), "B");
    world.sim().silence_battery();
    let runtime = world.path("run");
    std::fs::create_dir(&runtime).unwrap();
    let mut running = world
        .launch()
        .config(&world.write("box.toml", CONFIG))
        .env("RUNTIME_DIRECTORY", &runtime)
        .start();
    let ended = running.wait_for_end(WITHIN + LATER);
    assert_eq!(ended.status.code(), Some(3), "{}", running.log());
    assert_eq!(
        std::fs::read_to_string(runtime.join("next")).unwrap(),
        "reboot\n"
    );
    assert!(
        running.log().contains("ota.trial_given_up"),
        "{}",
        running.log()
    );
    assert_eq!(world.sim().read("boot.env"), "gen=4\norder=B A\ntries=0\n");

    assert_eq!(reboot(&world), "A");
    world.sim().battery(13.4, 1.0);
    let running = start(&world);
    let status = running.status();
    let why = "slot B failed its trial: the battery sensor is silent";
    assert!(
        status["update"]["fell_back"].to_string().contains(why),
        "{status}"
    );
    assert!(status["degraded"].to_string().contains(why), "{status}");
    world
        .sim()
        .wait_for_panel("help", |panel| panel.contains("help=blink1"));
    wait_for("the serial page", LATER, || {
        let page = world.sim().serial();
        (page.contains(why) && page.contains("update fell_back")).then_some(())
    });
    assert_eq!(world.sim().read("boot.env"), "gen=5\norder=A\ntries=\n");
    running.stop();
}

#[test]
fn a_fallback_without_a_word_is_said_and_the_next_boots_are_ordinary() {
    let world = world("A", "gen=4\norder=B A\ntries=0");
    let running = start(&world);
    let status = running.status();
    assert_eq!(status["update"]["state"], "fell_back", "{status}");
    assert_eq!(status["update"]["slots"]["b"]["is"], "retired", "{status}");
    assert!(
        status["degraded"]
            .to_string()
            .contains("did not start, hung or lost power")
    );
    world
        .sim()
        .wait_for_panel("help", |panel| panel.contains("help=blink1"));
    // Whole, though it is longer than a line of the terminal.
    wait_for("the serial page", LATER, || {
        let page = world.sim().serial();
        let words: Vec<&str> = page.split_whitespace().collect();
        words
            .join(" ")
            .contains("slot B failed its trial: it did not start, hung or lost power at each of its tries; slot A runs in its place")
            .then_some(())
    });
    running.stop();
    for _ in 0..3 {
        assert_eq!(reboot(&world), "A");
        assert_eq!(world.sim().read("boot.env"), "gen=5\norder=A\ntries=\n");
    }
    // It is told until the next trial succeeds.
    let running = start(&world);
    assert_eq!(running.status()["update"]["state"], "fell_back");
    running.stop();
}

#[test]
fn a_hanging_critical_service_is_not_confirmed() {
    let world = world("B", TRIAL);
    let running = start(&world);
    world.sim().fault("power", "hang");
    live_on(&running, HOLD + Duration::from_secs(10));
    let told = running.status()["update"].clone();
    assert!(
        told["state"] == "trial" && told["waits_for"].to_string().contains("critical"),
        "{told}"
    );
    assert_eq!(world.sim().read("boot.env"), format!("{TRIAL}\n"));
}

/// The ladder is short on trial: what would end the process ends the try. (On a settled box it is exit 1: see `box_supervision`.)
#[test]
fn a_critical_service_that_falls_too_often_ends_the_try() {
    let world = world("B", TRIAL);
    let mut running = start(&world);
    world.sim().fault("power", "panic");
    let ended = running.wait_for_end(LATER);
    assert_eq!(ended.status.code(), Some(3), "{}", running.log());
    assert!(
        running.log().contains("restart the machine"),
        "{}",
        running.log()
    );
    world.sim().no_fault();
    assert_eq!(reboot(&world), "B");
    assert_eq!(world.sim().read("boot.env"), "gen=5\norder=B A\ntries=1\n");
}

#[test]
fn a_damaged_choice_is_written_anew_once_the_box_is_well() {
    let world = world("A", "gen=4\norder=C");
    let running = start(&world);
    assert_eq!(running.status()["update"]["state"], "unproven");
    assert_eq!(world.sim().read("boot.env"), "gen=4\norder=C\n");
    wait_for("the choice", LATER, || {
        (world.sim().read("boot.env") == "gen=1\norder=A\ntries=\n").then_some(())
    });
    running.stop();
}

/// Status, a refused and a granted confirmation, a rollback: the same with a running box and without one.
fn tend_the_slots(world: &World) {
    let status = update(world, "status").succeeded().json();
    assert_eq!(
        (&status["state"], &status["slot"]),
        (&"trial".into(), &"b".into())
    );
    let confirmed = update(world, "confirm").succeeded().json();
    assert_eq!(confirmed["state"], "idle", "{confirmed}");
    assert_eq!(world.sim().read("boot.env"), CONFIRMED);
    assert!(
        update(world, "confirm")
            .refused(1)
            .contains("no slot is on trial")
    );

    let back = update(world, "rollback").succeeded().json();
    assert_eq!(
        (&back["state"], &back["next"]),
        (&"restart_needed".into(), &"a".into())
    );
    assert_eq!(world.sim().read("boot.env"), "gen=6\norder=A B\ntries=\n");
    assert!(
        update(world, "rollback")
            .refused(1)
            .contains("boots next already")
    );
}

#[test]
fn the_slots_are_tended_without_a_running_box() {
    let world = world("B", TRIAL);
    tend_the_slots(&world);
    // What the person left is not taken for a mistake, and after the restart all is as it should be.
    assert_eq!(update(&world, "status").json()["state"], "restart_needed");
    assert_eq!(reboot(&world), "A");
    assert_eq!(update(&world, "status").json()["state"], "idle");
}

#[test]
fn the_slots_are_tended_while_the_box_serves() {
    let world = world("B", TRIAL);
    let running = start(&world);
    tend_the_slots(&world);
    let told = running.status();
    assert_eq!(told["update"]["state"], "restart_needed", "{told}");
    live_on(&running, HOLD + Duration::from_secs(5));
    assert_eq!(world.sim().read("boot.env"), "gen=6\norder=A B\ntries=\n");
    running.stop();
}

#[test]
fn nothing_is_confirmed_or_rolled_back_where_there_is_nothing() {
    let world = world("A", "gen=4\norder=A\ntries=");
    assert!(
        update(&world, "confirm")
            .refused(1)
            .contains("no slot is on trial")
    );
    assert!(
        update(&world, "rollback")
            .refused(1)
            .contains("slot B holds no good system")
    );
    // On trial, but the other slot runs.
    world.sim().set("boot.env", TRIAL);
    assert!(
        update(&world, "confirm")
            .refused(1)
            .contains("does not run")
    );
    assert_eq!(world.sim().read("boot.env"), format!("{TRIAL}\n"));
}

#[test]
fn boot_select_spends_the_tries_of_a_trial_and_nothing_else() {
    let world = world("A", "gen=4\norder=B A\ntries=3");
    for (slot, left) in [("B", "2"), ("B", "1"), ("B", "0"), ("A", "0"), ("A", "0")] {
        assert_eq!(reboot(&world), slot);
        assert!(
            world
                .sim()
                .read("boot.env")
                .contains(&format!("tries={left}\n"))
        );
    }
    assert_eq!(world.sim().read("boot.env"), "gen=7\norder=B A\ntries=0\n");
    world.sim().set("boot.env", "gen=4\norder=A B\ntries=");
    for _ in 0..20 {
        assert_eq!(reboot(&world), "A");
    }
    assert_eq!(world.sim().read("boot.env"), "gen=4\norder=A B\ntries=\n");
}

fn insist_on_a_with_a_warning(env: &Path) {
    let env = env.display().to_string();
    let before = std::fs::read(&env).ok();
    let outcome = boot_select(&env, &[]);
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (Some(0), "A\n"),
        "{outcome:?}"
    );
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
    let json = boot_select(&env, &["--json"]).succeeded().json();
    assert!(json["slot"] == "a" && json["warning"].is_string(), "{json}");
    assert_eq!(std::fs::read(&env).ok(), before, "nothing is written");
}

#[test]
fn boot_select_takes_a_where_nothing_can_be_read() {
    let world = World::new();
    insist_on_a_with_a_warning(&world.path("missing.env"));
    insist_on_a_with_a_warning(&world.write("text.env", "gen=4\norder=B A\ntries=99\n"));
    insist_on_a_with_a_warning(&world.write("empty.env", ""));
    insist_on_a_with_a_warning(&world.write("blank.raw", vec![0xFF; 32 * 1024]));
    insist_on_a_with_a_warning(&world.write("zero.raw", vec![0; 8 << 20]));
}

const COPY: usize = 16 * 1024;

/// One of U-Boot's copies, made here by hand.
fn copy(text: &[u8]) -> Vec<u8> {
    let mut copy = vec![0; COPY];
    copy[4..4 + text.len()].copy_from_slice(text);
    let mut sum = Crc::new();
    sum.update(&copy[4..]);
    copy[..4].copy_from_slice(&sum.sum().to_le_bytes());
    copy
}

#[test]
fn boot_select_spends_tries_in_u_boots_copies_the_older_one_each_time() {
    let world = World::new();
    let (nine, ten) = (
        copy(b"gen=9\0order=A\0"),
        copy(b"gen=a\0order=B A\0tries=2\0"),
    );
    let raw = world.write("boot-env.raw", [nine, ten.clone()].concat());
    let read = || std::fs::read(&raw).unwrap();
    let pick = || {
        boot_select(&raw.display().to_string(), &[])
            .succeeded()
            .stdout
    };
    assert_eq!(pick(), "B\n");
    let eleven = copy(b"gen=b\0order=B A\0tries=1\0");
    assert!(read() == [eleven.clone(), ten].concat());
    assert_eq!(pick(), "B\n");
    let twelve = copy(b"gen=c\0order=B A\0tries=0\0");
    assert!(read() == [eleven.clone(), twelve.clone()].concat());
    assert_eq!((pick().as_str(), pick().as_str()), ("A\n", "A\n"));
    assert!(
        read() == [eleven.clone(), twelve].concat(),
        "no try was left to spend"
    );
    // One copy torn: the other one holds.
    std::fs::write(&raw, [eleven.clone(), vec![0xFF; COPY]].concat()).unwrap();
    assert_eq!(pick(), "B\n");
    assert!(read()[..COPY] == eleven);
}

/// A simulated board may have U-Boot's own environment.
#[test]
fn a_box_confirms_in_u_boots_copies() {
    let world = world("B", TRIAL);
    let trial = copy(b"gen=f\0order=B A\0tries=2\0");
    let raw = world.sim().dir().join("boot.env");
    std::fs::write(&raw, [trial.clone(), vec![0; COPY]].concat()).unwrap();
    let running = start(&world);
    let confirmed = copy(b"gen=10\0order=B A\0");
    wait_for("the confirmation", LATER, || {
        (std::fs::read(&raw).unwrap()[COPY..] == confirmed).then_some(())
    });
    assert!(std::fs::read(&raw).unwrap()[..COPY] == trial);
    running.stop();
}
