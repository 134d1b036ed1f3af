//! A file for somebody to take along.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes `bytes` as `name` into `folder`, a stick's for example, so that it is there, whole, when the stick is pulled out afterwards; answers where it
/// lies. One of that name is replaced; no link is followed. What is left of a stick that was pulled out meanwhile ends with `.part`.
///
/// # Errors
/// The folder cannot be written, or is full.
pub fn write_file(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    let (path, aside) = (folder.join(name), folder.join(format!("{name}.part")));
    match fs::remove_file(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&aside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    if let Err(error) = written {
        let _ = fs::remove_file(&aside);
        return Err(error);
    }
    fs::rename(&aside, &path)?;
    File::open(folder)?.sync_all()?;
    Ok(path)
}
