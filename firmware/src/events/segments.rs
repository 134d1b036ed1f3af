//! The files of the ring: `DATA/events/00000001.log` and on, each at most [`SEGMENT_BYTES`] long, the oldest removed.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The folder in the data folder.
pub const FOLDER: &str = "events";
/// Bytes of one file.
pub const SEGMENT_BYTES: u64 = 64 * 1024;
/// Files at most: with [`SEGMENT_BYTES`] the ring's budget, 1 MiB.
pub const MOST_SEGMENTS: usize = 16;
/// A folder with more names than this is none of ours; no reader counts them for ever.
const MOST_NAMES: usize = 4096;

/// The segments in `folder`, the oldest first. What is not named as one is passed over.
pub(super) fn list(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)?.take(MOST_NAMES) {
        let entry = entry?;
        let number = entry.file_name().to_str().and_then(number_of);
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        found.extend(
            number
                .filter(|_| is_file)
                .map(|number| (number, entry.path())),
        );
    }
    found.sort();
    Ok(found)
}

/// Where segment `number` lies.
#[cfg(feature = "box")]
pub(super) fn path_of(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:08}.log"))
}

fn number_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".log")?;
    let fits = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| fits)
}

/// The bytes of a segment: no more than it may have, whatever stands there.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?
        .take(SEGMENT_BYTES)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
