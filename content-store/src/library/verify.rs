//! Reads every blob, or a fair share of them, and compares its hash.

use super::catalogue::Installed;
use super::error::LibraryError;
use super::hash::BlobHash;
use super::index::Index;
use super::model::{Parts, Sampled, VerifyReport};
use super::shared::Shared;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

pub(crate) fn verify(
    shared: &Shared,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<VerifyReport, LibraryError> {
    let snapshot = shared.snapshot();
    let total = snapshot
        .installed
        .iter()
        .map(|pack| pack.summary.bytes)
        .sum();
    let mut check = Check {
        shared,
        report: VerifyReport::default(),
        faults: Vec::new(),
        total,
        progress,
        stop: &|| false,
        stopped: false,
    };
    (check.progress)(0, total);
    for pack in &snapshot.installed {
        let before = check.faults.len();
        check.pack(pack)?;
        // Replaced or removed while it was read: its files were allowed to go.
        let current = shared.snapshot();
        if !current.installed.iter().any(|now| now.index == pack.index) {
            check.faults.truncate(before);
        }
    }
    let faults = check.faults.into_iter().map(|fault| fault.line).collect();
    Ok(VerifyReport {
        faults,
        ..check.report
    })
}

/// As [`verify`], as much of `parts` as `go_on` lets it. Blobs are taken by the first byte of their hash, so that whatever part is read is spread evenly over
/// all packs. `stop` ends it in the middle of a blob, which has its turn again.
pub(crate) fn verify_some(
    shared: &Shared,
    parts: Parts,
    stop: &dyn Fn() -> bool,
    go_on: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Sampled, LibraryError> {
    let snapshot = shared.snapshot();
    let total = snapshot
        .installed
        .iter()
        .map(|pack| pack.summary.bytes)
        .sum();
    let mut whole = go_on(0, total);
    let mut check = Check {
        shared,
        report: VerifyReport::default(),
        faults: Vec::new(),
        total,
        progress: &mut |_, _| {},
        stop,
        stopped: false,
    };
    let mut faults = vec![Vec::new(); snapshot.installed.len()];
    let mut readable = Vec::new();
    for (pack, faults) in snapshot.installed.iter().zip(&mut faults) {
        if whole {
            let index = check.index(pack)?;
            readable.push(index.is_some());
            faults.append(&mut check.faults);
            whole = !check.stopped && go_on(check.report.bytes.min(total), total);
        }
    }
    let first = parts.first;
    let mut next = first;
    let shards = (0..=u8::MAX).map(|step| first.wrapping_add(step));
    for shard in shards.take(usize::from(parts.count)) {
        next = if whole { shard } else { next };
        let packs = snapshot.installed.iter().zip(&mut faults).zip(&readable);
        for ((pack, faults), _) in packs.filter(|(_, readable)| **readable) {
            if !whole {
                break;
            }
            let index = Index::open(&shared.layout.index(&pack.index))?;
            check.blobs(pack, &index, Some(shard), &mut |done| {
                whole = whole && go_on(done.min(total), total);
                whole
            })?;
            whole = whole && !check.stopped;
            faults.append(&mut check.faults);
        }
    }
    next = if whole { first } else { next };
    // Replaced or removed while it was read: its files were allowed to go.
    let current = shared.snapshot();
    let there = |pack: &Installed| current.installed.iter().any(|now| now.index == pack.index);
    let mut damaged = BTreeSet::new();
    for (_, faults) in (snapshot.installed.iter().zip(faults)).filter(|(pack, _)| there(pack)) {
        for fault in faults {
            damaged.insert(fault.file.to_string());
            check.report.faults.push(fault.line);
        }
    }
    Ok(Sampled {
        report: check.report,
        damaged,
        total_bytes: total,
        whole,
        next,
    })
}

/// What is wrong, on what.
#[derive(Clone)]
struct Fault {
    file: BlobHash,
    line: String,
}

struct Check<'a> {
    shared: &'a Shared,
    /// Of what was read; its faults come at the end.
    report: VerifyReport,
    faults: Vec<Fault>,
    total: u64,
    progress: &'a mut dyn FnMut(u64, u64),
    /// Asked while a blob is read.
    stop: &'a dyn Fn() -> bool,
    stopped: bool,
}

impl Check<'_> {
    fn pack(&mut self, pack: &Installed) -> Result<(), LibraryError> {
        match self.index(pack)? {
            Some(index) => self.blobs(pack, &index, None, &mut |_| true),
            None => Ok(()),
        }
    }

    /// `None`: its index is not what it should be, which is told.
    fn index(&mut self, pack: &Installed) -> Result<Option<Index>, LibraryError> {
        let id = &pack.summary.id;
        self.report.packs += 1;
        let path = self.shared.layout.index(&pack.index);
        if let Some(fault) = self.file(&path, pack.index, pack.index_bytes)? {
            self.faults.push(Fault {
                file: pack.index,
                line: format!("pack {id}: index {}: {fault}", pack.index),
            });
            return Ok(None);
        }
        Index::open(&path).map(Some)
    }

    /// Until `go_on`, told of the bytes read so far, says no.
    fn blobs(
        &mut self,
        pack: &Installed,
        index: &Index,
        shard: Option<u8>,
        go_on: &mut dyn FnMut(u64) -> bool,
    ) -> Result<(), LibraryError> {
        let id = &pack.summary.id;
        let mut going = true;
        index.blobs(shard, |hash, bytes| {
            if !going {
                return Ok(());
            }
            if let Some(fault) = self.file(&self.shared.layout.blob(&hash), hash, bytes)? {
                self.faults.push(Fault {
                    file: hash,
                    line: format!("pack {id}: blob {hash}: {fault}"),
                });
            }
            going = !self.stopped && go_on(self.report.bytes);
            Ok(())
        })
    }

    /// What is wrong with the file; a disk that cannot be read is a fault of the blob, not the end of the check. Of one that was not read to its
    /// end nothing is known.
    fn file(
        &mut self,
        path: &Path,
        hash: BlobHash,
        bytes: u64,
    ) -> Result<Option<String>, LibraryError> {
        self.report.blobs += 1;
        let file = match File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Some("missing".to_owned())),
            Err(e) => return Ok(Some(format!("cannot be opened ({e})"))),
        };
        let (report, progress, total) = (&mut self.report, &mut self.progress, self.total);
        let file = UntilStopped {
            file,
            stop: self.stop,
            stopped: &mut self.stopped,
        };
        let read = BlobHash::of_reader(file, |n| {
            report.bytes += n;
            progress(report.bytes.min(total), total);
        });
        Ok(match read {
            _ if self.stopped => None,
            Err(e) => Some(format!("cannot be read ({e})")),
            Ok((_, found)) if found != bytes => {
                Some(format!("{found} bytes long instead of {bytes}"))
            }
            Ok((found, _)) if found != hash => Some("its bytes have changed".to_owned()),
            Ok(_) => None,
        })
    }
}

/// A file that ends where one is told to stop.
struct UntilStopped<'a> {
    file: File,
    stop: &'a dyn Fn() -> bool,
    stopped: &'a mut bool,
}

impl Read for UntilStopped<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        *self.stopped |= (self.stop)();
        if *self.stopped {
            return Ok(0);
        }
        self.file.read(into)
    }
}
