//! Copies an archive into its stage, hashing on the way, going on where a cut left off.

use super::super::error::ImportError;
use super::super::space::Space;
use super::super::staging::Stage;
use super::super::{ImportPlan, ImportProgress, Progress};
use super::ZimError;
use super::header::{HEADER_LEN, Header};
use crate::disk;
use crate::library::hash::BlobHash;
use crate::library::staged::is_file_of;
use md5::Md5;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

const PART: &str = "archive.part";
/// A long copy is written back as it goes, so that a cut loses little of it.
const SYNC_EVERY: u64 = 64 << 20;
const MD5_LEN: u64 = 16;

/// Answers the hash of the copy, which lies in the stage's blobs, synced and checked.
pub(super) fn copy_archive(
    plan: &ImportPlan,
    stage: &Stage,
    space: &mut Space,
    progress: Progress<'_>,
) -> Result<BlobHash, ImportError> {
    if let Some(done) = finished_copy(plan, stage)? {
        return Ok(done);
    }
    let part = stage.folder().join(PART);
    if plan.owned && !part.exists() {
        // A part that is whole already: it is read through and checked as one that a cut left. Without links it is copied.
        let _ = fs::hard_link(&plan.source, &part);
    }
    let resumed = fs::metadata(&part).is_ok_and(|m| m.len() > 0);
    let hash = match copy_part(plan, &part, space, progress) {
        // What a cut left may hold blocks that never reached the disk: once more from the start.
        Err(ImportError::Zim {
            source: ZimError::Checksum,
            ..
        }) if resumed => {
            fs::remove_file(&part).map_err(ImportError::write(&part))?;
            copy_part(plan, &part, space, progress)?
        }
        other => other?,
    };
    fs::rename(&part, stage.blob(&hash)).map_err(ImportError::write(&part))?;
    disk::sync_dir(&stage.blobs()).map_err(ImportError::write(stage.blobs()))?;
    Ok(hash)
}

/// A copy gets its name only when it is synced and checked.
fn finished_copy(plan: &ImportPlan, stage: &Stage) -> Result<Option<BlobHash>, ImportError> {
    for file in fs::read_dir(stage.blobs()).map_err(ImportError::read(stage.blobs()))? {
        let file = file.map_err(ImportError::read(stage.blobs()))?;
        let hash = file.file_name().to_str().and_then(BlobHash::from_hex);
        if let Some(hash) = hash.filter(|_| is_file_of(&file.path(), plan.copy_bytes)) {
            return Ok(Some(hash));
        }
    }
    Ok(None)
}

fn copy_part(
    plan: &ImportPlan,
    part: &Path,
    space: &mut Space,
    progress: Progress<'_>,
) -> Result<BlobHash, ImportError> {
    let mut source = File::open(&plan.source).map_err(ImportError::read(&plan.source))?;
    let mut target = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(part)
        .map_err(ImportError::write(part))?;
    let mut hashes = Hashes::new(plan.copy_bytes);
    let mut tell = |phase, done| {
        progress(ImportProgress {
            phase,
            done,
            total: plan.copy_bytes,
        })
    };
    let done = rehash(&mut target, part, plan, &mut hashes, &mut tell)?;
    // A part that is linked keeps the times by which its source is known.
    if target.metadata().map_err(ImportError::read(part))?.len() != done {
        target.set_len(done).map_err(ImportError::write(part))?;
    }
    source
        .seek(SeekFrom::Start(done))
        .map_err(ImportError::read(&plan.source))?;
    let mut buffer = vec![0; 256 * 1024];
    let mut unsynced = 0;
    while hashes.seen < plan.copy_bytes {
        let n = match source.read(&mut buffer) {
            Ok(0) => {
                return Err(ImportError::Changed {
                    path: plan.source.clone(),
                });
            }
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(ImportError::read(&plan.source)(e)),
        };
        space.spend(n as u64)?;
        hashes.update(&buffer[..n]);
        if hashes.seen > plan.copy_bytes {
            return Err(ImportError::Changed {
                path: plan.source.clone(),
            });
        }
        target
            .write_all(&buffer[..n])
            .map_err(ImportError::write(part))?;
        unsynced += n as u64;
        if unsynced >= SYNC_EVERY {
            unsynced = 0;
            sync(&target, part)?;
        }
        tell("copying", hashes.seen);
    }
    sync(&target, part)?;
    hashes.check().map_err(|source| ImportError::Zim {
        path: plan.source.clone(),
        source,
    })
}

/// A failed sync may have lost what it says is written: such a part is not gone on with.
fn sync(target: &File, part: &Path) -> Result<(), ImportError> {
    target.sync_all().map_err(|e| {
        let _ = fs::remove_file(part);
        ImportError::write(part)(e)
    })
}

/// Reads what an earlier run left; answers how much of it there is.
fn rehash(
    target: &mut File,
    part: &Path,
    plan: &ImportPlan,
    hashes: &mut Hashes,
    tell: &mut dyn FnMut(&'static str, u64),
) -> Result<u64, ImportError> {
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let room = usize::try_from(plan.copy_bytes - hashes.seen)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        match target.read(&mut buffer[..room]) {
            Ok(0) => return Ok(hashes.seen),
            Ok(n) => hashes.update(&buffer[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(ImportError::read(part)(e)),
        }
        tell("checking", hashes.seen);
    }
}

/// SHA-256 of everything; MD5 of everything before the archive's own checksum.
struct Hashes {
    sha: Sha256,
    md5: Md5,
    head: Vec<u8>,
    stored: Vec<u8>,
    seen: u64,
    total: u64,
}

impl Hashes {
    fn new(total: u64) -> Self {
        Self {
            sha: Sha256::new(),
            md5: Md5::new(),
            head: Vec::new(),
            stored: Vec::new(),
            seen: 0,
            total,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.sha.update(bytes);
        let missing = HEADER_LEN.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..missing]);
        let before = self.total.saturating_sub(MD5_LEN).saturating_sub(self.seen);
        let covered = usize::try_from(before)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        self.md5.update(&bytes[..covered]);
        self.stored.extend_from_slice(&bytes[covered..]);
        self.seen += bytes.len() as u64;
    }

    fn check(self) -> Result<BlobHash, ZimError> {
        // The header again, for the source may have changed since it was planned; it also says that the checksum comes last.
        Header::parse(&self.head, self.total)?;
        if self.md5.finalize()[..] != self.stored[..] {
            return Err(ZimError::Checksum);
        }
        Ok(BlobHash::finish(self.sha))
    }
}
