//! A box is switched on for the first time, is used, restarted, and runs its battery empty: one card, one story.
//!
//! Proved on the way: the first page and the starter lessons; data that have the whole card; nothing failed, nobody can sign in and only HTTP
//! listens; no boot, first or later, writes a byte of the boot choice; what was stored outlives a restart and an empty battery, which leaves
//! nothing to mend.
//!
//! Controls: the card in a running machine, which is what a killed one leaves, does need mending; a card on trial differs as soon as its boot
//! loader has run, by the same comparison.

use crate::stored::Stored;
use board_support::key_store::FileKeys;
use content_store::records::{Durability, Format, Records, RecordsOptions};
use ota::{BootChoice, Slot};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use system_tests::disk::run_tool;
use system_tests::vm::{BOOT, Bench, Card, Inside, Launch, Made, Superblock, Vm};
use system_tests::world::http::Request;

const MIB: u64 = 1 << 20;
/// Words of a kernel, or a service manager, that something went wrong.
const WORDS_OF_TROUBLE: [&str; 8] = [
    "WARNING:",
    "BUG:",
    "Oops",
    "Call trace",
    "Kernel panic",
    "I/O error",
    "FAILED",
    "segfault",
];

#[test]
fn first_boot_restart_and_an_empty_battery() {
    let Some(made) = Made::found("image::first_life") else {
        return;
    };
    let card = Card::fresh(&made);
    assert_eq!(
        Superblock::of_data(&card).bytes,
        128 * MIB,
        "as it leaves the depot"
    );
    let bench = Bench::new();
    card.lay_over(Slot::A, &Inside::bench());
    let written = boot_parts(&card);
    let mut vm = Launch::of(&card, "first-life").with_bench(&bench).boot();

    first_boot(&mut vm);
    let kept = Stored::on(&mut vm);
    assert_eq!(bench.sim().light("help"), "off", "{}", vm.status());

    restart(&mut vm);
    nothing_failed(&mut vm);
    the_box_tests_itself(&mut vm);
    assert_eq!(kept.asked(&vm, kept.id), 200);
    assert!(
        boot_parts(&card) == written,
        "neither boot wrote to the boot partitions"
    );
    let running = Superblock::of_data(&card);
    assert!(
        !running.clean,
        "control: a machine killed now would leave work"
    );

    eprintln!("first life: {:?} of CPU", vm.cpu_time());
    the_battery_runs_empty(&mut vm, &bench);
    nothing_is_left_to_mend(&card);
    is_on(&kept, &card);
    no_word_of_trouble(&vm);
    assert!(boot_parts(&card) == written, "nor did the end");
}

#[test]
fn control_the_boot_loader_of_a_card_on_trial_writes() {
    let Some(made) = Made::found("image::first_life_trial") else {
        return;
    };
    let card = Card::fresh(&made);
    card.fill(Slot::B);
    card.choose(BootChoice::Trial {
        on: Slot::B,
        tries_left: 3,
    });
    let before = boot_parts(&card);
    let mut vm = Launch::of(&card, "first-life-trial").boot();
    vm.wait_for_serial(
        Default::default(),
        "slot B boots on trial, 2 tries left after this one",
        BOOT,
    );
    vm.wait_for_serial(Default::default(), "Starting kernel", BOOT);
    eprintln!("trial: {:?} of CPU", vm.cpu_time());
    vm.kill();
    assert!(boot_parts(&card) != before, "the try was written");
}

fn first_boot(vm: &mut Vm<'_>) {
    assert!(vm.wait_for_page().text().contains("<html"));
    nothing_failed(vm);
    the_starter_lessons_are_served(vm);
    data_have_the_card(vm);
    only_http_listens(vm);
    nobody_can_sign_in(vm);
}

/// The running box, on the simulated board that it was given; and this machine's own parts, on a folder that no box has.
fn the_box_tests_itself(vm: &mut Vm<'_>) {
    let mut test = |options: &str| -> Value {
        let said = vm.shell(&format!(
            "mkdir -p /run/selftest; school-box selftest --unattended --json {options} 2>/dev/null || true"
        ));
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
    };
    let part = |result: &Value, name: &str| -> Value {
        let parts = result["parts"].as_array().expect("parts");
        let found = parts.iter().find(|part| part["part"] == name);
        found.unwrap_or_else(|| panic!("{result:#}")).clone()
    };
    let result = test("--data /data");
    for name in ["records", "library"] {
        assert_eq!(part(&result, name)["is"], "ok", "{result:#}");
    }
    assert!(result["took_s"].as_u64().is_some_and(|took| took < 600));
    // A starved host may not read a whole system in time, which is told; what was read must be right.
    let result = test("--data /run/selftest --board auto");
    let running = part(&result, "running_slot");
    let (told, late) = (running["measured"].as_str(), running["why"].as_str());
    let right = running["is"] == "ok" && told.is_some_and(|told| told.starts_with("slot A, "));
    let late = late.is_some_and(|why| why.contains("was not read within"));
    assert!(right || late, "{result:#}");
    let other = part(&result, "other_slot");
    assert_eq!(other["why"], "it holds no system yet", "{result:#}");
}

/// Everything that says which slot boots, and the area it boots from.
fn boot_parts(card: &Card) -> Vec<Vec<u8>> {
    ["boot-select", "boot-env", "boot-a"]
        .map(|name| {
            let len = usize::try_from(card.part(name).len).expect("a small partition");
            card.read(name, 0, len)
        })
        .to_vec()
}

/// Waits for the end of the start: systemd says `running` only when no unit failed.
fn nothing_failed(vm: &mut Vm<'_>) {
    let state = vm.shell("systemctl is-system-running --wait || systemctl --failed --no-legend");
    assert_eq!(state, "running\n");
    let complaints = vm.shell("dmesg -r | grep '^<[0-3]>' || true");
    assert_eq!(complaints, "", "errors of the kernel");
}

fn the_starter_lessons_are_served(vm: &mut Vm<'_>) {
    let page = vm.wait("the starter lessons", BOOT, |vm| {
        let page = vm.try_get("/").ok()?.text();
        page.contains("//starter-pack.school.internal")
            .then_some(page)
    });
    assert!(page.contains("How to use this box"), "{page}");
    let lesson = vm.send(&Request::get("/en/index.html").host("starter-pack.school.internal"));
    assert!(lesson.expect(200).text().contains("<html"));
}

fn data_have_the_card(vm: &mut Vm<'_>) {
    let said = vm.shell("df -B1 /data | tail -n 1");
    let bytes: u64 = said
        .split_whitespace()
        .nth(1)
        .and_then(|bytes| bytes.parse().ok())
        .unwrap_or_else(|| panic!("a size: {said}"));
    assert!(bytes > 6_000 * MIB, "most of 8 GB: {said}");
    let total = vm.status()["storage"]["total_bytes"].as_u64();
    assert_eq!(total, Some(bytes), "the box says so");
}

/// Besides HTTP (of both kinds of addresses, on a socket of IPv6) only a DHCP client has a port open. Columns of `/proc/net/*`: local address and port at 1, state at 3 (0A: listens).
fn only_http_listens(vm: &mut Vm<'_>) {
    let open = vm.shell(
        "for protocol in tcp tcp6 udp udp6 raw raw6; do
             tail -n +2 /proc/net/$protocol | while read -r n local remote state rest; do
                 case $protocol/$state in tcp*/0A | udp*/* | raw*/*) echo $protocol ${local##*:} ;; esac
             done
         done | sort -u",
    );
    assert_eq!(
        open, "tcp6 0050\nudp 0044\n",
        "port 80, and 68 for the lease"
    );
}

fn nobody_can_sign_in(vm: &mut Vm<'_>) {
    let passwords = vm.shell("cut -d : -f 1,2 /etc/shadow");
    assert!(passwords.contains("root:"), "{passwords}");
    for line in passwords.lines() {
        let locked = line
            .split(':')
            .nth(1)
            .is_some_and(|hash| hash.starts_with(['!', '*']));
        assert!(locked, "{line} may sign in");
    }
    let unlisted = vm.shell("grep -v '^[^:]*:x:' /etc/passwd || true");
    assert_eq!(unlisted, "", "users whose password stands elsewhere");
    let terminals = vm.shell(
        "for process in /proc/[0-9]*; do
             case $(readlink $process/fd/0) in /dev/tty* | /dev/console | /dev/hvc* | /dev/pts/*) tr '\\0' ' ' <$process/cmdline; echo \"as $(stat -c %u $process)\" ;; esac
         done; true",
    );
    assert_eq!(
        terminals, "/usr/bin/school-box console --data /data as 900\n",
        "programs that read a terminal: the technician's page alone, and not as root"
    );
}

/// In the database on the card, which nobody has to mend first.
fn is_on(stored: &Stored, card: &Card) {
    let copy = card.folder().join("copied");
    for folder in ["records", "keys"] {
        std::fs::create_dir_all(copy.join(folder)).expect("a folder");
    }
    // The database alone, without its journal.
    for file in ["records/records.db", "keys/records-a", "keys/records-b"] {
        copy_out(card, &format!("/{file}"), &copy.join(file));
    }
    let options = RecordsOptions {
        durability: Durability::Off,
        reserve_bytes: 0,
        traces: Vec::new(),
        finishing: Vec::new(),
    };
    let keys = Arc::new(FileKeys::in_data(&copy));
    let records = Records::open(&copy, options, keys).expect("sound records");
    let found = records.statement(stored.id, &Format::Exact);
    assert!(
        found.expect("a read").is_some(),
        "the statement is in the database itself"
    );
    assert_eq!(records.quarantined(), None);
}

fn copy_out(card: &Card, from: &str, to: &Path) {
    let data = card.data();
    let dump = format!("dump {from} {}", to.display());
    run_tool("debugfs", ["-R", dump.as_str(), data.as_str()]).expect("debugfs");
}

/// As a technician or an update would.
fn restart(vm: &mut Vm<'_>) {
    let mark = vm.serial().mark();
    vm.shell("systemctl --no-block reboot");
    vm.wait_for_serial(mark, "U-Boot 20", BOOT);
    vm.wait_for_page();
}

/// The volts of four cells under load, falling, until the box gives up.
fn the_battery_runs_empty(vm: &mut Vm<'_>, bench: &Bench) {
    let sim = bench.sim();
    assert!(sim.power().contains("state=full"), "{}", sim.power());
    sim.battery(12.2, -0.2);
    vm.wait("the battery light to ask for care", BOOT, |_| {
        (sim.light("battery") == "red:quick").then_some(())
    });
    sim.battery(9.6, -0.5);
    let ended = vm.wait_for_end(BOOT);
    assert!(ended.success(), "the machine switched itself off: {ended}");
    assert!(sim.power().contains("state=off"), "{}", sim.power());
    assert_eq!(sim.panel(), "battery=off wifi=off lessons=off help=off");
}

fn nothing_is_left_to_mend(card: &Card) {
    let data = Superblock::of_data(card);
    assert!(data.clean, "switched off in order");
    assert_eq!(data.bytes, card.part("data").len - MIB, "grown, to its end");
}

fn no_word_of_trouble(vm: &Vm<'_>) {
    let text = vm.serial().text();
    let kernels: Vec<&str> = text.split("Starting kernel ...").skip(1).collect();
    assert_eq!(kernels.len(), 2, "two boots");
    for said in kernels {
        let said = said.split("U-Boot 20").next().unwrap_or_default();
        for word in WORDS_OF_TROUBLE {
            assert!(!said.contains(word), "{word} on the serial line: {said}");
        }
    }
}
