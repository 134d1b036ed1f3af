//! What cuts cost: bytes that come twice.

use super::model::Draw;
use super::model::card::{Card, Cut, Media};
use super::model::ports::Fetched as Files;
use super::model::repository::{Shelf, sha256};
use ota::FileRef;
use ota::delta::{Chunk, Shipment};
use ota::fetch::{Budget, FetchError, Fetched, Go, shipment, sync_every};
use sha2::{Digest as _, Sha256};

fn depot() -> Shelf {
    let mut shelf = Shelf::new("the depot");
    shelf.at_once = Some(AT_ONCE);
    shelf
}

const CUTS: u64 = 50;
/// Bytes of a packet on the network.
const AT_ONCE: usize = 1440;

/// A file of chunks of these sizes, of which all are wanted but for every `skip`th.
fn of_chunks(shelf: &mut Shelf, bytes: usize, sizes: &[u32], skip: usize) -> Shipment {
    let all = Draw::new(bytes as u64).bytes(bytes);
    let file = FileRef {
        location: "system/model/2/file".to_owned(),
        bytes: bytes as u64,
        sha256: sha256(&all[..1024]),
    };
    let (mut chunks, mut at) = (Vec::new(), 0);
    for (number, size) in sizes.iter().cycle().enumerate() {
        let size = (*size as usize).min(bytes - at);
        if size == 0 {
            break;
        }
        if number % skip != skip - 1 {
            let hash = Sha256::digest(&all[at..at + size]);
            chunks.push(Chunk {
                at: at as u64,
                bytes: u32::try_from(size).unwrap(),
                check: hash[..16].try_into().unwrap(),
            });
        }
        at += size;
    }
    shelf.targets.insert(file.location.clone(), all);
    Shipment {
        parcel: "parcel".to_owned(),
        file,
        chunks,
    }
}

/// Fetches it all, the power cut so many times at drawn places, and gives the bytes that came.
fn fetched(shelf: &Shelf, wanted: &Shipment, cuts: u64, kind: Cut) -> u64 {
    let mut shelf = shelf.clone();
    let mut draw = Draw::new(50);
    let mut media = Media::new(&[]);
    // A write for what comes at once, and a sync now and then: the cuts fall over the whole length.
    let steps = wanted.bytes() / AT_ONCE as u64;
    for _ in 0..cuts {
        media.cut_at(1 + draw.below(2 * steps / CUTS));
        let card = Card::new(media);
        let ended = fetch_once(&mut shelf, wanted, &card);
        assert!(
            matches!(ended, Err(FetchError::Keep(_)) | Ok(Fetched::All)),
            "{ended:?}"
        );
        media = card.media().clone();
        media.cut(kind, &mut draw);
    }
    let card = Card::new(media);
    assert_eq!(fetch_once(&mut shelf, wanted, &card).unwrap(), Fetched::All);
    shelf.gave
}

fn fetch_once(shelf: &mut Shelf, wanted: &Shipment, card: &Card) -> Result<Fetched, FetchError> {
    let mut parcels = Files(card.clone());
    let mut budget = Budget(u64::MAX);
    shipment(shelf, wanted, &mut parcels, &mut budget, &mut |_| Go::On)
}

fn costs_no_more_than(what: &str, shelf: &Shelf, wanted: &Shipment) {
    let uncut = fetched(shelf, wanted, 0, Cut::Lost);
    assert_eq!(uncut, wanted.bytes());
    for kind in [Cut::Lost, Cut::Torn] {
        let cut = fetched(shelf, wanted, CUTS, kind);
        let at_most = CUTS * sync_every(uncut);
        let share = cut as f64 / uncut as f64;
        println!("{what}, {CUTS} cuts, {kind:?}: {cut} bytes of {uncut}, {share:.4} times as many");
        assert!(cut > uncut, "no cut cost anything: none was made");
        assert!(share <= 1.05, "{share}");
        assert!(cut - uncut <= at_most, "a cut costs more than a step");
        // Wherever the cuts fall.
        assert!(at_most as f64 / uncut as f64 <= 0.05, "{at_most}");
    }
}

#[test]
fn a_patch_that_is_cut_fifty_times_costs_little_more() {
    let mut shelf = depot();
    let wanted = of_chunks(&mut shelf, 6_000_000, &[64 * 1024], usize::MAX);
    costs_no_more_than("a patch of 6 MB", &shelf, &wanted);
}

#[test]
fn frames_that_are_cut_fifty_times_cost_little_more() {
    let mut shelf = depot();
    let sizes = [700, 61_000, 130_000, 9_000, 250_000, 33_333];
    let wanted = of_chunks(&mut shelf, 27_000_000, &sizes, 13);
    costs_no_more_than("frames of 25 MB", &shelf, &wanted);
}
