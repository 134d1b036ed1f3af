//! The technician's console on the serial line of the booted image, as a terminal of 80x24 shows it.
//!
//! Control: without the console's unit the line keeps the words of the start, and no page.

use ota::Slot;
use std::fs;
use std::time::Duration;
use system_tests::need::output_dir;
use system_tests::vm::{BOOT, Bench, Card, Inside, Launch, Made, Vm};

/// As `systemd-analyze security` counts, of 10: what the unit leaves open.
const EXPOSURE: f64 = 1.5;
const UNIT: &str = "school-box-console@ttyAMA0.service";

#[test]
fn every_page_over_the_serial_line_and_the_supervisor_down() {
    let Some(made) = Made::found("image::console") else {
        return;
    };
    let (card, bench) = (Card::fresh(&made), Bench::new());
    card.lay_over(Slot::A, &Inside::bench());
    let mut vm = Launch::of(&card, "console")
        .with_bench(&bench)
        .typed_at()
        .boot();
    vm.wait_for_page();
    keep("box", &vm.wait_for_screen("School box: power state", BOOT));
    let said = vm.serial().text();
    let (start, page) = (said.find("Starting kernel"), said.find("School box:"));
    assert!(
        start.is_some() && start < page,
        "the words of the start come first"
    );

    for (key, title) in [
        ("2", "-- Battery and plan"),
        ("3", "-- Radio and clients"),
        ("4", "-- Slots and updates"),
        ("5", "-- Storage and wear"),
        ("6", "-- Last events"),
        ("7", "-- Self-test"),
        ("8", "-- Support bundle"),
    ] {
        turn_to(&mut vm, key, title);
        keep(key, &vm.serial().screen());
    }
    turn_to(&mut vm, "4", "slot A: good");
    the_supervisor_goes_down(&mut vm);
    a_paste_and_noise(&mut vm);
    it_comes_back(&mut vm);
    the_unit_is_closed(&mut vm);
    eprintln!("console: {:?} of CPU", vm.cpu_time());
}

#[test]
fn control_without_the_unit_there_is_no_page() {
    let Some(made) = Made::found("image::console_without") else {
        return;
    };
    let (card, bench) = (Card::fresh(&made), Bench::new());
    let never = "[Unit]\nConditionPathExists=/nonexistent\n";
    let off = format!("{UNIT}.d/never.conf");
    card.lay_over(Slot::A, &Inside::bench().file(&off, never));
    let mut vm = Launch::of(&card, "console-without")
        .with_bench(&bench)
        .boot();
    vm.wait_for_page();
    vm.shell("sleep 15");
    assert_eq!(
        vm.serial().count("School box:"),
        0,
        "{}",
        vm.serial().tail()
    );
}

/// A key may fall into the pause after a flood: it is pressed until it is heard.
fn turn_to(vm: &mut Vm<'_>, key: &str, words: &str) {
    for _ in 0..60 {
        vm.type_in(key.as_bytes());
        std::thread::sleep(Duration::from_secs(1));
        if vm.serial().screen().contains(words) {
            return;
        }
    }
    panic!("`{words}` never came:\n{}", vm.serial().screen());
}

fn the_supervisor_goes_down(vm: &mut Vm<'_>) {
    turn_to(vm, "1", "-- The box");
    vm.shell("systemctl kill --signal=KILL school-box");
    vm.wait_for_screen("was restarted once", BOOT);
    vm.wait_for_page();
    vm.shell("systemctl stop school-box && systemctl mask --runtime school-box");
    let stopped = vm.wait_for_screen("is not running: since", BOOT);
    assert!(stopped.contains("it was stopped"), "{stopped}");
    keep("stopped", &stopped);
    turn_to(vm, "4", "slot A: good");
    keep("stopped-4", &vm.serial().screen());
    vm.shell("systemctl unmask --runtime school-box && systemctl start school-box");
    vm.wait_for_page();
    turn_to(vm, "1", "School box: power state");
}

fn a_paste_and_noise(vm: &mut Vm<'_>) {
    let pid = |vm: &mut Vm<'_>| vm.shell(&format!("systemctl show -P MainPID {UNIT}"));
    let before = pid(vm);
    vm.type_in(&b"4ry1ry2sy\r".repeat(20_000));
    vm.type_in(&[0, 0xff, 0x1b, b'[', 3, 4, 26, 28].repeat(2_000));
    turn_to(vm, "5", "-- Storage and wear");
    assert_eq!(pid(vm), before, "the console stayed");
    let memory = vm.shell(&format!("systemctl show -P MemoryCurrent {UNIT}"));
    eprintln!("console: memory {} bytes", memory.trim());
}

fn it_comes_back(vm: &mut Vm<'_>) {
    vm.shell(&format!("systemctl kill --signal=KILL {UNIT}"));
    vm.wait_for_screen("-- The box", BOOT);
    turn_to(vm, "3", "-- Radio and clients");
    let log = vm.shell("journalctl --quiet --boot");
    assert!(
        !log.contains("restart_asked_for"),
        "nothing was done from the line"
    );
}

fn the_unit_is_closed(vm: &mut Vm<'_>) {
    let said = vm.shell(&format!(
        "systemd-analyze security --no-pager {UNIT} | tail -n 1"
    ));
    let number = said
        .split_whitespace()
        .find_map(|word| word.parse::<f64>().ok());
    eprintln!("{}", said.trim());
    assert!(number.is_some_and(|number| number <= EXPOSURE), "{said}");
}

fn keep(name: &str, screen: &str) {
    let folder = output_dir().join("image");
    fs::create_dir_all(&folder).unwrap();
    fs::write(
        folder.join(format!("console-screen-{name}.txt")),
        format!("{screen}\n"),
    )
    .unwrap();
}
