//! The offer of the pack that is next, from a source.

use super::choose::{Choice, HeldBack, School, choose, offered};
use super::{PackOffer, PackOfferError};
use crate::ledger::{Ledger, Wanted};
use crate::look::{Here, LookError, fetched};
use crate::source::{MetadataOf, Source};
use crate::trust::{Client, Today, TrustStore, hex};
use sha2::{Digest as _, Sha256};
use std::error::Error;

/// What a source has for this school.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackLook {
    /// This pack: for the ledger, and its offer's bytes as they were signed.
    Take(Wanted, Vec<u8>),
    /// Nothing newer.
    Nothing,
    /// This offer is no good, or not here: it is left alone for now. Why, a line.
    Not(Wanted, String),
}

/// Refreshes what is believed of the source's repository, picks the pack that is next, and gets its offer.
///
/// # Errors
/// [`LookError`]; what was believed before is believed still.
pub fn look<S: TrustStore>(
    source: &mut dyn Source,
    store: &mut S,
    today: Today,
    here: &Here,
    (school, ledger, held): (&School, &Ledger, &HeldBack),
    now: bool,
) -> Result<PackLook, LookError<S::Error>>
where
    S::Error: Error + 'static,
{
    let mut repository = MetadataOf(source);
    let trusted = Client::new(&mut repository, store, today).refresh()?;
    let all = offered(&trusted);
    let Choice::Take(release) = choose(&all, school, ledger, held, &here.box_id, now) else {
        return Ok(PackLook::Nothing);
    };
    let mut wanted = Wanted {
        version: release.version,
        name: release.id.clone(),
        bundle: release.target.sha256().unwrap_or_default().to_owned(),
    };
    let bytes = match fetched::<S::Error>(source, &release.target) {
        Ok(bytes) => bytes,
        Err(LookError::Source(error)) if !error.is_transient() => {
            return Ok(PackLook::Not(wanted, error.to_string()));
        }
        Err(LookError::Bundle(_)) => {
            let why = format!("the offer of {} is too large", wanted.name);
            return Ok(PackLook::Not(wanted, why));
        }
        Err(error) => return Err(error),
    };
    wanted.bundle = hex::of(&Sha256::digest(&bytes));
    Ok(match read(&bytes, &wanted) {
        Ok(()) => PackLook::Take(wanted, bytes),
        Err(error) => PackLook::Not(wanted, error.to_string()),
    })
}

/// What the offer says must be what its place says.
fn read(bytes: &[u8], wanted: &Wanted) -> Result<(), PackOfferError> {
    let offer = PackOffer::read(bytes)?;
    if (offer.id.as_str(), offer.version) == (wanted.name.as_str(), wanted.version) {
        return Ok(());
    }
    let (id, version) = (offer.id, offer.version);
    Err(PackOfferError::Garbled(format!(
        "it is offered as {} {} and says that it is {id} {version}",
        wanted.name, wanted.version
    )))
}
