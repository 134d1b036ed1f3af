//! How fast the storage is, measured on a file of bounded size beside the data.

use crate::boot_time::since_boot;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The file. It has its name for an instant only: however the measuring ends, by a cut of the power too, its room is free again.
const NAME: &str = ".selftest-speed";
/// Of a write or read, bytes.
const STEP: usize = 1 << 20;
/// A small write, as a record's commit is, bytes.
const SMALL: usize = 4096;
/// Small writes that are timed.
const SMALL_WRITES: u32 = 24;

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed {
    /// Written in a row, to the medium, MB/s (10^6 bytes).
    pub write_mb_s: f64,
    /// Read in a row, from the medium where `direct`, MB/s.
    pub read_mb_s: f64,
    /// 4 KiB written and synced, so many a second.
    pub commits_s: f64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Past the page cache: what was read came from the medium.
    pub direct: bool,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} {}", path.display())]
pub struct SpeedError {
    /// `make`, `unlink`, `write`, `sync`, `read`.
    pub doing: &'static str,
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// Measures in `folder` with at most `bytes_at_most` (whole MiB, one at least), each way for at most `patience`. `limit_mb_s` slows it down as a
/// simulated storage wants. Blocks for as long as that takes.
///
/// # Errors
/// [`SpeedError`]; the file is gone either way.
pub fn measure(
    folder: &Path,
    bytes_at_most: u64,
    patience: Duration,
    limit_mb_s: Option<f64>,
) -> Result<Speed, SpeedError> {
    let trial = Trial {
        path: folder.join(NAME),
        limit_mb_s,
    };
    let (file, direct) = trial.nameless()?;
    let steps = (bytes_at_most / STEP as u64).max(1);
    let (bytes, write_mb_s) = trial.write(&file, steps, patience)?;
    let commits_s = trial.commits(&file, patience)?;
    let read_mb_s = trial.read(&file, bytes, patience)?;
    Ok(Speed {
        write_mb_s,
        read_mb_s,
        commits_s,
        bytes,
        direct,
    })
}

struct Trial {
    path: PathBuf,
    limit_mb_s: Option<f64>,
}

impl Trial {
    fn error(&self, doing: &'static str, source: io::Error) -> SpeedError {
        SpeedError {
            doing,
            path: self.path.clone(),
            source,
        }
    }

    /// The file without a name, so that nothing is left of it once it is closed.
    fn nameless(&self) -> Result<(File, bool), SpeedError> {
        let made = self.made()?;
        std::fs::remove_file(&self.path).map_err(|error| self.error("unlink", error))?;
        Ok(made)
    }

    /// Past the page cache, where the file system can.
    fn made(&self) -> Result<(File, bool), SpeedError> {
        let open = |flags: OFlag| {
            OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .custom_flags(flags.bits())
                .open(&self.path)
        };
        match open(OFlag::O_DIRECT) {
            Ok(file) => Ok((file, true)),
            Err(error) if error.raw_os_error() == Some(Errno::EINVAL as i32) => {
                open(OFlag::empty())
                    .map(|file| (file, false))
                    .map_err(|error| self.error("make", error))
            }
            Err(error) => Err(self.error("make", error)),
        }
    }

    fn write(&self, file: &File, steps: u64, patience: Duration) -> Result<(u64, f64), SpeedError> {
        let mut buffer = Aligned::new();
        let mut seed = 0x9e37_79b9_7f4a_7c15;
        let (mut bytes, mut spent) = (0_u64, Duration::ZERO);
        for _ in 0..steps {
            // Bytes that no controller makes smaller, drawn outside of the measured time.
            fill(buffer.bytes(), &mut seed);
            let began = since_boot();
            file.write_all_at(buffer.bytes(), bytes)
                .map_err(|error| self.error("write", error))?;
            bytes += STEP as u64;
            self.slow_down(began, STEP);
            spent += since_boot().saturating_sub(began);
            if spent >= patience {
                break;
            }
        }
        let began = since_boot();
        file.sync_all().map_err(|error| self.error("sync", error))?;
        spent += since_boot().saturating_sub(began);
        Ok((bytes, rate(bytes, spent)))
    }

    fn commits(&self, file: &File, patience: Duration) -> Result<f64, SpeedError> {
        let mut buffer = Aligned::new();
        let (began, mut done) = (since_boot(), 0_u32);
        while done < SMALL_WRITES && since_boot().saturating_sub(began) < patience {
            let small = buffer.bytes().get(..SMALL).unwrap_or_default();
            file.write_all_at(small, u64::from(done) * SMALL as u64)
                .map_err(|error| self.error("write", error))?;
            file.sync_data()
                .map_err(|error| self.error("sync", error))?;
            self.slow_down(since_boot(), SMALL);
            done += 1;
        }
        let spent = since_boot()
            .saturating_sub(began)
            .max(Duration::from_micros(1));
        Ok(f64::from(done) / spent.as_secs_f64())
    }

    fn read(&self, file: &File, bytes: u64, patience: Duration) -> Result<f64, SpeedError> {
        let mut buffer = Aligned::new();
        let (began, mut at) = (since_boot(), 0);
        while at < bytes && since_boot().saturating_sub(began) < patience {
            let step = since_boot();
            file.read_exact_at(buffer.bytes(), at)
                .map_err(|error| self.error("read", error))?;
            self.slow_down(step, STEP);
            at += STEP as u64;
        }
        Ok(rate(at, since_boot().saturating_sub(began)))
    }

    /// As a slow storage would, that a test asks for.
    fn slow_down(&self, began: Duration, bytes: usize) {
        let Some(limit) = self.limit_mb_s else { return };
        #[allow(clippy::cast_precision_loss, reason = "a MiB")]
        let due = began + Duration::from_secs_f64((bytes as f64 / 1e6 / limit).min(60.0));
        while let Some(left) = due.checked_sub(since_boot()).filter(|left| !left.is_zero()) {
            std::thread::park_timeout(left);
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "some MiB")]
fn rate(bytes: u64, spent: Duration) -> f64 {
    bytes as f64 / 1e6 / spent.as_secs_f64().max(1e-6)
}

/// xorshift64: different in each block, and the same at each run.
fn fill(bytes: &mut [u8], seed: &mut u64) {
    for word in bytes.chunks_exact_mut(8) {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        word.copy_from_slice(&seed.to_le_bytes());
    }
}

/// A step whose memory begins on a block's boundary, as `O_DIRECT` wants it.
struct Aligned {
    memory: Vec<u8>,
    from: usize,
}

impl Aligned {
    fn new() -> Self {
        let memory = vec![0_u8; STEP + SMALL];
        let from = memory.as_ptr().align_offset(SMALL).min(SMALL);
        Self { memory, from }
    }

    fn bytes(&mut self) -> &mut [u8] {
        self.memory
            .get_mut(self.from..self.from + STEP)
            .unwrap_or_default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn speed_is_measured_and_nothing_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let speed = measure(dir.path(), 3 << 20, Duration::from_secs(30), None).unwrap();
        assert_eq!(speed.bytes, 3 << 20);
        assert!(speed.write_mb_s > 0.0 && speed.read_mb_s > 0.0 && speed.commits_s > 0.0);
        assert_eq!(dir.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn a_cut_of_the_power_leaves_no_file_behind() {
        let dir = tempfile::tempdir().unwrap();
        let names = || dir.path().read_dir().unwrap().count();
        let trial = Trial {
            path: dir.path().join(NAME),
            limit_mb_s: None,
        };
        let (_named, _) = trial.made().unwrap();
        assert_eq!(names(), 1, "the control: what a cut would leave");
        let (file, _) = trial.nameless().unwrap();
        let (bytes, _) = trial.write(&file, 2, Duration::from_secs(30)).unwrap();
        assert_eq!(names(), 0, "though it is written to");
        assert!(trial.read(&file, bytes, Duration::from_secs(30)).unwrap() > 0.0);
    }

    #[test]
    fn a_slow_storage_is_slow_and_patience_ends() {
        let dir = tempfile::tempdir().unwrap();
        let patience = Duration::from_millis(1500);
        let speed = measure(dir.path(), 64 << 20, patience, Some(1.0)).unwrap();
        assert!(
            speed.write_mb_s <= 1.05 && speed.read_mb_s <= 1.05,
            "{speed:?}"
        );
        assert!(speed.bytes <= 4 << 20, "{speed:?}");
    }

    #[test]
    fn where_nothing_can_be_written_nothing_is_measured() {
        let dir = tempfile::tempdir().unwrap();
        let nowhere = dir.path().join("none");
        let error = measure(&nowhere, 1 << 20, Duration::from_secs(1), None).unwrap_err();
        assert_eq!(error.doing, "make");
    }
}
