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

#[test]
fn every_key_is_taken() {
    let config = Config::parse(
        "[web]\nlisten = '127.0.0.1:8080'\nhost = 'class.internal'\n[site]\nutc_offset_min = 345\n\
         [power]\nfull_at_percent = 60\ncapacity_wh = 205\n[storage]\nrecords_reserve_mib = 8\nkeep_free_mib = 32\n",
        Path::new("box.toml"),
    )
    .unwrap();
    assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.host, "class.internal");
    assert_eq!(config.utc_offset_min, 345);
    assert_eq!(
        (config.records_reserve_bytes, config.keep_free_bytes),
        (8 * MIB, 32 * MIB)
    );
    assert_ne!(config.policy, Policy::default());
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
            refusal("[power]\nfull_at_percent = 'much'\n"),
            refusal("[power]\ndwell_s = -1\n"),
            refusal("[storage]\nkeep_free_mib = 1.5\n"),
            refusal("[power]\nfull_at_percent = 20\neco_at_percent = 40\n"),
            refusal("[power]\n\neco_at_percent = 80\n"),
            refusal("[power]\noff_at_percent = 120\n"),
            refusal("[storage]\nrecords_reserve_mib = 100\nkeep_free_mib = 50\n"),
            refusal("[storage]\nkeep_free_mib = 0\n"),
            refusal("this is no TOML"),
        ]
        .join("\n")
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
        Config::of_the_box(named, data.path()).map(|config| config.utc_offset_min)
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
