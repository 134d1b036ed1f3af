#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, writes its own files and calls losetup"
)]

use super::*;
use std::fs;
use std::os::unix::fs::{FileExt, FileTypeExt, symlink};
use std::process::Command;
use tempfile::TempDir;

const MIB: u64 = 1 << 20;

#[test]
fn the_kernel_is_told_the_length_of_the_root() {
    for (line, bytes) in [
        (
            "console=ttyAMA0 school_box.verity=3:00:ff panic=5\n",
            Some(12_288),
        ),
        (
            "school_box.verity=1:0:0 school_box.verity=2:0:0",
            Some(8192),
        ),
        ("school_box.verity=", None),
        ("school_box.verity=18446744073709551615:0:0", None),
        ("", None),
    ] {
        assert_eq!(verity_bytes(line), bytes, "{line}");
    }
}

/// A folder with six loop devices in the place of a card's partitions, and what the kernel would say of them.
struct Card {
    dir: TempDir,
    loops: Vec<String>,
}

impl Card {
    /// `None`: this machine has none for us, and that was said.
    fn of(test: &str) -> Option<Self> {
        let mut card = Self {
            dir: tempfile::tempdir().unwrap(),
            loops: Vec::new(),
        };
        fs::create_dir(card.nodes()).unwrap();
        fs::write(card.path("cmdline"), "school_box.verity=3:00:ff\n").unwrap();
        fs::write(card.path("mounts"), "20 1 0:30 / / ro - overlay none ro\n").unwrap();
        for name in [
            "boot-a", "boot-b", "root-a", "root-b", "verity-a", "verity-b",
        ] {
            let file = card.path(&format!("{name}.img"));
            fs::File::create(&file).unwrap().set_len(MIB).unwrap();
            let Some(device) = attached(&file) else {
                crate::skip::skip(test, "no loop device", "run the tests as root");
                return None;
            };
            symlink(&device, card.nodes().join(name)).unwrap();
            card.loops.push(device);
        }
        Some(card)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn nodes(&self) -> PathBuf {
        self.path("school-box")
    }

    fn slots(&self) -> DeviceSlots {
        DeviceSlots {
            nodes: self.nodes(),
            command_line: self.path("cmdline"),
            uses: Uses {
                mounts: self.path("mounts"),
                devices: "/sys/dev/block".into(),
            },
            booted: Slot::A,
        }
    }

    fn number(&self, name: &str) -> String {
        let node = fs::metadata(self.nodes().join(name)).unwrap();
        Number::of(&node).unwrap().to_string()
    }

    /// Why the spare slot is not given.
    fn refused(&self) -> SlotError {
        self.slots().spare().err().unwrap()
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        for device in &self.loops {
            let _ = Command::new("/sbin/losetup")
                .args(["--detach", device])
                .status();
        }
    }
}

fn attached(file: &Path) -> Option<String> {
    let said = Command::new("/sbin/losetup")
        .args(["--find", "--show"])
        .arg(file)
        .output()
        .ok()?;
    let device = String::from_utf8(said.stdout).ok()?.trim().to_owned();
    let usable = fs::metadata(&device).is_ok_and(|node| node.file_type().is_block_device());
    usable.then_some(device)
}

#[test]
fn the_running_slot_is_read_and_its_root_is_as_long_as_the_kernel_was_told() {
    let Some(card) = Card::of("slots::devices::running") else {
        return;
    };
    let root = card.path("root-a.img");
    fs::OpenOptions::new()
        .write(true)
        .open(root)
        .unwrap()
        .write_all_at(b"root of A", 100)
        .unwrap();
    let mut running = card.slots().running().unwrap();
    let lengths = [Part::Boot, Part::Root, Part::Tree].map(|part| running.bytes(part).unwrap());
    assert_eq!(lengths, [MIB, 12_288, MIB]);
    let mut read = [0; 9];
    running.read(Part::Root, 100, &mut read).unwrap();
    assert_eq!(&read, b"root of A");
    assert!(running.read(Part::Root, 12_285, &mut read).is_err());

    fs::write(card.path("cmdline"), "school_box.verity=300000:00:ff\n").unwrap();
    let mut running = card.slots().running().unwrap();
    assert_eq!(
        running.bytes(Part::Root).unwrap(),
        MIB,
        "no longer than its partition"
    );
}

#[test]
fn what_is_read_after_a_sync_comes_from_the_medium() {
    let Some(card) = Card::of("slots::devices::medium") else {
        return;
    };
    let mut spare = card.slots().spare().unwrap();
    assert_eq!(
        (spare.slot(), spare.room(Part::Root).unwrap()),
        (Slot::B, MIB)
    );
    let written: Vec<u8> = (0..700_000_u32).map(|n| (n % 251) as u8).collect();
    spare.write(Part::Root, 4097, &written).unwrap();
    let mut read = vec![0; written.len()];
    spare.read(Part::Root, 4097, &mut read).unwrap();
    assert!(read == written, "before a sync, and off the blocks");
    // Another one has the page in memory: what a reader without care would be given.
    let careless = fs::File::open(card.nodes().join("root-b")).unwrap();
    spare.sync().unwrap();
    careless.read_exact_at(&mut read[..8], 8192).unwrap();

    let medium = fs::OpenOptions::new()
        .write(true)
        .open(card.path("root-b.img"))
        .unwrap();
    medium.write_all_at(b"worn out", 8192).unwrap();
    let mut read = [0; 8];
    careless.read_exact_at(&mut read, 8192).unwrap();
    assert_eq!(
        read,
        written[4095..4103],
        "control: memory says it is right"
    );
    spare.read(Part::Root, 8192, &mut read).unwrap();
    assert_eq!(&read, b"worn out");
}

#[test]
fn nothing_goes_beyond_the_end_of_a_partition() {
    let Some(card) = Card::of("slots::devices::end") else {
        return;
    };
    let mut spare = card.slots().spare().unwrap();
    spare.write(Part::Root, MIB - 2, b"ok").unwrap();
    let mut read = [0; 2];
    spare.read(Part::Root, MIB - 2, &mut read).unwrap();
    assert_eq!(&read, b"ok");
    for at in [MIB - 1, MIB, u64::MAX] {
        assert!(spare.write(Part::Root, at, b"no").is_err(), "{at}");
        assert!(spare.read(Part::Root, at, &mut read).is_err(), "{at}");
    }
}

#[test]
fn the_running_slots_device_is_refused_by_whatever_name() {
    let Some(card) = Card::of("slots::devices::running_refused") else {
        return;
    };
    drop(card.slots().spare().unwrap());
    let number = card.number("boot-a");
    for (name, part) in [
        ("boot-b", Part::Boot),
        ("root-b", Part::Root),
        ("verity-b", Part::Tree),
    ] {
        let node = card.nodes().join(name);
        let right = fs::read_link(&node).unwrap();
        fs::remove_file(&node).unwrap();
        symlink(card.nodes().join("boot-a"), &node).unwrap();
        let error = card.refused();
        assert_eq!(
            (error.part, error.slot, error.doing),
            (part, Slot::B, "open")
        );
        let why = format!("device {number} is a part of the running system");
        assert_eq!(error.source.to_string(), why);
        fs::remove_file(&node).unwrap();
        symlink(right, &node).unwrap();
    }
    drop(card.slots().spare().unwrap());
}

#[test]
fn what_somebody_mounted_or_holds_is_refused() {
    let Some(card) = Card::of("slots::devices::in_use") else {
        return;
    };
    let told = format!(
        "20 1 {} / /mnt rw - ext4 /dev/x rw\n",
        card.number("root-b")
    );
    let mounts = fs::read_to_string(card.path("mounts")).unwrap();
    fs::write(card.path("mounts"), format!("{mounts}{told}")).unwrap();
    let error = card.refused();
    assert!(
        error.source.to_string().ends_with("is mounted at /mnt"),
        "{}",
        error.source
    );
    fs::write(card.path("mounts"), mounts).unwrap();

    let held = opened(&card.nodes().join("verity-b"), OFlag::O_EXCL, true).unwrap();
    let error = card.refused();
    assert_eq!(
        (error.part, error.source.kind()),
        (Part::Tree, ErrorKind::ResourceBusy)
    );
    drop(held);
    let first = card.slots().spare().unwrap();
    assert!(card.slots().spare().is_err(), "one writer");
    drop(first);
    drop(card.slots().spare().unwrap());
}

#[test]
fn no_block_device_no_node_and_no_word_of_the_kernel_are_refused() {
    let Some(card) = Card::of("slots::devices::strange") else {
        return;
    };
    let mounts = card.path("mounts");
    fs::rename(&mounts, card.path("elsewhere")).unwrap();
    assert!(card.refused().source.to_string().contains("cannot be told"));
    fs::rename(card.path("elsewhere"), &mounts).unwrap();

    let node = card.nodes().join("root-b");
    fs::remove_file(&node).unwrap();
    assert_eq!(card.refused().source.kind(), ErrorKind::NotFound);
    fs::write(&node, vec![0; 8192]).unwrap();
    assert_eq!(card.refused().source.to_string(), "it is no block device");
}

/// A kernel's words, as files: dm-0 lies on partitions 5 and 7 of disk 254:0 and is the root.
struct Told {
    dir: TempDir,
}

impl Told {
    fn new() -> Self {
        let told = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(told.dir.path().join("block")).unwrap();
        told.device("vda", "254:0");
        for minor in [2, 5, 6, 7] {
            told.device(&format!("vda/vda{minor}"), &format!("254:{minor}"));
            fs::write(told.folder(&format!("vda/vda{minor}/partition")), "5").unwrap();
        }
        told.device("dm-0", "253:0");
        for minor in [5, 7] {
            let lower = told.folder(&format!("vda/vda{minor}"));
            fs::create_dir_all(told.folder("dm-0/slaves")).unwrap();
            symlink(&lower, told.folder(&format!("dm-0/slaves/vda{minor}"))).unwrap();
            fs::create_dir_all(lower.join("holders")).unwrap();
            symlink(told.folder("dm-0"), lower.join("holders/dm-0")).unwrap();
        }
        let root = "20 1 253:0 / / ro - erofs /dev/mapper/root ro\n21 20 0:5 / /dev rw - devtmpfs dev rw\n";
        fs::write(told.dir.path().join("mounts"), root).unwrap();
        told
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn device(&self, name: &str, number: &str) {
        fs::create_dir_all(self.folder(name)).unwrap();
        fs::write(self.folder(name).join("dev"), format!("{number}\n")).unwrap();
        symlink(self.folder(name), self.folder("block").join(number)).unwrap();
    }

    fn uses(&self) -> Uses {
        Uses {
            mounts: self.folder("mounts"),
            devices: self.folder("block"),
        }
    }
}

#[test]
fn what_lies_below_the_verified_root_and_around_it_is_of_the_running_system() {
    let told = Told::new();
    let uses = told.uses();
    let running = uses.of_running_system(std::iter::empty()).unwrap();
    let names: Vec<String> = running.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["253:0", "254:0", "254:5", "254:7"]);
    let of = |text: &str| {
        let device = Number::parse(text).unwrap();
        uses.refusal(device, &running).unwrap().unwrap()
    };
    assert_eq!(of("254:5"), "device 254:5 is a part of the running system");
    assert_eq!(of("254:0"), "device 254:0 is a part of the running system");
    // Were it not known for that, it would be refused for who holds it; the other slot's is not.
    let lower = Number::parse("254:7").unwrap();
    let why = uses.refusal(lower, &BTreeSet::new()).unwrap();
    assert_eq!(why.as_deref(), Some("device 254:7 is in use by dm-0"));
    let other = Number::parse("254:6").unwrap();
    assert_eq!(uses.refusal(other, &running).unwrap(), None);
}

#[test]
fn a_device_that_the_kernel_does_not_know_is_refused() {
    let told = Told::new();
    let uses = told.uses();
    let other = Number::parse("254:6").unwrap();
    fs::remove_dir_all(told.folder("vda/vda6")).unwrap();
    assert!(uses.refusal(other, &BTreeSet::new()).is_err());
    fs::remove_file(told.folder("dm-0/dev")).unwrap();
    fs::remove_dir_all(told.folder("vda/vda5")).unwrap();
    assert!(uses.of_running_system(std::iter::empty()).is_err());
}
