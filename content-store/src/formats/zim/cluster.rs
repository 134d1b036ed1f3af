//! Clusters: many blobs packed together, plain, xz or zstd, read as a stream in bounded memory.

use super::ZimError;
use super::header::{u32_at, u64_at};
use lzma_rust2::XzReader;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Memory one zstd decoder may ask for its window: 2^24 = 16 MiB. `libzim` writes with windows up to 2^23.
const ZSTD_WINDOW_LOG_MAX: u32 = 24;
/// Memory one xz decoder may ask for, KiB: a 64 MiB dictionary (preset 9, the largest that old archives use) and its overhead.
const XZ_MEMORY_MAX_KIB: u32 = 66 * 1024;
/// Clusters that unpack to more are unpacked once, at the import, and never for a reader. `libzim` closes a cluster at 2 MiB.
pub(crate) const HELD_MAX: u64 = 4 << 20;
/// An offset table longer than this is a lie: 512 Ki blobs with 8-byte offsets.
const TABLE_MAX: u64 = 4 << 20;
/// A packed cluster that claims to unpack to more than this is a bomb; media of that size are stored plain.
const UNPACKED_MAX: u64 = 1 << 30;
const FLAG_WIDE: u8 = 0x10;

/// How a cluster's bytes are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Xz,
    Zstd,
}

/// A part of the file as a stream.
#[derive(Debug)]
pub(crate) struct Span {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Read for Span {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let n = self.file.read_at(&mut buffer[..wanted], self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

/// Where a cluster is and how it is stored.
#[derive(Debug, Clone)]
pub(crate) struct ClusterPlace {
    file: Arc<File>,
    pub(crate) number: u32,
    /// First byte after the cluster's information byte.
    pub(crate) start: u64,
    end: u64,
    pub(crate) packing: Packing,
    wide: bool,
}

impl ClusterPlace {
    /// `start..end` is the cluster with its information byte, inside the file.
    pub(super) fn read(
        file: &Arc<File>,
        number: u32,
        start: u64,
        end: u64,
    ) -> Result<Self, ZimError> {
        let mut info = [0];
        file.read_exact_at(&mut info, start)?;
        let packing = match info[0] & 0x0f {
            0 | 1 => Packing::Plain,
            4 => Packing::Xz,
            5 => Packing::Zstd,
            2 => {
                return Err(ZimError::Unsupported {
                    what: "zlib compression".to_owned(),
                });
            }
            3 => {
                return Err(ZimError::Unsupported {
                    what: "bzip2 compression".to_owned(),
                });
            }
            other => {
                return Err(ZimError::broken(format!(
                    "cluster {number} has unknown compression {other}"
                )));
            }
        };
        let wide = info[0] & FLAG_WIDE != 0;
        Ok(Self {
            file: Arc::clone(file),
            number,
            start: start + 1,
            end,
            packing,
            wide,
        })
    }

    /// The unpacked bytes from the first; opening costs a decoder's memory.
    pub(crate) fn stream(&self) -> Result<ClusterStream, ZimError> {
        let span = Span {
            file: Arc::clone(&self.file),
            at: self.start,
            end: self.end,
        };
        let reader: Box<dyn Read + Send> = match self.packing {
            Packing::Plain => Box::new(BufReader::new(span)),
            Packing::Xz => Box::new(XzReader::new_mem_limit(
                BufReader::new(span),
                false,
                XZ_MEMORY_MAX_KIB,
            )),
            Packing::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::new(span)?.single_frame();
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
                Box::new(decoder)
            }
        };
        let mut reader = Unpacker {
            reader,
            cluster: self.number,
        };
        let offsets = self.read_offsets(&mut reader)?;
        let at = offsets.table.len() as u64;
        Ok(ClusterStream {
            reader,
            offsets,
            at,
        })
    }

    fn read_offsets(&self, reader: &mut Unpacker) -> Result<Offsets, ZimError> {
        let width = if self.wide { 8 } else { 4 };
        let broken = |what: &str| ZimError::broken(format!("cluster {} {what}", self.number));
        let mut table = Vec::new();
        reader.take(width).read_to_end(&mut table)?;
        let mut offsets = Offsets {
            table,
            wide: self.wide,
            cluster: self.number,
        };
        let first = offsets.raw(0).ok_or_else(|| broken("is cut short"))?;
        if first < width || first % width != 0 || first > TABLE_MAX {
            return Err(broken("has an impossible table of offsets"));
        }
        reader.take(first - width).read_to_end(&mut offsets.table)?;
        if offsets.table.len() as u64 != first {
            return Err(broken("is cut short"));
        }
        if !offsets.is_sorted() {
            return Err(broken("has blobs that overlap"));
        }
        let total = offsets.total()?;
        let most = if self.packing == Packing::Plain {
            self.end - self.start
        } else {
            UNPACKED_MAX
        };
        if total > most {
            return Err(broken(&format!(
                "claims {total} bytes of content, more than there can be"
            )));
        }
        Ok(offsets)
    }
}

/// A decoder whose errors say which cluster is damaged.
struct Unpacker {
    reader: Box<dyn Read + Send>,
    cluster: u32,
}

impl Read for Unpacker {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer).map_err(|e| {
            if e.raw_os_error().is_some() || e.kind() == io::ErrorKind::Interrupted {
                return e;
            }
            ZimError::broken(format!("cluster {} cannot be unpacked ({e})", self.cluster)).into()
        })
    }
}

/// Where each blob of a cluster is, in unpacked bytes.
#[derive(Debug, Clone)]
pub(crate) struct Offsets {
    /// As stored: little-endian, 4 or 8 bytes each, one more than there are blobs.
    table: Vec<u8>,
    wide: bool,
    cluster: u32,
}

impl Offsets {
    fn raw(&self, n: usize) -> Option<u64> {
        let width = if self.wide { 8 } else { 4 };
        let at = n.checked_mul(width)?;
        if at + width > self.table.len() {
            return None;
        }
        Some(if self.wide {
            u64_at(&self.table, at)
        } else {
            u64::from(u32_at(&self.table, at))
        })
    }

    /// Each blob ends where the next one begins.
    fn is_sorted(&self) -> bool {
        (1..self.len()).all(|n| self.raw(n - 1) <= self.raw(n))
    }

    fn len(&self) -> usize {
        self.table.len() / if self.wide { 8 } else { 4 }
    }

    /// Bytes of the table and all blobs.
    pub(crate) fn total(&self) -> Result<u64, ZimError> {
        let total = self.raw(self.len() - 1).unwrap_or(0);
        if total < self.table.len() as u64 {
            return Err(ZimError::broken(format!(
                "cluster {} ends inside its own table",
                self.cluster
            )));
        }
        Ok(total)
    }

    /// The blob's place; always inside `0..total`.
    pub(crate) fn blob(&self, blob: u32) -> Result<Range<u64>, ZimError> {
        let broken = |what: &str| {
            ZimError::broken(format!("blob {blob} of cluster {} {what}", self.cluster))
        };
        let at = usize::try_from(blob).map_err(|_| broken("does not exist"))?;
        let (Some(start), Some(end)) = (
            self.raw(at),
            at.checked_add(1).and_then(|next| self.raw(next)),
        ) else {
            return Err(broken("does not exist"));
        };
        if start < self.table.len() as u64 || start > end || end > self.total()? {
            return Err(broken("has an impossible place"));
        }
        Ok(start..end)
    }
}

/// A cluster being unpacked from front to back.
pub(crate) struct ClusterStream {
    reader: Unpacker,
    pub(crate) offsets: Offsets,
    at: u64,
}

impl ClusterStream {
    /// Unpacked bytes passed so far, the table of offsets included.
    pub(crate) fn position(&self) -> u64 {
        self.at
    }

    /// Unpacks and drops everything before `to`; `to` must not lie behind.
    pub(crate) fn skip_to(&mut self, to: u64) -> io::Result<()> {
        let wanted = to.saturating_sub(self.at);
        let skipped = io::copy(&mut (&mut self.reader).take(wanted), &mut io::sink())?;
        self.at += skipped;
        if skipped == wanted {
            Ok(())
        } else {
            Err(self.cut())
        }
    }

    /// Appends exactly `wanted` bytes to `out`; memory grows with what is really there.
    pub(crate) fn append(&mut self, wanted: u64, out: &mut Vec<u8>) -> io::Result<()> {
        let n = (&mut self.reader).take(wanted).read_to_end(out)? as u64;
        self.at += n;
        if n == wanted { Ok(()) } else { Err(self.cut()) }
    }

    fn cut(&self) -> io::Error {
        ZimError::broken(format!("cluster {} is cut short", self.offsets.cluster)).into()
    }

    /// The table's bytes, the beginning of what [`Offsets::blob`] counts from.
    pub(crate) fn table(&self) -> &[u8] {
        &self.offsets.table
    }
}

impl Read for ClusterStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buffer)?;
        self.at += n as u64;
        Ok(n)
    }
}
