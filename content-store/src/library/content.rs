//! Bodies: bytes that can be read at any offset in bounded memory.

use super::clusters::{Cluster, Clusters, Fetched};
use crate::formats::zim::archive::Archive;
use crate::formats::zim::cluster::ClusterStream;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, PoisonError};

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

/// A blob of a packed cluster; unpacked at the first read, for a HEAD or a 304 needs no bytes.
#[derive(Debug)]
struct Packed {
    archive: Arc<Archive>,
    clusters: Arc<Clusters>,
    /// The archive's number in the cluster cache.
    serial: u64,
    cluster: u32,
    blob: u32,
    len: u64,
    held: Mutex<Held>,
}

enum Held {
    Nothing,
    Unpacked(Arc<Cluster>, Range<usize>),
    /// Too large to hold: unpacked as it is read; `start` is the blob's place in the unpacked cluster.
    Streaming {
        stream: Box<ClusterStream>,
        start: u64,
    },
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Unpacked(..) => "Unpacked",
            Self::Streaming { .. } => "Streaming",
        })
    }
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
        let held = Mutex::new(Held::Nothing);
        Self(Body::Packed(Arc::new(Packed {
            archive,
            clusters,
            serial,
            cluster,
            blob,
            len,
            held,
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
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*held, Held::Nothing) {
            *held = self.fetch()?;
        }
        match &mut *held {
            Held::Nothing => Ok(0),
            Held::Unpacked(cluster, range) => {
                let start = range.start + usize::try_from(offset).unwrap_or(usize::MAX);
                buf[..wanted].copy_from_slice(&cluster.bytes()[start..start + wanted]);
                Ok(wanted)
            }
            Held::Streaming { stream, start } => {
                let target = *start + offset;
                if stream.position() > target {
                    **stream = self.archive.cluster(self.cluster)?.stream()?;
                }
                stream.skip_to(target)?;
                match stream.read(&mut buf[..wanted])? {
                    0 => Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "an archive of the library was cut short",
                    )),
                    n => Ok(n),
                }
            }
        }
    }

    fn fetch(&self) -> io::Result<Held> {
        let other = || {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "an archive of the library has changed",
            )
        };
        Ok(
            match self
                .clusters
                .fetch(self.serial, &self.archive, self.cluster, self.blob)?
            {
                Fetched::Held(cluster, range) if range.len() as u64 == self.len => {
                    Held::Unpacked(cluster, range)
                }
                Fetched::Large { stream, range } if range.end - range.start == self.len => {
                    Held::Streaming {
                        stream,
                        start: range.start,
                    }
                }
                Fetched::Held(..) | Fetched::Large { .. } => return Err(other()),
            },
        )
    }
}
