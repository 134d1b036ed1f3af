//! The line mode: for scripts on standard input, and typed on the line.

use base64::Engine as _;
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};
use system_tests::console::Console;
use system_tests::world::{Outcome, World, depot, proc, school_box};

/// The answers to a script, one JSON object each.
pub(crate) fn script(world: &World, commands: &[u8]) -> Vec<Value> {
    let board = format!("sim:{}", world.sim().dir().display());
    let mut child = Command::new(school_box())
        .args(["console", "--line", "--board", &board, "--data"])
        .arg(world.data())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let written = std::thread::scope(|scope| {
        let writing = scope.spawn(move || input.write_all(commands));
        let output = child.wait_with_output().unwrap();
        let _ = writing.join().unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    });
    let text = String::from_utf8(written).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[test]
fn a_command_a_line_an_answer_a_line() {
    let world = World::new();
    let running = world.start();
    running.wait_for_status("a sample", |status| status["battery"]["voltage_v"] == 13.4);
    let told = script(
        &world,
        b"help\nbox\n\nbattery\nradio\nsystem\ndisk\nevents 5\ntest\nreport\nrecords\nnonsense\nquit\nbox\n",
    );
    let commands: Vec<&str> = told
        .iter()
        .map(|it| it["command"].as_str().unwrap())
        .collect();
    assert_eq!(
        commands,
        [
            "help", "box", "battery", "radio", "system", "disk", "events", "test", "report",
            "records", "nonsense"
        ]
    );
    assert!(told.iter().all(|it| it["program"] == "running"));
    assert_eq!(told[1]["needs_help"], serde_json::json!([]));
    assert_eq!(told[2]["battery"]["voltage_v"], 13.4);
    assert_eq!(told[4]["update"]["slot"], "a");
    assert_eq!(told[9]["records"]["waiting"], 0);
    assert_eq!(told[10]["ok"], false);
    running.stop();

    let told = script(&world, b"box\nbattery\nsystem\n");
    assert!(told.iter().all(|it| it["program"] == "not_running"));
    assert_eq!(told[0]["needs_help"], Value::Null);
    assert_eq!(told[1]["battery"], Value::Null);
    assert_eq!(told[2]["update"]["slot"], "a");
}

/// With nothing but the line, running or not, what support wants comes out whole: the desk reads it.
#[test]
fn the_support_bundle_over_the_line() {
    let world = World::new();
    let running = world.start();
    let with = script(&world, b"bundle\n");
    running.stop();
    let without = script(&world, b"bundle\n");
    for (name, told) in [("with", &with[0]), ("without", &without[0])] {
        assert_eq!(told["ok"], true, "{told}");
        let text = told["base64"].as_str().unwrap();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(text)
            .unwrap();
        assert_eq!(told["bytes"], bytes.len());
        let file = world.write(&format!("{name}.sbr"), bytes);
        let mut depot = Command::new(depot());
        depot.args(["report", "show"]).arg(file);
        let shown = Outcome::of(depot);
        assert_eq!(shown.code, Some(0), "{shown:?}");
        super::insist_on_no_person(shown.stdout.as_bytes());
    }
}

#[test]
fn a_script_that_is_no_script() {
    let world = World::new();
    let mut commands = vec![b'x'; 10 * 1024 * 1024];
    commands.extend(b"\n\xff\xfe\0\nbox\n");
    commands.extend([b'y'; 5000]);
    let told = script(&world, &commands);
    let ok: Vec<bool> = told.iter().map(|it| it["ok"].as_bool().unwrap()).collect();
    assert_eq!(ok, [false, false, true, false]);
}

#[test]
fn the_screen_and_the_lines_on_one_terminal() {
    let world = World::new();
    let running = world.start();
    let mut console = Console::start(&world);
    console.wait_for("Nothing needs help.");
    console.press("l");
    console.wait_for("line mode");
    console.send(b"batx\x7f\x7f");
    console.press("ttery\r");
    let screen = console.wait_for("\"program\":\"running\"");
    assert!(screen.replace('\n', "").contains("voltage_v"), "{screen}");
    // A whole command in one go is a command; a paste is none.
    console.send(b"events 1\r");
    console.wait_for("\"command\":\"events\"");
    std::thread::sleep(std::time::Duration::from_millis(600));
    let before = proc::anonymous_bytes(console.pid());
    console.send(&b"restart\r".repeat(100_000));
    console.wait_for("too much at once");
    let grown = proc::anonymous_bytes(console.pid()).saturating_sub(before);
    assert!(grown < 2 * 1024 * 1024, "memory grew by {grown} bytes");
    std::thread::sleep(std::time::Duration::from_millis(700));
    console.press("screen\r");
    console.wait_for("-- The box");
    assert!(!running.log().contains("restart_asked_for"));
    running.stop();
}

/// What comes first behind a change of the mode is heard as the new mode hears.
#[test]
fn each_mode_believes_its_own_from_its_first_byte_on() {
    let world = World::new();
    let running = world.start();
    let mut console = Console::start(&world);
    console.wait_for("Nothing needs help.");
    console.send(b"l");
    console.wait_for("school-box: line mode");
    console.send(b"events                       1\r");
    console.wait_for("\"command\":\"events\"");
    console.send(b"screen\r");
    console.wait_for("-- The box");
    // Every letter of it is a key that would do something.
    console.send(&b"4ry".repeat(10));
    let screen = console.wait_for("Too much at once: nothing of it was done.");
    assert!(
        screen.contains("-- The box"),
        "no key was acted on: {screen}"
    );
    running.stop();
}

/// A script on a serial line does not wait for ever for an answer.
#[test]
fn a_serial_line_is_not_left() {
    let world = World::new();
    let mut console = Console::on(&world, 80, 24, &["--line"]);
    console.wait_for("school-box: line mode");
    console.send(b"quit\r");
    console.wait_for("\"command\":\"quit\",\"error\":\"this line stays\",\"ok\":false");
    console.send(b"battery\r");
    console.wait_for("\"command\":\"battery\"");
}
