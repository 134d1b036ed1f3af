//! The self-test on the simulated board: each part fails by its real cause, and is well without it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use serde_json::Value;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;
use system_tests::print::{in_ascii, in_terminal};
use system_tests::world::{
    Outcome, Sim, SmallDisk, TICKING_FROM, Ticking, World, folder_pack, wait_for, wait_until,
};

/// A board on which every part is well.
fn well(world: &World) -> &Sim {
    let sim = world.sim();
    fs::create_dir_all(sim.dir().join("storage")).unwrap();
    sim.watchdog();
    for (name, text) in [
        ("rtc", TICKING_FROM.to_string().as_str()),
        ("serial-number", "10000000ABCD"),
        ("storage/life_time", "0x01 0x02"),
        ("storage/pre_eol_info", "0x01"),
        ("storage/type", "MMC"),
    ] {
        sim.set(name, text);
    }
    sim
}

fn lessons(world: &World) {
    world.import(&folder_pack(world, "lessons"));
}

fn part<'a>(result: &'a Value, name: &str) -> &'a Value {
    let parts = result["parts"].as_array().unwrap();
    let found = parts.iter().find(|part| part["part"] == name);
    found.unwrap_or_else(|| panic!("no part {name}: {result:#}"))
}

/// `ok`, `not_tried` or `failed`.
fn verdict<'a>(result: &'a Value, name: &str) -> &'a str {
    part(result, name)["is"].as_str().unwrap()
}

fn failed(result: &Value) -> Vec<&str> {
    let parts = result["parts"].as_array().unwrap();
    let failed = parts.iter().filter(|part| part["is"] == "failed");
    failed.map(|part| part["part"].as_str().unwrap()).collect()
}

fn what<'a>(result: &'a Value, name: &str) -> &'a str {
    let part = part(result, name);
    part["what"].as_str().unwrap_or_else(|| panic!("{part:#}"))
}

fn board(world: &World) -> String {
    format!("sim:{}", world.sim().dir().display())
}

fn test_of_the_running_box(world: &World) -> Outcome {
    world.run(&["selftest", "--unattended", "--json"])
}

fn test_without_a_box(world: &World, more: &[&str]) -> Outcome {
    let board = board(world);
    world.run(&[&["selftest", "--unattended", "--board", &board], more].concat())
}

#[test]
fn a_running_box_is_ready_and_then_each_part_fails_by_its_cause() {
    let world = World::new();
    let sim = well(&world);
    lessons(&world);
    let clock = Ticking::start(sim);
    let running = world.launch().on_air().start();

    let outcome = test_of_the_running_box(&world).succeeded();
    let good = outcome.json();
    assert_eq!(failed(&good), [""; 0], "{good:#}");
    for name in [
        "gauge", "charger", "radio", "storage", "wear", "clock", "alarm", "records", "library",
        "watchdog",
    ] {
        assert_eq!(verdict(&good, name), "ok", "{good:#}");
    }
    for name in ["panel", "button", "usb", "running_slot", "other_slot"] {
        assert_eq!(verdict(&good, name), "not_tried", "{good:#}");
    }
    assert_eq!(good["serial"], "10000000ABCD");
    assert_eq!(good["wear"]["life_used_tenths"], 2);
    let kept = fs::read(world.data().join("selftest.json")).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&kept).unwrap(), good);
    let status = world.run(&["status", "--json"]).succeeded().json();
    assert_eq!(status["last_selftest"]["ready"], true, "{status:#}");
    sim.wait_for_panel("the test passed", |panel| {
        panel.contains("wifi=quick") && panel.contains("help=off")
    });
    assert_eq!(sim.read("wake").trim(), "", "the alarm is as it was");

    // Everything at once: each verdict is of its own part.
    drop(clock);
    sim.set("rtc", "");
    sim.silence_battery();
    sim.set("radio/fault", "halted nothing");
    sim.set("storage/life_time", "0x0b 0x01");
    sim.set("storage/mb_s", "1.2");
    sim.set("wake-dead", "1");
    sim.set("watchdog/state", "inactive");
    damage_a_blob(world.data());
    wait_until("the silent sensor and the radio are noticed", || {
        let status = world.run(&["status", "--json"]).succeeded().json();
        status["battery"]["stale"] == true && status["radio"]["broken"] == true
    });
    let outcome = test_of_the_running_box(&world);
    let line = outcome.refused(1);
    assert!(
        line.contains("battery, ") && line.contains("test again"),
        "{line}"
    );
    let bad = outcome.json();
    assert_eq!(
        failed(&bad),
        [
            "gauge", "radio", "storage", "wear", "clock", "alarm", "library", "watchdog"
        ],
        "{bad:#}"
    );
    assert_eq!(bad["verdict"], "NOT ready: 8 parts need help.");
    for (name, cause) in [
        ("gauge", "silent"),
        ("radio", "wlan0 is not on the air"),
        ("storage", "too slow: 1."),
        ("wear", "worn out"),
        ("clock", "no time"),
        ("alarm", "wake-dead"),
        ("library", "its bytes have changed"),
        ("watchdog", "nobody feeds it"),
    ] {
        assert!(what(&bad, name).contains(cause), "{name}: {bad:#}");
    }
    assert_eq!(verdict(&bad, "charger"), "not_tried");
    sim.wait_for_panel("the test failed", |panel| {
        panel.contains("wifi=quick") && panel.contains("help=quick")
    });
    drop(running);
}

fn damage_a_blob(data: &Path) {
    let shards = fs::read_dir(data.join("library/blobs")).unwrap();
    let blob = shards
        .flat_map(|shard| fs::read_dir(shard.unwrap().path()).unwrap())
        .map(|blob| blob.unwrap().path())
        .next()
        .unwrap();
    let file = fs::OpenOptions::new().read(true).write(true).open(blob);
    flip(&file.unwrap(), 0);
}

fn flip(file: &fs::File, at: u64) {
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0x10], at).unwrap();
}

#[test]
fn a_person_sees_the_lights_presses_the_button_and_plugs_a_stick() {
    let world = World::new();
    let sim = well(&world);
    lessons(&world);
    let clock = Ticking::start(sim);
    let running = world.start();
    std::thread::scope(|scope| {
        let testing = scope.spawn(|| world.run(&["selftest", "--json"]));
        let mut lights = Vec::new();
        wait_until("all four lights", || {
            let panel = sim.panel();
            if lights.last() != Some(&panel) {
                lights.push(panel.clone());
            }
            panel == "battery=amber wifi=on lessons=on help=on"
        });
        for alone in [
            "battery=amber wifi=off lessons=off help=off",
            "battery=off wifi=on lessons=off help=off",
            "battery=off wifi=off lessons=on help=off",
            "battery=off wifi=off lessons=off help=on",
        ] {
            assert!(
                lights.iter().any(|seen| seen == alone),
                "{alone}: {lights:?}"
            );
        }
        // A second test is told to wait; the first goes on.
        let second = test_of_the_running_box(&world);
        assert!(second.refused(1).contains("is under way"), "{second:?}");
        // Held for six seconds it would switch off or arm something, were it not the test's.
        sim.press(Duration::from_secs(6));
        fs::create_dir_all(sim.dir().join("usb")).unwrap();
        fs::write(sim.dir().join("usb/lesson.txt"), "x").unwrap();
        let outcome = testing.join().unwrap().succeeded();
        let result = outcome.json();
        for name in ["panel", "button", "usb"] {
            assert_eq!(verdict(&result, name), "ok", "{result:#}");
        }
        assert_eq!(part(&result, "button")["measured"], "1 x pressed");
        assert!(outcome.stderr.contains("press the button"), "{outcome:?}");
        // Without a radio that is the box's it is not tried, and that is told.
        assert_eq!(verdict(&result, "radio"), "not_tried");
    });
    // The box still serves: the press meant nothing else.
    world.run(&["status"]).succeeded();
    drop(running);
    drop(clock);
}

#[test]
fn without_a_box_the_parts_are_opened_and_the_code_is_read_from_the_terminal() {
    let world = World::new();
    let sim = well(&world);
    lessons(&world);
    fs::write(world.data().join("serial"), "SB-PH-0042\n").unwrap();
    // In storage: its monthly alarm stands, and must stand afterwards.
    world
        .run(&["storage", "enter", "--board", &board(&world)])
        .succeeded();
    let due = sim.read("wake");
    assert!(!due.trim().is_empty());
    let clock = Ticking::start(sim);
    let svg = world.path("code.svg");
    let outcome = test_without_a_box(&world, &["--qr-svg", svg.to_str().unwrap()]).succeeded();
    assert_eq!(sim.read("wake"), due, "the alarm is as it was");
    let page = &outcome.stdout;
    assert!(
        page.starts_with("This box is ready for a school; "),
        "{page}"
    );
    let text = page.lines().find(|line| line.starts_with("SBT1/")).unwrap();
    assert!(text.starts_with("SBT1/SB-PH-0042/"), "{text}");
    assert!(text.len() <= 300 && text.ends_with(|c: char| c.is_ascii_hexdigit()));
    assert_eq!(in_terminal(page).as_deref(), Some(text));
    assert!(fs::read_to_string(svg).unwrap().starts_with("<svg"));
    let ascii = test_without_a_box(&world, &["--ascii"]).succeeded().stdout;
    assert!(ascii.is_ascii());
    // No line of it is broken on a terminal of 80 columns, but the text to copy, which is last: on 24 lines it is what is still seen.
    let (before, last) = ascii.trim_end().rsplit_once('\n').unwrap();
    assert!(before.lines().all(|line| line.len() <= 80), "{ascii}");
    assert!(last.starts_with("SBT1/SB-PH-0042/"), "{last}");
    assert_eq!(in_ascii(&ascii).as_deref(), Some(last));
    drop(clock);

    // The shunt the wrong way round: it charges in the dark.
    sim.battery(13.3, 1.5);
    sim.set("charger/power_w", "0");
    fs::remove_dir_all(sim.dir().join("watchdog")).unwrap();
    // Something leans on the button.
    sim.set("button", "1");
    let bad = test_without_a_box(&world, &["--json"]);
    assert!(bad.refused(1).contains("battery"), "{bad:?}");
    let bad = bad.json();
    // And its clock stands still since nobody moves it on.
    let ill = ["gauge", "button", "clock", "watchdog"];
    assert_eq!(failed(&bad), ill, "{bad:#}");
    assert!(what(&bad, "button").contains("not let go"), "{bad:#}");
    assert!(what(&bad, "gauge").contains("wrong way round"), "{bad:#}");
    assert!(what(&bad, "clock").contains("counted 0 s"), "{bad:#}");
}

/// Whoever stands before the box sees the same verdict in its lights.
#[test]
fn what_the_lights_show_is_told_where_a_box_shows_it() {
    let world = World::new();
    let sim = well(&world);
    lessons(&world);
    let clock = Ticking::start(sim);
    let words = "Lights: Network and lessons flash fast together, help is dark.";
    let running = world.start();
    let told = world.run(&["selftest", "--unattended"]).succeeded().stdout;
    assert!(told.contains(words), "{told}");
    sim.wait_for_panel("the test passed", |panel| {
        panel.contains("wifi=quick lessons=quick") && panel.contains("help=off")
    });
    running.stop();
    // The control: a board that no box drives is dark.
    let told = test_without_a_box(&world, &[]).succeeded().stdout;
    assert!(!told.contains("Lights:"), "{told}");
    drop(clock);
}

#[test]
fn one_bit_of_the_other_system_is_found() {
    let world = World::new();
    let sim = well(&world);
    lessons(&world);
    let clock = Ticking::start(sim);
    let slot = world.install_into_b();
    let good = test_without_a_box(&world, &["--json"]).succeeded().json();
    assert_eq!(verdict(&good, "other_slot"), "ok", "{good:#}");
    let measured = part(&good, "other_slot")["measured"].as_str().unwrap();
    assert_eq!(measured, "slot B, 1 MB read, as it was sealed");

    let root = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(slot)
        .unwrap();
    flip(&root, 777_777);
    let bad = test_without_a_box(&world, &["--json"]).json();
    assert_eq!(failed(&bad), ["other_slot"], "{bad:#}");
    assert!(what(&bad, "other_slot").contains("its root have changed"));
    flip(&root, 777_777);
    let tree = sim.dir().join("slots/b.tree.img");
    let tree = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(tree)
        .unwrap();
    flip(&tree, 40);
    let bad = test_without_a_box(&world, &["--json"]).json();
    assert!(
        what(&bad, "other_slot").contains("its hash tree have changed"),
        "{bad:#}"
    );
    drop(clock);
}

#[test]
fn stores_that_cannot_be_opened_are_told_and_the_other_parts_are_tried() {
    let world = World::new();
    let sim = well(&world);
    let clock = Ticking::start(sim);
    // The control: an empty library is a library, and no lessons.
    let empty = test_without_a_box(&world, &["--json"]).json();
    assert_eq!(failed(&empty), ["library"], "{empty:#}");
    assert_eq!(what(&empty, "library"), "there are no lessons");
    fs::remove_dir_all(world.data().join("library")).unwrap();
    fs::write(world.data().join("library"), "no folder").unwrap();
    let bad = test_without_a_box(&world, &["--json"]).json();
    assert_eq!(failed(&bad), ["records", "library"], "{bad:#}");
    assert!(
        what(&bad, "library").contains("cannot be opened"),
        "{bad:#}"
    );
    assert_eq!(verdict(&bad, "watchdog"), "ok");
    drop(clock);
}

#[test]
fn a_full_disk_is_no_disk_for_a_school() {
    let Some(disk) = SmallDisk::mount("box_selftest::full", 200) else {
        return;
    };
    let world = World::on(&disk);
    let sim = well(&world);
    lessons(&world);
    let clock = Ticking::start(sim);
    let good = test_without_a_box(&world, &["--json"]).json();
    assert_eq!(verdict(&good, "storage"), "ok", "control: {good:#}");
    let ballast = disk.fill();
    // The result itself needs some room.
    let file = fs::OpenOptions::new().write(true).open(&ballast).unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len(length - (2 << 20)).unwrap();
    let full = test_without_a_box(&world, &["--json"]).json();
    assert_eq!(verdict(&full, "storage"), "failed", "{full:#}");
    let remedy = part(&full, "storage")["remedy"].as_str().unwrap();
    assert!(remedy.contains("take lessons off it"), "{full:#}");
    drop(clock);
}

#[test]
fn what_is_mistyped_gets_a_line() {
    let world = World::new();
    let refused = world.run(&["selftest", "--board", "toaster"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    let nowhere = world.run_in(&world.path("none"), &["selftest", "--unattended"]);
    assert!(nowhere.refused(1).contains("no data folder"), "{nowhere:?}");
    let help = world.run(&["selftest", "--help"]);
    assert!(help.stdout.contains("Example"), "{help:?}");
    let svg = test_without_a_box(&world, &["--qr-svg", "/proc/none/code.svg"]);
    let line = wait_for("the line", Duration::from_secs(1), || {
        svg.stderr.lines().last().map(str::to_owned)
    });
    assert!(line.contains("--qr-svg"), "{svg:?}");
}
