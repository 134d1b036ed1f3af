//! A small guest that runs: scripts in, what they said out.

use super::super::serial::Serial;
use crate::world::proc;
use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::process::Child;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a start may take: two seconds on a quiet machine.
const START: Duration = Duration::from_secs(120);
/// How long a script may take that names no deadline of its own.
const SCRIPT: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(100);
/// What `guest-init` says when it takes scripts.
const READY: &str = "ready\n";

/// A guest. Dropped, it is killed.
#[derive(Debug)]
pub struct RunningGuest {
    child: Child,
    line: UnixStream,
    serial: Serial,
    log: File,
    scripts: u32,
    _folder: TempDir,
}

/// What a script said on both its outputs, in their order, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// All of it.
    pub text: String,
    /// Its exit code.
    pub code: i32,
}

impl Said {
    /// The text of a script that ended well.
    ///
    /// # Panics
    /// When it did not.
    #[must_use]
    pub fn well(self) -> String {
        assert_eq!(self.code, 0, "the script in the guest failed: {self}");
        self.text
    }

    /// The text of a script that failed with code 1.
    ///
    /// # Panics
    /// When it did not.
    #[must_use]
    pub fn failed(self) -> String {
        assert_eq!(
            self.code, 1,
            "the script in the guest was to fail with 1: {self}"
        );
        self.text
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit {} after\n{}", self.code, self.text)
    }
}

impl RunningGuest {
    pub(super) fn started(
        child: Child,
        line: UnixStream,
        serial: Serial,
        log: File,
        folder: TempDir,
    ) -> Self {
        line.set_read_timeout(Some(PAUSE))
            .expect("a line with a deadline");
        let mut guest = Self {
            child,
            line,
            serial,
            log,
            scripts: 0,
            _folder: folder,
        };
        guest.read_until("its start", START, |said| {
            said.ends_with(READY).then_some(())
        });
        guest
    }

    /// Runs a script in a shell of its own, as root. A program it leaves running must not keep its outputs.
    ///
    /// # Panics
    /// When it takes longer than two minutes or the guest ends; what it said until then is shown, and the end of the console.
    pub fn run(&mut self, script: &str) -> Said {
        self.run_within(script, SCRIPT)
    }

    /// [`RunningGuest::run`] with a deadline of its own.
    ///
    /// # Panics
    /// As [`RunningGuest::run`]. The guest is of no more use then: the script still runs.
    pub fn run_within(&mut self, script: &str, deadline: Duration) -> Said {
        self.scripts += 1;
        // Nothing that a script says by chance.
        let end = format!("END-OF-SCRIPT-{}", self.scripts);
        let _ = write!(self.log, "--- {}: {script}\n---\n", self.scripts);
        let head = format!("{} {end}\n", script.len());
        let sent = self.line.write_all(head.as_bytes());
        sent.and_then(|()| self.line.write_all(script.as_bytes()))
            .unwrap_or_else(|error| {
                panic!("the guest takes no script: {error}; {}", self.serial.tail())
            });
        let last = format!("\n{end} ");
        self.read_until(script, deadline, |said| {
            let (text, rest) = said.split_once(&last)?;
            let code = rest.strip_suffix('\n')?.parse().ok()?;
            Some(Said {
                text: text.to_owned(),
                code,
            })
        })
    }

    /// What the console said.
    #[must_use]
    pub const fn serial(&self) -> &Serial {
        &self.serial
    }

    /// CPU time that the guest took so far.
    #[must_use]
    pub fn cpu_time(&self) -> Duration {
        proc::cpu_time(self.child.id())
    }

    fn read_until<T>(
        &mut self,
        what: &str,
        deadline: Duration,
        found: impl Fn(&str) -> Option<T>,
    ) -> T {
        let end = Instant::now() + deadline;
        let mut said = Vec::new();
        let mut part = [0; 4096];
        loop {
            let lost = match self.line.read(&mut part) {
                Ok(0) => Some("the guest ended".to_owned()),
                Ok(length) => {
                    let _ = self.log.write_all(&part[..length]);
                    said.extend_from_slice(&part[..length]);
                    None
                }
                Err(error) if is_pause(error.kind()) => None,
                Err(error) => Some(format!("the line to the guest broke: {error}")),
            };
            let text = String::from_utf8_lossy(&said);
            if let Some(found) = found(&text) {
                return found;
            }
            let late = Instant::now() >= end;
            let late = || late.then(|| format!("not done after {} s", deadline.as_secs()));
            if let Some(trouble) = lost.or_else(late) {
                panic!("{trouble}: {what}\nit said: {text}\n{}", self.serial.tail());
            }
        }
    }
}

const fn is_pause(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

impl Drop for RunningGuest {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
