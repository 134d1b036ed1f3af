//! What is named on the command line, and whether it may be erased. All of it is judged before anything is written.

use super::device::Use;
use super::facts::{self, Facts, Kind, Linux, Verdict};
use crate::depot::Failure;
use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

/// A card or file to be written.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) path: PathBuf,
    /// The last part of its path: what a person types.
    pub(super) name: String,
    pub(super) used: Use,
    facts: Facts,
}

/// Judges every path; asks where a person's word is wanted. `yes`: names that were given on the command line.
pub(super) fn judged(
    paths: &[PathBuf],
    largest: u64,
    yes: &[String],
) -> Result<Vec<Target>, Failure> {
    let mut targets: Vec<Target> = Vec::new();
    let mut known: Vec<PathBuf> = Vec::new();
    for path in paths {
        let whole = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        if known.contains(&whole) {
            return Err(Failure::Usage(format!("{} is named twice", path.display())));
        }
        known.push(whole);
        let (used, facts) = judge(path, largest, yes)?;
        targets.push(Target {
            path: path.clone(),
            name: name(path),
            used,
            facts,
        });
    }
    let idle = yes
        .iter()
        .find(|yes| targets.iter().all(|target| target.name != **yes));
    match idle {
        Some(idle) => Err(Failure::Usage(format!(
            "--yes-erase {idle}: nothing of that name is to be written"
        ))),
        None => Ok(targets),
    }
}

/// A name may stand for another disk by now: hours of preparing lie between the judgement and the writing.
pub(super) fn unchanged(targets: &[Target]) -> Result<(), Failure> {
    let same = |target: &&Target| {
        facts::of(&target.path, &Linux::default()).is_ok_and(|now| now == target.facts)
    };
    match targets.iter().find(|target| !same(target)) {
        None => Ok(()),
        Some(other) => Err(Failure::NotDone(format!(
            "{} is not what it was when it was named (pulled out, changed or mounted): nothing was written; look, and write it again",
            other.path.display()
        ))),
    }
}

pub(super) fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn judge(path: &Path, largest: u64, yes: &[String]) -> Result<(Use, Facts), Failure> {
    let facts: Facts = facts::of(path, &Linux::default()).map_err(|error| {
        Failure::NotDone(format!(
            "{} cannot be looked at ({error}): write to cards as root, or as one who may",
            path.display()
        ))
    })?;
    // Who says yes to a size has not said yes to a disk that somebody uses, seen from here or not: the system still refuses that one.
    let confirmed = match facts.uses.is_empty() {
        true => Use::Alone,
        false => Use::Confirmed,
    };
    let used = match facts::judge(&facts, largest) {
        Verdict::Refuse(why) => {
            return Err(Failure::NotDone(format!(
                "{} is not written: {why}",
                path.display()
            )));
        }
        Verdict::Go => Use::Alone,
        Verdict::Ask(_) if yes.contains(&name(path)) => confirmed,
        Verdict::Ask(why) => {
            let size = match facts.kind {
                Kind::Disk => format!(" ({:.1} GB)", bytes_in_gb(facts.bytes)),
                Kind::Partition | Kind::File { .. } | Kind::Other => String::new(),
            };
            ask(path, &format!("{}{size} {why}", path.display()))?;
            confirmed
        }
    };
    Ok((used, facts))
}

#[allow(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn bytes_in_gb(bytes: u64) -> f64 {
    bytes as f64 / 1e9
}

/// The person types its name, or nothing is done.
fn ask(path: &Path, doubt: &str) -> Result<(), Failure> {
    let name = name(path);
    let refused = || {
        Failure::NotDone(format!(
            "{doubt}: nothing was written; to erase it, say so with --yes-erase {name}"
        ))
    };
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(refused());
    }
    let _ = write!(
        io::stderr(),
        "{doubt}. Everything on it will be lost. Type {name} to erase it: "
    );
    let mut typed = String::new();
    let read = io::stdin().lock().read_line(&mut typed);
    match read.is_ok() && typed.trim() == name {
        true => Ok(()),
        false => Err(refused()),
    }
}
