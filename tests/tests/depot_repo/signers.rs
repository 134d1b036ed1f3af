//! Who signs: several people, commands, keys that come and go.

use super::desk::{Desk, INIT, copy};
use std::fs;

/// Two of three people on computers of their own; the last signature publishes.
#[test]
fn two_of_three_sign_on_computers_of_their_own() {
    let desk = Desk::new();
    desk.good(&[
        "init",
        "repo",
        "--root-key",
        "root",
        "--threshold",
        "targets=2",
        "--key",
        "targets=ana",
        "--key",
        "targets=ben.pub",
        "--key",
        "targets=eve.pub",
        "--key",
        "snapshot=online",
        "--key",
        "timestamp=online",
    ]);
    // Init itself waits for the second signature of its empty targets.
    assert!(!desk.path("repo/metadata/timestamp.json").exists());
    desk.good(&["sign", "repo", "--key", "targets=ben"]);
    assert_eq!(desk.json("repo")["faults"], serde_json::json!([]));

    let told = desk.add(1, &[]);
    assert!(
        told.contains("targets waits for 1 more signature"),
        "{told}"
    );
    let found = desk.json("repo");
    assert!(
        found["releases"].as_array().unwrap().is_empty()
            && found["faults"] == serde_json::json!([])
    );
    assert!(
        desk.refused(&["rollout", "repo", "1", "5"])
            .contains("a draft waits")
    );
    assert_eq!(found["draft_waits"], true);
    for person in ["at-ben", "at-eve"] {
        copy(&desk.path("repo"), &desk.path(person));
    }
    // The same voice twice is one voice; a key of nobody is refused.
    let told = desk.good(&["sign", "at-eve", "--key", "targets=ana"]);
    assert!(told.contains("waits for 1 more"), "{told}");
    assert!(
        desk.refused(&["sign", "repo", "--key", "targets=online"])
            .contains("none of the keys that sign targets")
    );
    // Eve has no key of the snapshot: she signs, and it waits for the one who has.
    let told = desk.good(&["sign", "at-eve", "--key", "targets=eve"]);
    assert!(
        told.contains("The draft offers system/sim/1.")
            && told.contains("snapshot waits for 1 more"),
        "{told}"
    );
    let told = desk.good(&["sign", "repo", "--take", "at-eve"]);
    assert!(told.contains("Signed and published: targets 2"), "{told}");
    let found = desk.json("repo");
    assert_eq!(found["faults"], serde_json::json!([]));
    assert_eq!(found["releases"][0]["version"], 1);
    assert!(!desk.path("repo/draft.json").exists());
    // Ben was late: what he has is no longer the next version here.
    desk.good(&["sign", "at-ben", "--key", "targets=ben"]);
    assert!(
        desk.refused(&["sign", "repo", "--take", "at-ben"])
            .contains("does not follow")
    );
}

#[test]
fn a_command_signs_and_one_that_fails_changes_nothing() {
    let desk = Desk::new();
    let signs =
        "command:online.pub:cat >message; openssl pkeyutl -sign -rawin -inkey online -in message";
    let targets = format!("targets={signs}");
    let mut init = INIT;
    init[5] = &targets;
    desk.good(&init);
    assert_eq!(desk.json("repo")["faults"], serde_json::json!([]));
    desk.add(1, &[]);
    let image = desk.image("2.img", 1, 2);
    for (line, says) in [
        ("exit 7", "exit status: 7"),
        ("echo nonsense", "no signature"),
        (
            "openssl pkeyutl -sign -rawin -inkey ana -in message",
            "not that of the public key",
        ),
    ] {
        let key = format!("targets=command:online.pub:{line}");
        let told = desk.refused(&[
            "add",
            "repo",
            "--root",
            &image,
            "--board",
            "sim",
            "--version",
            "2",
            "--key",
            &key,
        ]);
        assert!(
            told.contains("nothing was changed") && told.contains(says),
            "{told}"
        );
    }
    // The control: with the right one the same release is offered.
    desk.add(2, &[]);
    assert_eq!(desk.json("repo")["faults"], serde_json::json!([]));
}

#[test]
fn keys_come_and_go_and_boxes_follow() {
    let desk = Desk::with_repository();
    desk.add(1, &[]);
    // The timestamp's key, then root's own; two of two at the end.
    desk.good(&[
        "rotate",
        "repo",
        "--root-key",
        "root",
        "--drop-key",
        "timestamp=online.pub",
        "--add-key",
        "timestamp=ana",
    ]);
    desk.good(&["sign", "repo"]);
    desk.good(&[
        "rotate",
        "repo",
        "--root-key",
        "root",
        "--add-key",
        "root=ben",
        "--drop-key",
        "root=root.pub",
    ]);
    assert!(
        desk.refused(&["rotate", "repo", "--root-key", "root"])
            .contains("none of the keys that sign root")
    );
    let told = desk.good(&[
        "rotate",
        "repo",
        "--root-key",
        "ben",
        "--add-key",
        "root=eve.pub",
        "--threshold",
        "root=2",
    ]);
    assert!(told.contains("root waits for 1 more signature"), "{told}");
    assert_eq!(desk.json("repo")["metadata"]["root"]["version"], 3);
    desk.good(&["sign", "repo", "--root-key", "eve"]);
    let found = desk.json("repo");
    assert_eq!(
        (&found["metadata"]["root"]["version"], &found["faults"]),
        (&4.into(), &serde_json::json!([]))
    );
    desk.add(2, &[]);
    assert_eq!(desk.json("repo")["faults"], serde_json::json!([]));
    // A box that was given any of the roots follows; one with a stranger's does not.
    for root in ["1.root.json", "3.root.json", "4.root.json"] {
        desk.good(&[
            "verify",
            "repo",
            "--quick",
            "--root",
            &format!("repo/metadata/{root}"),
        ]);
    }
    let other = Desk::with_repository();
    let stranger = other.path("repo/metadata/1.root.json");
    let refused = desk.run(&[
        "verify",
        "repo",
        "--quick",
        "--root",
        stranger.to_str().unwrap(),
    ]);
    assert!(
        refused.code == Some(1) && refused.stdout.contains("a box refuses it: root has"),
        "{}",
        refused.stdout
    );
}

/// A try needs one key; what that means is said, and undone by a rotation.
#[test]
fn one_key_will_do_at_first() {
    let desk = Desk::new();
    let told = desk.good(&["init", "repo", "--root-key", "root"]);
    assert!(
        told.contains("The root key signs targets, snapshot, timestamp"),
        "{told}"
    );
    desk.add(1, &[]);
    let keys = ["targets", "snapshot", "timestamp"].map(|role| format!("{role}=online"));
    let mut arguments = vec!["rotate", "repo", "--root-key", "root"];
    let gone = ["targets=root", "snapshot=root", "timestamp=root"];
    arguments.extend(keys.iter().flat_map(|key| ["--add-key", key]));
    arguments.extend(gone.iter().flat_map(|key| ["--drop-key", key]));
    desk.good(&arguments);
    fs::remove_file(desk.path("root")).unwrap();
    desk.add(2, &[]);
    assert_eq!(desk.json("repo")["faults"], serde_json::json!([]));
}

#[cfg(unix)]
#[test]
fn a_new_key_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    let mode = |name: &str| fs::metadata(desk.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("root"), mode("root.pub") & 0o600), (0o600, 0o600));
}

#[test]
fn what_expires_is_told_and_renewed() {
    let desk = Desk::with_repository();
    let at = "2029-01-01T00:00:00Z";
    let old = desk.run(&["verify", "repo", "--at", at]);
    assert!(
        old.code == Some(1)
            && old.stdout.contains("timestamp expired at")
            && old.stdout.contains("targets expired"),
        "{}",
        old.stdout
    );
    desk.good(&["sign", "repo", "--at", at, "--expires", "timestamp=7"]);
    desk.good(&["verify", "repo", "--at", "2029-01-05T00:00:00Z"]);
    let weekly = desk.run(&["verify", "repo", "--at", "2029-01-09T00:00:00Z"]);
    assert!(
        weekly.stdout.contains("timestamp expired") && !weekly.stdout.contains("targets expired")
    );
    // A clock that stands is found out before it signs.
    assert!(desk.refused(&["sign", "repo"]).contains("set the clock"));
}
