//! All VE.Direct lines of a board: Victron's USB cables, which Linux names by their maker and number.

use super::device::{Charger, Kind};
use super::line::Line;
use crate::error::chain;
use nix::poll::{PollFd, PollFlags, poll};
use power_mgmt::BatterySample;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// More cables than a box has sockets are somebody's joke.
const MOST_LINES: usize = 8;

/// A poll's longest wait.
const MOMENT_MS: u16 = 100;

/// What is known of a cable.
#[derive(Debug)]
struct Port {
    line: Option<Line>,
    /// What was last told of it.
    told: Told,
    /// When it was last opened.
    since: Duration,
}

/// What of a port somebody was told, so that it is told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Speaks,
    Silent,
    Stranger,
    Shut,
    Pulled,
}

const PULLED: &str = "the VE.Direct cable was pulled: plug it in again";
const SILENT: &str = "the VE.Direct device says nothing: what the panel gives is not known; check both ends of the cable";

/// The lines whose names begin so, as `/dev/serial/by-id/usb-VictronEnergy*`.
#[derive(Debug)]
pub(crate) struct Ports {
    folder: PathBuf,
    prefix: String,
    ports: BTreeMap<PathBuf, Port>,
    notices: Vec<String>,
}

impl Ports {
    /// `pattern` is a path whose last part ends with `*`.
    pub(crate) fn new(pattern: &Path) -> Self {
        let name = pattern.file_name().unwrap_or_default().to_string_lossy();
        Self {
            folder: pattern.parent().unwrap_or(Path::new("/")).to_owned(),
            prefix: name.trim_end_matches('*').to_owned(),
            ports: BTreeMap::new(),
            notices: Vec::new(),
        }
    }

    /// Looks which cables are there and takes what came on each; some hundred microseconds.
    pub(crate) fn listen(&mut self, now: Duration) {
        let there = self.there();
        for (path, port) in &mut self.ports {
            if !there.contains(path) && port.told != Told::Pulled {
                port.line = None;
                port.told = Told::Pulled;
                let path = path.display();
                self.notices.push(format!("{path}: {PULLED}"));
            }
        }
        // A pulled cable is remembered, to tell that it speaks again; not every cable there ever was.
        if self.ports.len() > MOST_LINES {
            self.ports.retain(|_, port| port.told != Told::Pulled);
        }
        // Where nobody asks for them, the latest are enough.
        let told = self.notices.len().saturating_sub(MOST_LINES);
        self.notices.drain(..told);
        for path in there {
            let port = self.ports.entry(path.clone()).or_insert(Port {
                line: None,
                told: Told::Nothing,
                since: now,
            });
            let heard = port.listen(&path, now);
            self.notices.extend(port.notice(&path, heard, now));
        }
    }

    fn there(&self) -> Vec<PathBuf> {
        let Ok(folder) = std::fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let named = |path: &PathBuf| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(&self.prefix))
        };
        let mut there: Vec<PathBuf> = folder
            .flatten()
            .map(|entry| entry.path())
            .filter(named)
            .collect();
        there.sort_unstable();
        there.truncate(MOST_LINES);
        there
    }

    /// Whether any cable is plugged in.
    pub(crate) fn any(&self) -> bool {
        self.ports.values().any(|port| port.told != Told::Pulled)
    }

    /// The chargers that spoke a moment ago.
    pub(crate) fn chargers(&self, now: Duration) -> Vec<Charger> {
        let fresh = self.ports.values().filter_map(|port| port.line.as_ref());
        fresh
            .filter_map(|line| line.fresh(now)?.charger())
            .collect()
    }

    /// The first battery monitor that spoke a moment ago.
    pub(crate) fn monitor(&self, now: Duration) -> Option<BatterySample> {
        let mut lines = self.ports.values().filter_map(|port| port.line.as_ref());
        lines.find_map(|line| line.fresh(now)?.monitor())
    }

    /// Whether a battery monitor speaks on one of the lines: waits for it, but not longer than `patience` and not where no cable is. For the
    /// start of a board that has no other gauge.
    pub(crate) fn await_monitor(&mut self, patience: Duration, clock: fn() -> Duration) -> bool {
        let began = clock();
        loop {
            let now = clock();
            self.listen(now);
            if self.monitor(now).is_some() {
                return true;
            }
            if !self.any() || now.saturating_sub(began) >= patience {
                return false;
            }
            self.wait();
        }
    }

    /// For the next byte of any line, a moment at the most.
    fn wait(&self) {
        let lines = self.ports.values().filter_map(|port| port.line.as_ref());
        let mut lines: Vec<PollFd<'_>> = lines
            .map(|line| PollFd::new(line.as_fd(), PollFlags::POLLIN))
            .collect();
        // Whatever it says, the lines are read next, and the patience ends.
        let _ = poll(&mut lines, MOMENT_MS);
    }

    /// What changed since, a line each, told once.
    pub(crate) fn notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }
}

impl Port {
    /// Opens the line where it is not; lets it go where it fails, to be opened anew at the next turn.
    fn listen(&mut self, path: &Path, now: Duration) -> io::Result<()> {
        let line = match &mut self.line {
            Some(line) => line,
            None => {
                let line = Line::open(path, now)?;
                self.since = now;
                self.line.insert(line)
            }
        };
        let read = line.read(now);
        if read.is_err() {
            self.line = None;
        }
        read
    }

    fn notice(&mut self, path: &Path, heard: io::Result<()>, now: Duration) -> Option<String> {
        let device = self.line.as_ref().and_then(|line| line.fresh(now));
        let (state, words) = match (
            heard,
            device.map(|device| (device.product(), device.kind())),
        ) {
            (Ok(()), Some((_, Some(Kind::Charger | Kind::Monitor)))) => {
                (Told::Speaks, "speaks again".to_owned())
            }
            (Ok(()), Some((Some(product), Some(Kind::Other)))) => (
                Told::Stranger,
                format!(
                    "VE.Direct product {product:#06x} is no solar charger and no battery monitor: it is not listened to"
                ),
            ),
            (Ok(()), _) if now.saturating_sub(self.since) > super::line::FRESH => {
                (Told::Silent, SILENT.to_owned())
            }
            (Err(error), _) => (
                Told::Shut,
                format!(
                    "the VE.Direct line does not open ({}): what the panel gives is not known",
                    chain(&error)
                ),
            ),
            (Ok(()), _) => return None,
        };
        let before = std::mem::replace(&mut self.told, state);
        let news = before != state && (before, state) != (Told::Nothing, Told::Speaks);
        news.then(|| format!("{}: {words}", path.display()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
