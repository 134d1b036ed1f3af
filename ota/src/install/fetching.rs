//! All that the wanted release still needs, from a source.

use super::needs::{self, Made};
use super::ports::Watch;
use super::release::{self, Job};
use super::{Desk, Doing, InstallError};
use crate::bundle::FileRef;
use crate::fetch::{self, Budget, FetchError, Fetched};
use crate::parcel::Parcels;
use crate::source::Source;
use std::io;

pub(super) fn run(
    desk: &mut Desk<'_>,
    source: &mut dyn Source,
    budget: &mut Budget,
    watch: &Watch<'_>,
) -> Result<Fetched, InstallError> {
    let job = release::job(desk)?;
    // What does not fit is not fetched either.
    let mut spare = desk.disks.spare()?;
    needs::fits(desk, &job, spare.as_mut())?;
    drop(spare);

    let surveyed = needs::survey(desk, &job, watch)?;
    watch.begin(Doing::Fetching, 0, 0);
    let small: Vec<&FileRef> = surveyed.iter().flat_map(|one| one.small_files()).collect();
    small_room(desk.parcels, &job, &small)?;
    let mut made = Vec::new();
    for one in surveyed {
        let mut index = None;
        for file in one.small_files() {
            let mut told = |bytes| watch.more(bytes);
            let bytes = fetch::whole_file(source, file, desk.parcels, budget, &mut told)?;
            let Some(bytes) = bytes else {
                return Ok(unfinished(*budget));
            };
            if *file == one.payload.blocks {
                index = Some(bytes);
            }
        }
        made.push(one.made(index.as_deref())?);
    }
    tidy(desk, &job, &made)?;
    shipments(desk.parcels, source, budget, watch, &made)
}

pub(super) const fn unfinished(budget: Budget) -> Fetched {
    match budget.0 {
        0 => Fetched::BudgetSpent,
        _ => Fetched::Stopped,
    }
}

/// Room for the small files; what other releases left is let go where there is none.
fn small_room(
    parcels: &mut dyn Parcels,
    job: &Job,
    files: &[&FileRef],
) -> Result<(), InstallError> {
    let needed = |parcels: &mut dyn Parcels| -> io::Result<u64> {
        files.iter().try_fold(0, |sum, file| {
            Ok(sum + fetch::missing_of_file(parcels, file)?)
        })
    };
    let needed = needed(parcels).map_err(InstallError::Keep)?;
    if needed <= parcels.room().map_err(InstallError::Keep)? {
        return Ok(());
    }
    let mut names: Vec<String> = release::files(&job.bundle).map(fetch::whole_name).collect();
    names.push(release::bundle_name(&job.wanted));
    keep_only(parcels, &names)?;
    has_room(parcels, needed)
}

pub(super) fn has_room(parcels: &mut dyn Parcels, needed: u64) -> Result<(), InstallError> {
    let room = parcels.room().map_err(InstallError::Keep)?;
    if needed <= room {
        return Ok(());
    }
    Err(FetchError::Room { needed, room }.into())
}

fn keep_only(parcels: &mut dyn Parcels, names: &[String]) -> Result<(), InstallError> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    parcels.keep_only(&names).map_err(InstallError::Keep)
}

/// Lets go what is of use neither to this release nor to other boxes.
fn tidy(desk: &mut Desk<'_>, job: &Job, made: &[Made<'_>]) -> Result<(), InstallError> {
    let mut names = needs::parcels_of(job, made);
    let ledger = desk.state.load();
    let running = ledger.in_slot(desk.disks.booted());
    names.extend(release::to_serve(desk.parcels, running).map_err(InstallError::Keep)?);
    keep_only(desk.parcels, &names)
}

pub(super) fn shipments(
    parcels: &mut dyn Parcels,
    source: &mut dyn Source,
    budget: &mut Budget,
    watch: &Watch<'_>,
    made: &[Made<'_>],
) -> Result<Fetched, InstallError> {
    let (mut all, mut missing) = (0, 0);
    for shipment in made.iter().flat_map(Made::shipments) {
        let chunks = shipment.chunks.iter();
        all += chunks.map(|chunk| u64::from(chunk.bytes)).sum::<u64>();
        missing += fetch::missing(parcels, shipment).map_err(InstallError::Keep)?;
    }
    has_room(parcels, missing)?;
    watch.reused(made.iter().map(|one| one.plan.reused).sum());
    watch.begin(Doing::Fetching, all - missing.min(all), all);
    for shipment in made.iter().flat_map(Made::shipments) {
        let mut told = |bytes| watch.more(bytes);
        match fetch::shipment(source, shipment, parcels, budget, &mut told)? {
            Fetched::All => {}
            ended @ (Fetched::BudgetSpent | Fetched::Stopped) => return Ok(ended),
        }
    }
    Ok(Fetched::All)
}
