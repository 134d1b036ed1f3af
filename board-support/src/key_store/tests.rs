#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and plays the disk"
)]

use super::*;
use tempfile::TempDir;

fn key(byte: u8) -> RecordsKey {
    RecordsKey::from_bytes([byte; KEY_BYTES])
}

fn keys() -> (TempDir, FileKeys) {
    let data = tempfile::tempdir().unwrap();
    let keys = FileKeys::in_data(data.path());
    (data, keys)
}

/// `Some(byte)`: that key; `None`: destroyed.
fn found(keys: &FileKeys) -> Option<u8> {
    match keys.find().unwrap() {
        KeyFound::Key(key) => Some(key.bytes()[0]),
        KeyFound::Destroyed => None,
        other @ (KeyFound::None | KeyFound::Damaged) => panic!("{other:?}"),
    }
}

fn holds(folder: &Path, needle: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

#[test]
fn a_key_is_kept_destroyed_and_followed_by_another() {
    let (_data, keys) = keys();
    assert!(matches!(keys.find().unwrap(), KeyFound::None));
    keys.keep(&key(7)).unwrap();
    assert_eq!(found(&keys), Some(7));
    assert!(holds(&keys.folder, &[7; KEY_BYTES]), "the control");
    keys.destroy().unwrap();
    assert_eq!(found(&keys), None);
    assert!(!holds(&keys.folder, &[7; KEY_BYTES]));
    keys.keep(&key(8)).unwrap();
    assert_eq!(found(&keys), Some(8));
}

#[test]
fn either_copy_does_and_is_made_good_by_the_other() {
    for place in 0..2 {
        for damage in ["gone", "flipped", "short"] {
            let (_data, keys) = keys();
            keys.keep(&key(7)).unwrap();
            let path = &keys.paths()[place];
            let mut bytes = fs::read(path).unwrap();
            bytes[20] ^= 1;
            match damage {
                "gone" => fs::remove_file(path).unwrap(),
                "flipped" => fs::write(path, &bytes).unwrap(),
                _ => fs::write(path, &bytes[..40]).unwrap(),
            }
            assert_eq!(found(&keys), Some(7), "{damage}");
            fs::remove_file(&keys.paths()[1 - place]).unwrap();
            assert_eq!(found(&keys), Some(7), "{damage}: mended");
        }
    }
}

/// A copy on a disk that takes no writes any more: it reads as zeros, and there is no room.
#[test]
fn a_copy_that_cannot_be_made_good_is_told_and_the_key_is_there() {
    for place in 0..2 {
        let (_data, keys) = keys();
        assert_eq!(keys.stale_copy(), None, "nothing is kept");
        keys.keep(&key(7)).unwrap();
        assert_eq!(keys.stale_copy(), None);
        let path = &keys.paths()[place];
        fs::remove_file(path).unwrap();
        assert_eq!(keys.stale_copy().as_ref(), Some(path));
        assert_eq!(found(&keys), Some(7));
        assert_eq!(keys.stale_copy(), None, "the control: it was made good");
        fs::remove_file(path).unwrap();
        std::os::unix::fs::symlink("/dev/full", path).unwrap();
        assert_eq!(found(&keys), Some(7));
        assert_eq!(keys.stale_copy().as_ref(), Some(path));
    }
}

#[test]
fn a_key_that_is_damaged_in_both_copies_is_told_and_set_aside() {
    let (_data, keys) = keys();
    keys.keep(&key(7)).unwrap();
    for path in keys.paths() {
        let mut bytes = fs::read(&path).unwrap();
        bytes[0] ^= 1;
        fs::write(&path, bytes).unwrap();
    }
    assert!(matches!(keys.find().unwrap(), KeyFound::Damaged));
    keys.keep(&key(8)).unwrap();
    assert_eq!(found(&keys), Some(8));
    assert!(
        holds(&keys.folder, &[7; KEY_BYTES]),
        "for whoever mends what it sealed"
    );
    keys.destroy().unwrap();
    assert!(!holds(&keys.folder, &[7; KEY_BYTES]), "until it is erased");
}

/// The files as a cut leaves them: each of the two writes not begun, torn in the middle, or whole.
fn states(before: [Vec<u8>; 2], after: [Vec<u8>; 2]) -> Vec<[Vec<u8>; 2]> {
    let torn = |place: usize, at: usize| {
        let mut bytes = after[place][..at.min(after[place].len())].to_vec();
        bytes.extend(before[place].get(at..).unwrap_or_default());
        bytes
    };
    let cuts: Vec<usize> = (0..=END).chain([512, BLOCK]).collect();
    let first = cuts.iter().map(|at| [torn(0, *at), before[1].clone()]);
    let second = cuts.iter().map(|at| [after[0].clone(), torn(1, *at)]);
    first.chain(second).collect()
}

fn contents(keys: &FileKeys) -> [Vec<u8>; 2] {
    keys.paths().map(|path| fs::read(path).unwrap_or_default())
}

/// What every cut of `change` leaves, by [`FileKeys::find`].
fn cut_everywhere(change: impl Fn(&FileKeys)) -> Vec<(KeyFound, bool)> {
    let (_data, keys) = keys();
    keys.keep(&key(7)).unwrap();
    let before = contents(&keys);
    change(&keys);
    let after = contents(&keys);
    states(before, after)
        .into_iter()
        .map(|state| {
            for (path, bytes) in keys.paths().iter().zip(state) {
                fs::write(path, bytes).unwrap();
            }
            let found = keys.find().unwrap();
            (found, holds(&keys.folder, &[7; KEY_BYTES]))
        })
        .collect()
}

#[test]
fn a_cut_anywhere_in_destroying_leaves_the_key_or_nothing_of_it() {
    let states = cut_everywhere(|keys| keys.destroy().unwrap());
    let (mut kept, mut gone) = (0, 0);
    for (state, left) in states {
        match state {
            KeyFound::Key(key) => {
                assert_eq!(key.bytes()[0], 7);
                kept += 1;
            }
            KeyFound::Destroyed => {
                assert!(!left, "a copy of a destroyed key is left");
                gone += 1;
            }
            other @ (KeyFound::None | KeyFound::Damaged) => panic!("{other:?}"),
        }
    }
    assert!(kept > 10 && gone > 10, "{kept} kept, {gone} gone");
}

/// The control: one file instead of two, and a cut loses the key without having destroyed it.
#[test]
fn control_with_one_copy_a_cut_damages_the_key() {
    let (_data, keys) = keys();
    keys.keep(&key(7)).unwrap();
    let [before, _] = contents(&keys);
    keys.destroy().unwrap();
    let [after, _] = contents(&keys);
    let damaged = states([before, Vec::new()], [after, Vec::new()])
        .into_iter()
        .filter(|[only, _]| Entry::parse(only).is_none())
        .count();
    assert!(damaged > 10, "{damaged}");
}
