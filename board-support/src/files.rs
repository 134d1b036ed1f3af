//! Small files: read with a bound, written so that a reader never sees half of one.

use crate::BoardError;
use crate::error::shortened;
use nix::fcntl::OFlag;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// No input of a board is longer: a number, or a line or two.
pub(crate) const INPUT_BYTES: u64 = 4096;

/// The first [`INPUT_BYTES`] bytes of a file; a pipe nobody writes to counts as empty instead of holding up the caller.
pub(crate) fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    read_at_most(path, INPUT_BYTES)
}

/// As [`read_bytes`], with another bound.
pub(crate) fn read_at_most(path: &Path, bytes_at_most: u64) -> io::Result<Vec<u8>> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlag::O_NONBLOCK.bits())
        .open(path)?;
    let mut bytes = Vec::new();
    match file.take(bytes_at_most).read_to_end(&mut bytes) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Vec::new()),
        Err(error) => Err(error),
        Ok(_) => Ok(bytes),
    }
}

/// The trimmed text of a file, bytes that are no UTF-8 shown as `\u{FFFD}`; `None` where there is no file.
pub(crate) fn read_text(path: &Path) -> Result<Option<String>, BoardError> {
    match read_bytes(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(BoardError::Read {
            path: path.to_owned(),
            source,
        }),
    }
}

/// The complaint about what `path` holds.
pub(crate) fn bad_input(path: &Path, text: &str, expected: &'static str) -> BoardError {
    BoardError::BadInput {
        path: path.to_owned(),
        text: shortened(text),
        expected,
    }
}

/// A file that shows the last thing put into it. Written aside and renamed; not written at all when nothing changed. Not synced: it
/// shows the present, and after a power cut there is another one.
#[derive(Debug)]
pub(crate) struct Output {
    path: PathBuf,
    shown: Option<String>,
}

impl Output {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, shown: None }
    }

    pub(crate) fn put(&mut self, text: String) -> Result<(), BoardError> {
        if self.shown.as_deref() == Some(text.as_str()) {
            return Ok(());
        }
        // Unknown until the write is through: a failed one is tried again even if the text is the same.
        self.shown = None;
        write_aside(&self.path, text.as_bytes(), false)
            .map_err(|source| write_error(&self.path, source))?;
        self.shown = Some(text);
        Ok(())
    }
}

/// Replaces a file so that after a power cut the old or the new one is there, whole: aside, sync, rename, sync the folder.
pub(crate) fn replace_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_aside(path, bytes, true)?;
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Writes into a file of the kernel, which is there and takes one write.
pub(crate) fn write_in_place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    OpenOptions::new().write(true).open(path)?.write_all(bytes)
}

pub(crate) fn write_error(path: &Path, source: io::Error) -> BoardError {
    BoardError::Write {
        path: path.to_owned(),
        source,
    }
}

fn write_aside(path: &Path, bytes: &[u8], sync: bool) -> io::Result<()> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().ok_or(ErrorKind::InvalidInput)?);
    name.push(".aside");
    let aside = path.with_file_name(name);
    let mut file = File::create(&aside)?;
    file.write_all(bytes)?;
    if sync {
        file.sync_all()?;
    }
    drop(file);
    std::fs::rename(&aside, path)
}
