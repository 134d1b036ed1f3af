//! Cards that lose power, lie about their size, or break: in memory, every step of a writing cut.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod former;

use super::*;
use crate::depot::card::ext4::Used;
use crate::depot::card::table::{Partition, Table};
use std::cell::{Cell, RefCell};
use std::sync::LazyLock;

const MIB: u64 = 1 << 20;

/// What is wrong with a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// It really has so many bytes, and begins anew behind them.
    Wraps(u64),
    /// It really has so many bytes, and forgets what is written behind them.
    Drops(u64),
    /// What is written there comes back changed.
    Bad(u64),
    /// What stands there cannot be read.
    Unread(u64),
    /// Power goes at this write or sync, counted from 0: of what was not synced every second block is lost.
    Cut(usize),
    /// This write or sync fails.
    Breaks(usize),
}

/// A card in memory.
struct Memory {
    says: u64,
    /// Else it is a file.
    physical: bool,
    fault: Fault,
    /// What is on it, and since the last sync what was there before: place and bytes.
    bytes: RefCell<Vec<u8>>,
    unsynced: RefCell<Vec<(usize, Vec<u8>)>>,
    steps: Cell<usize>,
}

impl Memory {
    fn new(says: u64, fault: Fault) -> Self {
        let has = match fault {
            Fault::Wraps(has) | Fault::Drops(has) => has,
            Fault::None | Fault::Bad(_) | Fault::Unread(_) | Fault::Cut(_) | Fault::Breaks(_) => {
                says
            }
        };
        Self {
            says,
            physical: true,
            fault,
            // Something of an earlier use is everywhere.
            bytes: RefCell::new(vec![0x5a; size(has)]),
            unsynced: RefCell::default(),
            steps: Cell::new(0),
        }
    }

    /// The same card, in another reader.
    fn again(self, fault: Fault) -> Self {
        Self {
            fault,
            unsynced: RefCell::default(),
            steps: Cell::new(0),
            ..self
        }
    }

    fn place(&self, at: u64) -> Option<usize> {
        match self.fault {
            Fault::Wraps(has) => Some(size(at % has)),
            Fault::Drops(has) if at >= has => None,
            Fault::None
            | Fault::Drops(_)
            | Fault::Bad(_)
            | Fault::Unread(_)
            | Fault::Cut(_)
            | Fault::Breaks(_) => Some(size(at)),
        }
    }

    fn step(&self) -> io::Result<()> {
        let step = self.steps.replace(self.steps.get() + 1);
        match self.fault {
            Fault::Cut(at) if step == at => {
                let mut bytes = self.bytes.borrow_mut();
                for (place, before) in self.unsynced.take().into_iter().rev().step_by(2) {
                    bytes[place..place + before.len()].copy_from_slice(&before);
                }
                Err(io::Error::other("no power"))
            }
            Fault::Breaks(at) if step == at => Err(io::Error::other("broken")),
            Fault::None
            | Fault::Wraps(_)
            | Fault::Drops(_)
            | Fault::Bad(_)
            | Fault::Unread(_)
            | Fault::Cut(_)
            | Fault::Breaks(_) => Ok(()),
        }
    }

    /// A box would take it for one of its own.
    fn looks_done(&self) -> bool {
        self.bytes.borrow()[510..512] == [0x55, 0xaa]
    }
}

impl ReadAt for Memory {
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        let read = at..at + buffer.len() as u64;
        if matches!(self.fault, Fault::Unread(bad) if read.contains(&bad)) {
            return Err(io::Error::other("unreadable"));
        }
        for (number, block) in buffer.chunks_mut(ALIGN).enumerate() {
            match self.place(at + (number * ALIGN) as u64) {
                Some(place) => {
                    block.copy_from_slice(&self.bytes.borrow()[place..place + block.len()])
                }
                None => block.fill(0),
            }
        }
        Ok(())
    }
}

impl Card for Memory {
    fn bytes(&self) -> u64 {
        self.says
    }

    fn physical(&self) -> bool {
        self.physical
    }

    fn write_at(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        for (number, block) in bytes.chunks(ALIGN).enumerate() {
            let here = at + (number * ALIGN) as u64;
            let Some(place) = self.place(here) else {
                continue;
            };
            let on_it = &mut self.bytes.borrow_mut()[place..place + block.len()];
            self.unsynced.borrow_mut().push((place, on_it.to_vec()));
            on_it.copy_from_slice(block);
            if self.fault == Fault::Bad(here) {
                on_it[17] ^= 4;
            }
        }
        self.step()
    }

    fn sync(&self) -> io::Result<()> {
        self.step()?;
        self.unsynced.borrow_mut().clear();
        Ok(())
    }
}

static IMAGE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut image: Vec<u8> = (0..9 * MIB).map(|n| (n % 253) as u8).collect();
    image[510..512].copy_from_slice(&[0x55, 0xaa]);
    image
});

static DATA: LazyLock<Vec<u8>> = LazyLock::new(|| (0..12 * MIB).map(|n| (n % 241) as u8).collect());

fn plan() -> Plan {
    let partition = |number, at, bytes| Partition {
        number,
        at: at * MIB,
        bytes: bytes * MIB,
    };
    let table = Table {
        system: vec![partition(1, 1, 5)],
        links: vec![7 * MIB],
        data: partition(5, 8, 1),
    };
    let used = Used {
        bytes: 12 * MIB,
        runs: vec![(0, MIB), (3 * MIB, 6 * MIB)],
    };
    Plan::new(&table, &[], &used, 3 * MIB)
}

fn run(card: &Memory) -> Result<(), CardError> {
    let serial = "SB-0007".parse().unwrap();
    let sources = Sources {
        image: &*IMAGE,
        data: &*DATA,
        serial: Some(&serial),
    };
    write(card, &plan(), &sources, &mut |_, _, _| {})
}

/// Every chunk stands where it should.
fn is_whole(card: &Memory) -> bool {
    let bytes = card.bytes.borrow();
    plan().chunks.iter().all(|chunk| {
        let source = match chunk.from {
            From::Image => &IMAGE,
            From::Data => &DATA,
        };
        let mut expected = source[size(chunk.offset)..size(chunk.offset + chunk.bytes)].to_vec();
        if chunk.at == 11 * MIB {
            expected[..64].copy_from_slice(format!("{:63}\n", "SB-0007").as_bytes());
        }
        bytes[size(chunk.at)..size(chunk.at + chunk.bytes)] == expected
    })
}

#[test]
fn a_card_is_written_and_its_free_blocks_are_left_alone() {
    let card = Memory::new(64 * MIB, Fault::None);
    run(&card).unwrap();
    assert!(is_whole(&card) && card.looks_done());
    let bytes = card.bytes.borrow();
    assert!(
        bytes[size(9 * MIB)..size(11 * MIB)]
            .iter()
            .all(|byte| *byte == 0x5a)
    );
    assert!(bytes[size(63 * MIB)..].iter().all(|byte| *byte == 0));
}

#[test]
fn whatever_step_a_cut_comes_at_the_card_does_not_look_done_and_the_next_run_ends_it() {
    let steps = {
        let card = Memory::new(64 * MIB, Fault::None);
        run(&card).unwrap();
        card.steps.get()
    };
    assert!(steps > 130, "marks, chunks, syncs: {steps}");
    // All but the many marks, and the last two: of the table itself and its sync, after which either is right.
    for at in (0..8).chain(126..steps - 2) {
        let card = Memory::new(64 * MIB, Fault::Cut(at));
        assert!(run(&card).is_err(), "{at}");
        assert!(!card.looks_done(), "cut at {at} of {steps}");
        let card = card.again(Fault::None);
        run(&card).unwrap();
        assert!(is_whole(&card) && card.looks_done(), "{at}");
    }
}

/// Control: a plain copy from begin to end is seen to look done when it is not.
#[test]
fn a_plain_copy_that_is_cut_looks_done() {
    let card = Memory::new(64 * MIB, Fault::Cut(2));
    let image = &IMAGE;
    card.write_at(0, &image[..size(MIB)]).unwrap();
    card.sync().unwrap();
    assert!(card.write_at(MIB, &image[size(MIB)..]).is_err());
    assert!(card.looks_done() && !is_whole(&card));
}

#[test]
fn a_run_goes_on_where_the_last_one_stopped() {
    let card = Memory::new(64 * MIB, Fault::Cut(133));
    assert!(run(&card).is_err());
    let card = card.again(Fault::None);
    let steps = card.steps.get();
    run(&card).unwrap();
    let rest = card.steps.get() - steps;
    let card = card.again(Fault::None);
    run(&card).unwrap();
    assert!(card.steps.get() < rest, "nothing is written twice");
}

#[test]
fn cards_that_lie_about_their_size_are_found_out() {
    for real in [24 * MIB, 25 * MIB + 4096 * 77, 32 * MIB, 40 * MIB, 60 * MIB] {
        for fault in [Fault::Wraps(real), Fault::Drops(real)] {
            let card = Memory::new(64 * MIB, fault);
            let found = run(&card).unwrap_err();
            assert!(
                matches!(found, CardError::Lies { .. } | CardError::Differs { .. }),
                "{fault:?}: {found}"
            );
            assert!(!card.looks_done(), "{fault:?}");
        }
    }
    // Control: it is the marks that find it out. A file gets none, and the same card passes as one, though its blank end lies in the middle of its system.
    let unmarked = Memory {
        physical: false,
        ..Memory::new(64 * MIB, Fault::Wraps(60 * MIB))
    };
    run(&unmarked).unwrap();
    assert!(unmarked.looks_done() && !is_whole(&unmarked));
}

#[test]
fn a_bad_block_and_a_broken_card_are_told() {
    for at in [2 * MIB, 8 * MIB, 12 * MIB + 4096] {
        let card = Memory::new(64 * MIB, Fault::Bad(at));
        let found = run(&card).unwrap_err();
        assert!(matches!(found, CardError::Differs { .. }), "{found}");
        assert!(!card.looks_done());
    }
    for at in [0, 1, 50, 133] {
        let card = Memory::new(64 * MIB, Fault::Breaks(at));
        let found = run(&card).unwrap_err().to_string();
        assert!(
            found.contains("(broken): it is broken, or was pulled out"),
            "{found}"
        );
        assert!(!card.looks_done());
    }
    // A file is in no reader.
    let file = Memory {
        physical: false,
        ..Memory::new(64 * MIB, Fault::Breaks(3))
    };
    let found = run(&file).unwrap_err().to_string();
    assert!(
        found.contains("(broken): look after the disk that this file is on")
            && !found.contains("pulled out"),
        "{found}"
    );
    let small = run(&Memory::new(20 * MIB, Fault::None)).unwrap_err();
    assert_eq!(
        small.to_string(),
        "it holds 20 MB and needs 23 MB: take a larger card"
    );
}
