//! Files at the desk: children's records, and the key that opens them.

use super::Failure;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// A file that only its owner may read.
pub(super) fn private(path: &Path, new: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    if new {
        options.create_new(true);
    }
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Beside `path`, until it is whole.
pub(super) fn aside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

/// What was written aside gets its name, for good.
pub(super) fn settle(path: &Path, file: &File) -> io::Result<()> {
    file.sync_all()?;
    fs::rename(aside(path), path)?;
    #[cfg(unix)]
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(())
}

pub(super) fn failed<'a>(
    doing: &'static str,
    path: &'a Path,
    then: &'static str,
) -> impl Fn(io::Error) -> Failure + 'a {
    move |error| {
        Failure::NotDone(format!(
            "{} cannot be {doing}: {error}; {then}",
            path.display()
        ))
    }
}
