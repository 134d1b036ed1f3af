//! Content of a packed cluster that is too large to be unpacked for each reader: unpacked once, into blobs of its own.

use super::super::error::ImportError;
use super::super::space::Space;
use super::super::staging::Stage;
use super::ZimError;
use super::cluster::ClusterStream;
use crate::disk;
use crate::library::hash::BlobHash;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

const PART: &str = "unpacked.part";
/// What one archive may unpack to, in this way and as pages that are read: real ones pack their content three to twenty times smaller.
const TIMES_MAX: u64 = 64;
const SLACK: u64 = 64 << 20;

/// Unpacks into the stage, within bounds.
pub(super) struct Spill<'a> {
    source: &'a Path,
    stage: &'a Stage,
    left: u64,
}

impl<'a> Spill<'a> {
    /// For the archive `source` of `bytes` bytes.
    pub(super) fn new(source: &'a Path, bytes: u64, stage: &'a Stage) -> Self {
        Self {
            source,
            stage,
            left: bytes.saturating_mul(TIMES_MAX).saturating_add(SLACK),
        }
    }

    /// Copies the next `len` bytes of `stream` into a blob, synced; answers its hash and its first `head_max` bytes.
    pub(super) fn blob(
        &mut self,
        stream: &mut ClusterStream,
        len: u64,
        head_max: u64,
        space: &mut Space,
    ) -> Result<(BlobHash, Vec<u8>), ImportError> {
        self.count(len)?;
        let part = self.stage.folder().join(PART);
        let mut file = File::create(&part).map_err(ImportError::write(&part))?;
        let (mut hasher, mut head) = (Sha256::new(), Vec::new());
        let mut buffer = vec![0; 128 * 1024];
        let mut done = 0;
        while done < len {
            let bytes = self.some(stream, &mut buffer, len - done)?;
            space.spend(bytes.len() as u64)?;
            file.write_all(bytes).map_err(ImportError::write(&part))?;
            hasher.update(bytes);
            let missing = head_max.saturating_sub(done);
            let missing = usize::try_from(missing).unwrap_or(usize::MAX);
            head.extend_from_slice(&bytes[..missing.min(bytes.len())]);
            done += bytes.len() as u64;
        }
        file.sync_all().map_err(ImportError::write(&part))?;
        let hash = BlobHash::finish(hasher);
        fs::rename(&part, self.stage.blob(&hash)).map_err(ImportError::write(&part))?;
        let blobs = self.stage.blobs();
        disk::sync_dir(&blobs).map_err(ImportError::write(blobs))?;
        Ok((hash, head))
    }

    /// Counts `bytes` that are about to be unpacked: clusters may lie upon one another, so an archive of kilobytes can name terabytes.
    pub(super) fn count(&mut self, bytes: u64) -> Result<(), ImportError> {
        let bomb = || ZimError::broken("it unpacks to far more than what is packed into it");
        self.left = self
            .left
            .checked_sub(bytes)
            .ok_or_else(|| self.damaged(bomb()))?;
        Ok(())
    }

    /// Some of the next `most` bytes, at least one.
    fn some<'b>(
        &self,
        stream: &mut ClusterStream,
        buffer: &'b mut [u8],
        most: u64,
    ) -> Result<&'b [u8], ImportError> {
        let wanted = usize::try_from(most)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        loop {
            match stream.read(&mut buffer[..wanted]) {
                Ok(0) => return Err(self.damaged(ZimError::broken("a cluster is cut short"))),
                Ok(n) => return Ok(&buffer[..n]),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(self.damaged(e.into())),
            }
        }
    }

    fn damaged(&self, source: ZimError) -> ImportError {
        ImportError::Zim {
            path: self.source.to_owned(),
            source,
        }
    }
}
