//! A machine that hangs whole, with nobody near: the hardware watchdog resets it, and it serves again.
//!
//! The hang is a program that takes the only processor for itself, above everything that could end it: what a driver in a loop does.
//!
//! Control: the same without the watchdog's hardware, where nothing brings the box back.

use ota::Slot;
use std::time::{Duration, Instant};
use system_tests::vm::{BOOT, Bench, Card, Inside, Launch, Made, Vm};

/// As in the layer's `system.conf`.
const WATCHDOG: Duration = Duration::from_secs(15);

/// Above every other program, and outside of the share that the kernel keeps for the rest.
const HANG: &str = "\
[Service]
CPUSchedulingPolicy=fifo
CPUSchedulingPriority=99
ExecStart=/bin/sh -c 'echo -1 >/proc/sys/kernel/sched_rt_runtime_us; while :; do :; done'
";

const LOADER: &str = "U-Boot 20";

#[test]
fn the_watchdog_resets_a_machine_that_hangs() {
    let Some(made) = Made::found("image::hung_system") else {
        return;
    };
    let card = card(&made);
    let bench = Bench::new();
    let launch = Launch::of(&card, "hung-system").with_bench(&bench);
    let mut vm = launch.with_watchdog().boot();
    vm.wait_for_page();
    let choice = card.boot_environment();
    let armed = vm.shell("cd /sys/class/watchdog/watchdog0 && cat identity state timeout");
    assert_eq!(armed, "i6300ESB timer\nactive\n15\n", "systemd feeds it");
    let boot = boot_id(&mut vm);

    let mark = vm.serial().mark();
    hang(&vm);
    vm.wait_for_serial(mark, LOADER, BOOT);
    vm.wait_for_page();
    assert_ne!(boot_id(&mut vm), boot, "another boot");
    assert_eq!(vm.serial().count(LOADER), 2, "reset once");
    assert!(
        card.boot_environment() == choice,
        "the slot is not to blame"
    );
    eprintln!("hung system: {:?} of CPU", vm.cpu_time());
}

#[test]
fn control_nothing_else_brings_it_back() {
    let Some(made) = Made::found("image::hung_without_watchdog") else {
        return;
    };
    let card = card(&made);
    let bench = Bench::new();
    let launch = Launch::of(&card, "hung-without-watchdog").with_bench(&bench);
    let mut vm = launch.boot();
    vm.wait_for_page();
    let none = vm.shell("ls /sys/class/watchdog");
    assert_eq!(none, "", "no watchdog at all");

    hang(&vm);
    // Counted from the moment at which it answers no more: a machine with the watchdog would be back.
    vm.wait("silence", BOOT, |vm| vm.try_get("/").is_err().then_some(()));
    let silent = Instant::now();
    while silent.elapsed() < 2 * WATCHDOG {
        assert!(vm.try_get("/").is_err(), "it hangs");
        assert!(vm.is_on());
    }
    assert_eq!(vm.serial().count(LOADER), 1, "it does not start again");
    eprintln!("hung without a watchdog: {:?} of CPU", vm.cpu_time());
}

fn card(made: &Made) -> Card {
    let card = Card::fresh(made);
    card.lay_over(Slot::A, &Inside::bench().file("hang.service", HANG));
    card
}

fn hang(vm: &Vm<'_>) {
    vm.start("systemctl start --no-block hang.service");
}

fn boot_id(vm: &mut Vm<'_>) -> String {
    vm.shell("cat /proc/sys/kernel/random/boot_id")
}
