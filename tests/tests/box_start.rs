//! The box between the system's start and its end: what the start found wrong, the school's own settings on the data, and the word that is
//! left for whoever switches the machine off.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;
use system_tests::world::http::Request;
use system_tests::world::{
    DEADLINE, Launch, NotifySocket, SmallDisk, World, folder_pack, statement, wait_for, wait_until,
};
use uuid::Uuid;

const MISSING: &str = "the data partition is missing: the box keeps nothing; use a card of 4 GB or more and write it anew";

/// A stand-in for the unit's runtime folder, and a box that is told of it as systemd does.
fn under_a_unit(world: &World) -> (PathBuf, Launch) {
    let folder = world.path("run");
    fs::create_dir(&folder).unwrap();
    let launch = world.launch().env("RUNTIME_DIRECTORY", &folder);
    (folder, launch)
}

#[test]
fn an_empty_battery_asks_for_the_machines_end_once_all_is_closed() {
    let world = World::new();
    let (folder, launch) = under_a_unit(&world);
    let mut running = launch.start();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    world.sim().battery(9.6, -0.5);
    let ended = running.wait_for_end(Duration::from_secs(90));
    assert_eq!(ended.status.code(), Some(0), "{}", running.log());
    assert_eq!(
        fs::read_to_string(folder.join("next")).unwrap(),
        "poweroff\n"
    );
    assert_eq!(world.sim().power(), "state=off\n");
}

/// The controls: a stop is no power-off, and at a desk there is nobody to ask.
#[test]
fn a_stop_asks_for_nothing_and_a_desk_has_nobody_to_ask() {
    let world = World::new();
    let (folder, launch) = under_a_unit(&world);
    launch.start().stop();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);

    let mut running = world.start();
    world.sim().battery(9.6, -0.5);
    let ended = running.wait_for_end(Duration::from_secs(90));
    assert_eq!(ended.status.code(), Some(0), "{}", running.log());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn a_word_that_cannot_be_left_is_one_line_and_no_success() {
    let world = World::new();
    let launch = world.launch().env("RUNTIME_DIRECTORY", world.path("gone"));
    let mut running = launch.start();
    world.sim().battery(9.6, -0.5);
    let ended = running.wait_for_end(Duration::from_secs(90));
    assert_eq!(ended.status.code(), Some(1), "{}", running.log());
    let log = running.log();
    let last = log.lines().last().unwrap();
    assert!(last.contains("poweroff") && last.contains("gone"), "{last}");
}

fn start_found(world: &World, problems: &str) {
    fs::create_dir_all(world.sim().dir().join("start")).unwrap();
    world.sim().set("start/problems", problems);
}

/// The technician's page with its lines joined: a long reason is wrapped.
fn serial_in_one(world: &World) -> String {
    let page = world.sim().serial();
    page.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_the_start_found_wrong_is_told_everywhere() {
    let world = World::new();
    let damaged = "the system in slot A is damaged: write the card anew";
    let long = "x".repeat(5000);
    start_found(
        &world,
        &format!("{damaged}\n\u{1b}[2J<b>bold</b>\n{long}\n"),
    );
    let running = world.start();
    let degraded = running.status()["degraded"].clone();
    assert_eq!(
        degraded,
        serde_json::json!([damaged, "[2J<b>bold</b>", "x".repeat(200)])
    );
    let page = running.get("/status").expect(200).text();
    assert!(
        page.contains(damaged) && !page.contains("<b>"),
        "escaped: {page}"
    );
    world
        .sim()
        .wait_for_panel("help", |panel| panel.contains("help=blink1"));
    wait_until("the serial page", || {
        serial_in_one(&world).contains(damaged)
    });
    running.get("/healthz").expect(200);
    running.stop();
    // The control: the next start finds nothing.
    world.sim().set("start/problems", "");
    let running = world.start();
    assert_eq!(running.status()["degraded"], serde_json::json!([]));
    world
        .sim()
        .wait_for_panel("no help", |panel| panel.contains("help=off"));
    running.stop();
}

#[test]
fn a_box_without_a_disk_teaches_and_says_that_it_keeps_nothing() {
    let world = World::new();
    let tool = world.tool("quiz");
    world.import(&folder_pack(&world, "lessons"));
    let one = || {
        Request::xapi(
            "POST",
            "/xapi/statements",
            &tool,
            &statement(Uuid::new_v4()),
        )
    };
    start_found(&world, MISSING);
    world.sim().set("start/data-in-memory", "");
    let running = world.launch().without_health().start();

    let health = wait_for("the reason", DEADLINE, || {
        let health = running.get("/healthz");
        health.text().contains("memory").then_some(health)
    });
    assert_eq!(health.status, 503);
    for request in [one(), Request::get("/xapi/statements")] {
        let refused = running.send(&request);
        assert_eq!(refused.status, 503, "{}", refused.text());
        assert!(refused.text().contains("memory"), "{}", refused.text());
    }
    let status = running.status();
    assert_eq!(status["records"]["statements"], 0);
    assert_eq!(status["storage"]["in_memory"], true);
    assert!(status["degraded"].to_string().contains(MISSING), "{status}");
    let portal = running.send(&Request::get("/").header("Accept-Language", "en"));
    assert!(portal.text().contains("The box cannot remember today."));
    running.get_from("lessons", "/water.html").expect(200);
    world
        .sim()
        .wait_for_panel("help: the disk; lessons", |panel| {
            panel.contains("help=blink2") && panel.contains("lessons=on")
        });
    wait_until("the serial page", || {
        serial_in_one(&world).contains(MISSING)
    });
    running.stop();

    // The control: the same box with its disk.
    fs::remove_dir_all(world.sim().dir().join("start")).unwrap();
    let running = world.start();
    running.send(&one()).expect(200);
    let portal = running.send(&Request::get("/").header("Accept-Language", "en"));
    assert!(!portal.text().contains("cannot remember"));
    running.stop();
}

/// Words of the complaint, and how its cause is made.
type BadSettings<'a> = (&'static str, Box<dyn Fn() + 'a>);

/// What may stand in the place of the school's settings, and what is said of it.
fn bad_settings(world: &World) -> Vec<BadSettings<'_>> {
    let path = || world.data().join("config.toml");
    let write = move |bytes: &'static [u8]| fs::write(path(), bytes).unwrap();
    vec![
        ("lissten", Box::new(move || write(b"[web]\nlissten = 1\n"))),
        ("line 1", Box::new(move || write(b"not = = toml"))),
        ("UTF-8", Box::new(move || write(&[0xff, 0xfe, 0x00, 0x80]))),
        (
            "larger than 1 MiB",
            Box::new(move || {
                let large = fs::File::create(path()).unwrap();
                large.set_len(2 << 30).unwrap();
            }),
        ),
        ("no file", Box::new(move || fs::create_dir(path()).unwrap())),
        (
            "no file",
            Box::new(move || {
                let mode = nix::sys::stat::Mode::S_IRWXU;
                nix::unistd::mkfifo(&path(), mode).unwrap();
            }),
        ),
        (
            "cannot be read",
            Box::new(move || std::os::unix::fs::symlink("nowhere", path()).unwrap()),
        ),
    ]
}

fn clear_settings(world: &World) {
    let path = world.data().join("config.toml");
    if path.is_dir() {
        fs::remove_dir(path).unwrap();
    } else {
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn at_a_desk_bad_settings_on_the_data_are_one_line() {
    let world = World::new();
    for (words, make) in bad_settings(&world) {
        make();
        let outcome = world.launch().expect_end();
        let line = outcome.refused(2);
        assert!(
            line.contains("config.toml") && line.contains(words),
            "{line}"
        );
        // Verbs on the data work all the same.
        world.run(&["library", "list"]).succeeded();
        clear_settings(&world);
    }
}

#[test]
fn at_boot_bad_settings_on_the_data_give_the_built_in_ones_and_a_cry_for_help() {
    let world = World::new();
    let systemd = NotifySocket::bind(world.path("notify"));
    let launch = || world.launch().env("NOTIFY_SOCKET", systemd.path());
    for (words, make) in bad_settings(&world) {
        make();
        let running = launch().start();
        let degraded = running.status()["degraded"].to_string();
        assert!(
            degraded.contains("config.toml") && degraded.contains(words),
            "{words}: {degraded}"
        );
        assert!(degraded.contains("built-in settings"), "{degraded}");
        world
            .sim()
            .wait_for_panel("help", |panel| panel.contains("help=blink1"));
        wait_until("the serial page", || serial_in_one(&world).contains(words));
        running.stop();
        clear_settings(&world);
    }
    // The control: good ones are taken, and nobody cries.
    fs::write(
        world.data().join("config.toml"),
        "[site]\nutc_offset_min = 345\n",
    )
    .unwrap();
    let running = launch().start();
    let status = running.status();
    assert_eq!(status["utc_offset_min"], 345, "{status}");
    assert_eq!(status["degraded"], serde_json::json!([]));
    running.stop();
    // A file that was named comes before them.
    let named = world.write("named.toml", "[site]\nutc_offset_min = 60\n");
    let running = launch().config(&named).start();
    assert_eq!(running.status()["utc_offset_min"], 60);
    running.stop();
}

/// Somebody filled the disk to its last block while the box was off.
#[test]
fn a_disk_filled_to_the_brim_costs_the_reserve_and_not_the_box() {
    let Some(disk) = SmallDisk::mount("a_disk_filled_to_the_brim", 160) else {
        return;
    };
    let world = World::on(&disk);
    let tool = world.tool("quiz");
    world.import(&folder_pack(&world, "lessons"));
    world.start().stop();
    assert!(world.data().join("records/reserve").exists());
    let ballast = disk.fill();

    let running = world.start();
    running.get_from("lessons", "/index.html").expect(200);
    let told = running.wait_for_status("a full disk", |status| {
        status["degraded"].to_string().contains("the disk is full")
    });
    assert!(
        told["degraded"].to_string().contains("remove a pack"),
        "{told}"
    );
    let put = Request::xapi(
        "POST",
        "/xapi/statements",
        &tool,
        &statement(Uuid::new_v4()),
    );
    running.send(&put).expect(200);
    running.stop();

    // The control: without a reserve there is nothing to open the box with.
    fs::remove_file(&ballast).unwrap();
    let _ = disk.fill();
    let refused = world.launch().expect_end();
    let line = refused.refused(1);
    assert!(line.contains("cannot be opened"), "{line}");
}
