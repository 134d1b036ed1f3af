//! The folder that a test and the system inside its virtual machine both see: a bench with the box's parts on it.

use crate::world::Sim;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use tempfile::TempDir;

/// A simulated board whose boot choice is the real one on the card, and a letter box for the shell inside.
#[derive(Debug)]
pub struct Bench {
    dir: TempDir,
    sim: Sim,
}

impl Bench {
    /// A board in the sun.
    #[must_use]
    pub fn new() -> Self {
        let dir = tempfile::Builder::new()
            .prefix("school-box-bench-")
            .tempdir()
            .expect("a folder for the bench");
        let board = dir.path().join("board");
        let sim = Sim::new(board.clone());
        symlink("/dev/school-box/boot-env", board.join("boot.env")).expect("a link");
        fs::create_dir_all(dir.path().join("shell")).expect("a folder for the shell");
        // The supervisor inside is another user.
        for folder in [
            "",
            "board",
            "board/battery",
            "board/charger",
            "board/radio",
            "shell",
        ] {
            let open = Permissions::from_mode(0o777);
            fs::set_permissions(dir.path().join(folder), open).expect("an open folder");
        }
        Self { dir, sim }
    }

    /// The board's parts.
    #[must_use]
    pub const fn sim(&self) -> &Sim {
        &self.sim
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Hands `script` to the shell inside.
    pub(super) fn ask(&self, script: &str) {
        let shell = self.path().join("shell");
        let _ = fs::remove_file(shell.join("answer"));
        fs::write(shell.join("ask.part"), script).expect("a script for the shell");
        fs::rename(shell.join("ask.part"), shell.join("ask")).expect("a script for the shell");
    }

    /// What the shell inside said, once it has ended; its exit code stands last.
    pub(super) fn answer(&self) -> Option<String> {
        fs::read_to_string(self.path().join("shell/answer")).ok()
    }
}

impl Default for Bench {
    fn default() -> Self {
        Self::new()
    }
}
