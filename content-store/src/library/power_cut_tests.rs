//! The power is cut after every single step of taking a pack in, replacing one, and removing one. `step()` in the writer marks the
//! steps; from the cut on no further one happens, and the library is opened anew from what is on the disk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use super::{Library, LibraryOptions, PackId, PackSummary};
use crate::formats;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn data(&self) -> PathBuf {
        let data = self.folder.path().join("data");
        fs::create_dir_all(&data).unwrap();
        data
    }

    fn open(&self) -> Library {
        let library = Library::open(&self.data(), LibraryOptions { keep_free: 0 }).unwrap();
        library.settle().unwrap();
        library
    }

    /// An edition of the book: some files change, some stay.
    fn stage(&self, edition: u32) -> PathBuf {
        let source = self.folder.path().join("book");
        fs::create_dir_all(&source).unwrap();
        fs::write(
            source.join("index.html"),
            format!("<title>Edition {edition}</title>"),
        )
        .unwrap();
        for part in 0..4 {
            fs::write(
                source.join(format!("same{part}.bin")),
                format!("the same {part}"),
            )
            .unwrap();
            fs::write(
                source.join(format!("part{part}.bin")),
                format!("part {part} of edition {edition}"),
            )
            .unwrap();
        }
        let plan = formats::plan(&source).unwrap();
        formats::stage(&plan, &self.data(), 0, &mut |_| ()).unwrap()
    }

    fn blobs_and_indexes(&self) -> BTreeSet<String> {
        let library = self.data().join("library");
        let mut found = BTreeSet::new();
        let mut list = |folder: &Path| {
            for file in fs::read_dir(folder).unwrap() {
                found.insert(file.unwrap().file_name().into_string().unwrap());
            }
        };
        list(&library.join("indexes"));
        for shard in fs::read_dir(library.join("blobs")).unwrap() {
            list(&shard.unwrap().path());
        }
        found
    }
}

/// What must hold after any cut: every installed pack is whole, and nothing else lies about.
fn sound(world: &World, library: &Library) -> Result<Vec<PackSummary>, String> {
    let report = library.verify(&mut |_, _| ()).unwrap();
    if !report.faults.is_empty() {
        return Err(report.faults.join("; "));
    }
    let packs = library.packs().to_vec();
    if report.packs != packs.len() as u64 {
        return Err("a pack cannot be opened".to_owned());
    }
    let blobs = report.blobs - report.packs;
    let files = world.blobs_and_indexes().len() as u64;
    if files != blobs + report.packs {
        return Err(format!("{files} files for {blobs} blobs"));
    }
    Ok(packs)
}

fn titles(packs: &[PackSummary]) -> Vec<&str> {
    packs.iter().map(|pack| pack.title.as_str()).collect()
}

/// Runs `change` with a cut after each number of steps; `check` sees what was answered and what is there afterwards.
fn cut_everywhere(
    prepare: impl Fn(&World),
    change: impl Fn(&World, &Library) -> bool,
    check: impl Fn(&World, bool, Vec<PackSummary>),
) -> u64 {
    for steps in 1.. {
        let world = World::new();
        prepare(&world);
        let library = world.open();
        library.cut_after(steps);
        let answered = change(&world, &library);
        let cut = library.steps_left() == 1;
        drop(library);
        let library = world.open();
        let packs = sound(&world, &library)
            .unwrap_or_else(|fault| panic!("cut after {steps} steps: {fault}"));
        drop(library);
        check(&world, answered, packs);
        if !cut {
            return steps;
        }
    }
    0
}

#[test]
fn a_first_import() {
    let steps = cut_everywhere(
        |_| (),
        |world, library| library.adopt(&world.stage(1)).is_ok(),
        |world, answered, packs| {
            assert!(
                !answered || titles(&packs) == ["Edition 1"],
                "what was answered is there"
            );
            // The same command again ends well wherever the power was cut, without copying when the stage is still there.
            let library = world.open();
            library.adopt(&world.stage(1)).unwrap();
            assert_eq!(titles(&sound(world, &library).unwrap()), ["Edition 1"]);
        },
    );
    assert!(steps > 12, "only {steps} steps");
}

#[test]
fn a_replacement() {
    let before = |world: &World| drop(world.open().adopt(&world.stage(1)).unwrap());
    let steps = cut_everywhere(
        before,
        |world, library| library.adopt(&world.stage(2)).is_ok(),
        |world, answered, packs| {
            let titles_now = titles(&packs);
            assert!(
                titles_now == ["Edition 1"] || titles_now == ["Edition 2"],
                "{titles_now:?}"
            );
            assert!(!answered || titles_now == ["Edition 2"]);
            let library = world.open();
            library.adopt(&world.stage(2)).unwrap();
            assert_eq!(titles(&sound(world, &library).unwrap()), ["Edition 2"]);
        },
    );
    assert!(steps > 20, "only {steps} steps");
}

#[test]
fn a_removal() {
    let id = PackId::new("book").unwrap();
    let before = |world: &World| drop(world.open().adopt(&world.stage(1)).unwrap());
    let steps = cut_everywhere(
        before,
        |_, library| library.remove(&id).is_ok(),
        |world, answered, packs| {
            assert!(!answered || packs.is_empty());
            assert_eq!(packs.is_empty(), world.blobs_and_indexes().is_empty());
        },
    );
    assert!(steps > 10, "only {steps} steps");
}

/// The control: with the commit before the files some cut must leave a pack that is not whole.
#[test]
fn a_commit_before_its_files_is_found_out() {
    let found = (1..12).any(|steps| {
        let world = World::new();
        let stage = world.stage(1);
        let library = world.open();
        library.commit_too_early();
        library.cut_after(steps);
        let _ = library.adopt(&stage);
        drop(library);
        sound(&world, &world.open()).is_err()
    });
    assert!(found);
}

#[test]
fn after_a_failed_sync_nothing_more_is_written() {
    let world = World::new();
    let library = world.open();
    library.cut_after(1);
    let error = library.adopt(&world.stage(1)).unwrap_err();
    assert!(error.is_fatal());
    library.cut_after(0);
    assert!(
        library.adopt(&world.stage(1)).unwrap_err().is_fatal(),
        "only a new process may write again"
    );
    drop(library);
    world.open().adopt(&world.stage(1)).unwrap();
}
