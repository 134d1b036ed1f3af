//! Whatever hangs, a box that is told to stop ends: in time, with a word of what did not, and with all that it answered.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use nix::sys::stat::Mode;
use std::fs;
use std::path::Path;
use std::time::Duration;
use system_tests::world::http::Request;
use system_tests::world::{RunningBox, Tool, World, statement};
use uuid::Uuid;

/// The deadline of the stop, its last words, and a loaded machine.
const OVERDUE_WITHIN: Duration = Duration::from_secs(60);
/// A stop without a fault takes less, and one that hangs more.
const DEADLINE_AT_LEAST: Duration = Duration::from_secs(20);

/// Answers what was acknowledged, so that it can be asked for later.
fn learn(running: &RunningBox, tool: &Tool) -> Uuid {
    let id = Uuid::new_v4();
    let request = Request::xapi("POST", "/xapi/statements", tool, &statement(id));
    running.send(&request).expect(200);
    id
}

fn insist_that_it_was_kept(world: &World, tool: &Tool, id: Uuid) {
    let running = world.start();
    let path = format!("/xapi/statements?statementId={id}");
    running.send(&Request::xapi_get(&path, tool)).expect(200);
    running.stop();
}

/// Tells it to stop, and answers its log: it ends late, not well, and says that its stop was overdue in `part`.
fn end_of(mut running: RunningBox, world: &World, part: &str) -> String {
    running.signal(nix::sys::signal::Signal::SIGTERM);
    let ended = running.wait_for_end(OVERDUE_WITHIN);
    let log = running.log();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}\n{log}");
    assert!(ended.took > DEADLINE_AT_LEAST, "{ended:?}\n{log}");
    let overdue = log.lines().find(|line| line.contains("stop.overdue"));
    let overdue = overdue.unwrap_or_default();
    assert!(overdue.contains(&format!("part=\"{part}\"")), "{log}");
    assert!(overdue.contains("ending"), "its threads are told: {log}");
    assert!(kept_events(world.data()).contains("stop.overdue"));
    log
}

fn kept_events(data: &Path) -> String {
    let files = fs::read_dir(data.join("events")).into_iter().flatten();
    files
        .flatten()
        .map(|file| {
            String::from_utf8_lossy(&fs::read(file.path()).unwrap_or_default()).into_owned()
        })
        .collect()
}

/// The control: without a fault the same box ends soon, and well.
#[test]
fn a_box_without_a_fault_ends_in_time() {
    let world = World::new();
    let tool = world.tool("stop");
    let mut running = world.start();
    let id = learn(&running, &tool);
    let ended = running.terminate();
    assert!(ended.status.success(), "{ended:?}\n{}", running.log());
    assert!(ended.took < DEADLINE_AT_LEAST, "{ended:?}");
    assert!(!running.log().contains("stop.overdue"));
    drop(running);
    insist_that_it_was_kept(&world, &tool, id);
}

/// A disk that hangs at the very end, played by a pipe that nobody writes into.
#[test]
fn a_last_act_that_hangs_ends_with_the_deadline() {
    let world = World::new();
    let tool = world.tool("stop");
    let running = world.start();
    let id = learn(&running, &tool);
    let lives = world.data().join("lives.json");
    fs::remove_file(&lives).unwrap();
    nix::unistd::mkfifo(&lives, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    end_of(running, &world, "last words");
    fs::remove_file(&lives).unwrap();
    insist_that_it_was_kept(&world, &tool, id);
}

/// Every thread of the services' runtime is blocked: nobody is left there to hear a signal, or to keep a deadline.
#[test]
fn a_box_whose_threads_are_all_blocked_hears_the_signal_all_the_same() {
    let world = World::new();
    let tool = world.tool("stop");
    let running = world.start();
    let id = learn(&running, &tool);
    world.sim().set("faults", "power block\ndiagnostics block");
    let stands_still = |status: &serde_json::Value| {
        let age = status["battery"]["sample_age_s"].as_u64();
        age.is_some_and(|age| age >= 5)
    };
    running.wait_for_status("services that stand still", stands_still);
    let panel = world.sim().dir().join("panel");
    let shown = fs::read_to_string(&panel).unwrap_or_default();
    let log = end_of(running, &world, "supervisor");
    assert!(!log.contains("service.cut_off_at_stop"), "{log}");
    let dark = fs::read_to_string(&panel).unwrap_or_default();
    assert_eq!(shown, dark, "nobody drove the lights any more");
    world.sim().no_fault();
    insist_that_it_was_kept(&world, &tool, id);
}
