//! What is published now: every root, and the newest file of each other role.

use super::duty::Duty;
use super::trouble::Trouble;
use super::{disk, place};
use jiff::Timestamp;
use ota::publish::{Offered, RootDraft, Signed};
use ota::trust::{Client, Repository, Role, Today, TrustStore, Trusted};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;
use std::path::{Path, PathBuf};

/// The state of a repository as its publisher goes on from it.
#[derive(Debug, Default)]
pub(super) struct Published {
    /// Root 1 first.
    roots: Vec<Signed>,
    /// Targets, snapshot and timestamp; none before the first publication is whole.
    chain: BTreeMap<Duty, Signed>,
}

impl Published {
    pub(super) fn read(repo: &Path) -> Result<Self, Trouble> {
        let mut published = Self::default();
        while let Some(root) = signed(&place::metadata(
            repo,
            Duty::Root,
            published.roots.len() as u64 + 1,
        ))? {
            published.roots.push(root);
        }
        let Some(timestamp) = signed(&place::metadata(repo, Duty::Timestamp, 0))? else {
            return Ok(published);
        };
        let named = |above: &Signed, above_duty: Duty, duty: Duty| {
            let path = place::metadata(repo, above_duty, above.entry().map_or(0, |it| it.version));
            let version = above
                .names(&format!("{duty}.json"))
                .map_err(Trouble::file(&path))?;
            let path = place::metadata(repo, duty, version);
            signed(&path)?.ok_or_else(|| damaged(repo, &format!("it lacks {}", path.display())))
        };
        let snapshot = named(&timestamp, Duty::Timestamp, Duty::Snapshot)?;
        let targets = named(&snapshot, Duty::Snapshot, Duty::Targets)?;
        published.chain = BTreeMap::from([
            (Duty::Targets, targets),
            (Duty::Snapshot, snapshot),
            (Duty::Timestamp, timestamp),
        ]);
        Ok(published)
    }

    /// The newest file of a role.
    pub(super) fn newest(&self, duty: Duty) -> Option<&Signed> {
        match duty {
            Duty::Root => self.roots.last(),
            Duty::Targets | Duty::Snapshot | Duty::Timestamp => self.chain.get(&duty),
        }
    }

    /// Its version; 0 where there is none.
    pub(super) fn version(&self, duty: Duty) -> u64 {
        self.newest(duty)
            .and_then(|file| file.entry().ok())
            .map_or(0, |entry| entry.version)
    }

    /// Who signs what.
    pub(super) fn root(&self) -> Result<Option<RootDraft>, Trouble> {
        let root = self.roots.last().map(Signed::root).transpose();
        root.map_err(Trouble::file(Path::new("the newest root")))
    }

    /// The files offered.
    pub(super) fn offered(&self) -> Result<BTreeMap<String, Offered>, Trouble> {
        let targets = self.newest(Duty::Targets).map(Signed::offered).transpose();
        let targets = targets.map_err(Trouble::file(Path::new("the newest targets")))?;
        Ok(targets.unwrap_or_default())
    }

    /// The latest time at which anything was signed.
    pub(super) fn signed_at(&self) -> Option<Timestamp> {
        let files = Duty::ALL.iter().filter_map(|duty| self.newest(*duty));
        files.filter_map(|file| Some(file.entry().ok()?.at)).max()
    }
}

/// Nothing is built on what a box would not believe.
pub(super) fn damaged(repo: &Path, why: &str) -> Trouble {
    Trouble::Refused(format!(
        "the repository {} is damaged: {why}; put back a copy that depot repo verify finds good",
        repo.display()
    ))
}

/// A file of metadata, if it is there.
pub(super) fn signed(path: &Path) -> Result<Option<Signed>, Trouble> {
    let bytes = disk::read(path)?;
    let signed = bytes.map(|bytes| Signed::read(&bytes)).transpose();
    signed.map_err(Trouble::file(path))
}

/// What a box that was given `first_root` would believe, whatever its clock says.
pub(super) fn believed(repo: &Path, first_root: Vec<u8>) -> Result<Trusted, String> {
    let mut memory = Memory(BTreeMap::from([(Role::Root, first_root)]));
    refreshed(repo, &mut memory, Today::Unknown)
}

/// What is believed of a repository by one who remembers what `store` holds; why not, in a line.
pub(super) fn refreshed<S: TrustStore>(
    repo: &Path,
    store: &mut S,
    today: Today,
) -> Result<Trusted, String>
where
    S::Error: Error + 'static,
{
    let mut folder = Folder(repo.join("metadata"));
    let trusted = Client::new(&mut folder, store, today).refresh();
    trusted.map_err(|error| {
        let cause = Error::source(&error).map(ToString::to_string);
        match cause {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        }
    })
}

/// The metadata of a folder.
struct Folder(PathBuf);

impl Repository for Folder {
    type Error = Trouble;

    fn metadata(&mut self, name: &str, most: u64) -> Result<Option<Vec<u8>>, Trouble> {
        disk::read_at_most(&self.0.join(name), most + 1)
    }
}

/// A box that forgets.
struct Memory(BTreeMap<Role, Vec<u8>>);

impl TrustStore for Memory {
    type Error = Infallible;

    fn load(&self, role: &Role) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.0.get(role).cloned())
    }

    fn keep(&mut self, role: &Role, bytes: &[u8]) -> Result<(), Infallible> {
        self.0.insert(role.clone(), bytes.to_vec());
        Ok(())
    }

    fn forget(&mut self, role: &Role) -> Result<(), Infallible> {
        self.0.remove(role);
        Ok(())
    }
}
