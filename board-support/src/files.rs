//! Small files: read with a bound, written so that a reader never sees half of one.

use crate::BoardError;
use crate::error::shortened;
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, RenameFlags, renameat2};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
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
    sync_folder_of(path)
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// As [`replace_durably`], of a file that stands: where it is taken away, be it meanwhile, nothing is left and the answer is `false`.
pub(crate) fn replace_standing(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let aside = aside_of(path)?;
    fill(&aside, bytes, true)?;
    let exchanged = match renameat2(
        AT_FDCWD,
        &aside,
        AT_FDCWD,
        path,
        RenameFlags::RENAME_EXCHANGE,
    ) {
        // A file system that cannot exchange: what is left is an instant between looking and renaming.
        Err(Errno::EINVAL | Errno::ENOSYS) if path.exists() => {
            std::fs::rename(&aside, path)?;
            return sync_folder_of(path).map(|()| true);
        }
        Err(Errno::ENOENT | Errno::EINVAL | Errno::ENOSYS) => Ok(false),
        exchanged => exchanged.map(|()| true),
    };
    std::fs::remove_file(&aside)?;
    sync_folder_of(path)?;
    Ok(exchanged?)
}

/// Makes `folder`, for nobody but its owner to look into, and what is missing above it; its name is durable. One that is there stays as it is.
pub(crate) fn make_private_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    folder
        .parent()
        .map_or(Ok(()), |above| File::open(above)?.sync_all())
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
    let aside = aside_of(path)?;
    fill(&aside, bytes, sync)?;
    std::fs::rename(&aside, path)
}

fn aside_of(path: &Path) -> io::Result<PathBuf> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().ok_or(ErrorKind::InvalidInput)?);
    name.push(".aside");
    Ok(path.with_file_name(name))
}

fn fill(path: &Path, bytes: &[u8], sync: bool) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    if sync {
        file.sync_all()?;
    }
    Ok(())
}
