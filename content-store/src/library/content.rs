//! Bodies: bytes that can be read at any offset in bounded memory.

use super::clusters::Clusters;
use crate::formats::zim::archive::Archive;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Bytes that can be read at any offset, in bounded memory. Reading blocks: call it off the async runtime.
///
/// A body keeps its file open: a pack that is replaced or removed meanwhile is read to the end.
#[derive(Debug, Clone)]
pub struct Content(Body);

#[derive(Debug, Clone)]
enum Body {
    File {
        file: Arc<File>,
        start: u64,
        len: u64,
    },
    Packed(Arc<Packed>),
}

/// A blob of a packed cluster; unpacked at the first read, for a HEAD or a 304 needs no bytes. It holds none of them: only the cache
/// keeps clusters, so that a thousand readers who stopped reading cost no memory here.
#[derive(Debug)]
struct Packed {
    archive: Arc<Archive>,
    clusters: Arc<Clusters>,
    /// The archive's number in the cluster cache.
    serial: u64,
    cluster: u32,
    blob: u32,
    len: u64,
}

impl Content {
    pub(crate) fn file(file: Arc<File>, start: u64, len: u64) -> Self {
        Self(Body::File { file, start, len })
    }

    pub(crate) fn packed(
        archive: Arc<Archive>,
        clusters: Arc<Clusters>,
        serial: u64,
        (cluster, blob): (u32, u32),
        len: u64,
    ) -> Self {
        Self(Body::Packed(Arc::new(Packed {
            archive,
            clusters,
            serial,
            cluster,
            blob,
            len,
        })))
    }

    /// Reads into `buf` from `offset` of this body; 0 at its end. Short reads happen.
    ///
    /// # Errors
    /// When the disk fails, or (`InvalidData`) holds other bytes than it did at the import.
    pub fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        match &self.0 {
            Body::File { file, start, len } => {
                let wanted = bounded(offset, *len, buf.len());
                if wanted == 0 {
                    return Ok(0);
                }
                match file.read_at(&mut buf[..wanted], start + offset)? {
                    0 => Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "a file of the library was cut short",
                    )),
                    n => Ok(n),
                }
            }
            Body::Packed(packed) => packed.read_at(offset, buf),
        }
    }
}

/// Bytes to read at `offset` of a body of `len` bytes into a buffer of `room` bytes.
fn bounded(offset: u64, len: u64, room: usize) -> usize {
    room.min(usize::try_from(len.saturating_sub(offset)).unwrap_or(usize::MAX))
}

impl Packed {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let wanted = bounded(offset, self.len, buf.len());
        if wanted == 0 {
            return Ok(0);
        }
        let place = (self.cluster, self.blob);
        let (cluster, range) = self.clusters.fetch(self.serial, &self.archive, place)?;
        let start = range.start + usize::try_from(offset).unwrap_or(usize::MAX);
        match cluster.bytes().get(start..start + wanted) {
            Some(bytes) if range.len() as u64 == self.len => buf[..wanted].copy_from_slice(bytes),
            Some(_) | None => {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "an archive of the library has changed",
                ));
            }
        }
        Ok(wanted)
    }
}
