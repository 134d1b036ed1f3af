//! The library of a profile, filled at the desk with the box's own code: inputs and signed packs, each checked before it is taken in, every blob read once more.

use super::hashing;
use super::map::Owned;
use super::prepare::{Recipe, Tell, unread};
use super::profile::Pack;
use crate::depot::Failure;
use crate::depot::manifest::PackLine;
use crate::depot::repo::shop::ShopPack;
use content_store::formats::{self, ImportPlan, ImportProgress};
use content_store::library::{Library, LibraryError, LibraryOptions};
use std::error::Error;
use std::fs::File;
use std::path::Path;

/// The folder in which packs of a repository are made.
pub(super) const OFFERED: &str = "offered";

/// What is on the shelves.
pub(super) struct Shelved {
    /// Sorted by id.
    pub(super) packs: Vec<PackLine>,
    /// The files of the packs.
    pub(super) files: Owned,
}

/// Fills the library below `data` by `recipe`; packs of a repository are made in `folder`.
///
/// # Errors
/// One line.
pub(super) fn filled(
    recipe: &Recipe<'_>,
    folder: &Path,
    data: &Path,
    tell: Tell<'_>,
) -> Result<Shelved, String> {
    for pack in &recipe.profile.packs {
        check_hash(pack, tell)?;
    }
    let mut plans: Vec<ImportPlan> = Vec::new();
    for pack in recipe.offered {
        plans.push(made(pack, folder, tell)?);
    }
    plans.extend(recipe.profile.packs.iter().map(|pack| pack.plan.clone()));
    // The desk's own disk is its owner's business.
    let library =
        Library::open(data, LibraryOptions { keep_free: 0 }).map_err(|error| line(&error))?;
    for plan in &plans {
        let mut told = |progress: ImportProgress| {
            tell(
                &format!("{} {}", progress.phase, plan.id),
                progress.done,
                progress.total,
            )
        };
        let staged = formats::stage(plan, data, 0, &mut told).map_err(|error| line(&error))?;
        library.adopt(&staged).map_err(|error| line(&error))?;
    }
    library.settle().map_err(|error| line(&error))?;
    let report = library
        .verify(&mut |done, total| tell("checking every file", done, total))
        .map_err(|error| line(&error))?;
    if let Some(fault) = report.faults.first() {
        return Err(format!(
            "the library that was made is not sound ({fault}): the desk's disk may be failing; remove {} and try again",
            data.display()
        ));
    }
    // Its threads end, and its journal is folded into the file.
    shelved(&library, data).map_err(|error| line(&error))
}

fn shelved(library: &Library, data: &Path) -> Result<Shelved, LibraryError> {
    let mut files = Owned::new();
    let mut packs = Vec::new();
    for pack in library.packs().iter() {
        packs.push(PackLine {
            id: pack.id.to_string(),
            title: pack.title.clone(),
            language: pack.language.clone(),
            version: pack.version.clone(),
            bytes: pack.bytes,
        });
        let there = library
            .pack(&pack.id)
            .map(|pack| pack.files())
            .transpose()?;
        for path in there.unwrap_or_default() {
            let below = path.strip_prefix(data).unwrap_or(&path);
            let path = format!("/{}", below.display());
            files.entry(path).or_default().push(pack.id.to_string());
        }
    }
    packs.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Shelved { packs, files })
}

/// The file of a signed pack, and what it becomes.
fn made(pack: &ShopPack, folder: &Path, tell: Tell<'_>) -> Result<ImportPlan, String> {
    let mut told = |done, total| tell(&format!("unpacking {}", pack.id()), done, total);
    let made = pack.make(&folder.join(OFFERED).join(pack.id()), &mut told);
    let path = made.map_err(|failure| match failure {
        Failure::NotDone(line) | Failure::Usage(line) => line,
    })?;
    let plan = formats::plan(&path).map_err(|error| line(&error))?;
    match plan.id.as_str() == pack.id() {
        true => Ok(plan),
        false => Err(format!(
            "the repository offers {} and its file makes the pack {}: no box would take it; have it published under that name",
            pack.id(),
            plan.id
        )),
    }
}

fn check_hash(pack: &Pack, tell: Tell<'_>) -> Result<(), String> {
    let Some(expected) = &pack.sha256 else {
        return Ok(());
    };
    let path = &pack.plan.source;
    let file = File::open(path).map_err(|error| unread(path, &error))?;
    let bytes = file.metadata().map_err(|error| unread(path, &error))?.len();
    let mut told = |done, total| tell("checking what goes in", done, total);
    let found = hashing::sha256(&file, &[(0, bytes)], None, &mut told)
        .map_err(|error| unread(path, &error))?;
    match found == *expected {
        true => Ok(()),
        false => Err(format!(
            "{} has the SHA-256 {found}, the profile says {expected}: get the file again, or mend the profile",
            path.display()
        )),
    }
}

fn line(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}
