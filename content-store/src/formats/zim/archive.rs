//! An open archive: its tables, entries and clusters by number. Nothing read from the file is believed before it is checked.

use super::ZimError;
use super::cluster::ClusterPlace;
use super::dirent::{DIRENT_MAX, Dirent, Target};
use super::header::{HEADER_LEN, Header, u64_at};
use std::cmp::Ordering;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

/// Redirects followed one after the other; more is a loop.
const HOPS_MAX: usize = 16;
/// Bytes of the list of media types.
const MIMES_MAX: usize = 64 * 1024;
/// Pieces of metadata longer than this are not for a catalogue.
const METADATA_MAX: u64 = 4096;

/// A ZIM file open for reading.
#[derive(Debug)]
pub(crate) struct Archive {
    file: Arc<File>,
    pub(crate) header: Header,
    mimes: Vec<String>,
}

impl Archive {
    pub(crate) fn open(path: &Path) -> Result<Self, ZimError> {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        let mut head = [0; HEADER_LEN];
        let n = read_up_to(&file, &mut head, 0)?;
        let header = Header::parse(&head[..n], len)?;
        let mimes = read_mimes(&file, &header)?;
        Ok(Self {
            file: Arc::new(file),
            header,
            mimes,
        })
    }

    pub(crate) fn file(&self) -> &Arc<File> {
        &self.file
    }

    /// The media type as the archive writes it.
    pub(crate) fn mime(&self, number: u16) -> Result<&str, ZimError> {
        self.mimes
            .get(usize::from(number))
            .map(String::as_str)
            .ok_or_else(|| {
                ZimError::broken(format!(
                    "an entry has media type {number}, there are {}",
                    self.mimes.len()
                ))
            })
    }

    /// The entry at `place` of the list sorted by path.
    pub(crate) fn dirent(&self, place: u32) -> Result<Dirent, ZimError> {
        if place >= self.header.entries {
            return Err(ZimError::broken(format!(
                "entry {place} does not exist, there are {}",
                self.header.entries
            )));
        }
        let at = self.pointer(self.header.path_pointers, place)?;
        if at < HEADER_LEN as u64 || at >= self.header.checksum {
            return Err(ZimError::broken(format!(
                "entry {place} lies outside the file"
            )));
        }
        // Most entries are short: a small read first, the whole bound only for those that need it.
        let mut small = [0; 256];
        let n = self.read_inside(&mut small, at)?;
        match Dirent::parse(&small[..n], place) {
            Err(_) if n == small.len() => {
                let mut whole = vec![0; DIRENT_MAX];
                let n = self.read_inside(&mut whole, at)?;
                Dirent::parse(&whole[..n], place)
            }
            parsed => parsed,
        }
    }

    /// Follows redirects from `place` to an entry with content; `None` for a loop or a dead end.
    pub(crate) fn resolve(&self, place: u32) -> Result<Option<(u32, Dirent)>, ZimError> {
        let mut place = place;
        for _ in 0..HOPS_MAX {
            let dirent = self.dirent(place)?;
            match dirent.target {
                Target::Redirect(next) => place = next,
                Target::Blob { .. } => return Ok(Some((place, dirent))),
                Target::Nothing => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Finds an entry by namespace and path.
    pub(crate) fn find(&self, namespace: u8, path: &str) -> Result<Option<u32>, ZimError> {
        let (mut low, mut high) = (0, self.header.entries);
        while low < high {
            let middle = low + (high - low) / 2;
            let dirent = self.dirent(middle)?;
            match (dirent.namespace, dirent.path.as_str()).cmp(&(namespace, path)) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Ok(Some(middle)),
            }
        }
        Ok(None)
    }

    /// The path under which an entry is served; `None` for what is not for readers (metadata, search indexes, listings).
    pub(crate) fn served_path(&self, dirent: &Dirent) -> Option<String> {
        if dirent.path.is_empty() {
            return None;
        }
        if self.header.new_namespaces {
            return (dirent.namespace == b'C').then(|| dirent.path.clone());
        }
        // Pages of old archives link to `../I/picture.png`: the namespace is part of the path.
        let served = matches!(dirent.namespace, b'A' | b'I' | b'J' | b'-' | b'U');
        served.then(|| format!("{}/{}", char::from(dirent.namespace), dirent.path))
    }

    /// Where cluster `number` lies.
    pub(crate) fn cluster(&self, number: u32) -> Result<ClusterPlace, ZimError> {
        if number >= self.header.clusters {
            return Err(ZimError::broken(format!(
                "cluster {number} does not exist, there are {}",
                self.header.clusters
            )));
        }
        let start = self.pointer(self.header.cluster_pointers, number)?;
        if start < HEADER_LEN as u64 || start >= self.header.checksum {
            return Err(ZimError::broken(format!(
                "cluster {number} lies outside the file"
            )));
        }
        // Clusters lie one after the other in what libzim writes; the format does not promise it, so this only bounds the reading.
        let next = match number + 1 {
            next if next < self.header.clusters => {
                self.pointer(self.header.cluster_pointers, next)?
            }
            _ => self.header.checksum,
        };
        let end = if next > start && next <= self.header.checksum {
            next
        } else {
            self.header.checksum
        };
        ClusterPlace::read(&self.file, number, start, end)
    }

    /// A short piece of metadata (`M/Title`, …), trimmed; `None` when there is none.
    pub(crate) fn metadata(&self, name: &str) -> Result<Option<String>, ZimError> {
        let Some(place) = self.find(b'M', name)? else {
            return Ok(None);
        };
        let Some((_, dirent)) = self.resolve(place)? else {
            return Ok(None);
        };
        let Target::Blob { cluster, blob, .. } = dirent.target else {
            return Ok(None);
        };
        let mut stream = self.cluster(cluster)?.stream()?;
        let span = stream.offsets.blob(blob)?;
        stream.skip_to(span.start)?;
        let mut bytes = Vec::new();
        stream.append((span.end - span.start).min(METADATA_MAX), &mut bytes)?;
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();
        Ok((!text.is_empty()).then_some(text))
    }

    fn pointer(&self, table: u64, place: u32) -> Result<u64, ZimError> {
        let mut bytes = [0; 8];
        self.file
            .read_exact_at(&mut bytes, table + u64::from(place) * 8)?;
        Ok(u64_at(&bytes, 0))
    }

    /// Reads up to the checksum, never beyond.
    fn read_inside(&self, buffer: &mut [u8], at: u64) -> Result<usize, ZimError> {
        let left = usize::try_from(self.header.checksum.saturating_sub(at)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        Ok(read_up_to(&self.file, &mut buffer[..wanted], at)?)
    }
}

fn read_mimes(file: &File, header: &Header) -> Result<Vec<String>, ZimError> {
    let mut bytes = vec![0; MIMES_MAX];
    let n = read_up_to(file, &mut bytes, header.mimes)?;
    let mut mimes = Vec::new();
    for mime in bytes[..n].split_inclusive(|&b| b == 0) {
        match mime {
            [0] => return Ok(mimes),
            [text @ .., 0] => mimes.push(String::from_utf8_lossy(text).into_owned()),
            _ => break,
        }
    }
    Err(ZimError::broken("its list of media types has no end"))
}

fn read_up_to(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match file.read_at(&mut buffer[done..], at + done as u64) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(done)
}
