//! A bit in each byte of a whole repository.

use super::model::bench::{Bench, Came};
use super::model::repository::Shelf;

/// The files that a box asks for.
fn asked(bench: &Bench) -> (Vec<String>, Vec<String>) {
    let mut shelf = bench.shelf("the good source");
    let card = bench.card();
    assert_eq!(
        super::model::bench::tried(&card, &mut shelf, u64::MAX),
        Came::Staged
    );
    let mut targets: Vec<String> = shelf.asked.into_iter().map(|(file, _, _)| file).collect();
    targets.sort();
    targets.dedup();
    let metadata = ["timestamp.json", "1.snapshot.json", "1.targets.json"];
    (metadata.map(str::to_owned).to_vec(), targets)
}

fn flip(bytes: &mut [u8], at: usize) {
    // Each of the eight bits has its turn.
    bytes[at] ^= 1 << (at % 8);
}

#[test]
fn a_bit_of_any_byte_of_any_file_is_seen() {
    let bench = Bench::new();
    let (metadata, targets) = asked(&bench);
    let mut tried = 0;
    let mut refuse = |file: &str, at: usize, mut shelf: Shelf| {
        // To its end goes the good source after every fifth: it takes the most of the time.
        let came = match at % 5 {
            0 => bench.refused(&bench.card(), &mut shelf),
            _ => bench.left_alone(&bench.card(), &mut shelf),
        };
        assert!(
            matches!(came, Came::Refused(_)),
            "{file}, byte {at}: {came:?}"
        );
        tried += 1;
    };
    for file in &metadata {
        for at in 0..bench.depot.shelf.metadata[file].len() {
            let mut shelf = bench.shelf("the bad source");
            flip(shelf.metadata.get_mut(file).unwrap(), at);
            refuse(file, at, shelf);
        }
    }
    for file in &targets {
        for at in 0..bench.depot.shelf.targets[file].len() {
            let mut shelf = bench.shelf("the bad source");
            flip(shelf.targets.get_mut(file).unwrap(), at);
            refuse(file, at, shelf);
        }
    }
    assert!(tried > 3_000, "{tried} bytes are no repository");
}

/// The control: where the thief has both keys and signs what he changed, it is taken, and the bench sees that the slot holds something else.
#[test]
#[should_panic(expected = "left: None")]
fn what_is_signed_over_changed_bytes_is_seen_in_the_slot() {
    let mut bench = Bench::new();
    let mut other = super::model::bench::release(2);
    other.root[5100] ^= 1;
    let other = super::model::repository::Release::new(2, other.boot, other.root);
    bench.depot.publish(&other, &[]);
    let card = bench.card();
    let mut shelf = bench.shelf("the thief");
    assert_eq!(
        super::model::bench::tried(&card, &mut shelf, u64::MAX),
        Came::Staged
    );
    bench.staged(&card);
}
