#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and writes its own files"
)]

use super::*;
use std::fs;
use std::process::Command;
use tempfile::TempDir;

fn board() -> (TempDir, FileSlots) {
    let dir = tempfile::tempdir().unwrap();
    let slots = FileSlots::open(dir.path()).unwrap();
    (dir, slots)
}

#[test]
fn the_running_slot_is_read_as_long_as_its_file() {
    let (dir, mut slots) = board();
    fs::write(dir.path().join("slots/a.img"), b"root of A").unwrap();
    let mut running = slots.running().unwrap();
    let mut read = [0; 4];
    running.read(Part::Root, 5, &mut read).unwrap();
    assert_eq!((&read, running.bytes(Part::Root).unwrap()), (b"of A", 9));
    assert_eq!(running.bytes(Part::Boot).unwrap(), 0, "no file");
    assert!(running.read(Part::Root, 6, &mut read).is_err(), "its end");
    assert!(running.read(Part::Root, u64::MAX, &mut read).is_err());
    assert!(running.read(Part::Boot, 0, &mut [0]).is_err());
    running.read(Part::Boot, 0, &mut []).unwrap();
}

#[test]
fn the_spare_slot_grows_and_is_zero_where_nothing_was_written() {
    let (dir, mut slots) = board();
    let mut spare = slots.spare().unwrap();
    assert_eq!(spare.slot(), Slot::B);
    let room = [Part::Boot, Part::Root, Part::Tree].map(|part| spare.room(part).unwrap() / MIB);
    assert_eq!(room, [96, 768, 8]);
    spare.write(Part::Root, 4096, b"new").unwrap();
    let mut read = [0xff; 8];
    spare.read(Part::Root, 4094, &mut read).unwrap();
    assert_eq!(&read, b"\0\0new\0\0\0");
    let end = 768 * MIB;
    spare.read(Part::Root, end - 8, &mut read).unwrap();
    assert_eq!(read, [0; 8]);
    spare.sync().unwrap();
    let told = fs::metadata(dir.path().join("slots/b.img")).unwrap().len();
    assert_eq!(told, 4099, "no more than was written");
    assert!(
        fs::read(dir.path().join("slots/a.img")).is_err(),
        "untouched"
    );
}

#[test]
fn nothing_goes_beyond_what_a_partition_has() {
    let (_dir, mut slots) = board();
    let mut spare = slots.spare().unwrap();
    let end = spare.room(Part::Tree).unwrap();
    spare.write(Part::Tree, end - 1, b"x").unwrap();
    for at in [end, end - 1, u64::MAX] {
        let error = spare.write(Part::Tree, at, b"xy").unwrap_err();
        assert_eq!(error.source.kind(), ErrorKind::StorageFull, "{at}");
        assert!(spare.read(Part::Tree, at, &mut [0; 2]).is_err(), "{at}");
    }
}

#[test]
fn the_booted_slot_decides_which_is_which() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("slots")).unwrap();
    fs::write(dir.path().join("slots/booted"), "B\n").unwrap();
    let mut slots = FileSlots::open(dir.path()).unwrap();
    assert_eq!(
        (slots.booted(), slots.spare().unwrap().slot()),
        (Slot::B, Slot::A)
    );
    fs::write(dir.path().join("slots/booted"), "C\n").unwrap();
    assert!(FileSlots::open(dir.path()).is_err());
}

#[test]
fn a_spare_that_is_the_running_file_by_another_name_is_refused() {
    for linked in [
        fs::hard_link::<PathBuf, PathBuf>,
        std::os::unix::fs::symlink,
    ] {
        let (dir, mut slots) = board();
        let [a, b] = ["a.img", "b.img"].map(|name| dir.path().join("slots").join(name));
        fs::write(&a, b"root of A").unwrap();
        linked(a, b).unwrap();
        let error = slots.spare().err().unwrap();
        assert_eq!(
            (error.part, error.slot, error.doing),
            (Part::Root, Slot::B, "open")
        );
        assert!(
            error.source.to_string().contains("a.img, which runs"),
            "{}",
            error.source
        );
    }
}

/// Pages that the kernel holds of a file, as `fincore` of util-linux counts them.
fn cached_pages(file: &Path) -> Option<u64> {
    let said = Command::new("fincore")
        .args(["--noheadings", "--output", "PAGES"])
        .arg(file)
        .output()
        .ok()?;
    String::from_utf8(said.stdout).ok()?.trim().parse().ok()
}

#[test]
fn what_is_read_after_a_sync_comes_from_the_medium() {
    let (dir, mut slots) = board();
    let file = dir.path().join("slots/b.img");
    let mut spare = slots.spare().unwrap();
    spare.write(Part::Root, 0, &[7; 64 * 1024]).unwrap();
    match cached_pages(&file) {
        Some(16) => {}
        other => {
            let lack = format!("fincore says {other:?} of a file of 16 pages");
            return crate::skip::skip("slots::files", &lack, "apt-get install util-linux");
        }
    }
    spare.sync().unwrap();
    assert_eq!(cached_pages(&file), Some(0));
    let mut read = [0];
    spare.read(Part::Root, 4096, &mut read).unwrap();
    assert_eq!(read, [7]);
    assert_eq!(cached_pages(&file), Some(0), "past the page cache");
    fs::read(&file).unwrap();
    assert!(
        cached_pages(&file) > Some(0),
        "control: an ordinary read fills it again"
    );
}
