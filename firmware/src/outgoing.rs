//! Records on their way out of this box, as bundles sealed to the programme, and its receipts on their way in.
//!
//! The box seals a bundle into a file of its own in `DATA/out` (nothing there is open to read), the verb carries it to where it was told and says
//! when it is done with it: the box writes nowhere but in its data, the verb nothing in them.

mod folder;
mod stick;

pub(crate) use folder::clear;
pub use folder::let_go;
pub use stick::{StickOut, StickTold};

use crate::clock::Clock;
use crate::config::Programme;
use crate::hex::hex;
use crate::sealed::bundle::{Contents, Head, Sealer, length};
use crate::sealed::key::ProgrammeKey;
use crate::sealed::receipt::Receipt;
use crate::sealed::{BUNDLE_ENDING, file_name};
use crate::stores::Stores;
use crate::telemetry::chain;
use content_store::records::{Bundle, RecordsError, RecordsReport};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

/// In the data folder.
pub const FOLDER: &str = "out";

const NO_KEY: &str = "no programme's key is in the configuration, so nothing can be sealed: the programme makes one with `depot records keygen`; \
                      put its public line into config.toml as programme_key, in [records]";

/// What there is to carry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outgoing {
    /// The store's random name.
    pub store: String,
    /// For whom: [`ProgrammeKey::id`].
    pub programme: String,
    /// Whose private half anyone can have.
    pub demo: bool,
    /// Every bundle, the oldest first.
    pub bundles: Vec<OutgoingBundle>,
}

/// One bundle.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutgoingBundle {
    /// As a file.
    pub file: String,
    /// From 1.
    pub number: u64,
    /// In it.
    pub statements: u64,
    /// Of the file.
    pub bytes: u64,
    /// A receipt was believed.
    pub received: bool,
}

/// What became of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptTold {
    /// Its bundle is received now.
    Taken,
    /// It was before.
    Known,
    /// Another box's, or of a store that was forgotten.
    Another,
}

fn key(stores: &Stores) -> Result<&ProgrammeKey, String> {
    stores.programme().key().ok_or_else(|| NO_KEY.to_owned())
}

fn bundles(stores: &Stores) -> Result<Vec<Bundle>, String> {
    let now = Clock::of_the_desk().wall();
    let bundles = stores.records().bundles(now);
    bundles.map_err(|error| chain(&error))
}

/// Cuts what is new into bundles, and tells of all.
///
/// # Errors
/// One line for the person.
pub fn list(stores: &Stores) -> Result<Outgoing, String> {
    let key = key(stores)?;
    let store = stores.records().store_id().to_string();
    let mut told = Vec::new();
    let mut previous = None;
    for bundle in bundles(stores)? {
        let contents = contents(&bundle, previous);
        let head = Head::new(store.clone(), bundle.number, key);
        let bytes = length(&head, &contents, bundle.bytes).map_err(|error| chain(&error))?;
        told.push(OutgoingBundle {
            file: file_name(&store, bundle.number, BUNDLE_ENDING),
            number: bundle.number,
            statements: bundle.statements,
            bytes,
            received: bundle.received,
        });
        previous = Some(contents.digest);
    }
    Ok(Outgoing {
        programme: key.id(),
        demo: matches!(stores.programme(), Programme::Demo(_)),
        bundles: told,
        store,
    })
}

fn contents(bundle: &Bundle, previous: Option<String>) -> Contents {
    Contents {
        statements: bundle.statements,
        digest: hex(&bundle.digest),
        previous,
    }
}

/// Seals bundle `number` into a file that nobody else is given; whoever asked says when it is done with it ([`let_go`]).
///
/// # Errors
/// One line for the person.
pub fn seal(stores: &Stores, number: u64) -> Result<PathBuf, String> {
    let key = key(stores)?;
    let all = bundles(stores)?;
    let place = all.iter().position(|bundle| bundle.number == number);
    let place = place.ok_or_else(|| format!("there is no bundle {number}; export again"))?;
    let unsealed = |error: &io::Error| {
        format!(
            "bundle {number} cannot be sealed in {}: {}; make room on the box's disk, or verify the records",
            stores.data().join(FOLDER).display(),
            chain(error)
        )
    };
    let (file, path) = folder::begin(stores.data()).map_err(|error| unsealed(&error))?;
    match write(stores, &all, place, key, file) {
        Ok(()) => Ok(path),
        Err(error) => {
            let _ = fs::remove_file(&path);
            Err(unsealed(&error))
        }
    }
}

fn write(
    stores: &Stores,
    all: &[Bundle],
    place: usize,
    key: &ProgrammeKey,
    file: fs::File,
) -> io::Result<()> {
    let bundle = &all[place];
    let previous = place.checked_sub(1).map(|before| hex(&all[before].digest));
    let store = stores.records().store_id().to_string();
    let head = Head::new(store, bundle.number, key);
    let mut sealer = Sealer::begin(BufWriter::new(file), &head, key)?;
    let now = Clock::of_the_desk().wall();
    let mut failed = None;
    let read = stores.records().read_bundle(bundle, now, &mut |json| {
        sealer.statement(json).map_err(|error| {
            failed = Some(error);
            // Ends the reading; what is told is the error above.
            RecordsError::Closed
        })
    });
    if let Some(error) = failed {
        return Err(error);
    }
    read.map_err(io::Error::other)?;
    sealer.finish(previous)?.0.flush()
}

/// Takes a receipt in.
///
/// # Errors
/// One line for the person: it is not believed, or cannot be kept.
pub fn take_receipt(stores: &Stores, text: &str) -> Result<ReceiptTold, String> {
    let receipt = Receipt::believed(text, key(stores)?).map_err(|error| error.to_string())?;
    if receipt.store != stores.records().store_id().to_string() {
        return Ok(ReceiptTold::Another);
    }
    let bundles = bundles(stores)?;
    let bundle = bundles
        .iter()
        .find(|bundle| bundle.number == receipt.number)
        .filter(|bundle| hex(&bundle.digest) == receipt.digest)
        .filter(|bundle| bundle.statements == receipt.statements);
    match bundle {
        None => Err(
            "it speaks of other statements than this box has in that bundle; export again"
                .to_owned(),
        ),
        Some(bundle) if bundle.received => Ok(ReceiptTold::Known),
        Some(bundle) => {
            let now = Clock::of_the_desk().wall();
            let marked = stores.records().mark_received(bundle, now);
            marked.map_err(|error| chain(&error))?;
            Ok(ReceiptTold::Taken)
        }
    }
}

/// Looks at every page and statement.
///
/// # Errors
/// One line for the person.
pub fn verify(
    stores: &Stores,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<RecordsReport, String> {
    let verified = stores.records().verify(progress);
    verified.map_err(|error| chain(&error))
}
