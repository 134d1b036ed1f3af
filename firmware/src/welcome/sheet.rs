//! The sheet as a value: every mark at its place. Pure.
//!
//! It is laid out on A4, in millimetres from the upper left corner (`layout.rs`); a smaller paper has the same, smaller.

use super::code::TooLong;
use super::drawing::Fill;
use super::face::Faces;
use super::facts::Facts;
use super::layout;
use super::path::Path;
use super::words::Words;

/// A4, mm: what the sheet is laid out on.
pub(crate) const A4: (f64, f64) = (210.0, 297.0);

/// What it is printed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Paper {
    /// 210 × 297 mm.
    A4,
    /// 148 × 210 mm.
    A5,
}

impl Paper {
    /// Width and height, mm.
    #[must_use]
    pub fn size(self) -> (f64, f64) {
        match self {
            Self::A4 => A4,
            Self::A5 => (148.0, 210.0),
        }
    }
}

/// Where a line of text is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// At its left end.
    Left,
    /// In its middle.
    Middle,
    /// At its right end.
    Right,
}

/// A line of text.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What it says.
    pub text: String,
    /// BCP 47 tag of its language; empty: of none.
    pub tag: String,
    /// It runs from right to left.
    pub rtl: bool,
    /// Where it is held, on its baseline.
    pub at: (f64, f64),
    /// By which part.
    pub held: Held,
    /// Size of the type, mm.
    pub size: f64,
}

/// A mark on the paper; lengths in mm.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// A line of the pen, of this width (0: none), and what is within it.
    Stroke(Path, f64, Fill),
    /// Text.
    Text(Line),
}

/// Where a QR code stands, mm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Square {
    /// Its upper left corner, without the white around.
    pub at: (f64, f64),
    /// Its side.
    pub side: f64,
    /// The white around.
    pub quiet: f64,
}

/// A sheet, ready to be printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Width and height, mm.
    pub size: (f64, f64),
    /// The greetings, for who cannot see the sheet.
    pub title: String,
    /// Language of the first words.
    pub tag: String,
    /// Its marks, those behind first.
    pub marks: Vec<Mark>,
    /// Its QR codes: the network's, the page's.
    pub codes: Vec<Square>,
}

/// Why there is no sheet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// A text is too long for a QR code.
    #[error(transparent)]
    Code(#[from] TooLong),
    /// The languages have no room.
    #[error("the words of {0} languages have no room on one sheet; choose some with --lang")]
    Crowded(usize),
    /// No language was asked for.
    #[error("a sheet needs a language; name one with --lang")]
    Wordless,
}

impl Sheet {
    /// The sheet of a box. `faces` measure the words.
    ///
    /// # Errors
    /// [`SheetError`].
    pub fn of(
        facts: &Facts,
        words: &[Words],
        faces: &Faces,
        paper: Paper,
    ) -> Result<Self, SheetError> {
        let first = words.first().ok_or(SheetError::Wordless)?;
        let (marks, codes) = layout::of(facts, words, faces)?;
        let greetings: Vec<&str> = words.iter().map(|words| words.hello.as_str()).collect();
        let sheet = Self {
            size: A4,
            title: greetings.join(" · "),
            tag: first.tag.clone(),
            marks,
            codes,
        };
        Ok(sheet.on(paper))
    }

    /// The same on another paper: what is laid out on A4, smaller.
    pub(crate) fn on(self, paper: Paper) -> Self {
        let size = paper.size();
        let scale = (size.0 / A4.0).min(size.1 / A4.1);
        let origin = ((size.0 - A4.0 * scale) / 2.0, (size.1 - A4.1 * scale) / 2.0);
        let place = |at: (f64, f64)| (origin.0 + at.0 * scale, origin.1 + at.1 * scale);
        let marks = self.marks.into_iter().map(|mark| match mark {
            Mark::Stroke(path, pen, fill) => {
                Mark::Stroke(path.placed(origin.0, origin.1, scale), pen * scale, fill)
            }
            Mark::Text(line) => Mark::Text(Line {
                at: place(line.at),
                size: line.size * scale,
                ..line
            }),
        });
        let codes = self.codes.into_iter().map(|code| Square {
            at: place(code.at),
            side: code.side * scale,
            quiet: code.quiet * scale,
        });
        Self {
            size,
            marks: marks.collect(),
            codes: codes.collect(),
            ..self
        }
    }
}
