//! The machine's switches on trees of files.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and writes its own files"
)]

use super::*;
use crate::recording::Pin;
use power_mgmt::PowerState;
use std::fs;
use tempfile::TempDir;

const POLICIES: &str = "sys/devices/system/cpu/cpufreq";
const HDMI: [&str; 2] = [
    "sys/class/drm/card1-HDMI-A-1",
    "sys/class/drm/card1-HDMI-A-2",
];
/// What no plan of ours may touch.
const OTHERS: [&str; 2] = ["sys/class/drm/card1-DSI-1/status", "sys/class/drm/version"];

fn write(root: &TempDir, path: &str, text: &str) {
    let path = root.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn read(root: &TempDir, path: &str) -> String {
    String::from_utf8_lossy(&fs::read(root.path().join(path)).unwrap()).into_owned()
}

/// A machine with two frequency policies, two HDMI connectors and a radio.
fn machine() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for policy in 0..2 {
        let file = |name| format!("{POLICIES}/policy{policy}/{name}");
        write(
            &root,
            &file("scaling_available_governors"),
            "ondemand userspace powersave performance schedutil\n",
        );
        write(&root, &file("scaling_governor"), "performance\n");
    }
    for connector in HDMI {
        write(&root, &format!("{connector}/status"), "connected\n");
    }
    for other in OTHERS {
        write(&root, other, "untouched");
    }
    write(&root, "dev/rfkill", "");
    root
}

/// Governors, connectors' words, block of the Wi-Fi. A sysfs file takes one word at a time, a plain file keeps what the longer one before left.
fn seen(root: &TempDir) -> [String; 5] {
    let governor = |n| read(root, &format!("{POLICIES}/policy{n}/scaling_governor"));
    let event = fs::read(root.path().join("dev/rfkill")).unwrap();
    [
        governor(0),
        governor(1),
        read(root, &format!("{}/status", HDMI[0])),
        read(root, &format!("{}/status", HDMI[1])),
        format!("{event:?}"),
    ]
}

fn apply(loads: &mut dyn LoadSwitches, state: PowerState) -> Result<(), BoardError> {
    loads.apply(&LoadPlan::for_state(state))
}

fn on_the_image(root: &TempDir) -> Together {
    Together::new(machine_parts(Some(Slot::A), root.path()))
}

#[test]
fn each_part_follows_its_own_word_of_the_plan() {
    let root = machine();
    let mut loads = on_the_image(&root);
    apply(&mut loads, PowerState::Full).unwrap();
    let unblocked = "[0, 0, 0, 0, 1, 3, 0, 0]";
    let full = seen(&root);
    for (word, file) in ["schedutil", "schedutil", "detect", "detect", unblocked]
        .iter()
        .zip(&full)
    {
        assert!(file.starts_with(word), "{full:?}");
    }

    apply(&mut loads, PowerState::Eco).unwrap();
    let eco = seen(&root);
    assert!(
        eco[0].starts_with("schedutil") && eco[2].starts_with("off"),
        "{eco:?}"
    );
    assert_eq!(eco[4], unblocked);

    apply(&mut loads, PowerState::Minimal).unwrap();
    let minimal = seen(&root);
    assert!(
        minimal[..2]
            .iter()
            .all(|word| word.starts_with("powersave")),
        "{minimal:?}"
    );
    assert_eq!(minimal[4], unblocked);

    loads.power_off().unwrap();
    assert_eq!(seen(&root)[4], "[0, 0, 0, 0, 1, 3, 1, 0]");
    for other in OTHERS {
        assert_eq!(read(&root, other), "untouched");
    }
}

#[test]
fn a_machine_that_does_not_run_the_image_is_its_owners() {
    let root = machine();
    let before = seen(&root);
    let mut loads = Together::new(machine_parts(None, root.path()));
    for state in PowerState::ALL {
        apply(&mut loads, state).unwrap();
    }
    loads.power_off().unwrap();
    assert_eq!(seen(&root), before);
    // The control: the same plans on the same files, but as our image.
    apply(&mut on_the_image(&root), PowerState::Minimal).unwrap();
    assert_ne!(seen(&root), before);
}

#[test]
fn where_nothing_is_there_is_nothing_to_do_and_what_comes_late_is_reached() {
    let root = tempfile::tempdir().unwrap();
    let mut loads = on_the_image(&root);
    for state in PowerState::ALL {
        apply(&mut loads, state).unwrap();
    }
    loads.power_off().unwrap();
    assert_eq!(
        fs::read_dir(root.path()).unwrap().count(),
        0,
        "nothing was made"
    );

    write(&root, "dev/rfkill", "");
    write(&root, &format!("{}/status", HDMI[0]), "connected");
    apply(&mut loads, PowerState::Minimal).unwrap();
    assert_eq!(fs::read(root.path().join("dev/rfkill")).unwrap()[6], 0);
    assert!(read(&root, &format!("{}/status", HDMI[0])).starts_with("off"));
}

#[test]
fn the_same_plan_again_writes_nothing() {
    let root = machine();
    let mut loads = on_the_image(&root);
    apply(&mut loads, PowerState::Eco).unwrap();
    write(&root, &format!("{}/status", HDMI[0]), "disconnected");
    write(&root, "dev/rfkill", "");
    apply(&mut loads, PowerState::Eco).unwrap();
    assert_eq!(read(&root, &format!("{}/status", HDMI[0])), "disconnected");
    assert_eq!(read(&root, "dev/rfkill"), "");
}

#[test]
fn what_cannot_be_written_stops_nothing_else_and_is_told_once() {
    let root = machine();
    let broken = [
        format!("{POLICIES}/policy0/scaling_governor"),
        format!("{}/status", HDMI[0]),
    ]
    .map(|file| root.path().join(file));
    // A folder in the place of the file: also root cannot write it.
    for file in &broken {
        fs::remove_file(file).unwrap();
        fs::create_dir(file).unwrap();
    }
    let rails = LineLoads {
        usb_charging: Pin::default(),
        projector: Pin::default(),
        radio: Pin::default(),
    };
    let mut parts = machine_parts(Some(Slot::A), root.path());
    parts.push(Box::new(rails));
    let mut loads = Together::new(parts);

    let line = chain(&apply(&mut loads, PowerState::Minimal).unwrap_err());
    assert_eq!(line.lines().count(), 1);
    for file in &broken {
        assert_eq!(line.matches(file.to_str().unwrap()).count(), 1, "{line}");
    }
    assert!(read(&root, &format!("{POLICIES}/policy1/scaling_governor")).starts_with("powersave"));
    assert!(read(&root, &format!("{}/status", HDMI[1])).starts_with("off"));
    assert_eq!(fs::read(root.path().join("dev/rfkill")).unwrap()[5], 3);
    for _ in 0..5 {
        apply(&mut loads, PowerState::Minimal).unwrap();
    }

    // Mended and broken again, it is news again.
    for file in &broken {
        fs::remove_dir(file).unwrap();
        fs::write(file, "ondemand").unwrap();
    }
    apply(&mut loads, PowerState::Minimal).unwrap();
    fs::remove_file(&broken[0]).unwrap();
    fs::create_dir(&broken[0]).unwrap();
    assert!(apply(&mut loads, PowerState::Full).is_err());
}
