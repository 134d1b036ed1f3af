//! A release into the slot that does not run: straight lines over the ports. Each may be cut anywhere and called again.
//!
//! ```text
//!   want ──► fetch ──► install ──► activate ──► (trial boot) ──► confirmed
//!            network   no network                                raises the floor
//! ```
//!
//! | step | durable effect | a cut here leaves |
//! |---|---|---|
//! | [`want`] | bundle kept, ledger: wanted | the old slot boots; fetching goes on |
//! | [`fetch`] | parcels | the same |
//! | [`install`] 1: retire | the spare cannot be chosen | the old slot boots; nothing else can |
//! | [`install`] 2: write, sync, read back, hash | inactive slot only | the same; right pieces are not written again |
//! | [`install`] 3: ledger: staged | intent known | the same |
//! | [`activate`] | ledger: attempts; then one change of the boot choice | the old slot boots, or the new one on trial |
//! | [`confirmed`] | ledger: floor | the floor lags by one: raised at the next start |

//!
//! | file | holds |
//! |---|---|
//! | `release` | what is wanted, and the bundle that was kept of it; what can be served on |
//! | `needs` | for each part: how it is made, and what has to be here for it |
//! | `fetching`, `writing` | the two long steps |
//! | `check` | what was written, read back and held against its root hash |
//! | [`pack`] | the same two steps for a pack of lessons, into a file |
//! | `repair` | the pieces that came out wrong, remembered for the next fetch |
//! | [`sealed`], [`stretch`](mod@stretch) | whether a slot still is what was installed: read whole, or night by night |
//! | `ports` | slots and parcels as bytes; [`Progress`] told, and stopping |
//!
//! Nothing that was planned is remembered: the running slot is looked through anew by each step, and the same slot, bundle and note of repairs
//! give the same plan.

mod check;
mod fetching;
mod needs;
pub mod pack;
mod ports;
mod release;
mod repair;
pub mod sealed;
pub mod stretch;
mod writing;

pub use release::{Held, held};

use crate::boot::{BootControl, BootError, StepError};
use crate::bundle::{Bundle, BundleError};
use crate::delta::DeltaError;
use crate::fetch::{Budget, FetchError, Fetched, Go};
use crate::ledger::{ATTEMPTS_AT_MOST, Attempts, Ledger, StateStore, Wanted};
use crate::parcel::Parcels;
use crate::slot::{Part, Slot, SlotDisks, SlotError, SlotStatus};
use crate::source::Source;
use ports::Watch;
use std::io;

/// Tries of a trial.
pub const TRIES: u8 = 3;

/// The ports that a release goes through.
pub struct Desk<'a> {
    /// The slots.
    pub disks: &'a mut dyn SlotDisks,
    /// The boot choice.
    pub boot: &'a mut dyn BootControl,
    /// What was fetched.
    pub parcels: &'a mut dyn Parcels,
    /// What is remembered.
    pub state: &'a mut dyn StateStore,
}

/// How far it is, for people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub doing: Doing,
    /// Bytes done: fetched while fetching, else of the slot.
    pub done: u64,
    /// Of so many; 0: not known yet.
    pub of: u64,
    /// Bytes of the new system that were here already.
    pub reused: u64,
}

/// The work that takes long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Doing {
    /// Reading the running system: what of the new one is in it.
    #[default]
    Surveying,
    /// Fetching.
    Fetching,
    /// Writing the inactive slot.
    Writing,
    /// Reading it back.
    Checking,
}

/// Why a release could not be installed. The running slot is untouched.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// Nothing is wanted, or its bundle is gone: look at a source again.
    #[error("no release is being installed")]
    Nothing,
    /// The bundle.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// Fetching.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Making a part.
    #[error("the {part} cannot be made")]
    Delta {
        /// Which.
        part: Part,
        /// Why.
        source: DeltaError,
    },
    /// What was written is not what was read back: the medium.
    #[error("the {part} of slot {slot} is not what was written: the card may be worn out")]
    ReadBack {
        /// Which part.
        part: Part,
        /// Of which slot.
        slot: Slot,
    },
    /// More has to be fetched: the running system is not what it seemed, or a parcel went bad.
    #[error("more has to be fetched")]
    Incomplete,
    /// A slot.
    #[error(transparent)]
    Slot(#[from] SlotError),
    /// The order of steps.
    #[error(transparent)]
    Step(#[from] StepError),
    /// The boot choice.
    #[error(transparent)]
    Boot(#[from] BootError),
    /// The ledger, or the bundle beside it.
    #[error("what is known of the update cannot be kept")]
    Keep(#[source] io::Error),
    /// It failed too many trials.
    #[error(
        "version {version} failed its trial {count} times: it is not tried again; a newer release is needed"
    )]
    GivenUp {
        /// Its number.
        version: u64,
        /// Activations.
        count: u8,
    },
}

/// Keeps the bundle and remembers that it is wanted. Another release that was wanted before is forgotten, its parcels are reused where they are of
/// the same bytes.
///
/// # Errors
/// [`InstallError`]; [`InstallError::Nothing`] for a release below the floor, or where the bytes are not those of the bundle that is wanted.
pub fn want(desk: &mut Desk<'_>, wanted: &Wanted, bundle: &[u8]) -> Result<(), InstallError> {
    let mut ledger = desk.state.load();
    if wanted.version < ledger.floor || !release::is_bundle(bundle, wanted) {
        return Err(InstallError::Nothing);
    }
    Bundle::parse(bundle)?;
    given_up(&ledger, wanted)?;
    release::keep_bundle(desk.parcels, wanted, bundle).map_err(InstallError::Keep)?;
    if ledger.wanted.as_ref() != Some(wanted) {
        ledger.wanted = Some(wanted.clone());
        desk.state.save(&ledger).map_err(InstallError::Keep)?;
    }
    Ok(())
}

/// Fetches what the wanted release still needs. Any source will do: nothing of it is believed.
///
/// # Errors
/// [`InstallError`]; what came is kept.
pub fn fetch(
    desk: &mut Desk<'_>,
    source: &mut dyn Source,
    budget: &mut Budget,
    told: &mut dyn FnMut(Progress) -> Go,
) -> Result<Fetched, InstallError> {
    let watch = Watch::new(told);
    let done = fetching::run(desk, source, budget, &watch);
    watch.or_stopped(done)
}

/// Retires the inactive slot, writes it, reads it back, remembers it as staged. Needs no source.
///
/// # Errors
/// [`InstallError`]; [`InstallError::Incomplete`] asks for [`fetch`] again.
pub fn install(
    desk: &mut Desk<'_>,
    told: &mut dyn FnMut(Progress) -> Go,
) -> Result<Fetched, InstallError> {
    let watch = Watch::new(told);
    let done = writing::run(desk, &watch);
    watch.or_stopped(done.map(|()| Fetched::All))
}

/// Puts the staged slot on trial: the next boot takes it. A slot that is on trial already stays so, and no attempt is counted.
///
/// # Errors
/// [`InstallError`]; [`InstallError::Nothing`] where the staged slot is not what is wanted.
pub fn activate(desk: &mut Desk<'_>) -> Result<(), InstallError> {
    let mut ledger = desk.state.load();
    let spare = desk.disks.booted().other();
    let ready = ledger
        .staged
        .clone()
        .filter(|staged| ledger.wanted.as_ref() == Some(staged));
    let ready = ready.filter(|staged| ledger.in_slot(spare) == Some(staged));
    let Some(staged) = ready.filter(|staged| staged.version >= ledger.floor) else {
        return Err(InstallError::Nothing);
    };
    let mut flags = desk.boot.load()?;
    if matches!(flags.status(spare), SlotStatus::Trial { tries_left } if tries_left > 0) {
        return Ok(());
    }
    flags.activate(spare, TRIES)?;
    if let Err(refused) = given_up(&ledger, &staged) {
        ledger.wanted = None;
        ledger.staged = None;
        desk.state.save(&ledger).map_err(InstallError::Keep)?;
        return Err(refused);
    }
    let count = attempts(&ledger, &staged) + 1;
    ledger.attempts = Some(Attempts {
        bundle: staged.bundle,
        count,
    });
    desk.state.save(&ledger).map_err(InstallError::Keep)?;
    desk.boot.commit(&flags)?;
    Ok(())
}

fn attempts(ledger: &Ledger, release: &Wanted) -> u8 {
    let of_it = |attempts: &&Attempts| attempts.bundle == release.bundle;
    let known = ledger.attempts.as_ref().filter(of_it);
    known.map_or(0, |attempts| attempts.count)
}

fn given_up(ledger: &Ledger, release: &Wanted) -> Result<(), InstallError> {
    let count = attempts(ledger, release);
    if count < ATTEMPTS_AT_MOST {
        return Ok(());
    }
    let version = release.version;
    Err(InstallError::GivenUp { version, count })
}

/// The running slot is confirmed: the floor is raised to its version, what was fetched for it is let go, but for what can be served on
/// ([`held`]), and the bundle of what the other slot holds, by which that one is looked at. Called after every confirmation and at every start of a
/// settled system; the same again writes nothing.
///
/// # Errors
/// [`InstallError::Keep`].
pub fn confirmed(
    running: Slot,
    version: u64,
    parcels: &mut dyn Parcels,
    state: &mut dyn StateStore,
) -> Result<(), InstallError> {
    let before = state.load();
    let mut ledger = before.clone();
    ledger.confirm(running, version);
    if ledger != before {
        state.save(&ledger).map_err(InstallError::Keep)?;
    }
    if ledger.wanted.is_some() {
        return Ok(());
    }
    let mut kept =
        release::to_serve(parcels, ledger.in_slot(running)).map_err(InstallError::Keep)?;
    kept.extend(ledger.in_slot(running.other()).map(release::bundle_name));
    let names: Vec<&str> = kept.iter().map(String::as_str).collect();
    parcels.keep_only(&names).map_err(InstallError::Keep)
}

/// A person went back from this release: it is not offered again; a newer one is.
///
/// # Errors
/// [`InstallError::Keep`].
pub fn leave_alone(release: &Wanted, state: &mut dyn StateStore) -> Result<(), InstallError> {
    let before = state.load();
    let mut ledger = before.clone();
    ledger.attempts = Some(Attempts {
        bundle: release.bundle.clone(),
        count: ATTEMPTS_AT_MOST,
    });
    let is_it = |wanted: &Wanted| wanted.bundle == release.bundle;
    ledger.wanted = ledger.wanted.filter(|wanted| !is_it(wanted));
    ledger.staged = ledger.staged.filter(|staged| !is_it(staged));
    if ledger == before {
        return Ok(());
    }
    state.save(&ledger).map_err(InstallError::Keep)
}
