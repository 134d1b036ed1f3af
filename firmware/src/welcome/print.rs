//! How a sheet is printed, as every verb that prints asks for it: in which form, where it goes, and the lines of what cannot be.

use super::{Faces, Sheet, pdf, svg};
use clap::{ArgGroup, Args};
use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;

/// Why nothing was printed; each is one line.
#[derive(Debug)]
pub enum Refused {
    /// It could not be done.
    NotDone(String),
    /// It was asked for wrongly.
    Usage(String),
}

/// In which form, and where it goes.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("form").required(true))]
pub struct Form {
    /// As a picture, whose letters are those of whoever prints it
    #[arg(long, group = "form")]
    svg: bool,
    /// As a file for any printer
    #[arg(long, group = "form")]
    pdf: bool,
    /// Where to write it [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Form {
    /// Whether it is a PDF, which brings its letters along; else a picture, which has one page.
    #[must_use]
    pub const fn is_pdf(&self) -> bool {
        self.pdf
    }

    /// Asked before anything is made.
    ///
    /// # Errors
    /// [`Refused::Usage`]: a PDF would go to a terminal.
    pub fn checked(&self) -> Result<(), Refused> {
        match self.pdf && self.out.is_none() && io::stdout().is_terminal() {
            true => Err(Refused::Usage(
                "a PDF is nothing for a terminal; name a file with --out".to_owned(),
            )),
            false => Ok(()),
        }
    }

    /// Writes the sheets, a page each.
    ///
    /// # Errors
    /// [`Refused`]: what could not be made or written where, and what to do; pages that no picture has room for.
    pub fn print(&self, sheets: &[Sheet], faces: &Faces) -> Result<(), Refused> {
        let bytes = match (sheets, self.pdf) {
            (sheets, true) => {
                pdf::sheets(sheets, faces).map_err(|error| Refused::NotDone(error.to_string()))?
            }
            ([sheet], false) => svg::sheet(sheet).into_bytes(),
            (sheets, false) => {
                return Err(Refused::Usage(format!(
                    "a picture has one page, and here are {}; choose one, or take --pdf",
                    sheets.len()
                )));
            }
        };
        self.write(&bytes).map_err(Refused::NotDone)
    }

    fn write(&self, bytes: &[u8]) -> Result<(), String> {
        let unwritten = |place: &str, error: &io::Error| {
            format!(
                "the sheet cannot be written to {place}: {error}; give a file in a folder that you may write with --out"
            )
        };
        let Some(path) = &self.out else {
            let mut stdout = io::stdout().lock();
            return (stdout.write_all(bytes).and_then(|()| stdout.flush()))
                .map_err(|error| unwritten("standard output", &error));
        };
        let place = path.display().to_string();
        File::create(path)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
            .map_err(|error| unwritten(&place, &error))
    }
}

/// The line of a language that the box has not.
#[must_use]
pub fn unspoken(tag: &str, spoken: &[&str]) -> Refused {
    let tag: String = tag.chars().take(40).collect();
    Refused::Usage(format!(
        "--lang {tag}: the box does not speak it; it speaks {}",
        spoken.join(", ")
    ))
}

/// What to do about a letter that no typeface has.
pub const GIVE_ONE: &str =
    "name a TrueType file that has it with --font, such as one of Debian's fonts-noto-core";

/// The line of a language with such a letter.
#[must_use]
pub fn lacking(letter: char, tag: &str) -> String {
    format!("no typeface here has the letter {letter} of the language {tag}; {GIVE_ONE}")
}
