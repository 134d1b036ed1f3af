#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt;

fn paths(data: &Path) -> [PathBuf; 2] {
    NAMES.map(|name| data.join(FOLDER).join(name))
}

#[test]
fn it_is_drawn_once_and_nobody_else_may_read_it() {
    let data = tempfile::tempdir().unwrap();
    let made = Identity::open_or_make(data.path()).unwrap();
    assert_eq!(Identity::open_or_make(data.path()).unwrap(), made);
    assert_eq!(made.phrase().len(), 23);
    assert_eq!(made.notice(), None);
    let air = Air {
        network: "a name of twenty-seven byte".to_owned(),
        ..Air::default()
    };
    assert_eq!(made.network_name(&air).len(), 32);
    assert!(made.network_name(&Air::default()).starts_with("School-"));
    for path in paths(data.path()) {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(
            fs::read_to_string(path).unwrap().contains(made.phrase()),
            "the control"
        );
    }
    assert!(!format!("{made:?}").contains(made.phrase()));
}

#[test]
fn a_file_left_by_a_cut_does_not_open_the_next_one_to_others() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join(FOLDER);
    fs::create_dir(&folder).unwrap();
    let left = folder.join("identity.new");
    fs::write(&left, "half").unwrap();
    fs::set_permissions(&left, fs::Permissions::from_mode(0o644)).unwrap();
    Identity::open_or_make(data.path()).unwrap();
    let mode = fs::metadata(folder.join("identity"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn no_two_boxes_share_one() {
    let drawn: Vec<Identity> = (0..500).map(|_| Identity::for_now().unwrap()).collect();
    let phrases: HashSet<&str> = drawn.iter().map(Identity::phrase).collect();
    assert_eq!(phrases.len(), drawn.len());
    // Each glyph comes: of 2,000 marks' glyphs one in 24 is each, of 10,000 digits one in ten.
    let glyphs: HashSet<char> = drawn.iter().flat_map(|one| one.mark.chars()).collect();
    assert_eq!(glyphs.len(), MARK_GLYPHS.len());
    for digit in '0'..='9' {
        let count: usize = phrases
            .iter()
            .map(|phrase| phrase.matches(digit).count())
            .sum();
        assert!((800..1_200).contains(&count), "{digit}: {count}");
    }
}

#[test]
fn either_file_makes_the_other_good() {
    for damaged in [0, 1] {
        for how in [
            "",
            "garbage",
            "mark=AAAA\nphrase=11111-11111-11111-11111\ncheck=0\n",
            "gone",
        ] {
            let data = tempfile::tempdir().unwrap();
            let made = Identity::open_or_make(data.path()).unwrap();
            let path = &paths(data.path())[damaged];
            match how {
                "gone" => fs::remove_file(path).unwrap(),
                text => fs::write(path, text).unwrap(),
            }
            assert_eq!(
                Identity::open_or_make(data.path()).unwrap(),
                made,
                "{damaged} {how}"
            );
            assert!(fs::read_to_string(path).unwrap().contains(made.phrase()));
        }
    }
}

#[test]
fn the_first_holds_where_they_differ() {
    let data = tempfile::tempdir().unwrap();
    let made = Identity::open_or_make(data.path()).unwrap();
    let other = Identity::for_now().unwrap();
    other.write(&paths(data.path())[1]).unwrap();
    assert_eq!(Identity::open_or_make(data.path()).unwrap(), made);
    assert!(matches!(look(&paths(data.path())[1]), Found::Sound(mended) if mended == made));
}

#[test]
fn both_damaged_is_told_once_and_what_was_there_is_kept() {
    let data = tempfile::tempdir().unwrap();
    let made = Identity::open_or_make(data.path()).unwrap();
    for path in paths(data.path()) {
        let text = fs::read_to_string(&path).unwrap().replace('-', "_");
        fs::write(path, text).unwrap();
    }
    let anew = Identity::open_or_make(data.path()).unwrap();
    assert_ne!(anew.phrase(), made.phrase());
    assert!(anew.notice().unwrap().contains("print the label again"));
    assert!(data.path().join("air/identity.refused").is_file());
    let later = Identity::open_or_make(data.path()).unwrap();
    assert_eq!((later.phrase(), later.notice()), (anew.phrase(), None));
}

#[test]
fn a_disk_that_keeps_nothing_is_named() {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join(FOLDER), "no folder").unwrap();
    let error = Identity::open_or_make(data.path()).unwrap_err().to_string();
    assert!(
        error.contains("/air") && error.contains("check the data disk"),
        "{error}"
    );
}
