//! Whose a disk is: nothing that somebody uses, that is not there, or that became something else is written to.

use super::desk::{Desk, PROFILE, looks_done, refused};
use super::looped::Looped;
use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// `O_EXCL`: as the kernel holds a disk that is mounted, in a volume, or a member of something that no file tells of.
const HELD: i32 = 0o200;

#[test]
fn yes_to_a_size_is_no_yes_to_a_disk_that_somebody_holds() {
    let test = "depot_card::held";
    let Some(desk) = Desk::new(test) else { return };
    let file = desk.path("disk");
    let Some(disk) = Looped::new(test, &file, 1 << 30) else {
        return;
    };
    let small = PROFILE.replacen("[[pack]]", "[card]\nlargest_gb = 1\n\n[[pack]]", 1);
    fs::write(desk.path("islands.toml"), small).unwrap();
    let confirmed = ["--yes-erase", disk.name(), disk.device()];
    let holder = File::options()
        .read(true)
        .custom_flags(HELD)
        .open(disk.device())
        .unwrap();
    let line = refused(&desk.write(&confirmed), 1);
    assert!(
        line.contains("cannot be opened") && line.contains("is it in use"),
        "{line}"
    );
    assert!(!looks_done(&file));
    // Control: nobody holds it any more, and the same word is enough.
    drop(holder);
    desk.written(&confirmed);
    assert!(looks_done(&file));
}

/// A file system with a photo on a disk, mounted until this goes, or until somebody else unmounts it.
struct Mounted {
    place: PathBuf,
}

impl Mounted {
    fn new(disk: &Looped, place: PathBuf) -> Self {
        fs::create_dir(&place).unwrap();
        let made = Command::new("/usr/sbin/mke2fs")
            .args(["-q", "-F", disk.device()])
            .status();
        assert!(made.unwrap().success());
        let mut mount = Command::new("mount");
        let mounted = mount.arg(disk.device()).arg(&place).status();
        assert!(mounted.unwrap().success());
        fs::write(place.join("photo.jpg"), "hi").unwrap();
        Self { place }
    }

    fn photo(&self) -> PathBuf {
        self.place.join("photo.jpg")
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Where it is not mounted any more that is said, and well.
        let _ = Command::new("umount").arg(&self.place).output();
    }
}

#[test]
fn a_mounted_card_that_is_given_up_is_unmounted_before_it_is_written() {
    let test = "depot_card::given_up";
    let Some(desk) = Desk::new(test) else { return };
    let file = desk.path("disk");
    let Some(disk) = Looped::new(test, &file, 1 << 30) else {
        return;
    };
    let mounted = Mounted::new(&disk, desk.path("place"));
    let from = ["--serial-from", "LO-9"];
    let given_up = ["--yes-erase", disk.name(), disk.device()];
    // Somebody looks at the photo: it stays mounted, and nothing is written.
    let looked_at = File::open(mounted.photo()).unwrap();
    let write = [&from[..], &given_up].concat();
    let line = refused(&desk.write(&write), 1);
    let told = format!("is mounted on {} and stays so", mounted.place.display());
    assert!(
        line.contains(&told) && line.contains("close what is open there"),
        "{told}: {line}"
    );
    assert_eq!(fs::read_to_string(mounted.photo()).unwrap(), "hi");
    assert!(!desk.path("islands.desk").exists(), "told before the work");
    drop(looked_at);

    desk.written(&write);
    assert!(!mounted.photo().exists());
    // What was mounted beside the writing would be written back now.
    drop(mounted);
    let verified = desk.verify(&[disk.device()]);
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
    assert!(looks_done(&file));
}

#[test]
fn a_reader_that_is_not_there_is_not_made_of_memory() {
    let Some(desk) = Desk::new("depot_card::absent") else {
        return;
    };
    let absent = Path::new("/dev/school-box-no-such-card");
    let line = refused(&desk.write(&[absent.to_str().unwrap()]), 1);
    assert!(line.contains("there is no card in it"), "{line}");
    assert!(!absent.exists());
    // Control: where files belong, one is made.
    desk.written(&["new.img"]);
    assert!(looks_done(&desk.path("new.img")));
}

#[test]
fn a_target_that_became_something_else_while_the_library_was_prepared_is_left_alone() {
    let Some(desk) = Desk::new("depot_card::changed") else {
        return;
    };
    let target = desk.path("card.img");
    let writing = desk.start(&["card", "write", "--profile", "islands.toml", "card.img"]);
    // Its desk is there once the target was looked at.
    let late = Instant::now() + Duration::from_secs(60);
    while !desk.path("islands.desk").exists() {
        assert!(Instant::now() < late, "nothing is prepared");
        thread::yield_now();
    }
    fs::write(&target, "a letter").unwrap();
    let line = refused(&writing.ended(), 1);
    assert!(
        line.contains("card.img is not what it was when it was named"),
        "{line}"
    );
    assert_eq!(fs::read_to_string(&target).unwrap(), "a letter");
    assert_eq!(desk.manifest().len(), 0);
    // Control: as it was when it was looked at.
    fs::remove_file(&target).unwrap();
    desk.written(&["card.img"]);
}
