//! Which number, which image: what the manifest and the label say of a card is what is on it.

use super::desk::{Desk, PROFILE, refused};
use std::fs;

#[test]
fn cards_get_the_numbers_of_a_list_and_a_bad_list_writes_nothing() {
    let Some(desk) = Desk::new("depot_card::list") else {
        return;
    };
    let list = |text: &str| fs::write(desk.path("printed.txt"), text).unwrap();
    let cards = ["--serials", "printed.txt", "a.img", "b.img"];
    for (text, told) in [
        ("MANILA-7\n", "printed.txt has 1 number for 2 cards"),
        (
            "MANILA-7\nCEBU-3\nMANILA-7\n",
            "printed.txt, line 3: MANILA-7 stands in line 1 already",
        ),
        (
            "MANILA-7\nCEBU 3\n",
            "printed.txt, line 2: a serial number has 1 to 32 of",
        ),
    ] {
        list(text);
        let line = refused(&desk.write(&cards), 2);
        assert!(line.contains(told), "{told}: {line}");
    }
    let line = refused(&desk.write(&["--serials", "none.txt", "a.img"]), 1);
    assert!(
        line.contains("--serials: none.txt cannot be read"),
        "{line}"
    );
    assert!(!desk.path("a.img").exists() && !desk.path("islands.desk").exists());
    let both = desk.write(&["--serial-from", "SB-1", "--serials", "printed.txt", "a.img"]);
    assert_eq!(both.code, Some(2), "{}", both.stderr);

    list("MANILA-7\nCEBU-3\nDAVAO-1\n");
    let written = desk.written(&cards);
    for told in [
        "a.img: written and compared, MANILA-7",
        "b.img: written and compared, CEBU-3",
    ] {
        assert!(written.stdout.contains(told), "{}", written.stdout);
    }
    let next = "printed.txt has numbers for more cards: the next one is DAVAO-1";
    assert!(written.stderr.contains(next), "{}", written.stderr);
    let mut serials: Vec<String> = desk
        .manifest()
        .iter()
        .map(|line| line["serial"].to_string())
        .collect();
    serials.sort();
    assert_eq!(serials, ["\"CEBU-3\"", "\"MANILA-7\""]);
    let right = desk.verify(&["b.img"]);
    assert!(
        right.stdout.contains("b.img: CEBU-3, as the manifest says"),
        "{}",
        right.stderr
    );
    // Control: a list that is at its end.
    list("DAVAO-1\n");
    let last = desk.written(&["--serials", "printed.txt", "c.img"]);
    assert!(!last.stderr.contains("the next one"), "{}", last.stderr);
}

#[test]
fn another_image_has_a_name_and_a_hash_of_its_own() {
    let Some(desk) = Desk::new("depot_card::instead") else {
        return;
    };
    fs::copy(desk.path("system.img"), desk.path("next.img")).unwrap();
    desk.flip("next.img", super::image::ROOT_A + 9);
    let unnamed = desk.write(&["--image", "next.img", "a.img"]);
    assert_eq!(unnamed.code, Some(2), "{}", unnamed.stderr);
    assert!(
        unnamed.stderr.contains("--image-version"),
        "{}",
        unnamed.stderr
    );
    let sealed = format!("sha256 = \"{}\"\nversion = ", desk.sha256("system.img"));
    fs::write(
        desk.path("islands.toml"),
        PROFILE.replacen("version = ", &sealed, 1),
    )
    .unwrap();
    let next = ["--image", "next.img", "--image-version", "2026.12"];
    let line = refused(&desk.write(&[&next[..], &["a.img"]].concat()), 2);
    assert!(
        line.contains("say what this one must be with --image-sha256"),
        "{line}"
    );
    let wrong = desk.sha256("system.img");
    let line = refused(
        &desk.write(&[&next[..], &["--image-sha256", &wrong, "a.img"]].concat()),
        1,
    );
    assert!(line.contains("next.img has the SHA-256"), "{line}");
    assert!(!desk.path("a.img").exists());

    let right = desk.sha256("next.img");
    desk.written(&[&next[..], &["--image-sha256", &right, "a.img"]].concat());
    desk.written(&["b.img"]);
    let lines = desk.manifest();
    let image = |place: usize, key: &str| lines[place]["image"][key].as_str().unwrap().to_owned();
    assert_eq!(
        (image(0, "version"), image(0, "sha256")),
        ("2026.12".to_owned(), right)
    );
    // Control: the profile's own, without a word.
    assert_eq!(
        (image(1, "version"), image(1, "sha256")),
        ("2026.11".to_owned(), wrong)
    );
}
