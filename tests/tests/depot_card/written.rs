//! Cards that are written as they should be.

use super::desk::{Desk, looks_done};
use super::image::ROOT_A;
use super::looped::Looped;
use std::fs;
use std::process::Command;

#[test]
fn cards_are_written_from_one_preparation_and_one_changed_byte_is_seen() {
    let Some(desk) = Desk::new("depot_card::written") else {
        return;
    };
    let first = desk.written(&["--serial-from", "SB-0009", "a.img", "b.img"]);
    assert!(
        first
            .stdout
            .contains("a.img: written and compared, SB-0009"),
        "{}",
        first.stdout
    );
    assert!(
        first
            .stdout
            .contains("b.img: written and compared, SB-0010"),
        "{}",
        first.stdout
    );
    assert!(
        first.stderr.contains("checking every file"),
        "{}",
        first.stderr
    );
    let lines = desk.manifest();
    assert_eq!(lines.len(), 2);
    let mut packs = lines[0]["packs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pack| pack["id"].as_str().unwrap());
    assert!(packs.by_ref().eq(["stars", "water"]), "{}", lines[0]);
    assert_eq!(lines[0]["programme"], "Lessons for the islands");
    assert_eq!(
        lines[0]["data"]["sha256"], lines[1]["data"]["sha256"],
        "the same but for the number"
    );
    let both = desk.verify(&["a.img", "b.img"]);
    assert_eq!(both.code, Some(0), "{}", both.stderr);
    assert!(
        both.stdout
            .contains("SB-0010, as the manifest says: system 2026.11, 2 packs"),
        "{}",
        both.stdout
    );

    let second = desk.written(&["--serial-from", "SB-0011", "c.img"]);
    assert!(
        !second.stderr.contains("checking every file"),
        "prepared once: {}",
        second.stderr
    );
    let differing = |a: &str, b: &str| {
        let (a, b) = (desk.path(a), desk.path(b));
        let told = Command::new("cmp").arg("-l").args([a, b]).output().unwrap();
        String::from_utf8(told.stdout).unwrap().lines().count()
    };
    assert_eq!(differing("a.img", "c.img"), 2, "09 and 11");

    desk.flip("a.img", ROOT_A + 70_000);
    let film = lines[1]["data"]["serial_at"].as_u64().unwrap();
    desk.flip("b.img", film + 100);
    desk.flip("c.img", film);
    let wrong = desk.verify(&["a.img", "b.img", "c.img"]);
    assert_eq!(wrong.code, Some(1));
    for told in [
        "a.img: partition 5, of the system 2026.11, differs",
        "b.img: the data partition, with the library, differs",
        "c.img: its number CB-0011 is not in the manifest",
        "2 of 3 cards are not as the manifest says: write them again; 1 of 3 cards could not be checked",
    ] {
        assert!(wrong.stderr.contains(told), "{told}: {}", wrong.stderr);
    }
}

#[test]
fn a_disk_is_written_and_verified_and_its_free_blocks_are_left_alone() {
    let test = "depot_card::disk";
    let Some(desk) = Desk::new(test) else { return };
    let file = desk.path("disk");
    let Some(disk) = Looped::new(test, &file, 2 << 30) else {
        return;
    };
    desk.written(&["--serial-from", "SB-1", disk.device()]);
    let verified = desk.verify(&[disk.device()]);
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
    assert!(looks_done(&file));
    let used = std::os::unix::fs::MetadataExt::blocks(&fs::metadata(&file).unwrap()) * 512;
    assert!(
        used < 150 << 20,
        "only what is used is written: {used} bytes of 2 GiB"
    );
}
