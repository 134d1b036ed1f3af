//! Room for learners' statements on a full disk: a file that is only there to be given up.

use crate::disk;
use nix::fcntl::posix_fallocate;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Commits between two looks at the free room while the reserve is given up.
const COMMITS_BETWEEN_LOOKS: u32 = 16;

/// The name of the reserve in the records' folder.
pub(super) const NAME: &str = "reserve";
/// Less than this, bytes, and neither the library nor the records can be opened: each makes files of some ten kilobytes.
const ROOM_TO_OPEN: u64 = 1 << 20;

/// Gives up the reserve of a disk that is too full for anything to be opened on it. `true` when there was one.
pub(super) fn make_room(folder: &Path) -> bool {
    let full = disk::free_bytes(folder).is_ok_and(|free| free < ROOM_TO_OPEN);
    let freed = full && fs::remove_file(folder.join(NAME)).is_ok();
    if freed {
        tracing::warn!("records.reserve_given_up_to_open");
    }
    freed
}

pub(super) struct Reserve {
    path: PathBuf,
    bytes: u64,
    held: bool,
    commits: u32,
}

impl Reserve {
    /// Takes the reserve if the disk has room for it. A missing reserve is no error: statements are taken all the same.
    pub(super) fn open(folder: &Path, bytes: u64) -> Self {
        let mut reserve = Self {
            path: folder.join(NAME),
            bytes,
            held: false,
            commits: 0,
        };
        let there = fs::metadata(&reserve.path).is_ok_and(|found| found.len() == bytes);
        if bytes == 0 {
            reserve.give_up();
        } else if there {
            reserve.held = true;
        } else {
            reserve.take();
        }
        reserve
    }

    pub(super) fn is_held(&self) -> bool {
        self.held
    }

    /// There should be a reserve and there is none.
    pub(super) fn is_given_up(&self) -> bool {
        self.bytes > 0 && !self.held
    }

    /// Frees the room. `true` when there was some to free.
    pub(super) fn give_up(&mut self) -> bool {
        self.held = false;
        self.commits = 0;
        let freed = fs::remove_file(&self.path).is_ok();
        if freed {
            tracing::warn!(bytes = self.bytes, "records.reserve_given_up");
        }
        freed
    }

    /// Called after every commit: takes the reserve again once the disk has room for twice its size, so that it is not
    /// taken and given up in turns.
    pub(super) fn after_commit(&mut self) {
        if !self.is_given_up() {
            return;
        }
        self.commits += 1;
        if self.commits >= COMMITS_BETWEEN_LOOKS {
            self.commits = 0;
            self.take();
        }
    }

    fn take(&mut self) {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let room = disk::free_bytes(folder).is_ok_and(|free| free >= self.bytes.saturating_mul(2));
        if !room {
            return;
        }
        match allocate(&self.path, self.bytes) {
            Ok(()) => self.held = true,
            Err(error) => {
                tracing::warn!(%error, bytes = self.bytes, "records.reserve_not_taken");
                // Half a reserve would only be in the way.
                self.give_up();
            }
        }
    }
}

fn allocate(path: &Path, bytes: u64) -> io::Result<()> {
    let length = i64::try_from(bytes).map_err(io::Error::other)?;
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    posix_fallocate(&file, 0, length)?;
    file.sync_all()
}
