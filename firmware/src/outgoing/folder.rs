//! `DATA/out`: sealed bundles between the box and whoever asked for one.
//!
//! Each file has a name of its own, so two who ask for the same bundle at once are given two files. Who was given one says when it is done with it
//! ([`let_go`]); who dies before leaves it: [`MOST`] are there at most, and none after the next start ([`clear`]).

use super::FOLDER;
use crate::sealed::BUNDLE_ENDING;
use content_store::disk;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Files at once: as many as there are verbs at once (`services::control`).
pub(super) const MOST: usize = 8;

/// Of the next file. Who holds the data's lock is one process.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A file that nobody else was given, empty, and its path. The oldest goes where there are more than [`MOST`].
pub(super) fn begin(data: &Path) -> io::Result<(File, PathBuf)> {
    let folder = data.join(FOLDER);
    disk::make_private_folder(&folder)?;
    let mut left = files(&folder)?;
    left.sort();
    for old in left.iter().rev().skip(MOST - 1) {
        fs::remove_file(old)?;
    }
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{number:010}.{BUNDLE_ENDING}"));
        let mut options = OpenOptions::new();
        match options.write(true).create_new(true).mode(0o600).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (file, path)),
        }
    }
}

/// Whoever was given `sealed` is done with it. Of its path the name alone counts: nothing outside the folder is touched.
///
/// # Errors
/// One line: it is there, and does not go.
pub fn let_go(data: &Path, sealed: &Path) -> Result<(), String> {
    let Some(name) = sealed.file_name() else {
        return Ok(());
    };
    match fs::remove_file(data.join(FOLDER).join(name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(format!(
            "{} is not needed any more and cannot be removed: {error}; see to the data disk",
            sealed.display()
        )),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// What a process that is gone had sealed for somebody; call it under the data's lock. What does not go is in nobody's way.
pub(crate) fn clear(data: &Path) {
    for left in files(&data.join(FOLDER)).unwrap_or_default() {
        let _ = fs::remove_file(left);
    }
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn everybody_gets_a_file_of_their_own_and_few_are_left() {
        let data = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..MOST)
                .map(|_| scope.spawn(|| begin(data.path()).unwrap().1))
                .collect();
            asking
                .into_iter()
                .map(|asked| asked.join().unwrap())
                .collect()
        });
        let mut distinct = paths.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), MOST);
        assert!(paths.iter().all(|path| path.is_file()));
        // Nobody says that they are done.
        for _ in 0..3 * MOST {
            let (_, path) = begin(data.path()).unwrap();
            assert!(path.is_file());
        }
        assert_eq!(files(&data.path().join(FOLDER)).unwrap().len(), MOST);
        clear(data.path());
        assert_eq!(files(&data.path().join(FOLDER)).unwrap().len(), 0);
    }

    #[test]
    fn nothing_outside_the_folder_is_let_go() {
        let data = tempfile::tempdir().unwrap();
        let (_, path) = begin(data.path()).unwrap();
        let precious = data.path().join("precious");
        fs::write(&precious, "x").unwrap();
        for strange in [
            precious.as_path(),
            Path::new("../precious"),
            Path::new(".."),
        ] {
            let_go(data.path(), strange).unwrap();
        }
        assert!(precious.is_file() && path.is_file());
        let_go(data.path(), &path).unwrap();
        assert!(!path.exists());
        let_go(data.path(), &path).unwrap();
    }
}
