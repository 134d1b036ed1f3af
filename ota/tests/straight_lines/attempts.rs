//! Trials that fail, confirmations, what is kept.

use super::model::bench::{Bench, Came, release, tried, with_desk};
use super::model::card::Card;
use super::model::ports::{Choice, Fetched as Files, Memory, store};
use super::model::repository::sha256;
use ota::install::{InstallError, activate, confirmed, held, leave_alone, want};
use ota::{BootChoice, BootControl as _, Bundle, Slot, SlotStatus, StateStore as _, Wanted};

fn status(card: &Card) -> SlotStatus {
    let choice = Choice {
        card: card.clone(),
        running: Slot::A,
    };
    choice.load().unwrap().status(Slot::B)
}

#[test]
fn a_release_that_fails_three_trials_is_left_alone_and_the_next_one_taken() {
    let mut bench = Bench::new();
    let card = bench.card();
    let mut shelf = bench.shelf("the depot");
    for _ in 0..3 {
        assert_eq!(tried(&card, &mut shelf, u64::MAX), Came::Staged);
        with_desk(&card, activate).unwrap();
        assert_eq!(status(&card), SlotStatus::Trial { tries_left: 3 });
        // Asked twice, counted once.
        with_desk(&card, activate).unwrap();
        // The trial fails: the start in A settles on A.
        store(&card, BootChoice::FACTORY).unwrap();
    }
    let refused = with_desk(&card, activate);
    assert!(
        matches!(
            refused,
            Err(InstallError::GivenUp {
                version: 2,
                count: 3
            })
        ),
        "{refused:?}"
    );
    assert_eq!(status(&card), SlotStatus::Retired);
    assert_eq!(Memory(card.clone()).load().wanted, None);
    assert_eq!(tried(&card, &mut shelf, u64::MAX), Came::Nothing);
    bench.depot.publish(&release(3), &[]);
    let mut shelf = bench.shelf("the depot");
    assert_eq!(tried(&card, &mut shelf, u64::MAX), Came::Staged);
    with_desk(&card, activate).unwrap();
}

#[test]
fn nothing_is_activated_that_was_not_staged_last() {
    let bench = Bench::new();
    let card = bench.card();
    let nothing = with_desk(&card, activate);
    assert!(matches!(nothing, Err(InstallError::Nothing)), "{nothing:?}");
    let mut shelf = bench.shelf("the depot");
    assert_eq!(tried(&card, &mut shelf, u64::MAX), Came::Staged);
    // Another release is wanted since.
    let mut memory = Memory(card.clone());
    let mut ledger = memory.load();
    ledger.wanted.as_mut().unwrap().bundle = sha256(b"another");
    memory.save(&ledger).unwrap();
    let nothing = with_desk(&card, activate);
    assert!(matches!(nothing, Err(InstallError::Nothing)), "{nothing:?}");
    assert_eq!(status(&card), SlotStatus::Retired);
}

#[test]
fn a_confirmation_raises_the_floor_once_and_keeps_what_can_be_served_on() {
    let bench = Bench::new();
    let card = bench.card();
    let mut shelf = bench.shelf("the depot");
    assert_eq!(tried(&card, &mut shelf, u64::MAX), Came::Staged);
    let (mut parcels, mut memory) = (Files(card.clone()), Memory(card.clone()));
    let staged = memory.load().staged.unwrap();
    // A settled start of the old system forgets nothing of what is being got.
    confirmed(Slot::A, 1, &mut parcels, &mut memory).unwrap();
    let ledger = memory.load();
    assert_eq!((ledger.floor, ledger.staged), (1, Some(staged.clone())));

    confirmed(Slot::B, 2, &mut parcels, &mut memory).unwrap();
    let ledger = memory.load();
    assert_eq!(ledger.floor, 2);
    assert_eq!(
        (&ledger.wanted, &ledger.staged, &ledger.attempts),
        (&None, &None, &None)
    );
    assert_eq!(ledger.in_slot(Slot::B), Some(&staged));
    let before = card.media().steps();
    confirmed(Slot::B, 2, &mut parcels, &mut memory).unwrap();
    assert_eq!(
        card.media().steps(),
        before,
        "the same again writes nothing"
    );

    let bundle = card
        .read_file(&format!("parcels/file-{}", staged.bundle))
        .unwrap();
    let bundle: Bundle = serde_json::from_slice(&bundle).unwrap();
    let held = held(&bundle, &mut parcels).unwrap();
    assert!(held.len() >= 4, "{held:?}");
    for one in held {
        let bytes = card.read_file(&format!("parcels/{}", one.parcel)).unwrap();
        assert_eq!(sha256(&bytes), one.file.sha256);
    }
}

#[test]
fn what_is_below_the_floor_or_was_not_signed_for_is_not_wanted() {
    let bench = Bench::new();
    let card = bench.card();
    let bytes = b"a bundle";
    let wanted = Wanted {
        version: 2,
        name: "2026.2".to_owned(),
        bundle: sha256(b"another"),
    };
    let refused = with_desk(&card, |desk| want(desk, &wanted, bytes));
    assert!(matches!(refused, Err(InstallError::Nothing)), "{refused:?}");
    let mut memory = Memory(card.clone());
    let mut ledger = memory.load();
    ledger.floor = 3;
    memory.save(&ledger).unwrap();
    let wanted = Wanted {
        bundle: sha256(bytes),
        ..wanted
    };
    let refused = with_desk(&card, |desk| want(desk, &wanted, bytes));
    assert!(matches!(refused, Err(InstallError::Nothing)), "{refused:?}");
    assert_eq!(
        tried(&card, &mut bench.shelf("the depot"), u64::MAX),
        Came::Nothing
    );
}

#[test]
fn what_a_person_went_back_from_is_not_offered_again() {
    let bench = Bench::new();
    let card = bench.card();
    let mut shelf = bench.shelf("the depot");
    assert_eq!(tried(&card, &mut shelf, u64::MAX), Came::Staged);
    let mut memory = Memory(card.clone());
    let left = memory.load().staged.unwrap();
    leave_alone(&left, &mut memory).unwrap();
    assert_eq!(memory.load().staged, None);
    assert_eq!(tried(&card, &mut shelf, u64::MAX), Came::Nothing);
}
