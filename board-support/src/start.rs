//! What the start of the system found out and wrong before the box began: facts in [`FACTS`], left by the image's first program and by
//! whoever mounted the data. They are words of other programs: bounded, cleaned, read once.

use crate::BoardChoice;
use nix::fcntl::OFlag;
use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The folder of the facts. Without one (on a desk) nothing was found wrong.
pub const FACTS: &str = "/run/school-box-boot";

/// A line for each thing wrong: what, on what, what to do.
const PROBLEMS: &str = "problems";
/// There when the data folder is memory, for want of a disk.
const DATA_IN_MEMORY: &str = "data-in-memory";
/// There, on a simulated board, when its watchdog reset it.
const RESET_BY_WATCHDOG: &str = "reset-by-watchdog";
/// Why the machine booted, as its watchdog's driver tells: a number of flags (`linux/watchdog.h`).
const BOOT_STATUS: &str = "/sys/class/watchdog/watchdog0/bootstatus";
/// `WDIOF_CARDRESET`: the watchdog did it.
const CARD_RESET: u32 = 0x20;

/// Lines that are told at most: what comes first is the cause of the rest.
const MOST_LINES: usize = 16;
/// Characters of a line at most.
const LONGEST_LINE: usize = 200;
/// Bytes that are read at most: as many as such lines may have.
const MOST_BYTES: u64 = (MOST_LINES * (LONGEST_LINE + 1) * 4) as u64;

/// What the start found wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StartFacts {
    /// A line for each: at most 16 of at most 200 characters, none of which steers a terminal or the direction of a text.
    pub problems: Vec<String>,
    /// The data lies in memory: nothing in it outlives a restart. [`StartFacts::problems`] says why.
    pub data_in_memory: bool,
    /// The machine was reset by its watchdog, as far as that one tells.
    pub reset_by_watchdog: bool,
}

impl StartFacts {
    /// Of the system that this board's box runs on: `DIR/start` of a simulated board, where that is there; else [`FACTS`].
    #[must_use]
    pub fn of(board: &BoardChoice) -> Self {
        let simulated = match board {
            BoardChoice::SimDir(dir) => Some(dir.join("start")).filter(|dir| dir.is_dir()),
            BoardChoice::Auto | BoardChoice::Sim => None,
        };
        let of_this_machine = simulated.is_none() && *board == BoardChoice::Auto;
        let mut facts = Self::read(&simulated.unwrap_or_else(|| PathBuf::from(FACTS)));
        facts.reset_by_watchdog |= of_this_machine && watchdog_tells(Path::new(BOOT_STATUS));
        facts
    }

    /// The facts in this folder.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let path = folder.join(PROBLEMS);
        let mut problems = match read(&path) {
            Ok(bytes) => lines(&String::from_utf8_lossy(&bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => vec![format!(
                "{} cannot be read: {error}; what the start of the system found wrong is not known",
                path.display()
            )],
        };
        let data_in_memory = folder.join(DATA_IN_MEMORY).exists();
        if data_in_memory && problems.is_empty() {
            problems.push(
                "the data lies in memory: the box keeps nothing; look at the card".to_owned(),
            );
        }
        Self {
            problems,
            data_in_memory,
            reset_by_watchdog: folder.join(RESET_BY_WATCHDOG).exists(),
        }
    }
}

fn watchdog_tells(path: &Path) -> bool {
    let told = read(path)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let flags = told.and_then(|text| text.trim().parse::<u32>().ok());
    flags.is_some_and(|flags| flags & CARD_RESET != 0)
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlag::O_NONBLOCK.bits())
        .open(path)?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn lines(text: &str) -> Vec<String> {
    let clean = |line: &str| -> String {
        let shown = line.chars().filter(|c| !steers(*c)).take(LONGEST_LINE);
        shown.collect::<String>().trim().to_owned()
    };
    text.lines()
        .map(clean)
        .filter(|line| !line.is_empty())
        .take(MOST_LINES)
        .collect()
}

/// Control characters, and those that turn the direction of what follows them.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and writes its own files"
)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MISSING: &str = "the data partition is missing: the box keeps nothing; use a card of 4 GB or more and write it anew";

    fn found(problems: impl AsRef<[u8]>, in_memory: bool) -> StartFacts {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(PROBLEMS), problems).unwrap();
        if in_memory {
            std::fs::write(dir.path().join(DATA_IN_MEMORY), "").unwrap();
        }
        StartFacts::read(dir.path())
    }

    #[test]
    fn a_line_for_each_problem_and_none_on_a_desk() {
        let text = format!("{MISSING}\n\n  slot A is damaged\r\n");
        let facts = found(text, true);
        assert_eq!(facts.problems, [MISSING, "slot A is damaged"]);
        assert!(facts.data_in_memory);
        assert_eq!(found("", false), StartFacts::default());
        assert_eq!(
            StartFacts::read(Path::new("/nonexistent/facts")),
            StartFacts::default()
        );
    }

    #[test]
    fn memory_is_never_passed_over_in_silence() {
        assert_eq!(found("", true).problems.len(), 1);
    }

    #[test]
    fn what_is_no_text_is_bounded_and_cannot_steer_a_terminal() {
        let facts = found("\u{1b}[2Jdark\u{7}\u{202e}ness\0", false);
        assert_eq!(facts.problems, ["[2Jdarkness"]);
        let long = found("é".repeat(5000), false);
        assert_eq!(long.problems, ["é".repeat(LONGEST_LINE)]);
        let many = found("x\n".repeat(5000), false);
        assert_eq!(many.problems.len(), MOST_LINES);
        assert_eq!(found([0xff, 0xfe, b'\n'], false).problems.len(), 1);
    }

    #[test]
    fn a_folder_in_the_place_of_the_file_is_told() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(PROBLEMS)).unwrap();
        let facts = StartFacts::read(dir.path());
        assert!(facts.problems[0].contains("cannot be read"), "{facts:?}");
    }

    #[test]
    fn a_simulated_board_has_its_own_start() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("start")).unwrap();
        std::fs::write(dir.path().join("start/problems"), MISSING).unwrap();
        let board = BoardChoice::SimDir(dir.path().to_owned());
        assert_eq!(StartFacts::of(&board).problems, [MISSING]);
        std::fs::remove_dir_all(dir.path().join("start")).unwrap();
        let of_the_machine = StartFacts::read(Path::new(FACTS));
        assert_eq!(StartFacts::of(&board), of_the_machine);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_a_few_short_lines(text: String) {
            let lines = lines(&text);
            prop_assert!(lines.len() <= MOST_LINES);
            for line in lines {
                prop_assert!(!line.is_empty() && line.chars().count() <= LONGEST_LINE);
                prop_assert!(!line.chars().any(steers));
            }
        }
    }
}
