//! Packs of a signed repository: taken as a box would take them, or refused in one line with nothing done.

use super::desk::{Desk, PROFILE, refused};
use std::fs;
use std::path::PathBuf;
use system_tests::world::Zim;

/// A profile whose first pack is the repository's.
fn profile(desk: &Desk, repository: &str, root: &str) {
    let text = PROFILE
        .replacen(
            "file = \"water\"",
            &format!("repository = \"{repository}\"\nid = \"a-book\""),
            1,
        )
        .replacen("1.root.json", root, 1);
    fs::write(desk.path("islands.toml"), text).unwrap();
}

/// Runs `depot repo`, which has to do its work.
fn repo(desk: &Desk, arguments: &[&str]) {
    let outcome = desk.depot(&[&["repo"], arguments].concat());
    assert_eq!(outcome.code, Some(0), "{arguments:?}: {}", outcome.stderr);
}

/// Publishes a version of the book in a repository.
fn publish(desk: &Desk, repository: &str, version: &str, more: &[&str]) {
    let page = format!(
        "This is version {version}. {}",
        "Bread and water. ".repeat(20_000)
    );
    let zim = Zim::new("A book", "eng").page("Second", "Second", &page);
    fs::write(desk.path("book.zim"), zim.bytes()).unwrap();
    let add = [
        "add",
        repository,
        "--pack",
        "book.zim",
        "--id",
        "a-book",
        "--version",
        version,
    ];
    repo(desk, &[&add[..], more].concat());
}

/// Copies a repository.
fn copy(desk: &Desk, from: &str, to: &str) {
    let copied = std::process::Command::new("cp")
        .arg("-r")
        .args([desk.path(from), desk.path(to)])
        .status();
    assert!(copied.unwrap().success());
}

/// The one file below a folder of the repository whose name ends so.
fn file(desk: &Desk, folder: &str, ending: &str) -> PathBuf {
    let entries = fs::read_dir(desk.path(folder)).unwrap();
    let mut found = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(ending));
    let one = found.next().unwrap();
    assert!(found.next().is_none(), "{folder}: more than one {ending}");
    one
}

/// Nothing was written or prepared.
fn untouched(desk: &Desk) {
    assert!(!desk.path("bad.img").exists());
    let made = fs::read_dir(desk.path("islands.desk"))
        .into_iter()
        .flatten();
    let whole = made.filter(|entry| entry.as_ref().unwrap().path().join("facts.json").exists());
    assert_eq!(whole.count(), 0, "nothing looks prepared");
}

#[test]
fn a_signed_pack_is_on_the_card_and_is_served() {
    let Some(desk) = Desk::new("depot_card::signed") else {
        return;
    };
    publish(&desk, "repo", "1", &[]);
    publish(&desk, "repo", "2", &[]);
    profile(&desk, "repo", "1.root.json");
    desk.written(&["--serial-from", "SB-1", "a.img"]);
    let lines = desk.manifest();
    let packs = lines[0]["packs"].as_array().unwrap();
    let ids: Vec<&str> = packs
        .iter()
        .map(|pack| pack["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["a-book", "stars"]);
    let right = desk.verify(&["a.img"]);
    assert_eq!(right.code, Some(0), "{}", right.stderr);
    let world = system_tests::world::World::new();
    desk.take_data("a.img", world.data());
    let running = world.launch().start();
    let page = running.get_from("a-book", "/Second").expect(200).text();
    assert!(
        page.contains("This is version 2."),
        "the newest: {page:.200}"
    );
    running.stop();
}

#[test]
fn what_nobody_signed_what_is_old_and_what_was_turned_over_is_refused_in_a_line() {
    let Some(desk) = Desk::new("depot_card::unsigned") else {
        return;
    };
    publish(&desk, "repo", "1", &[]);
    for name in ["forged", "unsigned", "damaged", "swapped", "before"] {
        copy(&desk, "repo", name);
    }
    let timestamp = desk.path("forged/metadata/timestamp.json");
    let text = fs::read_to_string(&timestamp).unwrap();
    let sig = text.find("\"sig\"").unwrap() + 12;
    let other = if text.as_bytes()[sig] == b'0' {
        "1"
    } else {
        "0"
    };
    let mut forged = text.clone();
    forged.replace_range(sig..=sig, other);
    fs::write(&timestamp, forged).unwrap();
    fs::remove_file(desk.path("unsigned/metadata/timestamp.json")).unwrap();
    let of_pack = |name: &str| format!("{name}/targets/packs/a-book/1");
    let frames = file(&desk, &of_pack("damaged"), ".pack.frames");
    let name = frames.strip_prefix(desk.path("")).unwrap().to_owned();
    let middle = fs::metadata(&frames).unwrap().len() / 2;
    desk.flip(name.to_str().unwrap(), middle);
    let offer = file(&desk, &of_pack("swapped"), ".pack.json");
    fs::write(&offer, "{}").unwrap();
    let old = ["--at", "2020-01-01T00:00:00Z"];
    repo(
        &desk,
        &[&["init", "stale", "--root-key", "root"], &old[..]].concat(),
    );
    publish(&desk, "stale", "1", &old);
    repo(&desk, &["keygen", "thief"]);
    repo(&desk, &["init", "theirs", "--root-key", "thief"]);
    publish(&desk, "theirs", "1", &[]);

    for (repository, root, told) in [
        (
            "forged",
            "1.root.json",
            "timestamp has 0 good signatures and needs 1",
        ),
        (
            "unsigned",
            "1.root.json",
            "the repository has no timestamp.json",
        ),
        (
            "damaged",
            "1.root.json",
            "the pack a-book of the repository",
        ),
        ("swapped", "1.root.json", "is not what was signed for"),
        (
            "stale",
            "stale/metadata/1.root.json",
            "timestamp expired at 2020-12-31",
        ),
        ("theirs", "1.root.json", "the repository"),
    ] {
        profile(&desk, repository, root);
        let line = refused(&desk.write(&["bad.img"]), 1);
        assert!(line.contains(told), "{repository}: {line}");
        assert!(line.contains(repository), "{repository}: {line}");
        untouched(&desk);
    }

    // A newer one was believed: the copy from before is refused from then on, though every signature of it is good.
    publish(&desk, "repo", "2", &[]);
    profile(&desk, "repo", "1.root.json");
    desk.written(&["a.img"]);
    profile(&desk, "before", "1.root.json");
    let line = refused(&desk.write(&["bad.img"]), 1);
    assert!(line.contains("would go back from version"), "{line}");
    assert!(!desk.path("bad.img").exists());
    // Control: a desk that has seen nothing newer takes it.
    desk.written(&["--desk", "another", "bad.img"]);
}

#[test]
fn a_signed_pack_that_cannot_be_imported_is_told_with_where_it_is_from() {
    let Some(desk) = Desk::new("depot_card::unfit") else {
        return;
    };
    publish(&desk, "repo", "1", &[]);
    // Its tables are as they should be, and so the publisher's desk offered it.
    let mut broken = fs::read(desk.path("book.zim")).unwrap();
    let middle = broken.len() / 2;
    broken[middle] ^= 1;
    fs::write(desk.path("book.zim"), broken).unwrap();
    let add = ["add", "repo", "--pack", "book.zim", "--id", "a-book"];
    repo(&desk, &[&add[..], &["--version", "2"]].concat());
    profile(&desk, "repo", "1.root.json");
    let line = refused(&desk.write(&["bad.img"]), 1);
    assert!(
        line.contains("pack.repository: a-book 2 of repo: ") && line.contains("checksum"),
        "{line}"
    );
    untouched(&desk);
    // Control: the one before it.
    let text = fs::read_to_string(desk.path("islands.toml")).unwrap();
    let before = text.replacen("id = \"a-book\"", "id = \"a-book\"\nversion = 1", 1);
    fs::write(desk.path("islands.toml"), before).unwrap();
    desk.written(&["a.img"]);
}

#[test]
fn what_a_profile_cannot_ask_of_a_repository() {
    let Some(desk) = Desk::new("depot_card::wishes") else {
        return;
    };
    publish(&desk, "repo", "1", &[]);
    for (from, to, code, told) in [
        (
            "id = \"a-book\"",
            "id = \"no-book\"",
            1,
            "offers no pack no-book",
        ),
        (
            "id = \"a-book\"",
            "id = \"a-book\"\nversion = 9",
            1,
            "offers no pack a-book 9",
        ),
        (
            "id = \"a-book\"",
            "id = \"stars\"",
            2,
            "which another one is already",
        ),
        (
            "\nid = \"a-book\"",
            "",
            2,
            "line 10: a [[pack]] has either file",
        ),
        (
            "repository = \"repo\"",
            "repository = \"water\"",
            2,
            "line 10: pack.repository: ",
        ),
        (
            "repository = \"repo\"",
            "repository = \"repo\"\nfile = \"water\"",
            2,
            "a [[pack]] has either file",
        ),
    ] {
        profile(&desk, "repo", "1.root.json");
        let text = fs::read_to_string(desk.path("islands.toml")).unwrap();
        let changed = text.replacen(from, to, 1);
        assert_ne!(text, changed);
        fs::write(desk.path("islands.toml"), changed).unwrap();
        let line = refused(&desk.write(&["bad.img"]), code);
        assert!(line.contains(told), "{told}: {line}");
        untouched(&desk);
    }
    // Nobody says whom to believe.
    profile(&desk, "repo", "1.root.json");
    let text = fs::read_to_string(desk.path("islands.toml")).unwrap();
    fs::write(
        desk.path("islands.toml"),
        text.replacen("root = \"1.root.json\"", "", 1),
    )
    .unwrap();
    let line = refused(&desk.write(&["--trial", "bad.img"]), 2);
    assert!(line.contains("nobody says whom to believe"), "{line}");
    untouched(&desk);
}
