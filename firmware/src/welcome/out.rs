//! Where a sheet goes.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Writes a sheet to `out`, or to standard output.
///
/// # Errors
/// A line: what could not be written where, and what to do.
pub fn write(out: Option<&Path>, bytes: &[u8]) -> Result<(), String> {
    let unwritten = |place: &str, error: &io::Error| {
        format!(
            "the sheet cannot be written to {place}: {error}; give a file in a folder that you may write with --out"
        )
    };
    let Some(path) = out else {
        let mut stdout = io::stdout().lock();
        return (stdout.write_all(bytes).and_then(|()| stdout.flush()))
            .map_err(|error| unwritten("standard output", &error));
    };
    let place = path.display().to_string();
    File::create(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(|error| unwritten(&place, &error))
}
