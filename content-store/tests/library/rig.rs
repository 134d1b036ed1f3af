//! A data directory and short ways to do what the command line does.

use content_store::formats::{self, ImportError};
use content_store::library::{
    Content, Entry, Library, LibraryOptions, Lookup, Pack, PackId, PackSummary,
};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) struct Rig {
    pub(crate) folder: tempfile::TempDir,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        let data = self.folder.path().join("data");
        fs::create_dir_all(&data).unwrap();
        data
    }

    /// A place for sources.
    pub(crate) fn source(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join("sources").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    pub(crate) fn folder_of(&self, name: &str, files: &[(&str, &[u8])]) -> PathBuf {
        let root = self.source(name);
        for (path, bytes) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        root
    }

    pub(crate) fn library(&self) -> Library {
        Library::open(&self.data(), LibraryOptions { keep_free: 0 }).unwrap()
    }

    pub(crate) fn stage(&self, source: &Path) -> Result<PathBuf, ImportError> {
        let plan = formats::plan(source)?;
        formats::stage(&plan, &self.data(), 0, &mut |_| ())
    }

    pub(crate) fn import(&self, library: &Library, source: &Path) -> PackSummary {
        library.adopt(&self.stage(source).unwrap()).unwrap()
    }

    /// Names of everything below the data directory that is no database, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut todo = vec![self.data()];
        while let Some(folder) = todo.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    todo.push(path);
                } else if !path.to_string_lossy().contains("library.db") {
                    found.push(
                        path.strip_prefix(self.data())
                            .unwrap()
                            .display()
                            .to_string(),
                    );
                }
            }
        }
        found.sort();
        found
    }
}

pub(crate) fn id(name: &str) -> PackId {
    PackId::new(name).unwrap()
}

pub(crate) fn read(content: &Content) -> Vec<u8> {
    // An odd size, so that reads begin and end anywhere.
    let mut buffer = vec![0; 1003];
    let mut bytes = Vec::new();
    loop {
        let n = content.read_at(bytes.len() as u64, &mut buffer).unwrap();
        if n == 0 {
            return bytes;
        }
        bytes.extend_from_slice(&buffer[..n]);
    }
}

pub(crate) fn entry(pack: &Pack, path: &str) -> Entry {
    match pack.lookup(path).unwrap() {
        Lookup::Found(entry) => entry,
        other @ (Lookup::Redirect(_) | Lookup::Missing) => panic!("{path}: {other:?}"),
    }
}

pub(crate) fn body(pack: &Pack, path: &str) -> Vec<u8> {
    let entry = entry(pack, path);
    let bytes = read(&entry.body);
    assert_eq!(bytes.len() as u64, entry.len, "{path}");
    bytes
}

pub(crate) fn redirect(pack: &Pack, path: &str) -> String {
    match pack.lookup(path).unwrap() {
        Lookup::Redirect(target) => target,
        other @ (Lookup::Found(_) | Lookup::Missing) => panic!("{path}: {other:?}"),
    }
}

pub(crate) fn is_missing(pack: &Pack, path: &str) -> bool {
    matches!(pack.lookup(path).unwrap(), Lookup::Missing)
}

/// An error and its causes on one line, as the command line prints them.
pub(crate) fn line(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}
