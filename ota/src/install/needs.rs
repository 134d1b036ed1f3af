//! For each part: how it is made, and what has to be here for it.

use super::ports::{Base, Watch};
use super::release::{Job, bundle_name};
use super::repair::{self, AGAIN, Mark, ONCE};
use super::{Desk, Doing, InstallError};
use crate::bundle::{BundleError, FileRef, Payload};
use crate::delta::{BlockIndex, DeltaError, Plan, Proof, Shipment, Survey, Way, plan, plan_frames};
use crate::fetch;
use crate::image::{BLOCK, PIECE_BLOCKS};
use crate::slot::{Part, SlotWriter};

/// What a part of the running system is good for.
pub(super) struct Surveyed<'a> {
    pub(super) part: Part,
    pub(super) payload: &'a Payload,
    pub(super) survey: Survey,
    /// By a patch, where one starts from what runs.
    pub(super) patch: Option<Plan>,
    /// Pieces that came out wrong before.
    pub(super) marks: Option<Vec<Mark>>,
}

/// How a part is made.
pub(super) struct Made<'a> {
    pub(super) part: Part,
    pub(super) payload: &'a Payload,
    pub(super) survey: Survey,
    pub(super) plan: Plan,
    /// After that: frames for the pieces that came out wrong before.
    pub(super) repairs: Vec<Repair>,
    pub(super) marks: Option<Vec<Mark>>,
}

/// Frames for pieces that came out wrong.
pub(super) struct Repair {
    pub(super) plan: Plan,
    /// Blocks of the running system are used for them.
    pub(super) of_base: bool,
}

/// Looks through the running slot.
pub(super) fn survey<'a>(
    desk: &mut Desk<'_>,
    job: &'a Job,
    watch: &Watch<'_>,
) -> Result<Vec<Surveyed<'a>>, InstallError> {
    let mut running = desk.disks.running()?;
    let mut all = Vec::new();
    for (&part, payload) in &job.bundle.parts {
        let bytes = running.bytes(part)?;
        watch.begin(Doing::Surveying, 0, bytes);
        let mut base = Base {
            reader: running.as_mut(),
            part,
            watch,
            tells: true,
        };
        let lengths: Vec<u64> = payload
            .patches
            .iter()
            .map(|patch| patch.from_bytes)
            .collect();
        let read = |source| InstallError::Delta {
            part,
            source: DeltaError::Read {
                what: "the running system",
                source,
            },
        };
        let mut survey = Survey::identity(&mut base, bytes, &lengths).map_err(read)?;
        let patch = plan(payload, &survey).map(named);
        let pieces = payload.seal.pieces();
        let marks = repair::read(desk.parcels, &job.wanted, part, pieces);
        let marks = marks.map_err(InstallError::Keep)?;
        if patch.is_none() || marks.is_some() {
            survey = Survey::of(&mut base, bytes, &[]).map_err(read)?;
        }
        all.push(Surveyed {
            part,
            payload,
            patch,
            survey,
            marks,
        });
    }
    Ok(all)
}

/// A shipment that is a whole file has the parcel of that file, so that it can be served on.
fn named(mut plan: Plan) -> Plan {
    let shipment = &mut plan.shipment;
    let mut end = 0;
    for chunk in &shipment.chunks {
        if chunk.at != end {
            return plan;
        }
        end += u64::from(chunk.bytes);
    }
    if end == shipment.file.bytes {
        shipment.parcel = fetch::whole_name(&shipment.file);
    }
    plan
}

impl<'a> Surveyed<'a> {
    /// The small files that are needed, the first first.
    pub(super) fn small_files(&self) -> impl Iterator<Item = &'a FileRef> {
        let index = (self.patch.is_none() || self.marks.is_some()).then_some(&self.payload.blocks);
        [&self.payload.crown].into_iter().chain(index)
    }

    /// `index`: where one of the small files is it, it.
    pub(super) fn made(self, index: Option<&[u8]>) -> Result<Made<'a>, InstallError> {
        let (part, payload) = (self.part, self.payload);
        let read = |bytes: &[u8]| {
            let index = BlockIndex::read(bytes, &payload.seal);
            index.map_err(|source| InstallError::Delta { part, source })
        };
        let index = index.map(read).transpose()?;
        let repairs = self.repairs(index.as_ref());
        let pieces = usize::try_from(payload.seal.pieces()).unwrap_or(usize::MAX);
        let plan = match (self.patch, index) {
            (Some(plan), _) => plan,
            (None, Some(index)) => {
                let all = vec![true; pieces];
                plan_frames(payload, index, &self.survey, &all)
            }
            (None, None) => return Err(InstallError::Incomplete),
        };
        Ok(Made {
            part,
            payload,
            survey: self.survey,
            plan: named(plan),
            repairs,
            marks: self.marks,
        })
    }

    fn repairs(&self, index: Option<&BlockIndex>) -> Vec<Repair> {
        let (Some(index), Some(marks)) = (index, &self.marks) else {
            return Vec::new();
        };
        let nothing = Survey::default();
        let steps = [(ONCE, &self.survey, true), (AGAIN, &nothing, false)];
        let mut repairs = Vec::new();
        for (least, survey, of_base) in steps {
            let pieces: Vec<bool> = marks.iter().map(|mark| *mark >= least).collect();
            // Frames alone are the first step already where no patch fits.
            if pieces.contains(&true) && !(of_base && self.patch.is_none()) {
                let plan = plan_frames(self.payload, index.clone(), survey, &pieces);
                let plan = named(plan);
                repairs.push(Repair { plan, of_base });
            }
        }
        repairs
    }
}

impl Made<'_> {
    /// What frames give of it need not be read back twice.
    pub(super) fn trust_frames(&self) -> Option<Proof> {
        matches!(self.plan.way, Way::Frames(_)).then_some(Proof::Frames)
    }

    /// What has to be here.
    pub(super) fn shipments(&self) -> impl Iterator<Item = &Shipment> {
        let repairs = self.repairs.iter().map(|repair| &repair.plan.shipment);
        [&self.plan.shipment].into_iter().chain(repairs)
    }
}

/// The names of all parcels of this release that may be of use.
pub(super) fn parcels_of(job: &Job, made: &[Made<'_>]) -> Vec<String> {
    let shipments = made.iter().flat_map(Made::shipments);
    let mut names: Vec<String> = shipments.map(|one| one.parcel.clone()).collect();
    for (part, payload) in &job.bundle.parts {
        names.push(repair::name(&job.wanted, *part));
        names.push(fetch::whole_name(&payload.crown));
        names.push(fetch::whole_name(&payload.blocks));
    }
    names.push(bundle_name(&job.wanted));
    names
}

/// No part is missing, and every part has its room in the slot.
pub(super) fn fits(
    desk: &mut Desk<'_>,
    job: &Job,
    writer: &mut dyn SlotWriter,
) -> Result<(), InstallError> {
    let (part, bytes) = (Part::Boot, 0);
    // A simulated board may run a root alone; a new root with the old kernel and root hash would start nowhere else.
    if !job.bundle.parts.contains_key(&part) && desk.disks.running()?.bytes(part)? > 0 {
        let why = "the bundle has none, and this box starts from one";
        return Err(BundleError::Size { part, bytes, why }.into());
    }
    for (&part, payload) in &job.bundle.parts {
        let bytes = payload.seal.bytes;
        let size = |part, bytes, why| BundleError::Size { part, bytes, why };
        if !desk.disks.has(part) {
            return Err(size(part, bytes, "slots of this box have no such part").into());
        }
        if bytes > writer.room(part)? {
            return Err(size(part, bytes, "the slot has no room for it").into());
        }
        if part == Part::Root && desk.disks.has(Part::Tree) {
            let tree = tree_bytes(payload.seal.blocks());
            if tree > writer.room(Part::Tree)? {
                return Err(size(Part::Tree, tree, "the slot has no room for it").into());
            }
        }
    }
    Ok(())
}

/// Bytes of the hash tree of so many blocks: a block of hashes for as many blocks as a piece has, level upon level.
pub(super) fn tree_bytes(blocks: u64) -> u64 {
    let (mut below, mut all) = (blocks, 0);
    while below > 1 {
        below = below.div_ceil(PIECE_BLOCKS);
        all += below * BLOCK as u64;
    }
    all
}
