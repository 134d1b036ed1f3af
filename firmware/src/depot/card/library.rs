//! The library of a profile, filled at the desk with the box's own code: inputs and signed packs, each checked before it is taken in, every blob read once more.

use super::hashing;
use super::map::Owned;
use super::prepare::{Recipe, Tell, unread};
use super::profile::Pack;
use crate::causes::chain;
use crate::depot::Failure;
use crate::depot::manifest::PackLine;
use crate::depot::repo::shop::ShopPack;
use content_store::formats::{self, ImportPlan, ImportProgress};
use content_store::library::{Library, LibraryError, LibraryOptions};
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
    let mut inputs: Vec<Input> = Vec::new();
    for pack in recipe.offered {
        inputs.push(made(pack, folder, tell)?);
    }
    inputs.extend(recipe.profile.packs.iter().map(|pack| Input {
        plan: pack.plan.clone(),
        of: String::new(),
    }));
    // The desk's own disk is its owner's business.
    let library =
        Library::open(data, LibraryOptions { keep_free: 0 }).map_err(|error| chain(&error))?;
    for input in &inputs {
        take_in(input, &library, data, tell)?;
    }
    library.settle().map_err(|error| chain(&error))?;
    let report = library
        .verify(&mut |done, total| tell("checking every file", done, total))
        .map_err(|error| chain(&error))?;
    if let Some(fault) = report.faults.first() {
        return Err(format!(
            "the library that was made is not sound ({fault}): the desk's disk may be failing; remove {} and try again",
            data.display()
        ));
    }
    // Its threads end, and its journal is folded into the file.
    shelved(&library, data).map_err(|error| chain(&error))
}

fn take_in(input: &Input, library: &Library, data: &Path, tell: Tell<'_>) -> Result<(), String> {
    let Input { plan, of } = input;
    let mut told = |progress: ImportProgress| {
        tell(
            &format!("{} {}", progress.phase, plan.id),
            progress.done,
            progress.total,
        )
    };
    let staged = formats::stage(plan, data, 0, &mut told);
    let staged = staged.map_err(|error| format!("{of}{}", chain(&error)))?;
    let adopted = library.adopt(&staged);
    adopted.map(drop).map_err(|error| chain(&error))
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

/// What becomes a pack.
struct Input {
    plan: ImportPlan,
    /// Told before what is wrong with it: whose it is, where its path does not say so.
    of: String,
}

/// The file of a signed pack, and what it becomes.
fn made(pack: &ShopPack, folder: &Path, tell: Tell<'_>) -> Result<Input, String> {
    let mut told = |done, total| tell(&format!("unpacking {}", pack.id()), done, total);
    let made = pack.make(&folder.join(OFFERED).join(pack.id()), &mut told);
    let path = made.map_err(|failure| match failure {
        Failure::NotDone(line) | Failure::Usage(line) => line,
    })?;
    let input = planned(&path, &pack.told())?;
    match input.plan.id.as_str() == pack.id() {
        true => Ok(input),
        false => Err(format!(
            "{}its file makes the pack {}: no box would take it; have it published under that name",
            input.of, input.plan.id
        )),
    }
}

/// What the file `path` becomes, which was made of `pack`.
fn planned(path: &Path, pack: &str) -> Result<Input, String> {
    let of = format!("pack.repository: {pack}: ");
    match formats::plan(path) {
        Ok(plan) => Ok(Input { plan, of }),
        Err(error) => Err(format!(
            "{of}{}; have a ZIM file published in its place",
            chain(&error)
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_signed_pack_is_told_with_where_it_is_from() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("reading.zip");
        std::fs::write(&path, "PK\u{3}\u{4}").unwrap();
        let Err(told) = planned(&path, "reading 3 of updates") else {
            unreachable!("no box takes it")
        };
        assert!(
            told.starts_with("pack.repository: reading 3 of updates: ")
                && told.contains("is neither a ZIM file nor a folder"),
            "{told}"
        );
    }
}
