//! The root that the box begins with: the image's, or the one that the configuration names.

use super::folder;
use super::trust::version_of;
use super::{DiskTrust, FileError};
use board_support::BoardChoice;
use ota::trust::{Role, TrustStore};
use std::path::{Path, PathBuf};

/// What the system comes with.
const OF_THE_IMAGE: &str = "/usr/share/school-box/update-root.json";
/// The same of a simulated board, in its folder.
const OF_THE_SIMULATION: &str = "update-root.json";
/// No root is larger: see the limits of [`ota::trust`].
const LARGEST: u64 = 512_000;

/// Why there is nobody to believe: each is one whole line.
#[derive(Debug, thiserror::Error)]
pub(super) enum FirstRootError {
    /// There is none.
    #[error(
        "this box trusts no publisher of updates: put the publisher's root.json on the box and name it in update.trust_root"
    )]
    None,
    /// The configured one cannot be read.
    #[error("update.trust_root = {}: it cannot be read", .path.display())]
    Unreadable {
        /// It.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no root.
    #[error("{} is no root of a repository: it has no version", .path.display())]
    NoRoot {
        /// It.
        path: PathBuf,
    },
    /// The trust store.
    #[error(transparent)]
    Store(#[from] FileError),
}

/// Where the first root lies, if there is one.
pub(super) fn path(configured: Option<&Path>, board: &BoardChoice, data: &Path) -> Option<PathBuf> {
    if let Some(configured) = configured {
        return Some(configured.to_owned());
    }
    let simulated = super::uplink::sim_folder(board, data).map(|dir| dir.join(OF_THE_SIMULATION));
    [Some(PathBuf::from(OF_THE_IMAGE)), simulated]
        .into_iter()
        .flatten()
        .find(|path| path.exists())
}

/// Sees to it that the store has a root: the first one where it has none, and wherever the first one is newer than what it has. A system that runs was
/// trusted as a whole; so is the root in it.
pub(super) fn plant(store: &mut DiskTrust, first: Option<&Path>) -> Result<(), FirstRootError> {
    // A stored root that cannot be read any more is as good as none.
    let known = store.load(&Role::Root).unwrap_or_default();
    let known = known.as_deref().and_then(version_of);
    let Some(path) = first else {
        return known.map(|_| ()).ok_or(FirstRootError::None);
    };
    let path = path.to_owned();
    let bytes = match folder::read(&path, LARGEST) {
        Ok(Some(bytes)) => bytes,
        Ok(None) if known.is_some() => return Ok(()),
        Ok(None) => {
            let source = std::io::ErrorKind::NotFound.into();
            return Err(FirstRootError::Unreadable { path, source });
        }
        Err(source) => return Err(FirstRootError::Unreadable { path, source }),
    };
    let Some(version) = version_of(&bytes) else {
        return Err(FirstRootError::NoRoot { path });
    };
    if known.is_none_or(|known| known < version) {
        store.keep(&Role::Root, &bytes)?;
        tracing::info!(version, from = %path.display(), "ota.first_root");
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::Folder;
    use super::*;

    fn root(version: u64) -> String {
        format!("{{\"signed\": {{\"version\": {version}}}}}")
    }

    #[test]
    fn the_newer_of_the_stored_and_the_images_root_holds() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::in_data(data.path());
        folder.make().unwrap();
        let mut store = DiskTrust::in_folder(&folder);
        let file = data.path().join("root.json");
        let none = plant(&mut store, None).unwrap_err();
        assert!(none.to_string().contains("update.trust_root"), "{none}");
        let missing = plant(&mut store, Some(&file)).unwrap_err();
        assert!(missing.to_string().contains("root.json"), "{missing}");
        std::fs::write(&file, "this is none").unwrap();
        let garbled = plant(&mut store, Some(&file)).unwrap_err();
        assert!(garbled.to_string().contains("no root"), "{garbled}");

        let mut stored = |version| {
            std::fs::write(&file, root(version)).unwrap();
            plant(&mut store, Some(&file)).unwrap();
            version_of(&store.load(&Role::Root).unwrap().unwrap())
        };
        assert_eq!(stored(2), Some(2));
        assert_eq!(stored(1), Some(2), "an older image is no way back");
        assert_eq!(stored(3), Some(3));
        plant(&mut store, None).unwrap();
        store.keep(&Role::Root, b"garbled").unwrap();
        assert!(plant(&mut store, None).is_err());
        plant(&mut store, Some(&file)).unwrap();
    }
}
