//! What comes out is the payload, and no byte too many is fetched or written for it.

use crate::rig::{Memory, Offer, blocks, survey};
use ota::delta::{self, Survey, Way};
use ota::image::{BLOCK, PIECE};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

/// Installs from scratch and says what was fetched.
fn install(base: &[u8], payload: &[u8], slot: &mut Memory) -> u64 {
    let offer = Offer::of(payload);
    let survey = survey(base);
    let plan = offer.plan(&survey, &[]);
    let mut disk = Memory::of(base);
    let (wanted, built) = offer.build(&plan, &survey, &mut disk, slot).unwrap();
    assert_eq!(wanted.iter().filter(|wanted| **wanted).count(), 0);
    assert_eq!(built.pieces, built.of);
    assert_eq!(&slot.bytes[..payload.len()], payload);
    // The same again finds all there.
    slot.writes = 0;
    let (_, again) = offer.build(&plan, &survey, &mut disk, slot).unwrap();
    assert_eq!((slot.writes, again.written, again.pieces), (0, 0, again.of));
    plan.shipment.bytes()
}

#[test]
fn a_base_that_is_the_payload_costs_nothing() {
    let payload = blocks(1..300);
    let mut slot = Memory::slot(payload.len());
    assert_eq!(install(&payload, &payload, &mut slot), 0);
    let mut slot = Memory::slot(payload.len());
    assert!(install(&[], &payload, &mut slot) > 0);
}

#[test]
fn zeros_are_never_fetched() {
    let payload = vec![0; 3 * PIECE + 100];
    let mut slot = Memory::slot(payload.len());
    assert_eq!(install(&[], &payload, &mut slot), 0);
}

#[test]
fn pieces_that_are_right_are_not_asked_for() {
    let payload = blocks(1..1025);
    let offer = Offer::of(&payload);
    let none = Survey::default();
    let all = offer.plan(&none, &[]).shipment;
    let some = offer.plan(
        &none,
        &[false, true, false, false, false, false, false, false],
    );
    let nothing = offer.plan(&none, &[false; 8]).shipment;
    assert!(some.shipment.bytes() < all.bytes());
    assert_eq!(nothing.chunks, []);
    assert_ne!(some.shipment.parcel, all.parcel);
    assert_eq!(all.parcel, offer.plan(&none, &[true; 8]).shipment.parcel);
    let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    assert!(all.parcel.chars().all(fit), "{}", all.parcel);
}

#[test]
fn a_slot_larger_than_the_payload_keeps_what_is_behind_it() {
    let payload = blocks(1..200)[..150 * BLOCK + 7].to_vec();
    let mut slot = Memory::slot(2 * PIECE);
    install(&blocks(100..400), &payload, &mut slot);
    assert!(slot.bytes[payload.len()..].iter().all(|b| *b == 0xa5));
}

#[test]
fn a_survey_knows_what_the_base_begins_with() {
    let base = blocks(1..200)[..190 * BLOCK + 5].to_vec();
    let hex = |bytes: &[u8]| -> String {
        let digest = Sha256::digest(bytes);
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let lengths = [0, 1, 4096, 5000, PIECE as u64, base.len() as u64];
    let beyond = base.len() as u64 + 1;
    let mut asked = lengths.to_vec();
    asked.extend([beyond, 1 << 63, 5000]);
    let of = [Survey::of, Survey::identity];
    for survey in of.map(|of| of(&mut Memory::of(&base), base.len() as u64, &asked).unwrap()) {
        for length in lengths {
            let begin = &base[..usize::try_from(length).unwrap()];
            assert!(survey.begins_with(length, &hex(begin)), "{length}");
            assert!(!survey.begins_with(length + 1, &hex(begin)), "{length}");
        }
        assert!(!survey.begins_with(beyond, &hex(&base)));
        assert!(!survey.begins_with(2, &hex(&base[..2])), "it was not asked");
    }
}

#[test]
fn the_smallest_patch_of_this_base_is_planned() {
    let base = blocks(1..20);
    let mut offer = Offer::of(&blocks(2..30));
    let hex: String = Sha256::digest(&base)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let patch = |bytes: u64, chunks: usize, sha256: &str| ota::PatchRef {
        from_version: 1,
        from_bytes: base.len() as u64,
        from_sha256: sha256.to_owned(),
        file: ota::FileRef {
            location: "a".to_owned(),
            bytes,
            sha256: hex.clone(),
        },
        chunks: vec![hex.clone(); chunks],
    };
    let long = base.len() as u64;
    let survey = Survey::of(&mut Memory::of(&base), long, &[long]).unwrap();
    let other = "0".repeat(64);
    offer.payload.patches = vec![
        patch(200_000, 4, &hex),
        patch(100_000, 2, &hex),
        patch(10_000, 1, &other),
        patch(20_000, 2, &hex),
        patch(u64::MAX, 1, &hex),
    ];
    let plan = delta::plan(&offer.payload, &survey).unwrap();
    assert!(matches!(plan.way, Way::Patch(1)));
    let chunks = plan.shipment.chunks.iter();
    let places: Vec<_> = chunks.map(|chunk| (chunk.at, chunk.bytes)).collect();
    assert_eq!(places, [(0, 65536), (65536, 34464)]);
    assert!(delta::plan(&offer.payload, &Survey::default()).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    /// Few block numbers, so that blocks come twice, in other places, as zeros; any length.
    #[test]
    fn the_payload_comes_out(
        base in prop::collection::vec(0_u64..90, 0..150),
        payload in prop::collection::vec(0_u64..120, 1..150),
        cut in 0_usize..BLOCK,
        base_cut in 0_usize..BLOCK,
        room in 0_usize..2 * BLOCK,
    ) {
        let (base, payload) = (blocks(base), blocks(payload));
        let base = &base[..base.len().saturating_sub(base_cut)];
        let payload = &payload[..payload.len() - cut];
        install(base, payload, &mut Memory::slot(payload.len() + room));
    }
}
