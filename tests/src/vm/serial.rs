//! The log of the serial line.

use crate::console::Terminal;
use std::fs;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use tempfile::TempDir;

/// The keyboard at a serial line.
#[derive(Debug)]
pub(super) struct Keys {
    folder: TempDir,
    line: Option<UnixStream>,
}

impl Keys {
    pub(super) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            line: None,
        }
    }

    /// Where QEMU listens.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("line")
    }

    /// Types, and reads what is said meanwhile: the log has it too, and a line that is not read stands still.
    pub(super) fn press(&mut self, bytes: &[u8]) {
        let path = self.path();
        let line = self.line.get_or_insert_with(|| {
            let line = UnixStream::connect(path).expect("QEMU listens");
            let mut said = line.try_clone().expect("the line");
            std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
            line
        });
        line.write_all(bytes).expect("the line takes it");
    }
}

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

    /// What a terminal of 80x24 shows that was there from the start.
    #[must_use]
    pub fn screen(&self) -> String {
        let mut terminal = Terminal::new(80, 24);
        terminal.show(&fs::read(&self.file).unwrap_or_default());
        terminal.screen()
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
