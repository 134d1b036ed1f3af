//! The box's own key: it signs reports, so that support knows which box speaks. It is drawn at the first start, never leaves the box, and goes
//! when the box is handed over or erased: whoever has the box then speaks with another one.

use super::bundle::box_id;
use crate::telemetry::chain;
use content_store::disk;
use ota::publish::{Ed25519, Signer as _, private_pem};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// In the data folder, for its owner's eyes.
const FILE: &str = "report-key.pem";
/// No key is longer, bytes.
const LONGEST: u64 = 4096;

/// The key, and its public half.
#[derive(Debug)]
pub struct ReportKey {
    /// What signs.
    pub signer: Ed25519,
    /// Its raw public half.
    pub public: [u8; 32],
}

impl ReportKey {
    /// The box's number for support.
    #[must_use]
    pub fn box_id(&self) -> String {
        box_id(&self.public)
    }

    fn of(signer: Ed25519) -> Option<Self> {
        let public = raw(&signer)?;
        Some(Self { signer, public })
    }
}

/// The key in `data`; drawn where there is none, or none that can be read.
///
/// # Errors
/// One line: the disk, or there are no random numbers.
pub fn open_or_make(data: &Path) -> Result<ReportKey, String> {
    if let Some(known) = read(&path(data)) {
        return Ok(known);
    }
    let failed = |error: &dyn std::error::Error| {
        format!(
            "the box's own key cannot be made in {}: {}; see that there is room on the disk",
            data.display(),
            chain(error)
        )
    };
    let (signer, pkcs8) = Ed25519::generate().map_err(|error| failed(&error))?;
    disk::write_aside_private(&path(data), private_pem(&pkcs8).as_bytes())
        .map_err(|error| failed(&error))?;
    ReportKey::of(signer).ok_or_else(|| "the box's own key cannot be used".to_owned())
}

/// The key in `data`, for who may not draw one.
///
/// # Errors
/// One line: there is none that can be read.
pub fn known(data: &Path) -> Result<ReportKey, String> {
    read(&path(data)).ok_or_else(|| {
        format!(
            "there is no key of the box in {} that could sign it: the box's program draws one when it starts",
            data.display()
        )
    })
}

/// The box's number for support, where it has a key.
#[must_use]
pub fn known_box_id(data: &Path) -> Option<String> {
    read(&path(data)).map(|key| key.box_id())
}

/// Where it lies, for who forgets everyone.
#[must_use]
pub fn path(data: &Path) -> PathBuf {
    data.join(FILE)
}

fn read(path: &Path) -> Option<ReportKey> {
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(LONGEST).read_to_end(&mut bytes).ok()?;
    ReportKey::of(Ed25519::read(&bytes).ok()?)
}

/// The raw half, out of the form that metadata lists.
fn raw(signer: &Ed25519) -> Option<[u8; 32]> {
    let listed = serde_json::to_value(signer.public_key()).ok()?;
    let hex = listed.get("keyval")?.get("public")?.as_str()?;
    let bytes: Option<Vec<u8>> = (0..hex.len() / 2)
        .map(|at| u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok())
        .collect();
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::disallowed_methods,
        reason = "a test fails by panicking"
    )]
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_is_drawn_once_kept_private_and_goes() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(known_box_id(data.path()), None);
        assert!(known(data.path()).is_err() && !path(data.path()).exists());
        let first = open_or_make(data.path()).unwrap();
        let again = open_or_make(data.path()).unwrap();
        assert_eq!((first.public, first.box_id().len()), (again.public, 16));
        assert_eq!(known_box_id(data.path()), Some(first.box_id()));
        assert_eq!(known(data.path()).unwrap().public, first.public);
        let mode = fs::metadata(path(data.path()))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::remove_file(path(data.path())).unwrap();
        assert_ne!(open_or_make(data.path()).unwrap().public, first.public);
        fs::write(path(data.path()), "garbled").unwrap();
        assert!(open_or_make(data.path()).is_ok());
        assert!(
            open_or_make(&data.path().join("none"))
                .unwrap_err()
                .contains("cannot be made")
        );
    }
}
