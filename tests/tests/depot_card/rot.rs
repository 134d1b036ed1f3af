//! The desk's own disk rots: that is told as the desk's, mended or refused, and no card is blamed for it.

use super::desk::{Desk, looks_done, refused};
use std::fs::{self, File};
use std::path::PathBuf;

/// The prepared data partition.
fn prepared(desk: &Desk) -> PathBuf {
    let mut folders = fs::read_dir(desk.path("islands.desk")).unwrap();
    let all = folders.by_ref().map(|entry| entry.unwrap().path());
    let found: Vec<PathBuf> = all.filter(|path| path.join("data.ext4").exists()).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].join("data.ext4")
}

#[test]
fn what_rotted_at_the_desk_is_told_as_the_desks_and_made_anew() {
    let Some(desk) = Desk::new("depot_card::rot") else {
        return;
    };
    let told = "what was prepared at this desk in";
    let first = desk.written(&["--serial-from", "SB-1", "a.img"]);
    assert!(!first.stderr.contains(told), "{}", first.stderr);
    let line = desk.manifest().remove(0);
    let at = line["data"]["serial_at"].as_u64().unwrap() - line["data"]["at"].as_u64().unwrap();
    let image = prepared(&desk);
    let name = image.strip_prefix(desk.path("")).unwrap().to_owned();
    let flip = || desk.flip(name.to_str().unwrap(), at + 2000);
    let cut = || {
        let file = File::options().write(true).open(&image).unwrap();
        file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    };
    for (number, damage) in [(2, &flip as &dyn Fn()), (3, &cut)] {
        damage();
        let (serial, card) = (format!("SB-{number}"), format!("{number}.img"));
        let again = desk.written(&["--serial-from", &serial, &card]);
        let lines = again.stderr.lines().filter(|line| line.contains(told));
        assert_eq!(lines.count(), 1, "{}", again.stderr);
        assert!(again.stderr.contains("it is made anew"), "{}", again.stderr);
        assert!(
            again.stderr.contains("checking every file"),
            "{}",
            again.stderr
        );
        let right = desk.verify(&[&card]);
        assert_eq!(right.code, Some(0), "{}", right.stderr);
    }
    // Control: what did not rot is taken again.
    let last = desk.written(&["--serial-from", "SB-4", "b.img"]);
    assert!(!last.stderr.contains(told), "{}", last.stderr);
    assert!(
        !last.stderr.contains("checking every file"),
        "{}",
        last.stderr
    );
}

#[test]
fn an_image_that_rotted_at_the_desk_is_refused() {
    let Some(desk) = Desk::new("depot_card::image_rot") else {
        return;
    };
    desk.written(&["--serial-from", "SB-1", "a.img"]);
    let image = desk.path("system.img");
    let before = fs::metadata(&image).unwrap().modified().unwrap();
    desk.flip("system.img", super::image::ROOT_A + 5);
    let touched = File::options().write(true).open(&image).unwrap();
    touched.set_modified(before).unwrap();
    let line = refused(&desk.write(&["--serial-from", "SB-2", "b.img"]), 1);
    assert!(
        line.contains("system.img at this desk is not what it was, and nobody wrote to it"),
        "{line}"
    );
    assert!(!desk.path("b.img").exists());
    // Control: the byte turned back.
    desk.flip("system.img", super::image::ROOT_A + 5);
    touched.set_modified(before).unwrap();
    desk.written(&["--serial-from", "SB-2", "b.img"]);
    assert!(looks_done(&desk.path("b.img")));
}
