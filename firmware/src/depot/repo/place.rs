//! Where things lie: what is published, and beside it the publisher's desk, which is not.
//!
//! ```text
//!   REPO/metadata/       N.root.json, N.targets.json, N.snapshot.json, timestamp.json
//!   REPO/targets/        FOLDER/SHA256.NAME
//!   REPO/draft.json      what waits for signatures; gone when published
//!   REPO.desk/           desk.json: where keys are, expiry; lock
//!   REPO.desk/images/    system/BOARD/VERSION/{root.img,boot-area.img}, packs/ID/VERSION/pack: what patches start from
//!   REPO.desk/made/      frames and patches of a release that is being made
//! ```

use super::disk;
use super::duty::Duty;
use super::trouble::Trouble;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf, absolute};

/// The draft, in a repository's folder.
pub(super) const DRAFT: &str = "draft.json";

/// A repository and its desk. Others are kept out until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    repo: PathBuf,
    desk: PathBuf,
    _lock: File,
}

impl Place {
    /// Of a repository that is there.
    pub(super) fn open(repo: &Path) -> Result<Self, Trouble> {
        if repo.join("metadata").is_dir() || repo.join(DRAFT).is_file() {
            return Self::claim(repo);
        }
        Err(Trouble::Refused(format!(
            "{} is no repository: it has no folder metadata; make one with depot repo init",
            repo.display()
        )))
    }

    /// Of one that is to be made.
    pub(super) fn create(repo: &Path) -> Result<Self, Trouble> {
        let empty = disk::files_below(repo)?.is_empty();
        if empty {
            return Self::claim(repo);
        }
        Err(Trouble::Refused(format!(
            "{} is there already and is not empty: give another folder",
            repo.display()
        )))
    }

    fn claim(repo: &Path) -> Result<Self, Trouble> {
        let full = absolute(repo).map_err(Trouble::disk("find", repo))?;
        let Some(name) = full.file_name() else {
            return Err(Trouble::Refused(format!(
                "{} cannot be a repository: it has no name",
                repo.display()
            )));
        };
        let mut beside = name.to_owned();
        beside.push(".desk");
        let desk = full.with_file_name(beside);
        disk::make_folder(&desk).map_err(Trouble::disk("make", &desk))?;
        let path = desk.join("lock");
        let lock = File::create(&path).map_err(Trouble::disk("write", &path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                repo: repo.to_owned(),
                desk,
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(Trouble::Refused(format!(
                "another depot works on {}: wait until it is done",
                repo.display()
            ))),
            Err(TryLockError::Error(source)) => Err(Trouble::disk("lock", &path)(source)),
        }
    }

    pub(super) fn repo(&self) -> &Path {
        &self.repo
    }

    pub(super) fn metadata(&self, duty: Duty, version: u64) -> PathBuf {
        metadata(&self.repo, duty, version)
    }

    pub(super) fn target(&self, location: &str) -> PathBuf {
        target(&self.repo, location)
    }

    pub(super) fn draft(&self) -> PathBuf {
        self.repo.join(DRAFT)
    }

    pub(super) fn settings(&self) -> PathBuf {
        self.desk.join("desk.json")
    }

    pub(super) fn images(&self) -> PathBuf {
        self.desk.join("images")
    }

    pub(super) fn made(&self) -> PathBuf {
        self.desk.join("made")
    }
}

/// The desk's images of a repository, for one who only reads.
pub(super) fn images_of(repo: &Path) -> Option<PathBuf> {
    let full = absolute(repo).ok()?;
    let mut beside = full.file_name()?.to_owned();
    beside.push(".desk");
    Some(full.with_file_name(beside).join("images"))
}

pub(super) fn metadata(repo: &Path, duty: Duty, version: u64) -> PathBuf {
    repo.join("metadata").join(duty.file(version))
}

/// Locations are written with `/` whatever the computer.
pub(super) fn target(repo: &Path, location: &str) -> PathBuf {
    let mut path = repo.join("targets");
    path.extend(location.split('/'));
    path
}

/// Where a target lies: its hash in front of its name.
pub(super) fn location(path: &str, sha256: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/{sha256}.{name}"),
        None => format!("{sha256}.{path}"),
    }
}

/// Names of boards and packs are folders on every kind of disk.
pub(super) fn name(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    let fits = (1..=64).contains(&text.len())
        && text.chars().all(allowed)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric());
    fits.then(|| text.to_owned()).ok_or_else(|| {
        "allowed are a-z, 0-9, dot, - and _, at most 64, the first no sign".to_owned()
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn two_do_not_work_on_one_repository() {
        let dir = tempfile::tempdir().unwrap();
        let repo = dir.path().join("repo");
        let first = Place::create(&repo).unwrap();
        let second = Place::create(&repo).unwrap_err().to_string();
        assert!(second.contains("another depot"), "{second}");
        drop(first);
        Place::create(&repo).unwrap();
        assert!(
            Place::open(&repo)
                .unwrap_err()
                .to_string()
                .contains("depot repo init")
        );
        assert_eq!(
            images_of(&repo).unwrap(),
            dir.path().join("repo.desk/images")
        );
    }

    #[test]
    fn names_are_folders() {
        for good in ["a", "school-box-sim", "rpi4_64", "2026.11"] {
            assert_eq!(name(good).as_deref(), Ok(good));
        }
        for bad in ["", "..", ".a", "a/b", "A", "ä", &"x".repeat(65)] {
            assert!(name(bad).is_err(), "{bad}");
        }
        assert_eq!(location("a/b/c.json", "00"), "a/b/00.c.json");
    }
}
