//! One bit of the system on the card is not what it was: dm-verity refuses it, the other slot takes over for good and says why.
//!
//! Three places: one that is read to mount the root, one in the C library, which the first program reads through before it trusts a slot, and
//! one that only the supervisor needs, so that the rescue finds it.
//!
//! Control: a root with the very same bit turned over and sealed anew boots, beside a slot that has the bit turned over and was not asked. So it
//! was the hash that refused, and only where it was read.

use ota::{BootChoice, Slot};
use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use system_tests::disk::run_tool;
use system_tests::need;
use system_tests::vm::{BOOT, Bench, Card, Inside, Launch, Made, Mark};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// Of a file system's 1,024 bytes that EROFS leaves to others, the first that it uses: the superblock's magic number.
const SUPERBLOCK: u64 = 1024;
/// Stands in the C library once, for people who run it: no program reads it.
const BANNER: &str = "GNU C Library (Debian GLIBC";
/// A name in the library that Rust programs unwind their stacks with, and no other program of the system needs.
const UNWINDER: &str = "__register_frame_info_table_bases";
/// What both slots are before one is damaged.
const BOTH_GOOD: BootChoice = BootChoice::Settled {
    first: Slot::A,
    spare: true,
};
const ONLY_B: BootChoice = BootChoice::Settled {
    first: Slot::B,
    spare: false,
};

#[test]
fn a_bit_of_the_root_s_superblock() {
    let Some(made) = Made::found("image::damaged_superblock") else {
        return;
    };
    let card = two_systems(&made);
    card.flip("root-a", SUPERBLOCK);
    let said = b_takes_over(&card, "damaged-superblock");
    assert!(!said.contains("slot A runs from"), "{said}");
}

#[test]
fn a_bit_of_the_c_library() {
    let Some(made) = Made::found("image::damaged_libc") else {
        return;
    };
    let card = two_systems(&made);
    card.flip("root-a", place_of(&made, BANNER));
    let said = b_takes_over(&card, "damaged-libc");
    assert!(said.contains("libc.so.6 cannot be read"), "{said}");
}

#[test]
fn a_bit_that_only_the_supervisor_needs() {
    let Some(made) = Made::found("image::damaged_library") else {
        return;
    };
    let card = two_systems(&made);
    card.flip("root-a", place_of(&made, UNWINDER));
    let said = b_takes_over(&card, "damaged-library");
    let began = said.find("slot A runs from").expect("the system began");
    let refused = said.find("slot A is damaged").expect("and was refused");
    assert!(began < refused, "the rescue found it: {said}");
}

#[test]
fn control_the_same_bit_under_a_new_seal() {
    let Some(made) = Made::found("image::resealed_root") else {
        return;
    };
    if need::program("image::resealed_root", "veritysetup", "cryptsetup-bin").is_none() {
        return;
    }
    let card = two_systems(&made);
    let place = place_of(&made, BANNER);
    card.flip("root-a", place);
    card.flip("root-b", place);
    reseal(&card, place);
    let choice = card.boot_environment();
    let bench = Bench::new();
    let launch = Launch::of(&card, "resealed-root").with_bench(&bench);
    let mut vm = launch.boot();
    vm.wait_for_page();
    assert_eq!(vm.status()["update"]["slot"], "a");
    assert_eq!(vm.status()["degraded"], serde_json::json!([]));
    assert!(card.boot_environment() == choice, "nobody was left");
    let command_line = vm.shell("cat /proc/cmdline");
    let sealed = fs::read_to_string(card.folder().join("sealed.roothash")).expect("a root hash");
    assert!(command_line.contains(sealed.trim()), "{command_line}");
    eprintln!("resealed root: {:?} of CPU", vm.cpu_time());
}

/// A card whose slots hold the same good system, with a shell inside.
fn two_systems(made: &Made) -> Card {
    let card = Card::fresh(made);
    card.fill(Slot::B);
    card.choose(BOTH_GOOD);
    for slot in [Slot::A, Slot::B] {
        card.lay_over(slot, &Inside::bench());
    }
    card
}

/// Where `words` stand in the root: its files are not compressed.
fn place_of(made: &Made, words: &str) -> u64 {
    let root = made.part("root.img").display().to_string();
    let found = run_tool("grep", ["-abo", "-F", words, root.as_str()]).expect("grep");
    let place = found.strip_suffix(&format!(":{words}"));
    place
        .and_then(|place| place.parse().ok())
        .unwrap_or_else(|| panic!("not once in the root: {found}"))
}

/// Gives the damaged root of slot A a hash tree and boot arguments of its own, as the build does.
fn reseal(card: &Card, place: u64) {
    let root = card.folder().join("sealed.erofs");
    fs::copy(card.made().part("root.img"), &root).expect("a copy of the root");
    let file = fs::OpenOptions::new().write(true).open(&root).expect("it");
    file.write_all_at(&card.read("root-a", place, 1), place)
        .expect("the damaged byte");
    let sealed = card.folder().join("sealed");
    let path = |path: &Path| path.display().to_string();
    let tool = path(&Path::new(REPOSITORY).join("yocto-layer/scripts/seal-root"));
    let template = path(
        &Path::new(REPOSITORY).join("yocto-layer/recipes-bsp/school-box-boot/files/boot-args.in"),
    );
    run_tool(&tool, [&path(&root), &template, "uboot", &path(&sealed)]).expect("a sealed root");
    card.put("verity-a", &sealed.with_extension("verity"));
    let arguments = fs::read_to_string(sealed.with_extension("args")).expect("boot arguments");
    let environment = card.folder().join("slot.env");
    fs::write(&environment, format!("slot_args={arguments}\n")).expect("a file");
    let area = card.boot_area(Slot::A);
    run_tool(
        "mcopy",
        ["-o", "-i", &area, &path(&environment), "::slot.env"],
    )
    .expect("mcopy");
}

/// The card is switched on. Slot A is refused, slot B serves, and both say so; what the serial line said.
fn b_takes_over(card: &Card, name: &str) -> String {
    let bench = Bench::new();
    let mut vm = Launch::of(card, name).with_bench(&bench).boot();
    let mark = vm.wait_for_serial(
        Mark::default(),
        "slot A is damaged (dm-verity refuses it)",
        BOOT,
    );
    let mark = vm.wait_for_serial(mark, "slot B takes over", BOOT);
    vm.wait_for_serial(mark, "slot B runs from", BOOT);
    vm.wait_for_page();
    let status = vm.status();
    assert_eq!(status["update"]["slot"], "b");
    let degraded = status["degraded"].to_string();
    assert!(
        degraded.contains("slot A was left: it is damaged (dm-verity refuses it)"),
        "{status}"
    );
    assert!(
        bench
            .sim()
            .serial()
            .contains("slot A was left: it is damaged"),
        "the technician is told"
    );
    assert!(
        bench.sim().light("help").contains("blink"),
        "{}",
        bench.sim().panel()
    );
    assert_eq!(card.choice().1, ONLY_B, "and A is not tried again");
    eprintln!("{name}: {:?} of CPU", vm.cpu_time());
    vm.serial().text()
}
