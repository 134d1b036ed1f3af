//! A service that panics or hangs is restarted as the policy says, while the others keep serving.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::{Duration, Instant};
use system_tests::world::{RunningBox, World, folder_pack, wait_for, wait_until};

/// The longest silence limit (30 s), the time to cut off, and a loaded machine.
const RESTARTS_WITHIN: Duration = Duration::from_secs(120);

fn wait_for_log(running: &RunningBox, words: &str) {
    wait_for(&format!("`{words}` in the log"), RESTARTS_WITHIN, || {
        running.log().contains(words).then_some(())
    });
}

fn failed(running: &RunningBox, service: &str) -> usize {
    count(running, "service.failed", service)
}

fn restarted(running: &RunningBox, service: &str) -> usize {
    count(running, "service.restarted", service)
}

fn count(running: &RunningBox, event: &str, service: &str) -> usize {
    let service = format!("service={service}");
    running
        .log()
        .lines()
        .filter(|line| line.contains(event) && line.contains(&service))
        .count()
}

fn insist_that_it_serves(running: &RunningBox) {
    running.get("/healthz").expect(200);
    running.get("/").expect(200);
}

/// The control of every test here: without a fault, nothing is restarted.
#[test]
fn without_a_fault_nothing_is_restarted() {
    let world = World::new();
    world.import(&folder_pack(&world, "lessons"));
    let running = world.start();
    let start = Instant::now();
    let mut turns = 0;
    while start.elapsed() < Duration::from_secs(20) || turns < 20 {
        world
            .sim()
            .battery(13.3 + f64::from(turns % 3) / 100.0, 1.0);
        insist_that_it_serves(&running);
        turns += 1;
        std::thread::sleep(Duration::from_millis(200));
    }
    let log = running.log();
    assert!(
        !log.contains("service.failed") && !log.contains("service.restarted"),
        "{log}"
    );
    assert!(!log.contains("box.health_changed"), "{log}");
    running.stop();
}

#[test]
fn the_web_answers_while_diagnostics_falls_over_and_over() {
    let world = World::new();
    let running = world.start();
    world.sim().fault("diagnostics", "panic");
    wait_until("more falls than the policy forgives", || {
        insist_that_it_serves(&running);
        failed(&running, "diagnostics") >= 4
    });
    let degraded = running.status()["degraded"].to_string();
    assert!(degraded.contains("diagnostics"), "{degraded}");
    world.sim().no_fault();
    // The intensity is used up: the next try comes after the longest wait, and holds.
    let tries = restarted(&running, "diagnostics");
    wait_for(
        "the service back after its longest wait",
        RESTARTS_WITHIN,
        || {
            insist_that_it_serves(&running);
            (restarted(&running, "diagnostics") > tries).then_some(())
        },
    );
    std::fs::remove_file(world.sim().dir().join("panel")).unwrap();
    wait_until("the panel is driven again", || {
        world.sim().set("button", "1");
        std::thread::sleep(Duration::from_millis(300));
        world.sim().set("button", "0");
        world.sim().panel().contains("battery=")
    });
    assert_eq!(
        failed(&running, "web") + failed(&running, "power"),
        0,
        "{}",
        running.log()
    );
}

#[test]
fn the_panel_goes_on_while_the_web_hangs_and_the_web_comes_back() {
    let world = World::new();
    let running = world.start();
    world
        .sim()
        .wait_for_panel("no cry for help", |panel| panel.contains("help=off"));
    world.sim().fault("web", "hang");
    // The hang begins with the next connection that is accepted.
    let knock = std::net::TcpStream::connect(running.address()).unwrap();
    world.sim().silence_battery();
    world
        .sim()
        .wait_for_panel("the silent sensor, though the web hangs", |panel| {
            panel.contains("help=blink3")
        });
    world.sim().battery(13.4, 1.0);
    world
        .sim()
        .wait_for_panel("the sensor again", |panel| !panel.contains("help=blink3"));
    drop(knock);
    wait_for_log(&running, "service=web");
    world.sim().no_fault();
    wait_for("the web again", RESTARTS_WITHIN, || {
        running
            .try_send(&system_tests::world::http::Request::get("/healthz"))
            .ok()
            .filter(|answer| answer.status == 200)
    });
    assert_eq!(
        failed(&running, "power") + failed(&running, "diagnostics"),
        0,
        "{}",
        running.log()
    );
}

#[test]
fn a_web_that_panics_is_back_at_once() {
    let world = World::new();
    world.import(&folder_pack(&world, "lessons"));
    let running = world.start();
    world.sim().fault("web", "panic");
    drop(std::net::TcpStream::connect(running.address()));
    wait_until("the fall", || failed(&running, "web") >= 1);
    world.sim().no_fault();
    wait_for("the web again", RESTARTS_WITHIN, || {
        running
            .try_send(&system_tests::world::http::Request::get("/healthz"))
            .ok()
            .filter(|answer| answer.status == 200)
    });
    running.get_from("lessons", "/water.html").expect(200);
    assert!(restarted(&running, "web") >= 1);
    assert_eq!(
        failed(&running, "power") + failed(&running, "diagnostics"),
        0,
        "{}",
        running.log()
    );
}

#[test]
fn a_control_service_that_falls_is_back_and_answers_verbs() {
    let world = World::new();
    let running = world.start();
    world.sim().fault("control", "panic");
    wait_for("the fall", RESTARTS_WITHIN, || {
        insist_that_it_serves(&running);
        (failed(&running, "control") >= 1).then_some(())
    });
    world.sim().no_fault();
    wait_for("an answer to a verb", RESTARTS_WITHIN, || {
        (world.run(&["status"]).code == Some(0)).then_some(())
    });
    assert!(restarted(&running, "control") >= 1);
    running.get("/healthz").expect(200);
}

#[test]
fn a_hung_diagnostics_service_is_cut_off_and_restarted() {
    let world = World::new();
    let running = world.start();
    world.sim().fault("diagnostics", "hang");
    wait_for("the cut", RESTARTS_WITHIN, || {
        insist_that_it_serves(&running);
        (failed(&running, "diagnostics") >= 1).then_some(())
    });
    world.sim().no_fault();
    wait_for("the restart", RESTARTS_WITHIN, || {
        (restarted(&running, "diagnostics") >= 1).then_some(())
    });
    assert!(running.log().contains("hung"), "{}", running.log());
}

/// The ladder's second rung: a critical service that cannot recover ends the process, for systemd to start anew.
#[test]
fn a_critical_service_that_falls_too_often_ends_the_process() {
    let world = World::new();
    let mut running = world.start();
    world.sim().fault("power", "panic");
    let ended = running.wait_for_end(RESTARTS_WITHIN);
    assert_eq!(ended.status.code(), Some(1), "{ended:?}\n{}", running.log());
    let log = running.log();
    assert!(log.contains("power failed too often"), "{log}");
    assert_eq!(
        failed(&running, "power"),
        4,
        "three restarts within a minute, then no more: {log}"
    );
    world.sim().no_fault();
    world.start().stop();
}
