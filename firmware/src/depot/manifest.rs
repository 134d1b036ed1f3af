//! The warehouse's manifest: one line of JSON for each card, in one file.
//!
//! A line says what was written to a card, so that `depot card verify` can check the card and `depot shelf` knows the box that it went into. Nothing in
//! it is secret: a box draws its own name and keys when it is first switched on.

use super::{Failure, tell};
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The format of a line that this program writes.
pub const FORMAT: u32 = 1;
/// No manifest is larger, bytes: some ten thousand cards.
const LARGEST: u64 = 64 << 20;
/// Strange lines that are told one by one; of more only the count is.
const MOST_TOLD: usize = 20;

/// One card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CardLine {
    /// [`FORMAT`].
    pub format: u32,
    /// What the supply team calls the box, such as `SB-0001`; `None`: it has no number.
    pub serial: Option<String>,
    /// The profile's name.
    pub profile: String,
    /// Whose boxes these are; `None`: a card for a trial, which believes nobody.
    pub programme: Option<String>,
    /// The day on which it was written, UTC, as in `2026-11-29`.
    pub written: String,
    /// Version of the program that wrote it.
    pub depot: String,
    /// The system.
    pub image: ImageLine,
    /// The data partition.
    pub data: DataLine,
    /// What the library holds, sorted by id.
    pub packs: Vec<PackLine>,
    /// What the battery holds when full, Wh, by the profile.
    pub battery_wh: f64,
}

/// The system on a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageLine {
    /// What the supply team calls it.
    pub version: String,
    /// SHA-256 of the image file, hexadecimal.
    pub sha256: String,
    /// What of it stands on the card.
    pub parts: Vec<Part>,
}

/// Bytes in one place of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// `partition 5`, or `partition table`.
    pub name: String,
    /// Where it begins, bytes from the card's first.
    pub at: u64,
    /// How long it is, bytes.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// The data partition of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataLine {
    /// Where it begins, bytes from the card's first.
    pub at: u64,
    /// SHA-256 of all blocks that its file system uses, in their order, with the serial number blank; hexadecimal.
    pub sha256: String,
    /// How many bytes those blocks are.
    pub bytes: u64,
    /// Where the serial number stands, bytes from the card's first.
    pub serial_at: u64,
}

/// A pack of a card's library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackLine {
    /// Its id.
    pub id: String,
    /// For people.
    pub title: String,
    /// BCP 47; empty when unknown.
    pub language: String,
    /// SHA-256 that names this version of it, hexadecimal.
    pub version: String,
    /// Bytes on the card.
    pub bytes: u64,
}

/// A manifest that cannot be used: one line.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It cannot be read or written.
    #[error("cannot {doing} the manifest {}: {source}; give a file that you may use", path.display())]
    File {
        /// `read` or `write`.
        doing: &'static str,
        /// It.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is none of ours.
    #[error("{}, line {line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
}

impl From<ManifestError> for Failure {
    fn from(error: ManifestError) -> Self {
        let line = error.to_string();
        match error {
            ManifestError::File { .. } => Self::NotDone(line),
            ManifestError::Line { .. } => Self::NotDone(format!(
                "{line}; mend that line, or give the file that `depot card write` wrote"
            )),
        }
    }
}

impl CardLine {
    /// Checks one line of a manifest.
    ///
    /// # Errors
    /// What is wrong with it, without its place.
    pub fn parse(line: &str) -> Result<Self, String> {
        let parsed: Self = serde_json::from_str(line).map_err(|error| error.to_string())?;
        match parsed.format {
            FORMAT => Ok(parsed),
            other => Err(format!(
                "it has format {other}, this program knows {FORMAT}: update depot"
            )),
        }
    }
}

/// What is said of a line that a cut tore, after its place.
pub(super) const TORN: &str =
    "a cut tore this line: its card was not called done, and is passed over";

/// What a cut left of a line: it ends in the middle, or in zeros where nothing had been written yet.
#[must_use]
pub fn is_torn(line: &str) -> bool {
    let left = line.trim_end_matches('\0');
    // As a value: one that is only skipped takes `256.` for a wrong number, not for half of one.
    serde_json::from_str::<serde_json::Value>(left).is_err_and(|error| error.is_eof())
}

/// A manifest that was read.
#[derive(Debug, Default)]
pub struct Manifest {
    /// Every card, in the order of the lines. Of two lines with one serial number the later one tells of the card.
    pub cards: Vec<CardLine>,
    /// Where each of them stands, from 1.
    places: Vec<usize>,
    /// What a cut tore: a line for people each.
    pub torn: Vec<String>,
    /// The first lines that are none of ours: they are left out.
    pub strange: Vec<ManifestError>,
    /// How many those are in all.
    left_out: usize,
    /// The last line that is not torn, from 1.
    last: usize,
}

impl Manifest {
    /// Reads and checks every line. Those that a cut tore, and strange ones among others, are left out and noted.
    ///
    /// # Errors
    /// [`ManifestError`]: it cannot be read, or has lines and none of them is ours.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let file = |source| ManifestError::File {
            doing: "read",
            path: path.to_owned(),
            source,
        };
        let found = path.metadata().map_err(file)?;
        if !found.is_file() || found.len() > LARGEST {
            return Err(file(io::Error::other("it is no file of lines")));
        }
        // A cut may have torn a letter too.
        let text = std::fs::read(path).map_err(file)?;
        let text = String::from_utf8_lossy(&text);
        let mut manifest = Self::default();
        for (place, line) in text.lines().enumerate() {
            if !line.trim().is_empty() {
                manifest.take(path, place + 1, line);
            }
        }
        match manifest.cards.is_empty() {
            true => manifest.whole(),
            false => Ok(manifest),
        }
    }

    fn take(&mut self, path: &Path, place: usize, line: &str) {
        if is_torn(line) {
            let told = format!("{}, line {place}: {TORN}", path.display());
            self.torn.push(told);
            return;
        }
        self.last = place;
        match CardLine::parse(line) {
            Ok(card) => {
                self.cards.push(card);
                self.places.push(place);
            }
            Err(problem) => {
                self.left_out += 1;
                if self.strange.len() < MOST_TOLD {
                    self.strange.push(ManifestError::Line {
                        path: path.to_owned(),
                        line: place,
                        problem,
                    });
                }
            }
        }
    }

    /// As it is, where no line of it was strange: to one that is half understood nothing is added.
    ///
    /// # Errors
    /// The first line that was.
    pub(super) fn whole(mut self) -> Result<Self, ManifestError> {
        match self.strange.is_empty() {
            true => Ok(self),
            false => Err(self.strange.swap_remove(0)),
        }
    }

    /// Tells the person at the terminal what was left out.
    pub(super) fn told(self) -> Self {
        self.torn.iter().for_each(|torn| tell::warn(torn));
        for strange in &self.strange {
            tell::warn(&format!("{strange}: it is left out"));
        }
        self
    }

    /// What is said of that at the end: some of the cards are not known.
    pub(super) fn shortfall(&self) -> Option<String> {
        match self.left_out {
            0 => None,
            1 => Some("1 line of the manifest was left out: mend it".to_owned()),
            more => Some(format!(
                "{more} lines of the manifest were left out: mend them"
            )),
        }
    }

    /// The card of the last line; `None` where that line is strange: nobody knows which card that is.
    pub(super) fn last(&self) -> Option<&CardLine> {
        self.at_line(self.last)
    }

    /// The card of a line of the file, from 1, as an editor counts them.
    #[must_use]
    pub fn at_line(&self, line: usize) -> Option<&CardLine> {
        let place = self.places.iter().position(|place| *place == line)?;
        self.cards.get(place)
    }
}

/// Adds a line, and keeps it, before the card is called done. What a cut left of a last line is ended first: only that line is lost.
///
/// # Errors
/// [`ManifestError::File`].
pub fn append(path: &Path, line: &CardLine) -> Result<(), ManifestError> {
    let add = || {
        let mut text = serde_json::to_string(line).map_err(io::Error::other)?;
        text.push('\n');
        let torn = match std::fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            bytes => bytes?.last().is_some_and(|last| *last != b'\n'),
        };
        if torn {
            text.insert(0, '\n');
        }
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        std::fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    };
    add().map_err(|source| ManifestError::File {
        doing: "write",
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
pub(crate) mod tests;
