//! A publisher's desk in a temporary folder.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use system_tests::world::{Outcome, depot};

/// A publisher's desk: keys, images, the repository `repo`.
pub(crate) struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    /// Keys `root`, `online`, `ana`, `ben`, `eve`.
    pub(crate) fn new() -> Self {
        let desk = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        for name in ["root", "online", "ana", "ben", "eve"] {
            desk.good(&["keygen", name]);
        }
        desk
    }

    /// With a repository that `online` signs.
    pub(crate) fn with_repository() -> Self {
        let desk = Self::new();
        desk.good(&INIT);
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(depot());
        command
            .arg("repo")
            .args(arguments)
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(arguments))
    }

    pub(crate) fn good(&self, arguments: &[&str]) -> String {
        let outcome = self.run(arguments);
        assert_eq!(
            (outcome.code, outcome.stderr.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
        outcome.stdout
    }

    /// Exit 1 and one line, which it returns; nothing below `repo` has changed.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        let before = files(&self.path("repo"));
        let outcome = self.run(arguments);
        let line = outcome.stderr;
        assert_eq!(outcome.code, Some(1), "{arguments:?}: {line}");
        assert!(
            line.lines().count() == 1 && !line.contains("panicked"),
            "{line}"
        );
        assert!(before == files(&self.path("repo")), "{arguments:?}");
        line
    }

    pub(crate) fn json(&self, repo: &str) -> Value {
        let outcome = self.run(&["verify", repo, "--json"]);
        serde_json::from_str(&outcome.stdout).unwrap()
    }

    /// A root file system of so many kB, whose content goes with `seed`; a tenth changes with `version`.
    pub(crate) fn image(&self, name: &str, seed: u64, version: u64) -> String {
        let mut bytes = noise(seed, 400_000);
        let changed = noise(seed + 1000 * version, 40_000);
        bytes.splice(120_000..160_000, changed);
        bytes.resize(409_600, 0);
        fs::write(self.path(name), bytes).unwrap();
        name.to_owned()
    }

    pub(crate) fn add(&self, version: u64, more: &[&str]) -> String {
        let image = self.image(&format!("{version}.img"), 1, version);
        let number = version.to_string();
        let usual = [
            "add",
            "repo",
            "--root",
            &image,
            "--board",
            "sim",
            "--version",
            &number,
        ];
        self.good(&[&usual[..], more].concat())
    }
}

pub(crate) const INIT: [&str; 10] = [
    "init",
    "repo",
    "--root-key",
    "root",
    "--key",
    "targets=online",
    "--key",
    "snapshot=online",
    "--key",
    "timestamp=online",
];

/// Bytes that no packer makes smaller.
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..length.div_ceil(8))
        .flat_map(|_| next().to_le_bytes())
        .take(length)
        .collect()
}

/// Every file below, with its bytes.
pub(crate) fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut ahead = vec![folder.to_owned()];
    while let Some(here) = ahead.pop() {
        for entry in fs::read_dir(here).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                ahead.push(path);
            } else {
                found.push((path.clone(), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for (path, bytes) in files(from) {
        let to = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, bytes).unwrap();
    }
}
