//! `depot card verify`: a card against its line of the manifest.

use super::bytes::ReadAt as _;
use super::device::{Card as _, Device, Use};
use super::ext4::Used;
use super::facts;
use super::hashing;
use super::map::{self, DataMap};
use super::targets::name;
use crate::depot::manifest::{CardLine, Manifest, Part};
use crate::depot::{Failure, tell};
use crate::serial::{self, Serial};
use clap::Args;
use std::io;
use std::path::{Path, PathBuf};

/// Check cards against the manifest, byte by byte
///
/// A card's own serial number says which line is its own; one without a number is checked against the line that --line names.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  depot card verify --manifest philippines.cards.jsonl /dev/sdb")]
pub(super) struct Verify {
    /// The manifest that `card write` kept
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    /// The line of the manifest, from 1, for cards without a serial number [default: the last one]
    #[arg(long, value_name = "N")]
    line: Option<usize>,
    /// The cards or files
    #[arg(required = true, value_name = "DEVICE-OR-FILE")]
    targets: Vec<PathBuf>,
}

impl Verify {
    pub(super) fn run(self) -> Result<(), Failure> {
        let manifest = Manifest::read(&self.manifest)?.told();
        let mut ended = Ended::default();
        for path in &self.targets {
            let name = name(path);
            let checked = self.check(path, &name, &manifest);
            tell::progress_done();
            ended.count(&checked);
            for fault in checked.unwrap_or_else(|why| vec![why]) {
                tell::warn(&format!("{name}: {fault}"));
            }
        }
        ended.told(manifest.shortfall())
    }

    /// Everything that is wrong with a card; an error: it cannot be checked.
    fn check(&self, path: &Path, name: &str, manifest: &Manifest) -> Result<Vec<String>, String> {
        let card = opened(path)?;
        let line = self.line_of(&card, manifest)?;
        let parts = line.image.parts.iter();
        let total = parts.fold(line.data.bytes, |all, part| all.saturating_add(part.bytes));
        let mut check = Check {
            card: &card,
            name,
            total,
            before: 0,
            manifest: &self.manifest,
        };
        let mut faults = Vec::new();
        for part in &line.image.parts {
            if !check.is_right(part)? {
                faults.push(format!(
                    "{}, of the system {}, differs from what was written",
                    part.name, line.image.version
                ));
            }
        }
        faults.extend(check.data(line)?);
        faults.dedup();
        if faults.is_empty() {
            tell::progress_done();
            let serial = line.serial.iter().map(|serial| format!("{serial}, "));
            tell::say(&format!(
                "{name}: {}as the manifest says: system {}, {}",
                serial.collect::<String>(),
                line.image.version,
                tell::number_of(line.packs.len(), "pack")
            ));
        }
        Ok(faults)
    }

    /// The line that tells of a card: by the number that stands where that line says.
    fn line_of<'a>(&self, card: &Device, manifest: &'a Manifest) -> Result<&'a CardLine, String> {
        if let Some(number) = self.line {
            return manifest.at_line(number).ok_or_else(|| {
                format!("--line {number}: no card stands in that line of the manifest")
            });
        }
        let lines = &manifest.cards;
        let mut found = None;
        for line in lines.iter().rev().filter(|line| line.serial.is_some()) {
            // Lines of the same profile have their number at the same place.
            let serial = match &found {
                Some((at, serial)) if *at == line.data.serial_at => serial,
                Some(_) | None => {
                    &found
                        .insert((line.data.serial_at, number(card, line.data.serial_at)))
                        .1
                }
            };
            if serial.is_some() && line.serial.as_deref() == serial.as_ref().map(Serial::as_str) {
                return Ok(line);
            }
        }
        match found.and_then(|(_, serial)| serial) {
            Some(serial) => Err(format!("its number {serial} is not in the manifest; give the manifest that it was written with")),
            None => manifest.last().filter(|line| line.serial.is_none()).ok_or_else(|| {
                "no serial number of the manifest is on it: it is blank, or another programme's; name its line with --line".to_owned()
            }),
        }
    }
}

/// How the cards of a go came out.
#[derive(Default)]
struct Ended {
    all: usize,
    wrong: usize,
    unchecked: usize,
}

impl Ended {
    fn count(&mut self, checked: &Result<Vec<String>, String>) {
        self.all += 1;
        match checked {
            Ok(faults) => self.wrong += usize::from(!faults.is_empty()),
            Err(_) => self.unchecked += 1,
        }
    }

    /// The last line, where one is wanted. What could not be checked may be as it should.
    fn told(&self, shortfall: Option<String>) -> Result<(), Failure> {
        let all = tell::number_of(self.all, "card");
        let mut parts = Vec::new();
        match self.wrong {
            0 => {}
            1 => parts.push(format!(
                "1 of {all} is not as the manifest says: write it again"
            )),
            more => parts.push(format!(
                "{more} of {all} are not as the manifest says: write them again"
            )),
        }
        if self.unchecked > 0 {
            parts.push(format!("{} of {all} could not be checked", self.unchecked));
        }
        parts.extend(shortfall);
        match parts.is_empty() {
            true => Ok(()),
            false => Err(Failure::NotDone(parts.join("; "))),
        }
    }
}

/// What is to be checked, if it is a card.
fn opened(path: &Path) -> Result<Device, String> {
    let unread = |error: io::Error| {
        format!(
            "it cannot be read ({error}): name a card that is there, as root or as one who may read it"
        )
    };
    let found = path.metadata().map_err(unread)?;
    match facts::is_card_or_file(&found) {
        true => Device::open(path, Use::Look, 0).map_err(unread),
        false => Err("it is no card: name a card, or the file of one".to_owned()),
    }
}

/// The number that stands on a card; `None` where none can be read.
fn number(card: &Device, at: u64) -> Option<Serial> {
    let mut text = [0; serial::ROOM];
    card.read_at(at, &mut text).ok()?;
    Serial::in_file(&text)
}

struct Check<'a> {
    card: &'a Device,
    name: &'a str,
    total: u64,
    before: u64,
    manifest: &'a Path,
}

impl Check<'_> {
    fn hash(
        &mut self,
        runs: &[(u64, u64)],
        instead: Option<hashing::Instead<'_>>,
    ) -> Result<String, String> {
        let (name, before, total) = (self.name, self.before, self.total);
        let mut told = |done: u64, _: u64| {
            let percent = ((before + done).saturating_mul(100)).checked_div(total);
            tell::progress(&format!("{name}: {} %", percent.unwrap_or(100)));
        };
        let hash = hashing::sha256(self.card, runs, instead, &mut told).map_err(unread)?;
        self.before += runs.iter().map(|(_, bytes)| bytes).sum::<u64>();
        Ok(hash)
    }

    fn is_right(&mut self, part: &Part) -> Result<bool, String> {
        let runs = [(part.at, part.bytes)];
        let end = part.at.saturating_add(part.bytes);
        Ok(end <= self.card.bytes() && self.hash(&runs, None)? == part.sha256)
    }

    fn data(&mut self, line: &CardLine) -> Result<Vec<String>, String> {
        let differs = |what: &str| {
            Ok(vec![format!(
                "the data partition, with the library, differs from what was written ({what})"
            )])
        };
        let used = match Used::read(self.card, line.data.at) {
            Ok(used) => used,
            Err(problem) => return differs(&problem),
        };
        // A box that has run has written to its data, and grown it.
        if used.total() != line.data.bytes {
            return differs("other blocks are in use: a box has run from it, or it is damaged");
        }
        let runs: Vec<(u64, u64)> = used
            .runs
            .iter()
            .map(|(at, bytes)| (line.data.at + at, *bytes))
            .collect();
        let blank = serial::blank();
        let found = self.hash(&runs, Some((line.data.serial_at, &blank)))?;
        if found != line.data.sha256 {
            let path = map::beside(self.manifest, &line.data.sha256);
            let map = match DataMap::read(&path, &line.data.sha256) {
                Ok(map) => map,
                Err(problem) => {
                    return differs(&format!(
                        "which pack it is of cannot be told: {problem}; it is made beside the manifest, give both"
                    ));
                }
            };
            let told = self.told(&map, line)?;
            return match told.is_empty() {
                true => differs("none of its files, but blocks of the file system itself"),
                false => Ok(told),
            };
        }
        let number = number(self.card, line.data.serial_at);
        match number.as_ref().map(Serial::as_str) == line.serial.as_deref() {
            true => Ok(Vec::new()),
            false => Ok(vec![
                "its serial number is not that of the manifest's line".to_owned(),
            ]),
        }
    }

    /// What differs, file by file: another look at all of them.
    fn told(&self, map: &DataMap, line: &CardLine) -> Result<Vec<String>, String> {
        let mut tell = |done: u64, total: u64| {
            let percent = (done.saturating_mul(100)).checked_div(total);
            tell::progress(&format!(
                "{}: looking whose bytes they are: {} %",
                self.name,
                percent.unwrap_or(100)
            ));
        };
        let differing = map.differing(self.card, line.data.at, &mut tell);
        Ok(map::told(&differing.map_err(unread)?, &line.packs))
    }
}

fn unread(error: io::Error) -> String {
    format!("it cannot be read ({error}): is it broken, or was it pulled out?")
}
