//! What goes wrong, and how it is told.

use super::desk::{Desk, INIT, files};
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

#[test]
fn a_flipped_bit_anywhere_is_found() {
    let desk = Desk::with_repository();
    desk.add(1, &[]);
    desk.add(2, &[]);
    for (path, good) in files(&desk.path("repo")) {
        let picks = [0, good.len() / 3, good.len() - 1];
        for (bit, at) in picks.into_iter().enumerate() {
            let mut bytes = good.clone();
            bytes[at] ^= 1 << bit;
            fs::write(&path, bytes).unwrap();
            let found = desk.run(&["verify", "repo", "--quick"]);
            assert_eq!(found.code, Some(1), "{} byte {at}", path.display());
        }
        fs::write(&path, &good).unwrap();
    }
    desk.good(&["verify", "repo", "--quick"]);
    let frames = files(&desk.path("repo")).into_iter().map(|(path, _)| path);
    let frames: Vec<PathBuf> = frames
        .filter(|path| path.to_string_lossy().ends_with(".frames"))
        .collect();
    fs::remove_file(&frames[0]).unwrap();
    let found = desk.run(&["verify", "repo"]);
    assert!(
        found.code == Some(1) && found.stdout.contains("frames: it is missing"),
        "{}",
        found.stdout
    );
}

/// A patch is tried with the image that it was made from, and with no other.
#[test]
fn an_image_that_changed_in_the_desk_is_not_at_hand() {
    let desk = Desk::with_repository();
    desk.add(1, &[]);
    desk.add(2, &[]);
    assert_eq!(desk.json("repo")["checked"]["from_patches"], 1);
    let kept = desk.path("repo.desk/images/system/sim/1/root.img");
    let mut image = fs::read(&kept).unwrap();
    image[5] ^= 1;
    fs::write(&kept, image).unwrap();
    let found = desk.json("repo");
    assert_eq!(found["checked"]["patches_without_image"], 1);
    assert_eq!(found["faults"], serde_json::json!([]));
}

/// Killed at any moment; what stands is good, and the same command ends it.
#[test]
fn a_killed_add_leaves_a_good_repository() {
    let desk = Desk::with_repository();
    desk.add(1, &[]);
    let image = desk.image("2.img", 1, 2);
    let arguments = [
        "add",
        "repo",
        "--root",
        &image,
        "--board",
        "sim",
        "--version",
        "2",
    ];
    let (mut killed, mut pause) = (0, 1);
    loop {
        let mut command = desk.command(&arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        sleep(Duration::from_millis(pause));
        let ended = child.try_wait().unwrap().is_some();
        let _ = child.kill();
        child.wait().unwrap();
        let found = desk.json("repo");
        assert_eq!(
            found["faults"],
            serde_json::json!([]),
            "killed after {pause} ms"
        );
        if ended {
            assert_eq!(found["releases"].as_array().unwrap().len(), 2);
            break;
        }
        killed += 1;
        pause = pause * 5 / 4 + 1;
    }
    assert!(killed > 2, "{killed}");
}

#[test]
fn what_cannot_be_is_refused_in_a_line_that_says_what() {
    let desk = Desk::with_repository();
    desk.add(2, &[]);
    let image = desk.image("3.img", 1, 3);
    let add = |version: &'static str, file: &'static str| {
        [
            "add",
            "repo",
            "--root",
            file,
            "--board",
            "sim",
            "--version",
            version,
        ]
    };
    assert!(
        desk.refused(&add("2", "3.img"))
            .contains("boxes never go back")
    );
    assert!(desk.refused(&add("1", "3.img")).contains("above 2"));
    assert!(
        desk.refused(&add("3", "nowhere.img"))
            .contains("nowhere.img")
    );
    assert!(desk.refused(&INIT).contains("not empty"));
    assert!(
        desk.refused(&["keygen", "root"])
            .contains("never written over")
    );
    assert!(
        desk.refused(&["verify", "nowhere"])
            .contains("no repository")
    );
    assert!(
        desk.refused(&["sign", "nowhere"])
            .contains("depot repo init")
    );
    assert!(
        desk.refused(&["sign", "repo", "--key", "timestamp=nowhere"])
            .contains("nowhere")
    );
    assert!(
        desk.refused(&["sign", "repo", "--key", "timestamp=3.img"])
            .contains("3.img")
    );
    assert!(
        desk.refused(&["sign", "repo", "--take", "3.img"])
            .contains("3.img")
    );
    for (arguments, says) in [
        (
            vec![
                "add",
                "repo",
                "--root",
                &image,
                "--board",
                "../x",
                "--version",
                "3",
            ],
            "a-z",
        ),
        (
            vec![
                "add",
                "repo",
                "--root",
                &image,
                "--board",
                "sim",
                "--version",
                "0",
            ],
            "--version",
        ),
        (
            vec!["add", "repo", "--board", "sim", "--version", "3"],
            "--system",
        ),
        (
            vec!["init", "new", "--root-key", "root", "--threshold", "root=2"],
            "there are 1",
        ),
        (
            vec!["sign", "repo", "--key", "mirror=online"],
            "the roles are",
        ),
        (
            vec!["sign", "repo", "--key", "targets=command:online.pub"],
            "PUBLIC_KEY_FILE",
        ),
    ] {
        let outcome = desk.run(&arguments);
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {}", outcome.stderr);
        assert!(
            outcome.stderr.contains(says),
            "{arguments:?}: {}",
            outcome.stderr
        );
    }
    assert!(!desk.path("new").exists());
    desk.good(&["verify", "repo", "--quick"]);
}

#[test]
fn every_verb_has_an_example() {
    let desk = Desk::new();
    for verb in [
        "keygen", "init", "add", "rollout", "sign", "rotate", "verify",
    ] {
        let help = desk.good(&[verb, "--help"]);
        assert!(help.contains("Example:\n  depot repo "), "{help}");
    }
}
