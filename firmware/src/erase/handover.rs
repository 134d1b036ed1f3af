//! The box goes to another school: everyone is forgotten once their records are known to have arrived, and the box gets another network
//! and another number. The lessons, the settings and what the box has learned of its battery stay.
//!
//! | step | a cut after it leaves |
//! |---|---|
//! | 1 word is left in `DATA/handover` | the box as it was: the word is taken back at the next start |
//! | 2 **the key of the records is destroyed** | nobody is known, and the next start goes on at 3 |
//! | 3 the records, the leases, the network's identity and the box's number are removed, the word last | the same |
//!
//! What was asked before (does every statement have its receipt?) is asked again by the records' writer in the moment of step 2.

use super::{Erased, since};
use crate::clock::Clock;
use crate::stores::Stores;
use crate::telemetry::chain;
use board_support::key_store::FileKeys;
use content_store::disk;
use content_store::records::{KeyFound, KeyStore as _, RecordsError};
use std::fs;
use std::path::{Path, PathBuf};

/// What a person types for it, on whatever way they ask.
pub const WORDS: &str = "hand over";
/// And to give up what is not known to have arrived.
pub const WORDS_WITHOUT_RECEIPTS: &str = "hand over without receipts";

const WORD: &str = "handover";
/// What makes the box this one box, for others.
const IDENTITY: [&str; 6] = [
    "air/identity",
    "air/identity.copy",
    "air/identity.refused",
    "air/identity.copy.refused",
    "air/secret",
    "updates/box-id",
];

/// What goes with everyone, the word last.
fn identity(data: &Path) -> Vec<PathBuf> {
    let names = IDENTITY.into_iter().chain([WORD]);
    names.map(|name| data.join(name)).collect()
}

/// What the opening of the records has to clear away besides; takes the word back where its step 2 was not reached.
pub(crate) fn left_by_a_cut(data: &Path, keys: &FileKeys) -> Vec<PathBuf> {
    let word = data.join(WORD);
    if !word.exists() {
        return Vec::new();
    }
    // A key that cannot be looked at is the opening's trouble.
    if matches!(keys.find(), Ok(KeyFound::Destroyed)) {
        return identity(data);
    }
    match fs::remove_file(&word) {
        Ok(()) => tracing::warn!("handover.not_made"),
        Err(error) => tracing::error!(error = chain(&error), "handover.word_stays"),
    }
    Vec::new()
}

/// Hands the box over; blocks for some synced blocks' time.
///
/// # Errors
/// One line for the person; while records wait for their receipts, nothing was done.
pub fn hand_over(stores: &Stores, without_receipts: bool) -> Result<Erased, String> {
    if !without_receipts && let Some(aside) = stores.records().quarantined() {
        return Err(format!(
            "nothing was done: records that were damaged lie in {}, and nobody has carried them out; let a technician take that file, and hand over then; \
             in an emergency --without-receipts gives them up",
            aside.display()
        ));
    }
    let (clock, word) = (Clock::of_the_desk(), stores.data().join(WORD));
    let began = clock.since_boot();
    let statements = stores.records().count().map_err(|error| chain(&error))?;
    let unwritten = |error| {
        format!(
            "nothing was done: {} cannot be written: {}; see to the data disk",
            word.display(),
            chain(&error)
        )
    };
    disk::write_aside(&word, b"begun\n").map_err(unwritten)?;
    let forgotten = stores.records().forget_once_received(
        clock.wall(),
        !without_receipts,
        identity(stores.data()),
    );
    if let Err(error) = forgotten {
        if stores.records().fatal().is_none() {
            let _ = fs::remove_file(&word);
        }
        return Err(told(&error));
    }
    stores.begin_anew();
    Ok(Erased {
        statements,
        took_ms: since(&clock, began),
    })
}

fn told(error: &RecordsError) -> String {
    if let RecordsError::NotReceived { statements } = error {
        return format!(
            "nothing was done: {statements} statements are not known to have arrived at the programme; carry them there on a stick with a folder \
             `school-box-records` or with `school-box records export`, take its receipts in from the stick or with `school-box records receipts`, and hand over then; \
             in an emergency --without-receipts, or the words \"{WORDS_WITHOUT_RECEIPTS}\", gives them up"
        );
    }
    format!(
        "{}; start the box again, and look with `school-box status`",
        chain(error)
    )
}
