//! A running system, or a patch, that is not what it seemed.

use super::model::Draw;
use super::model::bench::{Bench, Came, installed, tried, with_desk};
use super::model::card::{Card, Place};
use super::model::repository::{Depot, Release, Shelf, sha256};
use super::model::world::World;
use ota::bundle::CHUNK;
use ota::fetch::{Budget, Fetched, Go};
use ota::publish::patch;
use ota::{Part, Slot};

/// Bytes of a frame of a payload that is not understood; what it holds here does not compress.
const FRAME: u64 = 256 * 1024;

/// Two releases of three pieces; the second differs in a part of each.
fn releases() -> [Release; 2] {
    let mut draw = Draw::new(3);
    let mut root = draw.bytes(300 * 4096);
    let boot = draw.bytes(5000);
    let first = Release::new(1, boot.clone(), root.clone());
    for block in [3, 140, 290] {
        root[block * 4096..block * 4096 + 700].copy_from_slice(&draw.bytes(700));
    }
    [first, Release::new(2, boot, root)]
}

pub(crate) fn bench(patched: bool, spoil: impl Fn(&mut Depot, &mut ota::Bundle)) -> Bench {
    let [first, second] = releases();
    let mut depot = Depot::open(2);
    let bases: &[&Release] = if patched { &[&first] } else { &[] };
    let mut bundle = depot.bundle(&second, bases);
    spoil(&mut depot, &mut bundle);
    let bytes = serde_json::to_vec(&bundle).unwrap();
    depot.offer(&Release::path(2), bytes, None);
    let root = depot.first_root();
    let world = World::of(&root, vec![depot.shelf.clone()], vec![first, second]);
    Bench { world, depot }
}

fn fetch(card: &Card, shelf: &mut Shelf) -> u64 {
    let before = shelf.gave;
    let fetched = with_desk(card, |desk| {
        ota::install::fetch(desk, shelf, &mut Budget(u64::MAX), &mut |_| Go::On)
    });
    assert_eq!(fetched.unwrap(), Fetched::All);
    shelf.gave - before
}

/// What runs is changed in a place, on the medium.
fn rot(card: &Card, at: u64) {
    let place = Place::Slot(Slot::A.into(), Part::Root);
    let mut byte = [0];
    card.media().area(place).read(at, &mut byte);
    card.media().area_mut(place).write(at, &[byte[0] ^ 1]);
    card.media().area_mut(place).sync();
}

fn holds_release_2(bench: &Bench, card: &Card) {
    assert_eq!(bench.world.in_slot(card, Slot::B), Some(2));
}

#[test]
fn by_a_patch_and_by_frames_the_slot_is_the_same_and_a_patch_costs_less() {
    let mut bytes = Vec::new();
    for patched in [true, false] {
        let bench = bench(patched, |_, _| {});
        let card = bench.card();
        let mut shelf = bench.shelf("the depot");
        assert_eq!(tried(&card, &mut shelf, u64::MAX), Came::Staged);
        holds_release_2(&bench, &card);
        bytes.push(shelf.gave);
    }
    assert!(bytes[0] * 2 < bytes[1], "{bytes:?}");
    assert!(
        bytes[1] < 300 * 4096,
        "blocks of what runs were used: {bytes:?}"
    );
}

#[test]
fn a_running_system_that_rots_after_the_fetch_is_made_up_for_by_frames() {
    for patched in [true, false] {
        let bench = bench(patched, |_, _| {});
        let card = bench.card();
        let mut shelf = bench.shelf("the depot");
        assert_eq!(tried(&card, &mut shelf, 0), Came::Incomplete);
        fetch(&card, &mut shelf);
        rot(&card, 200 * 4096 + 17);
        assert_eq!(
            with_desk(&card, installed),
            Came::Incomplete,
            "patched: {patched}"
        );
        let more = fetch(&card, &mut shelf);
        assert!(more > 0);
        assert_eq!(
            with_desk(&card, installed),
            Came::Staged,
            "patched: {patched}"
        );
        holds_release_2(&bench, &card);
    }
}

/// The publisher signed a patch that gives something else.
fn spoiled(depot: &mut Depot, bundle: &mut ota::Bundle) {
    let [first, second] = releases();
    let mut wrong = second.root.clone();
    wrong[150 * 4096] ^= 1;
    let made = patch(&first.root, &wrong, &mut |_| {}).unwrap();
    let reference = &mut bundle.parts.get_mut(&Part::Root).unwrap().patches[0];
    let chunks = made.chunks(usize::try_from(CHUNK).unwrap());
    reference.chunks = chunks.map(sha256).collect();
    reference.file.bytes = made.len() as u64;
    reference.file.sha256 = sha256(&made);
    depot
        .shelf
        .targets
        .insert(reference.file.location.clone(), made);
}

#[test]
fn a_patch_that_does_not_help_is_followed_by_frames_for_just_what_is_wrong() {
    let bench = bench(true, spoiled);
    let card = bench.card();
    let mut shelf = bench.shelf("the depot");
    assert_eq!(tried(&card, &mut shelf, u64::MAX), Came::Incomplete);
    let more = fetch(&card, &mut shelf);
    assert_eq!(with_desk(&card, installed), Came::Staged);
    holds_release_2(&bench, &card);
    assert!(
        more < FRAME + 4096,
        "{more} bytes: more than the one frame with the block that was wrong"
    );
}

/// Bytes that are no patch at all, signed for.
fn garbled(depot: &mut Depot, bundle: &mut ota::Bundle) {
    let reference = &mut bundle.parts.get_mut(&Part::Root).unwrap().patches[0];
    let made = vec![0x5a; 5000];
    reference.chunks = vec![sha256(&made)];
    reference.file.bytes = made.len() as u64;
    reference.file.sha256 = sha256(&made);
    depot
        .shelf
        .targets
        .insert(reference.file.location.clone(), made);
}

#[test]
fn what_is_signed_for_and_no_patch_is_followed_by_frames() {
    let bench = bench(true, garbled);
    let card = bench.card();
    let mut shelf = bench.shelf("the depot");
    assert_eq!(tried(&card, &mut shelf, u64::MAX), Came::Incomplete);
    fetch(&card, &mut shelf);
    assert_eq!(with_desk(&card, installed), Came::Staged);
    holds_release_2(&bench, &card);
}

/// Frames of another release, each of them signed for: nothing more can be tried, and that is said.
#[test]
fn frames_that_give_something_else_end_in_a_line() {
    let bench = bench(false, |depot, bundle| {
        let [_, second] = releases();
        let mut wrong = second.root.clone();
        wrong[3 * 4096] ^= 1;
        let other = Release::new(2, second.boot.clone(), wrong);
        let other = depot.bundle(&other, &[]);
        let root = bundle.parts.get_mut(&Part::Root).unwrap();
        root.frames = other.parts[&Part::Root].frames.clone();
        root.blocks = other.parts[&Part::Root].blocks.clone();
    });
    let card = bench.card();
    let mut shelf = bench.shelf("the depot");
    let mut came = tried(&card, &mut shelf, u64::MAX);
    for _ in 0..3 {
        if came != Came::Incomplete {
            break;
        }
        fetch(&card, &mut shelf);
        came = with_desk(&card, installed);
    }
    assert!(
        matches!(&came, Came::Other(line) if line.contains("its frames do not give what the bundle says")),
        "{came:?}"
    );
    bench.untouched(&card);
}
