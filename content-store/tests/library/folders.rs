//! Plain folders.

use crate::rig::{Rig, body, entry, id, is_missing, line, read, redirect};
use content_store::formats;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

const HOME: &[u8] = b"<html lang=es><head><title>La casa</title><meta name=description content='Una casa.'></head><p>Hola a todos";

#[test]
fn files_types_twins_and_folders() {
    let rig = Rig::new();
    let long = format!("<p>{}", "word ".repeat(500));
    let source = rig.folder_of(
        "My House",
        &[
            ("index.html", HOME),
            ("rooms/index.html", long.as_bytes()),
            ("rooms/app.mjs", b"export {}"),
            ("a b/c&d.svg", b"<svg/>"),
            (".hidden/secret", b"no"),
            ("empty.txt", b""),
        ],
    );
    let library = rig.library();
    let summary = rig.import(&library, &source);
    assert_eq!(summary.id, id("my-house"));
    assert_eq!(
        (
            summary.title.as_str(),
            summary.language.as_str(),
            summary.description.as_str()
        ),
        ("La casa", "es", "Una casa.")
    );
    assert_eq!((summary.home.as_str(), summary.pages), ("index.html", 2));
    let pack = library.pack(&summary.id).unwrap();
    assert_eq!(body(&pack, "index.html"), HOME);
    assert_eq!(body(&pack, "empty.txt"), b"");
    assert_eq!(
        entry(&pack, "rooms/app.mjs").mime,
        "text/javascript; charset=utf-8"
    );
    assert_eq!(body(&pack, "a b/c&d.svg"), b"<svg/>");
    assert_eq!(redirect(&pack, "rooms"), "rooms/index.html");
    assert_eq!(body(&pack, "rooms/"), long.as_bytes());
    for path in [
        ".hidden/secret",
        "../index.html",
        "/index.html",
        "rooms/../index.html",
        "nothing",
        "nothing/",
    ] {
        assert!(is_missing(&pack, path), "{path}");
    }
    let page = entry(&pack, "rooms/index.html");
    let (len, twin) = page.gzip.unwrap();
    let twin = read(&twin);
    assert_eq!(twin.len() as u64, len);
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&twin[..])
        .read_to_end(&mut unpacked)
        .unwrap();
    assert_eq!(unpacked, long.as_bytes());
    assert!(entry(&pack, "empty.txt").gzip.is_none());
}

#[test]
fn links_and_odd_names_are_left_out() {
    let rig = Rig::new();
    let outside = rig.folder_of("outside", &[("secret.txt", b"secret")]);
    let source = rig.folder_of("inside", &[("index.html", HOME)]);
    symlink(outside.join("secret.txt"), source.join("link.txt")).unwrap();
    symlink(&outside, source.join("folder")).unwrap();
    symlink("/", source.join("root")).unwrap();
    fs::write(
        source.join(std::ffi::OsStr::from_bytes(b"caf\xe9.txt")),
        b"x",
    )
    .unwrap();
    let plan = formats::plan(&source).unwrap();
    assert_eq!(plan.notes.len(), 4, "{:?}", plan.notes);
    assert_eq!(plan.copy_bytes, HOME.len() as u64);
    let library = rig.library();
    let summary = rig.import(&library, &source);
    let pack = library.pack(&summary.id).unwrap();
    for path in ["link.txt", "folder/secret.txt", "root/etc/passwd", "folder"] {
        assert!(is_missing(&pack, path), "{path}");
    }
}

#[test]
fn what_is_no_pack_is_refused_in_one_line() {
    let rig = Rig::new();
    let bare = rig.folder_of("bare", &[("readme.txt", b"x")]);
    let link = rig.folder_of("link", &[("page.html", HOME)]);
    symlink(link.join("page.html"), link.join("index.html")).unwrap();
    let text = rig.source("note.txt");
    fs::write(&text, "hello").unwrap();
    for source in [bare, link, text, "/dev/null".into()] {
        let error = formats::plan(&source).unwrap_err();
        assert!(
            line(&error).contains("neither a ZIM file nor a folder"),
            "{}",
            line(&error)
        );
    }
    let deep = rig.folder_of("deep", &[("index.html", HOME)]);
    fs::create_dir_all(deep.join("d/".repeat(80))).unwrap();
    let error = formats::plan(&deep).unwrap_err();
    assert!(line(&error).contains("64 folders deep") && error.is_corrupt());
    assert!(line(&formats::plan(&rig.source("nowhere")).unwrap_err()).starts_with("cannot read"));
    assert!(rig.files().is_empty());
}

#[test]
fn packs_share_blobs_and_removal_keeps_what_is_shared() {
    let rig = Rig::new();
    let library = rig.library();
    let shared = "shared picture ".repeat(100);
    let one = rig.folder_of("one", &[("index.html", HOME), ("p.bin", shared.as_bytes())]);
    let two = rig.folder_of(
        "two",
        &[("index.html", b"<title>Two"), ("q.bin", shared.as_bytes())],
    );
    rig.import(&library, &one);
    let before = rig.files();
    rig.import(&library, &two);
    // its own page and its index; the page is too short for a twin
    assert_eq!(rig.files().len(), before.len() + 2);
    assert_eq!(
        library
            .packs()
            .iter()
            .map(|p| p.id.as_str())
            .collect::<Vec<_>>(),
        ["one", "two"]
    );
    let held = library.pack(&id("two")).unwrap();
    let open = entry(&held, "q.bin");
    library.remove(&id("two")).unwrap();
    library.settle().unwrap();
    assert_eq!(rig.files(), before);
    assert_eq!(
        read(&open.body),
        shared.as_bytes(),
        "who reads goes on reading"
    );
    assert!(library.pack(&id("two")).is_none());
    assert_eq!(
        body(&library.pack(&id("one")).unwrap(), "p.bin"),
        shared.as_bytes()
    );
    let error = library.remove(&id("two")).unwrap_err();
    assert!(line(&error).contains("no pack `two`"));
}

#[test]
fn a_new_version_replaces_the_old_one() {
    let rig = Rig::new();
    let library = rig.library();
    let source = rig.folder_of(
        "book",
        &[
            ("index.html", b"<title>First"),
            ("gone.html", b"<title>Gone"),
        ],
    );
    let first = rig.import(&library, &source);
    let files = rig.files().len();
    let old = library.pack(&id("book")).unwrap();
    let open = entry(&old, "index.html");
    assert_eq!(
        rig.import(&library, &source),
        first,
        "the same version again changes nothing"
    );
    assert_eq!(rig.files().len(), files);
    fs::remove_file(source.join("gone.html")).unwrap();
    fs::write(source.join("index.html"), b"<title>Second edition").unwrap();
    let second = rig.import(&library, &source);
    assert_ne!(first.version, second.version);
    assert_eq!(library.packs()[..], [second]);
    assert_eq!(
        body(&library.pack(&id("book")).unwrap(), "index.html"),
        b"<title>Second edition"
    );
    assert!(library.search("gone", 5, 0).unwrap().is_empty());
    assert_eq!(read(&open.body), b"<title>First");
    assert_eq!(rig.files().len(), files - 1);
}

#[test]
fn a_folder_that_changes_while_it_is_imported_is_not_taken_in() {
    let rig = Rig::new();
    let source = rig.folder_of("moving", &[("index.html", HOME), ("a.txt", b"one")]);
    let plan = formats::plan(&source).unwrap();
    fs::write(source.join("b.txt"), b"two").unwrap();
    let refused = formats::stage(&plan, &rig.data(), 0, &mut |_| ()).unwrap_err();
    assert!(line(&refused).contains("changed while it was imported"));
    assert!(rig.stage(&source).is_ok(), "asked again, it is taken in");
}
