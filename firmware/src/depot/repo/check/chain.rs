//! The metadata.

use super::super::duty::Duty;
use super::super::published::{Published, believed};
use super::super::trouble::Trouble;
use super::super::{disk, place};
use super::{Asked, Current, Findings};
use ota::publish::{Holders, RootDraft, Signed};
use ota::trust::PublicKey;
use std::path::Path;

pub(super) fn check(asked: &Asked<'_>, findings: &mut Findings) -> Result<(), Trouble> {
    let first = match &asked.root {
        Some(root) => Some(root.clone()),
        None => disk::read(&place::metadata(asked.repo, Duty::Root, 1))?,
    };
    match first {
        Some(first) => {
            if let Err(why) = believed(asked.repo, first) {
                findings.faults.push(format!("a box refuses it: {why}"));
            }
        }
        None => findings
            .faults
            .push("it has no first root, metadata/1.root.json".to_owned()),
    }
    let roots = roots(asked.repo)?;
    for path in disk::files_below(&asked.repo.join("metadata"))? {
        if disk::is_left_over(&path) {
            continue;
        }
        if let Err(fault) = file(asked.repo, &path, &roots) {
            findings.faults.push(format!("{}: {fault}", path.display()));
        }
    }
    if let Ok(published) = Published::read(asked.repo) {
        current(asked, &published, findings);
    }
    Ok(())
}

/// Who signs by every root that can be read: a root that cannot is a fault of its own.
fn roots(repo: &Path) -> Result<Vec<(u64, RootDraft)>, Trouble> {
    let mut roots = Vec::new();
    for path in disk::files_below(&repo.join("metadata"))? {
        let Some((Duty::Root, version)) = named(&path) else {
            continue;
        };
        let bytes = disk::read(&path)?.unwrap_or_default();
        if let Ok(root) = Signed::read(&bytes).and_then(|file| file.root()) {
            roots.push((version, root));
        }
    }
    Ok(roots)
}

/// The role and version of a file by its name; a timestamp has none.
fn named(path: &Path) -> Option<(Duty, u64)> {
    let name = path.file_name()?.to_str()?.strip_suffix(".json")?;
    if name == "timestamp" {
        return Some((Duty::Timestamp, 0));
    }
    let (version, duty) = name.split_once('.')?;
    let (version, duty): (u64, Duty) = (version.parse().ok()?, duty.parse().ok()?);
    (duty != Duty::Timestamp && path.ends_with(duty.file(version))).then_some((duty, version))
}

/// A file by itself: its name is right, enough have signed it, and nobody else.
fn file(repo: &Path, path: &Path, roots: &[(u64, RootDraft)]) -> Result<(), String> {
    let (duty, version) = named(path)
        .filter(|_| path.parent() == Some(&repo.join("metadata")))
        .ok_or("it is no file of a repository: remove it")?;
    let bytes = disk::read(path)
        .map_err(|trouble| trouble.to_string())?
        .unwrap_or_default();
    let file = Signed::read(&bytes).map_err(|error| error.to_string())?;
    let entry = file.entry().map_err(|error| error.to_string())?;
    if file.kind() != duty.name() || (version != 0 && entry.version != version) {
        return Err(format!(
            "it says that it is {} {}",
            file.kind(),
            entry.version
        ));
    }
    let holders: Vec<&Holders> = holders(duty, version, roots);
    let mut missing = holders.iter().map(|holders| file.missing(holders));
    let enough = match duty {
        // By the root before it, and by itself.
        Duty::Root => missing.all(|missing| missing == 0),
        Duty::Targets | Duty::Snapshot | Duty::Timestamp => missing.any(|missing| missing == 0),
    };
    if holders.is_empty() || !enough {
        return Err("too few have signed it, or a signature is wrong".to_owned());
    }
    let keys: Vec<PublicKey> = holders.iter().flat_map(|of| of.keys.clone()).collect();
    match file.loose_signatures(&keys).as_slice() {
        [] => Ok(()),
        [keyid, ..] => Err(format!(
            "the signature of key {keyid} is wrong, or nobody's"
        )),
    }
}

fn holders(duty: Duty, version: u64, roots: &[(u64, RootDraft)]) -> Vec<&Holders> {
    let roots = roots
        .iter()
        .filter(|(root, _)| duty != Duty::Root || *root == version || *root + 1 == version);
    roots.map(|(_, root)| duty.holders(root)).collect()
}

fn current(asked: &Asked<'_>, published: &Published, findings: &mut Findings) {
    for duty in Duty::ALL {
        let Some(entry) = published.newest(duty).and_then(|file| file.entry().ok()) else {
            continue;
        };
        if entry.expires <= asked.now {
            let how = match duty {
                Duty::Root => "rotate",
                Duty::Targets | Duty::Snapshot | Duty::Timestamp => "sign",
            };
            findings.faults.push(format!(
                "{duty} expired at {}: depot repo {how} {}",
                entry.expires,
                asked.repo.display()
            ));
        }
        let current = Current {
            version: entry.version,
            expires: entry.expires,
        };
        findings.metadata.insert(duty, current);
    }
}
