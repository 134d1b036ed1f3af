//! The simulated board as a script sees it: files in, files out.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and writes its own files"
)]

use board_support::faults::Fault;
use board_support::gauge::GaugeError;
use board_support::panel::{BatteryColour, Lights, Rhythm};
use board_support::{Board, BoardChoice, BoardId};
use power_mgmt::{LoadPlan, PowerState};
use proptest::prelude::*;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

fn board(dir: &Path) -> Board {
    Board::open(
        &BoardChoice::SimDir(dir.to_owned()),
        Path::new("/nonexistent"),
    )
    .unwrap()
}

/// A folder that is there and empty.
fn empty() -> (TempDir, Board) {
    let dir = tempfile::tempdir().unwrap();
    let board = board(dir.path());
    (dir, board)
}

fn put(dir: &TempDir, name: &str, text: impl AsRef<[u8]>) {
    fs::write(dir.path().join(name), text).unwrap();
}

fn shows(dir: &TempDir, name: &str) -> String {
    fs::read_to_string(dir.path().join(name)).unwrap()
}

fn healthy(dir: &TempDir) {
    put(dir, "battery/voltage_v", "13.25\n");
    put(dir, "battery/current_a", "-0.4");
    put(dir, "battery/temperature_c", " 24 \n");
    put(dir, "charger/power_w", "12.5\n");
}

#[test]
fn a_folder_that_is_not_there_is_made_and_works_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("a/b");
    let mut board = board(&inner);
    assert_eq!((board.id, board.time_scale), (BoardId::Sim, 1));
    let sample = board.gauge.as_mut().unwrap().sample().unwrap();
    assert_eq!((sample.voltage.get(), sample.current.get()), (13.25, -0.4));
    assert!(!board.button.is_pressed().unwrap());
    assert_eq!(board.rtc.read().unwrap(), None);
    assert!(board.faults_at_open.is_empty());
}

#[test]
fn in_a_folder_that_is_there_a_missing_sensor_is_silent() {
    let (dir, mut board) = empty();
    let gauge = board.gauge.as_mut().unwrap();
    assert!(matches!(gauge.sample(), Err(GaugeError::Silent(_))));
    healthy(&dir);
    let sample = gauge.sample().unwrap();
    assert_eq!(sample.temperature.unwrap().get(), 24.0);
    assert_eq!(sample.solar.unwrap().get(), 12.5);
    for (name, also) in [
        ("battery/temperature_c", true),
        ("charger/power_w", true),
        ("battery/current_a", false),
        ("battery/voltage_v", false),
    ] {
        fs::remove_file(dir.path().join(name)).unwrap();
        assert_eq!(gauge.sample().is_ok(), also, "without {name}");
    }
    assert!(
        !dir.path().join("battery/voltage_v").exists(),
        "nothing is put in its place"
    );
}

#[test]
fn the_charge_counter_is_a_file_that_need_not_be_there() {
    let (dir, mut board) = empty();
    healthy(&dir);
    let gauge = board.gauge.as_mut().unwrap();
    assert_eq!(gauge.sample().unwrap().counter, None);
    put(&dir, "battery/counter_ah", "-2.5\n");
    assert_eq!(
        gauge.sample().unwrap().counter.map(|ah| ah.get()),
        Some(-2.5)
    );
    put(&dir, "battery/counter_ah", "many");
    let error = gauge.sample().unwrap_err().to_string();
    assert!(error.contains("battery/counter_ah holds `many`"), "{error}");
}

#[test]
fn the_alarm_is_shown_and_whether_it_rang_is_asked() {
    let (dir, mut board) = empty();
    let wake = board.wake.as_mut().unwrap();
    assert!(!wake.rang().unwrap());
    assert_eq!(wake.set(Some(1_772_434_800)).unwrap(), Some(1_772_434_800));
    assert_eq!(shows(&dir, "wake"), "1772434800\n");
    assert_eq!(wake.set(None).unwrap(), None);
    assert_eq!(shows(&dir, "wake"), "");
    for (text, rang) in [("1\n", true), ("0", false), ("", false)] {
        put(&dir, "wake-rang", text);
        assert_eq!(wake.rang().unwrap(), rang);
    }
    put(&dir, "wake-rang", "yes");
    assert!(
        wake.rang()
            .unwrap_err()
            .to_string()
            .contains("wake-rang holds `yes`")
    );
}

#[test]
fn an_empty_or_unreadable_sensor_is_silent_an_absurd_one_is_named() {
    let (dir, mut board) = empty();
    let gauge = board.gauge.as_mut().unwrap();
    healthy(&dir);
    put(&dir, "battery/voltage_v", "\n");
    assert!(gauge.sample().unwrap_err().is_transient());
    for text in ["abc", "NaN", "inf", "13,25", "13.25 V", "\u{fffd}"] {
        put(&dir, "battery/voltage_v", text);
        let error = gauge.sample().unwrap_err();
        assert!(
            !error.is_transient() && error.to_string().contains("battery/voltage_v"),
            "{error}"
        );
        assert!(!error.to_string().contains('\n'));
    }
    put(&dir, "battery/voltage_v", "1e3");
    assert_eq!(
        gauge.sample().unwrap().voltage.get(),
        1000.0,
        "absurd readings are for the estimator"
    );
    fs::remove_file(dir.path().join("battery/voltage_v")).unwrap();
    fs::create_dir(dir.path().join("battery/voltage_v")).unwrap();
    assert!(gauge.sample().unwrap_err().is_transient());
}

#[test]
fn the_button_and_the_clock() {
    let (dir, mut board) = empty();
    assert!(!board.button.is_pressed().unwrap(), "no file");
    for (text, pressed) in [("1", true), ("0\n", false), ("1\n", true), ("", false)] {
        put(&dir, "button", text);
        assert_eq!(board.button.is_pressed().unwrap(), pressed, "{text:?}");
    }
    put(&dir, "button", "yes");
    assert!(
        board
            .button
            .is_pressed()
            .unwrap_err()
            .to_string()
            .contains("0 or 1")
    );

    put(&dir, "rtc", "1772434800\n");
    assert_eq!(board.rtc.read().unwrap(), Some(1_772_434_800));
    put(&dir, "rtc", "\n");
    assert_eq!(board.rtc.read().unwrap(), None);
    put(&dir, "rtc", "-5");
    assert!(board.rtc.read().unwrap_err().to_string().contains("rtc"));
}

#[test]
fn outputs_are_whole_and_written_only_when_they_change() {
    let (dir, mut board) = empty();
    let lights = Lights {
        battery: Some((BatteryColour::Green, Rhythm::Steady)),
        wifi: Rhythm::Steady,
        lessons: Rhythm::Off,
        help: Rhythm::Blink(2),
    };
    board.panel.show(&lights, Duration::ZERO).unwrap();
    assert_eq!(
        shows(&dir, "panel"),
        "battery=green wifi=on lessons=off help=blink2\n"
    );
    let inode = || fs::metadata(dir.path().join("panel")).unwrap().ino();
    let first = inode();
    board
        .panel
        .show(&lights, Duration::from_millis(300))
        .unwrap();
    assert_eq!(inode(), first, "the same lights write nothing");
    board.panel.show(&Lights::DARK, Duration::ZERO).unwrap();
    assert_ne!(inode(), first, "others replace the file");

    board.serial.show("school-box\n80 % é\n").unwrap();
    assert_eq!(shows(&dir, "serial"), "school-box\n80 % ?\n");
    let left: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        left.iter()
            .all(|name| !name.to_string_lossy().ends_with(".aside")),
        "{left:?}"
    );
}

/// What somebody reads who opened `panel` just before it changed.
fn read_across(change: impl FnOnce(&mut Board, &Path)) -> String {
    let (dir, mut board) = empty();
    board.panel.show(&Lights::DARK, Duration::ZERO).unwrap();
    let mut reader = fs::File::open(dir.path().join("panel")).unwrap();
    change(&mut board, &dir.path().join("panel"));
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_reader_never_sees_half_a_file() {
    let lit = Lights {
        help: Rhythm::Steady,
        ..Lights::DARK
    };
    let whole = format!("{}\n", Lights::DARK);
    let ours = read_across(|board, _| board.panel.show(&lit, Duration::ZERO).unwrap());
    assert_eq!(ours, whole);
    // The control: a write in place, caught half way, is seen.
    assert_ne!(
        read_across(|_, path| fs::write(path, "battery=o").unwrap()),
        whole
    );
}

#[test]
fn every_load_plan_as_the_file_shows_it() {
    let (dir, mut board) = empty();
    let mut table = String::new();
    for state in [
        PowerState::Full,
        PowerState::Eco,
        PowerState::Minimal,
        PowerState::Off,
        PowerState::Storage,
    ] {
        board.loads.apply(&LoadPlan::for_state(state)).unwrap();
        table.push_str(&shows(&dir, "power"));
        table.push('\n');
    }
    board.loads.power_off().unwrap();
    table.push_str("switched off:\n");
    table.push_str(&shows(&dir, "power"));
    insta::assert_snapshot!(table);
}

#[test]
fn faults_are_asked_for_and_taken_back_while_the_box_runs() {
    let (dir, board) = empty();
    assert_eq!(board.faults.asked_of("web"), None);
    put(&dir, "faults", "web hang\npower panic\n");
    assert_eq!(
        (board.faults.asked_of("web"), board.faults.asked_of("power")),
        (Some(Fault::Hang), Some(Fault::Panic))
    );
    fs::remove_file(dir.path().join("faults")).unwrap();
    assert_eq!(board.faults.asked_of("web"), None);
}

#[test]
fn a_folder_that_cannot_be_one_is_refused_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    put(&dir, "file", "x");
    let error = Board::open(
        &BoardChoice::SimDir(dir.path().join("file")),
        Path::new("/nonexistent"),
    )
    .unwrap_err()
    .to_string();
    assert!(error.contains("file") && !error.contains('\n'), "{error}");
}

#[test]
fn the_sunny_day_shows_itself_in_files_and_takes_the_button() {
    let data = tempfile::tempdir().unwrap();
    let mut board = Board::open(&BoardChoice::Sim, data.path()).unwrap();
    assert_eq!((board.id, board.time_scale), (BoardId::Sim, 60));
    let sim = data.path().join("sim");
    let sample = board.gauge.as_mut().unwrap().sample().unwrap();
    let shown: f64 = fs::read_to_string(sim.join("battery/voltage_v"))
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    assert!((shown - sample.voltage.get()).abs() < 0.006);
    assert!(board.rtc.read().unwrap().unwrap() >= 1_772_434_800);
    assert!(!board.button.is_pressed().unwrap());
    fs::write(sim.join("button"), "1\n").unwrap();
    assert!(board.button.is_pressed().unwrap());
    fs::write(sim.join("faults"), "power hang\n").unwrap();
    assert_eq!(board.faults.asked_of("power"), Some(Fault::Hang));
    board
        .loads
        .apply(&LoadPlan::for_state(PowerState::Full))
        .unwrap();
    assert!(
        fs::read_to_string(sim.join("power"))
            .unwrap()
            .starts_with("state=full\n")
    );

    let mut again = Board::open(&BoardChoice::Sim, data.path()).unwrap();
    assert!(
        !again.button.is_pressed().unwrap(),
        "a press does not outlive the day"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_in_any_input_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..6000)) {
        let (dir, mut board) = empty();
        for name in ["battery/voltage_v", "battery/current_a", "battery/temperature_c", "battery/counter_ah", "charger/power_w", "button", "rtc", "wake-rang", "faults", "boot.env"] {
            put(&dir, name, &bytes);
        }
        let _ = board.gauge.as_mut().unwrap().sample();
        let _ = board.button.is_pressed();
        let _ = board.rtc.read();
        let _ = board.wake.as_mut().unwrap().rang();
        let _ = board.faults.asked_of("web");
        if let Err(error) = board.boot.load() {
            prop_assert!(error.to_string().len() < 300);
        }
    }
}
