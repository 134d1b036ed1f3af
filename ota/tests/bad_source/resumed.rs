//! What is exchanged between two contacts, or between fetching and writing.

use super::model::bench::{Bench, Came, installed, tried, with_desk};
use super::model::card::Card;
use super::model::ports::Fetched as Files;
use super::model::repository::Shelf;
use ota::Parcels as _;
use ota::fetch::{Budget, FetchError, Fetched, Go};
use ota::install::{InstallError, fetch};

fn frames(shelf: &Shelf) -> String {
    let mut named = shelf
        .targets
        .keys()
        .filter(|name| name.ends_with(".root.frames"));
    named.next().unwrap().clone()
}

/// The name of the parcel that the frames of the root are in.
fn parcel(card: &Card, bench: &Bench) -> String {
    let shelf = bench.shelf("");
    let bytes = shelf.targets[&frames(&shelf)].len();
    let names = card.media().files.names();
    let mut named = names
        .into_iter()
        .filter(|name| name.starts_with("parcels/") && card.media().files.length(name) == bytes);
    named.next().expect("the frames were fetched")
}

fn fetched(card: &Card, shelf: &mut Shelf, budget: u64) -> Result<Fetched, InstallError> {
    with_desk(card, |desk| {
        fetch(desk, shelf, &mut Budget(budget), &mut |_| Go::On)
    })
}

/// Half of the frames came; then the source gives other bytes.
#[test]
fn a_source_that_gives_other_bytes_the_second_time_is_refused_and_what_was_right_is_kept() {
    let bench = Bench::new();
    let card = bench.card();
    let mut shelf = bench.shelf("a stick");
    let frames = frames(&shelf);
    let mut other = shelf.targets[&frames].clone();
    other.iter_mut().for_each(|byte| *byte ^= 0xff);
    let all: u64 = {
        let mut counted = bench.shelf("counted");
        assert_eq!(tried(&bench.card(), &mut counted, u64::MAX), Came::Staged);
        counted.gave
    };
    let whole = other.len() as u64;
    let bundle = shelf
        .targets
        .iter()
        .find(|(name, _)| name.ends_with(".bundle.json"));
    let bundle = bundle.unwrap().1.len() as u64;
    assert_eq!(
        tried(&card, &mut shelf, all - bundle - whole / 2),
        Came::Incomplete
    );
    shelf.later.insert(frames, other);
    let ended = fetched(&card, &mut shelf, u64::MAX);
    assert!(
        matches!(ended, Err(InstallError::Fetch(FetchError::Wrong { .. }))),
        "{ended:?}"
    );
    bench.untouched(&card);
    let mut good = bench.shelf("the good source");
    assert_eq!(tried(&card, &mut good, u64::MAX), Came::Staged);
    bench.staged(&card);
}

/// A bad source gave the beginning of a chunk and went: the good one that gives the end of it is not held to blame.
#[test]
fn what_another_source_began_badly_is_not_held_against_the_good_one() {
    let bench = Bench::new();
    let card = bench.card();
    let mut bad = bench.shelf("a stick");
    let frames = frames(&bad);
    let whole = bad.targets[&frames].len() as u64;
    bad.targets.get_mut(&frames).unwrap()[0] ^= 1;
    let mut counted = bench.shelf("counted");
    assert_eq!(tried(&bench.card(), &mut counted, u64::MAX), Came::Staged);
    bad.gone_after = Some(counted.gave - whole / 2);
    assert!(matches!(tried(&card, &mut bad, u64::MAX), Came::Gone(_)));
    let mut good = bench.shelf("the good source");
    assert_eq!(fetched(&card, &mut good, u64::MAX).unwrap(), Fetched::All);
    assert_eq!(with_desk(&card, installed), Came::Staged);
    bench.staged(&card);
}

/// What was fetched is changed on the disk before it is written: it is seen, the slot is not touched, and just this is fetched again.
#[test]
fn a_parcel_that_changes_on_the_disk_is_fetched_again() {
    let bench = Bench::new();
    for at in [0, 1, 150] {
        let card = bench.card();
        let mut shelf = bench.shelf("the good source");
        let looked = tried(&card, &mut shelf, 0);
        assert_eq!(looked, Came::Incomplete);
        assert_eq!(fetched(&card, &mut shelf, u64::MAX).unwrap(), Fetched::All);
        let parcel = parcel(&card, &bench);
        card.media().files.rot(&parcel, at);
        assert_eq!(with_desk(&card, installed), Came::Incomplete);
        bench.untouched(&card);
        let before = shelf.gave;
        assert_eq!(fetched(&card, &mut shelf, u64::MAX).unwrap(), Fetched::All);
        assert!(shelf.gave > before && shelf.gave - before < 1000);
        assert_eq!(with_desk(&card, installed), Came::Staged);
        bench.staged(&card);
    }
}

#[test]
fn a_full_disk_is_told_before_anything_is_fetched() {
    let bench = Bench::new();
    let card = bench.card();
    card.media().room = 100;
    let mut shelf = bench.shelf("the good source");
    let came = tried(&card, &mut shelf, u64::MAX);
    assert!(
        matches!(&came, Came::Other(line) if line.contains("no room")),
        "{came:?}"
    );
    assert_eq!(Files(card.clone()).room().unwrap(), 100);
    bench.untouched(&card);
}
