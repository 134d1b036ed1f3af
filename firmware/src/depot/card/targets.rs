//! What is named on the command line, and whether it may be erased. All of it is judged before anything is written.

use super::device::Use;
use super::facts::{self, Facts, Kind, UsedBy, Verdict};
use super::linux::Linux;
use super::unmount::unmount;
use crate::depot::{Failure, tell};
use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _};
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

/// Unmounts what a person has given up: whoever writes to it beside this program, or when it is unmounted later, spoils the card.
///
/// # Errors
/// One line: it stays mounted, or is not what it was. Nothing was written.
pub(super) fn unmounted(targets: Vec<Target>) -> Result<Vec<Target>, Failure> {
    targets.into_iter().map(Target::unmounted).collect()
}

impl Target {
    fn unmounted(mut self) -> Result<Self, Failure> {
        if self.facts.uses.is_empty() {
            return Ok(self);
        }
        // One may be mounted within another: the last one first.
        for used in self.facts.uses.iter().rev() {
            let UsedBy::Mount(place) = used else { continue };
            unmount(place).map_err(|said| {
                Failure::NotDone(format!(
                    "{} {used} and stays so ({said}): nothing was written; close what is open there, and write it again",
                    self.path.display()
                ))
            })?;
        }
        self.facts.uses.clear();
        unchanged(std::slice::from_ref(&self))?;
        Ok(self)
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
    match facts::judge(&facts, largest) {
        Verdict::Refuse(why) => {
            return Err(Failure::NotDone(format!(
                "{} is not written: {why}",
                path.display()
            )));
        }
        Verdict::Go => {}
        Verdict::Ask(_) if yes.contains(&name(path)) => {}
        Verdict::Ask(why) => {
            let size = match facts.kind {
                Kind::Disk => format!(" ({:.1} GB)", bytes_in_gb(facts.bytes)),
                Kind::Partition | Kind::File { .. } | Kind::Other => String::new(),
            };
            ask(path, &format!("{}{size} {why}", path.display()))?;
        }
    }
    let used = match facts.kind {
        Kind::File { .. } => Use::File,
        Kind::Disk | Kind::Partition | Kind::Other => Use::Alone,
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
    tell::question(&format!(
        "{doubt}. Everything on it will be lost. Type {name} to erase it: "
    ));
    let mut typed = String::new();
    let read = io::stdin().lock().read_line(&mut typed);
    match read.is_ok() && typed.trim() == name {
        true => Ok(()),
        false => Err(refused()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const GB: u64 = 1_000_000_000;

    fn at(dir: &tempfile::TempDir, name: &str) -> PathBuf {
        dir.path().join(name)
    }

    #[test]
    fn what_is_not_there_under_dev_is_no_file_to_be_made() {
        for path in ["/dev/school-box-no-card", "/dev/../dev/school-box-no-card"] {
            let refused = judged(&[path.into()], GB, &[]).unwrap_err();
            let told = format!("{refused:?}");
            assert!(told.contains("there is no card in it"), "{told}");
            assert!(!Path::new(path).exists());
        }
        // Control: elsewhere a file may be made.
        let dir = tempfile::tempdir().unwrap();
        let targets = judged(&[at(&dir, "new.img")], GB, &[]).unwrap();
        assert_eq!(targets[0].used, Use::File);
    }

    #[test]
    fn what_changed_between_the_look_and_the_writing_is_not_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = at(&dir, "card.img");
        let look = || {
            fs::write(&path, vec![0; 8192]).unwrap();
            judged(&[path.clone(), at(&dir, "new.img")], GB, &[]).unwrap()
        };
        let refused = |targets: &[Target]| {
            let told = format!("{:?}", unchanged(targets).unwrap_err());
            assert!(told.contains("nothing was written"), "{told}");
        };
        let targets = look();
        unchanged(&targets).unwrap();
        fs::write(&path, vec![7; 8192]).unwrap();
        refused(&targets);
        let targets = look();
        fs::remove_file(&path).unwrap();
        refused(&targets);
        let targets = look();
        fs::write(at(&dir, "new.img"), "a letter").unwrap();
        refused(&targets);
        fs::remove_file(at(&dir, "new.img")).unwrap();
        // Control: as it was.
        unchanged(&look()).unwrap();
    }
}
