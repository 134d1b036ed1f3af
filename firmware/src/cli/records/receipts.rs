//! Receipts from a stick into the box.

use crate::cli::{Failure, misunderstood};
use crate::control::{Answer, Request};
use crate::outgoing::ReceiptTold;
use crate::sealed::RECEIPT_ENDING;
use crate::telemetry::chain;
use serde::Serialize;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// No receipt is longer, bytes.
const LONGEST: u64 = 4096;

/// What became of them.
#[derive(Debug, Default, Serialize)]
pub(in crate::cli) struct TakenIn {
    taken: u64,
    known: u64,
    of_other_boxes: u64,
    refused: u64,
    /// The first that was refused, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl TakenIn {
    pub(in crate::cli) fn line(&self) -> String {
        format!(
            "{} receipts taken in, {} were known, {} are for other boxes",
            self.taken, self.known, self.of_other_boxes
        )
    }

    /// One that is not believed is told, the others having been taken in.
    pub(in crate::cli) fn or_refused(&self) -> Result<(), Failure> {
        match &self.why {
            None => Ok(()),
            Some(why) => Err(Failure::NotDone(format!(
                "{} of the receipts were not taken: {why}",
                self.refused
            ))),
        }
    }
}

/// Takes in the receipt `from`, or every one in the folder `from`.
pub(in crate::cli) fn take_in(
    from: &Path,
    ask: &mut dyn FnMut(&Request) -> Result<Answer, Failure>,
) -> Result<TakenIn, Failure> {
    let files = receipts_in(from).map_err(|error| unreadable(from, &error))?;
    let mut taken = TakenIn::default();
    for file in files {
        let text = read(&file).map_err(|error| unreadable(&file, &error))?;
        match ask(&Request::Receipt { text }) {
            Ok(Answer::Receipt(ReceiptTold::Taken)) => taken.taken += 1,
            Ok(Answer::Receipt(ReceiptTold::Known)) => taken.known += 1,
            Ok(Answer::Receipt(ReceiptTold::Another)) => taken.of_other_boxes += 1,
            Ok(_) => return Err(misunderstood()),
            Err(Failure::NotDone(why)) => {
                taken.refused += 1;
                taken
                    .why
                    .get_or_insert_with(|| format!("{}: {why}", file.display()));
            }
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
