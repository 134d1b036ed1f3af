//! The bytes on their way to a line that is never waited for.

use board_support::terminal::Terminal as Line;
use std::fmt::Write;
use std::io;
use std::time::Duration;

/// A line that takes nothing for so long is taken to be held back by noise.
const HELD_BACK: Duration = Duration::from_secs(5);
/// Bytes that wait at most: the largest answer is a support bundle.
const MOST_WAITING: usize = 2 << 20;

/// The bytes on their way to the line.
pub(super) struct Output {
    waiting: Vec<u8>,
    sent: usize,
    moved: Duration,
}

impl Output {
    pub(super) const fn new(now: Duration) -> Self {
        Self {
            waiting: Vec::new(),
            sent: 0,
            moved: now,
        }
    }

    pub(super) const fn is_sent(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What the line has not taken yet.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> String {
        String::from_utf8_lossy(&self.waiting[self.sent..]).into_owned()
    }

    /// More than the largest answer is dropped: nobody reads.
    pub(super) fn say(&mut self, bytes: Vec<u8>) {
        if self.waiting.len() + bytes.len() <= MOST_WAITING {
            self.waiting.extend(bytes);
        }
    }

    pub(super) fn answer(&mut self, value: &serde_json::Value) {
        self.say(format!("{}\r\n", ascii(&value.to_string())).into_bytes());
    }

    pub(super) fn send(&mut self, line: &mut Line, now: Duration) -> io::Result<()> {
        if self.is_sent() {
            self.moved = now;
            return Ok(());
        }
        let written = line.write(&self.waiting[self.sent..])?;
        self.sent += written;
        if written > 0 {
            self.moved = now;
        } else if now.saturating_sub(self.moved) >= HELD_BACK {
            line.go_on();
            self.moved = now;
        }
        if self.sent == self.waiting.len() {
            self.waiting = Vec::new();
            self.sent = 0;
        }
        Ok(())
    }
}

/// What others wrote gives the terminal no order: JSON's own escapes say it in ASCII.
#[must_use]
pub(super) fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        if letter == ' ' || letter.is_ascii_graphic() {
            text.push(letter);
        } else {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}
