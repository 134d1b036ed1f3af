//! What goes wrong, and what is said of it: one line, and nothing changed.

use super::desk::{Desk, PROFILE, looks_done, refused};
use super::looped::Looped;
use std::fs;
use std::process::Command;
use system_tests::world::SmallDisk;

#[test]
fn a_bad_profile_is_refused_in_one_line_that_names_the_place() {
    let Some(desk) = Desk::new("depot_card::profile") else {
        return;
    };
    fs::write(
        desk.path("odd.json"),
        "{\"signatures\": [], \"signed\": {}}",
    )
    .unwrap();
    let mut unsigned = fs::read_to_string(desk.path("1.root.json")).unwrap();
    let sig = unsigned.find("\"sig\"").unwrap() + 10;
    let other = if unsigned.as_bytes()[sig] == b'0' {
        "1"
    } else {
        "0"
    };
    unsigned.replace_range(sig..=sig, other);
    fs::write(desk.path("forged.json"), unsigned).unwrap();
    let zeros = "0".repeat(64);
    for (from, to, told) in [
        (
            "utc_offset_min",
            "utc_offset_hours",
            "islands.toml, line 16: unknown field `utc_offset_hours`",
        ),
        (
            "480",
            "4800",
            "islands.toml, line 16: site.utc_offset_min = 4800 is not allowed",
        ),
        (
            "country = \"PH\"",
            "country = \"ph\"",
            "islands.toml, line 19: air.country",
        ),
        // Two capitals, and no country: every box would keep to the rules that hold everywhere.
        (
            "country = \"PH\"",
            "country = \"XX\"",
            "islands.toml, line 19: air.country = \"XX\" is not allowed; give a country's",
        ),
        (
            "\"Lessons for the islands\"",
            "\" \"",
            "islands.toml, line 6: programme.name: give whose boxes these are",
        ),
        (
            "\"Lessons for the islands\"",
            &format!("\"{}\"", "L".repeat(65))[..],
            "islands.toml, line 6: programme.name: ",
        ),
        (
            "[[pack]]\nfile = \"water\"",
            "[[pack]]\nfolder = \"water\"",
            "islands.toml, line 10: unknown field `folder`",
        ),
        ("\"water\"", "\"fire\"", "line 10: pack.file: cannot read"),
        // A file that cannot be read, whoever asks: the system's own word is the last cause.
        (
            "\"water\"",
            "\"/proc/self/mem\"",
            "cannot read it: Input/output error",
        ),
        (
            "\"water\"",
            "\"stars\"",
            "becomes the pack stars, which another one is already",
        ),
        (
            "\"water\"",
            "\"system.img\"",
            "is neither a ZIM file nor a folder",
        ),
        (
            "root = \"1.root.json\"",
            "",
            "programme.root is missing: a box in the field has to know whom it believes",
        ),
        ("1.root.json", "none.json", "line 7: programme.root: "),
        ("1.root.json", "odd.json", "line 7: programme.root: "),
        (
            "1.root.json",
            "forged.json",
            "its own holders have not signed it, or a signature is wrong",
        ),
        ("system.img", "nothing.img", "line 2: image.file: "),
        (
            "programme_key = ",
            "# ",
            "records.programme_key is missing: no learner's record could ever leave such a box",
        ),
        ("version = \"2026.11\"", "", "missing field `version`"),
        (
            "[site]",
            "[update]\ntrust_root = \"/x\"\n[site]",
            "update.trust_root is not for a profile",
        ),
        (
            "version = ",
            "sha256 = \"12\"\nversion = ",
            "line 3: image.sha256 is no SHA-256",
        ),
        ("[[pack]]", "[[pack", "islands.toml, line 9"),
    ] {
        let text = PROFILE.replacen(from, to, 1);
        assert_ne!(text, PROFILE);
        fs::write(desk.path("islands.toml"), text).unwrap();
        let line = refused(&desk.write(&["card.img"]), 2);
        assert!(line.contains(told), "{told}: {line}");
    }
    for (from, to, told) in [
        (
            "version = ",
            &format!("sha256 = \"{zeros}\"\nversion = ")[..],
            "has the SHA-256",
        ),
        (
            "file = \"system.img\"",
            "file = \"1.root.json\"",
            "is no image of a school box",
        ),
    ] {
        fs::write(desk.path("islands.toml"), PROFILE.replacen(from, to, 1)).unwrap();
        let line = refused(&desk.write(&["card.img"]), 1);
        assert!(line.contains(told), "{told}: {line}");
    }
    assert!(!desk.path("card.img").exists() && !desk.path("islands.desk").join("x").exists());
    // Control: the profile as it was; and cards for a trial need no key.
    fs::write(
        desk.path("islands.toml"),
        PROFILE.replacen("root = \"1.root.json\"", "", 1),
    )
    .unwrap();
    let trial = desk.written(&["--trial", "card.img"]);
    assert!(
        trial
            .stderr
            .contains("believe nobody's updates, and are not for the field"),
        "{}",
        trial.stderr
    );
}

#[test]
fn a_pack_with_another_hash_is_refused_before_anything_is_copied() {
    let Some(desk) = Desk::new("depot_card::hash") else {
        return;
    };
    let zim = system_tests::world::Zim::new("A book", "eng");
    fs::write(desk.path("book.zim"), zim.bytes()).unwrap();
    let profile = PROFILE.replacen(
        "file = \"water\"",
        &format!("file = \"book.zim\"\nsha256 = \"{}\"", "ab".repeat(32)),
        1,
    );
    fs::write(desk.path("islands.toml"), profile).unwrap();
    let line = refused(&desk.write(&["card.img"]), 1);
    assert!(
        line.contains("book.zim has the SHA-256") && line.contains("the profile says abab"),
        "{line}"
    );
    assert!(!desk.path("card.img").exists());
}

#[test]
fn somebodys_file_a_folder_a_small_file_and_mistyped_names() {
    let Some(desk) = Desk::new("depot_card::targets") else {
        return;
    };
    let letter = vec![b'x'; 700 << 20 >> 4];
    fs::write(desk.path("letter"), &letter).unwrap();
    fs::File::create(desk.path("small"))
        .unwrap()
        .set_len(1 << 20)
        .unwrap();
    for (arguments, code, told) in [
        (
            &["letter"][..],
            1,
            "is a file with something in it: nothing was written; to erase it, say so with --yes-erase letter",
        ),
        (
            &["--yes-erase", "lettre", "letter"],
            1,
            "--yes-erase letter",
        ),
        (
            &["--yes-erase", "other", "new.img"],
            2,
            "--yes-erase other: nothing of that name",
        ),
        (&["water"], 1, "it is neither a card nor a file"),
        (&["/dev/null"], 1, "it is neither a card nor a file"),
        (&["new.img", "new.img"], 2, "new.img is named twice"),
        (
            &["--serial-from", "SB-9", "new.img", "more.img"],
            2,
            "there is no number for card 2",
        ),
        (&["small"], 1, "small: it holds 1 MB and needs"),
        (&["nowhere/new.img"], 1, "nowhere/new.img cannot be opened"),
    ] {
        let line = refused(&desk.write(arguments), code);
        assert!(line.contains(told), "{told}: {line}");
    }
    assert!(fs::read(desk.path("letter")).unwrap() == letter);
    assert!(!desk.path("new.img").exists() || !looks_done(&desk.path("new.img")));
}

#[test]
fn a_mounted_disk_and_a_large_one_want_a_persons_word() {
    let test = "depot_card::mounted";
    let Some(desk) = Desk::new(test) else { return };
    let file = desk.path("disk");
    let Some(disk) = Looped::new(test, &file, 1 << 30) else {
        return;
    };
    let run = |program: &str, arguments: &[&str]| {
        assert!(
            Command::new(program)
                .args(arguments)
                .status()
                .unwrap()
                .success(),
            "{program}"
        );
    };
    run("/usr/sbin/mke2fs", &["-q", "-F", disk.device()]);
    fs::create_dir(desk.path("place")).unwrap();
    run(
        "mount",
        &[disk.device(), desk.path("place").to_str().unwrap()],
    );
    fs::write(desk.path("place/thesis.txt"), "three years of work").unwrap();
    let line = refused(&desk.write(&[disk.device()]), 1);
    let kept = fs::read_to_string(desk.path("place/thesis.txt"));
    run("umount", &[desk.path("place").to_str().unwrap()]);
    assert!(
        line.contains("is mounted on ") && line.contains(&format!("--yes-erase {}", disk.name())),
        "{line}"
    );
    assert_eq!(kept.unwrap(), "three years of work");

    fs::write(
        desk.path("islands.toml"),
        PROFILE.replacen("[[pack]]", "[card]\nlargest_gb = 1\n\n[[pack]]", 1),
    )
    .unwrap();
    let line = refused(&desk.write(&[disk.device()]), 1);
    assert!(line.contains("more than a card of 1 GB"), "{line}");
    let word = desk.written(&["--yes-erase", disk.name(), disk.device()]);
    assert!(
        word.stdout.contains("written and compared"),
        "{}",
        word.stdout
    );
}

#[test]
fn a_card_that_fails_half_way_is_told_and_the_other_one_is_done() {
    let test = "depot_card::half_way";
    let Some(desk) = Desk::new(test) else { return };
    // A disk whose blocks are on a file system that is soon full: the kernel says EIO.
    let Some(full) = SmallDisk::mount(test, 24) else {
        return;
    };
    let broken = full.path().join("card");
    let Some(disk) = Looped::new(test, &broken, 1 << 30) else {
        return;
    };
    let outcome = desk.write(&["good.img", disk.device()]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert!(
        outcome.stdout.contains("good.img: written and compared"),
        "{}",
        outcome.stdout
    );
    let told = format!("depot: {}: it cannot be ", disk.name());
    assert!(outcome.stderr.contains(&told), "{told}: {}", outcome.stderr);
    assert!(
        outcome
            .stderr
            .contains("1 of 2 cards is not done; write it again"),
        "{}",
        outcome.stderr
    );
    // How it ended is the last that is said of it.
    let of_it = format!("{}: ", disk.name());
    let behind = outcome.stderr.split_once(&told).unwrap().1;
    assert!(
        !behind.lines().any(|line| line.starts_with(&of_it)),
        "{}",
        outcome.stderr
    );
    assert_eq!(
        desk.manifest().len(),
        1,
        "no line for a card that is not done"
    );
    assert!(!looks_done(&broken));
}

#[test]
fn a_file_on_a_full_disk_is_not_called_broken_or_pulled_out() {
    let test = "depot_card::full";
    let Some(desk) = Desk::new(test) else { return };
    let Some(full) = SmallDisk::mount(test, 8) else {
        return;
    };
    let card = full.path().join("card.img");
    let outcome = desk.write(&[card.to_str().unwrap()]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let told: Vec<&str> = outcome
        .stderr
        .lines()
        .filter(|line| line.starts_with("depot: "))
        .collect();
    assert!(
        told.len() == 2
            && told[0].contains("card.img: it cannot be ")
            && told[0].contains("the disk that this file is on is full; make room there")
            && !told[0].contains("pulled out"),
        "{told:?}"
    );
    assert!(
        told[1].contains("1 of 1 card is not done; write it again"),
        "{told:?}"
    );
}

#[test]
fn a_manifest_that_is_none_and_a_card_of_nobody() {
    let Some(desk) = Desk::new("depot_card::manifest") else {
        return;
    };
    let line = refused(&desk.verify(&["system.img"]), 1);
    assert!(
        line.contains("cannot read the manifest islands.cards.jsonl"),
        "{line}"
    );
    desk.written(&["--serial-from", "SB-1", "a.img"]);
    let outcome = desk.verify(&["system.img", "nothing.img"]);
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome
            .stderr
            .contains("system.img: no serial number of the manifest is on it"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome.stderr.contains("nothing.img: it cannot be read"),
        "{}",
        outcome.stderr
    );
    // Nothing that could be written again.
    let last = "depot: 2 of 2 cards could not be checked\n";
    assert!(outcome.stderr.ends_with(last), "{}", outcome.stderr);
    let outcome = desk.verify(&["/dev/null", "water", "a.img"]);
    assert_eq!(outcome.code, Some(1));
    for told in [
        "null: it is no card: name a card, or the file of one",
        "water: it is no card: ",
        "2 of 3 cards could not be checked",
    ] {
        assert!(outcome.stderr.contains(told), "{told}: {}", outcome.stderr);
    }
    assert!(outcome.stdout.contains("a.img: SB-1, as the manifest says"));
    fs::write(desk.path("islands.cards.jsonl"), "no line\n").unwrap();
    let line = refused(&desk.verify(&["a.img"]), 1);
    assert!(line.contains("islands.cards.jsonl, line 1: "), "{line}");
}
