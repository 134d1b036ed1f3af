//! Power with the real binary: what the gauge knows outlives a restart, and the life of a box in the warehouse.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use power_mgmt::{BatterySample, Governor, Policy};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;
use system_tests::world::{Launch, RunningBox, World, folder_pack, wait_until};

/// Monday, the second of March 2026, ten in the morning.
const MONDAY: u64 = 1_772_445_600;
const MONTH: u64 = 30 * 86_400;
/// Start, look and stop.
const BACK_WITHIN: Duration = Duration::from_secs(180);

/// What is kept by a box that was charged to the full, and then drawn to a third in seven hours.
static LEARNED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    const OCV: [f64; 11] = [
        10.0, 12.12, 12.70, 12.855, 13.02, 13.066, 13.076, 13.10, 13.24, 13.257, 13.4,
    ];
    let mut governor = Governor::new(Policy::default(), Duration::ZERO);
    let mut at = Duration::ZERO;
    let mut feed = |volts: f64, amps: f64| {
        at += Duration::from_secs(60);
        let sample = BatterySample::from_plain(volts, amps, Some(25.0), Some(0.0)).unwrap();
        governor.handle_sample(&sample, at);
    };
    (0..30).for_each(|_| feed(14.2, 0.3));
    for minute in 0..405_u16 {
        let charge = 10.0 * (1.0 - f64::from(minute) * 2.0 / 60.0 / 20.0);
        let below = charge.floor().clamp(0.0, 9.0);
        let (low, high) = (OCV[below as usize], OCV[below as usize + 1]);
        feed(low + (high - low) * (charge - below) - 2.0 * 0.03, -2.0);
    }
    (0..30).for_each(|_| feed(12.86, -0.4));
    governor.saved_gauge().unwrap()
});

fn kept(world: &World, name: &str) -> PathBuf {
    world.data().join("power").join(name)
}

fn record(world: &World) -> Value {
    serde_json::from_slice(&fs::read(kept(world, "storage.json")).unwrap()).unwrap()
}

fn set_clock(world: &World, unix_s: u64) {
    world.sim().set("rtc", &unix_s.to_string());
}

fn wake(world: &World) -> Option<u64> {
    world.sim().read("wake").trim().parse().ok()
}

/// Width of the 95 % band once the first sample has been weighed, points of charge.
fn band(running: &RunningBox) -> f64 {
    let status = running.wait_for_status("a charge", |status| {
        status["battery"]["charge_band_percent"].is_array()
    });
    let band = &status["battery"]["charge_band_percent"];
    band[1].as_f64().unwrap() - band[0].as_f64().unwrap()
}

/// At rest at a third of its charge, under no sun.
fn at_a_third(world: &World) {
    world.sim().battery(12.86, -0.4);
    world.sim().set("charger/power_w", "0");
}

#[test]
fn what_the_gauge_knows_outlives_a_restart_and_what_is_damaged_is_refused_calmly() {
    let world = World::new();
    at_a_third(&world);
    let running = world.start();
    let stranger = band(&running);
    assert!(stranger > 25.0, "a battery that was just met: {stranger}");
    running.stop();
    assert!(kept(&world, "gauge.bin").is_file(), "kept at the stop");
    assert!(kept(&world, "day.json").is_file());

    fs::write(kept(&world, "gauge.bin"), &*LEARNED).unwrap();
    let running = world.start();
    let known = band(&running);
    assert!(known < 0.7 * stranger, "{known} of {stranger}");
    running.stop();
    let running = world.start();
    let again = band(&running);
    assert!(
        again < 0.7 * stranger,
        "kept by the box itself: {again} of {stranger}"
    );
    running.kill();
    assert!(
        band(&world.start()) < 0.7 * stranger,
        "a kill loses what is new, not what was kept"
    );

    // The controls: one bit that has turned; a day of another make; nothing at all.
    let mut rotten = LEARNED.clone();
    rotten[100] ^= 1;
    fs::write(kept(&world, "gauge.bin"), rotten).unwrap();
    fs::write(kept(&world, "day.json"), b"{\"version\": 9}").unwrap();
    let running = world.start();
    let anew = band(&running);
    assert!(anew > 0.9 * stranger, "{anew} of {stranger}");
    let log = running.log();
    for (file, why) in [("gauge.bin", "damaged"), ("day.json", "damaged")] {
        let told = log
            .lines()
            .find(|line| line.contains("power.save_refused") && line.contains(file));
        assert!(
            told.is_some_and(|line| line.contains(why)),
            "{file}:\n{log}"
        );
        assert!(kept(&world, &format!("{file}.refused")).is_file(), "{file}");
    }
    assert_eq!(
        running.status()["degraded"],
        serde_json::json!([]),
        "no cause for alarm"
    );
    running.stop();
    fs::remove_file(kept(&world, "gauge.bin")).unwrap();
    let running = world.start();
    assert!(band(&running) > 0.9 * stranger);
    assert!(!running.log().contains("save_refused"), "{}", running.log());
    running.stop();
}

/// Runs `storage enter` on the running box, and waits until it is off.
fn store(world: &World, mut running: RunningBox) -> Value {
    running.wait_for_status("a charge", |status| {
        !status["battery"]["charge_percent"].is_null()
    });
    let told = world
        .run(&["storage", "enter", "--json"])
        .succeeded()
        .json();
    let ended = running.wait_for_end(Duration::from_secs(30));
    assert!(ended.status.success(), "{ended:?}\n{}", running.log());
    assert!(
        world.sim().power().contains("state=off"),
        "{}",
        world.sim().power()
    );
    told
}

fn runs_in_vain(launch: Launch) -> RunningBox {
    launch.without_health().start()
}

#[test]
fn a_stored_box_says_what_will_be_left_and_wakes_in_a_month() {
    let world = World::new();
    set_clock(&world, MONDAY);
    let told = store(&world, world.start());
    let due = wake(&world).expect("an alarm");
    assert!(
        (MONDAY + MONTH..MONDAY + MONTH + 120).contains(&due),
        "{due}"
    );
    assert_eq!(
        (&told["stored"], &told["switches_off"]),
        (&Value::Bool(true), &Value::Bool(true))
    );
    let left = told["left"].as_array().unwrap();
    let months: Vec<u64> = left
        .iter()
        .map(|left| left["months"].as_u64().unwrap())
        .collect();
    assert_eq!(months, [1, 3, 6, 9, 12, 18, 24]);
    let charge = |left: &Value| left["charge_percent"].as_f64().unwrap();
    assert!(
        left.windows(2)
            .all(|pair| charge(&pair[0]) > charge(&pair[1])),
        "{told}"
    );
    assert!(
        told["wakes_at"]
            .as_str()
            .unwrap()
            .starts_with("2026-04-01T1"),
        "{told}"
    );
    let record = record(&world);
    assert_eq!(
        (&record["due"], &record["left"]),
        (&due.into(), &Value::Null)
    );
    assert!(record["charge_percent"].as_f64().is_some(), "{record}");
}

#[test]
fn the_alarm_wakes_it_for_a_look_and_it_goes_back() {
    let world = World::new();
    world.import(&folder_pack(&world, "lessons"));
    set_clock(&world, MONDAY);
    store(&world, world.start());
    let due = wake(&world).unwrap();

    set_clock(&world, due + 40);
    let mut running = world.start();
    wait_until("the technician's line says what it is at", || {
        world
            .sim()
            .serial()
            .to_lowercase()
            .contains("storage check")
    });
    assert_eq!(
        running.status()["power"]["state"],
        "minimal",
        "at the least draw"
    );
    let ended = running.wait_for_end(BACK_WITHIN);
    assert!(
        ended.status.success() && ended.took < BACK_WITHIN,
        "{ended:?}"
    );
    assert!(world.sim().power().contains("state=off"));
    let next = wake(&world).unwrap();
    assert!((due + MONTH..due + MONTH + 300).contains(&next), "{next}");
    let stored = record(&world);
    assert_eq!(
        (&stored["due"], &stored["left"]),
        (&next.into(), &Value::Null)
    );
    let checks = stored["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 1, "{stored}");
    assert_eq!(checks[0]["problems"], serde_json::json!([]), "{stored}");
    assert!(
        checks[0]["voltage_v"]
            .as_f64()
            .is_some_and(|volts| volts > 13.0)
    );

    // A month later the sensor has come off: the look says so, and the box goes back all the same.
    set_clock(&world, next + 20);
    world.sim().silence_battery();
    let mut running = world.start();
    running.wait_for_end(BACK_WITHIN);
    let stored = record(&world);
    let problems = stored["checks"][1]["problems"].to_string();
    assert!(problems.contains("sensor is silent"), "{stored}");
    assert_eq!(stored["left"], Value::Null);
}

#[test]
fn whoever_switches_a_stored_box_on_takes_it_into_use() {
    let world = World::new();
    set_clock(&world, MONDAY);
    store(&world, world.start());
    // A week later, long before its alarm.
    set_clock(&world, MONDAY + 7 * 86_400);
    let running = world.start();
    running.wait_for_log("power.storage_left");
    assert_eq!(record(&world)["left"]["why"], "switched_on");
    assert_eq!(wake(&world), None, "no alarm any more");
    assert!(
        !world
            .sim()
            .serial()
            .to_lowercase()
            .contains("storage check")
    );
    running.stop();
    // It stays in use, also on the day of the alarm.
    set_clock(&world, MONDAY + MONTH + 60);
    let running = world.start();
    assert!(
        !running.log().contains("power.storage"),
        "{}",
        running.log()
    );
    running.stop();
}

#[test]
fn a_press_of_the_button_during_the_look_takes_the_box_into_use() {
    let world = World::new();
    set_clock(&world, MONDAY);
    store(&world, world.start());
    set_clock(&world, wake(&world).unwrap() + 40);
    let running = world.start();
    running.wait_for_log("power.storage_check");
    world.sim().press(Duration::from_millis(300));
    running.wait_for_log("power.storage_left");
    assert_eq!(record(&world)["left"]["why"], "used");
    assert_eq!(wake(&world), None);
    running.get("/healthz").expect(200);
    running.stop();
}

#[test]
fn a_clock_that_lost_its_time_never_keeps_a_box_in_the_warehouse() {
    let world = World::new();
    let told = store(&world, world.start());
    assert!(told["wakes_at"].is_null(), "{told}");
    assert!(
        told["wake_problem"].as_str().unwrap().contains("clock"),
        "{told}"
    );
    assert_eq!(wake(&world), None);
    // Nor one that lost it afterwards, on a board that says its alarm has rung.
    for rang in ["0", "1"] {
        set_clock(&world, MONDAY);
        world.sim().set("wake-rang", "0");
        store(&world, world.start());
        world.sim().set("rtc", "");
        world.sim().set("wake-rang", rang);
        let running = world.start();
        running.wait_for_log("power.storage_left");
        assert_eq!(record(&world)["left"]["why"], "clock_lost");
        running.stop();
    }
    // The control: it knows the time, and its alarm has rung, long after it was due.
    set_clock(&world, MONDAY);
    world.sim().set("wake-rang", "0");
    store(&world, world.start());
    set_clock(&world, MONDAY + 2 * MONTH);
    world.sim().set("wake-rang", "1");
    let running = runs_in_vain(world.launch());
    running.wait_for_log("power.storage_check");
    running.kill();
}

#[test]
fn storage_is_left_by_a_verb_with_a_box_and_without_one() {
    let world = World::new();
    set_clock(&world, MONDAY);
    let board = format!("sim:{}", world.sim().dir().display());
    let verb = |wish: &str| {
        let said = world.run(&["storage", wish, "--board", &board]).succeeded();
        said.stdout
    };
    // Without a box: the record and the alarm; the machine is switched off by hand.
    let said = verb("enter");
    assert!(
        said.contains("after 24 months") && said.contains("switch the machine off"),
        "{said}"
    );
    assert_eq!(wake(&world), Some(MONDAY + MONTH));
    let said = verb("leave");
    assert!(said.contains("in use"), "{said}");
    assert_eq!(
        (wake(&world), &record(&world)["left"]["why"]),
        (None, &"asked".into())
    );

    // With one, in its monthly look.
    verb("enter");
    set_clock(&world, MONDAY + MONTH);
    let running = world.start();
    running.wait_for_log("power.storage_check");
    verb("leave");
    assert_eq!(record(&world)["left"]["why"], "asked");
    running.get("/healthz").expect(200);
    running.stop();
    // A box that never was stored has nothing to leave, and no record is made of it.
    let other = World::new();
    let running = other.start();
    other.run(&["storage", "leave"]).succeeded();
    assert!(!kept(&other, "storage.json").exists());
    running.stop();
}

#[test]
fn the_button_stores_with_the_same_record() {
    let world = World::new();
    set_clock(&world, MONDAY);
    let mut running = world.start();
    world.sim().press(Duration::from_millis(9_500));
    running.wait_for_log("meaning=arm_storage");
    std::thread::sleep(Duration::from_millis(1_000));
    world.sim().press(Duration::from_millis(200));
    let ended = running.wait_for_end(Duration::from_secs(60));
    assert!(ended.status.success(), "{ended:?}\n{}", running.log());
    assert!(world.sim().power().contains("state=off"));
    assert_eq!(record(&world)["due"].as_u64(), wake(&world));
    assert!(wake(&world).is_some_and(|at| at >= MONDAY + MONTH));
}

/// What cannot be kept is not begun: the box would wake without knowing that it is stored.
#[test]
fn a_box_that_cannot_keep_the_record_is_not_stored() {
    let world = World::new();
    set_clock(&world, MONDAY);
    let running = world.start();
    fs::create_dir_all(kept(&world, "storage.json")).unwrap();
    let refused = world.run(&["storage", "enter"]);
    assert!(
        refused
            .refused(1)
            .contains("record of storage cannot be written")
    );
    assert_eq!(wake(&world), None);
    running.get("/healthz").expect(200);
    running.stop();
}
