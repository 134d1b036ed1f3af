//! Whether a radio's firmware has halted, from the kernel's log.
//!
//! The log is `/dev/kmsg`, read from where it stood when the box began. A service that may not open it (`ProtectKernelLogs=`,
//! `kernel.dmesg_restrict`) is handed an open one by systemd, `OpenFile=/dev/kmsg:kernel-log:read-only,graceful`; with neither, nothing is
//! ever found halted, and [`Halts::trouble`] says so once.

pub(super) mod handed;
mod signs;

pub use signs::{Halt, Radio};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;

/// The kernel's own bound of a record (kernel/printk: `PRINTK_MESSAGE_MAX`, with room).
const RECORD_BYTES: usize = 8192;
/// A flood is left where it is until the next look.
const RECORDS_A_LOOK: usize = 2000;

/// The log, and what it said of halts.
#[derive(Debug)]
pub struct Halts {
    log: Option<File>,
    trouble: Option<String>,
}

impl Halts {
    /// Begins behind what the log holds now. `handed` is an open `/dev/kmsg`, if the service was given one.
    #[must_use]
    pub fn open(handed: Option<OwnedFd>) -> Self {
        let log = match handed {
            Some(log) => Ok(File::from(log)),
            None => File::open(Path::new("/dev/kmsg")),
        };
        Self::behind(log)
    }

    fn behind(log: std::io::Result<File>) -> Self {
        let behind = log.and_then(|mut log| log.seek(SeekFrom::End(0)).map(|_| log));
        let trouble = behind.as_ref().err().map(|error| {
            format!(
                "the kernel's log cannot be read, so a firmware that halts is found only by its silence: {error}; \
                 give the service OpenFile=/dev/kmsg:kernel-log:read-only,graceful"
            )
        });
        Self {
            log: behind.ok(),
            trouble,
        }
    }

    /// Why it never finds anything, in one line; the first time it is asked.
    pub fn trouble(&mut self) -> Option<String> {
        self.trouble.take()
    }

    /// The halts that were told since the last look; some milliseconds.
    pub fn look(&mut self) -> Vec<Halt> {
        let Some(log) = &mut self.log else {
            return Vec::new();
        };
        let records = (0..RECORDS_A_LOOK).map_while(|_| next(log));
        records
            .filter_map(|record| Halt::told(&String::from_utf8_lossy(&record)))
            .collect()
    }
}

/// The next record; `None` when there is none. Empty for records that were written over before they were read.
fn next(log: &mut File) -> Option<Vec<u8>> {
    // One that was handed in may block: asked first.
    let mut ends = [PollFd::new(log.as_fd(), PollFlags::POLLIN)];
    if !matches!(poll(&mut ends, PollTimeout::ZERO), Ok(1..)) {
        return None;
    }
    let mut record = vec![0; RECORD_BYTES];
    match log.read(&mut record) {
        Ok(0) => None,
        Ok(length) => {
            record.truncate(length);
            Some(record)
        }
        Err(error) if error.raw_os_error() == Some(Errno::EPIPE as i32) => Some(Vec::new()),
        Err(_) => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_may_not_be_read_says_so_once_and_finds_nothing() {
        let mut halts = Halts::behind(Err(Errno::EPERM.into()));
        let trouble = halts.trouble().unwrap();
        assert!(trouble.contains("Operation not permitted"), "{trouble}");
        assert!(trouble.contains("OpenFile=/dev/kmsg"), "{trouble}");
        assert_eq!(halts.trouble(), None);
        assert!(halts.look().is_empty());
    }

    #[test]
    fn what_was_handed_in_and_is_no_log_is_not_read() {
        let (end, _other) = std::io::pipe().unwrap();
        let mut halts = Halts::open(Some(end.into()));
        assert!(halts.trouble().is_some());
        assert!(halts.look().is_empty());
    }
}
