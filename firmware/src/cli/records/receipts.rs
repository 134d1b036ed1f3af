//! Receipts from a stick into the box.

use crate::cli::{Failure, misunderstood};
use crate::control::{Answer, Request, counted};
use crate::outgoing::ReceiptTold;
use crate::sealed::RECEIPT_ENDING;
use crate::telemetry::chain;
use serde::Serialize;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// No receipt is longer, bytes.
const LONGEST: u64 = 4096;

/// Receipts that are told by their names at most.
const MOST_NAMED: usize = 5;

/// What became of them.
#[derive(Debug, Default, Serialize)]
pub(in crate::cli) struct TakenIn {
    pub(in crate::cli) taken: u64,
    known: u64,
    of_other_boxes: u64,
    pub(in crate::cli) refused: u64,
    /// Those that were refused, the first few, by their files, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<String>,
}

impl TakenIn {
    pub(in crate::cli) fn line(&self) -> String {
        let were = if self.known == 1 { "was" } else { "were" };
        let elsewhere = match self.of_other_boxes {
            1 => "1 is for another box".to_owned(),
            more => format!("{more} are for other boxes"),
        };
        format!(
            "{} taken in, {} {were} known, {elsewhere}",
            counted(self.taken, "receipt"),
            self.known
        )
    }

    /// For who came to bring some `from` there: it is the wrong folder, or a stick that was not at the programme's.
    pub(in crate::cli) fn or_none(&self, from: &Path) -> Result<(), Failure> {
        if self.taken + self.known + self.of_other_boxes + self.refused > 0 {
            return Ok(());
        }
        Err(Failure::NotDone(format!(
            "no receipt of the programme in {}: give the folder that its desk wrote with `depot records open --to`, or a file of it that ends in .{RECEIPT_ENDING}",
            from.display()
        )))
    }

    /// One that is not believed is told, the others having been taken in.
    pub(in crate::cli) fn or_refused(&self) -> Result<(), Failure> {
        if self.refused == 0 {
            return Ok(());
        }
        let more = match self.refused.saturating_sub(self.why.len() as u64) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let were = if self.refused == 1 { "was" } else { "were" };
        Err(Failure::NotDone(format!(
            "{} of the receipts {were} not taken: {}{more}",
            self.refused,
            self.why.join("; ")
        )))
    }

    fn refuse(&mut self, file: &Path, why: &str) {
        self.refused += 1;
        if self.why.len() < MOST_NAMED {
            self.why.push(format!("{}: {why}", file.display()));
        }
    }
}

/// Takes in the receipt `from`, or every one in the folder `from`: a bad one keeps none of the others out.
pub(in crate::cli) fn take_in(
    from: &Path,
    ask: &mut dyn FnMut(&Request) -> Result<Answer, Failure>,
) -> Result<TakenIn, Failure> {
    let files = receipts_in(from).map_err(|error| unreadable(from, &error))?;
    let mut taken = TakenIn::default();
    for file in files {
        let text = match read(&file) {
            Ok(text) => text,
            Err(error) => {
                let why = format!("it cannot be read: {}; copy it anew", chain(&error));
                taken.refuse(&file, &why);
                continue;
            }
        };
        match ask(&Request::Receipt { text }) {
            Ok(Answer::Receipt(ReceiptTold::Taken)) => taken.taken += 1,
            Ok(Answer::Receipt(ReceiptTold::Known)) => taken.known += 1,
            Ok(Answer::Receipt(ReceiptTold::Another)) => taken.of_other_boxes += 1,
            Ok(_) => return Err(misunderstood()),
            Err(Failure::NotDone(why)) => taken.refuse(&file, &why),
            Err(other) => return Err(other),
        }
    }
    Ok(taken)
}

fn receipts_in(from: &Path) -> io::Result<Vec<PathBuf>> {
    if !fs::metadata(from)?.is_dir() {
        return Ok(vec![from.to_owned()]);
    }
    let mut files = Vec::new();
    // As the desk lays them: in the folder, or in `receipts` in it.
    for folder in [from.to_owned(), from.join("receipts")] {
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|ending| ending == RECEIPT_ENDING)
            {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn read(file: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(file)?.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::NotDone(format!(
        "{} cannot be read: {}; give a receipt, or a folder with some",
        path.display(),
        chain(error)
    ))
}
