//! A base that is not what it seems leaves pieces wanted, and never a wrong byte that counts as right.

use crate::rig::{Memory, Offer, blocks, survey};
use ota::delta::{self, Built, Survey};
use ota::image::{BLOCK, PIECE};
use sha2::{Digest as _, Sha256};

/// Two blocks whose SHA-256 begin with the same 5 bytes, found by trying half a million.
const TWINS: (u64, u64) = (325_881, 526_197);

fn right(wanted: &[bool], payload: &[u8], slot: &Memory) {
    for (piece, wanted) in wanted.iter().enumerate() {
        let span = piece * PIECE..payload.len().min((piece + 1) * PIECE);
        let same = payload[span.clone()] == slot.bytes[span];
        assert!(same || *wanted, "piece {piece} is wrong and not wanted");
    }
}

/// Builds with this survey and this base, then with no base what is still wanted; how many pieces that was.
fn twice(payload: &[u8], survey: &Survey, mut base: Memory) -> usize {
    let offer = Offer::of(payload);
    let mut slot = Memory::slot(payload.len());
    let plan = offer.plan(survey, &[]);
    let (wanted, _) = offer.build(&plan, survey, &mut base, &mut slot).unwrap();
    right(&wanted, payload, &slot);
    let none = Survey::default();
    let plan = offer.plan(&none, &wanted);
    let (left, _) = offer.build(&plan, &none, &mut base, &mut slot).unwrap();
    assert!(!left.contains(&true));
    assert_eq!(slot.bytes, payload);
    wanted.iter().filter(|wanted| **wanted).count()
}

#[test]
fn a_block_that_passes_for_another_is_found_by_the_crown() {
    let begin = |number| Sha256::digest(crate::rig::block(number))[..5].to_vec();
    assert_eq!(begin(TWINS.0), begin(TWINS.1));
    let payload = blocks((1..200).chain([TWINS.0]).chain(300..500));
    let with = |number| blocks((1..200).chain([number]).chain(300..500));
    let (twin, same) = (with(TWINS.1), with(TWINS.0));
    assert_eq!(twice(&payload, &survey(&twin), Memory::of(&twin)), 1);
    assert_eq!(twice(&payload, &survey(&same), Memory::of(&same)), 0);
}

#[test]
fn a_base_that_rots_after_the_survey_leaves_pieces_wanted() {
    let payload = blocks(1..900);
    let survey = survey(&payload);
    assert_eq!(twice(&payload, &survey, Memory::of(&payload)), 0);
    let mut rotten = Memory::of(&payload);
    rotten.bytes[PIECE + 5] ^= 1;
    rotten.bytes[5 * PIECE + 7] ^= 1;
    assert_eq!(twice(&payload, &survey, rotten), 2);
    // One that can be read no more at all, from its third piece on.
    let short = Memory::of(&payload[..2 * PIECE]);
    assert_eq!(twice(&payload, &survey, short), 6);
}

#[test]
fn a_survey_of_another_base_costs_fetching_and_nothing_else() {
    let payload = blocks(1..600);
    twice(
        &payload,
        &survey(&blocks(200..900)),
        Memory::of(&blocks(1..50)),
    );
}

#[test]
fn a_patch_that_is_none_leaves_all_to_frames() {
    let base = blocks(1..400);
    let payload = blocks(50..450);
    let mut offer = Offer::of(&payload);
    let hex = |bytes: &[u8]| -> String {
        let digest = Sha256::digest(bytes);
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let junk = vec![0x5a; 1000];
    offer.payload.patches = vec![ota::PatchRef {
        from_version: 1,
        from_bytes: base.len() as u64,
        from_sha256: hex(&base),
        file: offer.payload.frames.clone(),
        chunks: vec![hex(&junk)],
    }];
    offer.payload.patches[0].file.bytes = 1000;
    let long = base.len() as u64;
    let survey = Survey::of(&mut Memory::of(&base), long, &[long]).unwrap();
    let plan = delta::plan(&offer.payload, &survey).unwrap();
    let mut slot = Memory::slot(payload.len());
    // One piece was there before.
    slot.bytes[..PIECE].copy_from_slice(&payload[..PIECE]);
    let mut last = Built::default();
    let wanted = delta::build(
        &plan,
        &offer.crown(),
        &survey,
        &mut Memory::of(&base),
        &mut Memory::of(&junk),
        &mut slot,
        &mut |built| last = built,
    );
    let wanted = wanted.unwrap();
    assert_eq!(wanted, [false, true, true, true]);
    assert_eq!((last.pieces, last.of, last.written), (1, 4, 0));
    let plan = offer.plan(&survey, &wanted);
    let (left, _) = offer
        .build(&plan, &survey, &mut Memory::of(&base), &mut slot)
        .unwrap();
    assert!(!left.contains(&true));
    assert_eq!(slot.bytes, payload);
    assert!(plan.shipment.bytes() < offer.frames.len() as u64 + BLOCK as u64);
}
