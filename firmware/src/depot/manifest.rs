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
    #[error("{}, line {line}: {problem}; give the file that `depot card write --manifest` wrote", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
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
}

impl Manifest {
    /// Reads and checks every line, but for those that a cut tore.
    ///
    /// # Errors
    /// [`ManifestError`].
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
            let place = place + 1;
            if line.trim().is_empty() {
                continue;
            }
            if is_torn(line) {
                let told = format!("{}, line {place}: {TORN}", path.display());
                manifest.torn.push(told);
                continue;
            }
            let card = CardLine::parse(line).map_err(|problem| ManifestError::Line {
                path: path.to_owned(),
                line: place,
                problem,
            })?;
            manifest.cards.push(card);
            manifest.places.push(place);
        }
        Ok(manifest)
    }

    /// As [`Self::read`]; what a cut tore is told to the person at the terminal.
    pub(super) fn told(path: &Path) -> Result<Self, Failure> {
        let manifest = Self::read(path).map_err(|error| Failure::NotDone(error.to_string()))?;
        manifest.torn.iter().for_each(|torn| tell::warn(torn));
        Ok(manifest)
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
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn line(serial: &str) -> CardLine {
        CardLine {
            format: FORMAT,
            serial: Some(serial.to_owned()),
            profile: "philippines".to_owned(),
            programme: Some("Learning in Siargao".to_owned()),
            written: "2026-11-29".to_owned(),
            depot: "0.1.0".to_owned(),
            image: ImageLine {
                version: "2026.11".to_owned(),
                sha256: "00".repeat(32),
                parts: Vec::new(),
            },
            data: DataLine {
                at: 1 << 20,
                sha256: "11".repeat(32),
                bytes: 4096,
                serial_at: (1 << 20) + 4096,
            },
            packs: Vec::new(),
            battery_wh: 256.0,
        }
    }

    /// Serial numbers of a manifest with this content, and how many lines were torn.
    fn read(path: &Path) -> (Vec<String>, usize) {
        let manifest = Manifest::read(path).unwrap();
        let serials = manifest.cards.into_iter().filter_map(|card| card.serial);
        (serials.collect(), manifest.torn.len())
    }

    fn refused(path: &Path) -> String {
        Manifest::read(path).unwrap_err().to_string()
    }

    #[test]
    fn lines_are_added_and_read_and_a_strange_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cards.jsonl");
        assert!(refused(&path).contains("cards.jsonl"));
        append(&path, &line("SB-1")).unwrap();
        append(&path, &line("SB-2")).unwrap();
        let manifest = Manifest::read(&path).unwrap();
        assert_eq!(manifest.cards, [line("SB-1"), line("SB-2")]);
        std::fs::write(&path, "\n{\"format\":1}\n").unwrap();
        let strange = refused(&path);
        assert!(
            strange.contains("line 2: missing field `profile`"),
            "{strange}"
        );
        let newer = CardLine {
            format: 2,
            ..line("SB-4")
        };
        let text = serde_json::to_string(&newer).unwrap();
        assert!(CardLine::parse(&text).unwrap_err().contains("format 2"));
    }

    #[test]
    fn a_cut_at_any_byte_of_a_line_loses_that_line_alone_and_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cards.jsonl");
        let accented = CardLine {
            programme: Some("Leçons d’été".to_owned()),
            ..line("SB-2")
        };
        append(&path, &line("SB-1")).unwrap();
        let whole = std::fs::read(&path).unwrap().len();
        append(&path, &accented).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        for cut in whole + 1..bytes.len() - 1 {
            for zeros in [0, 7] {
                let mut left = bytes[..cut].to_vec();
                left.resize(cut + zeros, 0);
                std::fs::write(&path, &left).unwrap();
                assert_eq!(read(&path), (vec!["SB-1".to_owned()], 1), "{cut}");
                // The next line begins anew: the torn one is in the middle from now on.
                append(&path, &line("SB-3")).unwrap();
                assert_eq!(
                    read(&path),
                    (vec!["SB-1".to_owned(), "SB-3".to_owned()], 1),
                    "{cut}"
                );
                let manifest = Manifest::read(&path).unwrap();
                assert!(manifest.torn[0].contains("cards.jsonl, line 2: a cut tore"));
                // As an editor counts the lines.
                let third = manifest.at_line(3).unwrap();
                assert_eq!(third.serial.as_deref(), Some("SB-3"));
                assert_eq!(manifest.at_line(2), None);
            }
        }
        // Only the line's end is missing: the line counts.
        std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        append(&path, &line("SB-3")).unwrap();
        assert_eq!(read(&path).0.len(), 3);
        // Control: a line that is no card and was not torn is refused, wherever it stands.
        std::fs::write(&path, [&bytes[..], b"[1, 2]\n"].concat()).unwrap();
        assert!(refused(&path).contains("line 3"));
    }
}
