//! Damage: to blobs, to the catalogue, to stages.

use crate::rig::{Rig, body, id, line};
use crate::zim_writer::{Packing, Zim};
use content_store::library::{Library, LibraryOptions, Parts};
use std::fs;
use std::path::PathBuf;

fn two_packs(rig: &Rig) -> Library {
    let library = rig.library();
    let zim = rig.source("a.zim");
    fs::write(&zim, Zim::sample((6, 1), Packing::Zstd, false).bytes()).unwrap();
    rig.import(&library, &zim);
    let folder = rig.folder_of(
        "notes",
        &[("index.html", b"<title>Notes"), ("a.bin", b"0123456789")],
    );
    rig.import(&library, &folder);
    library
}

fn file_of_length(rig: &Rig, length: u64) -> PathBuf {
    let found = rig.files().into_iter().map(|name| rig.data().join(name));
    found
        .into_iter()
        .find(|path| fs::metadata(path).unwrap().len() == length)
        .unwrap()
}

#[test]
fn a_part_of_the_library_is_checked_and_from_wherever_one_begins_all_of_it() {
    let rig = Rig::new();
    let library = two_packs(&rig);
    let blob = file_of_length(&rig, 10);
    fs::write(&blob, b"0123456780").unwrap();
    let whole = library.verify(&mut |_, _| ()).unwrap();
    for first in [0, 1, 0x80, 0xff] {
        let some = library
            .verify_some(Parts::all_from(first), &|| false, &mut |_, _| true)
            .unwrap();
        assert!(some.whole);
        assert_eq!(some.report, whole, "from {first:#x}");
        assert_eq!(some.damaged.len(), 1);
    }
    // The part that the damage lies in, and the others.
    let named = blob.file_name().unwrap().to_str().unwrap();
    for part in 0..=u8::MAX {
        let some = library.verify_some(Parts::one(part), &|| false, &mut |_, _| true);
        let some = some.unwrap();
        let here = named.starts_with(&format!("{part:02x}"));
        assert!(some.whole);
        assert_eq!(some.damaged.len(), usize::from(here), "{part:02x}: {named}");
    }
    // One look after each blob: the two indexes, then one blob at a time.
    let mut left = 3;
    let some = library
        .verify_some(Parts::all_from(0), &|| false, &mut |_, _| {
            left -= 1;
            left > 0
        })
        .unwrap();
    assert!(!some.whole && some.report.blobs < whole.blobs, "{some:?}");
    assert!(some.total_bytes > some.report.bytes);
    let none = library
        .verify_some(Parts::all_from(0), &|| false, &mut |_, _| false)
        .unwrap();
    assert_eq!((none.whole, none.report.blobs), (false, 0));
}

#[test]
fn a_check_stops_in_the_middle_of_a_blob_which_has_its_turn_again() {
    let rig = Rig::new();
    let library = rig.library();
    let film = vec![b'x'; 3 << 20];
    let folder = rig.folder_of(
        "films",
        &[("index.html", b"<title>Films"), ("film.bin", &film)],
    );
    rig.import(&library, &folder);
    let read_until = |most: u32| {
        let asked = std::cell::Cell::new(0);
        let stop = || {
            asked.set(asked.get() + 1);
            asked.get() > most
        };
        library
            .verify_some(Parts::all_from(0), &stop, &mut |_, _| true)
            .unwrap()
    };
    let whole = read_until(u32::MAX);
    assert!(whole.whole && whole.report.bytes > 3 << 20, "the control");
    let cut = read_until(10);
    assert!(!cut.whole && cut.report.bytes < 2 << 20, "{cut:?}");
    assert_eq!(cut.report.faults, [] as [String; 0]);
}

#[test]
fn verify_names_what_is_wrong_and_a_new_import_heals_it() {
    let rig = Rig::new();
    let library = two_packs(&rig);
    let mut calls = Vec::new();
    let clean = library
        .verify(&mut |done, total| calls.push((done, total)))
        .unwrap();
    assert!(clean.faults.is_empty());
    assert_eq!((clean.packs, clean.blobs), (2, 5));
    let total = library.packs().iter().map(|pack| pack.bytes).sum::<u64>();
    assert_eq!(calls.last(), Some(&(total, total)));
    assert!(calls.is_sorted());

    let blob = file_of_length(&rig, 10);
    let name = blob.file_name().unwrap().to_str().unwrap().to_owned();
    fs::write(&blob, b"0123456780").unwrap();
    assert_eq!(
        library.verify(&mut |_, _| ()).unwrap().faults,
        [format!("pack notes: blob {name}: its bytes have changed")]
    );
    fs::write(&blob, b"0123").unwrap();
    assert_eq!(
        library.verify(&mut |_, _| ()).unwrap().faults,
        [format!(
            "pack notes: blob {name}: 4 bytes long instead of 10"
        )]
    );
    fs::remove_file(&blob).unwrap();
    assert_eq!(
        library.verify(&mut |_, _| ()).unwrap().faults,
        [format!("pack notes: blob {name}: missing")]
    );
    rig.import(&library, &rig.source("notes"));
    assert!(library.verify(&mut |_, _| ()).unwrap().faults.is_empty());
}

#[test]
fn a_damaged_catalogue_is_put_aside_and_rebuilt() {
    let rig = Rig::new();
    let before = two_packs(&rig).packs();
    let path = rig.data().join("library/library.db");
    let sound = fs::read(&path).unwrap();
    let mut page_two = sound.clone();
    page_two[4096..].fill(0xaa);
    let damages: [Vec<u8>; 4] = [
        b"not a database at all ".repeat(100),
        page_two,
        sound[..4096].to_vec(),
        {
            let mut zeroed = sound.clone();
            zeroed[..100].fill(0);
            zeroed
        },
    ];
    for (number, damage) in damages.iter().enumerate() {
        for suffix in ["-wal", "-shm"] {
            let _ = fs::remove_file(rig.data().join(format!("library/library.db{suffix}")));
        }
        fs::write(&path, damage).unwrap();
        let library = rig.library();
        assert_eq!(library.packs(), before, "damage {number}");
        assert_eq!(library.search("word3", 5, 0).unwrap().len(), 1);
        assert!(library.verify(&mut |_, _| ()).unwrap().faults.is_empty());
        assert!(
            rig.data()
                .join(format!("library/library.db.corrupt-{}", number + 1))
                .exists()
        );
    }
    // A catalogue that is gone, or was never finished, is rebuilt too.
    fs::remove_file(&path).unwrap();
    assert_eq!(rig.library().packs(), before);
    fs::write(&path, b"").unwrap();
    assert_eq!(rig.library().packs(), before);
}

#[test]
fn a_pack_that_cannot_be_opened_does_not_stop_the_others() {
    let rig = Rig::new();
    drop(two_packs(&rig));
    for index in fs::read_dir(rig.data().join("library/indexes")).unwrap() {
        let path = index.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        if bytes.windows(5).any(|w| w == b"Notes") {
            fs::write(path, &bytes[..100]).unwrap();
        }
    }
    let library = rig.library();
    assert_eq!(library.packs().len(), 1);
    library.probe().unwrap();
    let faults = library.verify(&mut |_, _| ()).unwrap().faults;
    assert!(
        faults.len() == 1 && faults[0].starts_with("pack notes: index "),
        "{faults:?}"
    );
    rig.import(&library, &rig.source("notes"));
    assert_eq!(
        body(&library.pack(&id("notes")).unwrap(), "a.bin"),
        b"0123456789"
    );
    library.remove(&id("notes")).unwrap();
}

#[test]
fn what_is_no_stage_is_not_adopted() {
    let rig = Rig::new();
    let library = rig.library();
    let source = rig.folder_of(
        "notes",
        &[("index.html", b"<title>Notes"), ("a.bin", b"0123456789")],
    );
    let stage = rig.stage(&source).unwrap();
    let refused = |stage: &std::path::Path, says: &str| {
        let error = library.adopt(stage).unwrap_err();
        assert!(line(&error).contains(says), "{}", line(&error));
        assert!(library.packs().is_empty());
    };
    refused(&rig.source("notes"), "incoming folder");
    refused(
        &rig.data().join("incoming/../incoming/none"),
        "does not exist",
    );
    refused(&rig.data().join("incoming/.."), "incoming folder");
    let manifest = fs::read(stage.join("manifest.json")).unwrap();
    fs::write(stage.join("manifest.json"), b"{}").unwrap();
    refused(&stage, "manifest");
    fs::write(stage.join("manifest.json"), &manifest).unwrap();
    let index = fs::read(stage.join("index.db")).unwrap();
    let mut changed = index.clone();
    *changed.last_mut().unwrap() ^= 1;
    fs::write(stage.join("index.db"), changed).unwrap();
    refused(&stage, "hash");
    fs::write(stage.join("index.db"), index).unwrap();
    for blob in fs::read_dir(stage.join("blobs")).unwrap() {
        let path = blob.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", &path).unwrap();
        refused(&stage, "missing");
        fs::remove_file(&path).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let summary = library.adopt(&stage).unwrap();
    assert_eq!(
        library.adopt(&stage).unwrap(),
        summary,
        "asked again after a lost answer"
    );
    drop(library);
    let full = Library::open(
        &rig.data(),
        LibraryOptions {
            keep_free: u64::MAX,
        },
    )
    .unwrap();
    let other = rig.folder_of("other", &[("index.html", b"<title>Other")]);
    let error = full.adopt(&rig.stage(&other).unwrap()).unwrap_err();
    assert!(error.is_full() && line(&error).contains("more bytes are needed"));
}

#[test]
fn nobody_else_may_put_a_stage_into_incoming() {
    use std::os::unix::fs::PermissionsExt;
    let rig = Rig::new();
    // Of this process alone for a moment: a careless umask takes no bit away.
    let before = nix::sys::stat::umask(nix::sys::stat::Mode::empty());
    let library = rig.library();
    nix::sys::stat::umask(before);
    drop(library);
    for folder in ["incoming", "library", "library/blobs", "library/indexes"] {
        let mode = std::fs::metadata(rig.data().join(folder))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o022, 0, "{folder}: {mode:o}");
    }
}
