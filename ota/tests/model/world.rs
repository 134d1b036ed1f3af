//! What there is beside the box: releases, what the publisher offers of them, and the card as it leaves the depot.

use super::area::Area;
use super::card::{Card, Media, Place};
use super::ports::{CHOICE_BYTES, Trust, store};
use super::repository::{Depot, Release, Shelf};
use ota::trust::Role;
use ota::{BootChoice, Part, Slot};

/// What there is in the world beside the box.
pub(crate) struct World {
    pub(crate) releases: Vec<Release>,
    /// What the publisher offers a box that runs the release of this place.
    pub(crate) shelves: Vec<Shelf>,
    pub(crate) first: Media,
    /// A release that never proves itself.
    pub(crate) bad: Option<u64>,
}

impl World {
    /// A box that runs the first release in A. The publisher brings the others out one after the other; with `patches` each can be had by a patch from
    /// the one before it.
    pub(crate) fn new(releases: Vec<Release>, patches: bool) -> Self {
        let mut depot = Depot::open(1);
        let mut shelves = Vec::new();
        for pair in releases.windows(2) {
            let bases: &[&Release] = if patches { &[&pair[0]] } else { &[] };
            depot.publish(&pair[1], bases);
            shelves.push(depot.shelf.clone());
        }
        shelves.push(depot.shelf.clone());
        Self::of(&depot.first_root(), shelves, releases)
    }

    /// The same with what the publisher offers, whose first root is `first_root`.
    pub(crate) fn of(first_root: &[u8], shelves: Vec<Shelf>, releases: Vec<Release>) -> Self {
        let room = |part: fn(&Release) -> usize| releases.iter().map(part).max().unwrap_or(0);
        let (boot, root, tree) = (
            room(|one| one.boot.len()),
            room(|one| one.root.len()),
            room(|one| one.tree.len()),
        );
        let mut places = vec![(Place::Choice, CHOICE_BYTES)];
        for slot in Slot::ALL {
            places.push((Place::Slot(slot.into(), Part::Boot), boot));
            places.push((Place::Slot(slot.into(), Part::Root), root));
            places.push((Place::Slot(slot.into(), Part::Tree), tree));
        }
        let card = Card::new(Media::new(&places));
        for (part, bytes) in parts(&releases[0]) {
            let place = Place::Slot(Slot::A.into(), part);
            card.media().area_mut(place).write(0, bytes);
            card.sync_area(place).unwrap();
        }
        store(&card, BootChoice::FACTORY).unwrap();
        Trust(card.clone()).keep_first(first_root);
        let first = card.media().clone();
        Self {
            releases,
            shelves,
            first,
            bad: None,
        }
    }

    pub(crate) fn newest(&self) -> u64 {
        self.releases.last().map_or(0, |release| release.version)
    }

    /// The newest that is any good.
    pub(crate) fn aim(&self) -> u64 {
        let good = |release: &&Release| Some(release.version) != self.bad;
        let good = self.releases.iter().rfind(good);
        good.map_or(0, |release| release.version)
    }

    /// The release that a slot holds whole.
    pub(crate) fn in_slot(&self, card: &Card, slot: Slot) -> Option<u64> {
        let media = card.media();
        let holds = |release: &&Release| {
            parts(release)
                .into_iter()
                .all(|(part, bytes)| is_there(media.area(Place::Slot(slot.into(), part)), bytes))
        };
        self.releases.iter().find(holds).map(|one| one.version)
    }
}

fn parts(release: &Release) -> [(Part, &[u8]); 3] {
    [
        (Part::Boot, &release.boot),
        (Part::Root, &release.root),
        (Part::Tree, &release.tree),
    ]
}

fn is_there(area: &Area, bytes: &[u8]) -> bool {
    let mut there = vec![0; bytes.len()];
    area.read(0, &mut there) && there == bytes
}

impl Trust {
    fn keep_first(&mut self, root: &[u8]) {
        use ota::trust::TrustStore as _;
        self.keep(&Role::Root, root).unwrap();
    }
}
