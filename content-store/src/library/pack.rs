//! An installed pack, open for reading.

use super::clusters::Clusters;
use super::content::Content;
use super::error::LibraryError;
use super::hash::BlobHash;
use super::index::{Index, Leads, Place};
use super::layout::Layout;
use super::model::{PackKind, PackSummary};
use super::words;
use crate::formats::zim::archive::Archive;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// One thing a pack serves.
#[derive(Debug, Clone)]
pub struct Entry {
    /// With charset for text, e.g. `text/html; charset=utf-8`.
    pub mime: String,
    /// SHA-256 hex of the body, or for a page inside a ZIM a hash derived from the archive's hash and the entry's place. Without quotes.
    pub tag: String,
    /// Length of the body, bytes.
    pub len: u64,
    /// The body as stored.
    pub body: Content,
    /// The same body already compressed with gzip (own length), where that is stored.
    pub gzip: Option<(u64, Content)>,
}

/// What a path of a pack leads to.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// To a body.
    Found(Entry),
    /// To another path of the same pack (without leading slash).
    Redirect(String),
    /// To nothing.
    Missing,
}

/// A page that matches, before the packs' results are merged.
#[derive(Debug)]
pub(crate) struct Match {
    pub(crate) path: String,
    pub(crate) title: String,
    pub(crate) summary: String,
    /// bm25: smaller is better.
    pub(crate) score: f64,
}

/// The archive of a ZIM pack.
#[derive(Debug)]
struct Whole {
    hash: BlobHash,
    archive: Arc<Archive>,
    serial: u64,
}

/// An installed pack, open for reading. It keeps its index and archive open: requests that hold it outlive its replacement.
#[derive(Debug)]
pub struct Pack {
    summary: PackSummary,
    layout: Layout,
    index_hash: BlobHash,
    mimes: Vec<(i64, String)>,
    whole: Option<Whole>,
    clusters: Arc<Clusters>,
    lookups: Mutex<Index>,
    /// Opened at the first search: a long search must not hold up pages.
    searches: Mutex<Option<Index>>,
}

impl Drop for Pack {
    fn drop(&mut self) {
        if let Some(whole) = &self.whole {
            self.clusters.forget(whole.serial);
        }
    }
}

impl Pack {
    /// Opens the pack whose index is `index_hash`; `summary` is the catalogue's line.
    pub(crate) fn open(
        layout: &Layout,
        summary: PackSummary,
        index_hash: BlobHash,
        clusters: &Arc<Clusters>,
    ) -> Result<Self, LibraryError> {
        let index = Index::open(&layout.index(&index_hash))?;
        let mimes = index.mimes()?;
        let whole = match summary.kind {
            PackKind::Folder => None,
            PackKind::Zim => {
                let path = layout.index(&index_hash);
                let hash = index.archive()?.ok_or_else(|| LibraryError::Damaged {
                    path,
                    what: "it names no archive".to_owned(),
                })?;
                let path = layout.blob(&hash);
                let archive =
                    Archive::open(&path).map_err(|source| LibraryError::Zim { path, source })?;
                Some(Whole {
                    hash,
                    archive: Arc::new(archive),
                    serial: clusters.next_serial(),
                })
            }
        };
        Ok(Self {
            summary,
            layout: layout.clone(),
            index_hash,
            mimes,
            whole,
            clusters: Arc::clone(clusters),
            lookups: Mutex::new(index),
            searches: Mutex::new(None),
        })
    }

    /// Its line of the catalogue.
    #[must_use]
    pub fn summary(&self) -> &PackSummary {
        &self.summary
    }

    pub(crate) fn index_hash(&self) -> BlobHash {
        self.index_hash
    }

    /// The file that the pack was made of, where it is kept whole (a ZIM archive): its SHA-256 (hex) as it was taken in, its bytes, and they. What can be made
    /// of it by a newer version's publisher need not come over the network.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn archive(&self) -> Result<Option<(String, u64, Content)>, LibraryError> {
        let Some(whole) = &self.whole else {
            return Ok(None);
        };
        let path = self.layout.blob(&whole.hash);
        let opened = File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (bytes, file) = opened.map_err(LibraryError::io("open", path))?;
        let content = Content::file(Arc::new(file), 0, bytes);
        Ok(Some((whole.hash.to_string(), bytes, content)))
    }

    /// Where its files lie: its index, and every blob of it, which other packs may have too.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn files(&self) -> Result<Vec<PathBuf>, LibraryError> {
        let path = self.index_path();
        let index = Index::open(&path)?;
        let mut files = vec![path];
        index.blobs(None, |hash, _| {
            files.push(self.layout.blob(&hash));
            Ok::<_, LibraryError>(())
        })?;
        Ok(files)
    }

    /// `path` is percent-decoded, without leading slash and query; empty means the home page (answered as `Redirect`).
    ///
    /// Microseconds: a few database pages are read, no body.
    ///
    /// # Errors
    /// When the index or the blob cannot be read, or is damaged.
    pub fn lookup(&self, path: &str) -> Result<Lookup, LibraryError> {
        if path.is_empty() {
            return Ok(Lookup::Redirect(self.summary.home.clone()));
        }
        let index = self.lookups.lock().unwrap_or_else(PoisonError::into_inner);
        let found = match index.entry(path)? {
            None if self.summary.kind == PackKind::Folder => {
                let page = format!("{}/index.html", path.trim_end_matches('/'));
                match index.entry(&page)? {
                    // Relative links of the page need the slash, or its own name.
                    Some(_) if !path.ends_with('/') => return Ok(Lookup::Redirect(page)),
                    page => page,
                }
            }
            found => found,
        };
        drop(index);
        match found {
            None => Ok(Lookup::Missing),
            Some(Leads::Redirect(target)) => Ok(Lookup::Redirect(target)),
            Some(Leads::Body { mime, len, place }) => {
                self.found(mime, len, &place).map(Lookup::Found)
            }
        }
    }

    fn found(&self, mime: i64, len: u64, place: &Place) -> Result<Entry, LibraryError> {
        let mime = match self.mimes.binary_search_by_key(&mime, |(id, _)| *id) {
            Ok(at) => self.mimes[at].1.clone(),
            Err(_) => "application/octet-stream".to_owned(),
        };
        let (tag, body, gzip) = match place {
            Place::Blob { hash, gzip } => {
                let packed = match gzip {
                    Some((hash, len)) => Some((*len, self.blob(hash, *len)?)),
                    None => None,
                };
                (hash.to_string(), self.blob(hash, len)?, packed)
            }
            Place::Packed { cluster, blob } => {
                let whole = self.whole()?;
                let body = Content::packed(
                    Arc::clone(&whole.archive),
                    Arc::clone(&self.clusters),
                    whole.serial,
                    (*cluster, *blob),
                    len,
                );
                (
                    derived_tag(&whole.hash, u64::from(*cluster), u64::from(*blob)),
                    body,
                    None,
                )
            }
            Place::Plain { offset } => {
                let whole = self.whole()?;
                let body = Content::file(Arc::clone(whole.archive.file()), *offset, len);
                (derived_tag(&whole.hash, u64::MAX, *offset), body, None)
            }
        };
        Ok(Entry {
            mime,
            tag,
            len,
            body,
            gzip,
        })
    }

    fn blob(&self, hash: &BlobHash, len: u64) -> Result<Content, LibraryError> {
        let path = self.layout.blob(hash);
        let file = File::open(&path).map_err(LibraryError::io("open", path))?;
        Ok(Content::file(Arc::new(file), 0, len))
    }

    fn whole(&self) -> Result<&Whole, LibraryError> {
        self.whole.as_ref().ok_or_else(|| LibraryError::Damaged {
            path: self.index_path(),
            what: "it points into an archive that the pack does not have".to_owned(),
        })
    }

    fn index_path(&self) -> PathBuf {
        self.layout.index(&self.index_hash)
    }

    /// At most `limit` pages with every word of the FTS5 `expression`, best first.
    pub(crate) fn search(
        &self,
        expression: &str,
        limit: usize,
    ) -> Result<Vec<Match>, LibraryError> {
        let mut searches = self.searches.lock().unwrap_or_else(PoisonError::into_inner);
        let index = match &mut *searches {
            Some(index) => index,
            closed @ None => closed.insert(Index::open(&self.index_path())?),
        };
        let rows = index.search(expression, limit)?;
        Ok(rows
            .into_iter()
            .map(|(path, title, summary, score)| Match {
                path,
                title,
                summary,
                score,
            })
            .collect())
    }
}

/// Names a body inside an archive as surely as the archive's own hash does.
fn derived_tag(archive: &BlobHash, cluster: u64, place: u64) -> String {
    let mut hasher = Sha256::new();
    hasher.update(archive.as_bytes());
    hasher.update(cluster.to_le_bytes());
    hasher.update(place.to_le_bytes());
    BlobHash::finish(hasher).to_string()
}

impl Match {
    /// How well the title alone fits, from 0 to 2: the share of the query's words in it, and 1 more when it is the query.
    pub(crate) fn title_fit(&self, query: &str) -> f64 {
        let fold = |text: &str| {
            let mut folded = String::new();
            words::fold_into(&mut folded, text);
            folded.to_lowercase()
        };
        let (query, title) = (fold(query), fold(&self.title));
        let asked = query.split(' ').count();
        let there = query
            .split(' ')
            .filter(|word| title.split(' ').any(|t| t.starts_with(word)))
            .count();
        #[expect(clippy::cast_precision_loss, reason = "a handful of words")]
        let share = there as f64 / asked as f64;
        if query == title { share + 1.0 } else { share }
    }
}
