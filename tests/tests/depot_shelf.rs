//! `depot shelf`: the store as a supply officer asks after it, from manifests and scanned codes, good and bad.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use system_tests::world::{Outcome, World, depot};

/// A desk with its files.
struct Desk {
    dir: tempfile::TempDir,
}

fn card(serial: &str) -> Value {
    json!({
        "format": 1, "serial": serial, "profile": "philippines", "programme": "Learning", "written": "2026-11-01",
        "depot": "0.1.0", "image": {"version": "2026.11", "sha256": "00", "parts": []},
        "data": {"at": 1, "sha256": "11", "bytes": 4096, "serial_at": 2}, "packs": [], "battery_wh": 256.0
    })
}

/// As a scanner writes it; the checksum is made as the box makes it, by `sha256sum`.
fn code(serial: &str, system: &str, at: &str, charge: &str, letters: &str) -> String {
    let body = format!("SBT1/{serial}/{system}/17/{at}/{charge}/250/{letters}/1.1");
    let mut hash = Command::new("sha256sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    hash.stdin
        .take()
        .unwrap()
        .write_all(body.as_bytes())
        .unwrap();
    let sum = String::from_utf8(hash.wait_with_output().unwrap().stdout).unwrap();
    format!("{body}/{}", sum[..8].to_uppercase())
}

fn well(serial: &str) -> String {
    code(
        serial,
        "2026.11",
        "20261102T080000Z",
        "90",
        "OOOOOOOOOOOOOOO",
    )
}

impl Desk {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self, name: &str, lines: &[String]) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        path
    }

    fn shelf(&self, arguments: &[&str]) -> Outcome {
        let mut command = Command::new(depot());
        command
            .arg("shelf")
            .args(arguments)
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        Outcome::of(command)
    }
}

const TODAY: [&str; 2] = ["--today", "2026-11-29"];

#[test]
fn two_hundred_boxes_in_a_page() {
    let desk = Desk::new();
    let serial = |number: u32| format!("SB-{number:04}");
    let cards: Vec<String> = (1..=200)
        .map(|number| card(&serial(number)).to_string())
        .collect();
    desk.file("cards.jsonl", &cards);
    let results: Vec<String> = (1..=197)
        .map(|number| match number {
            5 => code(
                &serial(5),
                "2026.11",
                "20261102T080000Z",
                "30",
                "OOOOOOOOOOOOOOO",
            ),
            6 | 7 => code(
                &serial(number),
                "2026.9",
                "20261102T080000Z",
                "90",
                "OOOOOOOOOOOOOOO",
            ),
            8 => code(
                &serial(8),
                "2026.11",
                "20261102T080000Z",
                "90",
                "OOOOFOOOFOOOOOO",
            ),
            number => well(&serial(number)),
        })
        .collect();
    desk.file("scanned.txt", &results);
    let outcome = desk
        .shelf(
            &[
                &[
                    "cards.jsonl",
                    "--results",
                    "scanned.txt",
                    "--latest",
                    "2026.11",
                ],
                &TODAY[..],
            ]
            .concat(),
        )
        .succeeded();
    let page = &outcome.stdout;
    assert_eq!(outcome.stderr, "");
    assert!(
        page.starts_with("7 of 200 boxes are due: 4 a check, 1 a charge, 2 an update.\nNext: "),
        "{page}"
    );
    assert!(page.lines().all(|line| line.len() < 80), "{page}");
    for line in [
        "SB-0008          now        check   failed on 2026-11-02: radio, wake alarm",
        "SB-0198          now        check   it was never tested",
        "SB-0005          now        charge  30 % left, 23 % in 6 months",
        "SB-0006          now        update  it has 2026.9, the newest is 2026.11",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
    assert!(!page.contains("\nSB-0001"), "it is due nothing: {page}");
    let all = desk.shelf(&[
        "cards.jsonl",
        "--results",
        "scanned.txt",
        "--all",
        "--today",
        "2026-11-29",
    ]);
    let line = "SB-0001          2026.11      2026-11-02   90 %    73 %  philippines";
    assert!(all.stdout.contains(line), "{}", all.stdout);

    // Eight months later nothing but time has passed.
    let later = [
        "cards.jsonl",
        "--results",
        "scanned.txt",
        "--latest",
        "2026.11",
        "--today",
        "2027-12-01",
    ];
    let page = desk.shelf(&later).succeeded().stdout;
    assert!(page.starts_with("200 of 200 boxes are due: "), "{page}");
}

#[test]
fn json_tells_what_is_left_and_the_most_urgent_is_first() {
    let desk = Desk::new();
    desk.file(
        "cards.jsonl",
        &["A", "B", "C"].map(|serial| card(serial).to_string()),
    );
    let late = code("B", "2026.11", "20260502T080000Z", "60", "OOOOOOOOOOOOOOO");
    // Of two results the newer counts, in whatever order they were scanned.
    let old = code("A", "2026.11", "20260101T080000Z", "20", "FOOOOOOOOOOOOOO");
    desk.file("scanned.txt", &[well("A"), old, late, well("C")]);
    let found = desk
        .shelf(
            &[
                &[
                    "cards.jsonl",
                    "--results",
                    "scanned.txt",
                    "--json",
                    "--months",
                    "12",
                ],
                &TODAY[..],
            ]
            .concat(),
        )
        .succeeded()
        .json();
    let serials: Vec<&str> = found["boxes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["serial"].as_str().unwrap())
        .collect();
    assert_eq!(serials, ["B", "A", "C"], "{found:#}");
    let boxes = &found["boxes"];
    assert_eq!(
        (&boxes[0]["duties"][0]["what"], &boxes[1]["tested"]),
        (&json!("charge"), &json!("2026-11-02"))
    );
    // As `school-box storage` reckons: 3 % and a milliwatt a month, and a look.
    let left = |place: usize, key: &str| boxes[place][key].as_f64().unwrap();
    assert!(
        (left(1, "charge_today_percent") - 90.0).abs() < 0.01,
        "{found:#}"
    );
    assert!(
        (50.0..62.0).contains(&left(1, "charge_then_percent")),
        "{found:#}"
    );
    assert!(left(0, "charge_today_percent") < 50.0, "{found:#}");
}

#[test]
fn what_is_strange_gets_a_line_and_the_others_are_listed() {
    let desk = Desk::new();
    let mut odd = card("D");
    odd["colour"] = json!("blue");
    let nameless = json!({"serial": null});
    let mut without = card("E");
    without["serial"] = nameless["serial"].clone();
    desk.file(
        "cards.jsonl",
        &[
            card("A").to_string(),
            "{\"format\": 1}".to_owned(),
            String::new(),
            card("B").to_string(),
            card("A").to_string(),
            odd.to_string(),
            without.to_string(),
        ],
    );
    let damaged = well("A").replace("20261102", "20261103");
    let future = code("B", "2026.11", "20310101T000000Z", "90", "OOOOOOOOOOOOOOO");
    desk.file(
        "scanned.txt",
        &[
            damaged,
            well("A"),
            "https://example.org/menu".to_owned(),
            future,
            well("Z"),
            format!("QR-Code:{}", well("D")),
        ],
    );
    let outcome = desk.shelf(
        &[
            &["cards.jsonl", "--results", "scanned.txt", "--json"],
            &TODAY[..],
        ]
        .concat(),
    );
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let told = &outcome.stderr;
    for (line, what) in [
        ("cards.jsonl, line 2", "missing field"),
        (
            "cards.jsonl, line 5",
            "A stands in the manifests twice: this line counts",
        ),
        ("cards.jsonl, line 6", "the key `colour` is not known"),
        ("cards.jsonl, line 7", "no serial number"),
        ("scanned.txt, line 1", "damaged: scan the code again"),
        ("scanned.txt, line 3", "no result of a self-test"),
        ("B: its result is of 2031-01-01", "clock"),
        ("scanned.txt, line 5", "Z stands in no manifest"),
        ("3 lines cannot be read", "above"),
    ] {
        let found = told
            .lines()
            .filter(|told| told.contains(line) && told.contains(what));
        assert_eq!(found.count(), 1, "{line}: {told}");
    }
    let found = outcome.json();
    let boxes = found["boxes"].as_array().unwrap();
    let tested = |serial: &str| {
        let one = boxes.iter().find(|one| one["serial"] == serial).unwrap();
        one["tested"].clone()
    };
    assert_eq!(boxes.len(), 3, "{found:#}");
    assert_eq!(
        (tested("A"), tested("D")),
        (json!("2026-11-02"), json!("2026-11-02"))
    );
    assert_eq!(
        tested("B"),
        Value::Null,
        "of the future nothing is believed"
    );

    // What a person can only look into is no failure, however often the store is asked.
    let mut slip = card("SB-l");
    slip["written"] = json!("2026-11-02");
    desk.file(
        "noted.jsonl",
        &[&card("A"), &without, &slip, &card("A")].map(Value::to_string),
    );
    desk.file("known.txt", &[well("A"), well("SB-I")]);
    let noted = desk.shelf(&[&["noted.jsonl", "--results", "known.txt"], &TODAY[..]].concat());
    assert_eq!(noted.code, Some(0), "{noted:?}");
    for line in ["no serial number", "twice", "SB-I stands in no manifest"] {
        assert!(noted.stderr.contains(line), "{line}: {noted:?}");
    }

    // The control: the same without what is strange.
    desk.file(
        "cards.jsonl",
        &["A", "B"].map(|serial| card(serial).to_string()),
    );
    desk.file("scanned.txt", &[well("A"), well("B")]);
    let good = desk.shelf(&[&["cards.jsonl", "--results", "scanned.txt"], &TODAY[..]].concat());
    assert_eq!((good.code, good.stderr.as_str()), (Some(0), ""), "{good:?}");
    assert!(
        good.stdout
            .starts_with("None of 2 boxes is due on 2026-11-29."),
        "{good:?}"
    );
}

#[test]
fn of_two_manifests_the_newer_card_counts_in_whatever_order_they_are_given() {
    let desk = Desk::new();
    let mut old = card("A");
    old["written"] = json!("2026-03-01");
    old["profile"] = json!("old");
    desk.file("old.jsonl", &[old.to_string()]);
    desk.file("new.jsonl", &[card("A").to_string()]);
    for order in [["old.jsonl", "new.jsonl"], ["new.jsonl", "old.jsonl"]] {
        let outcome = desk.shelf(&[&order[..], &TODAY[..], &["--json"]].concat());
        let found = outcome.succeeded().json();
        assert_eq!(
            found["boxes"][0]["profile"], "philippines",
            "{order:?}: {found:#}"
        );
    }
    // Control: alone the old one is told.
    let outcome = desk.shelf(&[&["old.jsonl", "--json"], &TODAY[..]].concat());
    assert_eq!(outcome.succeeded().json()["boxes"][0]["profile"], "old");
}

#[test]
fn a_result_file_of_a_box_and_standard_input_are_taken() {
    let world = World::new();
    world.sim().set("rtc", "1795936445");
    fs::write(world.data().join("serial"), "SB-7\n").unwrap();
    let board = format!("sim:{}", world.sim().dir().display());
    let tested = world.run(&["selftest", "--unattended", "--board", &board, "--json"]);
    let result = tested.json();
    let desk = Desk::new();
    desk.file("cards.jsonl", &[card("SB-7").to_string()]);
    let kept = world.data().join("selftest.json").display().to_string();
    let found = desk
        .shelf(&[&["cards.jsonl", "--results", &kept, "--json"], &TODAY[..]].concat())
        .succeeded()
        .json();
    let one = &found["boxes"][0];
    assert_eq!(one["tested"], "2026-11-29", "{found:#}");
    let charge = result["charge_percent"].as_f64().unwrap();
    assert!((one["charge_today_percent"].as_f64().unwrap() - charge).abs() < 0.11);
    let why = one["duties"][0]["why"].as_str().unwrap();
    assert!(
        why.starts_with("failed on 2026-11-29: ") && why.contains("library"),
        "{found:#}"
    );

    let mut command = Command::new(depot());
    let scanned = fs::File::open(desk.file("scanned.txt", &[well("SB-7")])).unwrap();
    command
        .args([
            "shelf",
            "cards.jsonl",
            "--results",
            "-",
            "--json",
            "--today",
            "2026-11-29",
        ])
        .current_dir(desk.dir.path())
        .stdin(scanned);
    let found = Outcome::of(command).succeeded().json();
    assert_eq!(found["boxes"][0]["tested"], "2026-11-02", "{found:#}");
}

#[test]
fn what_is_newest_is_told_by_a_repository() {
    let desk = Desk::new();
    desk.file("cards.jsonl", &[card("A").to_string()]);
    desk.file("scanned.txt", &[well("A")]);
    fs::write(desk.dir.path().join("root.img"), vec![7; 8192]).unwrap();
    for arguments in [
        &["keygen", "root.key"][..],
        &["init", "repo", "--root-key", "root.key"],
        &[
            "add",
            "repo",
            "--root",
            "root.img",
            "--board",
            "school-box-sim",
            "--version",
            "18",
            "--name",
            "2027.2",
        ],
    ] {
        let mut command = Command::new(depot());
        command
            .arg("repo")
            .args(arguments)
            .current_dir(desk.dir.path());
        Outcome::of(command).succeeded();
    }
    let ask = [
        "cards.jsonl",
        "--results",
        "scanned.txt",
        "--today",
        "2026-11-29",
        "--repo",
    ];
    let page = desk
        .shelf(&[&ask[..], &["repo"]].concat())
        .succeeded()
        .stdout;
    assert!(
        page.contains("it has 2026.11, the newest is 2027.2"),
        "{page}"
    );
    let nowhere = desk.shelf(&[&ask[..], &["cards.jsonl"]].concat());
    assert_eq!(nowhere.code, Some(1), "{nowhere:?}");
    assert_eq!(nowhere.stderr.lines().count(), 1, "{nowhere:?}");
}

#[test]
fn ten_thousand_lines_and_what_is_mistyped() {
    let desk = Desk::new();
    let mut cards = String::new();
    for number in 0..10_000 {
        let _ = writeln!(cards, "{}", card(&format!("SB-{number:05}")));
    }
    fs::write(desk.dir.path().join("cards.jsonl"), cards).unwrap();
    let garbage: Vec<String> = (0..10_000).map(|number| format!("SBT1/{number}")).collect();
    desk.file("scanned.txt", &garbage);
    let outcome = desk.shelf(&[&["cards.jsonl", "--results", "scanned.txt"], &TODAY[..]].concat());
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome
            .stdout
            .starts_with("10000 of 10000 boxes are due: 10000 a check.")
    );
    assert!(outcome.stderr.lines().count() < 60, "they are bounded");

    for (arguments, code, line) in [
        (
            &["nothing.jsonl"][..],
            1,
            "cannot read the manifest nothing.jsonl",
        ),
        (
            &["cards.jsonl", "--results", "nothing.txt"],
            1,
            "nothing.txt",
        ),
        (&[], 2, "MANIFEST"),
        (&["cards.jsonl", "--months", "0"], 2, "--months"),
        (&["cards.jsonl", "--today", "soon"], 2, "--today"),
    ] {
        let refused = desk.shelf(arguments);
        assert_eq!(refused.code, Some(code), "{refused:?}");
        assert!(refused.stderr.contains(line), "{refused:?}");
    }
    assert!(desk.shelf(&["--help"]).stdout.contains("Example"));
}
