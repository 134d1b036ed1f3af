//! A plain folder with an `index.html`: every file becomes a blob, every page is indexed.

mod copy;
mod walk;

use super::builder::IndexBuilder;
use super::error::ImportError;
use super::html::{PAGE_MAX, read_page};
use super::mime;
use super::space::Space;
use super::staging::Stage;
use super::{ImportPlan, ImportProgress, Progress, short, source_key, version};
use crate::disk;
use crate::library::hash::BlobHash;
use crate::library::index::Place;
use crate::library::{PackId, PackKind, PackSummary};
use copy::{Copied, Copier};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use walk::Found;

const HOME: &str = "index.html";
/// A batch is synced and committed after so many files or bytes, whichever comes first.
const BATCH_FILES: usize = 256;
const BATCH_BYTES: u64 = 32 << 20;
/// Of index and compressed twins, per file and per byte of it: an upper estimate.
const OVERHEAD_PER_FILE: u64 = 2048;
const NOTES_MAX: usize = 20;

/// Walks the folder once.
pub(crate) fn plan(source: &Path) -> Result<ImportPlan, ImportError> {
    let home = source.join(HOME);
    if !std::fs::symlink_metadata(&home).is_ok_and(|m| m.is_file()) {
        return Err(ImportError::NotImportable {
            path: source.to_owned(),
        });
    }
    let mut state = Sha256::new();
    let (mut files, mut bytes, mut text) = (0_u64, 0_u64, 0_u64);
    let mut notes = Vec::new();
    let mut note = |line: String| {
        if notes.len() < NOTES_MAX {
            notes.push(line);
        }
    };
    walk::walk(source, &mut note, &mut |found: &Found| {
        found.enter(&mut state);
        files += 1;
        bytes += found.bytes;
        if mime::shrinks(&mime::of_file(&found.relative, &[])) {
            text += found.bytes;
        }
        Ok(())
    })?;
    let page = home_page(&home)?;
    let name = source
        .file_name()
        .unwrap_or(source.as_os_str())
        .to_string_lossy();
    let title = if page.title.is_empty() {
        name.clone().into_owned()
    } else {
        page.title
    };
    // Twins are smaller than their text, and so are its words in the index.
    let needed_bytes = bytes + 2 * text + files * OVERHEAD_PER_FILE + (1 << 20);
    Ok(ImportPlan {
        source: source.to_owned(),
        kind: PackKind::Folder,
        id: PackId::slug(&name),
        title,
        copy_bytes: bytes,
        needed_bytes,
        notes,
        owned: false,
        source_key: source_key(source),
        state_key: short(&BlobHash::finish(state)),
    })
}

/// Copies and indexes every file, in the order of the walk.
pub(crate) fn fill(
    plan: &ImportPlan,
    stage: &Stage,
    space: &mut Space,
    progress: Progress<'_>,
) -> Result<(IndexBuilder, PackSummary), ImportError> {
    let index = IndexBuilder::open(&stage.index_path())?;
    let (already, done, _) = index.cursor()?.unwrap_or((0, 0, 0));
    let mut import = Import {
        plan,
        stage,
        index,
        copier: Copier::new(stage, space),
        progress,
        seen: 0,
        already,
        done: u64::try_from(done).unwrap_or(0),
        batch: Vec::new(),
        batch_bytes: 0,
    };
    let mut state = Sha256::new();
    walk::walk(&plan.source, &mut |_| (), &mut |found| {
        found.enter(&mut state);
        import.file(found)
    })?;
    if short(&BlobHash::finish(state)) != plan.state_key {
        return Err(ImportError::Changed {
            path: plan.source.clone(),
        });
    }
    import.commit()?;
    let index = import.index;
    let summary = summarise(plan, &index)?;
    Ok((index, summary))
}

struct Import<'a> {
    plan: &'a ImportPlan,
    stage: &'a Stage,
    index: IndexBuilder,
    copier: Copier<'a>,
    progress: Progress<'a>,
    /// Files of the walk so far, and how many of them an earlier run committed.
    seen: i64,
    already: i64,
    /// Bytes copied.
    done: u64,
    batch: Vec<BlobHash>,
    batch_bytes: u64,
}

impl Import<'_> {
    fn file(&mut self, found: &Found) -> Result<(), ImportError> {
        self.seen += 1;
        if self.seen <= self.already {
            return Ok(());
        }
        let copied = self.copier.copy(found)?;
        self.enter(found, &copied)?;
        self.done += copied.bytes;
        self.batch_bytes += copied.bytes;
        self.batch.push(copied.hash);
        self.batch
            .extend(copied.gzip.as_ref().map(|(hash, _)| *hash));
        if self.batch.len() >= BATCH_FILES || self.batch_bytes >= BATCH_BYTES {
            self.commit()?;
        }
        Ok(())
    }

    fn enter(&mut self, found: &Found, copied: &Copied) -> Result<(), ImportError> {
        self.index.add_blob(&copied.hash, copied.bytes)?;
        if let Some((hash, bytes)) = &copied.gzip {
            self.index.add_blob(hash, *bytes)?;
        }
        let place = Place::Blob {
            hash: copied.hash,
            gzip: copied.gzip,
        };
        let id = self
            .index
            .add_body(&found.relative, &copied.mime, copied.bytes, &place)?;
        if let (Some(id), true) = (id, mime::is_html(&copied.mime)) {
            let page = read_page(&copied.head);
            let name = found.relative.rsplit('/').next().unwrap_or(&found.relative);
            let title = if page.title.is_empty() {
                name
            } else {
                &page.title
            };
            self.index.add_page(id, title, &page)?;
        }
        Ok(())
    }

    /// Content first, then the index that names it.
    fn commit(&mut self) -> Result<(), ImportError> {
        for hash in self.batch.drain(..) {
            let path = self.stage.blob(&hash);
            File::open(&path)
                .and_then(|file| file.sync_all())
                .map_err(ImportError::write(path))?;
        }
        self.batch_bytes = 0;
        disk::sync_dir(&self.stage.blobs()).map_err(ImportError::write(self.stage.blobs()))?;
        self.index.commit((
            self.seen.max(self.already),
            i64::try_from(self.done).unwrap_or(i64::MAX),
            0,
        ))?;
        (self.progress)(ImportProgress {
            phase: "copying",
            done: self.done.min(self.plan.copy_bytes),
            total: self.plan.copy_bytes,
        });
        Ok(())
    }
}

fn summarise(plan: &ImportPlan, index: &IndexBuilder) -> Result<PackSummary, ImportError> {
    let mut content = Sha256::new();
    index.each_blob(|path, hash| {
        content.update(path.as_bytes());
        content.update([0]);
        content.update(hash);
    })?;
    let page = home_page(&plan.source.join(HOME))?;
    Ok(PackSummary {
        id: plan.id.clone(),
        kind: PackKind::Folder,
        title: plan.title.clone(),
        description: page.description,
        language: page.language,
        home: HOME.to_owned(),
        pages: index.pages()?,
        bytes: 0,
        version: version(PackKind::Folder, &plan.id, &BlobHash::finish(content)),
    })
}

fn home_page(home: &Path) -> Result<super::html::Page, ImportError> {
    let mut bytes = Vec::new();
    File::open(home)
        .and_then(|file| file.take(PAGE_MAX).read_to_end(&mut bytes))
        .map_err(ImportError::read(home))?;
    Ok(read_page(&bytes))
}
