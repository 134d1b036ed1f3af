//! An archive → a staged pack: plan, copy and check, index.

use super::super::builder::IndexBuilder;
use super::super::error::ImportError;
use super::super::html::{DESCRIPTION_CHARS, TITLE_CHARS, cut};
use super::super::space::Space;
use super::super::staging::Stage;
use super::super::{ImportPlan, Progress, short, source_key, version};
use super::ZimError;
use super::archive::Archive;
use super::copy::copy_archive;
use super::dirent::Target;
use super::language::bcp47;
use super::walk::index_entries;
use crate::library::hash::BlobHash;
use crate::library::{PackId, PackKind, PackSummary};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Of the index, per entry beyond its text: an upper estimate.
const INDEX_PER_ENTRY: u64 = 4096;

/// Reads the archive's tables and metadata.
pub(crate) fn plan(source: &Path) -> Result<ImportPlan, ImportError> {
    let zim = |error| {
        let path = source.to_owned();
        if matches!(error, ZimError::NotZim) {
            return ImportError::NotImportable { path };
        }
        ImportError::Zim {
            path,
            source: error,
        }
    };
    let found = fs::metadata(source).map_err(ImportError::read(source))?;
    let archive = Archive::open(source).map_err(zim)?;
    let stem = source
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let name = archive.metadata("Name").map_err(zim)?;
    let title = archive.metadata("Title").map_err(zim)?;
    let bytes = found.len();
    let entries = u64::from(archive.header.entries);
    let state = format!("{bytes} {} {}", found.mtime(), found.mtime_nsec());
    Ok(ImportPlan {
        source: source.to_owned(),
        kind: PackKind::Zim,
        id: PackId::slug(&name.unwrap_or_else(|| undated(&stem).to_owned())),
        title: cut(&title.unwrap_or(stem), TITLE_CHARS),
        copy_bytes: bytes,
        needed_bytes: bytes
            .saturating_add(bytes.min(entries * INDEX_PER_ENTRY))
            .saturating_add(1 << 20),
        notes: Vec::new(),
        owned: false,
        source_key: source_key(source),
        state_key: short(&BlobHash::of(state.as_bytes())),
    })
}

/// `wikipedia_en_all_2024-01` → `wikipedia_en_all`: a newer file replaces the older pack.
fn undated(stem: &str) -> &str {
    match stem.rsplit_once(['_', '-', ' ']) {
        // `…_2024-01`: the month was split off, the year goes with it
        Some((rest, month)) if is_number(month, 2) => match rest.rsplit_once('_') {
            Some((name, year)) if is_number(year, 4) && !name.is_empty() => name,
            _ => stem,
        },
        _ => stem,
    }
}

fn is_number(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_digit())
}

/// Copies the archive, checks its checksum, and indexes it from the copy.
pub(crate) fn fill(
    plan: &ImportPlan,
    stage: &Stage,
    space: &mut Space,
    progress: Progress<'_>,
) -> Result<(IndexBuilder, PackSummary), ImportError> {
    let zim = |source| ImportError::Zim {
        path: plan.source.clone(),
        source,
    };
    let hash = copy_archive(plan, stage, space, progress)?;
    let archive = Archive::open(&stage.blob(&hash)).map_err(zim)?;
    let mut index = IndexBuilder::open(&stage.index_path())?;
    index.add_archive(&hash, plan.copy_bytes)?;
    index_entries(plan, &archive, stage, &mut index, space, progress)?;
    let summary = summarise(plan, &archive, &index, &hash)?;
    Ok((index, summary))
}

fn summarise(
    plan: &ImportPlan,
    archive: &Archive,
    index: &IndexBuilder,
    hash: &BlobHash,
) -> Result<PackSummary, ImportError> {
    let zim = |source| ImportError::Zim {
        path: plan.source.clone(),
        source,
    };
    let metadata = |name| {
        archive
            .metadata(name)
            .map(Option::unwrap_or_default)
            .map_err(zim)
    };
    let home = match main_page(archive).map_err(zim)? {
        Some(home) => home,
        None => index.first_page()?.ok_or_else(|| ImportError::Unfit {
            path: plan.source.clone(),
            what: "it has no page".to_owned(),
        })?,
    };
    Ok(PackSummary {
        id: plan.id.clone(),
        kind: PackKind::Zim,
        title: plan.title.clone(),
        description: cut(&metadata("Description")?, DESCRIPTION_CHARS),
        language: bcp47(&metadata("Language")?),
        home,
        pages: index.pages()?,
        bytes: 0,
        version: version(PackKind::Zim, &plan.id, hash),
    })
}

/// The served path of the page that the archive opens with.
fn main_page(archive: &Archive) -> Result<Option<String>, ZimError> {
    let place = match archive.header.main_page {
        Some(place) => Some(place),
        None => archive.find(b'W', "mainPage")?,
    };
    let Some(place) = place else { return Ok(None) };
    let Some((_, dirent)) = archive.resolve(place)? else {
        return Ok(None);
    };
    Ok(match dirent.target {
        Target::Blob { .. } => archive.served_path(&dirent),
        Target::Redirect(_) | Target::Nothing => None,
    })
}

#[cfg(test)]
mod tests {
    use super::undated;

    #[test]
    fn dates_are_no_part_of_a_name() {
        assert_eq!(undated("wikipedia_en_all_2024-01"), "wikipedia_en_all");
        assert_eq!(undated("wikipedia_en_all"), "wikipedia_en_all");
        assert_eq!(undated("lesson-12"), "lesson-12");
        assert_eq!(undated("_2024-01"), "_2024-01");
    }
}
