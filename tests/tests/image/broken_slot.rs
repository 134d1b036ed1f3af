//! A new system that panics, dies, hangs or never gets well is left for the old one after three starts at the latest, and people are told
//! why: by the boot script on the serial line, and by the old system on its panel, on the technician's page and in its status.
//!
//! What a system says before it dies is on no disk: then people are told no more than that it did not start, hung or lost power.
//!
//! The control is [`a_good_slot_is_confirmed`]: the same card, the same trial, a system that nothing is wrong with.

use ota::{BootChoice, Slot};
use std::time::Duration;
use system_tests::vm::{BOOT, Bench, Card, Inside, Launch, Made, Mark, Vm};

const B_STARTS: &str = "school-box: slot B boots on trial";
const NO_TRIES: &str = "school-box: slot B has spent its tries, slot A boots in its place";
const NO_WORD: &str = "slot B failed its trial: it did not start, hung or lost power at each of its tries; slot A runs in its place";
/// The shortest that the box takes, beyond the time that systemd's watchdog has: the patience of tests.
const SHORT_TRIAL: &str =
    "[web]\nlisten = \"0.0.0.0:80\"\nhost = \"school.internal\"\n\n[update]\ntrial_within_s = 60\n";
const WITH_SHORT_TRIAL: &str = "[Service]\nExecStart=\nExecStart=/usr/bin/school-box run --data /data --board sim:/run/bench/board --config /run/systemd/system/trial.toml\n";
/// The image's own, which the deaths of a test are put in front of.
const INIT: &str = include_str!("../../../yocto-layer/recipes-core/school-box/files/init");

/// A box with an old system in A, and a new one in B that has so many tries.
struct Trial {
    card: Card,
    bench: Bench,
}

impl Trial {
    fn of(made: &Made, tries_left: u8, new: &Inside) -> Self {
        let card = Card::fresh(made);
        card.fill(Slot::B);
        card.lay_over(Slot::A, &Inside::bench());
        card.lay_over(Slot::B, new);
        let on = Slot::B;
        card.choose(BootChoice::Trial { on, tries_left });
        let bench = Bench::new();
        Self { card, bench }
    }

    fn boot(&self, name: &str) -> Vm<'_> {
        Launch::of(&self.card, name).with_bench(&self.bench).boot()
    }

    /// Waits until slot A serves in place of slot B, which had `starts`, and insists that `why` is said wherever people look.
    fn insist_on_the_old_system(&self, vm: &mut Vm<'_>, starts: usize, why: &str) {
        let left = vm.wait_for_serial(Mark::default(), NO_TRIES, BOOT);
        vm.wait_for_serial(left, "school-box: slot A boots", BOOT);
        vm.wait_for_serial(left, "school-box: slot A runs from", BOOT);
        vm.wait_for_page();
        assert_eq!(vm.serial().count(B_STARTS), starts);
        assert_eq!(
            vm.serial().count("Starting kernel"),
            starts + 1,
            "no other start"
        );
        let status = vm.status();
        let update = &status["update"];
        assert_eq!(
            (&update["slot"], &update["state"]),
            (&"a".into(), &"fell_back".into()),
            "{status}"
        );
        assert_eq!(update["slots"]["b"]["is"], "retired", "{status}");
        assert!(update["fell_back"].to_string().contains(why), "{status}");
        assert!(status["degraded"].to_string().contains(why), "{status}");
        self.insist_on_lights_and_page(vm, why);
        let spare = false;
        let settled = BootChoice::Settled {
            first: Slot::A,
            spare,
        };
        assert_eq!(
            self.card.choice().1,
            settled,
            "and only A boots from now on"
        );
    }

    fn insist_on_lights_and_page(&self, vm: &mut Vm<'_>, why: &str) {
        let sim = self.bench.sim();
        vm.wait("the help light, once", BOOT, |vm| {
            let state = &vm.try_get("/api/v1/status").ok()?.json()["panel"]["state"];
            (sim.light("help") == "blink1" && state == "look").then_some(())
        });
        vm.wait("the technician's page", BOOT, |_| {
            // Whole, though it is longer than a line of the terminal.
            let page = sim.serial();
            let words: Vec<&str> = page.split_whitespace().collect();
            words.join(" ").contains(why).then_some(())
        });
    }
}

/// Each try ends in another way: the kernel panics; the first program of the initramfs ends; systemd dies.
#[test]
fn a_system_that_dies_early_is_left_after_three_tries() {
    let Some(made) = Made::found("image::broken_slot::dies_early") else {
        return;
    };
    let deaths = "\
mount -t proc proc /proc
case $(cat /proc/cmdline) in
*school_box.trial=2*) echo c >/proc/sysrq-trigger ;;
*school_box.trial=1*) exit 1 ;;
esac
umount /proc
";
    let (first_line, rest) = INIT.split_once('\n').unwrap();
    let new = Inside::bench()
        .init(&format!("{first_line}\n{deaths}{rest}"))
        .unit(
            "dies.service",
            "[Unit]\nDefaultDependencies=no\n\n[Service]\nType=oneshot\nExecStart=/bin/sh -c 'kill -SEGV 1'\n",
        );
    let trial = Trial::of(&made, 3, &new);
    let mut vm = trial.boot("broken-slot-dies-early");
    let mut mark = Mark::default();
    for death in [
        "Kernel panic - not syncing: sysrq",
        "Kernel panic - not syncing: Attempted to kill init",
        "Caught <SEGV>",
    ] {
        mark = vm.wait_for_serial(mark, B_STARTS, BOOT);
        mark = vm.wait_for_serial(mark, death, BOOT);
    }
    trial.insist_on_the_old_system(&mut vm, 3, NO_WORD);
    eprintln!("{:?} of CPU", vm.cpu_time());
}

/// The whole supervisor stands still; systemd's watchdog ends it, and on trial that ends the try.
#[test]
fn a_system_that_hangs_is_left() {
    let Some(made) = Made::found("image::broken_slot::hangs") else {
        return;
    };
    let trial = Trial::of(&made, 1, &Inside::bench());
    let mut vm = trial.boot("broken-slot-hangs");
    let mark = vm.wait_for_serial(Mark::default(), B_STARTS, BOOT);
    vm.wait_for_page();
    assert_eq!(vm.status()["update"]["state"], "trial");
    vm.shell("systemctl kill --signal=STOP school-box.service");
    let why = "slot B was left: its supervisor failed on trial (watchdog)";
    vm.wait_for_serial(mark, &format!("school-box: {why}"), BOOT);
    trial.insist_on_the_old_system(&mut vm, 1, NO_WORD);
    let degraded = vm.status()["degraded"].to_string();
    assert!(degraded.contains(why), "{degraded}");
    eprintln!("{:?} of CPU", vm.cpu_time());
}

/// It serves, but its battery sensor never speaks: the supervisor gives up within its time and leaves word.
#[test]
fn a_system_that_never_gets_well_is_left_and_says_why() {
    let Some(made) = Made::found("image::broken_slot::never_well") else {
        return;
    };
    let new = Inside::bench()
        .file("trial.toml", SHORT_TRIAL)
        .file("school-box.service.d/trial.conf", WITH_SHORT_TRIAL);
    let trial = Trial::of(&made, 1, &new);
    trial.bench.sim().silence_battery();
    let mut vm = trial.boot("broken-slot-never-well");
    vm.wait_for_serial(Mark::default(), NO_TRIES, BOOT + Duration::from_secs(60));
    trial.bench.sim().battery(13.4, 1.0);
    let why = "slot B failed its trial: the battery sensor is silent (waited 60 s); slot A runs in its place";
    trial.insist_on_the_old_system(&mut vm, 1, why);
    eprintln!("{:?} of CPU", vm.cpu_time());
}

/// The control: the policy of every box, a good system.
#[test]
fn a_good_slot_is_confirmed() {
    let Some(made) = Made::found("image::broken_slot::good") else {
        return;
    };
    let trial = Trial::of(&made, 3, &Inside::bench());
    let mut vm = trial.boot("broken-slot-control");
    vm.wait_for_page();
    let told = vm.status()["update"].clone();
    assert_eq!(
        (&told["slot"], &told["state"], &told["tries_left"]),
        (&"b".into(), &"trial".into(), &2.into()),
        "{told}"
    );
    let confirmed = BootChoice::Settled {
        first: Slot::B,
        spare: true,
    };
    vm.wait("the confirmation", BOOT, |_| {
        (trial.card.choice().1 == confirmed).then_some(())
    });
    let said = vm.shell("school-box update status --data /data --json");
    let inside: serde_json::Value = serde_json::from_str(&said).unwrap();
    let status = vm.status();
    assert_eq!(inside, status["update"]);
    assert_eq!(inside["state"], "idle", "{inside}");
    assert!(inside["fell_back"].is_null(), "{inside}");
    assert!(!status["degraded"].to_string().contains("slot"), "{status}");
    assert!(!trial.bench.sim().serial().contains("failed its trial"));
    assert_eq!(vm.serial().count(B_STARTS), 1);
    assert_eq!(vm.serial().count(NO_TRIES), 0);
    eprintln!(
        "{:?} of CPU, degraded {}",
        vm.cpu_time(),
        status["degraded"]
    );
}
