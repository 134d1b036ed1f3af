//! A power cut at any write or sync while a pack of a repository comes: fetched, made from the version before, staged without a copy, taken into the library.
//! Afterwards the box has the version before or the new one, whole; and the same offer, made again, ends with the new one.
//!
//! The control is the same offer with syncs that do nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

#[allow(dead_code, reason = "of the rig, what a pack needs")]
#[path = "box_update/rig.rs"]
mod rig;

use anyhow::{Context as _, Result, bail, ensure};
use content_store::library::{Library, LibraryOptions, Lookup, PackId};
use rig::{Publisher, book, settle};
use std::path::Path;
use std::process::{Command, Stdio};
use system_tests::disk::{
    Lies, LyingDisk, Seed, Survey, plan, states_wanted, survey, usable, without_syncs,
};
use system_tests::world::{Outcome, World, school_box};

const DISK: u64 = 128 << 20;
/// The real offer once more is made after one cut in so many.
const AGAIN: usize = 25;

fn verb(lies: Option<Lies>) -> Command {
    let mut command = match lies {
        None => Command::new(school_box()),
        Some(lies) => without_syncs(school_box(), lies),
    };
    command.stdin(Stdio::null());
    command
}

/// Takes what `repository` offers, for the box with these data on this board.
fn offer(mut command: Command, repository: &Path, board: &Path, data: &Path) -> Outcome {
    command.args(["update", "offer"]).arg(repository);
    command
        .arg("--board")
        .arg(format!("sim:{}", board.display()));
    Outcome::of({
        command.arg("--data").arg(data);
        command
    })
}

/// The edition that is installed, whole: 1 or 2.
fn edition(data: &Path) -> Result<u64> {
    let library = Library::open(data, LibraryOptions { keep_free: 0 })?;
    let report = library.verify(&mut |_, _| ())?;
    ensure!(report.faults.is_empty(), "verify: {:?}", report.faults);
    ensure!(
        library.packs().len() == 1,
        "one pack became {}",
        library.packs().len()
    );
    let id = PackId::new("reading").context("no label")?;
    let pack = library.pack(&id).context("the pack does not open")?;
    let Lookup::Found(page) = pack.lookup("page7")? else {
        bail!("its page is gone");
    };
    let mut head = vec![0; 200];
    let read = page.body.read_at(0, &mut head)?;
    head.truncate(read);
    let head = String::from_utf8_lossy(&head).into_owned();
    let said = head
        .split_once("Edition ")
        .and_then(|(_, rest)| rest.split_once('.'));
    Ok(said.context("no edition")?.0.parse()?)
}

/// Cuts everywhere between the import of the first edition and the end of the offer of the second.
fn cut(usual: usize, patches: &str, lies: Option<Lies>) -> Result<Survey> {
    let publisher = Publisher::new();
    publisher.add_pack("reading", 1, &book("Reading", 1), &[]);
    publisher.add_pack("reading", 2, &book("Reading", 2), &["--patches", patches]);
    let (repository, board) = (publisher.repository(), settle(World::new(), &publisher));
    let disk = LyingDisk::new(DISK)?;
    let data = disk.folder().join("data");
    let mut import = verb(None);
    let by_hand = board.write("old.zim", book("Reading", 1));
    import.arg("import").arg(by_hand).arg("--data").arg(&data);
    ensure!(Outcome::of(import).code == Some(0), "the import failed");
    disk.settle()?;
    let from = disk.position()?;
    let taken = offer(verb(lies), &repository, board.sim().dir(), &data);
    ensure!(taken.code == Some(0), "the offer failed: {taken:?}");
    let done = disk.position()?;
    disk.settle()?;
    let recording = disk.pull_the_plug()?;
    let cuts = plan(
        recording.log().entries(),
        from..recording.end(),
        states_wanted(usual),
        Seed(0x9ac5),
    );
    let mut number = 0;
    survey(&recording, &cuts, |folder, cut| {
        number += 1;
        let data = folder.join("data");
        let found = edition(&data)?;
        let promised = if done <= cut.at { 2 } else { 1 };
        ensure!(
            found >= promised,
            "edition {promised} was there, and now {found} is"
        );
        if number % AGAIN == 0 {
            let again = offer(verb(None), &repository, board.sim().dir(), &data);
            ensure!(
                again.code == Some(0) || found == 2,
                "it cannot be taken again: {again:?}"
            );
            ensure!(
                edition(&data)? == 2,
                "taken again, and not there: {again:?}"
            );
            // The stage of an import that was cut is named by a path of the disk that was recorded: here it is another import's.
            let left = data.join("incoming/offered");
            ensure!(!left.exists(), "{} is left", left.display());
            let parcels = data.join("updates/pack-parcels").read_dir()?.count();
            ensure!(parcels == 0, "{parcels} parcels are left");
        }
        Ok(())
    })
}

#[test]
fn a_pack_by_a_patch_is_there_whole_or_the_one_before_is() {
    if usable("power cut while a pack comes by a patch").is_none() {
        return;
    }
    let survey = cut(200, "3", None).unwrap();
    eprintln!("a pack by a patch: {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
}

#[test]
fn a_pack_by_blocks_is_there_whole_or_the_one_before_is() {
    if usable("power cut while a pack comes by blocks and frames").is_none() {
        return;
    }
    let survey = cut(200, "0", None).unwrap();
    eprintln!("a pack by blocks and frames: {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
}

#[test]
fn control_a_pack_that_is_not_synced_is_caught() {
    if usable("power cut while a pack comes without syncs").is_none() {
        return;
    }
    let survey = cut(80, "3", Some(Lies::Always)).unwrap();
    eprintln!("a pack, syncs lie: {survey}");
    let seen = survey.failures.iter();
    let seen =
        seen.filter(|failure| format!("{:#}", failure.error).contains("edition 2 was there"));
    assert!(
        seen.count() > 0,
        "without syncs it passed for a good one: {survey}"
    );
}
