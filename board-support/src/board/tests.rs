use super::*;
use crate::vedirect::pulled::Cable;
use proptest::prelude::*;

#[test]
fn choices() {
    let table = [
        ("auto", BoardChoice::Auto),
        ("sim", BoardChoice::Sim),
        ("sim:/tmp/box", BoardChoice::SimDir("/tmp/box".into())),
        ("sim:box", BoardChoice::SimDir("box".into())),
        ("sim:sim:x", BoardChoice::SimDir("sim:x".into())),
    ];
    for (text, choice) in table {
        assert_eq!(text.parse::<BoardChoice>().unwrap(), choice);
    }
    for text in ["", "sim:", "Sim", "rpi", "auto ", "simulator"] {
        let error = text.parse::<BoardChoice>().unwrap_err().to_string();
        assert!(error.contains("auto, sim or sim:DIR"), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_choice_or_a_short_error(text: String) {
        if let Err(error) = text.parse::<BoardChoice>() {
            prop_assert!(error.to_string().chars().count() < 120);
        }
    }
}

#[test]
fn a_machine_without_a_device_tree_is_generic() {
    let nothing = tempfile::tempdir().unwrap();
    assert_eq!(Board::detect_in(nothing.path()).unwrap(), BoardId::Generic);
    let board = Board::open_from(&nothing.path().join("no-tree"), nothing.path());
    assert_eq!((board.id, board.time_scale), (BoardId::Generic, 1));
    assert!(board.faults_at_open.is_empty());
}

#[test]
fn a_device_tree_is_read_and_a_broken_one_is_a_fault_not_a_refusal() {
    let tree = tempfile::tempdir().unwrap();
    std::fs::write(
        tree.path().join("compatible"),
        b"raspberrypi,4-model-b\0brcm,bcm2711\0",
    )
    .unwrap();
    assert_eq!(
        Board::detect_in(tree.path()).unwrap(),
        BoardId::RaspberryPi4
    );

    let broken = tempfile::tempdir().unwrap();
    std::fs::create_dir(broken.path().join("compatible")).unwrap();
    assert!(Board::detect_in(broken.path()).is_err());
    let board = Board::open_from(broken.path(), broken.path());
    assert_eq!(board.id, BoardId::Generic);
    assert_eq!(board.faults_at_open.len(), 1, "{:?}", board.faults_at_open);
}

#[test]
fn the_air_is_the_boxs_where_our_image_runs_and_nowhere_else() {
    let data = tempfile::tempdir().unwrap();
    assert!(air_of(None, data.path()).is_none());
    assert!(air_of(Some(Slot::A), data.path()).is_some());
    // Nothing is touched before the first plan.
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0);
}

#[test]
fn a_machine_that_runs_the_image_and_is_no_box_says_so_and_a_desk_does_not() {
    let class = Path::new("/nonexistent/class");
    let open = |booted| Board::generic("ACME board".to_owned(), booted, class);

    let board = open(Some(Slot::B));
    let [fault] = &board.faults_at_open[..] else {
        panic!("one line: {:?}", board.faults_at_open)
    };
    assert!(
        fault.starts_with("this board (ACME board) is in no row of the board table: its battery, lights and button are not used"),
        "{fault}"
    );
    assert_eq!(board.boot.booted(), Slot::B);
    // The control: a desk computer was never meant to be a box.
    assert_eq!(open(None).faults_at_open, [""; 0]);
}

#[test]
fn a_generic_machine_has_nothing_to_switch() {
    let mut board = Board::generic(
        "ACME board".to_owned(),
        None,
        Path::new("/nonexistent/class"),
    );
    assert!(!board.button.is_pressed().unwrap());
    board
        .panel
        .show(&crate::panel::Lights::DARK, std::time::Duration::ZERO)
        .unwrap();
    board.serial.show("anything").unwrap();
    board.loads.power_off().unwrap();
}

#[test]
fn a_laptop_has_its_battery_and_a_desk_stands_on_mains() {
    let class = tempfile::tempdir().unwrap();
    let open = || Board::generic(String::new(), Some(Slot::A), class.path());
    let desk = open();
    assert!(desk.gauge.is_none());
    assert!(
        desk.faults_at_open[0].contains("its battery, lights"),
        "{desk:?}"
    );
    let battery = class.path().join("BAT0");
    std::fs::create_dir(&battery).unwrap();
    for (file, text) in [
        ("type", "Battery"),
        ("status", "Charging"),
        ("voltage_now", "12600000"),
        ("current_now", "1200000"),
    ] {
        std::fs::write(battery.join(file), text).unwrap();
    }
    let mut laptop = open();
    let sample = laptop.gauge.as_mut().unwrap().sample().unwrap();
    assert!((sample.current.get() - 1.2).abs() < 1e-9);
    assert!(
        laptop.faults_at_open[0].contains("its lights and button are not used"),
        "{laptop:?}"
    );
}

#[test]
fn a_battery_monitor_is_the_gauge_of_a_board_that_has_no_other() {
    let cables = tempfile::tempdir().unwrap();
    let mut cable = Cable::plug(cables.path(), "usb-VictronEnergy_x");
    let none = Path::new("/nonexistent/class");
    let pattern = cables.path().join("usb-VictronEnergy*");
    let gauge = std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..3 {
                cable.say(&[("PID", "0xA389"), ("V", "13100"), ("I", "-400")]);
            }
        });
        gauge_of_generic(none, &pattern)
    });
    let sample = gauge.unwrap().sample().unwrap();
    assert_eq!((sample.voltage.get(), sample.current.get()), (13.1, -0.4));
    assert!(gauge_of_generic(none, Path::new("/nonexistent/usb*")).is_none());
}
