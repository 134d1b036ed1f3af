//! The technician's console on a pseudo-terminal, the real binary on either side.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod bad;
mod button;
mod events;
mod handover;
mod lines;
#[path = "../records_rig/mod.rs"]
mod records_rig;
mod tested;

use nix::sys::signal::Signal;
use serde_json::json;
use std::fs;
use std::time::Duration;
use system_tests::console::Console;
use system_tests::need::output_dir;
use system_tests::world::http::Request;
use system_tests::world::{RunningBox, World, statement, wait_for};
use uuid::Uuid;

/// A part that stood still is told for a minute or so.
const HEALED_WITHIN: Duration = Duration::from_secs(180);

/// Pages and what stands on each of a running box.
const PAGES: [(&str, &str, &str); 9] = [
    ("1", "The box", "Nothing needs help."),
    ("2", "Battery and plan", "Battery "),
    ("3", "Radio and clients", "Radio "),
    ("4", "Slots and updates", "slot A runs"),
    ("5", "Storage and wear", "Disk "),
    ("6", "Last events", "vent"),
    ("7", "Self-test", "elf-test"),
    ("8", "Support bundle", "No name, no learner"),
    ("9", "Records out, and hand-over", "school-box-records"),
];

/// A learner whom nobody may read of here.
const PLANTED: &str = "Amina Okonkwo-Planted";
/// And her phone.
const PHONE: &str = "02:00:5e:10:00:7b";

/// Keeps what a person may want to look at: `tests/output/console/NAME.txt`.
pub(crate) fn keep(name: &str, screen: &str) {
    let folder = output_dir().join("console");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.txt")), format!("{screen}\n")).unwrap();
}

/// A box with a phone on the air, and with a statement that names a learner, as a careless tool might.
fn box_with_people(world: &World) -> RunningBox {
    world
        .sim()
        .set("radio/stations", &format!("{PHONE} -48 0 10.84.0.9"));
    let tool = world.tool("quiz");
    let running = world.launch().on_air().start();
    let mut told = statement(Uuid::new_v4());
    told["object"]["definition"] = json!({ "name": { "en": PLANTED } });
    running
        .send(&Request::xapi("POST", "/xapi/statements", &tool, &told))
        .expect(200);
    running.wait_for_status("the statement", |status| {
        status["records"]["statements"] == 1
    });
    running.wait_for_status("the phone", |status| status["radio"]["clients"] == 1);
    running
}

pub(crate) fn insist_on_no_person(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    for word in [
        "amina",
        "planted",
        PHONE,
        "02-00-5e",
        "02005e10007b",
        "10.84.0.9",
    ] {
        assert!(!text.contains(word), "{word} on the line:\n{text}");
    }
}

#[test]
fn every_page_while_the_box_runs() {
    let world = World::new();
    let running = box_with_people(&world);
    let mut console = Console::start(&world);
    console.wait_for("Nothing needs help.");
    for (key, title, words) in PAGES {
        console.press(key);
        let screen = console.wait_that(title, |screen| {
            screen.contains(&format!("-- {title}")) && screen.contains(words)
        });
        assert!(screen.starts_with("School box: power state"), "{screen}");
        assert!(
            screen
                .lines()
                .all(|line| line.is_ascii() && line.len() <= 80)
        );
        keep(&format!("running-{key}"), &screen);
    }
    console.press("3");
    let radio = console.wait_for("Client   1");
    assert!(radio.contains("-48 dBm"), "{radio}");
    // The page is told anew as the box changes.
    console.press("2");
    world.sim().battery(12.1, -3.0);
    console.wait_for("12.10 V");
    let raw = console.raw();
    insist_on_no_person(&raw);
    for order in [
        &b"\x1b[?1049"[..],
        b"\x1b[?25",
        b"\x1b[38",
        b"\x1b[48",
        b"\x1b[?1000",
    ] {
        let sent = raw.windows(order.len()).any(|bytes| bytes == order);
        assert!(!sent, "a VT100 does not know {order:?}");
    }
    running.stop();
}

/// The person is there, and the test above would see her.
#[test]
fn control_the_person_and_her_phone_are_on_the_box() {
    let world = World::new();
    let running = box_with_people(&world);
    running.stop();
    assert!(world.sim().read("radio/stations").contains(PHONE));
    for words in [PHONE, PLANTED] {
        let found = std::panic::catch_unwind(|| insist_on_no_person(words.as_bytes()));
        assert!(found.is_err(), "{words}");
    }
}

#[test]
fn a_box_that_never_ran_was_stopped_hangs_and_runs_again() {
    let world = World::new();
    let mut console = Console::start(&world);
    let screen = console.wait_for("it has not run since the system started");
    assert!(
        screen.starts_with("School box: ITS PROGRAM IS NOT RUNNING"),
        "{screen}"
    );
    keep("never-ran", &screen);

    let mut running = world.start();
    console.wait_for("Nothing needs help.");
    running.signal(Signal::SIGSTOP);
    let hung = console.wait_for("DOES NOT ANSWER");
    keep("hangs", &hung);
    running.signal(Signal::SIGCONT);
    // For a minute it may say first which of its parts stood still.
    wait_for("a box that needs no help", HEALED_WITHIN, || {
        let screen = console.screen();
        screen
            .starts_with("School box: power state full")
            .then_some(())
    });

    assert!(running.terminate().status.success());
    let stopped = console.wait_for("it was stopped");
    assert!(stopped.contains("IS NOT RUNNING"), "{stopped}");
    for (key, title, _) in PAGES {
        console.press(key);
        let screen = console.wait_for(&format!("-- {title}"));
        keep(&format!("stopped-{key}"), &screen);
    }
    console.press("4");
    console.wait_for("slot A runs");
    console.press("1");
    let running = world.start();
    console.wait_for("was restarted once");
    running.kill();
    console.wait_for("died without a word");
    insist_on_no_person(&console.raw());
}

/// As systemd would, but faster: started again whenever it ends.
#[test]
fn a_box_that_ends_again_and_again() {
    let world = World::new();
    world.sim().fault("power", "panic");
    let mut console = Console::start(&world);
    console.wait_for("it has not run");
    for _ in 0..3 {
        let ended = world.launch().without_health().expect_end();
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    }
    let screen = console.wait_for("restarted 2 times");
    assert!(screen.contains("power"), "why: {screen}");
    keep("crash-loop", &screen);
    for (key, title, _) in PAGES {
        console.press(key);
        console.wait_for(&format!("-- {title}"));
    }
    // Control: without the fault it stays up, and the same console says so.
    world.sim().no_fault();
    let running = world.start();
    console.press("1");
    console.wait_for("was restarted 3 times");
    console.wait_for("Nothing needs help.");
    running.stop();
}
