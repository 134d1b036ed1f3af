//! Reads every blob and compares its hash.

use super::catalogue::Installed;
use super::error::LibraryError;
use super::hash::BlobHash;
use super::index::Index;
use super::model::VerifyReport;
use super::shared::Shared;
use std::fs::File;
use std::io;
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
        total,
        progress,
    };
    (check.progress)(0, total);
    for pack in &snapshot.installed {
        let before = check.report.faults.len();
        check.pack(pack)?;
        // Replaced or removed while it was read: its files were allowed to go.
        let current = shared.snapshot();
        if !current.installed.iter().any(|now| now.index == pack.index) {
            check.report.faults.truncate(before);
        }
    }
    Ok(check.report)
}

struct Check<'a> {
    shared: &'a Shared,
    report: VerifyReport,
    total: u64,
    progress: &'a mut dyn FnMut(u64, u64),
}

impl Check<'_> {
    fn pack(&mut self, pack: &Installed) -> Result<(), LibraryError> {
        let id = &pack.summary.id;
        self.report.packs += 1;
        let path = self.shared.layout.index(&pack.index);
        if let Some(fault) = self.file(&path, pack.index, pack.index_bytes)? {
            self.report
                .faults
                .push(format!("pack {id}: index {}: {fault}", pack.index));
            return Ok(());
        }
        let index = Index::open(&path)?;
        index.blobs(None, |hash, bytes| {
            if let Some(fault) = self.file(&self.shared.layout.blob(&hash), hash, bytes)? {
                self.report
                    .faults
                    .push(format!("pack {id}: blob {hash}: {fault}"));
            }
            Ok(())
        })
    }

    /// What is wrong with the file; a disk that cannot be read is a fault of the blob, not the end of the check.
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
        let read = BlobHash::of_reader(file, |n| {
            report.bytes += n;
            progress(report.bytes.min(total), total);
        });
        Ok(match read {
            Err(e) => Some(format!("cannot be read ({e})")),
            Ok((_, found)) if found != bytes => {
                Some(format!("{found} bytes long instead of {bytes}"))
            }
            Ok((found, _)) if found != hash => Some("its bytes have changed".to_owned()),
            Ok(_) => None,
        })
    }
}
