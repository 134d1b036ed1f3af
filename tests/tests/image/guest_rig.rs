//! The small guest of the other suites: what a script says and how it ends comes back, and a guest that hangs, dies or lacks a module says which.
//!
//! Controls: the good script beside each bad one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use system_tests::vm::{Guest, RunningGuest};

#[test]
fn scripts_come_back_with_what_they_said() {
    let Some(guest) = Guest::found("image::guest_rig") else {
        return;
    };
    let long = "x".repeat(100_000);
    let guest = guest
        .module("i2c-stub", "chip_addr=0x40")
        .packaged("i2cget")
        .file("etc/long", long.as_bytes());
    let mut guest = guest.boot("guest-rig");

    assert_eq!(guest.run("echo out; echo err >&2").well(), "out\nerr\n");
    let failed = guest.run("printf half; exit 7");
    assert_eq!((failed.text.as_str(), failed.code), ("half", 7));
    assert_eq!(guest.run("cat /etc/long").well(), long);
    let mut script = format!("# {long}\n");
    script.push_str("echo \"the end\"");
    assert_eq!(guest.run(&script).well(), "the end\n");
    assert!(guest.run("grep -c i2c_stub /proc/modules").well() == "1\n");
    let version = guest.run("i2cget -V").well();
    assert!(
        version.starts_with("i2cget version"),
        "not busybox's: {version}"
    );
    a_hang_is_told(&mut guest);
    eprintln!("guest rig: {:?} of CPU", guest.cpu_time());
}

fn a_hang_is_told(guest: &mut RunningGuest) {
    // Time enough for a loaded host to say something first.
    let soon = Duration::from_secs(8);
    let told = panic_of(|| {
        let _ = guest.run_within("echo so far; sleep 1000", soon);
    });
    assert!(
        told.starts_with("not done after 8 s: echo so far; sleep 1000\nit said: so far\n"),
        "{told}"
    );
    assert!(told.contains("guest-rig.txt:"), "the console: {told}");
}

#[test]
fn a_guest_that_dies_is_told() {
    let Some(guest) = Guest::found("image::guest_rig_dies") else {
        return;
    };
    let mut guest = guest.boot("guest-rig-dies");
    let told = panic_of(|| {
        let _ = guest.run("echo c >/proc/sysrq-trigger");
    });
    assert!(told.starts_with("the guest ended: echo c"), "{told}");
    let console = guest.serial().text();
    assert!(console.contains("Kernel panic"), "{console}");
}

#[test]
fn a_guest_without_its_modules_is_told() {
    let (Some(unknown), Some(refused)) = (
        Guest::found("image::guest_rig_modules"),
        Guest::found("image::guest_rig_modules"),
    ) else {
        return;
    };
    let told = panic_of(|| {
        drop(
            unknown
                .module("no-such-module", "")
                .boot("guest-rig-unknown"),
        )
    });
    assert!(told.contains("has no module no-such-module"), "{told}");
    // A bus at no address.
    let told = panic_of(|| drop(refused.module("i2c-stub", "").boot("guest-rig-refused")));
    let line = "the module i2c-stub was not taken";
    assert!(told.contains(line), "{told}");
}

fn panic_of(action: impl FnOnce()) -> String {
    let told = catch_unwind(AssertUnwindSafe(action)).expect_err("a failure that is told");
    told.downcast_ref::<String>().expect("a message").clone()
}
