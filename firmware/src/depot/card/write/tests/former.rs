//! Cards that were in a box.

use super::*;

/// Where the data of the former use begins, up to the card's end. Our own will stand elsewhere, and end before it.
const FORMER: u64 = 40 * MIB;
/// Of its file system: superblock, description and bitmap, and what the records stand in.
const IN_USE: [(u64, u64); 2] = [(0, 3), (100, 700)];
/// In a block that its bitmap calls free: an earlier copy of a list of who was on the network, which was replaced since.
const LEASE: &[u8] = b"1795936445 02:00:5e:10:00:07 192.168.7.31 phone-of-amina";
const LEASE_AT: u64 = FORMER + 50 * 4096;

/// A card that was in a box: everything on it tells something of a school.
fn former(fault: Fault) -> Memory {
    let card = Memory::new(64 * MIB, fault);
    let mut bytes = card.bytes.borrow_mut();
    let mut put =
        |at: u64, part: &[u8]| bytes[size(at)..size(at) + part.len()].copy_from_slice(part);
    let entry = |kind: u8, sector: u64| {
        let mut entry = [0; 16];
        entry[4] = kind;
        entry[8..12].copy_from_slice(&(sector as u32).to_le_bytes());
        entry[12] = 1;
        entry
    };
    let base = 39 * MIB;
    for (at, kind, sector) in [(0, 0x0f, base / 512), (base, 0x83, MIB / 512)] {
        put(at + 446, &[0; 64]);
        put(at + 446, &entry(kind, sector));
        put(at + 510, &[0x55, 0xaa]);
    }
    let mut superblock = [0; 3072];
    for (at, value) in [(0x4, 2000), (0x18, 2), (0x20, 32768), (0x38, 0xef53)] {
        superblock[at..at + 4].copy_from_slice(&u32::to_le_bytes(value));
    }
    put(FORMER + 1024, &superblock);
    put(FORMER + 4096, &[2, 0, 0, 0]);
    put(FORMER + 4096 + 4, &[0; 60]);
    let mut bitmap = [0; 4096];
    for (block, count) in IN_USE {
        for block in block..block + count {
            bitmap[size(block / 8)] |= 1 << (block % 8);
        }
    }
    put(FORMER + 2 * 4096, &bitmap);
    put(LEASE_AT, LEASE);
    drop(bytes);
    card
}

/// Somewhere on the card.
fn has_the_lease(card: &Memory) -> bool {
    let bytes = card.bytes.borrow();
    // Its first byte first: a search at every place takes long without optimising.
    let mut begins = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == LEASE[0]);
    begins.any(|(at, _)| bytes[at..].starts_with(LEASE))
}

/// Something that a box kept is still to be read, in use or not.
fn tells_of_the_former(card: &Memory) -> bool {
    let bytes = card.bytes.borrow();
    // A mark of the sizing may stand in one of them.
    let whole = |block: &[u8]| block.iter().all(|byte| *byte == 0x5a);
    bytes[size(FORMER)..].chunks(4096).any(whole) || bytes[size(LEASE_AT)..].starts_with(LEASE)
}

#[test]
fn what_a_box_kept_on_a_card_is_gone_from_it_however_often_the_power_was_cut() {
    let steps = {
        let card = former(Fault::None);
        let used = Used::read(&card, FORMER).unwrap();
        let at = LEASE_AT - FORMER;
        let in_use = |(begin, bytes): &(u64, u64)| (*begin..begin + bytes).contains(&at);
        assert!(!used.runs.iter().any(in_use), "it is in a free block");
        assert!(has_the_lease(&card) && tells_of_the_former(&card));
        run(&card).unwrap();
        assert!(is_whole(&card) && card.looks_done() && !tells_of_the_former(&card));
        assert!(!has_the_lease(&card), "nowhere");
        card.steps.get()
    };
    // The mark of the table and its sync, six pieces of 4 MiB, their sync, the table and its sync; and the end.
    for at in (0..12).chain(steps - 20..steps - 2) {
        let card = former(Fault::Cut(at));
        assert!(run(&card).is_err(), "{at}");
        // The very first step takes the former table's mark: cut there, it is the card that it was.
        assert!(at < 2 || !card.looks_done(), "cut at {at} of {steps}");
        let card = card.again(Fault::Cut(3));
        assert!(run(&card).is_err(), "{at}");
        let card = card.again(Fault::None);
        run(&card).unwrap();
        assert!(is_whole(&card) && !tells_of_the_former(&card), "{at}");
    }
}

#[test]
fn a_file_system_that_says_nothing_hides_nothing() {
    let card = former(Fault::None);
    // Blocks of another size, as far as it can be understood.
    card.bytes.borrow_mut()[size(FORMER) + 1024 + 0x18] = 1;
    assert!(Used::read(&card, FORMER).is_err());
    run(&card).unwrap();
    assert!(card.looks_done() && !tells_of_the_former(&card));
}

#[test]
fn a_former_card_with_almost_nothing_on_it_is_hardly_written() {
    let cleared = |fill: u8| {
        let card = former(Fault::None);
        card.bytes.borrow_mut()[size(FORMER)..].fill(fill);
        run(&card).unwrap();
        card.steps.get()
    };
    // Six pieces of 4 MiB.
    assert_eq!(cleared(0x5a) - cleared(0), 6);
}

#[test]
fn a_table_that_cannot_be_read_is_told_and_nothing_is_called_clear() {
    // Of the chain of logical partitions; the first link is where the former data is named.
    let link = FORMER - MIB;
    let card = former(Fault::Unread(link));
    let found = run(&card).unwrap_err();
    assert!(
        matches!(found, CardError::Card { doing: "read", at, .. } if at == link),
        "{found}"
    );
    // As it was, to be cleared once it can be read.
    assert!(card.looks_done() && has_the_lease(&card));
    // Control: in another reader.
    let card = card.again(Fault::None);
    run(&card).unwrap();
    assert!(is_whole(&card) && !tells_of_the_former(&card));
}

/// Control: what no table calls a box's is left alone, for a new card holds nothing, and reading all of each would take long.
#[test]
fn a_card_that_was_in_no_box_is_not_cleared() {
    let card = former(Fault::None);
    card.bytes.borrow_mut()[..512].fill(0);
    run(&card).unwrap();
    assert!(card.looks_done() && tells_of_the_former(&card));
}
