//! A cable of a test: a pseudo-terminal under a name of its own.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly"
)]

use super::text::framed;
use nix::sys::termios::{self, SetArg};
use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// Plugged in as long as it lives.
pub(crate) struct Cable {
    device: File,
    /// Keeps the line alive while nobody else has it open.
    _line: OwnedFd,
    name: PathBuf,
}

impl Cable {
    pub(crate) fn plug(folder: &Path, name: &str) -> Self {
        let pty = nix::pty::openpty(None, None).unwrap();
        // What is said before anybody opens the line comes through unchanged.
        let mut modes = termios::tcgetattr(&pty.slave).unwrap();
        termios::cfmakeraw(&mut modes);
        termios::tcsetattr(&pty.slave, SetArg::TCSANOW, &modes).unwrap();
        let line = nix::unistd::ttyname(&pty.slave).unwrap();
        let name = folder.join(name);
        std::os::unix::fs::symlink(line, &name).unwrap();
        Self {
            device: File::from(pty.master),
            _line: pty.slave,
            name,
        }
    }

    pub(crate) fn say(&mut self, fields: &[(&str, &str)]) {
        self.send(&framed(fields));
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.device.write_all(bytes).unwrap();
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        std::fs::remove_file(&self.name).unwrap();
    }
}
