//! The last result of this box, in `DATA/selftest.json`.

use super::outcome::Outcome;
use content_store::disk;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Its name in the data folder.
const NAME: &str = "selftest.json";
/// No outcome is longer, bytes.
const LARGEST: u64 = 256 * 1024;

/// Durable when it returns.
///
/// # Errors
/// The disk.
pub fn keep(data: &Path, outcome: &Outcome) -> io::Result<()> {
    disk::write_aside(&data.join(NAME), &serde_json::to_vec_pretty(outcome)?)
}

/// The last one; `None` where there is none that can be read.
#[must_use]
pub fn last(data: &Path) -> Option<Outcome> {
    let mut bytes = Vec::new();
    let file = File::open(data.join(NAME)).ok()?;
    file.take(LARGEST).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}
