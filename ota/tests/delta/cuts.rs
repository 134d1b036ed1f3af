//! A build that is cut at any write goes on.

use crate::rig::{Memory, Offer, blocks, survey};
use ota::delta::DeltaError;

#[test]
fn a_build_that_is_cut_at_any_write_goes_on() {
    let base = blocks((1..300).chain(500..520));
    let payload = blocks(
        (250..300)
            .chain(0..1)
            .chain(400..510)
            .chain(1..250)
            .chain(600..700),
    );
    let offer = Offer::of(&payload);
    let survey = survey(&base);
    let plan = offer.plan(&survey, &[]);
    let mut uncut = Memory::slot(payload.len());
    let mut disk = Memory::of(&base);
    let (_, built) = offer.build(&plan, &survey, &mut disk, &mut uncut).unwrap();
    assert!(uncut.writes > 10, "{} writes", uncut.writes);
    for cut in 0..uncut.writes {
        let mut slot = Memory::slot(payload.len());
        slot.writes_left = Some(cut);
        let failed = offer.build(&plan, &survey, &mut disk, &mut slot);
        assert!(matches!(failed, Err(DeltaError::Write(_))), "{cut}");
        slot.writes_left = None;
        let (wanted, after) = offer.build(&plan, &survey, &mut disk, &mut slot).unwrap();
        assert!(!wanted.contains(&true));
        assert_eq!(slot.bytes, payload, "cut at write {cut}");
        assert!(after.written <= built.written);
    }
}

#[test]
fn what_was_right_before_the_cut_is_not_written_again() {
    let payload = blocks(1..1000);
    let offer = Offer::of(&payload);
    let survey = survey(&payload);
    let plan = offer.plan(&survey, &[]);
    let mut disk = Memory::of(&payload);
    let mut slot = Memory::slot(payload.len());
    slot.writes_left = Some(5);
    assert!(offer.build(&plan, &survey, &mut disk, &mut slot).is_err());
    slot.writes_left = None;
    slot.writes = 0;
    offer.build(&plan, &survey, &mut disk, &mut slot).unwrap();
    assert_eq!((slot.writes, slot.bytes), (3, payload));
}
