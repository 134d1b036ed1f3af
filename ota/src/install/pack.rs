//! A pack of lessons into a file: straight lines over the ports, as for a system. Each may be cut anywhere and called again.
//!
//! ```text
//!   want ──► fetch ──► build ──► (the library)
//!            network   no network
//! ```
//!
//! `desk` holds the ports that a pack goes through, and why it could not be had.
//!
//! The older version, where the library has it as one file, is the base that blocks and patches are taken from. Every piece of 512 KiB is checked before it
//! is written; the file is nobody's before all of them are right.

mod desk;

pub use desk::{PackBase, PackDesk, PackError, PackFile};

use super::fetching::{has_room, shipments, unfinished};
use super::needs::{Made, Surveyed};
use super::ports::{ParcelAt, Watch};
use super::{Doing, Progress, release, repair};
use crate::bundle::FileRef;
use crate::delta::{
    Built, DeltaError, Plan, ReadAt, Survey, Way, WriteAt, build as delta_build, plan,
};
use crate::fetch::{self, Budget, Fetched, Go};
use crate::image::{Crown, PIECE};
use crate::ledger::{StateStore, Wanted};
use crate::packs::PackOffer;
use crate::parcel::Parcels;
use crate::slot::Part;
use crate::source::Source;
use std::io;

/// Keeps the offer and remembers that it is wanted; another pack that was wanted before is forgotten.
///
/// # Errors
/// [`PackError`]; [`PackError::Nothing`] where the bytes are not those of the offer that is wanted.
pub fn want(
    parcels: &mut dyn Parcels,
    state: &mut dyn StateStore,
    wanted: &Wanted,
    offer: &[u8],
) -> Result<(), PackError> {
    if !release::is_bundle(offer, wanted) {
        return Err(PackError::Nothing);
    }
    PackOffer::read(offer)?;
    release::keep_bundle(parcels, wanted, offer).map_err(PackError::Keep)?;
    let mut ledger = state.load();
    if ledger.pack.as_ref() != Some(wanted) {
        ledger.pack = Some(wanted.clone());
        state.save(&ledger).map_err(PackError::Keep)?;
    }
    Ok(())
}

/// The pack that is wanted, and its offer as it was kept.
///
/// # Errors
/// [`PackError`]; [`PackError::Nothing`] where nothing is wanted or its offer is not here.
pub fn wanted(
    parcels: &mut dyn Parcels,
    state: &mut dyn StateStore,
) -> Result<(Wanted, PackOffer), PackError> {
    let wanted = state.load().pack.ok_or(PackError::Nothing)?;
    let bytes = release::kept_bundle(parcels, &wanted).map_err(PackError::Keep)?;
    let offer = PackOffer::read(&bytes.ok_or(PackError::Nothing)?)?;
    Ok((wanted, offer))
}

/// Fetches what the wanted pack still needs. Any source will do: nothing of it is believed.
///
/// # Errors
/// [`PackError`]; what came is kept.
pub fn fetch(
    desk: &mut PackDesk<'_>,
    source: &mut dyn Source,
    budget: &mut Budget,
    told: &mut dyn FnMut(Progress) -> Go,
) -> Result<Fetched, PackError> {
    let watch = Watch::new(told);
    let fetched = fetching(desk, source, budget, &watch);
    stopped_or(&watch, fetched)
}

/// Makes the file of what was fetched, every piece of it right. Needs no source.
///
/// # Errors
/// [`PackError`]; [`PackError::Incomplete`] asks for [`fetch`](fn@fetch) again.
pub fn build(
    desk: &mut PackDesk<'_>,
    told: &mut dyn FnMut(Progress) -> Go,
) -> Result<Fetched, PackError> {
    let watch = Watch::new(told);
    let built = building(desk, &watch).map(|()| Fetched::All);
    stopped_or(&watch, built)
}

fn stopped_or(watch: &Watch<'_>, done: Result<Fetched, PackError>) -> Result<Fetched, PackError> {
    match done {
        Err(_) if watch.go().is_err() => Ok(Fetched::Stopped),
        done => done,
    }
}

fn fetching(
    desk: &mut PackDesk<'_>,
    source: &mut dyn Source,
    budget: &mut Budget,
    watch: &Watch<'_>,
) -> Result<Fetched, PackError> {
    let (wanted, offer) = wanted(desk.parcels, desk.state)?;
    let surveyed = survey(desk, &wanted, &offer, watch)?;
    watch.begin(Doing::Fetching, 0, 0);
    let small: Vec<&FileRef> = surveyed.small_files().collect();
    let mut needed = offer.payload.seal.bytes;
    needed = needed.saturating_sub(desk.file.takes().map_err(PackError::Keep)?);
    for file in &small {
        needed += fetch::missing_of_file(desk.parcels, file).map_err(PackError::Keep)?;
    }
    // What does not fit is not fetched either.
    has_room(desk.parcels, needed)?;
    let mut index = None;
    for file in small {
        let mut told = |bytes| watch.more(bytes);
        let bytes = fetch::whole_file(source, file, desk.parcels, budget, &mut told)?;
        let Some(bytes) = bytes else {
            return Ok(unfinished(*budget));
        };
        if *file == offer.payload.blocks {
            index = Some(bytes);
        }
    }
    let made = surveyed.made(index.as_deref())?;
    tidy(desk.parcels, &wanted, &made)?;
    for shipment in made.shipments() {
        needed += fetch::missing(desk.parcels, shipment).map_err(PackError::Keep)?;
    }
    has_room(desk.parcels, needed)?;
    Ok(shipments(desk.parcels, source, budget, watch, &[made])?)
}

/// Lets go what is of no use to this pack.
fn tidy(parcels: &mut dyn Parcels, wanted: &Wanted, made: &Made<'_>) -> Result<(), PackError> {
    let shipments = made.shipments();
    let mut names: Vec<String> = shipments.map(|one| one.parcel.clone()).collect();
    names.push(repair::name(wanted, PART));
    names.push(fetch::whole_name(&made.payload.crown));
    names.push(fetch::whole_name(&made.payload.blocks));
    names.push(release::bundle_name(wanted));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    parcels.keep_only(&names).map_err(PackError::Keep)
}

/// What the steps of a system call the one part that a pack is.
const PART: Part = Part::Root;

/// What the older version is good for.
fn survey<'o>(
    desk: &mut PackDesk<'_>,
    wanted: &Wanted,
    offer: &'o PackOffer,
    watch: &Watch<'_>,
) -> Result<Surveyed<'o>, PackError> {
    let payload = &offer.payload;
    let pieces = payload.seal.pieces();
    let marks = repair::read(desk.parcels, wanted, PART, pieces).map_err(PackError::Keep)?;
    let mut survey = Survey::default();
    let mut patch = None;
    if let Some(base) = &mut desk.base {
        survey = Survey::named(base.bytes, &base.sha256);
        patch = plan(payload, &survey);
        if patch.is_none() || marks.is_some() {
            watch.begin(Doing::Surveying, 0, base.bytes);
            let mut disk = Told {
                disk: &mut *base.disk,
                watch,
            };
            let read = |source| {
                let what = "the older version";
                PackError::Made(DeltaError::Read { what, source })
            };
            survey = Survey::of(&mut disk, base.bytes, &[]).map_err(read)?;
        }
    }
    Ok(Surveyed {
        part: PART,
        payload,
        survey,
        patch,
        marks,
    })
}

/// A base that is read through, and tells how far it is.
struct Told<'a, 'w> {
    disk: &'a mut dyn ReadAt,
    watch: &'a Watch<'w>,
}

impl ReadAt for Told<'_, '_> {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.watch.go()?;
        self.disk.read_at(at, into)?;
        self.watch.more(into.len() as u64);
        Ok(())
    }
}

fn building(desk: &mut PackDesk<'_>, watch: &Watch<'_>) -> Result<(), PackError> {
    let (wanted, offer) = wanted(desk.parcels, desk.state)?;
    let surveyed = survey(desk, &wanted, &offer, watch)?;
    let (mut crown, mut index) = (None, None);
    for file in surveyed.small_files() {
        let bytes = fetch::kept_file(desk.parcels, file).map_err(PackError::Keep)?;
        let bytes = bytes.ok_or(PackError::Incomplete)?;
        if *file == offer.payload.crown {
            crown = Some(bytes);
        } else {
            index = Some(bytes);
        }
    }
    let crown = Crown::read(&crown.unwrap_or_default(), &offer.payload.seal);
    let crown = crown.map_err(|error| PackError::Made(error.into()))?;
    let made = surveyed.made(index.as_deref())?;
    if !all_here(desk.parcels, &made)? {
        return Err(PackError::Incomplete);
    }
    watch.reused(made.plan.reused);
    watch.begin(Doing::Writing, 0, offer.payload.seal.bytes);
    let write = |error| PackError::Made(DeltaError::Write(error));
    desk.file.resize(offer.payload.seal.bytes).map_err(write)?;
    let wrong = make(desk, &crown, &made, watch)?;
    if wrong.contains(&true) {
        note(desk.parcels, &wanted, &made, &wrong)?;
        return Err(PackError::Incomplete);
    }
    desk.file.sync().map_err(write)
}

fn all_here(parcels: &mut dyn Parcels, made: &Made<'_>) -> Result<bool, PackError> {
    for shipment in made.shipments() {
        if fetch::missing(parcels, shipment).map_err(PackError::Keep)? > 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Of each piece whether it is still wrong.
fn make(
    desk: &mut PackDesk<'_>,
    crown: &Crown,
    made: &Made<'_>,
    watch: &Watch<'_>,
) -> Result<Vec<bool>, PackError> {
    let nothing = Survey::default();
    let mut ways = vec![(&made.plan, &made.survey)];
    for repair in &made.repairs {
        let survey = if repair.of_base {
            &made.survey
        } else {
            &nothing
        };
        ways.push((&repair.plan, survey));
    }
    let mut wrong = Vec::new();
    for (plan, survey) in ways {
        wrong = match by(desk, plan, crown, survey, watch) {
            // Every chunk of it was right when it was looked at: it went bad since, or it does not give what it should.
            Err(DeltaError::Garbled { .. }) => wrong_pieces(desk, crown),
            built => built.map_err(PackError::Made)?,
        };
        if !wrong.contains(&true) {
            break;
        }
    }
    Ok(wrong)
}

fn by(
    desk: &mut PackDesk<'_>,
    plan: &Plan,
    crown: &Crown,
    survey: &Survey,
    watch: &Watch<'_>,
) -> Result<Vec<bool>, DeltaError> {
    let bytes = crown.seal().bytes;
    let mut told = |built: Built| watch.done((built.pieces * PIECE as u64).min(bytes));
    let mut parcel = ParcelAt {
        parcels: &mut *desk.parcels,
        name: &plan.shipment.parcel,
    };
    let mut file = Stoppable {
        disk: &mut *desk.file,
        watch,
    };
    let mut none = NoBase;
    let base: &mut dyn ReadAt = match &mut desk.base {
        Some(base) => &mut *base.disk,
        None => &mut none,
    };
    delta_build(plan, crown, survey, base, &mut parcel, &mut file, &mut told)
}

/// A pack that nothing older is here of.
struct NoBase;

impl ReadAt for NoBase {
    fn read_at(&mut self, _: u64, _: &mut [u8]) -> io::Result<()> {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// The file, until it is told to stop.
struct Stoppable<'a, 'w> {
    disk: &'a mut dyn PackFile,
    watch: &'a Watch<'w>,
}

impl ReadAt for Stoppable<'_, '_> {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.watch.go()?;
        self.disk.read_at(at, into)
    }
}

impl WriteAt for Stoppable<'_, '_> {
    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.watch.go()?;
        self.disk.write_at(at, bytes)
    }
}

/// What cannot be read is wrong.
fn wrong_pieces(desk: &mut PackDesk<'_>, crown: &Crown) -> Vec<bool> {
    let mut buffer = vec![0; PIECE];
    let mut is_wrong = |piece| {
        let bytes = buffer.get_mut(..crown.piece_bytes(piece));
        let bytes = bytes.unwrap_or_default();
        let read = desk.file.read_at(piece * PIECE as u64, bytes);
        read.is_err() || !crown.vouches(piece, bytes)
    };
    (0..crown.seal().pieces()).map(&mut is_wrong).collect()
}

/// What came out wrong is remembered, where it is not that a parcel went bad since it was looked at.
fn note(
    parcels: &mut dyn Parcels,
    wanted: &Wanted,
    made: &Made<'_>,
    wrong: &[bool],
) -> Result<(), PackError> {
    if !all_here(parcels, made)? {
        return Err(PackError::Incomplete);
    }
    let by_patch = matches!(made.plan.way, Way::Patch(_));
    let Some(marks) = repair::after(made.marks.as_deref(), wrong, by_patch) else {
        return Err(PackError::Made(DeltaError::Garbled {
            what: made.payload.frames.location.clone(),
            why: "its frames do not give what the offer says".to_owned(),
        }));
    };
    repair::keep(parcels, wanted, PART, &marks).map_err(PackError::Keep)
}
