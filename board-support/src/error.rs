//! What can go wrong with a part, the gauge and the boot choice aside.

use crate::bus::ChipError;
use crate::radio::nl80211::KernelError;
use crate::radio::reset::ResetError;
use std::path::PathBuf;

/// A part failed, or was asked for in a way that means nothing.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// `--board` got something else than a board.
    #[error("`{asked}` is no board: auto, sim or sim:DIR is meant")]
    UnknownBoard {
        /// What was asked for, shortened.
        asked: String,
    },
    /// A file or device cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// It.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file or device cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// It.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// An input of the board holds something that cannot be meant.
    #[error("{} holds `{text}`: {expected} is meant", path.display())]
    BadInput {
        /// The file.
        path: PathBuf,
        /// What it holds, shortened.
        text: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// A chip of the board did not do what was asked.
    #[error(transparent)]
    Chip(#[from] ChipError),
    /// A clock runs, but not since anybody set it.
    #[error("{clock} has lost the time: its cell is empty or missing; change it and set the clock")]
    TimeLost {
        /// Which.
        clock: String,
    },
    /// A line of the board cannot be driven.
    #[error("cannot use GPIO {line} ({purpose})")]
    Line {
        /// BCM number.
        line: u8,
        /// What hangs on it.
        purpose: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A daemon of the radio cannot be started.
    #[error("cannot start {name}; check the image")]
    Start {
        /// Which.
        name: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// A daemon of the radio does not do what was asked.
    #[error("{name} on {on}: {words}")]
    Daemon {
        /// Which.
        name: &'static str,
        /// The interface.
        on: String,
        /// What was asked, and what it says.
        words: String,
    },
    /// The air was planned in a way that means nothing.
    #[error("the air cannot be made with {what} `{asked}`: {expected} is meant")]
    BadPlan {
        /// Of what.
        what: &'static str,
        /// What was asked for, shortened.
        asked: String,
        /// What may be asked for.
        expected: &'static str,
    },
    /// The kernel did not do with radio or network what it was asked for.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// A radio's device was not reset.
    #[error(transparent)]
    Reset(#[from] ResetError),
    /// Several things failed at once.
    #[error("{}", joined(.0))]
    Several(Vec<BoardError>),
}

/// All outcomes as one: every one is awaited, whichever fail.
pub(crate) fn all(
    outcomes: impl IntoIterator<Item = Result<(), BoardError>>,
) -> Result<(), BoardError> {
    let mut errors: Vec<BoardError> = outcomes.into_iter().filter_map(Result::err).collect();
    match errors.pop() {
        None => Ok(()),
        Some(only) if errors.is_empty() => Err(only),
        Some(last) => {
            errors.push(last);
            Err(BoardError::Several(errors))
        }
    }
}

fn joined(errors: &[BoardError]) -> String {
    let lines: Vec<String> = errors.iter().map(|error| chain(error)).collect();
    lines.join("; ")
}

/// What failed, and why, down to the first cause, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}

/// At most 40 characters of what somebody wrote, on one line, for an error.
pub(crate) fn shortened(text: &str) -> String {
    let mut short: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(40)
        .collect();
    if text.chars().nth(40).is_some() {
        short.push_str("...");
    }
    short
}
