//! The look at night, on a simulated board whose days are seconds.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use serde_json::Value;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;
use system_tests::world::{RunningBox, World, folder_pack, wait_until};

/// A day in four seconds.
const SPEED: &str = "21600";
/// 2026-11-29 01:00 UTC, in the night of the box.
const AT_NIGHT: &str = "1795914000";

/// What is remembered of the other slot.
fn kept(data: &Path) -> Value {
    let bytes = fs::read(data.join("nightly.json")).unwrap_or_default();
    let kept: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    kept["other_slot"].clone()
}

fn rounds(data: &Path) -> u64 {
    kept(data)["rounds"].as_u64().unwrap_or(0)
}

/// As after a confirmation: both slots are good, and nothing newer is wanted.
fn settle(world: &World) {
    world.sim().set("boot.env", "gen=9\norder=A B\ntries=");
    let path = world.data().join("updates/ledger.json");
    let mut ledger: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for word in ["wanted", "staged", "attempts"] {
        ledger[word] = Value::Null;
    }
    fs::write(&path, ledger.to_string()).unwrap();
}

/// One bit, in place; the whole file as it is then.
fn flip(path: &Path, at: u64) -> Vec<u8> {
    let file = fs::OpenOptions::new().read(true).write(true).open(path);
    let file = file.unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 1], at).unwrap();
    fs::read(path).unwrap()
}

#[test]
fn damage_of_the_system_that_does_not_run_is_told_until_it_is_whole_again() {
    let world = World::new();
    world.import(&folder_pack(&world, "lessons"));
    let slot = world.install_into_b();
    settle(&world);
    world.sim().set("speed", SPEED);
    world.sim().set("rtc", AT_NIGHT);
    let running = world.start();
    let told = |running: &RunningBox| {
        let status = running.status();
        status["degraded"].to_string().contains("other system slot")
    };
    // The control: what is whole is read to its end, and nothing is told.
    wait_until("a whole look at the slot", || rounds(world.data()) > 0);
    assert!(!told(&running), "{}", running.log());
    let damaged = flip(&slot, 777_777);
    running.wait_for_status("the damage", |status| {
        let lines = status["degraded"].to_string();
        lines.contains("the other system slot is damaged (its root)")
            && lines.contains("an update mends it")
    });
    assert!(
        fs::read(&slot).unwrap() == damaged,
        "the slot was not touched"
    );
    flip(&slot, 777_777);
    wait_until("the end of the complaint", || !told(&running));
    // A slot that is given up holds nothing that anybody would miss.
    running.stop();
    flip(&slot, 777_777);
    world.sim().set("boot.env", "gen=10\norder=A\ntries=");
    let running = world.start();
    let before = kept(world.data());
    wait_until("a look that leaves it alone", || {
        kept(world.data()) != before
    });
    assert_eq!(rounds(world.data()), 0);
    assert!(!told(&running), "{}", running.log());
    running.stop();
}
