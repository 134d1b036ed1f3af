use super::*;
use proptest::prelude::*;
use std::fs;

fn supply(class: &Path, name: &str, files: &[(&str, &str)]) -> PowerSupply {
    let folder = class.join(name);
    fs::create_dir_all(&folder).unwrap();
    for (file, text) in files {
        fs::write(folder.join(file), format!("{text}\n")).unwrap();
    }
    PowerSupply::at(folder)
}

const LAPTOP: &[(&str, &str)] = &[
    ("type", "Battery"),
    ("technology", "LiFe"),
    ("status", "Discharging"),
    ("voltage_now", "12100000"),
    ("current_now", "850000"),
    ("capacity", "7"),
];

#[test]
fn status_decides_the_way_whatever_the_sign() {
    let class = tempfile::tempdir().unwrap();
    let table = [
        ("Charging", "850000", 0.85),
        ("Charging", "-850000", 0.85),
        ("Discharging", "850000", -0.85),
        ("Discharging", "-850000", -0.85),
        ("Full", "0", 0.0),
        ("Not charging", "-3000", -0.003),
        ("Unknown", "-850000", -0.85),
        ("nonsense", "850000", 0.85),
    ];
    for (status, shown, amps) in table {
        let files = [
            ("status", status),
            ("voltage_now", "12100000"),
            ("current_now", shown),
        ];
        let sample = supply(class.path(), "BAT0", &files).sample().unwrap();
        assert!(
            (sample.current.get() - amps).abs() < 1e-9,
            "{status} {shown}"
        );
        assert!((sample.voltage.get() - 12.1).abs() < 1e-9);
        assert!(sample.counter.is_none() && sample.temperature.is_none() && sample.solar.is_none());
    }
}

#[test]
fn power_stands_for_a_current_that_is_not_shown_and_the_rest_is_taken_along() {
    let class = tempfile::tempdir().unwrap();
    let files = [
        ("status", "Discharging"),
        ("voltage_now", "12000000"),
        ("power_now", "6000000"),
        ("charge_counter", "-2500000"),
        ("temp", "-55"),
    ];
    let sample = supply(class.path(), "BAT0", &files).sample().unwrap();
    assert!((sample.current.get() + 0.5).abs() < 1e-9);
    assert_eq!(sample.counter.map(AmpHours::get), Some(-2.5));
    assert_eq!(sample.temperature.map(Celsius::get), Some(-5.5));
}

#[test]
fn a_system_battery_is_found_and_nothing_else_is_taken_for_one() {
    let class = tempfile::tempdir().unwrap();
    assert!(PowerSupply::find(&class.path().join("none")).is_none());
    assert!(PowerSupply::find(class.path()).is_none());
    let with = |change: &[(&'static str, &'static str)]| {
        let mut files = LAPTOP.to_vec();
        files.retain(|(name, _)| !change.iter().any(|(changed, _)| changed == name));
        files.extend(change.iter().filter(|(_, text)| !text.is_empty()));
        files
    };
    for (n, not_one) in [
        with(&[("type", "Mains")]),
        with(&[("scope", "Device")]),
        with(&[("present", "0")]),
        with(&[("technology", "Li-ion")]),
        with(&[("voltage_now", "")]),
        with(&[("current_now", "")]),
        with(&[("type", "")]),
    ]
    .iter()
    .enumerate()
    {
        supply(class.path(), &format!("A{n}"), not_one);
        assert!(PowerSupply::find(class.path()).is_none(), "{not_one:?}");
    }
    supply(
        class.path(),
        "BAT1",
        &with(&[("scope", "System"), ("current_now", "1")]),
    );
    supply(class.path(), "BAT0", LAPTOP);
    let found = PowerSupply::find(class.path()).unwrap();
    assert!(found.folder.ends_with("BAT0"), "the first by name");
}

#[test]
fn what_is_missing_or_nonsense_is_silent_or_named() {
    let class = tempfile::tempdir().unwrap();
    let error = |files: &[(&str, &str)]| {
        fs::remove_dir_all(class.path().join("B")).ok();
        supply(class.path(), "B", files).sample().unwrap_err()
    };
    let silent =
        |error: &GaugeError| matches!(error, GaugeError::Silent(_)) && error.is_transient();
    assert!(silent(&error(&[("current_now", "1")])));
    assert!(silent(&error(&[("voltage_now", "12000000")])));
    assert!(silent(&error(&[("voltage_now", ""), ("current_now", "1")])));
    for volts in ["0", "-12000000", "12", "999999999999"] {
        assert!(
            silent(&error(&[("voltage_now", volts), ("current_now", "1")])),
            "{volts}"
        );
    }
    let named = error(&[("voltage_now", "twelve"), ("current_now", "1")]);
    assert!(!named.is_transient());
    let named = named.to_string();
    assert!(
        named.ends_with("B/voltage_now holds `twelve`: a whole number is meant"),
        "{named}"
    );
    // What may be left out may be nonsense.
    let files = [
        ("voltage_now", "12000000"),
        ("current_now", "1"),
        ("temp", "warm"),
        ("charge_counter", "1e9"),
    ];
    let sample = supply(class.path(), "C", &files).sample().unwrap();
    assert!(sample.temperature.is_none() && sample.counter.is_none());
}

/// A file that is a folder fails to be read as a driver that is busy does: the error is another, the way through the code the same.
#[test]
fn a_driver_that_does_not_answer_is_silent_for_once() {
    let class = tempfile::tempdir().unwrap();
    let mut battery = supply(class.path(), "BAT0", LAPTOP);
    battery.sample().unwrap();
    fs::remove_file(class.path().join("BAT0/voltage_now")).unwrap();
    fs::create_dir(class.path().join("BAT0/voltage_now")).unwrap();
    let error = battery.sample().unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert!(battery.is_battery(), "it is one all the same");
    fs::remove_dir(class.path().join("BAT0/voltage_now")).unwrap();
    fs::write(class.path().join("BAT0/voltage_now"), "12000000\n").unwrap();
    battery.sample().unwrap();
    fs::remove_dir_all(class.path().join("BAT0")).unwrap();
    assert!(battery.sample().unwrap_err().is_transient(), "taken out");
}

#[test]
fn which_errors_mean_that_there_is_no_value() {
    use nix::errno::Errno;
    let absent = |errno: Errno| is_absent(&errno.into());
    assert!(absent(Errno::ENOENT) && absent(Errno::ENODATA));
    for errno in [
        Errno::ENODEV,
        Errno::EAGAIN,
        Errno::EBUSY,
        Errno::EIO,
        Errno::ETIMEDOUT,
    ] {
        assert!(!absent(errno), "{errno}");
    }
}

#[test]
fn power_from_outside() {
    let class = tempfile::tempdir().unwrap();
    assert_eq!(on_mains(class.path()), None);
    supply(class.path(), "BAT0", LAPTOP);
    assert_eq!(on_mains(class.path()), None);
    let undecided = [
        ("status", "Unknown"),
        ("voltage_now", "12000000"),
        ("current_now", "900000"),
    ];
    let mut battery = supply(class.path(), "BAT1", &undecided);
    let mut amps = || battery.sample().unwrap().current.get();
    assert!(amps() > 0.0, "as shown");
    supply(class.path(), "AC", &[("type", "Mains"), ("online", "0")]);
    assert_eq!(on_mains(class.path()), Some(false));
    assert!(amps() < 0.0, "where else should it go");
    supply(class.path(), "usb", &[("type", "USB"), ("online", "1")]);
    assert_eq!(on_mains(class.path()), Some(true));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_sample_or_an_error(volts: String, amps: String, status: String) {
        let class = tempfile::tempdir().unwrap();
        let files = [("voltage_now", &*volts), ("current_now", &*amps), ("status", &*status)];
        if let Ok(sample) = supply(class.path(), "BAT0", &files).sample() {
            prop_assert!(PLAUSIBLE_V.contains(&sample.voltage.get()));
        }
    }
}
