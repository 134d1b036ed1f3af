//! The starts of the box's program since the system started, for who asks why it does not run: `DATA/lives.json`.
//!
//! It says something of this start of the system alone, so it is written aside and renamed, and never synced: a power cut that loses it
//! loses nothing, and a program that starts again and again costs the card no flush.

use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// The file in the data folder.
pub const FILE: &str = "lives.json";
/// The kernel's name of this start of the system.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";
/// No such file is longer, bytes.
const LONGEST: u64 = 4096;
/// Letters of a reason that are kept.
const LONGEST_REASON: usize = 300;

/// The starts since the system started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lives {
    /// Which start of the system.
    pub boot: String,
    /// How often the program started since.
    pub starts: u32,
    /// When it did so last, seconds since the system started.
    pub started_s: u64,
    /// Its process then.
    pub pid: u32,
    /// How it ended; `None` while it runs, and when it died without a word.
    pub ended: Option<End>,
}

/// An end of the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When, seconds since the system started.
    pub at_s: u64,
    /// Why, a line.
    pub why: String,
}

impl Lives {
    /// What is known of this start of the system; `None` before the program's first start in it.
    #[must_use]
    pub fn of_this_boot(data: &Path) -> Option<Self> {
        let boot = boot_id();
        read(data).filter(|lives| lives.boot == boot)
    }

    /// The program has just started.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(data: &Path, now: Duration) -> io::Result<()> {
        let before = Self::of_this_boot(data).map_or(0, |lives| lives.starts);
        let lives = Self {
            boot: boot_id(),
            starts: before.saturating_add(1),
            started_s: now.as_secs(),
            pid: std::process::id(),
            ended: None,
        };
        lives.write(data)
    }

    /// The program ends, if it is the one that began last.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end(data: &Path, why: &str, now: Duration) -> io::Result<()> {
        let Some(lives) = Self::of_this_boot(data).filter(|it| it.pid == std::process::id()) else {
            return Ok(());
        };
        let ended = Some(End {
            at_s: now.as_secs(),
            why: why.chars().take(LONGEST_REASON).collect(),
        });
        Self { ended, ..lives }.write(data)
    }

    fn write(&self, data: &Path) -> io::Result<()> {
        let part = data.join(format!("{FILE}.part"));
        fs::write(&part, serde_json::to_vec(self)?)?;
        fs::rename(&part, data.join(FILE))
    }

    /// How long the program does not run and why, a line; `alive`: its process is still there.
    #[must_use]
    pub fn told(lives: Option<&Self>, alive: bool, now: Duration) -> String {
        let Some(lives) = lives else {
            return "it has not run since the system started".to_owned();
        };
        let since = |at: u64| ago(now.as_secs().saturating_sub(at));
        let again = match lives.starts.saturating_sub(1) {
            0 => String::new(),
            1 => ", restarted once".to_owned(),
            times => format!(", restarted {times} times"),
        };
        match &lives.ended {
            Some(end) => format!("since {}{again}: {}", since(end.at_s), end.why),
            None if alive => format!("it started {} ago{again}", since(lives.started_s)),
            None => format!(
                "it started {} ago and died without a word{again}",
                since(lives.started_s)
            ),
        }
    }
}

fn ago(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        _ => crate::diagnostics::page::duration(seconds / 60),
    }
}

fn boot_id() -> String {
    fs::read_to_string(BOOT_ID).map_or_else(|_| String::new(), |id| id.trim().to_owned())
}

/// What is no such file says nothing.
fn read(data: &Path) -> Option<Lives> {
    let mut text = String::new();
    let file = File::open(data.join(FILE)).ok()?;
    file.take(LONGEST).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    const fn s(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    #[test]
    fn starts_are_counted_and_an_end_says_why() {
        let data = tempfile::tempdir().unwrap();
        let told = |alive, now| Lives::told(Lives::of_this_boot(data.path()).as_ref(), alive, now);
        assert_eq!(told(false, s(9)), "it has not run since the system started");
        Lives::begin(data.path(), s(10)).unwrap();
        assert_eq!(told(true, s(13)), "it started 3 s ago");
        Lives::end(data.path(), "it was stopped", s(20)).unwrap();
        assert_eq!(told(false, s(25)), "since 5 s: it was stopped");
        for at in [30, 40] {
            Lives::begin(data.path(), s(at)).unwrap();
        }
        assert_eq!(
            told(false, s(300)),
            "it started 4 min ago and died without a word, restarted 2 times"
        );
    }

    #[test]
    fn another_start_of_the_system_another_program_and_noise_say_nothing() {
        let data = tempfile::tempdir().unwrap();
        let old = Lives {
            boot: "another".to_owned(),
            starts: 7,
            ..Lives::default()
        };
        old.write(data.path()).unwrap();
        assert_eq!(Lives::of_this_boot(data.path()), None);
        Lives::begin(data.path(), s(1)).unwrap();
        let mine = Lives::of_this_boot(data.path()).unwrap();
        assert_eq!(mine.starts, 1);
        let other = Lives {
            pid: u32::MAX,
            ..mine
        };
        other.write(data.path()).unwrap();
        Lives::end(data.path(), "not mine", s(2)).unwrap();
        assert_eq!(Lives::of_this_boot(data.path()).unwrap().ended, None);
        for noise in [&b"{"[..], b"", &[0xff; 100_000]] {
            fs::write(data.path().join(FILE), noise).unwrap();
            assert_eq!(Lives::of_this_boot(data.path()), None);
        }
    }
}
