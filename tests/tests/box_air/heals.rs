//! What is on the air, and what heals it.

use crate::rig::{air, is_on, start, told};
use serde_json::Value;
use std::time::Duration;
use system_tests::world::{DEADLINE, World, wait_until};

/// `Eco` is wide, so that no finer point of the gauge matters here.
const POLICY: &str =
    "[power]\ndwell_s = 0\nfull_at_percent = 90\neco_at_percent = 22\nhysteresis_percent = 1\n";

/// The network's key, as its file has it.
fn phrase(world: &World) -> String {
    let text = std::fs::read_to_string(world.data().join("air/identity")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("phrase="));
    line.unwrap().to_owned()
}

#[test]
fn a_box_starts_on_the_air_and_its_name_and_key_stay() {
    let world = World::new();
    let running = start(&world, "[air]\nnetwork = 'Tent'\nlease_h = 2\n");
    let status = running.wait_for_status("on the air", is_on);
    let name = status["radio"]["network"].as_str().unwrap().to_owned();
    assert!(name.starts_with("Tent-") && name.len() == 9, "{name}");
    // The first sample may still be to come, and with it the full plan.
    let cell = format!("channel=1 dbm=20 beacon_tu=100 clients=30 only=all name={name}\n");
    wait_until(&cell, || air(&world).contains(&cell));
    let shown = air(&world);
    assert!(
        shown.contains("net address=10.48.0.1/22 host=school.internal lease_s=7200"),
        "{shown}"
    );
    world
        .sim()
        .wait_for_panel("on the air", |panel| panel.contains("wifi=on"));
    assert!(
        world
            .sim()
            .serial()
            .contains(&format!("0 of 30 clients, {name}"))
    );
    let key = phrase(&world);
    for said in [
        running.log(),
        shown,
        running.get("/status").text(),
        running.get("/api/v1/status").text(),
        world.sim().serial(),
    ] {
        assert!(!said.contains(&key) && !said.is_empty());
    }
    running.stop();
    assert_eq!(air(&world), "", "silence after the end");

    let running = start(&world, "[air]\nnetwork = 'Tent'\n");
    let status = running.wait_for_status("on the air", is_on);
    assert_eq!(status["radio"]["network"], name.as_str());
    assert_eq!(phrase(&world), key);
    running.stop();

    // The control: told to leave the radio alone, it does, and nothing is wrong with that.
    let running = world.launch().start();
    let status = running.status();
    assert_eq!(
        (&status["radio"]["state"], &status["radio"]["silent"]),
        (&"off".into(), &"switched_off".into())
    );
    assert_eq!(
        (
            status["degraded"].as_array().unwrap().len(),
            air(&world).as_str()
        ),
        (0, "")
    );
    running.stop();
}

#[test]
fn the_load_plan_sets_power_and_beacons_and_an_empty_battery_silence() {
    let world = World::new();
    world.sim().battery(14.2, 0.2);
    let mut running = start(&world, POLICY);
    for (state, volts, amperes, line) in [
        ("full", 14.2, 0.2, "dbm=20 beacon_tu=100"),
        ("eco", 13.0, -0.3, "dbm=14 beacon_tu=200"),
        ("minimal", 12.65, -0.1, "dbm=8 beacon_tu=300"),
        ("full", 14.2, 0.2, "dbm=20 beacon_tu=100"),
    ] {
        world.sim().battery(volts, amperes);
        running.wait_for_status(state, |status| status["power"]["state"] == state);
        wait_until(line, || air(&world).contains(line));
    }
    world.sim().battery(9.5, -3.0);
    running.wait_for_end(DEADLINE);
    assert_eq!(
        (air(&world).as_str(), world.sim().power().trim()),
        ("", "state=off")
    );
}

#[test]
fn a_night_is_silent_until_somebody_presses_the_button() {
    // 2026-03-02, 12:00 UTC.
    const NOON: &str = "1772452800";
    let world = World::new();
    let night = "[air]\nnight_off = '11:00-13:00'\ncables = ['eth0']\n";
    world.sim().set("rtc", NOON);
    let running = start(&world, night);
    running.wait_for_status("silence", |status| status["radio"]["silent"] == "night");
    wait_until("the cable alone", || {
        air(&world).starts_with("net ") && air(&world).contains("cables=eth0")
    });
    assert_eq!(running.status()["degraded"].as_array().unwrap().len(), 0);
    assert_eq!(world.sim().light("wifi"), "off");
    wait_until("the technician's line", || {
        world.sim().serial().contains("silent for the night")
    });
    world.sim().press(Duration::from_millis(400));
    running.wait_for_status("it wakes", is_on);
    world
        .sim()
        .wait_for_panel("on the air", |panel| panel.contains("wifi=on"));
    running.stop();

    // The control: a box that does not know the hour is not silent.
    world.sim().set("rtc", "");
    let running = start(&world, night);
    running.wait_for_status("on the air", is_on);
    running.stop();
}

/// Each sign is healed by the rung it takes, and no higher one is climbed.
#[test]
fn every_rung_is_climbed_by_a_real_sign() {
    for (fault, rungs) in [
        ("no-beacons reload", "reload"),
        ("gone restart_daemon", "restart_daemon"),
        (
            "silent interface_down_up",
            "restart_daemon interface_down_up",
        ),
        ("halted reset_device", "reset_device"),
    ] {
        let world = World::new();
        let running = start(&world, "");
        running.wait_for_status("on the air", is_on);
        assert_eq!(world.sim().read("radio/rungs"), "", "the control");
        world.sim().set("radio/fault", fault);
        let climbed = || {
            let text = world.sim().read("radio/rungs");
            let rungs: Vec<&str> = text
                .lines()
                .filter_map(|line| line.split(' ').nth(1))
                .collect();
            rungs.join(" ")
        };
        wait_until(fault, || climbed() == rungs);
        let status = running.wait_for_status("healed", |status| {
            is_on(status) && status["radio"]["trouble"] == Value::Array(Vec::new())
        });
        let highest = rungs.split(' ').next_back().unwrap();
        assert_eq!(status["radio"]["cells"][0]["rung"], highest, "{fault}");
        for rung in rungs.split(' ') {
            assert!(
                running.log().contains(&format!(
                    "air.rung_climbed interface=\"wlan0\" rung=\"{rung}\""
                )),
                "{}",
                running.log()
            );
        }
        wait_until("the technician's line", || {
            world.sim().serial().contains(&format!("after {highest}"))
        });
        running.stop();
        assert_eq!(climbed(), rungs, "and no more");
    }
}

#[test]
fn what_no_rung_heals_restarts_the_machine_but_not_twice_in_an_hour() {
    let world = World::new();
    let mut running = start(&world, "");
    running.wait_for_status("on the air", is_on);
    world.sim().set("radio/fault", "halted nothing");
    world.sim().wait_for_panel("the radio is broken", |panel| {
        panel.contains("wifi=off") && panel.contains("help=blink4")
    });
    let status = told(&running, "its firmware has halted");
    assert_eq!(status["radio"]["broken"], true);
    let ended = running.wait_for_end(DEADLINE);
    assert_eq!(
        ended.status.code(),
        Some(3),
        "whoever started the box restarts the machine"
    );
    assert!(running.log().contains("air.reboot"));
    assert!(world.data().join("air/reboots.json").is_file());

    let mut running = start(&world, "");
    let status = told(&running, "the box restarts for it in 60 min");
    assert_eq!(status["radio"]["broken"], true);
    assert!(running.ended().is_none());
    assert_eq!(
        running.get("/").status,
        200,
        "and it serves whoever comes by cable"
    );
    // Healed by hand, it is well as soon as somebody is on it.
    world
        .sim()
        .set("radio/stations", "02:00:5e:10:00:01 -50 0 127.0.0.9");
    world.sim().set("radio/fault", "");
    let on = |status: &Value| is_on(status) && status["degraded"] == Value::Array(Vec::new());
    running.wait_for_status("well again", on);
    running.stop();
}

/// Learners on a cable are not thrown out for the radio's sake.
#[test]
fn no_restart_while_learners_are_at_work() {
    let world = World::new();
    let mut running = start(&world, "");
    running.wait_for_status("on the air", is_on);
    assert_eq!(running.get("/").status, 200);
    world.sim().set("radio/fault", "halted nothing");
    told(&running, "the box restarts for it when nobody is at work");
    assert!(running.ended().is_none());
    running.stop();
}

#[test]
fn a_driver_that_hangs_is_told_and_harms_nobody_else() {
    let world = World::new();
    let running = start(&world, "");
    running.wait_for_status("on the air", is_on);
    world.sim().set("radio/fault", "hang");
    let status = told(&running, "the radio's driver does not answer");
    assert_eq!(status["radio"]["broken"], true);
    assert_eq!(running.get("/").status, 200);
    world
        .sim()
        .wait_for_panel("the radio", |panel| panel.contains("help=blink4"));
    world.sim().set("radio/fault", "");
    running.wait_for_status("well again", is_on);
    assert!(
        !running.log().contains("access_point hangs"),
        "{}",
        running.log()
    );
    running.stop();
}
