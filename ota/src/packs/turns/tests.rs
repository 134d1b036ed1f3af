#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;

const ONE: SourceId = 1;
const TWO: SourceId = 2;

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn pack(name: &str) -> Wanted {
    Wanted {
        version: 1,
        name: name.to_owned(),
        bundle: format!("offer of {name}"),
    }
}

/// With packs at these sources.
fn turns(sources: &[SourceId]) -> PackTurns {
    let mut turns = PackTurns::new(None);
    for id in sources {
        turns.handle_looked(*id, true, false, at(0));
    }
    turns
}

fn poll(turns: &mut PackTurns, seconds: u64) -> Option<PackAction> {
    turns.poll(at(seconds), |_| Some(7))
}

fn fetch(id: SourceId) -> Option<PackAction> {
    Some(PackAction::Fetch(id, 7))
}

#[test]
fn a_pack_is_fetched_made_and_followed_by_the_next() {
    let mut turns = turns(&[ONE]);
    assert_eq!(poll(&mut turns, 0), fetch(ONE));
    assert_eq!(poll(&mut turns, 0), None, "one at a time");
    turns.handle_fetched(ONE, PackFetched::All, Some(&pack("a")), at(1));
    assert_eq!(poll(&mut turns, 1), Some(PackAction::Build));
    turns.handle_built(InstallEnd::Done, Some(&pack("a")), at(2));
    assert_eq!(poll(&mut turns, 2), fetch(ONE));
    turns.handle_fetched(ONE, PackFetched::Nothing, None, at(3));
    assert_eq!(poll(&mut turns, 9999), None);
    assert!(!turns.may_have(ONE));
}

/// Each end of a fetch: what is next at once, and when the same source is asked again.
#[test]
fn what_follows_from_each_end_of_a_fetch() {
    let table = [
        (PackFetched::All, Some(PackAction::Build), Some(0)),
        (PackFetched::Nothing, fetch(TWO), None),
        (PackFetched::BudgetSpent, fetch(ONE), Some(0)),
        (PackFetched::Stopped, None, Some(30)),
        (PackFetched::Gone, fetch(TWO), Some(30)),
        (PackFetched::Lacks, fetch(ONE), Some(0)),
        (PackFetched::Refused, fetch(TWO), None),
        (PackFetched::NoRoom, fetch(ONE), Some(0)),
        (PackFetched::Stuck, None, Some(3600)),
    ];
    for (end, next, again) in table {
        let after = |sources: &[SourceId]| {
            let mut turns = turns(sources);
            assert_eq!(poll(&mut turns, 0), fetch(ONE));
            turns.handle_fetched(ONE, end, Some(&pack("a")), at(0));
            turns
        };
        assert_eq!(poll(&mut after(&[ONE, TWO]), 0), next, "{end:?}");
        let mut alone = after(&[ONE]);
        let first = (0..=4000).find(|seconds| {
            let mut turns = alone.clone();
            poll(&mut turns, *seconds).is_some()
        });
        assert_eq!(first, again, "{end:?}");
        alone.handle_source_gone(ONE);
        assert!(alone.held(ONE, at(0)).len() <= 1);
    }
}

#[test]
fn what_cannot_be_had_is_held_back_and_for_how_long() {
    let mut turns = turns(&[ONE, TWO]);
    turns.handle_fetched(ONE, PackFetched::Lacks, Some(&pack("a")), at(0));
    assert!(turns.held(ONE, at(0)).contains("offer of a"));
    assert!(
        turns.held(TWO, at(0)).is_empty(),
        "another source may have it"
    );
    turns.handle_fetched(ONE, PackFetched::NoRoom, Some(&pack("b")), at(0));
    turns.handle_built(InstallEnd::Failed, Some(&pack("c")), at(0));
    assert_eq!(turns.held(TWO, at(3599)).len(), 2, "whoever gives it");
    assert!(turns.held(TWO, at(3600)).is_empty());
    // A person who brings it has made room, or brought another.
    turns.handle_looked(ONE, true, true, at(5));
    assert!(turns.held(ONE, at(5)).is_empty());
}

#[test]
fn what_was_begun_before_the_start_needs_no_source() {
    let mut turns = PackTurns::new(Some(&pack("a")));
    assert_eq!(poll(&mut turns, 0), Some(PackAction::Build));
    turns.handle_built(InstallEnd::Stopped, Some(&pack("a")), at(0));
    assert_eq!(poll(&mut turns, 1), None, "it was stopped");
    turns.handle_permits(at(1));
    assert_eq!(poll(&mut turns, 1), Some(PackAction::Build));
    turns.handle_built(InstallEnd::Incomplete, Some(&pack("a")), at(2));
    assert_eq!(poll(&mut turns, 99), None, "for more it does");
}

#[test]
fn nothing_is_asked_of_a_source_that_may_cost_nothing_now() {
    let mut turns = turns(&[ONE, TWO]);
    let spent = |id| (id == TWO).then_some(5);
    assert_eq!(turns.poll(at(0), spent), Some(PackAction::Fetch(TWO, 5)));
    turns.handle_fetched(TWO, PackFetched::BudgetSpent, None, at(0));
    assert_eq!(turns.poll(at(0), |_| None), None);
    assert_eq!(turns.poll(at(0), |_| Some(0)), None);
}
