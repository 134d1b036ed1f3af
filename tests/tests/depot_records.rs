//! Records from the box to the programme's desk and its receipts back: sealed on the way, whole at the end, and believed only from whom they
//! come.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

mod records_rig;

use records_rig::{Desk, NAMES, School, files, holds, name};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

#[test]
fn two_hundred_learners_go_there_sealed_and_their_receipts_come_back() {
    for runs in [true, false] {
        let desk = Desk::new("programme");
        let school = School::of(&desk, 3);
        let running = runs.then(|| school.world.start());
        let stick = school.world.path("stick");
        let told = school.export(&stick).succeeded().json();
        let sent = school.count();
        assert_eq!(told["statements"], sent);
        assert_eq!(told["demo"], false);
        let bundles = files(&stick, "sealed");
        assert!(!bundles.is_empty());
        for file in &bundles {
            let bytes = fs::read(file).unwrap();
            for number in 0..NAMES {
                assert!(
                    !holds(&bytes, name(number).as_bytes()),
                    "{}",
                    file.display()
                );
            }
            let own = file.file_name().unwrap().to_string_lossy().into_owned();
            assert!(own.len() == "00112233-4455-6677-8899-aabbccddeeff-00001.sealed".len());
        }
        // Nothing is left in the box's own folder, and the same again writes nothing.
        assert!(files(&school.world.data().join("out"), "sealed").is_empty());
        let again = school.export(&stick).succeeded().json();
        let written = |told: &Value| {
            let all = told["bundles"].as_array().unwrap().iter();
            all.filter(|one| one["written"] == true).count()
        };
        assert_eq!((written(&told), written(&again)), (bundles.len(), 0));

        let opened = desk.open(&[&stick]).succeeded().json();
        assert!(opened["missing"].as_object().unwrap().is_empty());
        let lines: Vec<String> = files(&desk.out(), "jsonl")
            .iter()
            .flat_map(|file| {
                let text = fs::read_to_string(file).unwrap();
                text.lines().map(ToOwned::to_owned).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(lines.len() as u64, sent);
        let who: BTreeSet<String> = lines
            .iter()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .map(|one| one["actor"]["account"]["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(who.len(), NAMES, "the control: the names were in them");

        let taken = school.receipts(&desk.out()).succeeded().json();
        assert_eq!(taken["taken"], bundles.len());
        let known = school.receipts(&desk.out()).succeeded().json();
        assert_eq!(
            (&known["taken"], &known["known"]),
            (&0.into(), &bundles.len().into())
        );
        let nothing = school
            .export(&school.world.path("other"))
            .succeeded()
            .json();
        assert_eq!(nothing["received"], sent);
        assert_eq!(nothing["statements"], 0);
        // What comes later goes alone.
        let Some(running) = running else { continue };
        school.one_more(&running);
        let later = school.export(&stick).succeeded().json();
        assert_eq!(
            (&later["statements"], &later["received"]),
            (&1.into(), &sent.into())
        );
        let verified = school.verify().succeeded().json();
        assert_eq!(verified["statements"], sent + 1);
        assert_eq!(verified["changed_bundles"].as_array().unwrap().len(), 0);
        running.stop();
    }
}

#[test]
fn without_a_key_nothing_leaves_the_box_and_it_says_how_to_get_one() {
    let desk = Desk::new("nobody");
    let school = School::of(&desk, 1);
    fs::remove_file(school.world.data().join("config.toml")).unwrap();
    let stick = school.world.path("stick");
    let refused = school.export(&stick);
    let line = refused.refused(1);
    assert!(line.contains("depot records keygen"), "{line}");
    assert!(!stick.exists());
    // The demo programme is for the simulated school day alone.
    let board = format!("sim:{}", school.world.sim().dir().display());
    school.export_on(&stick, &board).refused(1);
    let told = school.export_on(&stick, "sim").succeeded().json();
    assert_eq!(told["demo"], true);
    let demo = Desk::demo();
    let opened = demo.open(&[&stick]).succeeded().json();
    assert_eq!(opened["opened"].as_array().unwrap().len(), 1);
}

#[test]
fn what_a_stick_or_a_thief_changed_is_refused_with_one_line() {
    let (desk, other) = (Desk::new("one"), Desk::new("other"));
    let school = School::of(&desk, 1);
    let stick = school.world.path("stick");
    school.export(&stick).succeeded();
    let whole = files(&stick, "sealed").remove(0);
    let bytes = fs::read(&whole).unwrap();
    let mut flipped = bytes.clone();
    let middle = bytes.len() / 2;
    flipped[middle] ^= 1;
    let cases: [(&str, Vec<u8>, &str); 4] = [
        ("flipped", flipped, "damaged or cut short"),
        (
            "short",
            bytes[..bytes.len() - 1].to_vec(),
            "damaged or cut short",
        ),
        (
            "longer",
            [bytes.as_slice(), b"x"].concat(),
            "damaged or cut short",
        ),
        ("none", b"hello".to_vec(), "no bundle"),
    ];
    for (name, bytes, why) in cases {
        let file = school.world.write(&format!("{name}.sealed"), bytes);
        let refused = desk.open(&[&file]);
        let line = refused.refused(1);
        assert!(line.contains(why) && line.contains(name), "{line}");
        assert!(files(&desk.out(), "jsonl").is_empty(), "{name}");
        assert!(files(&desk.out(), "new").is_empty(), "{name}");
        assert!(files(&desk.out().join("receipts"), "receipt").is_empty());
    }
    let refused = other.open(&[&whole]);
    assert!(refused.refused(1).contains("is sealed for the programme"));
    let missing = school.world.path("not-there");
    assert!(desk.open(&[&missing]).refused(1).contains("not-there"));

    // One bad bundle keeps no other from being opened.
    let bad = school.world.path("flipped.sealed");
    let refused = desk.open(&[&bad, &whole]);
    assert!(refused.refused(1).contains("1 of 2"));
    assert_eq!(files(&desk.out(), "jsonl").len(), 1);
}

#[test]
fn a_receipt_is_believed_from_the_programme_alone() {
    let (desk, thief) = (Desk::new("one"), Desk::new("thief"));
    let school = School::of(&desk, 1);
    let stick = school.world.path("stick");
    school.export(&stick).succeeded();
    desk.open(&[&stick]).succeeded();
    let receipt = files(&desk.out().join("receipts"), "receipt").remove(0);
    let text = fs::read_to_string(&receipt).unwrap();
    let forge = |name: &str, text: String| -> PathBuf { school.world.write(name, text) };
    let number = text.replace("\"number\":1", "\"number\":2");
    assert_ne!(number, text);
    let by_thief = text.replace(&desk.programme, &thief.programme);
    for (file, why) in [
        (forge("number.receipt", number), "signature"),
        (forge("thief.receipt", by_thief), "signed it"),
        (forge("none.receipt", "{}".to_owned()), "no receipt"),
        (
            forge("noise.receipt", "\u{0}\u{7f}".to_owned()),
            "no receipt",
        ),
    ] {
        let refused = school.receipts(&file);
        let line = refused.refused(1);
        assert!(line.contains(why), "{line}");
    }
    let nothing = school.export(&stick).succeeded().json();
    assert_eq!(nothing["received"], 0, "no forged one was taken");
    // The control: the true one is.
    let taken = school.receipts(&receipt).succeeded().json();
    assert_eq!(taken["taken"], 1);
    // Another school's box has no use for it, and says so.
    let elsewhere = School::of(&desk, 1);
    let taken = elsewhere.receipts(&receipt).succeeded().json();
    assert_eq!(taken["of_other_boxes"], 1);
}

/// The courier has the wrong folder, and hears of it.
#[test]
fn a_folder_without_receipts_is_no_success() {
    let desk = Desk::new("programme");
    let school = School::of(&desk, 1);
    let stick = school.world.path("stick");
    school.export(&stick).succeeded();
    let none = school.receipts(&stick);
    let line = none.refused(1);
    let begins = format!("no receipt of the programme in {}: ", stick.display());
    assert!(line.contains(&begins), "{line}");
    assert_eq!(none.json()["taken"], 0);
    // The control.
    desk.open(&[&stick]).succeeded();
    let taken = school.receipts(&desk.out()).succeeded().json();
    assert_eq!(taken["taken"], 1);
}

/// A bad receipt is told by its name, and keeps none of those after it out.
#[test]
fn bad_receipts_on_a_stick_keep_no_good_one_out() {
    let (desk, thief) = (Desk::new("one"), Desk::new("thief"));
    let school = School::of(&desk, 1);
    let stick = school.world.path("stick");
    school.export(&stick).succeeded();
    desk.open(&[&stick]).succeeded();
    let good = files(&desk.out().join("receipts"), "receipt").remove(0);
    let text = fs::read_to_string(&good).unwrap();
    // Each before the good one, in the order in which they are taken.
    fs::write(stick.join("0-noise.receipt"), [0xff, 0, 7]).unwrap();
    fs::create_dir(stick.join("1-folder.receipt")).unwrap();
    let stolen = text.replace(&desk.programme, &thief.programme);
    fs::write(stick.join("2-stolen.receipt"), stolen).unwrap();
    fs::rename(&good, stick.join("3-good.receipt")).unwrap();
    let refused = school.receipts(&stick);
    let line = refused.refused(1);
    for name in ["0-noise.receipt", "1-folder.receipt", "2-stolen.receipt"] {
        assert!(line.contains(name), "{name}: {line}");
    }
    assert!(line.contains("3 of the receipts"), "{line}");
    let told = refused.json();
    assert_eq!((&told["taken"], &told["refused"]), (&1.into(), &3.into()));
    let nothing = school.export(&stick).succeeded().json();
    assert_eq!(nothing["received"], school.count(), "it was taken in");
}

/// Two who ask for the same bundle at once are given two files; two who write to the same folder do so one after the other.
#[test]
fn exports_at_once_are_each_whole() {
    let desk = Desk::new("programme");
    let school = School::of(&desk, 20);
    let running = school.world.start();
    for round in 0..3 {
        let sticks: Vec<PathBuf> = (0..4)
            .map(|number| school.world.path(format!("stick-{round}-{number}")))
            .collect();
        std::thread::scope(|scope| {
            for stick in &sticks {
                scope.spawn(|| school.export(stick).succeeded());
            }
        });
        for stick in &sticks {
            let opened = desk.open(&[stick]).succeeded().json();
            let all = opened["opened"].as_array().unwrap().iter();
            let statements = all.map(|one| one["statements"].as_u64().unwrap());
            assert_eq!(statements.sum::<u64>(), school.count(), "{opened:#}");
            fs::remove_dir_all(desk.out()).unwrap();
        }
        let left = files(&school.world.data().join("out"), "sealed");
        assert!(left.is_empty(), "{left:?}");
    }
    let one = school.world.path("one-stick");
    fs::create_dir(&one).unwrap();
    let held = fs::File::open(&one).unwrap();
    held.lock().unwrap();
    let line = school.export(&one).refused(1).to_owned();
    assert!(line.contains("another export is writing"), "{line}");
    assert!(files(&one, "sealed").is_empty());
    drop(held);
    school.export(&one).succeeded();
    desk.open(&[&one]).succeeded();
    running.stop();
}

#[test]
fn a_key_is_for_its_owner_alone_and_never_written_over() {
    use std::os::unix::fs::MetadataExt as _;
    let desk = Desk::new("one");
    let mode = fs::metadata(desk.key()).unwrap().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let before = fs::read(desk.key()).unwrap();
    let key = desk.key().display().to_string();
    let refused = records_rig::depot(&["records", "keygen", "--out", &key]);
    assert!(refused.refused(1).contains("never written over"));
    assert_eq!(fs::read(desk.key()).unwrap(), before);
    let two = Desk::new("two");
    assert_ne!(two.programme, desk.programme);
    // A slip of the hand in the box's configuration is told with its line.
    let school = School::of(&desk, 1);
    let config = school.world.data().join("config.toml");
    let text = fs::read_to_string(&config).unwrap();
    let wrong = text.replacen("programme:1:", "programme:1:A", 1);
    fs::write(&config, wrong).unwrap();
    let refused = school.world.launch().expect_end();
    let line = refused.refused(2);
    assert!(line.contains("records.programme_key"), "{line}");
}
