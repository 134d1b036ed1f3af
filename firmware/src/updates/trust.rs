//! The port of the trust rules: a file for each role, written aside, synced, renamed.

use super::FileError;
use super::folder::{self, Folder};
use crate::hex::hex;
use content_store::disk;
use jiff::Timestamp;
use ota::trust::{Role, TrustStore};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// No file of metadata is larger, bytes: see the limits of [`ota::trust`].
const LARGEST: u64 = 6_000_000;
/// Beyond it a date is garbled.
const LONGEST_DATE: u64 = 64;

/// What is believed, in `DATA/updates/trust`.
#[derive(Debug)]
pub struct DiskTrust {
    folder: PathBuf,
}

impl DiskTrust {
    /// In the folder of the updates, which is there.
    #[must_use]
    pub fn in_folder(folder: &Folder) -> Self {
        Self {
            folder: folder.trust(),
        }
    }

    fn path(&self, role: &Role) -> PathBuf {
        self.folder.join(match role {
            Role::Root | Role::Timestamp | Role::Snapshot | Role::Targets => {
                format!("{}.json", role.name())
            }
            Role::Delegated(name) => format!("role-{}.json", hex(name.as_bytes())),
        })
    }

    /// Every root that was believed, for boxes that know an earlier one only.
    pub(super) fn roots(&self) -> PathBuf {
        self.folder.join("roots")
    }

    fn not_before_path(&self) -> PathBuf {
        self.folder.join("not-before")
    }

    /// No earlier than this is it now: what trusted publishers signed so far.
    #[must_use]
    pub fn not_before(&self) -> Option<Timestamp> {
        let bytes = folder::read(&self.not_before_path(), LONGEST_DATE).ok()??;
        std::str::from_utf8(&bytes).ok()?.trim().parse().ok()
    }

    /// Raises [`Self::not_before`]; an earlier time changes nothing.
    ///
    /// # Errors
    /// The disk.
    pub fn raise_not_before(&self, signed: Timestamp) -> Result<(), FileError> {
        if self.not_before().is_some_and(|known| known >= signed) {
            return Ok(());
        }
        let path = self.not_before_path();
        disk::write_aside(&path, format!("{signed}\n").as_bytes())
            .map_err(|error| FileError::new("write", &path, error))
    }

    fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
        disk::write_aside(path, bytes).map_err(|error| FileError::new("write", path, error))
    }
}

impl TrustStore for DiskTrust {
    type Error = FileError;

    fn load(&self, role: &Role) -> Result<Option<Vec<u8>>, FileError> {
        let path = self.path(role);
        folder::read(&path, LARGEST).map_err(|error| FileError::new("read", &path, error))
    }

    fn keep(&mut self, role: &Role, bytes: &[u8]) -> Result<(), FileError> {
        if let (Role::Root, Some(version)) = (role, version_of(bytes)) {
            // Before the root itself: what is believed can always be passed on.
            Self::write(&self.roots().join(format!("{version}.root.json")), bytes)?;
        }
        Self::write(&self.path(role), bytes)
    }

    /// With the timestamp goes the floor of time: keys that have left for good may have signed a time that no clock ever reaches, and a box that
    /// believed it would believe no clock again.
    fn forget(&mut self, role: &Role) -> Result<(), FileError> {
        let floor = (*role == Role::Timestamp).then(|| self.not_before_path());
        let mut gone = floor.into_iter().chain([self.path(role)]);
        gone.try_for_each(|path| {
            folder::remove(&path).map_err(|error| FileError::new("remove", &path, error))
        })
    }
}

/// The version that a file of metadata says it is.
pub(super) fn version_of(bytes: &[u8]) -> Option<u64> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    value.get("signed")?.get("version")?.as_u64()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, DiskTrust) {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::in_data(data.path());
        folder.make().unwrap();
        (data, DiskTrust::in_folder(&folder))
    }

    #[test]
    fn what_is_kept_comes_back_and_what_is_forgotten_does_not() {
        let (_data, mut store) = store();
        let escaping = Role::Delegated("../../etc/passwd".to_owned());
        for role in [Role::Root, Role::Timestamp, escaping] {
            assert_eq!(store.load(&role).unwrap(), None, "{role}");
            store.keep(&role, b"{}").unwrap();
            store.keep(&role, b"{ }").unwrap();
            assert_eq!(store.load(&role).unwrap().unwrap(), b"{ }");
            store.forget(&role).unwrap();
            store.forget(&role).unwrap();
            assert_eq!(store.load(&role).unwrap(), None, "{role}");
        }
        // Nothing beside what was meant.
        let names = std::fs::read_dir(&store.folder).unwrap().count();
        assert_eq!(names, 1, "the folder of the roots alone");
    }

    #[test]
    fn every_root_is_kept_for_others_and_the_floor_of_time_only_rises() {
        let (_data, mut store) = store();
        for version in [1, 2] {
            let root = format!("{{\"signed\": {{\"version\": {version}}}}}");
            store.keep(&Role::Root, root.as_bytes()).unwrap();
        }
        assert!(store.roots().join("1.root.json").exists());
        assert!(store.roots().join("2.root.json").exists());
        assert_eq!(store.not_before(), None);
        let (early, late) = (
            "2026-01-02T00:00:00Z".parse().unwrap(),
            "2026-03-02T00:00:00Z".parse().unwrap(),
        );
        store.raise_not_before(late).unwrap();
        store.raise_not_before(early).unwrap();
        assert_eq!(store.not_before(), Some(late));
        std::fs::write(store.not_before_path(), "long ago").unwrap();
        assert_eq!(store.not_before(), None, "garbled is nothing");
    }

    /// Whoever stole the key of the timestamp has signed the year 2099; then the key is replaced.
    #[test]
    fn the_floor_of_time_goes_with_the_keys_that_signed_it() {
        let (_data, mut store) = store();
        let stolen = "2099-01-01T00:00:00Z".parse().unwrap();
        store.raise_not_before(stolen).unwrap();
        store.forget(&Role::Snapshot).unwrap();
        store.forget(&Role::Targets).unwrap();
        assert_eq!(store.not_before(), Some(stolen), "the control");
        store.forget(&Role::Timestamp).unwrap();
        assert_eq!(store.not_before(), None);
    }

    #[test]
    fn a_file_without_an_end_is_an_error_that_names_it() {
        let (_data, store) = store();
        std::os::unix::fs::symlink("/dev/zero", store.path(&Role::Targets)).unwrap();
        let error = store.load(&Role::Targets).unwrap_err();
        assert!(error.to_string().contains("targets.json"), "{error}");
    }
}
