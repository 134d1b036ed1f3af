//! The few file operations that durability rests on: write aside, sync, rename, sync the folder; and how much room is left.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Room on a file system, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Room {
    /// Of the whole file system.
    pub total: u64,
    /// That this process may still write.
    pub free: u64,
}

/// The room on the file system of `path`.
///
/// # Errors
/// When `path` can't be asked.
pub fn room(path: &Path) -> io::Result<Room> {
    let stat = nix::sys::statvfs::statvfs(path)?;
    let bytes = |blocks: u64| blocks.saturating_mul(stat.fragment_size());
    Ok(Room {
        total: bytes(stat.blocks()),
        free: bytes(stat.blocks_available()),
    })
}

/// Bytes of the file system of `path` that this process may still write.
pub(crate) fn free_bytes(path: &Path) -> io::Result<u64> {
    Ok(room(path)?.free)
}

/// Makes the names in `folder` durable.
pub(crate) fn sync_dir(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Replaces `path` by `bytes` so that a power cut leaves either the old file or the new one: written beside it as `path.new`, synced, renamed, and
/// the folder synced. The rename is the commit point.
///
/// # Errors
/// When any of these fails; the old file then stands, or already the new one. A sync that failed is not to be tried again on the same file:
/// a later call writes another.
pub fn write_aside(path: &Path, bytes: &[u8]) -> io::Result<()> {
    written_aside(path, bytes, 0o666)
}

/// As [`write_aside`]; nobody but its owner may read or write the file, at any instant.
///
/// # Errors
/// As [`write_aside`].
pub fn write_aside_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    written_aside(path, bytes, 0o600)
}

fn written_aside(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".new");
    let aside = Path::new(&aside);
    if mode == 0o600 {
        // One that a cut left behind keeps the mode it was made with.
        match fs::remove_file(aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(aside, path)?;
    match path.parent() {
        Some(folder) => sync_dir(folder),
        None => Ok(()),
    }
}

/// Makes `folder`, for nobody but its owner to look into, and what is missing above it; its name is durable. One that is there stays as it is.
///
/// # Errors
/// When it cannot be made, or its name not be synced.
pub fn make_private_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    folder.parent().map_or(Ok(()), sync_dir)
}

/// Makes `folder` and what is missing above it. Nobody but its owner may write in it, whatever the process's umask says: who could put
/// a stage into `incoming` could put any page into the library.
pub(crate) fn make_folders(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)
}
