//! A card, or what is on it, is not as it should be: the box serves all the same, and says what is wrong and what to do: in its state, on the
//! technician's line and with the help light.
//!
//! Controls: a sound card of the same size, and each of the cards after its cure, has nothing to say.

use ota::Slot;
use std::fs;
use system_tests::disk::run_tool;
use system_tests::need;
use system_tests::vm::{BOOT, Bench, Card, Inside, Launch, Made, Superblock, Vm};

const MIB: u64 = 1 << 20;
/// The serial page wraps its reasons to a terminal; they are looked for by their first words.
const TOLD: usize = 40;

#[test]
fn no_data_partition() {
    let Some(made) = Made::found("image::bad_card_no_data") else {
        return;
    };
    let whole = Card::fresh(&made);
    let (card, bench) = (Card::of_size(&made, whole.part("data").start), Bench::new());
    let mut vm = boot(&card, &bench, "bad-card-no-data");
    let told = told(&mut vm, &bench, "the data partition is missing");
    assert!(told.contains("use a card of 4 GB or more"), "{told}");
    assert_eq!(vm.status()["storage"]["in_memory"], true);
    done(&vm, "no data");
}

#[test]
fn a_card_with_hardly_any_room_for_data() {
    let Some(made) = Made::found("image::bad_card_small") else {
        return;
    };
    let whole = Card::fresh(&made);
    let bytes = whole.part("data").start + 16 * MIB;
    let (card, bench) = (Card::of_size(&made, bytes), Bench::new());
    let mut vm = boot(&card, &bench, "bad-card-small");
    let told = told(&mut vm, &bench, "the data partition has only 16 MiB");
    assert!(told.contains("use a card of 4 GB or more"), "{told}");
    assert_eq!(vm.status()["storage"]["in_memory"], true);
    done(&vm, "a small card");
}

#[test]
fn data_beyond_repair_are_left_for_a_technician() {
    let Some(made) = Made::found("image::bad_card_damaged") else {
        return;
    };
    let (card, bench) = (Card::fresh(&made), Bench::new());
    card.write("data", 0, &noise(64 * MIB));
    let damaged = card.read("data", 0, 256 << 20);
    let mut vm = boot(&card, &bench, "bad-card-damaged");
    let told = told(&mut vm, &bench, "the data partition cannot be repaired");
    assert!(told.contains("keep the card for a technician"), "{told}");
    assert_eq!(vm.status()["storage"]["in_memory"], true);
    done(&vm, "damaged data");
    vm.kill();
    let left = card.read("data", 0, 256 << 20);
    assert!(left == damaged, "not a byte of it was written");
}

#[test]
fn a_full_card_and_the_same_with_room() {
    let Some(made) = Made::found("image::bad_card_full") else {
        return;
    };
    let whole = fs::metadata(made.disk()).expect("the image").len();
    let (card, bench) = (Card::of_size(&made, whole), Bench::new());
    let mut vm = boot(&card, &bench, "bad-card-full");
    nothing_to_tell(&mut vm, &bench);

    // To the last block, while nobody could make room for himself.
    vm.shell(
        "systemctl stop school-box && ! cat /dev/zero >/data/filler && systemctl start school-box",
    );
    vm.wait_for_page();
    let told = told(&mut vm, &bench, "the disk is full");
    assert!(told.contains("remove"), "what to do: {told}");
    assert_eq!(vm.status()["storage"]["in_memory"], false);

    vm.shell("rm /data/filler && systemctl restart school-box");
    nothing_to_tell(&mut vm, &bench);
    done(&vm, "a full card");
}

/// As from a desk where somebody put on it what would go: the whole card is not theirs yet.
#[test]
fn a_card_preloaded_to_the_last_block_grows_before_it_is_used() {
    let Some(made) = Made::found("image::bad_card_preloaded") else {
        return;
    };
    let (card, bench) = (Card::fresh(&made), Bench::new());
    fill_data(&card);
    let mut vm = boot(&card, &bench, "bad-card-preloaded");
    nothing_to_tell(&mut vm, &bench);
    assert_eq!(vm.status()["storage"]["in_memory"], false);
    done(&vm, "a preloaded card");
}

/// The same on a card that ends there: what is on it is served, and memory takes the rest.
#[test]
fn a_full_card_that_was_never_used() {
    let Some(made) = Made::found("image::bad_card_brim") else {
        return;
    };
    let whole = fs::metadata(made.disk()).expect("the image").len();
    let (card, bench) = (Card::of_size(&made, whole), Bench::new());
    fill_data(&card);
    let mut vm = boot(&card, &bench, "bad-card-brim");
    let told = told(&mut vm, &bench, "the data partition is full");
    assert!(told.contains("fewer lessons"), "what to do: {told}");
    assert_eq!(vm.status()["storage"]["in_memory"], true);
    let there = vm.shell("ls -d /data/filler");
    assert_eq!(there, "/data/filler\n", "what is on the card is seen");
    done(&vm, "a card full at first");
}

/// The real unit: no simulated board is named, and this machine is in no row of the board table.
#[test]
fn an_unreadable_configuration_on_an_unknown_board() {
    let Some(made) = Made::found("image::bad_card_config") else {
        return;
    };
    if need::program("image::bad_card_config", "debugfs", "e2fsprogs").is_none() {
        return;
    }
    let (card, bench) = (Card::fresh(&made), Bench::new());
    card.put_in_data("config.toml", &noise(4096));
    card.lay_over(Slot::A, &Inside::shell());
    let mut vm = Launch::of(&card, "bad-card-config")
        .with_bench(&bench)
        .boot();
    vm.wait_for_page();
    let config = degraded(&mut vm, "config.toml");
    let board = degraded(&mut vm, "is in no row of the board table");
    assert!(config.contains("built-in"), "{config}");
    for reason in [config, board] {
        let start: String = reason.chars().take(TOLD).collect();
        vm.wait(&format!("`{start}` on the serial line"), BOOT, |vm| {
            vm.serial().find(Default::default(), &start)
        });
    }

    for (bad, word) in [
        ("mkdir /data/config.toml", "config.toml"),
        ("echo '[web]\nlisen = 1' >/data/config.toml", "lisen"),
    ] {
        vm.shell(&format!(
            "rm -rf /data/config.toml; {bad}; systemctl restart school-box"
        ));
        vm.wait_for_page();
        degraded(&mut vm, word);
    }
    vm.shell("rm -rf /data/config.toml; systemctl restart school-box");
    vm.wait_for_page();
    let reasons = vm.status()["degraded"].to_string();
    assert!(!reasons.contains("config"), "control, cured: {reasons}");
    degraded(&mut vm, "is in no row of the board table");
    done(&vm, "a bad configuration");
}

/// Switches on a card whose board is the bench's.
fn boot<'a>(card: &'a Card, bench: &'a Bench, name: &str) -> Vm<'a> {
    card.lay_over(Slot::A, &Inside::bench());
    let mut vm = Launch::of(card, name).with_bench(bench).boot();
    vm.wait_for_page();
    vm
}

/// Waits until the state has a reason with `words`; all of it.
fn degraded(vm: &mut Vm<'_>, words: &str) -> String {
    vm.wait(&format!("`{words}` in the state"), BOOT, |vm| {
        let status = vm.try_get("/api/v1/status").ok()?.json();
        let reasons = status["degraded"].as_array()?;
        let mut reasons = reasons.iter().filter_map(|reason| reason.as_str());
        reasons
            .find(|reason| reason.contains(words))
            .map(str::to_owned)
    })
}

/// Waits until the state, the technician's line and the help light tell of `words`; the whole reason.
fn told(vm: &mut Vm<'_>, bench: &Bench, words: &str) -> String {
    let reason = degraded(vm, words);
    let start: String = reason.chars().take(TOLD).collect();
    vm.wait(&format!("`{start}` on the technician's line"), BOOT, |_| {
        bench.sim().serial().contains(&start).then_some(())
    });
    vm.wait("the help light, twice: the disk", BOOT, |vm| {
        let state = &vm.try_get("/api/v1/status").ok()?.json()["panel"]["state"];
        (bench.sim().light("help") == "blink2" && state == "disk").then_some(())
    });
    reason
}

fn nothing_to_tell(vm: &mut Vm<'_>, bench: &Bench) {
    vm.wait_for_page();
    vm.wait("nothing to tell", BOOT, |vm| {
        let status = vm.try_get("/api/v1/status").ok()?.json();
        let calm = status["degraded"].as_array()?.is_empty() && bench.sim().light("help") == "off";
        calm.then_some(())
    });
}

/// Takes every block of the data's file system, as it is, before the box was ever on.
fn fill_data(card: &Card) {
    let filler = card.folder().join("filler");
    let part = usize::try_from(Superblock::of_data(card).bytes).expect("a size");
    fs::write(&filler, vec![0xff; part]).expect("a file");
    let data = card.data();
    let write = format!("write {} filler", filler.display());
    // It says that the last block did not go on; what is asked is that none is left.
    run_tool("debugfs", ["-w", "-R", write.as_str(), data.as_str()]).expect("debugfs");
    fs::remove_file(&filler).expect("a file");
    let said = run_tool("debugfs", ["-R", "stats -h", data.as_str()]).expect("debugfs");
    let full = said
        .lines()
        .any(|line| line.split_whitespace().eq(["Free", "blocks:", "0"]));
    assert!(full, "{said}");
}

/// Bytes without a pattern, the same every time.
fn noise(len: u64) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    let words = words.take(usize::try_from(len / 8).expect("a size"));
    words.flatten().collect()
}

fn done(vm: &Vm<'_>, name: &str) {
    eprintln!("{name}: {:?} of CPU", vm.cpu_time());
}
