//! A card that `depot card write` made from the image and a country's profile: the first power-on serves the country's library with no import, with the
//! country's settings and the box's number, and the data grow to the whole card.
//!
//! Control: the same image without a library imports the starter lessons (`first_life`).

use ota::Slot;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use system_tests::vm::{BOOT, Bench, Card, Inside, Launch, Made, Superblock};
use system_tests::world::http::Request;
use system_tests::world::{Outcome, depot};

const GIB: u64 = 1 << 30;
const MIB: u64 = 1 << 20;

#[test]
fn the_first_power_on_serves_the_countrys_library() {
    let Some(made) = Made::found("image::packed_card") else {
        return;
    };
    let desk = tempfile::tempdir().unwrap();
    let packed = packed(&made, desk.path());
    let (card, bench) = (Card::like(&made, &packed), Bench::new());
    fs::remove_file(&packed).unwrap();
    let before = Superblock::of_data(&card);
    assert!(before.clean && before.bytes < GIB, "{before:?}");
    card.lay_over(Slot::A, &Inside::shell());
    let mut vm = Launch::of(&card, "packed-card").with_bench(&bench).boot();

    let first = vm.wait_for_page().text();
    assert!(first.contains("Water and bread"), "at once: {first}");
    let lesson = vm.send(&Request::get("/index.html").host("water.school.internal"));
    assert!(lesson.expect(200).text().contains("Water and bread"));
    let status = vm.status();
    assert_eq!(status["library"]["packs"], 1, "{status}");
    assert_eq!(status["serial"], "SB-0001");
    assert_eq!(status["utc_offset_min"], 480);
    let starter = vm.shell(
        "[ ! -e /data/starter-wanted ] && systemctl show --property=ConditionResult --value school-box-starter.service",
    );
    assert_eq!(starter.trim(), "no", "no import ran");
    let owners = vm.shell("find /data ! -user 900 ! -name lost+found | head -n 3");
    assert_eq!(owners, "", "what the supervisor does not own");
    vm.wait("the data to have the whole card", BOOT, |vm| {
        let bytes = vm.status()["storage"]["total_bytes"].as_u64()?;
        (bytes > 6_000 * MIB).then_some(())
    });
    let failed = vm.shell("systemctl --failed --no-legend");
    assert_eq!(failed, "", "nothing failed");
    eprintln!("packed card: {:?} of CPU", vm.cpu_time());
}

/// A card of 8 GB, written at a desk and checked against its manifest.
fn packed(made: &Made, desk: &Path) -> std::path::PathBuf {
    let lessons = desk.join("water");
    fs::create_dir(&lessons).unwrap();
    let page = "<!doctype html><html lang=\"en\"><title>Water and bread</title><p>Water and bread</p></html>";
    fs::write(lessons.join("index.html"), page).unwrap();
    fs::write(lessons.join("film.mp4"), vec![7; 3_000_000]).unwrap();
    let profile = format!(
        "[image]\nfile = {:?}\nversion = \"test\"\n[[pack]]\nfile = \"water\"\n[site]\nutc_offset_min = 480\n",
        fs::canonicalize(made.disk()).unwrap()
    );
    fs::write(desk.join("islands.toml"), profile).unwrap();
    let card = desk.join("card.img");
    File::create(&card).unwrap().set_len(8 * GIB).unwrap();
    for arguments in [
        &[
            "write",
            "--trial",
            "--profile",
            "islands.toml",
            "--serial-from",
            "SB-0001",
            "card.img",
        ][..],
        &["verify", "--manifest", "islands.cards.jsonl", "card.img"],
    ] {
        let mut command = Command::new(depot());
        command
            .arg("card")
            .args(arguments)
            .current_dir(desk)
            .stdin(Stdio::null());
        let outcome = Outcome::of(command);
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    }
    card
}
