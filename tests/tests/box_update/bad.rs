//! What bad sources, a bad disk and bad words get: one line, and the running slot untouched.

use crate::rig::{
    BOARD, Publisher, has_thirteen, image, insist_that_it_boots, offer, reboot, school, settle,
    start, update_status,
};
use std::fs;
use std::os::unix::fs::FileExt;
use std::process::Command;
use system_tests::need;
use system_tests::world::{Manners, RangeServer, SmallDisk, World};

fn both() -> Publisher {
    let publisher = Publisher::new();
    publisher.add(12, BOARD, &[]);
    publisher.add(13, BOARD, &[]);
    publisher
}

/// Every byte that differs is found out, and the good source beside it is taken.
#[test]
fn a_source_with_flipped_bits_is_refused_and_the_next_one_taken() {
    let publisher = both();
    let (bad, good) = (
        RangeServer::of(&publisher.repository()),
        RangeServer::of(&publisher.repository()),
    );
    bad.behave(Manners {
        flip_every: 30_000,
        ..Manners::default()
    });
    let world = school(&publisher);
    let running = start(&world);
    let refused = offer(&world, &bad.url(), &[]);
    assert!(
        refused.refused(1).contains("not what was signed for"),
        "{refused:?}"
    );
    insist_that_it_boots(&world);
    assert!(!has_thirteen(&world));
    offer(&world, &good.url(), &[]).succeeded();
    assert!(has_thirteen(&world));
    running.stop();
}

/// One bit anywhere in the metadata.
#[test]
fn a_flipped_bit_in_the_metadata_is_refused() {
    let publisher = both();
    for name in ["timestamp.json", "2.snapshot.json", "2.targets.json"] {
        let world = school(&publisher);
        let copy = world.path("copy");
        publisher.copy_to(&copy);
        let newest = newest(&copy.join("metadata"), name);
        let file = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(&newest)
            .unwrap();
        let middle = file.metadata().unwrap().len() / 2;
        let mut byte = [0];
        file.read_exact_at(&mut byte, middle).unwrap();
        file.write_all_at(&[byte[0] ^ 1], middle).unwrap();
        let refused = offer(&world, &copy.display().to_string(), &[]);
        refused.refused(1);
        assert!(!has_thirteen(&world), "{name}");
        insist_that_it_boots(&world);
    }
}

/// `2.snapshot.json` stands for the newest one.
fn newest(metadata: &std::path::Path, name: &str) -> std::path::PathBuf {
    let Some((_, kind)) = name
        .split_once('.')
        .filter(|(number, _)| number.parse::<u64>().is_ok())
    else {
        return metadata.join(name);
    };
    let numbers = fs::read_dir(metadata).unwrap().filter_map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        name.strip_suffix(&format!(".{kind}"))?.parse::<u64>().ok()
    });
    metadata.join(format!("{}.{kind}", numbers.max().unwrap()))
}

#[test]
fn another_boards_system_is_not_taken() {
    let publisher = Publisher::new();
    publisher.add(13, "school-box-rpi4", &[]);
    let world = school(&publisher);
    let repository = publisher.repository().display().to_string();
    let refused = offer(&world, &repository, &[]);
    assert!(refused.refused(1).contains(BOARD), "{refused:?}");
    assert!(!has_thirteen(&world));
    // The control: the same publisher's system for this board.
    publisher.add(13, BOARD, &[]);
    offer(&world, &repository, &[]).succeeded();
    assert!(has_thirteen(&world));
}

#[test]
fn nobody_is_believed_without_a_root_and_no_stranger_with_one() {
    let (publisher, stranger) = (both(), both());
    let world = school(&publisher);
    let repository = publisher.repository().display().to_string();
    let root = world.sim().dir().join("update-root.json");
    let kept = fs::read(&root).unwrap();
    fs::remove_file(&root).unwrap();
    let refused = offer(&world, &repository, &[]);
    assert!(
        refused.refused(1).contains("update.trust_root"),
        "{refused:?}"
    );
    fs::write(&root, kept).unwrap();
    let strange = offer(&world, &stranger.repository().display().to_string(), &[]);
    assert!(strange.refused(1).contains("signatures"), "{strange:?}");
    assert!(!has_thirteen(&world));
    offer(&world, &repository, &[]).succeeded();
}

#[test]
fn what_is_no_source_gets_one_line() {
    let publisher = both();
    let world = school(&publisher);
    let nowhere = world.path("nowhere").display().to_string();
    for source in [
        nowhere.as_str(),
        "ftp://example.org/x",
        "http://127.0.0.1:1/",
    ] {
        offer(&world, source, &[]).refused(1);
    }
    assert_eq!(offer(&world, "", &[]).code, Some(2));
    assert_eq!(world.run(&["update", "offer"]).code, Some(2));
    let running = start(&world);
    for source in [
        nowhere.as_str(),
        "ftp://example.org/x",
        "http://127.0.0.1:1/",
    ] {
        offer(&world, source, &[]).refused(1);
    }
    assert!(update_status(&world)["coming"].is_null());
    running.stop();
    assert_eq!(reboot(&world), "A");
}

/// The records' reserve is not touched for an update.
#[test]
fn a_full_disk_is_told_and_makes_room_when_there_is_some() {
    let test = "a_full_disk_is_told_and_makes_room_when_there_is_some";
    let Some(disk) = SmallDisk::mount(test, 96) else {
        return;
    };
    let publisher = both();
    let world = settle(World::on(&disk), &publisher);
    let repository = publisher.repository().display().to_string();
    let ballast = disk.path().join("ballast");
    fs::write(&ballast, vec![0; 32 << 20]).unwrap();
    let refused = offer(&world, &repository, &[]);
    assert!(refused.refused(1).contains("no room"), "{refused:?}");
    insist_that_it_boots(&world);
    fs::remove_file(ballast).unwrap();
    offer(&world, &repository, &[]).succeeded();
    assert!(has_thirteen(&world));
}

#[test]
fn data_that_cannot_be_written_are_told() {
    let test = "data_that_cannot_be_written_are_told";
    let Some(disk) = SmallDisk::mount(test, 96) else {
        return;
    };
    let publisher = both();
    let world = settle(World::on(&disk), &publisher);
    let Some(mount) = need::program(test, "mount", "mount") else {
        return;
    };
    let remount = |how: &str| {
        let done = Command::new(&mount)
            .args(["-o", how])
            .arg(disk.path())
            .status();
        assert!(done.unwrap().success());
    };
    let repository = publisher.repository().display().to_string();
    remount("remount,ro");
    offer(&world, &repository, &[]).refused(1);
    remount("remount,rw");
    offer(&world, &repository, &[]).succeeded();
    assert!(has_thirteen(&world));
    assert_eq!(image(12).len(), image(13).len());
}
