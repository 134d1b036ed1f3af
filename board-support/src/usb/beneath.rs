//! Opening what lies below a folder, and nothing else, whatever links or names there are.

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Why a file below a folder is not opened.
#[derive(Debug, thiserror::Error)]
pub enum BeneathError {
    /// The folder itself.
    #[error("the folder cannot be opened")]
    Folder(#[source] io::Error),
    /// There is no such file in it.
    #[error("there is no such file")]
    Missing,
    /// The name is none of a file below a folder.
    #[error("it is no name of a file")]
    Name,
    /// What stands there is no plain file, or a step on the way no folder: a link, a pipe, a device.
    #[error("{0} is a link or no plain file")]
    NotPlain(String),
    /// The disk.
    #[error("it cannot be opened")]
    Disk(#[source] io::Error),
}

/// The plain file at `name` (steps with `/` between them) below `folder`, to be read. No link is followed below the folder, so nothing outside of it is opened;
/// what is no plain file is refused without waiting for it.
///
/// # Errors
/// [`BeneathError`].
pub fn open_beneath(folder: &Path, name: &str) -> Result<File, BeneathError> {
    open_in(root(folder)?.as_fd(), name)
}

/// The folder itself: its own path may lead over links.
pub(super) fn root(folder: &Path) -> Result<File, BeneathError> {
    File::options()
        .read(true)
        .custom_flags(OFlag::O_DIRECTORY.bits())
        .open(folder)
        .map_err(BeneathError::Folder)
}

/// Step by step, each opened in the one before: no kernel older than the image's is needed, and no path is walked that could change meanwhile.
pub(super) fn open_in(root: BorrowedFd<'_>, name: &str) -> Result<File, BeneathError> {
    let is_step = |step: &&str| !matches!(*step, "" | "." | "..") && !step.contains('\0');
    if !name.split('/').all(|step| is_step(&step)) {
        return Err(BeneathError::Name);
    }
    let (folders, file) = name.rsplit_once('/').unwrap_or(("", name));
    let mut inside: Option<OwnedFd> = None;
    for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
        let at = inside.as_ref().map_or(root, AsFd::as_fd);
        inside = Some(step(at, folder, OFlag::O_DIRECTORY)?);
    }
    let at = inside.as_ref().map_or(root, AsFd::as_fd);
    // Not waiting: a pipe that nobody writes to would hold the caller for ever.
    let opened = File::from(step(at, file, OFlag::O_NONBLOCK | OFlag::O_NOCTTY)?);
    match opened.metadata().map_err(BeneathError::Disk)?.is_file() {
        true => Ok(opened),
        false => Err(BeneathError::NotPlain(file.to_owned())),
    }
}

fn step(at: BorrowedFd<'_>, name: &str, kind: OFlag) -> Result<OwnedFd, BeneathError> {
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NOFOLLOW | kind;
    openat(at, name, flags, Mode::empty()).map_err(|errno| {
        // A link; a link or a file in place of a folder; a socket.
        let not_plain = [Errno::ELOOP, Errno::ENOTDIR, Errno::ENXIO].contains(&errno);
        let missing = [Errno::ENOENT, Errno::ENAMETOOLONG].contains(&errno);
        match (missing, not_plain) {
            (true, _) => BeneathError::Missing,
            (false, true) => BeneathError::NotPlain(name.to_owned()),
            (false, false) => BeneathError::Disk(errno.into()),
        }
    })
}
