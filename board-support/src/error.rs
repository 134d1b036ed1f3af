//! What can go wrong with a part, the gauge and the boot choice aside.

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
