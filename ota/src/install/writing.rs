//! From parcels into the slot that does not run.

use super::needs::{self, Made, Surveyed};
use super::ports::{Base, ParcelAt, Target, Watch};
use super::release::{self, Job};
use super::{Desk, Doing, InstallError, check, repair};
use crate::boot::StepError;
use crate::delta::{Built, DeltaError, Plan, Proof, Survey, Way, build};
use crate::fetch;
use crate::image::{BLOCK, Crown, PIECE};
use crate::slot::{Part, SlotReader, SlotWriter};

pub(super) fn run(desk: &mut Desk<'_>, watch: &Watch<'_>) -> Result<(), InstallError> {
    let job = release::job(desk)?;
    let mut made = Vec::new();
    for one in needs::survey(desk, &job, watch)? {
        made.push(at_hand(desk, one)?);
    }
    let mut writer = desk.disks.spare()?;
    if writer.slot() == desk.disks.booted() {
        return Err(StepError::Running(writer.slot()).into());
    }
    needs::fits(desk, &job, writer.as_mut())?;
    retire(desk)?;
    fill_slot(desk, &job, &mut made, writer.as_mut(), watch)?;
    drop(writer);
    stage(desk, &job)
}

/// Writes, syncs, reads back. Where what frames gave is not what was read back, frame or medium is to blame: once more then, each piece read back
/// as it is made.
fn fill_slot(
    desk: &mut Desk<'_>,
    job: &Job,
    made: &mut [(Crown, Made<'_>)],
    writer: &mut dyn SlotWriter,
    watch: &Watch<'_>,
) -> Result<(), InstallError> {
    let first = made.iter().find_map(|(_, one)| one.trust_frames());
    for proof in first.into_iter().chain([Proof::Crown]) {
        for (_, one) in &mut *made {
            one.plan.proof = proof;
        }
        write(desk, job, made, writer, watch)?;
        writer.sync()?;
        match read_back(desk, job, writer, watch) {
            Err(InstallError::ReadBack { .. }) if proof == Proof::Frames => {}
            done => return done,
        }
    }
    Ok(())
}

fn read_back(
    desk: &Desk<'_>,
    job: &Job,
    writer: &mut dyn SlotWriter,
    watch: &Watch<'_>,
) -> Result<(), InstallError> {
    let has_tree = desk.disks.has(Part::Tree);
    let mut parts = job.bundle.parts.iter();
    parts.try_for_each(|(&part, payload)| check::part(has_tree, part, payload, writer, watch))
}

/// A part with its crown; what it needs is here and right.
fn at_hand<'a>(desk: &mut Desk<'_>, one: Surveyed<'a>) -> Result<(Crown, Made<'a>), InstallError> {
    let (mut crown, mut index) = (None, None);
    for file in one.small_files() {
        let bytes = fetch::kept_file(desk.parcels, file).map_err(InstallError::Keep)?;
        let bytes = bytes.ok_or(InstallError::Incomplete)?;
        if *file == one.payload.crown {
            crown = Some(bytes);
        } else {
            index = Some(bytes);
        }
    }
    let part = one.part;
    let crown = Crown::read(&crown.unwrap_or_default(), &one.payload.seal);
    let crown = crown.map_err(|error| InstallError::Delta {
        part,
        source: error.into(),
    })?;
    let made = one.made(index.as_deref())?;
    if !all_here(desk, &made)? {
        return Err(InstallError::Incomplete);
    }
    Ok((crown, made))
}

/// All that has to be fetched for a part is here and right.
fn all_here(desk: &mut Desk<'_>, made: &Made<'_>) -> Result<bool, InstallError> {
    for shipment in made.shipments() {
        let missing = fetch::missing(desk.parcels, shipment).map_err(InstallError::Keep)?;
        if missing > 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// From here on the inactive slot holds nothing that can be chosen, and nothing that is remembered as whole.
fn retire(desk: &mut Desk<'_>) -> Result<(), InstallError> {
    let spare = desk.disks.booted().other();
    let before = desk.boot.load()?;
    let mut flags = before;
    flags.retire(spare)?;
    let mut ledger = desk.state.load();
    if ledger.staged.is_some() || ledger.in_slot(spare).is_some() {
        ledger.staged = None;
        ledger.put_in_slot(spare, None);
        desk.state.save(&ledger).map_err(InstallError::Keep)?;
    }
    if flags != before {
        desk.boot.commit(&flags)?;
    }
    Ok(())
}

fn write(
    desk: &mut Desk<'_>,
    job: &Job,
    made: &[(Crown, Made<'_>)],
    writer: &mut dyn SlotWriter,
    watch: &Watch<'_>,
) -> Result<(), InstallError> {
    let mut running = desk.disks.running()?;
    let mut incomplete = false;
    for (crown, one) in made {
        watch.reused(one.plan.reused);
        watch.begin(Doing::Writing, 0, one.payload.seal.bytes);
        let mut slots = Slots {
            running: running.as_mut(),
            writer: &mut *writer,
            watch,
        };
        let wrong = slots.make(desk, crown, one)?;
        if wrong.contains(&true) {
            note(desk, job, one, &wrong)?;
            incomplete = true;
        }
        fill(one, writer)?;
    }
    if incomplete {
        return Err(InstallError::Incomplete);
    }
    Ok(())
}

/// What came out wrong is remembered, where it is not that a parcel went bad since it was looked at.
fn note(
    desk: &mut Desk<'_>,
    job: &Job,
    made: &Made<'_>,
    wrong: &[bool],
) -> Result<(), InstallError> {
    for shipment in made.shipments() {
        desk.parcels.remember_right(&shipment.parcel, false);
    }
    if !all_here(desk, made)? {
        return Err(InstallError::Incomplete);
    }
    let by_patch = matches!(made.plan.way, Way::Patch(_));
    let Some(marks) = repair::after(made.marks.as_deref(), wrong, by_patch) else {
        return Err(hopeless(made));
    };
    repair::keep(desk.parcels, &job.wanted, made.part, &marks).map_err(InstallError::Keep)
}

/// Frames of all pieces that are wrong were here and right, and did not help.
fn hopeless(made: &Made<'_>) -> InstallError {
    let garbled = DeltaError::Garbled {
        what: made.payload.frames.location.clone(),
        why: "its frames do not give what the bundle says".to_owned(),
    };
    delta(made, garbled)
}

const fn delta(made: &Made<'_>, source: DeltaError) -> InstallError {
    let part = made.part;
    InstallError::Delta { part, source }
}

struct Slots<'a, 'w> {
    running: &'a mut dyn SlotReader,
    writer: &'a mut dyn SlotWriter,
    watch: &'a Watch<'w>,
}

impl Slots<'_, '_> {
    /// Of each piece whether it is still wrong.
    fn make(
        &mut self,
        desk: &mut Desk<'_>,
        crown: &Crown,
        made: &Made<'_>,
    ) -> Result<Vec<bool>, InstallError> {
        let nothing = Survey::default();
        let first = (&made.plan, &made.survey);
        let repairs = made.repairs.iter().map(|repair| {
            let survey = if repair.of_base {
                &made.survey
            } else {
                &nothing
            };
            (&repair.plan, survey)
        });
        let mut wrong = Vec::new();
        for (plan, survey) in [first].into_iter().chain(repairs) {
            wrong = match self.by(desk, plan, crown, survey, made) {
                // Every chunk of it was right when it was looked at: it went bad since, or it does not give what it should.
                Err(DeltaError::Garbled { .. }) => self.wrong(crown, made)?,
                built => built.map_err(|source| delta(made, source))?,
            };
            if !wrong.contains(&true) {
                break;
            }
        }
        Ok(wrong)
    }

    /// Of each piece that the slot holds whether it is wrong.
    fn wrong(&mut self, crown: &Crown, made: &Made<'_>) -> Result<Vec<bool>, InstallError> {
        let mut buffer = vec![0; PIECE];
        let mut wrong = Vec::new();
        for piece in 0..made.payload.seal.pieces() {
            let bytes = buffer.get_mut(..crown.piece_bytes(piece));
            let bytes = bytes.unwrap_or_default();
            self.writer.read(made.part, piece * PIECE as u64, bytes)?;
            wrong.push(!crown.vouches(piece, bytes));
        }
        Ok(wrong)
    }

    fn by(
        &mut self,
        desk: &mut Desk<'_>,
        plan: &Plan,
        crown: &Crown,
        survey: &Survey,
        made: &Made<'_>,
    ) -> Result<Vec<bool>, DeltaError> {
        let (part, watch) = (made.part, self.watch);
        let mut base = Base {
            reader: &mut *self.running,
            part,
            watch,
            tells: false,
        };
        let mut parcel = ParcelAt {
            parcels: &mut *desk.parcels,
            name: &plan.shipment.parcel,
        };
        let mut target = Target {
            writer: &mut *self.writer,
            part,
            watch,
        };
        let bytes = made.payload.seal.bytes;
        let mut told = |built: Built| watch.done((built.pieces * PIECE as u64).min(bytes));
        build(
            plan,
            crown,
            survey,
            &mut base,
            &mut parcel,
            &mut target,
            &mut told,
        )
    }
}

/// The rest of the last block is zeros: so its hash has it, and so dm-verity reads it.
fn fill(made: &Made<'_>, writer: &mut dyn SlotWriter) -> Result<(), InstallError> {
    let bytes = made.payload.seal.bytes;
    let rest = bytes.next_multiple_of(BLOCK as u64) - bytes;
    if rest == 0 || bytes + rest > writer.room(made.part)? {
        return Ok(());
    }
    let mut there = vec![0; usize::try_from(rest).unwrap_or(0)];
    writer.read(made.part, bytes, &mut there)?;
    if there.iter().any(|byte| *byte != 0) {
        there.fill(0);
        writer.write(made.part, bytes, &there)?;
    }
    Ok(())
}

fn stage(desk: &mut Desk<'_>, job: &Job) -> Result<(), InstallError> {
    let spare = desk.disks.booted().other();
    let mut ledger = desk.state.load();
    ledger.staged = Some(job.wanted.clone());
    ledger.put_in_slot(spare, Some(job.wanted.clone()));
    desk.state.save(&ledger).map_err(InstallError::Keep)
}
