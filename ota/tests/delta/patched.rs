//! By a patch: what comes out is the payload, and what the slot holds already is not written.

use crate::rig::{Memory, Offer, blocks};
use ota::bundle::CHUNK;
use ota::delta::{self, DeltaError, Plan, Survey};
use ota::image::PIECE;
use ota::publish;
use sha2::{Digest as _, Sha256};

fn hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Case {
    base: Memory,
    payload: Vec<u8>,
    offer: Offer,
    patch: Memory,
    survey: Survey,
    plan: Plan,
}

impl Case {
    fn new() -> Self {
        let base = blocks((1..300).chain(500..700));
        let payload = [b"new".to_vec(), blocks((1..280).chain(510..690))].concat();
        let patch = publish::patch(&base, &payload, &mut |_| {}).unwrap();
        let mut offer = Offer::of(&payload);
        let mut file = offer.payload.frames.clone();
        file.bytes = patch.len() as u64;
        offer.payload.patches.push(ota::PatchRef {
            from_version: 1,
            from_bytes: base.len() as u64,
            from_sha256: hex(&base),
            file,
            chunks: patch
                .chunks(usize::try_from(CHUNK).unwrap())
                .map(hex)
                .collect(),
        });
        let long = base.len() as u64;
        let base = Memory::of(&base);
        let survey = Survey::of(&mut base.clone(), long, &[long]).unwrap();
        let plan = delta::plan(&offer.payload, &survey).unwrap();
        let patch = Memory::of(&patch);
        Self {
            base,
            payload,
            offer,
            patch,
            survey,
            plan,
        }
    }

    fn build(&mut self, slot: &mut Memory) -> Result<Vec<bool>, DeltaError> {
        delta::build(
            &self.plan,
            &self.offer.crown(),
            &self.survey,
            &mut self.base,
            &mut self.patch,
            slot,
            &mut |_| {},
        )
    }
}

#[test]
fn a_patch_that_is_cut_at_any_write_goes_on() {
    let mut case = Case::new();
    let pieces = case.payload.len().div_ceil(PIECE);
    for cut in 0..pieces {
        let mut slot = Memory::slot(case.payload.len());
        slot.writes_left = Some(cut);
        assert!(matches!(case.build(&mut slot), Err(DeltaError::Write(_))));
        slot.writes_left = None;
        slot.writes = 0;
        assert!(!case.build(&mut slot).unwrap().contains(&true));
        assert_eq!(slot.bytes, case.payload);
        assert_eq!(slot.writes, pieces - cut);
    }
}

#[test]
fn a_rotten_base_leaves_what_it_spoilt_to_frames() {
    let mut case = Case::new();
    case.base.bytes[2 * PIECE] ^= 1;
    let mut slot = Memory::slot(case.payload.len());
    let wanted = case.build(&mut slot).unwrap();
    assert!(
        wanted.contains(&true) && wanted.contains(&false),
        "{wanted:?}"
    );
    let plan = case.offer.plan(&case.survey, &wanted);
    let (again, _) = case
        .offer
        .build(&plan, &case.survey, &mut case.base, &mut slot)
        .unwrap();
    // The rotten block still seems to be there: only a plan without a base is sure to help.
    let none = Survey::default();
    let plan = case.offer.plan(&none, &again);
    let (left, _) = case
        .offer
        .build(&plan, &none, &mut case.base, &mut slot)
        .unwrap();
    assert!(!left.contains(&true));
    assert_eq!(slot.bytes, case.payload);
}

#[test]
fn a_base_that_cannot_be_read_is_no_error() {
    let mut case = Case::new();
    case.base.bytes.truncate(PIECE);
    let mut slot = Memory::slot(case.payload.len());
    assert!(case.build(&mut slot).unwrap().contains(&true));
    // A parcel that cannot be read is one: it is fetched again.
    let mut case = Case::new();
    case.patch.bytes.clear();
    assert!(matches!(
        case.build(&mut slot),
        Err(DeltaError::Read { .. })
    ));
}
