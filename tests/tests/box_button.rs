//! Random presses of the one button: nothing grave happens without its held press, its countdown and its second press.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;
use system_tests::world::http::Request;
use system_tests::world::{RunningBox, World, statement, wait_until};
use uuid::Uuid;

/// Presses in ms that mean nothing grave by themselves (taps and undecided ones; the table is in the firmware's
/// `diagnostics::button`), and pauses.
const HARMLESS: std::ops::Range<u64> = 30..2_700;
const PAUSE: std::ops::Range<u64> = 30..700;
const PRESSES: usize = 16;
/// Each seed is a box of its own; they press at the same time.
const SEEDS: [u64; 4] = [1, 20_260_301, 0xDEAD_BEEF, 77];

/// SplitMix64: a seed that fails is a seed that fails again.
struct Random(u64);

impl Random {
    fn within(&mut self, range: &std::ops::Range<u64>) -> Duration {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let word = word ^ (word >> 31);
        Duration::from_millis(range.start + word % (range.end - range.start))
    }
}

fn with_a_statement(world: &World) -> RunningBox {
    let tool = world.tool("quiz");
    let running = world.start();
    running
        .send(&Request::xapi(
            "POST",
            "/xapi/statements",
            &tool,
            &statement(Uuid::new_v4()),
        ))
        .expect(200);
    running
}

fn insist_that_nothing_happened(running: &RunningBox, seed: u64) {
    let log = running.log();
    for grave in [
        "=confirm_",
        "power.off",
        "records.erased",
        "=switch_off",
        "=arm_",
    ] {
        assert!(!log.contains(grave), "seed {seed}: {grave}:\n{log}");
    }
    assert_eq!(running.status()["records"]["statements"], 1, "seed {seed}");
    running.get("/healthz").expect(200);
}

#[test]
fn random_short_presses_never_switch_off_store_or_erase() {
    std::thread::scope(|scope| {
        for seed in SEEDS {
            scope.spawn(move || {
                let world = World::new();
                let running = with_a_statement(&world);
                let mut random = Random(seed);
                for _ in 0..PRESSES {
                    world.sim().press(random.within(&HARMLESS));
                    std::thread::sleep(random.within(&PAUSE));
                }
                insist_that_nothing_happened(&running, seed);
                running.stop();
            });
        }
    });
}

/// Noise on the button's file is no press: neither garbage nor a file that comes and goes.
#[test]
fn a_button_that_says_nonsense_is_no_press() {
    let world = World::new();
    let running = with_a_statement(&world);
    for noise in ["", "yes", "2", "11", "\u{0}", "1 1", "0"]
        .into_iter()
        .cycle()
        .take(40)
    {
        world.sim().set("button", noise);
        std::thread::sleep(Duration::from_millis(60));
        let _ = std::fs::remove_file(world.sim().dir().join("button"));
    }
    insist_that_nothing_happened(&running, 0);
    running.stop();
}

/// The control: the same rig, with the held press, does switch the box off.
#[test]
fn a_held_press_switches_the_box_off() {
    let world = World::new();
    let mut running = with_a_statement(&world);
    world.sim().set("button", "1");
    wait_until("one light: let go to switch off", || {
        world.sim().panel() == "battery=amber wifi=off lessons=off help=off"
    });
    std::thread::sleep(Duration::from_millis(300));
    world.sim().set("button", "0");
    let ended = running.wait_for_end(Duration::from_secs(60));
    assert!(ended.status.success(), "{ended:?}\n{}", running.log());
    assert!(
        world.sim().power().contains("state=off"),
        "{}",
        world.sim().power()
    );
    let running = world.start();
    assert_eq!(
        running.status()["records"]["statements"],
        1,
        "switching off forgets nobody"
    );
    running.stop();
}

/// Storage is armed by a long press and confirmed by a tap; a box where learners are at work refuses.
#[test]
fn storage_is_refused_while_learners_are_at_work() {
    let world = World::new();
    let running = with_a_statement(&world);
    running
        .send(&Request::get("/").header("Accept-Language", "en"))
        .expect(200);
    world.sim().press(Duration::from_millis(9_500));
    world.sim().wait_for_panel("a refusal", |panel| {
        panel == "battery=off wifi=off lessons=off help=on"
    });
    world
        .sim()
        .wait_for_panel("the usual lights again", |panel| panel.contains("help=off"));
    world.sim().press(Duration::from_millis(200));
    running.wait_for_log("meaning=attention");
    assert!(!running.log().contains("Confirm"), "{}", running.log());
    running.get("/healthz").expect(200);
    running.stop();
}

/// Erasing: held for 15 s, a countdown, a second held press. Then nobody is known any more, and the box serves on.
#[test]
fn erasing_needs_the_countdown_and_the_second_press_and_then_forgets_everyone() {
    let world = World::new();
    let running = with_a_statement(&world);
    // Armed, and left alone: the countdown runs out and nothing is erased.
    world.sim().press(Duration::from_millis(16_500));
    running.wait_for_log("meaning=arm_erase");
    std::thread::sleep(Duration::from_secs(11));
    world.sim().press(Duration::from_millis(200));
    running.wait_for_log("meaning=attention");
    assert_eq!(running.status()["records"]["statements"], 1);
    // Armed and confirmed.
    world.sim().press(Duration::from_millis(16_500));
    std::thread::sleep(Duration::from_millis(1_500));
    world.sim().press(Duration::from_millis(4_500));
    running.wait_for_log("records.erased");
    wait_until("nobody is known", || {
        running.status()["records"]["statements"] == 0
    });
    running.get("/").expect(200);
    running.stop();
}
