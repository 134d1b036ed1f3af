//! `depot site`: the real binary, asked as a supply officer asks it, and as people mistype.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use system_tests::world::{Outcome, depot};

const SIARGAO: [&str; 6] = ["--at", "9.85,126.05", "--panel", "60", "--battery", "256"];

fn run(arguments: &[&str]) -> Outcome {
    let mut command = Command::new(depot());
    command.args(arguments).stdin(Stdio::null());
    Outcome::of(command)
}

fn site(more: &[&str]) -> Outcome {
    run(&[&["site", "--quick", "--years", "2"], more].concat())
}

fn json(more: &[&str]) -> Value {
    let outcome = site(&[more, &["--json"]].concat());
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    serde_json::from_str(&outcome.stdout).unwrap()
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_page_says_first_what_is_lost_and_what_to_buy() {
    let outcome = site(&SIARGAO);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    let page = outcome.stdout;
    assert!(
        page.starts_with("With a 60 W panel and a 256 Wh battery this school loses "),
        "{page}"
    );
    assert!(page.contains("Cheapest that serves 99 % of lesson-hours even in a bad year: "));
    assert!(page.contains("MERRA-2") && page.contains("Prices are assumed"));
    assert!(
        page.is_ascii() && page.lines().all(|line| line.len() <= 80),
        "{page}"
    );
}

#[test]
fn json_and_drawing_tell_the_same_months() {
    let folder = tempfile::tempdir().unwrap();
    let svg = folder.path().join("school.svg");
    let wishes = [
        "--tablets",
        "10",
        "--tablet-wh",
        "15",
        "--projector-w",
        "60",
        "--film-h",
        "1.5",
        "--svg",
        svg.to_str().unwrap(),
    ];
    let report = json(&[&SIARGAO[..], &wishes].concat());
    let months = report["months"].as_array().unwrap();
    assert_eq!(months.len(), 12);
    let sum: f64 = months
        .iter()
        .map(|month| month["lesson_hours"].as_f64().unwrap())
        .sum();
    assert!((sum - report["year"]["lesson_hours"].as_f64().unwrap()).abs() < 0.1);
    assert!(
        months
            .iter()
            .all(|month| month["tablets_charged"].is_f64() && month["films_shown"].is_f64())
    );
    let drawing = fs::read_to_string(svg).unwrap();
    for month in months {
        assert!(drawing.contains(&format!(">{}<", month["name"].as_str().unwrap())));
    }
    assert!(drawing.starts_with("<svg") && drawing.trim_end().ends_with("</svg>"));
}

/// More panel, less lost; and the timetable is really read: no lessons in the evening, no loss there.
#[test]
fn what_is_asked_changes_the_answer() {
    let lost = |report: &Value| report["year"]["lost_hours"].as_f64().unwrap();
    let kyiv = |panel: &str| json(&["--at", "50.45,30.52", "--panel", panel, "--battery", "256"]);
    assert!(lost(&kyiv("30")) > lost(&kyiv("120")) + 50.0);
    let folder = tempfile::tempdir().unwrap();
    let short = file(
        folder.path(),
        "week.toml",
        "[timetable]\nschool_days = ['mon', 'tue']\nlessons = ['08:00-11:00']\n",
    );
    let week = json(&[&SIARGAO[..], &["--timetable", &short]].concat());
    assert!((week["year"]["lesson_hours"].as_f64().unwrap() - 312.0).abs() < 4.0);
    assert_eq!(
        kyiv("60"),
        kyiv("60"),
        "the same question has the same answer"
    );
}

#[test]
fn a_price_list_of_one_s_own_decides() {
    let folder = tempfile::tempdir().unwrap();
    let list = |dear: u32| {
        format!(
            "currency = 'PHP'\npanels = [{{ w = 50, price = 2000 }}, {{ w = 100, price = {dear} }}]\nbatteries = [{{ wh = 256, price = 9000 }}]\n"
        )
    };
    let chosen = |dear: u32| {
        let path = file(folder.path(), "prices.toml", &list(dear));
        let report = json(&[&SIARGAO[..], &["--prices", &path]].concat());
        assert_eq!(report["sizes"]["currency"], "PHP");
        report["sizes"]["cheapest"]["panel_w"].as_f64().unwrap()
    };
    assert!((chosen(3500) - 50.0).abs() < 1e-9);
    // Negative control: were the prices not read, the larger panel would not be the cheaper one now.
    assert!((chosen(1) - 100.0).abs() < 1e-9);
}

#[test]
fn what_cannot_be_is_refused_in_a_line_that_says_what() {
    let folder = tempfile::tempdir().unwrap();
    let bad_week = file(
        folder.path(),
        "bad.toml",
        "[timetable]\nlessons = ['07:05-08:00']\n",
    );
    let no_school = file(
        folder.path(),
        "none.toml",
        "[timetable]\nschool_days = []\n",
    );
    let bad_prices = file(
        folder.path(),
        "prices.toml",
        "panels = []\nbatteries = []\n",
    );
    let at = |place: &'static str| vec!["--at", place, "--panel", "60", "--battery", "256"];
    let with = |key: &'static str, value| [&SIARGAO[..], &[key, value]].concat();
    let cases: [(Vec<&str>, &str); 14] = [
        (at("95,200"), "latitude"),
        (at("10,200"), "longitude"),
        (at("10"), "9.85,126.05"),
        (
            vec!["--at", "9,9", "--panel", "0", "--battery", "256"],
            "1 to 10000",
        ),
        (
            vec!["--at", "9,9", "--panel", "NaN", "--battery", "256"],
            "1 to 10000",
        ),
        (
            vec!["--at", "9,9", "--panel", "60", "--battery", "-5"],
            "10 to 100000",
        ),
        (
            with("--timetable", "/nowhere/week.toml"),
            "/nowhere/week.toml",
        ),
        (with("--timetable", &bad_week), "timetable.lessons"),
        (with("--timetable", &no_school), "no lesson"),
        (with("--prices", &bad_prices), "0 panels"),
        (
            with("--prices", "/nowhere/prices.toml"),
            "/nowhere/prices.toml",
        ),
        (with("--served", "101"), "0 to 100"),
        (with("--tablets", "-1"), "--tablets"),
        (with("--film-h", "inf"), "0 to 40"),
    ];
    for (arguments, says) in cases {
        let outcome = site(&arguments);
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {}", outcome.stderr);
        assert!(
            outcome.stderr.contains(says) && outcome.stdout.is_empty(),
            "{arguments:?}: {}",
            outcome.stderr
        );
        assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
    }
}

#[test]
fn what_cannot_be_done_is_exit_1() {
    let far = site(&["--at", "-90,0", "--panel", "60", "--battery", "256"]);
    assert_eq!(far.code, Some(1));
    assert!(
        far.stderr.contains("no land within 1000 km") && far.stderr.lines().count() == 1,
        "{}",
        far.stderr
    );
    let unwritable = site(&[&SIARGAO[..], &["--svg", "/nowhere/school.svg"]].concat());
    assert_eq!(unwritable.code, Some(1));
    assert!(
        unwritable.stderr.contains("/nowhere/school.svg"),
        "{}",
        unwritable.stderr
    );
}

#[test]
fn the_sea_borrows_its_climate_and_says_so() {
    let sea = site(&["--at", "0,-15", "--panel", "60", "--battery", "256"]);
    assert!(
        sea.code == Some(0) && sea.stdout.contains("nearest land"),
        "{}",
        sea.stdout
    );
    // Negative control: on land nothing is borrowed.
    assert!(!site(&SIARGAO).stdout.contains("nearest land"));
}

#[test]
fn help_has_an_example_and_no_verb_shows_the_usage() {
    let help = run(&["site", "--help"]);
    assert!(
        help.code == Some(0)
            && help.stdout.contains("Example:")
            && help.stdout.contains("--projector-w")
    );
    assert!(run(&["--help"]).stdout.contains("site"));
    let none = run(&[]);
    assert!(
        none.code == Some(2) && none.stderr.contains("Usage: depot"),
        "{}",
        none.stderr
    );
}
