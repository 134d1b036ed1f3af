//! An import that is stopped at every point where it can be, and goes on.

use crate::rig::{Rig, body, line};
use crate::zim_writer::{Packing, Zim};
use content_store::formats::{self, ImportError};
use content_store::library::PackSummary;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Stops a staging at its `call`-th progress call; false when there were fewer.
fn stop_at(rig: &Rig, source: &Path, call: u32) -> bool {
    let plan = formats::plan(source).unwrap();
    let mut calls = 0;
    let run = catch_unwind(AssertUnwindSafe(|| {
        formats::stage(&plan, &rig.data(), 0, &mut |_| {
            calls += 1;
            if calls == call {
                std::panic::resume_unwind(Box::new("power cut"));
            }
        })
    }));
    match run {
        Ok(staged) => {
            staged.unwrap();
            false
        }
        Err(_) => true,
    }
}

fn zim_of_many_batches(rig: &Rig) -> PathBuf {
    let mut zim = Zim::new((6, 1));
    for number in 0..2500 {
        if number % 500 == 0 {
            zim.cluster(Packing::Zstd, false);
        }
        let page = format!(
            "<title>Page {number}</title><p>word{number} {}",
            "again ".repeat(60)
        );
        let cluster = u32::try_from(zim.clusters.len() - 1).unwrap();
        zim.add(
            b'C',
            &format!("p{number}.html"),
            "",
            "text/html",
            cluster,
            page.as_bytes(),
        );
    }
    let plain = zim.cluster(Packing::Plain, false);
    zim.add(
        b'C',
        "noise.bin",
        "",
        "application/octet-stream",
        plain,
        &vec![7; 1_200_000],
    );
    let path = rig.source("many.zim");
    fs::write(&path, zim.bytes()).unwrap();
    path
}

fn folder_of_many_batches(rig: &Rig) -> PathBuf {
    let path = rig.source("many");
    fs::create_dir_all(&path).unwrap();
    for number in 0..700 {
        let name = if number == 0 {
            "index.html".to_owned()
        } else {
            format!("p{number}.html")
        };
        fs::write(
            path.join(name),
            format!("<title>Page {number}</title><p>word{number}"),
        )
        .unwrap();
    }
    path
}

fn uninterrupted(source: &Path) -> PackSummary {
    let rig = Rig::new();
    rig.import(&rig.library(), source)
}

fn stopped_everywhere(make: fn(&Rig) -> PathBuf) {
    let rig = Rig::new();
    let source = make(&rig);
    let expected = uninterrupted(&source);
    let mut call = 1;
    loop {
        let rig = Rig::new();
        let library = rig.library();
        if !stop_at(&rig, &source, call) {
            assert!(call > 3, "only {call} points were tried");
            break;
        }
        assert!(
            library.packs().is_empty(),
            "nothing is visible before it is adopted"
        );
        // stopped a second time, one point further on
        stop_at(&rig, &source, 2);
        let summary = rig.import(&library, &source);
        assert_eq!(
            (&summary.version, summary.pages, &summary.home),
            (&expected.version, expected.pages, &expected.home)
        );
        let pack = library.pack(&summary.id).unwrap();
        assert!(
            String::from_utf8(body(&pack, "p77.html"))
                .unwrap()
                .contains("word77")
        );
        for word in ["word77", "word699"] {
            assert_eq!(
                library.search(word, 100, 0).unwrap().len(),
                if word == "word77" {
                    1 + extra(&expected)
                } else {
                    1
                }
            );
        }
        assert!(library.verify(&mut |_, _| ()).unwrap().faults.is_empty());
        assert!(rig.files().iter().all(|file| !file.starts_with("incoming")));
        call += 1;
    }
}

/// `word77` is also the beginning of `word770` to `word779`, where there are so many.
fn extra(summary: &PackSummary) -> usize {
    if summary.pages > 779 { 10 } else { 0 }
}

#[test]
fn an_archive() {
    stopped_everywhere(zim_of_many_batches);
}

#[test]
fn a_folder() {
    stopped_everywhere(folder_of_many_batches);
}

#[test]
fn a_torn_copy_is_noticed_and_made_again() {
    let rig = Rig::new();
    let source = zim_of_many_batches(&rig);
    assert!(stop_at(&rig, &source, 3));
    let part = rig
        .files()
        .into_iter()
        .find(|name| name.ends_with("archive.part"))
        .unwrap();
    let part = rig.data().join(part);
    let mut bytes = fs::read(&part).unwrap();
    assert!(
        bytes.len() > 256 * 1024,
        "the resumed run has something to go on from"
    );
    bytes[100_000..200_000].fill(0);
    fs::write(&part, bytes).unwrap();
    let summary = rig.import(&rig.library(), &source);
    assert_eq!(summary.version, uninterrupted(&source).version);
}

#[test]
fn a_resumed_copy_reads_only_the_rest_of_the_source() {
    let rig = Rig::new();
    let source = zim_of_many_batches(&rig);
    let plan = formats::plan(&source).unwrap();
    assert!(stop_at(&rig, &source, 3));
    let mut copied_from = None;
    formats::stage(&plan, &rig.data(), 0, &mut |progress| {
        if progress.phase == "copying" && copied_from.is_none() {
            copied_from = Some(progress.done);
        }
    })
    .unwrap();
    assert!(copied_from.unwrap() > 512 * 1024, "{copied_from:?}");
}

#[test]
fn a_finished_stage_is_answered_at_once_and_a_changed_source_begins_anew() {
    let rig = Rig::new();
    let source = rig.folder_of("notes", &[("index.html", b"<title>One")]);
    let first = rig.stage(&source).unwrap();
    let plan = formats::plan(&source).unwrap();
    let again = formats::stage(&plan, &rig.data(), 0, &mut |_| {
        panic!("nothing is left to do")
    })
    .unwrap();
    assert_eq!(first, again);
    fs::write(source.join("index.html"), b"<title>Two, longer").unwrap();
    let second = rig.stage(&source).unwrap();
    assert_ne!(first, second);
    assert!(!first.exists(), "the stage of the older state is gone");
    assert_eq!(rig.library().adopt(&second).unwrap().title, "Two, longer");
}

#[test]
fn one_source_is_imported_by_one_process_at_a_time() {
    let rig = Rig::new();
    let source = rig.folder_of("notes", &[("index.html", b"<title>One")]);
    let plan = formats::plan(&source).unwrap();
    let mut refused = None;
    formats::stage(&plan, &rig.data(), 0, &mut |_| {
        refused = Some(formats::stage(&plan, &rig.data(), 0, &mut |_| ()).unwrap_err());
    })
    .unwrap();
    let error = refused.unwrap();
    assert!(
        matches!(error, ImportError::Busy { .. }),
        "{}",
        line(&error)
    );
}
