//! The newest system that a repository offers, for who wants to know nothing else of it.

use super::offers::{Offer, Title};
use super::published::{Published, damaged};
use super::trouble::Trouble;
use super::{disk, place};
use crate::depot::Failure;
use std::path::Path;

/// What people call it; its number where it has no name.
///
/// # Errors
/// The repository cannot be read, or offers no system.
pub(in crate::depot) fn newest_system(repo: &Path) -> Result<String, Failure> {
    Ok(newest(repo)?)
}

fn newest(repo: &Path) -> Result<String, Trouble> {
    let offered = Published::read(repo)?.offered()?;
    let systems = offered.iter().filter_map(|(path, file)| {
        let title = Title::parse(path).filter(|title| matches!(title, Title::System { .. }))?;
        Some((title.version(), title, path, file))
    });
    let Some((version, title, path, file)) = systems.max_by_key(|(version, ..)| *version) else {
        return Err(Trouble::Refused(format!(
            "{} offers no system; give the folder that holds its metadata, or --latest",
            repo.display()
        )));
    };
    let bundle = place::target(repo, &place::location(path, &file.sha256));
    let bytes = disk::read(&bundle)?
        .ok_or_else(|| damaged(repo, &format!("it lacks {}", bundle.display())))?;
    match Offer::read(&title, &bytes) {
        Ok(Offer::System(bundle)) if !bundle.name.is_empty() => Ok(bundle.name),
        Ok(_) => Ok(version.to_string()),
        Err(why) => Err(damaged(repo, &why)),
    }
}
