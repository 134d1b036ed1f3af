//! What is offered, and who reads it.

use super::desk::{Desk, copy, files, noise};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use system_tests::need;
use system_tests::world::{Outcome, Zim};

#[test]
fn releases_are_offered_whole_and_as_patches_and_verify_makes_each_of_them() {
    let desk = Desk::with_repository();
    let told = desk.add(1, &["--name", "2026.10"]);
    assert!(told.starts_with("system/sim/1 is for every box."), "{told}");
    desk.add(2, &[]);
    let told = desk.add(3, &["--rollout", "10"]);
    assert!(
        told.contains("10 of a hundred boxes") && told.contains("from 2"),
        "{told}"
    );
    let found = desk.json("repo");
    assert_eq!(found["faults"], serde_json::json!([]));
    let releases = found["releases"].as_array().unwrap();
    let of = |field: &str| -> Vec<&Value> { releases.iter().map(|one| &one[field]).collect() };
    assert_eq!(of("version"), [1, 2, 3]);
    assert_eq!(of("name"), ["2026.10", "2", "3"]);
    assert_eq!(of("rollout_percent"), [100, 100, 10]);
    assert_eq!(found["checked"]["from_frames"], 3);
    assert_eq!(found["checked"]["from_patches"], 3);
    assert_eq!(found["checked"]["patches_without_image"], 0);
    let sizes = &releases[2]["parts"][0];
    assert!(sizes["patches"][0]["bytes"].as_u64() < sizes["frames_bytes"].as_u64());
    // A copy without the desk is good, too; what cannot be tried is counted.
    copy(&desk.path("repo"), &desk.path("stick"));
    let found = desk.json("stick");
    assert_eq!(found["faults"], serde_json::json!([]));
    assert_eq!(found["checked"]["patches_without_image"], 3);
    // Nothing of the desk is published.
    assert!(
        desk.path("repo.desk/images/system/sim/3/root.img")
            .is_file()
    );
    assert!(!desk.path("repo.desk/made").exists());
}

#[test]
fn frames_save_bytes_or_work_and_give_the_same_image() {
    let text: String = (0..60_000).map(|line| format!("{line:07}\n")).collect();
    let frames = |saves: &str| {
        let desk = Desk::with_repository();
        fs::write(desk.path("text.img"), &text.as_bytes()[..409_600]).unwrap();
        let add = ["add", "repo", "--root", "text.img", "--board", "sim"];
        desk.good(&[&add[..], &["--version", "1", "--saves", saves]].concat());
        let found = desk.json("repo");
        assert_eq!(found["faults"], serde_json::json!([]), "{saves}");
        assert_eq!(found["checked"]["from_frames"], 1, "{saves}");
        found["releases"][0]["parts"][0]["frames_bytes"].as_u64()
    };
    let (bytes, work) = (frames("bytes"), frames("work"));
    assert!(bytes < work, "{bytes:?} < {work:?}");
}

#[test]
fn a_roll_out_is_widened_and_old_versions_go() {
    let desk = Desk::with_repository();
    for version in 1..=3 {
        desk.add(
            version,
            &["--keep", "2", "--patches", "1", "--rollout", "5"],
        );
    }
    let versions = |found: &Value| -> Vec<u64> {
        let releases = found["releases"].as_array().unwrap().iter();
        releases
            .map(|one| one["version"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(versions(&desk.json("repo")), [2, 3]);
    desk.good(&["rollout", "repo", "3", "60"]);
    let found = desk.json("repo");
    assert_eq!(found["releases"][1]["rollout_percent"], 60);
    assert_eq!(found["releases"][0]["rollout_percent"], 5);
    // The withdrawn one's files stayed for boxes in the middle of it, and are gone now.
    assert!(!desk.path("repo/targets/system/sim/1/").join("x").exists());
    let left = files(&desk.path("repo/targets/system/sim/1"));
    assert!(left.is_empty(), "{left:?}");
    assert!(
        desk.refused(&["rollout", "repo", "1", "60"])
            .contains("no release 1")
    );
    assert_eq!(desk.run(&["rollout", "repo", "3", "101"]).code, Some(2));
}

/// `add --pack` of this file under this id.
fn pack<'a>(file: &'a str, id: &'a str, version: &'a str) -> [&'a str; 8] {
    [
        "add",
        "repo",
        "--pack",
        file,
        "--id",
        id,
        "--version",
        version,
    ]
}

/// Writes a book that calls itself `reading`, of which one page goes with `version`.
fn book(desk: &Desk, version: &str) {
    let numbers: String = noise(5, 60_000)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let zim = Zim::new("Reading", "eng")
        .page("Numbers", "Numbers", &numbers)
        .page("Second", "Second", &format!("This is version {version}."));
    fs::write(desk.path("reading.zim"), zim.bytes()).unwrap();
}

#[test]
fn a_pack_travels_as_a_system_does() {
    let desk = Desk::with_repository();
    for version in ["1", "2"] {
        book(&desk, version);
        desk.good(&pack("reading.zim", "reading", version));
    }
    let found = desk.json("repo");
    assert_eq!(found["faults"], serde_json::json!([]));
    assert_eq!(found["packs"][1]["file"], "reading.zim");
    assert_eq!(found["packs"][1]["sizes"]["patches"][0]["from_version"], 1);
    let usage = desk.run(&["add", "repo", "--pack", "reading.zim", "--version", "3"]);
    assert!(
        usage.code == Some(2) && usage.stderr.contains("--id"),
        "{}",
        usage.stderr
    );
}

#[test]
fn what_no_box_would_take_is_not_offered() {
    let desk = Desk::with_repository();
    book(&desk, "1");
    let whole = fs::read(desk.path("reading.zim")).unwrap();
    fs::write(desk.path("reading.zip"), "PK\u{3}\u{4}").unwrap();
    fs::write(desk.path("cut.zim"), &whole[..whole.len() / 2]).unwrap();
    fs::create_dir(desk.path("lessons")).unwrap();
    fs::write(desk.path("lessons/index.html"), "<title>Lessons</title>").unwrap();
    for (file, says) in [
        (
            "reading.zip",
            "reading.zip is neither a ZIM file nor a folder",
        ),
        ("cut.zim", "it was cut short"),
        ("lessons", "lessons is a folder"),
        ("nowhere.zim", "nowhere.zim"),
    ] {
        let line = desk.refused(&pack(file, "reading", "1"));
        assert!(line.contains(says), "{line}");
    }
    // A name of its own is told: boxes would refuse it under another one.
    let other = desk.run(&pack("reading.zim", "writing", "1"));
    assert_eq!(other.code, Some(0), "{}", other.stderr);
    assert!(
        other.stderr.contains("calls itself reading"),
        "{}",
        other.stderr
    );
    // Control: under its own.
    desk.good(&pack("reading.zim", "reading", "1"));
    // The example of the help is one that goes on.
    let help = desk.good(&["add", "--help"]);
    assert!(help.contains("--pack reading.zim --id reading"), "{help}");
}

#[test]
fn python_tuf_follows_our_rotations_to_our_releases() {
    let test = "python_tuf_follows_our_rotations_to_our_releases";
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tuf/bin/python");
    if !python.is_file() {
        let _: need::Met<()> = need::skip(test, "no python-tuf", "run tests/setup/tuf.sh");
        return;
    }
    let desk = Desk::with_repository();
    desk.add(1, &[]);
    desk.good(&[
        "rotate",
        "repo",
        "--root-key",
        "root",
        "--add-key",
        "root=ben",
        "--drop-key",
        "root=root",
    ]);
    desk.good(&[
        "rotate",
        "repo",
        "--root-key",
        "ben",
        "--add-key",
        "targets=eve",
        "--drop-key",
        "targets=online",
    ]);
    desk.add(2, &[]);
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("trust/python_tuf.py");
    let read = || {
        let mut command = Command::new(&python);
        let repo = fs::canonicalize(desk.path("repo")).unwrap();
        command.arg(&program).arg("read").arg(repo);
        command.args(["system/sim/1/bundle.json", "system/sim/2/bundle.json"]);
        Outcome::of(command)
    };
    let told = read();
    assert_eq!(
        (told.code, told.stdout.lines().count()),
        (Some(0), 2),
        "{}",
        told.stderr
    );
    let bundle = files(&desk.path("repo/targets/system/sim/2")).into_iter();
    let bundle = bundle
        .map(|(path, _)| path)
        .find(|path| path.to_string_lossy().ends_with(".bundle.json"))
        .unwrap();
    let hex: String = fs::read(bundle)
        .unwrap()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(told.stdout.lines().nth(1), Some(hex.as_str()));
    // Negative control: without the second root the third is not reached, and the rest is not believed.
    fs::remove_file(desk.path("repo/metadata/2.root.json")).unwrap();
    assert_eq!(read().code, Some(1));
}
