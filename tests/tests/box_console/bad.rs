//! Lines with noise, pastes, terminals that are small, slow or gone.

use super::keep;
use std::time::Duration;
use system_tests::console::{Console, resize};
use system_tests::world::{DEADLINE, World, proc, school_box, wait_for};

const MIB: usize = 1024 * 1024;

/// SplitMix64: the same noise every time.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bytes.extend((word ^ (word >> 31)).to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// The console is there, whatever the line carried: it turns to a page when it is asked to.
fn insist_that_it_serves(console: &mut Console) {
    // Noise may have turned to any page, and an ear that heard a flood wants a pause.
    std::thread::sleep(Duration::from_millis(700));
    for (key, title) in [("2", "Battery and plan"), ("5", "Storage and wear")] {
        wait_for(title, DEADLINE, || {
            console.press(key);
            console
                .screen()
                .contains(&format!("-- {title}"))
                .then_some(())
        });
    }
    console.insist_that_it_lives();
}

#[test]
fn a_line_with_noise() {
    let world = World::new();
    let running = world.start();
    let mut console = Console::start(&world);
    console.wait_for("Nothing needs help.");
    console.send(&noise(1, MIB));
    insist_that_it_serves(&mut console);
    for bytes in [
        &[0; 4096][..],
        &b"\x1b[".repeat(5000),
        &b"\x1b[1;".repeat(5000),
        &[0x9b; 3000],
        &b"\xc3\x28\xff\xfe\xed\xa0\x80".repeat(1000),
        &b"\x1b]0;title\x07\x1bPq\x1b_x".repeat(500),
    ] {
        console.send(bytes);
        insist_that_it_serves(&mut console);
    }
    // And a byte now and then, as from a bad cable.
    for byte in noise(2, 60) {
        console.send(&[byte]);
        std::thread::sleep(Duration::from_millis(30));
    }
    insist_that_it_serves(&mut console);
    // No signal, no end of the file.
    for byte in [0x03, 0x04, 0x1a, 0x1c, 0x15, 0x17] {
        console.send(&[byte]);
        std::thread::sleep(Duration::from_millis(50));
    }
    insist_that_it_serves(&mut console);
    // Held back by a Ctrl-S that nobody typed: it goes on by itself.
    console.send(b"\x13");
    std::thread::sleep(Duration::from_millis(200));
    world.sim().battery(12.3, -1.0);
    console.send(b"2");
    console.wait_for("12.30 V");
    assert!(!running.log().contains("restart_asked_for"));
    running.stop();
}

#[test]
fn a_paste_of_ten_megabytes() {
    let world = World::new();
    let running = world.start();
    let mut console = Console::start(&world);
    console.press("4");
    console.wait_for("-- Slots and updates");
    let before = proc::anonymous_bytes(console.pid());
    // Every letter of it is a key that would do something.
    console.send(&b"4ry1ry2sy\r".repeat(10 * MIB / 10));
    let after = proc::anonymous_bytes(console.pid());
    let screen = console.wait_for("Too much at once: nothing of it was done.");
    keep("paste", &screen);
    assert!(
        screen.contains("-- Slots and updates"),
        "no key was acted on: {screen}"
    );
    assert!(!screen.contains("press the box's button"), "{screen}");
    let grown = after.saturating_sub(before);
    assert!(grown < 2 * MIB as u64, "memory grew by {grown} bytes");
    let bells = console.raw().iter().filter(|byte| **byte == 7).count();
    assert!((1..20).contains(&bells), "the bell rang {bells} times");
    eprintln!("10 MB pasted: memory of its own {before} -> {after} bytes, bell {bells} times");
    insist_that_it_serves(&mut console);
    running.stop();
}

/// The control: the same keys, typed by a person, are acted on.
#[test]
fn control_the_same_keys_one_by_one_are_acted_on() {
    let world = World::new();
    let running = world.start();
    let mut console = Console::start(&world);
    console.wait_for("Nothing needs help.");
    console.press("4");
    console.press("r");
    console.wait_for("Boot the other slot from the next start on?");
    console.press("n");
    console.wait_for("Nothing was done.");
    running.stop();
}

#[test]
fn a_terminal_of_20_by_5_and_one_that_grows() {
    let world = World::new();
    let running = world.start();
    let mut console = Console::on(&world, 20, 5, &[]);
    let screen = console.wait_for("Nothing needs help.");
    keep("20x5-running", &screen);
    assert!(screen.lines().count() <= 5 && screen.lines().all(|line| line.len() <= 20));
    console.press("2");
    console.wait_for("1-9 battery");
    console.wait_for("Battery ");
    console.press("n");
    console.press("4");
    console.wait_for("1-9 system");
    console.press("c");
    console.wait_for("confirm? y/n");
    console.press("n");
    running.stop();
    console.press("1");
    keep("20x5-stopped", &console.wait_for("PROGRAM NOT RUNNING"));
    // No smaller one ends it: there the line mode serves, until it has grown again.
    resize(console.line(), 1, 1);
    console.wait_for("school-box: line");
    resize(console.line(), 20, 5);
    keep("20x5-grown", &console.wait_for("PROGRAM NOT RUNNING"));
    // The control: who chose the lines keeps them.
    console.press("l");
    console.wait_for("school-box: line");
    std::thread::sleep(Duration::from_millis(600));
    let lines = console.screen();
    for (columns, rows) in [(1, 1), (20, 5)] {
        resize(console.line(), columns, rows);
        std::thread::sleep(Duration::from_millis(600));
    }
    assert_eq!(console.screen(), lines, "nothing is drawn over them");
    console.press("screen\r");
    console.wait_for("PROGRAM NOT RUNNING");
}

/// A serial line says nothing of its size: a terminal that answers where its corner is, is believed; none is 80x24.
#[test]
fn a_serial_line_says_nothing_of_its_size() {
    let world = World::new();
    let mut console = Console::on(&world, 0, 0, &[]);
    let asked = b"\x1b[6n";
    wait_for("the question", DEADLINE, || {
        let raw = console.raw();
        raw.windows(4).any(|bytes| bytes == asked).then_some(())
    });
    let raw = wait_for("a whole screen", DEADLINE, || {
        let text = String::from_utf8_lossy(&console.raw()).into_owned();
        text.contains("\x1b[24;1H1-9 page").then_some(text)
    });
    assert!(raw.contains("IS NOT RUNNING"));
    console.send(b"\x1b[5;20R");
    wait_for("the short form", DEADLINE, || {
        let text = String::from_utf8_lossy(&console.raw()).into_owned();
        text.contains("\x1b[5;1H1-9 box").then_some(())
    });
}

#[test]
fn a_cable_that_is_pulled_and_plugged_in_again() {
    let world = World::new();
    let running = world.start();
    let mut console = Console::on_link(&world, &world.path("line"));
    console.wait_for("Nothing needs help.");
    for _ in 0..2 {
        console.replug();
        console.wait_for("Nothing needs help.");
        insist_that_it_serves(&mut console);
    }
    running.stop();
}

#[test]
fn no_terminal_is_told_in_one_line() {
    let world = World::new();
    let none = world.run(&["console"]);
    assert_eq!(none.code, Some(2), "{none:?}");
    assert!(none.stderr.contains("--line"), "{none:?}");
    for path in ["/dev/null", "/nonexistent/tty"] {
        let refused = world.run(&["console", "--tty", path]);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert_eq!(refused.stderr.lines().count(), 1, "{refused:?}");
        assert!(refused.stderr.contains(path), "{refused:?}");
    }
    assert!(school_box().is_file());
}
