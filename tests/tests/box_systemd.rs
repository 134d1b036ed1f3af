//! What the box tells systemd, and what a bad configuration does at boot and at a desk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use system_tests::world::{DEADLINE, NotifySocket, World};

const BAD_CONFIG: &str = "[web]\n\nlissten = \"0.0.0.0:80\"\n";

#[test]
fn systemd_hears_ready_watchdog_and_stopping() {
    let world = World::new();
    let systemd = NotifySocket::bind(world.path("notify"));
    let mut running = world
        .launch()
        .env("NOTIFY_SOCKET", systemd.path())
        .env("WATCHDOG_USEC", "2000000")
        .start();
    systemd.wait_for("READY=1", 1, DEADLINE);
    systemd.wait_for("WATCHDOG=1", 3, DEADLINE);
    assert!(systemd.times_of("STOPPING=1").is_empty());
    assert!(running.terminate().status.success());
    systemd.wait_for("STOPPING=1", 1, DEADLINE);
    assert_eq!(
        systemd.times_of("READY=1").len(),
        1,
        "{:?}",
        systemd.transcript()
    );
}

#[test]
fn nobody_is_told_where_nobody_listens() {
    let world = World::new();
    let systemd = NotifySocket::bind(world.path("notify"));
    world.start().stop();
    assert_eq!(systemd.transcript(), [""; 0]);
}

/// The watchdog is fed by progress: while the power service hangs, it starves, though the process lives.
#[test]
fn the_watchdog_starves_while_the_power_service_hangs() {
    let world = World::new();
    let systemd = NotifySocket::bind(world.path("notify"));
    let running = world
        .launch()
        .env("NOTIFY_SOCKET", systemd.path())
        .env("WATCHDOG_USEC", "1000000")
        .start();
    systemd.wait_for("WATCHDOG=1", 3, DEADLINE);
    world.sim().fault("power", "hang");
    running.wait_for_log("box.health_changed verdict=failing");
    world.sim().no_fault();
    running.wait_for_log("service.restarted service=power");
    let fed = systemd.times_of("WATCHDOG=1").len();
    systemd.wait_for("WATCHDOG=1", fed + 3, DEADLINE);
    running.stop();
}

#[test]
fn at_a_desk_a_bad_configuration_is_refused_with_file_line_and_key() {
    let world = World::new();
    let config = world.write("box.toml", BAD_CONFIG);
    let outcome = world.launch().config(&config).expect_end();
    let line = outcome.refused(2);
    for part in ["box.toml", "line 3", "lissten", "listen"] {
        assert!(line.contains(part), "{part} in: {line}");
    }
}

#[test]
fn at_boot_a_bad_configuration_gives_the_defaults_and_a_cry_for_help() {
    let world = World::new();
    let systemd = NotifySocket::bind(world.path("notify"));
    let config = world.write("box.toml", BAD_CONFIG);
    let running = world
        .launch()
        .config(&config)
        .env("NOTIFY_SOCKET", systemd.path())
        .start();
    systemd.wait_for("READY=1", 1, DEADLINE);
    let status = running.status();
    let degraded = status["degraded"].to_string();
    assert!(
        degraded.contains("box.toml") && degraded.contains("line 3"),
        "{degraded}"
    );
    world
        .sim()
        .wait_for_panel("help", |panel| panel.contains("help=blink1"));
    running.stop();
    // The control: with a good one, nobody cries.
    let good = world.write("box.toml", "[web]\nlisten = \"0.0.0.0:80\"\n");
    let running = world
        .launch()
        .config(&good)
        .env("NOTIFY_SOCKET", systemd.path())
        .start();
    assert_eq!(running.status()["degraded"], serde_json::json!([]));
    world
        .sim()
        .wait_for_panel("no help", |panel| panel.contains("help=off"));
    running.stop();
}
