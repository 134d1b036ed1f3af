//! A wrong byte on a card is told with the pack whose it is. Where the bytes stand is found by `debugfs`, not by what is tested.

use super::desk::Desk;
use std::fs;
use std::process::Command;

const BLOCK: u64 = 4096;

/// Where a file of the data partition begins on a card.
fn place(desk: &Desk, card: &str, path: &str) -> u64 {
    let at = desk.manifest()[0]["data"]["at"].as_u64().unwrap();
    let image = format!("{}?offset={at}", desk.path(card).display());
    let told = Command::new("/usr/sbin/debugfs")
        .args(["-R", &format!("blocks {path}"), &image])
        .output()
        .unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let first = told.split_whitespace().next().unwrap();
    at + first.parse::<u64>().unwrap() * BLOCK
}

/// The blob of a pack's film.
fn film(desk: &Desk, pack: &str) -> String {
    let name = desk.sha256(&format!("{pack}/film.mp4"));
    format!("/library/blobs/{}/{name}", &name[..2])
}

#[test]
fn a_wrong_byte_is_told_with_the_pack_whose_it_is() {
    let Some(desk) = Desk::new("depot_card::named") else {
        return;
    };
    desk.written(&["--serial-from", "SB-1", "a.img", "b.img"]);
    let [water, stars] = ["water", "stars"].map(|pack| film(&desk, pack));
    let flips = [
        (
            place(&desk, "a.img", &water) + 70_000,
            "water (Water and bread)",
            &water,
        ),
        (
            place(&desk, "a.img", &stars) + 7,
            "stars (The stars above)",
            &stars,
        ),
    ];
    for (at, pack, blob) in &flips {
        desk.flip("a.img", *at);
        let wrong = desk.verify(&["a.img", "b.img"]);
        desk.flip("a.img", *at);
        assert_eq!(wrong.code, Some(1), "{}", wrong.stderr);
        let told = format!("a.img: the pack {pack} differs from what was written: {blob}");
        assert!(wrong.stderr.contains(&told), "{told}: {}", wrong.stderr);
        assert_eq!(
            wrong.stderr.matches("the pack").count(),
            1,
            "{}",
            wrong.stderr
        );
        assert!(wrong.stdout.contains("b.img: SB-2, as the manifest says"));
    }
    let settings = place(&desk, "a.img", "/config.toml") + 3;
    desk.flip("a.img", settings);
    let wrong = desk.verify(&["a.img"]);
    let told = "a.img: /config.toml differs from what was written";
    assert!(wrong.stderr.contains(told), "{}", wrong.stderr);
    // Without what was noted beside the manifest the partition alone is told, and how to learn more.
    fs::rename(desk.path("islands.cards.maps"), desk.path("elsewhere")).unwrap();
    let wrong = desk.verify(&["a.img"]);
    let told = "the data partition, with the library, differs from what was written (which pack it is of cannot be told: ";
    assert!(wrong.stderr.contains(told), "{}", wrong.stderr);
    // Control: the bytes turned back, all is as the manifest says.
    desk.flip("a.img", settings);
    let right = desk.verify(&["a.img"]);
    assert_eq!(right.code, Some(0), "{}", right.stderr);
}
