//! A power cut at any write or sync of an import: afterwards the box has nothing of the pack or all of it, the
//! version before or the version after, and the import run again completes.
//!
//! The control runs the same import with syncs that do nothing (`strace` answers them in the kernel's place): with
//! none at all an import is lost that was said to be done, with every second one a pack is there with a hole in it.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use anyhow::{Context as _, Result, bail, ensure};
use content_store::library::{Content, Library, LibraryOptions, Lookup, Pack};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use system_tests::disk::{
    Cut, Lies, LyingDisk, Position, Recording, Seed, Survey, plan, states_wanted, survey, usable,
    without_syncs,
};
use system_tests::world::{Compression, Outcome, World, Zim, big_folder, school_box};

const DISK: u64 = 256 << 20;
/// Running the real import again costs more than looking: it is done after one cut in so many.
const AGAIN: usize = 10;

/// How an import is run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// By itself.
    Alone,
    /// Beside a running box, which then adopts what the import staged.
    BesideABox,
    /// By itself, and of its syncs these do nothing.
    Without(Lies),
}

/// One version of a pack: where it is imported from, and what has to be found under its paths then.
struct Version {
    source: PathBuf,
    pages: Vec<(String, Vec<u8>)>,
}

impl Version {
    /// A folder: every file of it.
    fn of_folder(source: PathBuf) -> Self {
        let files = fs::read_dir(&source)
            .unwrap()
            .map(|file| file.unwrap().path());
        let page = |path: PathBuf| (name_of(&path), fs::read(&path).unwrap());
        Self {
            pages: files.map(page).collect(),
            source,
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

/// Imports on a disk that is recorded.
struct Story {
    versions: Vec<Version>,
    recording: Recording,
    /// When each import had said that it was done.
    done: Vec<Position>,
}

/// Imports `versions`, one after the other, onto one fresh disk.
fn imported(versions: Vec<Version>, how: How) -> Result<Story> {
    let disk = LyingDisk::new(DISK)?;
    let data = disk.folder().join("data");
    let world = disk.world()?;
    let running = (how == How::BesideABox).then(|| world.start());
    let mut done = Vec::new();
    for version in &versions {
        let outcome = Outcome::of(import(&version.source, &data, how));
        ensure!(outcome.code == Some(0), "the import failed: {outcome:?}");
        done.push(disk.position()?);
    }
    disk.settle()?;
    if let Some(running) = running {
        running.kill();
    }
    Ok(Story {
        versions,
        recording: disk.pull_the_plug()?,
        done,
    })
}

fn import(source: &Path, data: &Path, how: How) -> Command {
    let mut command = match how {
        How::Alone | How::BesideABox => Command::new(school_box()),
        How::Without(lies) => without_syncs(school_box(), lies),
    };
    command
        .arg("import")
        .arg(source)
        .arg("--data")
        .arg(data)
        .stdin(Stdio::null());
    command
}

impl Story {
    /// Cuts from the beginning of the last import to the moment the plug was pulled.
    fn survey(&self, usual: usize) -> Result<Survey> {
        let before = self
            .done
            .len()
            .checked_sub(2)
            .map_or(Position(0), |last| self.done[last]);
        let entries = self.recording.log().entries();
        let cuts = plan(
            entries,
            before..self.recording.end(),
            states_wanted(usual),
            Seed(0x5eed),
        );
        let mut number = 0;
        survey(&self.recording, &cuts, |folder, cut| {
            number += 1;
            let data = folder.join("data");
            self.check(&data, cut)?;
            if number % AGAIN == 0 {
                self.check_import_again(&data)
            } else {
                Ok(())
            }
        })
    }

    /// Nothing, or one whole version: and none older than the last of which the import had said that it is there.
    fn check(&self, data: &Path, cut: Cut) -> Result<()> {
        let promised = self.done.iter().filter(|done| **done <= cut.at).count();
        let there = self.whole_version(data)?;
        ensure!(
            there >= promised,
            "the import of version {promised} was done, but the library has {there}"
        );
        Ok(())
    }

    /// The version (from 1) that the library has, whole; 0 when it has none.
    fn whole_version(&self, data: &Path) -> Result<usize> {
        let library = Library::open(data, LibraryOptions { keep_free: 0 })
            .context("the library does not open")?;
        let report = library
            .verify(&mut |_, _| ())
            .context("the library cannot be verified")?;
        ensure!(report.faults.is_empty(), "verify: {:?}", report.faults);
        let aside = fs::read_dir(data.join("library"))?
            .flatten()
            .find(|file| name_of(&file.path()).contains("corrupt"));
        ensure!(
            aside.is_none(),
            "the catalogue was damaged and put aside: {aside:?}"
        );
        let packs = library.packs();
        let Some(summary) = packs.first() else {
            return Ok(0);
        };
        ensure!(packs.len() == 1, "one pack became {}", packs.len());
        let pack = library
            .pack(&summary.id)
            .context("a pack in the catalogue does not open")?;
        let whole = |version: &&Version| is_whole(&pack, version).unwrap_or(false);
        let Some(found) = self.versions.iter().rposition(|version| whole(&version)) else {
            bail!("the pack is none of the versions, whole: {summary:?}");
        };
        let hits = library
            .search("lessons", 5, 0)
            .context("the library cannot be searched")?;
        ensure!(
            !hits.is_empty(),
            "the pack is there, but search does not know it"
        );
        Ok(found + 1)
    }

    fn check_import_again(&self, data: &Path) -> Result<()> {
        let last = self.versions.last().context("no version")?;
        let outcome = Outcome::of(import(&last.source, data, How::Alone));
        ensure!(
            outcome.code == Some(0),
            "the import cannot be run again: {outcome:?}"
        );
        let there = self
            .whole_version(data)
            .context("after the import was run again")?;
        ensure!(
            there == self.versions.len(),
            "the import was run again, but the library has version {there}"
        );
        let left: Vec<_> = fs::read_dir(data.join("incoming"))
            .into_iter()
            .flatten()
            .flatten()
            .collect();
        ensure!(
            left.is_empty(),
            "the import was run again and left {left:?}"
        );
        Ok(())
    }
}

/// Whether every page of `version` is in `pack`, byte by byte (within the frame that [`Zim`] puts around it).
fn is_whole(pack: &Pack, version: &Version) -> Result<bool> {
    for (path, bytes) in &version.pages {
        let Lookup::Found(entry) = pack.lookup(path)? else {
            return Ok(false);
        };
        let body = read(&entry.body)?;
        if entry.len != u64::try_from(body.len())?
            || !body.windows(bytes.len()).any(|part| part == bytes)
        {
            return Ok(false);
        }
    }
    Ok(true)
}

fn read(body: &Content) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buf = vec![0; 64 * 1024];
    loop {
        let len = body.read_at(u64::try_from(bytes.len())?, &mut buf)?;
        if len == 0 {
            return Ok(bytes);
        }
        bytes.extend_from_slice(&buf[..len]);
    }
}

/// The lessons as a folder; each `edition` has words of its own on its first page and one file that changed.
fn lessons(world: &World, edition: &str) -> Version {
    let folder = big_folder(world, &format!("{edition}/lessons"), 8, 50_000);
    let index = folder.join("index.html");
    let text = fs::read_to_string(&index)
        .unwrap()
        .replace("<ul>", &format!("<p>Lessons, {edition} edition</p><ul>"));
    fs::write(index, text).unwrap();
    fs::write(folder.join("part3.bin"), edition.repeat(5_000)).unwrap();
    Version::of_folder(folder)
}

#[test]
fn a_folder_is_there_whole_or_not_at_all() {
    if usable("power cut in the import of a folder").is_none() {
        return;
    }
    let world = World::new();
    let survey = imported(vec![lessons(&world, "first")], How::Alone)
        .unwrap()
        .survey(250)
        .unwrap();
    eprintln!("import of a folder: {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
}

#[test]
fn a_zim_file_is_there_whole_or_not_at_all() {
    if usable("power cut in the import of a ZIM file").is_none() {
        return;
    }
    let world = World::new();
    let text = |number: usize| format!("<p>Lessons about {number}: {}</p>", "water ".repeat(3_000));
    let pages: Vec<_> = (0..20)
        .map(|number| (format!("page{number}"), text(number).into_bytes()))
        .collect();
    let zim = pages.iter().fold(
        Zim::new("Lessons", "eng").compression(Compression::None),
        |zim, (path, html)| zim.page(path, path, std::str::from_utf8(html).unwrap()),
    );
    let version = Version {
        source: world.write("lessons.zim", zim.bytes()),
        pages,
    };
    let survey = imported(vec![version], How::Alone)
        .unwrap()
        .survey(250)
        .unwrap();
    eprintln!("import of a ZIM file: {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
}

#[test]
fn a_new_version_replaces_the_old_one_whole_or_not_at_all() {
    if usable("power cut in the import of a new version").is_none() {
        return;
    }
    let world = World::new();
    let editions = vec![lessons(&world, "first"), lessons(&world, "second")];
    let survey = imported(editions, How::Alone).unwrap().survey(250).unwrap();
    eprintln!("import of a new version: {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
}

#[test]
fn a_running_box_adopts_a_new_version_whole_or_not_at_all() {
    if usable("power cut while a running box adopts a new version").is_none() {
        return;
    }
    let world = World::new();
    let editions = vec![lessons(&world, "first"), lessons(&world, "second")];
    let survey = imported(editions, How::BesideABox)
        .unwrap()
        .survey(250)
        .unwrap();
    eprintln!("import beside a running box: {survey}");
    assert!(survey.failures.is_empty(), "{survey}");
}

#[test]
fn control_an_import_that_does_not_sync_is_caught() {
    if usable("power cut in an import without syncs").is_none() {
        return;
    }
    let caught = |lies: Lies, words: &str| {
        let world = World::new();
        let editions = vec![lessons(&world, "first"), lessons(&world, "second")];
        let survey = imported(editions, How::Without(lies))
            .unwrap()
            .survey(60)
            .unwrap();
        eprintln!("import, syncs lie, {lies:?}: {survey}");
        let seen = survey
            .failures
            .iter()
            .filter(|failure| format!("{:#}", failure.error).contains(words));
        assert!(
            seen.count() > 0,
            "an import without syncs passed for a good one: {lies:?}: {survey}"
        );
    };
    caught(Lies::Always, "was done, but the library has");
    caught(Lies::EverySecond, "verify:");
}
