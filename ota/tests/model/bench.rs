//! A box that runs release 1, a publisher whose every signature takes two keys, and what a source comes to.

use super::Draw;
use super::card::Card;
use super::life::Told;
use super::ports::{Choice, Fetched as Files, Memory, Slots, Trust, stored};
use super::repository::{BOARD, Depot, Release, Shelf};
use super::world::World;
use ota::fetch::{Budget, Go};
use ota::install::{Desk, InstallError, fetch, install, want};
use ota::look::{Here, Offer, look};
use ota::trust::Today;
use ota::updater::{FetchEnd, Looked};
use ota::{BootChoice, Slot, StateStore as _};

/// What a source comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Came {
    /// All of it was right: the release is staged.
    Staged,
    /// It offers nothing that is wanted.
    Nothing,
    /// It is not believed, in one line.
    Refused(String),
    /// It went away, in one line.
    Gone(String),
    /// More has to be fetched.
    Incomplete,
    Other(String),
}

pub(crate) struct Bench {
    pub(crate) world: World,
    pub(crate) depot: Depot,
}

/// A small system: some bytes of it are its own, the most are zeros, so that there are few places for a bit to flip.
pub(crate) fn release(version: u64) -> Release {
    let mut draw = Draw::new(version);
    let mut root = vec![0; 3 * 4096];
    root[5000..5300].copy_from_slice(&draw.bytes(300));
    let mut boot = vec![0; 4096];
    boot[..100].copy_from_slice(&draw.bytes(100));
    Release::new(version, boot, root)
}

impl Bench {
    /// The publisher offers release 2 without patches.
    pub(crate) fn new() -> Self {
        let releases = vec![release(1), release(2)];
        let mut depot = Depot::open(2);
        depot.publish(&releases[1], &[]);
        let world = World::of(&depot.first_root(), vec![depot.shelf.clone()], releases);
        Self { world, depot }
    }

    pub(crate) fn card(&self) -> Card {
        Card::new(self.world.first.clone())
    }

    /// The source named thus, with all that the publisher offers.
    pub(crate) fn shelf(&self, name: &str) -> Shelf {
        let mut shelf = self.depot.shelf.clone();
        name.clone_into(&mut shelf.name);
        shelf
    }

    /// What the box is told of a bad source. The box is as it was; the good source is taken to the end.
    pub(crate) fn refused(&self, card: &Card, shelf: &mut Shelf) -> Came {
        let came = self.left_alone(card, shelf);
        let mut good = self.shelf("the good source");
        assert_eq!(tried(card, &mut good, u64::MAX), Came::Staged, "{came:?}");
        self.staged(card);
        came
    }

    /// What the box is told of a bad source. The box is as it was.
    pub(crate) fn left_alone(&self, card: &Card, shelf: &mut Shelf) -> Came {
        let came = tried(card, shelf, u64::MAX);
        self.untouched(card);
        came
    }

    /// Nothing has changed of what runs, and of what runs next.
    pub(crate) fn untouched(&self, card: &Card) {
        assert_eq!(self.world.in_slot(card, Slot::A), Some(1));
        let (_, _, choice) = stored(card).unwrap();
        assert_eq!(choice, BootChoice::FACTORY);
        let staged = Memory(card.clone()).load().staged;
        assert_eq!(staged, None);
    }

    /// The other slot holds release 2, as it was published.
    pub(crate) fn staged(&self, card: &Card) {
        assert_eq!(self.world.in_slot(card, Slot::A), Some(1));
        assert_eq!(self.world.in_slot(card, Slot::B), Some(2));
    }
}

/// Looks at the source, fetches at most so much, installs.
pub(crate) fn tried(card: &Card, shelf: &mut Shelf, budget: u64) -> Came {
    let mut memory = Memory(card.clone());
    let here = Here {
        board: BOARD.to_owned(),
        version: 1,
        box_id: "00".to_owned(),
    };
    let ledger = memory.load();
    let mut trust = Trust(card.clone());
    let looked = look(shelf, &mut trust, Today::Unknown, &here, &ledger, false);
    let end = Looked::of(&looked);
    let (wanted, bytes) = match (looked, end) {
        (Ok((Offer::Release { wanted, bytes, .. }, _)), Looked::Release(_)) => (wanted, bytes),
        (Ok(_), _) => return Came::Nothing,
        (Err(error), Looked::Refused) => return Came::Refused(line(error)),
        (Err(error), Looked::Gone) => return Came::Gone(line(error)),
        (Err(error), Looked::Release(_) | Looked::Nothing) => return Came::Other(line(error)),
    };
    with_desk(card, |desk| {
        if let Err(error) = want(desk, &wanted, &bytes) {
            return Came::Other(line(error));
        }
        let fetched = fetch(desk, shelf, &mut Budget(budget), &mut |_| Go::On);
        let end = FetchEnd::of(&fetched);
        match (fetched, end) {
            (Ok(_), FetchEnd::All) => installed(desk),
            (Ok(_), _) => Came::Incomplete,
            (Err(error), FetchEnd::Refused) => Came::Refused(line(error)),
            (Err(error), FetchEnd::Gone) => Came::Gone(line(error)),
            (Err(error), _) => Came::Other(line(error)),
        }
    })
}

pub(crate) fn with_desk<T>(card: &Card, then: impl FnOnce(&mut Desk<'_>) -> T) -> T {
    let mut disks = Slots {
        card: card.clone(),
        running: Slot::A,
    };
    let mut boot = Choice {
        card: card.clone(),
        running: Slot::A,
    };
    let (mut parcels, mut state) = (Files(card.clone()), Memory(card.clone()));
    then(&mut Desk {
        disks: &mut disks,
        boot: &mut boot,
        parcels: &mut parcels,
        state: &mut state,
    })
}

pub(crate) fn installed(desk: &mut Desk<'_>) -> Came {
    match install(desk, &mut |_| Go::On) {
        Ok(_) => Came::Staged,
        Err(InstallError::Incomplete) => Came::Incomplete,
        Err(error) => Came::Other(line(error)),
    }
}

fn line<E: std::error::Error>(error: E) -> String {
    let line = Told(error).to_string();
    assert!(
        !line.contains('\n') && line.len() < 300,
        "{line:?} is no line"
    );
    line
}
