//! The repository for other boxes: the last release, as far as it was fetched whole. Its metadata are those that are believed here, byte for byte; its
//! files are links to parcels, so that they take no room of their own while an update is under way. Nothing of it is needed by this box: it goes first
//! where room lacks. Whoever fetches from it checks everything, as from anywhere.

use super::folder::{self, Folder};
use super::trust::version_of;
use super::{DiskParcels, DiskTrust, FileError};
use content_store::disk;
use ota::bundle::BUNDLE_AT_MOST;
use ota::trust::{Role, TrustStore};
use ota::{Bundle, FileRef, Wanted};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// `DATA/updates/repository`.
#[derive(Debug)]
pub(super) struct Shelf {
    folder: PathBuf,
}

impl Shelf {
    pub(super) fn in_folder(folder: &Folder) -> Self {
        Self {
            folder: folder.repository(),
        }
    }

    fn targets(&self) -> PathBuf {
        self.folder.join("targets")
    }

    fn metadata(&self) -> PathBuf {
        self.folder.join("metadata")
    }

    /// Puts out the release that was fetched: files, then metadata, the timestamp last; what is older goes afterwards. Whether there was
    /// anything to put out.
    pub(super) fn put_out(
        &self,
        wanted: &Wanted,
        trust: &DiskTrust,
        parcels: &DiskParcels,
    ) -> Result<bool, FileError> {
        let read = |error| FileError::new("read", &self.folder, error);
        let believed = trust.load(&Role::Targets)?.unwrap_or_default();
        let names_it = String::from_utf8_lossy(&believed).contains(&wanted.bundle);
        let bundle = parcels.find(None, &wanted.bundle, BUNDLE_AT_MOST);
        let (true, Some(place)) = (names_it, bundle.map_err(read)?) else {
            return Ok(false);
        };
        let bytes = folder::read(&place, BUNDLE_AT_MOST).map_err(read)?;
        let Ok(bundle) = serde_json::from_slice::<Bundle>(&bytes.unwrap_or_default()) else {
            return Ok(false);
        };
        let mut out = BTreeSet::new();
        let at = format!(
            "system/{}/{}/{}.bundle.json",
            bundle.board, bundle.version, wanted.bundle
        );
        self.link(&place, &at, &mut out)?;
        for file in files(&bundle) {
            let whole = parcels.find(Some(file.bytes), &file.sha256, u64::MAX);
            if let Some(place) = whole.map_err(read)? {
                self.link(&place, &file.location, &mut out)?;
            }
        }
        self.put_out_metadata(trust)?;
        self.sweep(&self.targets(), &out)?;
        Ok(true)
    }

    /// Renews the metadata of a release that is out already.
    pub(super) fn renew(&self, version: u64, trust: &DiskTrust) -> Result<(), FileError> {
        if self.is_out(version) {
            self.put_out_metadata(trust)
        } else {
            Ok(())
        }
    }

    fn is_out(&self, version: u64) -> bool {
        let boards = fs::read_dir(self.targets().join("system"));
        boards.is_ok_and(|mut boards| {
            boards.any(|board| {
                board.is_ok_and(|board| board.path().join(version.to_string()).is_dir())
            })
        })
    }

    /// Takes everything away, and with it the parcels that lay there, but for a release that is `wanted`. Whether there was anything.
    pub(super) fn clear(
        &self,
        wanted: Option<&Wanted>,
        parcels: &mut DiskParcels,
    ) -> Result<bool, FileError> {
        let failed = |error| FileError::new("remove", &self.folder, error);
        if !self.folder.exists() {
            return Ok(false);
        }
        let needed = wanted.is_some_and(|wanted| self.is_out(wanted.version));
        // Without it nobody reads the rest.
        folder::remove(&self.metadata().join("timestamp.json")).map_err(failed)?;
        if !needed {
            parcels.remove_linked().map_err(failed)?;
        }
        fs::remove_dir_all(&self.folder).map_err(failed)?;
        Ok(true)
    }

    fn link(
        &self,
        parcel: &Path,
        location: &str,
        out: &mut BTreeSet<PathBuf>,
    ) -> Result<(), FileError> {
        let below = Path::new(location);
        if !below
            .components()
            .all(|step| matches!(step, Component::Normal(_)))
        {
            return Ok(());
        }
        let to = self.targets().join(below);
        let failed = |error| FileError::new("write", &to, error);
        let folder = to.parent().unwrap_or(&self.folder);
        folder::make(folder)?;
        match fs::hard_link(parcel, &to) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            linked => {
                linked.map_err(failed)?;
                folder::sync(folder).map_err(failed)?;
            }
        }
        out.insert(to);
        Ok(())
    }

    fn put_out_metadata(&self, trust: &DiskTrust) -> Result<(), FileError> {
        let metadata = self.metadata();
        folder::make(&metadata)?;
        let mut out = BTreeSet::new();
        let mut put = |name: String, bytes: &[u8]| {
            let path = metadata.join(name);
            let known = folder::read(&path, bytes.len() as u64).ok().flatten();
            if known.as_deref() != Some(bytes) {
                disk::write_aside(&path, bytes)
                    .map_err(|error| FileError::new("write", &path, error))?;
            }
            out.insert(path);
            Ok::<(), FileError>(())
        };
        for (name, bytes) in roots(trust)? {
            put(name, &bytes)?;
        }
        for role in [Role::Targets, Role::Snapshot] {
            let bytes = trust.load(&role)?.unwrap_or_default();
            if let Some(version) = version_of(&bytes) {
                put(format!("{version}.{}.json", role.name()), &bytes)?;
            }
        }
        if let Some(bytes) = trust.load(&Role::Timestamp)? {
            put("timestamp.json".to_owned(), &bytes)?;
        }
        self.sweep(&metadata, &out)
    }

    /// Removes below `folder` whatever is not `out`.
    fn sweep(&self, folder: &Path, out: &BTreeSet<PathBuf>) -> Result<(), FileError> {
        let failed = |error| FileError::new("remove", folder, error);
        for entry in fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                self.sweep(&path, out)?;
                // It stays where something is in it.
                let _ = fs::remove_dir(&path);
            } else if !out.contains(&path) {
                fs::remove_file(&path).map_err(failed)?;
            }
        }
        Ok(())
    }
}

fn files(bundle: &Bundle) -> impl Iterator<Item = &FileRef> {
    bundle.parts.values().flat_map(|part| {
        let patches = part.patches.iter().map(|patch| &patch.file);
        [&part.crown, &part.blocks, &part.frames]
            .into_iter()
            .chain(patches)
    })
}

fn roots(trust: &DiskTrust) -> Result<Vec<(String, Vec<u8>)>, FileError> {
    let folder = trust.roots();
    let failed = |error| FileError::new("read", &folder, error);
    let mut roots = Vec::new();
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // A write that was cut leaves another ending.
        if name.ends_with(".root.json") {
            let bytes = folder::read(&entry.path(), 1 << 20).map_err(failed)?;
            roots.push((name, bytes.unwrap_or_default()));
        }
    }
    Ok(roots)
}

#[cfg(test)]
mod tests;
