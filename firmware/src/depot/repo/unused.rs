//! What nobody needs any more: older metadata, files of releases that are withdrawn. What the release before this one needs is left, for boxes
//! that are in the middle of it.

use super::disk::{self, Step};
use super::duty::Duty;
use super::offers;
use super::place::{self, metadata};
use super::published::{Published, signed};
use super::trouble::Trouble;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Removes what is unused.
pub(super) fn steps(repo: &Path) -> Result<Vec<Step>, Trouble> {
    let published = Published::read(repo)?;
    let mut wanted = BTreeSet::new();
    let newest = published.version(Duty::Targets);
    for version in [newest.saturating_sub(1), newest] {
        let Some(targets) = signed(&metadata(repo, Duty::Targets, version))? else {
            continue;
        };
        for (path, file) in targets.offered()? {
            let location = place::location(&path, &file.sha256);
            wanted.extend(offers::named_by(repo, &path, &location)?);
            wanted.insert(location);
        }
    }
    let wanted: BTreeSet<PathBuf> = wanted
        .iter()
        .map(|location| place::target(repo, location))
        .collect();
    let targets = disk::files_below(&repo.join("targets"))?.into_iter();
    let targets = targets.filter(|path| !wanted.contains(path));
    let files = disk::files_below(&repo.join("metadata"))?.into_iter();
    let old = files.filter(|path| is_old(path, &published) || disk::is_left_over(path));
    Ok(targets.chain(old).map(Step::Remove).collect())
}

/// A snapshot or targets before the last but one.
fn is_old(path: &Path, published: &Published) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let version = |duty: Duty| {
        let number = name.strip_suffix(&format!(".{duty}.json"))?;
        let number: u64 = number.parse().ok()?;
        Some(number + 1 < published.version(duty))
    };
    [Duty::Targets, Duty::Snapshot]
        .into_iter()
        .any(|duty| version(duty) == Some(true))
}
