//! A medium that gives back something else than was written.

use super::model::bench::{Bench, Came, installed, tried, with_desk};
use super::model::card::{Card, Place};
use super::repair::bench;
use ota::fetch::{Budget, Go};
use ota::install::{Doing, InstallError, Progress};
use ota::{Part, Slot};

/// A bit of what was written turns.
fn turn(card: &Card) {
    let place = Place::Slot(Slot::B.into(), Part::Root);
    let mut media = card.media();
    let mut byte = [0];
    media.area(place).read(7 * 4096, &mut byte);
    media.area_mut(place).write(7 * 4096, &[byte[0] ^ 1]);
    media.area_mut(place).sync();
}

/// Installs on a medium of which a bit turns before it is read back, so many times. How it ended, and how often it was read back.
fn install(bench: &Bench, card: &Card, turns: u32) -> (Result<(), InstallError>, u32) {
    let mut shelf = bench.shelf("the depot");
    assert_eq!(tried(card, &mut shelf, 0), Came::Incomplete);
    let (mut left, mut checks, mut before) = (turns, 0, Doing::Surveying);
    let ended = with_desk(card, |desk| {
        let fetched = ota::install::fetch(desk, &mut shelf, &mut Budget(u64::MAX), &mut |_| Go::On);
        assert_eq!(fetched.unwrap(), ota::fetch::Fetched::All);
        let mut told = |progress: Progress| {
            let begins = progress.doing == Doing::Checking && before != Doing::Checking;
            before = progress.doing;
            if begins {
                checks += 1;
            }
            if begins && left > 0 {
                left -= 1;
                turn(card);
            }
            Go::On
        };
        ota::install::install(desk, &mut told)
    });
    (ended.map(|_| ()), checks)
}

#[test]
fn what_frames_gave_is_made_once_more() {
    let bench = bench(false, |_, _| {});
    let card = bench.card();
    let (ended, checks) = install(&bench, &card, 1);
    assert!(ended.is_ok(), "{ended:?}");
    bench.staged(&card);
    assert_eq!(checks, 2);
    // The control: a good medium is read back once.
    let card = bench.card();
    let (ended, checks) = install(&bench, &card, 0);
    assert!(ended.is_ok() && checks == 1, "{ended:?} after {checks}");
    bench.staged(&card);
}

#[test]
fn a_worn_medium_is_told_and_nothing_is_staged() {
    for patched in [false, true] {
        let bench = bench(patched, |_, _| {});
        let card = bench.card();
        let (ended, checks) = install(&bench, &card, u32::MAX);
        assert!(
            matches!(
                ended,
                Err(InstallError::ReadBack {
                    part: Part::Root,
                    ..
                })
            ),
            "{ended:?}"
        );
        assert_eq!(checks, if patched { 1 } else { 2 });
        assert_eq!(bench.world.in_slot(&card, Slot::A), Some(1));
        assert_eq!(with_desk(&card, |desk| desk.state.load().staged), None);
        // It was the medium alone: once it is well, what is here is enough.
        assert_eq!(with_desk(&card, installed), Came::Staged);
        bench.staged(&card);
    }
}
