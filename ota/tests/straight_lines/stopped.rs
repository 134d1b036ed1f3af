//! Stopped from outside, and small budgets.

use super::model::bench::{Bench, Came, tried, with_desk};
use super::model::card::Card;
use super::model::repository::Shelf;
use ota::fetch::{Budget, Fetched, Go};
use ota::install::{Desk, InstallError, Progress, fetch, install};

/// Says stop when it is told for the time of this number.
fn stop_at(number: u32) -> impl FnMut(Progress) -> Go {
    let mut told = 0;
    move |_| {
        told += 1;
        if told == number { Go::Stop } else { Go::On }
    }
}

/// Does it, stopped later each time, at last not at all: how often it was stopped. What is done already may be done once more.
fn on_and_on(
    card: &Card,
    step: impl Fn(&mut Desk<'_>, u32) -> Result<Fetched, InstallError>,
) -> usize {
    let mut done = (1..30).map(|number| with_desk(card, |desk| step(desk, number)).unwrap());
    let stops = done
        .by_ref()
        .filter(|done| *done == Fetched::Stopped)
        .count();
    let last = with_desk(card, |desk| step(desk, u32::MAX)).unwrap();
    assert_eq!(last, Fetched::All);
    stops
}

#[test]
fn each_step_can_be_stopped_wherever_it_is_told_and_goes_on() {
    let bench = Bench::new();
    let card = bench.card();
    let mut shelf = bench.shelf("the depot");
    assert_eq!(tried(&card, &mut shelf, 0), Came::Incomplete);
    let given = std::sync::Mutex::new(shelf);
    let stops = on_and_on(&card, |desk, number| {
        let mut shelf = given.lock().unwrap();
        fetch(
            desk,
            &mut *shelf,
            &mut Budget(u64::MAX),
            &mut stop_at(number),
        )
    });
    assert!(stops >= 3, "{stops}");
    let stops = on_and_on(&card, |desk, number| install(desk, &mut stop_at(number)));
    assert!(stops >= 3, "{stops}");
    bench.staged(&card);
}

/// Bytes of all but the metadata, and of the bundle among them.
fn counted(bench: &Bench) -> (u64, u64) {
    let mut shelf = bench.shelf("counted");
    assert_eq!(tried(&bench.card(), &mut shelf, u64::MAX), Came::Staged);
    let bundle = |(name, _): &(&String, &Vec<u8>)| name.ends_with(".bundle.json");
    let bundle = shelf.targets.iter().find(bundle).unwrap().1.len() as u64;
    (shelf.gave, bundle)
}

#[test]
fn small_budgets_cost_no_byte_more() {
    let bench = Bench::new();
    let (all, bundle) = counted(&bench);
    for budget in [1, 7, 100, 333] {
        let card = bench.card();
        let mut shelf: Shelf = bench.shelf("the depot");
        assert_eq!(tried(&card, &mut shelf, 0), Came::Incomplete);
        let mut contacts = 0;
        loop {
            let mut left = Budget(budget);
            let ended = with_desk(&card, |desk| {
                fetch(desk, &mut shelf, &mut left, &mut |_| Go::On)
            });
            contacts += 1;
            match ended.unwrap() {
                Fetched::All => break,
                Fetched::BudgetSpent => assert_eq!(left, Budget(0)),
                Fetched::Stopped => panic!("nobody said stop"),
            }
        }
        assert_eq!(shelf.gave, all, "{budget} bytes at a time");
        assert_eq!(contacts, (all - bundle).div_ceil(budget).max(1));
    }
}
