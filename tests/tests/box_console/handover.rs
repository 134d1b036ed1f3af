//! The hand-over from the technician's line: refused while something waits for receipts, nothing without words and button, done with both.

use super::keep;
use super::records_rig::{Desk, NAMES, School, holds, name};
use serde_json::Value;
use std::time::Duration;
use system_tests::console::Console;
use system_tests::world::{RunningBox, World};

const TAP: Duration = Duration::from_millis(400);

/// Types the words at the screen, on the page of the records.
fn type_the_words(console: &mut Console, words: &str) {
    console.press("h");
    console.wait_for("Forget everyone? Type \"hand over\" and Enter:");
    for part in words.split_inclusive(' ') {
        console.press(part);
    }
    console.press("\r");
}

fn known(running: &RunningBox) -> u64 {
    running.status()["records"]["statements"].as_u64().unwrap()
}

#[test]
fn a_box_is_handed_over_from_the_line_once_everything_has_arrived() {
    let desk = Desk::new("programme");
    let school = School::of(&desk, 1);
    let world = &school.world;
    let running = world.start();
    let mut console = Console::start(world);
    console.press("9");
    let screen = console.wait_for("Waiting 200 are not known to have arrived");
    keep("records", &screen);

    // Nobody is asked for words, or sent to the button, for nothing.
    console.press("h");
    let refused = console
        .wait_for("Not yet: 200 statements are not known to have arrived at the programme; carry");
    assert!(!refused.contains("Forget everyone?"), "{refused}");
    keep("hand-over-refused", &refused);
    assert_eq!(known(&running), 200);

    let stick = world.path("stick");
    school.export(&stick).succeeded();
    desk.open(&[&stick]).succeeded();
    school.receipts(&desk.out()).succeeded();
    console.wait_for("Waiting nothing: all is known to have arrived");
    type_the_words(&mut console, "hand");
    console.wait_for("Those were not the words.");
    // The control: everything would allow it, and nobody presses the button.
    type_the_words(&mut console, "hand over");
    console.wait_for("nobody pressed the button within 30 s");
    assert_eq!(known(&running), 200);

    type_the_words(&mut console, "hand over");
    console.wait_for("hand over: press the box's button now");
    world.sim().press(TAP);
    keep(
        "handed-over",
        &console.wait_for("Everyone is forgotten: 200 statements; the lessons are as they were."),
    );
    assert_eq!(known(&running), 0);
    let raw = console.raw();
    for number in 0..NAMES {
        assert!(!holds(&raw, name(number).as_bytes()), "{}", name(number));
    }
    running.stop();
}

/// The answers to a script while somebody taps the button again and again.
fn with_taps(world: &World, commands: &[u8]) -> Vec<Value> {
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| super::lines::script(world, commands));
        while !asked.is_finished() {
            world.sim().press(TAP);
            std::thread::sleep(TAP);
        }
        asked.join().unwrap()
    })
}

#[test]
fn what_waits_is_given_up_by_its_own_words_alone() {
    let desk = Desk::new("programme");
    let school = School::of(&desk, 1);
    let world = &school.world;
    let running = world.start();
    let help = super::lines::script(world, b"help\n");
    let commands = help[0]["commands"].as_object().unwrap();
    assert!(commands.contains_key("hand over"));
    assert!(!commands.contains_key("hand over without receipts"));

    let told = with_taps(
        world,
        b"records\nhandover\nhand over\nrecords\nhand over without receipts\nrecords\n",
    );
    assert_eq!(told[0]["records"]["waiting"], 200);
    assert_eq!(
        told[1]["error"],
        "no such command; `help` says what there is"
    );
    let why = told[2]["error"].as_str().unwrap();
    assert!(why.contains("200 statements are not known"), "{why}");
    assert_eq!(told[3]["records"]["statements"], 200);
    assert_eq!(told[4]["ok"], true, "{told:?}");
    assert_eq!(told[5]["records"]["statements"], 0);
    assert_eq!(told[5]["records"]["waiting"], 0);
    running.stop();

    // Without the box's program nothing is done, and that is told.
    let without = super::lines::script(world, b"hand over\nrecords\n");
    assert_eq!(without[0]["ok"], false);
    assert_eq!(without[1]["records"], Value::Null);
}

#[test]
fn on_a_terminal_of_20_by_5() {
    let desk = Desk::new("programme");
    let school = School::of(&desk, 1);
    let world = &school.world;
    let running = world.start();
    let mut console = Console::on(world, 20, 5, &[]);
    console.press("9");
    console.wait_for("Waiting 200 are");
    console.press("h");
    let refused = console.wait_for("Not yet: 200 statements are not known to have");
    keep("20x5-hand-over-refused", &refused);
    let stick = world.path("stick");
    school.export(&stick).succeeded();
    desk.open(&[&stick]).succeeded();
    school.receipts(&desk.out()).succeeded();
    console.press("9");
    console.wait_for("Waiting nothing:");
    console.press("h");
    let asked = console.wait_for("Type \"hand over\" and Enter:");
    keep("20x5-hand-over", &asked);
    console.press("hand over");
    console.wait_for("> hand over");
    console.press("\r");
    console.wait_for("BUTTON!");
    world.sim().press(TAP);
    console.wait_for("Everyone is forgotten: 200");
    assert_eq!(known(&running), 0);
    running.stop();
}
