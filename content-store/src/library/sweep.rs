//! Deletes what no installed pack needs: blobs and indexes of interrupted imports, of replaced and removed packs, and stages whose
//! pack is installed. An unfinished stage is kept: its import resumes there.

use super::catalogue::Installed;
use super::error::LibraryError;
use super::hash::BlobHash;
use super::index::Index;
use super::layout::Layout;
use super::writer::is_adopted;
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::Path;

/// `step` is called before each deletion.
pub(crate) fn sweep(
    layout: &Layout,
    installed: &[Installed],
    step: &dyn Fn() -> Result<(), LibraryError>,
) -> Result<(), LibraryError> {
    let indexes: BTreeSet<BlobHash> = installed.iter().map(|pack| pack.index).collect();
    let later = later_indexes(layout, &indexes)?;
    // Indexes first: as long as an index is there, so are its blobs.
    let needed = |name: &BlobHash| indexes.contains(name) || later.contains(name);
    delete_except(&layout.indexes(), &needed, step)?;
    sweep_stages(layout, &indexes, step)?;
    if !later.is_empty() {
        // What they need nobody here can say. What is kept for nothing goes with the next import under a system that can.
        tracing::warn!(event = "library.sweep_skipped", later = later.len());
        return Ok(());
    }
    let open: Result<Vec<Index>, _> = indexes
        .iter()
        .map(|hash| Index::open(&layout.index(hash)))
        .collect();
    let open = match open {
        Ok(open) => open,
        Err(error) => {
            // Without it nobody knows which blobs are needed; what is kept for nothing goes with the pack's next import.
            tracing::warn!(event = "library.sweep_skipped", %error);
            return Ok(());
        }
    };
    // One 256th at a time bounds the memory.
    for shard in 0..=u8::MAX {
        let folder = layout.blobs().join(format!("{shard:02x}"));
        if !folder.is_dir() {
            continue;
        }
        let mut needed = HashSet::new();
        for index in &open {
            index.blobs(Some(shard), |hash, _| {
                needed.insert(hash);
                Ok::<_, LibraryError>(())
            })?;
        }
        delete_except(&folder, &|name| needed.contains(name), step)?;
    }
    Ok(())
}

/// Indexes that a newer system made and this one cannot read. It may have rebuilt the catalogue without them.
fn later_indexes(
    layout: &Layout,
    installed: &BTreeSet<BlobHash>,
) -> Result<BTreeSet<BlobHash>, LibraryError> {
    let named = list(&layout.indexes())?.into_iter().filter_map(|file| {
        let name = file.file_name().and_then(|name| name.to_str());
        name.and_then(BlobHash::from_hex)
    });
    let is_later = |hash: &BlobHash| {
        matches!(
            Index::open(&layout.index(hash)),
            Err(LibraryError::TooNew { .. })
        )
    };
    Ok(named
        .filter(|hash| !installed.contains(hash) && is_later(hash))
        .collect())
}

fn sweep_stages(
    layout: &Layout,
    indexes: &BTreeSet<BlobHash>,
    step: &dyn Fn() -> Result<(), LibraryError>,
) -> Result<(), LibraryError> {
    for stage in list(layout.incoming())? {
        if stage.is_dir() && is_adopted(&stage, indexes) {
            step()?;
            fs::remove_dir_all(&stage).map_err(LibraryError::io("delete", stage))?;
        }
    }
    Ok(())
}

fn delete_except(
    folder: &Path,
    needed: &dyn Fn(&BlobHash) -> bool,
    step: &dyn Fn() -> Result<(), LibraryError>,
) -> Result<(), LibraryError> {
    for file in list(folder)? {
        let hash = file
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(BlobHash::from_hex);
        if hash.is_some_and(|hash| needed(&hash)) {
            continue;
        }
        step()?;
        fs::remove_file(&file).map_err(LibraryError::io("delete", file))?;
    }
    Ok(())
}

fn list(folder: &Path) -> Result<Vec<std::path::PathBuf>, LibraryError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(LibraryError::io("list", folder)(e)),
    };
    entries
        .map(|entry| {
            entry
                .map(|e| e.path())
                .map_err(LibraryError::io("list", folder))
        })
        .collect()
}
