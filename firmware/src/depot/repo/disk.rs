//! What is done to the repository's folder, step by step: each step is whole or was not done, and outlives a power cut before the next one begins.

use super::trouble::Trouble;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A file with these bytes.
    Write { to: PathBuf, bytes: Vec<u8> },
    /// The same file at another place too.
    Place { from: PathBuf, to: PathBuf },
    /// A file of its own with the same bytes.
    Copy { from: PathBuf, to: PathBuf },
    /// A file goes.
    Remove(PathBuf),
}

/// Who does a step.
pub(super) trait Disk {
    fn carry_out(&mut self, step: &Step) -> Result<(), Trouble>;
}

/// The real one.
pub(super) struct Folders;

impl Disk for Folders {
    fn carry_out(&mut self, step: &Step) -> Result<(), Trouble> {
        match step {
            Step::Write { to, bytes } => {
                write(to, &mut |file| file.write_all(bytes)).map_err(Trouble::disk("write", to))
            }
            Step::Place { from, to } => place(from, to).map_err(Trouble::disk("write", to)),
            Step::Copy { from, to } => write(to, &mut |file| {
                io::copy(&mut File::open(from)?, file).map(|_| ())
            })
            .map_err(Trouble::disk("write", to)),
            Step::Remove(path) => remove(path).map_err(Trouble::disk("remove", path)),
        }
    }
}

/// Does the steps in their order.
pub(super) fn carry_out(disk: &mut dyn Disk, steps: &[Step]) -> Result<(), Trouble> {
    steps.iter().try_for_each(|step| disk.carry_out(step))
}

/// Writes a file aside, synced, and gives it its name.
pub(super) fn write(
    to: &Path,
    fill: &mut dyn FnMut(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let aside = aside(to)?;
    let mut file = File::create(&aside)?;
    fill(&mut file)?;
    file.sync_all()?;
    named(&aside, to)
}

/// What a step that was cut short leaves behind.
pub(super) fn is_left_over(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') && name.ends_with(".new")
}

fn place(from: &Path, to: &Path) -> io::Result<()> {
    let aside = aside(to)?;
    remove(&aside)?;
    // Another disk, or one without links: then it is copied.
    if fs::hard_link(from, &aside).is_err() {
        fs::copy(from, &aside)?;
    }
    // Writable, or some systems do not sync it.
    OpenOptions::new().write(true).open(&aside)?.sync_all()?;
    named(&aside, to)?;
    // Where both were the same file already, both names are left.
    remove(&aside)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Beside it, in a folder that is there.
fn aside(to: &Path) -> io::Result<PathBuf> {
    let folder = folder(to);
    make_folder(folder)?;
    let mut name = OsString::from(".");
    name.push(to.file_name().unwrap_or_default());
    name.push(".new");
    Ok(folder.join(name))
}

/// With those above it; each is kept before something is put into it.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = folder(path);
    make_folder(above)?;
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Ok(()) | Err(_) => sync_folder(above),
    }
}

pub(super) fn named(aside: &Path, to: &Path) -> io::Result<()> {
    fs::rename(aside, to)?;
    sync_folder(folder(to))
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        Some(_) | None => Path::new("."),
    }
}

/// A name is kept when its folder is. Only Unix lets one ask for that.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Every file below a folder; none where the folder is not there. Sorted, so that what is told has an order.
pub(super) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let mut files = Vec::new();
    let mut ahead = vec![folder.to_owned()];
    while let Some(here) = ahead.pop() {
        let entries = match fs::read_dir(&here) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(Trouble::disk("read", &here))?,
        };
        for entry in entries {
            let entry = entry.map_err(Trouble::disk("read", &here))?;
            let kind = entry.file_type().map_err(Trouble::disk("read", &here))?;
            if kind.is_dir() {
                ahead.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The first bytes of a file, no more than `most`, if there is one.
pub(super) fn read_at_most(path: &Path, most: u64) -> Result<Option<Vec<u8>>, Trouble> {
    let mut bytes = Vec::new();
    match File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read
            .map(|_| Some(bytes))
            .map_err(Trouble::disk("read", path)),
    }
}

/// The bytes of a file, if there is one.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, Trouble> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        bytes => bytes.map(Some).map_err(Trouble::disk("read", path)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn steps_leave_whole_files_and_nothing_beside() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let write = |to: &str, bytes: &[u8]| Step::Write {
            to: at(to),
            bytes: bytes.to_vec(),
        };
        let place = Step::Place {
            from: at("a/b/one"),
            to: at("c/two"),
        };
        let steps = [
            write("a/b/one", b"1"),
            write("a/b/one", b"22"),
            place.clone(),
            place,
            Step::Remove(at("a/b/one")),
            Step::Remove(at("a/b/one")),
        ];
        carry_out(&mut Folders, &steps).unwrap();
        assert_eq!(files_below(dir.path()).unwrap(), [at("c/two")]);
        assert_eq!(read(&at("c/two")).unwrap().unwrap(), b"22");
        assert_eq!(read(&at("a/b/one")).unwrap(), None);
        assert!(files_below(&at("nowhere")).unwrap().is_empty());
        assert!(is_left_over(&at(".two.new")) && !is_left_over(&at("two.new")));
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), b"").unwrap();
        let to = dir.path().join("file/below");
        let step = Step::Write {
            to: to.clone(),
            bytes: Vec::new(),
        };
        let error = Folders.carry_out(&step).unwrap_err().to_string();
        assert!(error.contains(&to.display().to_string()), "{error}");
    }
}
