//! What a system slot must be, so that a look at it can tell whether it still is.

use super::{DiskLedger, DiskParcels, Folder};
use board_support::slots::OpenSlot;
use ota::bundle::Bundle;
use ota::image::Seal;
use ota::install::sealed::kept;
use ota::{Part, StateStore as _};
use std::path::Path;

/// By the bundle of the release that an update put there, or by its own boot area; empty where neither says anything.
#[must_use]
pub fn seals(data: &Path, open: &OpenSlot) -> Vec<(Part, Seal)> {
    let folder = Folder::in_data(data);
    let release = DiskLedger::in_folder(&folder).load();
    let mut parcels = DiskParcels::in_folder(&folder, 0);
    let bundle = release
        .in_slot(open.slot)
        .and_then(|release| kept(&mut parcels, release).ok().flatten());
    let root = |bundle: &Bundle| bundle.parts.get(&Part::Root).map(|root| root.seal.root);
    match (bundle, &open.seal) {
        // A card may have been written anew beside the ledger.
        (Some(bundle), Some(seal)) if root(&bundle) != Some(seal.root) => {
            vec![(Part::Root, seal.clone())]
        }
        (Some(bundle), _) => bundle
            .parts
            .into_iter()
            .map(|(part, payload)| (part, payload.seal))
            .collect(),
        (None, Some(seal)) => vec![(Part::Root, seal.clone())],
        (None, None) => Vec::new(),
    }
}
