//! The log of the serial line.

use std::fs;
use std::path::PathBuf;

/// A place in the log: what stood before it is past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Mark(usize);

/// What a machine has said on its serial line so far. The file stays after the test: it is what a person reads when it failed.
#[derive(Debug)]
pub struct Serial {
    file: PathBuf,
}

impl Serial {
    pub(super) const fn in_file(file: PathBuf) -> Self {
        Self { file }
    }

    /// All of it.
    #[must_use]
    pub fn text(&self) -> String {
        let bytes = fs::read(&self.file).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Its end now.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark(self.text().len())
    }

    /// What was said after `mark`.
    #[must_use]
    pub fn since(&self, mark: Mark) -> String {
        self.text().get(mark.0..).unwrap_or_default().to_owned()
    }

    /// The place behind the first `words` after `mark`.
    #[must_use]
    pub fn find(&self, mark: Mark, words: &str) -> Option<Mark> {
        let text = self.text();
        let at = text.get(mark.0..)?.find(words)?;
        Some(Mark(mark.0 + at + words.len()))
    }

    /// How often `words` were said.
    #[must_use]
    pub fn count(&self, words: &str) -> usize {
        self.text().matches(words).count()
    }

    /// The last lines, for a failure's message.
    #[must_use]
    pub fn tail(&self) -> String {
        let text = self.text();
        let lines: Vec<&str> = text.lines().collect();
        let last = lines[lines.len().saturating_sub(25)..].join("\n  ");
        format!("{}:\n  {last}", self.file.display())
    }
}
