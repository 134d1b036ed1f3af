//! The card of a box: the slots, the loader's place, the data folder. Every write and every sync of it is counted, and the power can be cut at any.

use super::Draw;
use super::area::Area;
use super::files::Files;
use ota::{Part, Slot};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

/// What becomes of writes that were not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// All are lost.
    Lost,
    /// They stand up to one, which is torn at a sector.
    Torn,
    /// Any of their sectors may stand.
    Reordered,
}

impl Cut {
    pub(crate) const ALL: [Self; 3] = [Self::Lost, Self::Torn, Self::Reordered];
}

/// What is wrong with the box that is tried: the negative controls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// The slot is never synced.
    NoSync,
    /// The slot is synced after the boot choice was changed.
    LateSync,
}

/// A place on the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Slot(Slot2, Part),
    Choice,
}

/// A slot, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot2(u8);

impl From<Slot> for Slot2 {
    fn from(slot: Slot) -> Self {
        Self(u8::from(slot == Slot::B))
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Media {
    areas: BTreeMap<Place, Area>,
    pub(crate) files: Files,
    /// Writes and syncs so far.
    steps: u64,
    cut_at: Option<u64>,
    pub(crate) dead: bool,
    pub(crate) fault: Fault,
    owed: bool,
    pub(crate) room: u64,
    /// Seen from outside: the newest version that was confirmed. None below it may run again.
    pub(crate) confirmed: u64,
    /// And how often one that never proves itself was started.
    pub(crate) trials: u32,
}

/// The same card for all who hold it.
#[derive(Debug, Clone)]
pub(crate) struct Card {
    media: Arc<Mutex<Media>>,
    /// The card as a cut at each step would find it.
    seen: Option<Arc<Mutex<Vec<Media>>>>,
}

/// The power is gone.
fn dead() -> io::Error {
    io::Error::other("the power is cut")
}

impl Media {
    pub(crate) fn new(places: &[(Place, usize)]) -> Self {
        let area = |(place, length): &(Place, usize)| (*place, Area::new(*length, 0x55));
        Self {
            areas: places.iter().map(area).collect(),
            files: Files::default(),
            steps: 0,
            cut_at: None,
            dead: false,
            fault: Fault::None,
            owed: false,
            room: 1 << 40,
            confirmed: 0,
            trials: 0,
        }
    }

    /// The box is off; the card lies on the table.
    pub(crate) fn cut(&mut self, cut: Cut, draw: &mut Draw) {
        for area in self.areas.values_mut() {
            area.cut(cut, draw);
        }
        self.files.cut(cut, draw);
        self.dead = false;
        self.owed = false;
        self.cut_at = None;
        self.steps = 0;
    }

    /// The power is cut at this step from now on.
    pub(crate) fn cut_at(&mut self, step: u64) {
        self.cut_at = Some(self.steps + step);
    }

    pub(crate) const fn steps(&self) -> u64 {
        self.steps
    }

    pub(crate) fn area(&self, place: Place) -> &Area {
        &self.areas[&place]
    }

    pub(crate) fn area_mut(&mut self, place: Place) -> &mut Area {
        self.areas.get_mut(&place).unwrap()
    }
}

impl Card {
    pub(crate) fn new(media: Media) -> Self {
        Self {
            media: Arc::new(Mutex::new(media)),
            seen: None,
        }
    }

    /// Keeps the card as it is at each step.
    pub(crate) fn watched(media: Media) -> Self {
        Self {
            media: Arc::new(Mutex::new(media)),
            seen: Some(Arc::default()),
        }
    }

    pub(crate) fn seen(&self) -> Vec<Media> {
        self.seen
            .as_ref()
            .map(|seen| seen.lock().unwrap().clone())
            .unwrap_or_default()
    }

    pub(crate) fn media(&self) -> MutexGuard<'_, Media> {
        self.media.lock().unwrap()
    }

    /// A write, which is in the cache when the power may go.
    pub(crate) fn write<T>(&self, write: impl FnOnce(&mut Media) -> T) -> io::Result<T> {
        let mut media = self.media();
        if media.dead {
            return Err(dead());
        }
        let done = write(&mut media);
        self.step(&mut media)?;
        Ok(done)
    }

    /// A sync: nothing of it is done when the power goes.
    pub(crate) fn sync(&self, sync: impl FnOnce(&mut Media)) -> io::Result<()> {
        let mut media = self.media();
        if media.dead {
            return Err(dead());
        }
        self.step(&mut media)?;
        sync(&mut media);
        Ok(())
    }

    fn step(&self, media: &mut Media) -> io::Result<()> {
        media.steps += 1;
        if let Some(seen) = &self.seen {
            seen.lock().unwrap().push(media.clone());
        }
        if media.cut_at == Some(media.steps) {
            media.dead = true;
            return Err(dead());
        }
        Ok(())
    }

    pub(crate) fn sync_area(&self, place: Place) -> io::Result<()> {
        self.sync(|media| media.area_mut(place).sync())
    }

    pub(crate) fn sync_slot(&self, slot: Slot) -> io::Result<()> {
        let fault = self.media().fault;
        if fault == Fault::LateSync {
            self.media().owed = true;
        }
        for part in [Part::Boot, Part::Root, Part::Tree] {
            let place = Place::Slot(slot.into(), part);
            match fault {
                Fault::None => self.sync_area(place)?,
                Fault::NoSync | Fault::LateSync => self.sync(|_| {})?,
            }
        }
        Ok(())
    }

    /// The boot choice was changed: now comes what should have come before it.
    pub(crate) fn sync_late(&self) -> io::Result<()> {
        let owed = std::mem::take(&mut self.media().owed);
        if owed {
            for slot in Slot::ALL {
                for part in [Part::Boot, Part::Root, Part::Tree] {
                    self.sync_area(Place::Slot(slot.into(), part))?;
                }
            }
        }
        Ok(())
    }

    /// As `content_store::disk::write_aside`.
    pub(crate) fn write_aside(&self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let aside = format!("{file}.new");
        self.write(|media| media.files.create(&aside))?;
        self.write(|media| media.files.append(&aside, bytes))?;
        self.sync(|media| media.files.sync(&aside))?;
        self.write(|media| media.files.rename(&aside, file))?;
        self.sync(|media| media.files.sync_folder())
    }

    pub(crate) fn read_file(&self, file: &str) -> Option<Vec<u8>> {
        self.media().files.read(file)
    }
}
