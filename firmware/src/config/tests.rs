#![allow(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    reason = "a test fails by panicking"
)]
use super::*;

fn refusal(text: &str) -> String {
    Config::parse(text, Path::new("box.toml"))
        .unwrap_err()
        .to_string()
}

#[test]
fn an_empty_file_is_the_defaults() {
    let config = Config::parse("", Path::new("box.toml")).unwrap();
    assert_eq!(config.host, "school.internal");
    assert_eq!(config.listen.port(), 80);
}

/// The manual is the defaults, and names every key that there is.
#[test]
fn the_manual_tells_the_truth() {
    let manual = Config::parse(MANUAL, Path::new("manual.toml")).unwrap();
    assert_eq!(manual, Config::default());
    assert!(MANUAL.lines().all(|line| line.len() <= 100));
    let known = refusal("[web]\nx = 1\n")
        + &[
            "site",
            "timetable",
            "power",
            "storage",
            "update",
            "air",
            "records",
        ]
        .map(|table| refusal(&format!("[{table}]\nx = 1\n")))
        .concat();
    // What serde would have taken, in backticks.
    let keys = known
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|key| *key != "x");
    let said = |key: &str| {
        let is = |line: &str| {
            line.trim_start_matches("# ")
                .starts_with(&format!("{key} ="))
        };
        MANUAL.lines().any(is)
    };
    let missing: Vec<&str> = keys.filter(|key| !said(key)).collect();
    assert_eq!(missing, [""; 0]);
    assert!(!said("x"), "the control");
}

#[test]
fn every_key_is_taken() {
    let config = Config::parse(
        "[web]\nlisten = '127.0.0.1:8080'\nhost = 'class.internal'\n[site]\nutc_offset_min = 345\nlatitude_deg = 27.7\n\
         longitude_deg = 85\npanel_w = 30\n[timetable]\nschool_days = ['sun', 'mon']\n\
         [power]\nfull_at_percent = 60\ncapacity_wh = 205\n[storage]\nrecords_reserve_mib = 8\nkeep_free_mib = 32\n\
         [air]\nnetwork = 'Tent 3'\nsecurity = 'wpa3'\ncountry = 'PH'\nband_ghz = 5\nchannel = 36\nkit = ['02:00:5e:10:00:01']\n\
         reserved_seats = 4\nnight_off = '22:00-06:00'\naddress = '192.168.4.1/24'\ncables = ['eth0']\nlease_h = 24\n",
        Path::new("box.toml"),
    )
    .unwrap();
    assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.host, "class.internal");
    assert_eq!(config.place.utc_offset_min, 345);
    let position = Position {
        latitude_deg: 27.7,
        longitude_deg: 85.0,
    };
    assert_eq!(config.place.position, Some(position));
    assert_eq!(config.timetable.weekend(), [1, 2]);
    let site = config
        .place
        .site(config.policy.capacity(), &config.timetable)
        .unwrap();
    assert_eq!((site.panel().get(), site.battery().get()), (30.0, 205.0));
    assert_eq!((site.latitude(), site.longitude()), (27.7, 85.0));
    assert_eq!(
        (config.records_reserve_bytes, config.keep_free_bytes),
        (8 * MIB, 32 * MIB)
    );
    assert_ne!(config.policy, Policy::default());
    let air = air::Air {
        network: "Tent 3".to_owned(),
        lock: air::Lock::Wpa3,
        country: Some(*b"PH"),
        band: Some(air::BandGhz::Five),
        channel: Some(36),
        kit: vec![[2, 0, 0x5e, 0x10, 0, 1]],
        reserved_seats: 4,
        night_off: Some(air::Night {
            from: 1320,
            to: 360,
        }),
        address: ([192, 168, 4, 1].into(), 24),
        cables: vec!["eth0".to_owned()],
        lease: std::time::Duration::from_secs(24 * 3600),
    };
    assert_eq!(config.air, air);
}

#[test]
fn a_refusal_says_file_line_key_and_what_is_allowed() {
    insta::assert_snapshot!(
        [
            refusal("[web]\n\nlissten = 'x'\n"),
            refusal("[wep]\n"),
            refusal("[web]\nlisten = 'here'\n"),
            refusal("[web]\nhost = 'Ma Ecole'\n"),
            refusal("[web]\nhost = '10.0.0.1'\n"),
            refusal("[site]\nutc_offset_min = 900\n"),
            refusal("[site]\npanel_w = 20\nlatitude_deg = 14\n"),
            refusal("[site]\nlongitude_deg = 14.5\n"),
            refusal("[site]\nlatitude_deg = 91\nlongitude_deg = 0\n"),
            refusal("[site]\nlatitude_deg = nan\nlongitude_deg = 0\n"),
            refusal("[site]\npanel_w = 0\n"),
            refusal("[timetable]\nschool_days = ['mon']\nlessons = ['07:05-12:00']\n"),
            refusal("[timetable]\nlessons = '07:00-12:00'\n"),
            refusal("[power]\nfull_at_percent = 'much'\n"),
            refusal("[power]\ndwell_s = -1\n"),
            refusal("[storage]\nkeep_free_mib = 1.5\n"),
            refusal("[power]\nfull_at_percent = 20\neco_at_percent = 40\n"),
            refusal("[power]\n\neco_at_percent = 80\n"),
            refusal("[power]\noff_at_percent = 120\n"),
            refusal("[storage]\nrecords_reserve_mib = 100\nkeep_free_mib = 50\n"),
            refusal("[storage]\nkeep_free_mib = 0\n"),
            refusal("[update]\nsources = 'https://a.example'\n"),
            refusal("[update]\nsources = ['ftp://a.example']\n"),
            refusal("[update]\nsources = ['https://a.example?x=1']\n"),
            refusal("[update]\ntrust_root = 'root.json'\n"),
            refusal("[update]\nlook_every_h = 0\n"),
            refusal("[update]\nbudget_mb = 0\n"),
            refusal("[air]\nnetwork = ''\n"),
            refusal("[air]\nnetwork = 'a name of more than 27 bytes'\n"),
            refusal("[air]\n\nsecurity = 'wep'\n"),
            refusal("[air]\ncountry = 'ph'\n"),
            refusal("[air]\nband_ghz = 6\n"),
            refusal("[air]\nchannel = 15\n"),
            refusal("[air]\nband_ghz = 5\nchannel = 6\n"),
            refusal("[air]\nkit = ['01:00:00:00:00:01']\n"),
            refusal("[air]\nkit = ['02:00:5e:10:00:01', '02-00-5E-10-00-01']\n"),
            refusal("[air]\nreserved_seats = 300\n"),
            refusal("[air]\nnight_off = '22:00'\n"),
            refusal("[air]\naddress = '8.8.8.8/24'\n"),
            refusal("[air]\ncables = ['eth0', 'eth0']\n"),
            refusal("[air]\nlease_h = 0\n"),
            refusal("[air]\nphrase = 'secret'\n"),
            refusal("this is no TOML"),
        ]
        .join("\n")
    );
}

#[test]
fn a_place_that_nobody_gave_is_guessed_from_its_hours() {
    let config = Config::parse("[site]\nutc_offset_min = 345\n", Path::new("box.toml")).unwrap();
    assert_eq!(config.place.position, None);
    let site = config
        .place
        .site(config.policy.capacity(), &config.timetable)
        .unwrap();
    assert_eq!((site.latitude(), site.longitude()), (0.0, 86.25));
    assert_eq!(site.panel().get(), DEFAULT_PANEL_W);
    // The date line: fourteen hours are no place of their own.
    let line = Config::parse("[site]\nutc_offset_min = 840\n", Path::new("box.toml")).unwrap();
    assert!(
        line.place
            .site(line.policy.capacity(), &line.timetable)
            .is_some()
    );
}

#[test]
fn a_file_without_an_end_is_refused() {
    let error = Config::read(Path::new("/dev/zero"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("larger than 1 MiB"), "{error}");
}

#[test]
fn the_named_file_comes_first_then_the_schools_own() {
    let data = tempfile::tempdir().unwrap();
    let offset = |named: Option<&Path>| {
        Config::of_the_box(named, data.path()).map(|config| config.place.utc_offset_min)
    };
    assert_eq!(offset(None), Ok(0), "the control: no file, no settings");
    let own = data.path().join(NAME_IN_DATA);
    std::fs::write(&own, "[site]\nutc_offset_min = 60\n").unwrap();
    assert_eq!(offset(None), Ok(60));
    let named = data.path().join("named.toml");
    std::fs::write(&named, "[site]\nutc_offset_min = 120\n").unwrap();
    assert_eq!(offset(Some(&named)), Ok(120));
    // A mistyped folder, or a file in its place, is for who opens the data to tell.
    assert!(Config::of_the_box(None, &data.path().join("none")).is_ok());
    assert!(Config::of_the_box(None, &own).is_ok());
}

#[test]
fn what_stands_in_the_place_of_the_schools_settings_is_told_and_never_passed_over() {
    use std::os::unix::fs::symlink;
    let data = tempfile::tempdir().unwrap();
    let own = data.path().join(NAME_IN_DATA);
    let refused = || {
        let error = Config::of_the_box(None, data.path())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("config.toml") && !error.contains('\n'),
            "{error}"
        );
        std::fs::remove_file(&own).unwrap();
        error
    };
    std::fs::write(&own, [0xff, 0xfe, 0x00]).unwrap();
    assert!(refused().contains("UTF-8"));
    std::fs::write(&own, "[wep]\n").unwrap();
    assert!(refused().contains("line 1"));
    let large = File::create(&own).unwrap();
    large.set_len(2 << 30).unwrap();
    assert!(refused().contains("larger than 1 MiB"));
    symlink("/dev/zero", &own).unwrap();
    assert!(refused().contains("no file"));
    nix::unistd::mkfifo(&own, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert!(refused().contains("no file"));
    symlink("nowhere", &own).unwrap();
    refused();
    std::fs::create_dir(&own).unwrap();
    let error = Config::of_the_box(None, data.path())
        .unwrap_err()
        .to_string();
    assert!(error.contains("no file"), "{error}");
}

#[test]
fn a_missing_file_is_one_line() {
    let error = Config::read(Path::new("/nowhere/box.toml"))
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("configuration /nowhere/box.toml: cannot be read"),
        "{error}"
    );
}
