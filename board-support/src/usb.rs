//! Sticks, and the repository in a folder of one.
//!
//! On a real board the system mounts a stick that is plugged in, to be read only, at a folder of its own below [`MOUNTED_AT`], and takes the folder away with the
//! stick. On a simulated board whatever appears in `usb/` is a stick: the folder itself, once there is a file or a repository in it, and each
//! folder in it (if it is no repository itself).

mod beneath;
mod folder;
mod taken;

pub use beneath::{BeneathError, open_beneath};
pub use folder::FolderSource;
pub use taken::write_file;

use crate::board::BoardChoice;
use std::fs::{DirEntry, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Where the image's mount units put sticks, a folder each.
pub const MOUNTED_AT: &str = "/run/school-box-sticks";
/// No hub has more.
const MOST: usize = 16;

/// A stick that is plugged in, mounted to be read only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stick {
    /// Where its files are.
    pub folder: PathBuf,
}

/// The sticks that are plugged in now, in the order of their names. `data` is as for [`crate::Board::open`].
#[must_use]
pub fn sticks(choice: &BoardChoice, data: &Path) -> Vec<Stick> {
    match choice {
        BoardChoice::Auto => mounted_in(Path::new(MOUNTED_AT)),
        BoardChoice::Sim => simulated_in(&data.join("sim/usb")),
        BoardChoice::SimDir(dir) => simulated_in(&dir.join("usb")),
    }
}

/// The repository in a folder: in itself (there is `metadata/timestamp.json`), or in its `school-box`.
#[must_use]
pub fn repository_in(folder: &Path) -> Option<PathBuf> {
    let is_there = |place: &Path| open_beneath(place, "metadata/timestamp.json").is_ok();
    let own = folder.join("school-box");
    let is_a_folder = |place: &Path| place.symlink_metadata().is_ok_and(|found| found.is_dir());
    if is_there(folder) {
        Some(folder.to_owned())
    } else {
        Some(own).filter(|own| is_a_folder(own) && is_there(own))
    }
}

/// A folder where nothing is mounted yet, or any more, is no stick.
fn mounted_in(place: &Path) -> Vec<Stick> {
    let device = place.metadata().ok().map(|found| found.dev());
    let folders = visible(place, Metadata::is_dir);
    let mounted = |folder: &PathBuf| folder.metadata().ok().map(|found| found.dev()) != device;
    sorted(folders.into_iter().filter(mounted).collect())
}

fn simulated_in(usb: &Path) -> Vec<Stick> {
    let mut found = Vec::new();
    let is_a_repository = repository_in(usb).is_some();
    if is_a_repository || !visible(usb, Metadata::is_file).is_empty() {
        found.push(usb.to_owned());
    }
    if !is_a_repository {
        found.extend(visible(usb, Metadata::is_dir));
    }
    sorted(found)
}

/// What is in a folder, links and hidden things aside.
fn visible(folder: &Path, is_meant: impl Fn(&Metadata) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = folder.read_dir() else {
        return Vec::new();
    };
    let is_hidden = |entry: &DirEntry| entry.file_name().as_encoded_bytes().starts_with(b".");
    entries
        .filter_map(Result::ok)
        .filter(|entry| !is_hidden(entry))
        // Of the entry itself: a link is neither a file nor a folder.
        .filter(|entry| entry.metadata().is_ok_and(|found| is_meant(&found)))
        .map(|entry| entry.path())
        .collect()
}

fn sorted(mut folders: Vec<PathBuf>) -> Vec<Stick> {
    folders.sort();
    folders.truncate(MOST);
    folders.into_iter().map(|folder| Stick { folder }).collect()
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and writes its own files"
)]
mod tests;
