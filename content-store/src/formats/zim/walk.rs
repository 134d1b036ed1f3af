//! Indexes an archive: every entry, cluster by cluster, so that each cluster is unpacked once and from front to back.
//!
//! The order comes from a scratch table beside the index, filled in one pass over the entries. The place in that order is the cursor
//! that a resumed import goes on from.

use super::super::builder::{self, IndexBuilder};
use super::super::error::ImportError;
use super::super::html::{PAGE_MAX, Page, TITLE_CHARS, cut, read_page};
use super::super::mime;
use super::super::space::Space;
use super::super::staging::Stage;
use super::super::{ImportPlan, ImportProgress, Progress};
use super::ZimError;
use super::archive::Archive;
use super::cluster::{ClusterStream, HELD_MAX, Packing};
use super::dirent::{Dirent, Target};
use super::spill::Spill;
use crate::library::index::Place;
use crate::sqlite;
use rusqlite::Connection;
use std::ops::Range;
use std::path::{Path, PathBuf};

const SCRATCH: &str = "order.db";
/// Redirects come after every cluster.
const REDIRECTS: i64 = 1 << 32;
/// Entries of a batch, and bytes of text after which it ends early.
const BATCH_ENTRIES: u32 = 1000;
const BATCH_TEXT: u64 = 16 << 20;

/// Enters everything that is served into `index`.
pub(super) fn index_entries(
    plan: &ImportPlan,
    archive: &Archive,
    stage: &Stage,
    index: &mut IndexBuilder,
    space: &mut Space,
    progress: Progress<'_>,
) -> Result<(), ImportError> {
    let path = stage.folder().join(SCRATCH);
    let order = Order::open(&path, archive, plan)?;
    let total = order.count()?;
    let start = index.cursor()?.unwrap_or((-1, 0, 0));
    let mut walk = Walk {
        plan,
        archive,
        index,
        space,
        stream: None,
        text: 0,
        before: (start.0, start.1),
        spill: Spill::new(&plan.source, plan.copy_bytes, stage),
        spilled: None,
    };
    let mut done = order.count_until(start)?;
    progress(ImportProgress {
        phase: "indexing",
        done,
        total,
    });
    let mut batch = 0;
    let mut last = start;
    order.each_after(start, &mut |place| {
        walk.entry(place)?;
        (done, batch, last) = (done + 1, batch + 1, place);
        if batch >= BATCH_ENTRIES || walk.text >= BATCH_TEXT {
            walk.space.spend(walk.text)?;
            (batch, walk.text) = (0, 0);
            walk.index.commit(place)?;
            progress(ImportProgress {
                phase: "indexing",
                done,
                total,
            });
        }
        Ok(())
    })?;
    walk.index.commit(last)?;
    progress(ImportProgress {
        phase: "indexing",
        done,
        total,
    });
    order.delete()
}

/// Every served entry as (cluster, blob, place in the archive's list), sorted; a redirect as (`REDIRECTS`, 0, place).
struct Order {
    path: PathBuf,
    connection: Connection,
}

impl Order {
    fn open(path: &Path, archive: &Archive, plan: &ImportPlan) -> Result<Self, ImportError> {
        let finished = sqlite::open_reader(path)
            .and_then(|c| c.pragma_query_value(None, "user_version", |r| r.get::<_, i32>(0)));
        if !finished.is_ok_and(|version| version == 1) {
            builder::remove_database(path)?;
        }
        let failed = |source| ImportError::Index {
            path: path.to_owned(),
            source,
        };
        let connection =
            sqlite::open_writer(path, crate::records::Durability::Full).map_err(failed)?;
        let order = Self {
            path: path.to_owned(),
            connection,
        };
        let version: i32 = order
            .connection
            .pragma_query_value(None, "user_version", |r| r.get(0))
            .map_err(failed)?;
        if version == 0 {
            order.fill(archive, plan)?;
        }
        Ok(order)
    }

    fn fill(&self, archive: &Archive, plan: &ImportPlan) -> Result<(), ImportError> {
        let zim = |source| ImportError::Zim {
            path: plan.source.clone(),
            source,
        };
        let failed = self.failed();
        self.connection
            .execute_batch("BEGIN; CREATE TABLE todo(a INTEGER, b INTEGER, c INTEGER, PRIMARY KEY (a, b, c)) WITHOUT ROWID;")
            .map_err(&failed)?;
        let mut insert = self
            .connection
            .prepare("INSERT INTO todo VALUES (?1, ?2, ?3)")
            .map_err(&failed)?;
        for place in 0..archive.header.entries {
            let dirent = archive.dirent(place).map_err(zim)?;
            if archive.served_path(&dirent).is_none() {
                continue;
            }
            let key = match dirent.target {
                Target::Blob { cluster, blob, .. } => {
                    (i64::from(cluster), i64::from(blob), i64::from(place))
                }
                Target::Redirect(_) => (REDIRECTS, 0, i64::from(place)),
                Target::Nothing => continue,
            };
            insert.execute(key).map_err(&failed)?;
        }
        drop(insert);
        self.connection
            .execute_batch("PRAGMA user_version = 1; COMMIT")
            .map_err(failed)
    }

    fn failed(&self) -> impl Fn(rusqlite::Error) -> ImportError + use<> {
        let path = self.path.clone();
        move |source| ImportError::Index {
            path: path.clone(),
            source,
        }
    }

    fn count(&self) -> Result<u64, ImportError> {
        self.count_until((i64::MAX, 0, 0))
    }

    fn count_until(&self, until: (i64, i64, i64)) -> Result<u64, ImportError> {
        let count: i64 = self
            .connection
            .query_row(
                "SELECT count(*) FROM todo WHERE (a, b, c) <= (?1, ?2, ?3)",
                until,
                |r| r.get(0),
            )
            .map_err(self.failed())?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn each_after(
        &self,
        after: (i64, i64, i64),
        each: &mut dyn FnMut((i64, i64, i64)) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let failed = self.failed();
        let mut statement = self
            .connection
            .prepare("SELECT a, b, c FROM todo WHERE (a, b, c) > (?1, ?2, ?3) ORDER BY a, b, c")
            .map_err(&failed)?;
        let mut rows = statement.query(after).map_err(&failed)?;
        while let Some(row) = rows.next().map_err(&failed)? {
            let place = (|| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))().map_err(&failed)?;
            each(place)?;
        }
        Ok(())
    }

    fn delete(self) -> Result<(), ImportError> {
        let path = self.path.clone();
        self.connection
            .close()
            .map_err(|(_, source)| ImportError::Index {
                path: path.clone(),
                source,
            })?;
        builder::remove_database(&path)
    }
}

/// A cluster, unpacked as far as it was read.
struct Open {
    cluster: u32,
    packing: Packing,
    /// Its first byte in the archive.
    start: u64,
    stream: ClusterStream,
}

struct Walk<'a> {
    plan: &'a ImportPlan,
    archive: &'a Archive,
    index: &'a mut IndexBuilder,
    space: &'a mut Space,
    /// The cluster being read.
    stream: Option<Open>,
    /// Bytes of text since the last commit.
    text: u64,
    /// Cluster and blob of the entry before this one.
    before: (i64, i64),
    spill: Spill<'a>,
    /// The blob that was unpacked last, and where it is now: its next entry may be another name of it.
    spilled: Option<((u32, u32), Place)>,
}

impl Walk<'_> {
    fn entry(&mut self, (_, _, place): (i64, i64, i64)) -> Result<(), ImportError> {
        let place = u32::try_from(place)
            .map_err(|_| self.zim(ZimError::broken("an entry has no place")))?;
        let dirent = self.archive.dirent(place).map_err(|e| self.zim(e))?;
        let Some(path) = self.archive.served_path(&dirent) else {
            return Ok(());
        };
        match dirent.target {
            Target::Nothing => Ok(()),
            Target::Redirect(next) => {
                let target = self.archive.resolve(next).map_err(|e| self.zim(e))?;
                match target.and_then(|(_, target)| self.archive.served_path(&target)) {
                    Some(target) if target != path => self.index.add_redirect(&path, &target),
                    // A loop, a dead end, or a way out of what is served: nothing is there.
                    Some(_) | None => Ok(()),
                }
            }
            Target::Blob {
                mime,
                cluster,
                blob,
            } => self.body(&dirent, &path, mime, (cluster, blob)),
        }
    }

    fn body(
        &mut self,
        dirent: &Dirent,
        path: &str,
        mime: u16,
        at: (u32, u32),
    ) -> Result<(), ImportError> {
        let stored = self.archive.mime(mime).map_err(|e| self.zim(e))?;
        let mime = mime::of_archive(stored);
        let html = mime::is_html(&mime);
        // Another name of the same page is served, and found under its first one: else an archive of one long page with a million
        // names would fill the disk with its words.
        let key = (i64::from(at.0), i64::from(at.1));
        let html = std::mem::replace(&mut self.before, key) != key && html;
        let (len, place, head) = self.read(at, html)?;
        let Some(id) = self.index.add_body(path, &mime, len, &place)? else {
            return Ok(());
        };
        if html {
            self.text += head.len() as u64;
            let page = read_page(&head);
            let title = title(dirent, &page, path);
            self.index.add_page(id, &title, &page)?;
        }
        Ok(())
    }

    /// Length and place of a blob, and of a page its first bytes.
    fn read(&mut self, at: (u32, u32), html: bool) -> Result<(u64, Place, Vec<u8>), ImportError> {
        let (range, place) = self.find(at).map_err(|e| self.zim(e))?;
        let len = range.end - range.start;
        let head_max = if html { len.min(PAGE_MAX) } else { 0 };
        let large = matches!(place, Place::Packed { .. }) && self.is_large();
        if let Some((last, place)) = &self.spilled
            && *last == at
        {
            return Ok((len, place.clone(), Vec::new()));
        }
        if !large && !html {
            return Ok((len, place, Vec::new()));
        }
        self.wind(at.0, range.start).map_err(|e| self.zim(e))?;
        let Some(open) = &mut self.stream else {
            return Ok((len, place, Vec::new()));
        };
        if large {
            let unpacked = self.spill.blob(&mut open.stream, len, head_max, self.space);
            let (hash, head) = unpacked?;
            self.index.add_blob(&hash, len)?;
            let place = Place::Blob { hash, gzip: None };
            self.spilled = Some((at, place.clone()));
            return Ok((len, place, head));
        }
        self.spill.count(head_max)?;
        let mut head = Vec::new();
        let appended = open.stream.append(head_max, &mut head);
        appended.map_err(|e| self.zim(e.into()))?;
        Ok((len, place, head))
    }

    /// Where a blob lies in its cluster, which is open from here on, and how a reader finds it.
    fn find(&mut self, (cluster, blob): (u32, u32)) -> Result<(Range<u64>, Place), ZimError> {
        let open = match self.stream.take().filter(|open| open.cluster == cluster) {
            Some(open) => open,
            None => self.open(cluster)?,
        };
        let open = self.stream.insert(open);
        let range = open.stream.offsets.blob(blob)?;
        let place = match open.packing {
            Packing::Plain => Place::Plain {
                offset: open.start + range.start,
            },
            Packing::Xz | Packing::Zstd => Place::Packed { cluster, blob },
        };
        Ok((range, place))
    }

    fn is_large(&self) -> bool {
        let total = self.stream.as_ref().map(|open| open.stream.offsets.total());
        matches!(total, Some(Ok(total)) if total > HELD_MAX)
    }

    /// Winds the open cluster to `start`, from its beginning where that is needed: of blobs of no bytes there may be several in one place.
    fn wind(&mut self, cluster: u32, start: u64) -> Result<(), ZimError> {
        if self
            .stream
            .as_ref()
            .is_none_or(|open| open.stream.position() > start)
        {
            self.stream = Some(self.open(cluster)?);
        }
        if let Some(open) = &mut self.stream {
            open.stream.skip_to(start)?;
        }
        Ok(())
    }

    fn open(&self, cluster: u32) -> Result<Open, ZimError> {
        let place = self.archive.cluster(cluster)?;
        Ok(Open {
            cluster,
            packing: place.packing,
            start: place.start,
            stream: place.stream()?,
        })
    }

    fn zim(&self, source: ZimError) -> ImportError {
        ImportError::Zim {
            path: self.plan.source.clone(),
            source,
        }
    }
}

fn title(dirent: &Dirent, page: &Page, path: &str) -> String {
    let title = if dirent.title.is_empty() {
        &page.title
    } else {
        &dirent.title
    };
    cut(if title.is_empty() { path } else { title }, TITLE_CHARS)
}
