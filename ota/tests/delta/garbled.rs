//! Bad bytes end in an error or in pieces that are still wanted: never in a panic, never in a wrong piece that counts as right.

use crate::rig::{Memory, Offer, blocks, survey};
use ota::delta::{self, BlockIndex, DeltaError, Survey};
use ota::image::{BLOCK, Crown, Seal, TreeError};

fn small() -> (Vec<u8>, Offer) {
    let payload = blocks([1, 2, 0, 0, 3, 4, 0, 5, 6, 7]);
    let offer = Offer::of(&payload);
    (payload, offer)
}

/// Builds by an index; what is not wanted any more is right. Whether all of it is.
fn build(
    offer: &Offer,
    index: BlockIndex,
    payload: &[u8],
    base: &[u8],
) -> Result<bool, DeltaError> {
    let survey = survey(base);
    let plan = delta::plan_frames(&offer.payload, index, &survey, &[]);
    let mut parcel = Memory::default();
    for chunk in &plan.shipment.chunks {
        let at = usize::try_from(chunk.at).unwrap().min(offer.frames.len());
        let end = (at + usize::try_from(chunk.bytes).unwrap()).min(offer.frames.len());
        parcel.bytes.extend_from_slice(&offer.frames[at..end]);
    }
    let mut slot = Memory::slot(payload.len());
    let wanted = delta::build(
        &plan,
        &offer.crown(),
        &survey,
        &mut Memory::of(base),
        &mut parcel,
        &mut slot,
        &mut |_| {},
    )?;
    let done = !wanted.contains(&true);
    assert!(!done || slot.bytes == payload);
    Ok(done)
}

#[test]
fn every_flipped_bit_of_an_index_is_an_error_or_leaves_pieces_wanted() {
    let (payload, offer) = small();
    let bases = [Vec::new(), blocks([9, 1, 5, 7])];
    for base in &bases {
        assert!(build(&offer, offer.index(), &payload, base).unwrap());
    }
    let (mut refused, mut wanted) = (0, 0);
    for bit in 0..offer.made.blocks.len() * 8 {
        let mut bytes = offer.made.blocks.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        match BlockIndex::read(&bytes, &offer.made.seal) {
            Err(error) => {
                assert!(matches!(error, DeltaError::Garbled { .. }), "{error}");
                refused += 1;
            }
            Ok(index) => {
                for base in &bases {
                    wanted +=
                        usize::from(!build(&offer, index.clone(), &payload, base).unwrap_or(false));
                }
            }
        }
    }
    assert!(refused > 100 && wanted > 100, "{refused} {wanted}");
}

#[test]
fn a_truncated_or_longer_index_is_refused() {
    let (_, offer) = small();
    let bytes = &offer.made.blocks;
    for length in 0..bytes.len() {
        assert!(BlockIndex::read(&bytes[..length], &offer.made.seal).is_err());
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(BlockIndex::read(&longer, &offer.made.seal).is_err());
}

#[test]
fn monstrous_lengths_are_refused_before_memory_is_taken() {
    let (_, offer) = small();
    for bytes in [0, 1 << 40, 1 << 63, u64::MAX] {
        let seal = Seal {
            bytes,
            ..offer.made.seal.clone()
        };
        assert!(BlockIndex::read(&offer.made.blocks, &seal).is_err());
        assert!(Crown::read(&offer.made.crown, &seal).is_err());
    }
    // The most that a number of the index can say, everywhere.
    for at in 8..offer.made.blocks.len() {
        let mut bytes = offer.made.blocks[..at].to_vec();
        bytes.extend([0xff, 0xff, 0xff, 0xff, 0x7f]);
        bytes.extend_from_slice(&offer.made.blocks[at..]);
        assert!(BlockIndex::read(&bytes, &offer.made.seal).is_err());
    }
}

#[test]
fn every_flipped_bit_of_what_was_fetched_is_found_before_it_is_unpacked() {
    let (payload, offer) = small();
    let none = Survey::default();
    let plan = offer.plan(&none, &[]);
    for bit in 0..offer.frames.len() * 8 {
        let mut parcel = offer.parcel(&plan);
        parcel.bytes[bit / 8] ^= 1 << (bit % 8);
        let mut slot = Memory::slot(payload.len());
        let built = delta::build(
            &plan,
            &offer.crown(),
            &none,
            &mut Memory::default(),
            &mut parcel,
            &mut slot,
            &mut |_| {},
        );
        assert!(matches!(built, Err(DeltaError::Garbled { .. })));
    }
}

#[test]
fn a_parcel_that_is_too_short_cannot_be_read() {
    let (payload, offer) = small();
    let none = Survey::default();
    let plan = offer.plan(&none, &[]);
    let mut slot = Memory::slot(payload.len());
    let short = offer.parcel(&plan).bytes[1..].to_vec();
    let built = delta::build(
        &plan,
        &offer.crown(),
        &none,
        &mut Memory::default(),
        &mut Memory::of(&short),
        &mut slot,
        &mut |_| {},
    );
    assert!(matches!(built, Err(DeltaError::Read { .. })));
}

#[test]
fn an_index_of_another_payload_is_refused() {
    let (payload, offer) = small();
    let other = Offer::of(&blocks(1..5));
    let built = build(&offer, other.index(), &payload, &[]);
    assert!(matches!(built, Err(DeltaError::Garbled { .. })));
}

#[test]
fn every_flipped_bit_of_a_crown_is_found() {
    let offer = Offer::of(&blocks(1..700));
    assert_eq!(offer.made.crown.len(), 6 * 32);
    for bit in 0..offer.made.crown.len() * 8 {
        let mut bytes = offer.made.crown.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let read = Crown::read(&bytes, &offer.made.seal);
        assert_eq!(read, Err(TreeError::Damaged(0)));
    }
    let short = Crown::read(&offer.made.crown[1..], &offer.made.seal);
    assert!(matches!(short, Err(TreeError::Length { .. })));
    for salt in ["5A17", "5", "zz", &"00".repeat(257)] {
        let seal = Seal {
            salt: salt.to_owned(),
            ..offer.made.seal.clone()
        };
        let read = Crown::read(&offer.made.crown, &seal);
        assert_eq!(read, Err(TreeError::Salt), "{salt}");
    }
    assert_eq!(BLOCK, 4096);
}
