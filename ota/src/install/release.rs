//! What is wanted, and what is kept of it.

use super::{Desk, InstallError};
use crate::bundle::{Bundle, FileRef};
use crate::fetch;
use crate::ledger::Wanted;
use crate::parcel::Parcels;
use crate::trust::hex;
use sha2::{Digest as _, Sha256};
use std::io;

/// The release that is being fetched or installed.
pub(super) struct Job {
    pub(super) wanted: Wanted,
    pub(super) bundle: Bundle,
}

/// The wanted release and its bundle, as it was kept.
pub(super) fn job(desk: &mut Desk<'_>) -> Result<Job, InstallError> {
    let wanted = desk.state.load().wanted.ok_or(InstallError::Nothing)?;
    let bytes = kept_bundle(desk.parcels, &wanted).map_err(InstallError::Keep)?;
    let bytes = bytes.ok_or(InstallError::Nothing)?;
    let bundle = Bundle::parse(&bytes)?;
    if bundle.version != wanted.version {
        return Err(InstallError::Nothing);
    }
    Ok(Job { wanted, bundle })
}

pub(super) fn is_bundle(bytes: &[u8], wanted: &Wanted) -> bool {
    hex::of(&Sha256::digest(bytes)) == wanted.bundle
}

/// A bundle's parcel is named as that of every whole file.
pub(super) fn bundle_name(wanted: &Wanted) -> String {
    format!("file-{}", wanted.bundle)
}

pub(super) fn kept_bundle(
    parcels: &mut dyn Parcels,
    wanted: &Wanted,
) -> io::Result<Option<Vec<u8>>> {
    let name = bundle_name(wanted);
    let bytes = parcels.length(&name)?;
    if bytes == 0 || bytes > crate::bundle::BUNDLE_AT_MOST {
        return Ok(None);
    }
    let mut kept = vec![0; usize::try_from(bytes).unwrap_or(0)];
    parcels.read(&name, 0, &mut kept)?;
    Ok(Some(kept).filter(|kept| is_bundle(kept, wanted)))
}

pub(super) fn keep_bundle(
    parcels: &mut dyn Parcels,
    wanted: &Wanted,
    bytes: &[u8],
) -> io::Result<()> {
    if kept_bundle(parcels, wanted)?.is_some() {
        return Ok(());
    }
    let name = bundle_name(wanted);
    if parcels.length(&name)? > 0 {
        parcels.truncate(&name, 0)?;
    }
    parcels.append(&name, bytes)?;
    parcels.sync(&name)
}

/// A file of the repository that is here whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// As the bundle names it.
    pub file: FileRef,
    /// Where its bytes are.
    pub parcel: String,
}

/// The files of a release that came whole, for other boxes. Their lengths were looked at, their bytes were checked when they came.
///
/// # Errors
/// Whatever the disk says.
pub fn held(bundle: &Bundle, parcels: &mut dyn Parcels) -> io::Result<Vec<Held>> {
    let mut held = Vec::new();
    for file in files(bundle) {
        let parcel = fetch::whole_name(file);
        if parcels.length(&parcel)? == file.bytes {
            let file = file.clone();
            held.push(Held { file, parcel });
        }
    }
    Ok(held)
}

/// All that a bundle names.
pub(super) fn files(bundle: &Bundle) -> impl Iterator<Item = &FileRef> {
    bundle.parts.values().flat_map(|payload| {
        let patches = payload.patches.iter().map(|patch| &patch.file);
        [&payload.crown, &payload.blocks, &payload.frames]
            .into_iter()
            .chain(patches)
    })
}

/// The parcels of a release that other boxes may want: its bundle, and what came whole.
pub(super) fn to_serve(
    parcels: &mut dyn Parcels,
    release: Option<&Wanted>,
) -> io::Result<Vec<String>> {
    let Some(release) = release else {
        return Ok(Vec::new());
    };
    let Some(bytes) = kept_bundle(parcels, release)? else {
        return Ok(Vec::new());
    };
    let Ok(bundle) = Bundle::parse(&bytes) else {
        return Ok(Vec::new());
    };
    let held = held(&bundle, parcels)?.into_iter().map(|held| held.parcel);
    Ok(held.chain([bundle_name(release)]).collect())
}
