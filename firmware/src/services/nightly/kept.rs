//! What is remembered from night to night: how far library and slot were read, and what was found.

use super::lessons::Lessons;
use super::slot::OtherSlot;
use content_store::disk::write_aside;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// In the data folder.
const FILE: &str = "nightly.json";
/// No such file is longer, bytes.
const LARGEST: u64 = 64 * 1024;
/// Lines that are kept.
pub const MOST_FOUND: usize = 16;

/// What is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// Looks so far.
    pub looks: u32,
    /// Bytes that the last one read.
    pub last_bytes: u64,
    /// The wall time when it was last trusted, Unix seconds.
    pub latest_s: Option<i64>,
    /// What is wrong, as the last look has it: a line each.
    pub found: Vec<String>,
    /// The library.
    pub lessons: Lessons,
    /// The system slot that does not run.
    pub other_slot: OtherSlot,
}

/// Where it lies.
#[must_use]
pub fn path(data: &Path) -> PathBuf {
    data.join(FILE)
}

impl Kept {
    /// As it was kept; the beginning where there is none that can be read.
    #[must_use]
    pub fn load(data: &Path) -> Self {
        let mut bytes = Vec::new();
        let read =
            File::open(path(data)).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes));
        let kept: Self = match read {
            Ok(_) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(_) => Self::default(),
        };
        Self {
            found: kept.found.into_iter().take(MOST_FOUND).collect(),
            ..kept
        }
    }

    /// Durable when it returns.
    ///
    /// # Errors
    /// The disk.
    pub fn save(&self, data: &Path) -> io::Result<()> {
        write_aside(&path(data), &serde_json::to_vec_pretty(self)?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn it_is_remembered_and_a_garbled_file_is_a_beginning() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(Kept::load(data.path()), Kept::default());
        let kept = Kept {
            found: vec!["a line".to_owned()],
            lessons: Lessons {
                next_part: 17,
                ..Lessons::default()
            },
            ..Kept::default()
        };
        kept.save(data.path()).unwrap();
        assert_eq!(Kept::load(data.path()), kept);
        std::fs::write(path(data.path()), "{").unwrap();
        assert_eq!(Kept::load(data.path()), Kept::default());
    }
}
