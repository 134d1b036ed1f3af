//! The packs of a repository for one who takes them: what is signed for, believed as a box believes it, and the file that a pack is.
//!
//! The desk's clock is trusted, so what is out of date is refused. What was believed once is remembered: an older copy is refused, too.

use super::disk::{Disk as _, Step};
use super::payload::Made;
use super::published::refreshed;
use super::trouble::Trouble;
use super::{digest, disk, place};
use crate::depot::Failure;
use crate::hex::hex;
use jiff::Timestamp;
use ota::PackOffer;
use ota::bundle::BUNDLE_AT_MOST;
use ota::packs::{PackRelease, offered};
use ota::trust::{Role, Today, TrustStore};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

/// A repository that is believed.
pub(in crate::depot) struct Shop {
    repo: PathBuf,
    releases: Vec<PackRelease>,
}

/// A pack that is offered, as it was signed.
#[derive(Debug)]
pub(in crate::depot) struct ShopPack {
    /// SHA-256 of its offer, hexadecimal: names its version and all its bytes.
    pub(in crate::depot) sha256: String,
    repo: PathBuf,
    offer: PackOffer,
}

impl Shop {
    /// Of the repository in the folder `repo`, by one who was given `root`, and remembers in the folder `memory`.
    ///
    /// # Errors
    /// One line: a signature is wrong or missing, it is out of date, it is older than what was believed before, or cannot be read.
    pub(in crate::depot) fn open(
        repo: &Path,
        root: &[u8],
        memory: &Path,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        // By the root: another programme has a memory of its own.
        let name: String = digest::sha256(root).chars().take(16).collect();
        let mut store = Remembered {
            folder: memory.join(name),
            root: root.to_vec(),
        };
        let trusted = refreshed(repo, &mut store, Today::Trusted(now)).map_err(|why| {
            refused(format!(
                "the repository {} is not believed: {why}; get a newer copy of the programme's, or have it signed anew",
                repo.display()
            ))
        })?;
        Ok(Self {
            repo: repo.to_owned(),
            releases: offered(&trusted),
        })
    }

    /// The newest version of a pack, or the one of this number.
    ///
    /// # Errors
    /// One line: it is not offered, or its offer is not what was signed.
    pub(in crate::depot) fn pack(
        &self,
        id: &str,
        version: Option<u64>,
    ) -> Result<ShopPack, Failure> {
        let repo = self.repo.display();
        let of_it = self.releases.iter().filter(|release| release.id == id);
        let wanted =
            of_it.filter(|release| version.is_none_or(|version| version == release.version));
        let release = wanted.max_by_key(|release| release.version).ok_or_else(|| {
            let number = version.map_or(String::new(), |version| format!(" {version}"));
            refused(format!(
                "the repository {repo} offers no pack {id}{number}; depot repo verify lists what it has"
            ))
        })?;
        let wrong = |why: String| {
            refused(format!(
                "the pack {id} of the repository {repo} cannot be used: {why}; get the repository again"
            ))
        };
        let path = place::target(&self.repo, &release.target.location());
        let bytes = disk::read_at_most(&path, BUNDLE_AT_MOST + 1)?.unwrap_or_default();
        release
            .target
            .check(&bytes)
            .map_err(|why| wrong(why.to_string()))?;
        let offer = PackOffer::read(&bytes).map_err(|why| wrong(why.to_string()))?;
        if (offer.id.as_str(), offer.version) != (id, release.version) {
            return Err(wrong(format!(
                "its offer says that it is {} {}",
                offer.id, offer.version
            )));
        }
        Ok(ShopPack {
            sha256: digest::sha256(&bytes),
            repo: self.repo.clone(),
            offer,
        })
    }
}

impl ShopPack {
    /// The pack's id.
    pub(in crate::depot) fn id(&self) -> &str {
        &self.offer.id
    }

    /// Which one it is, for people: `reading 3 of updates`.
    pub(in crate::depot) fn told(&self) -> String {
        let PackOffer { id, version, .. } = &self.offer;
        format!("{id} {version} of {}", self.repo.display())
    }

    /// Makes its file in a folder, every byte of it as it was signed; goes on from what a cut left there. Tells how much is done, of how much.
    ///
    /// # Errors
    /// One line.
    pub(in crate::depot) fn make(
        &self,
        folder: &Path,
        told: &mut dyn FnMut(u64, u64),
    ) -> Result<PathBuf, Failure> {
        let path = folder.join(self.offer.file_name());
        disk::make_folder(folder).map_err(Trouble::disk("make", folder))?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let payload = &self.offer.payload;
        let sized = options.open(&path).and_then(|file| {
            // What is as long as it should be keeps its date, by which an import goes on.
            if file.metadata()?.len() != payload.seal.bytes {
                file.set_len(payload.seal.bytes)?;
            }
            Ok(file)
        });
        let file = sized.map_err(Trouble::disk("write", &path))?;
        let made = Made {
            repo: &self.repo,
            payload,
        };
        let file = made.in_file(file, told).map_err(|why| {
            refused(format!(
                "the pack {} of the repository {} is damaged: {why}; get the repository again",
                self.offer.id,
                self.repo.display()
            ))
        })?;
        file.sync_all().map_err(Trouble::disk("write", &path))?;
        Ok(path)
    }
}

fn refused(line: String) -> Failure {
    Trouble::Refused(line).into()
}

/// What was believed: a file for each role in a folder. The root that the programme gave is the first.
struct Remembered {
    folder: PathBuf,
    root: Vec<u8>,
}

impl Remembered {
    fn path(&self, role: &Role) -> PathBuf {
        self.folder.join(match role {
            Role::Root | Role::Timestamp | Role::Snapshot | Role::Targets => {
                format!("{}.json", role.name())
            }
            Role::Delegated(name) => format!("role-{}.json", hex(name.as_bytes())),
        })
    }
}

impl TrustStore for Remembered {
    type Error = Trouble;

    fn load(&self, role: &Role) -> Result<Option<Vec<u8>>, Trouble> {
        let kept = disk::read(&self.path(role))?;
        Ok(kept.or_else(|| (*role == Role::Root).then(|| self.root.clone())))
    }

    fn keep(&mut self, role: &Role, bytes: &[u8]) -> Result<(), Trouble> {
        disk::Folders.carry_out(&Step::Write {
            to: self.path(role),
            bytes: bytes.to_vec(),
        })
    }

    fn forget(&mut self, role: &Role) -> Result<(), Trouble> {
        disk::Folders.carry_out(&Step::Remove(self.path(role)))
    }
}
