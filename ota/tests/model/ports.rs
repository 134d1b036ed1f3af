//! The ports of the crate over a card.

use super::card::{Card, Place};
use ota::trust::{Role, TrustStore};
use ota::{
    BootChoice, BootControl, BootError, BootFlags, Ledger, Parcels, Part, Slot, SlotDisks,
    SlotError, SlotReader, SlotWriter, StateStore, UpdateRecord,
};
use sha2::{Digest as _, Sha256};
use std::io;

/// Bytes of one copy of the boot choice: more than a sector, so that it can be torn.
const COPY: usize = 1024;
pub(crate) const CHOICE_BYTES: usize = 2 * COPY;

/// A slot, while `running` runs.
pub(crate) struct Slots {
    pub(crate) card: Card,
    pub(crate) running: Slot,
}

struct Open {
    card: Card,
    slot: Slot,
}

impl Open {
    fn error(&self, doing: &'static str, part: Part, source: io::Error) -> SlotError {
        SlotError {
            doing,
            part,
            slot: self.slot,
            place: "the card".to_owned(),
            source,
        }
    }

    fn place(&self, part: Part) -> Place {
        Place::Slot(self.slot.into(), part)
    }

    fn read_at(&self, part: Part, at: u64, into: &mut [u8]) -> Result<(), SlotError> {
        let media = self.card.media();
        if media.dead {
            return Err(self.error("read", part, io::Error::other("the power is cut")));
        }
        if media.area(self.place(part)).read(at, into) {
            return Ok(());
        }
        Err(self.error("read", part, io::ErrorKind::UnexpectedEof.into()))
    }
}

impl SlotReader for Open {
    fn bytes(&mut self, part: Part) -> Result<u64, SlotError> {
        Ok(self.card.media().area(self.place(part)).length() as u64)
    }

    fn read(&mut self, part: Part, at: u64, into: &mut [u8]) -> Result<(), SlotError> {
        self.read_at(part, at, into)
    }
}

impl SlotWriter for Open {
    fn slot(&self) -> Slot {
        self.slot
    }

    fn room(&mut self, part: Part) -> Result<u64, SlotError> {
        Ok(self.card.media().area(self.place(part)).length() as u64)
    }

    fn read(&mut self, part: Part, at: u64, into: &mut [u8]) -> Result<(), SlotError> {
        self.read_at(part, at, into)
    }

    fn write(&mut self, part: Part, at: u64, bytes: &[u8]) -> Result<(), SlotError> {
        let place = self.place(part);
        let written = self
            .card
            .write(|media| media.area_mut(place).write(at, bytes));
        match written {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.error("write", part, io::ErrorKind::StorageFull.into())),
            Err(error) => Err(self.error("write", part, error)),
        }
    }

    fn sync(&mut self) -> Result<(), SlotError> {
        let synced = self.card.sync_slot(self.slot);
        synced.map_err(|error| self.error("sync", Part::Root, error))
    }
}

impl SlotDisks for Slots {
    fn booted(&self) -> Slot {
        self.running
    }

    fn has(&self, _: Part) -> bool {
        true
    }

    fn running(&mut self) -> Result<Box<dyn SlotReader>, SlotError> {
        Ok(Box::new(Open {
            card: self.card.clone(),
            slot: self.running,
        }))
    }

    fn spare(&mut self) -> Result<Box<dyn SlotWriter>, SlotError> {
        Ok(Box::new(Open {
            card: self.card.clone(),
            slot: self.running.other(),
        }))
    }
}

/// The boot choice in two copies, each with a serial number and a hash; the older one is written.
pub(crate) struct Choice {
    pub(crate) card: Card,
    pub(crate) running: Slot,
}

/// The newer copy that is whole: its number, serial and choice.
pub(crate) fn stored(card: &Card) -> Option<(u64, u64, BootChoice)> {
    let media = card.media();
    let copy = |number: u64| {
        let mut bytes = [0; COPY];
        let whole = media
            .area(Place::Choice)
            .read(number * COPY as u64, &mut bytes);
        let (body, hash) = bytes.split_at(COPY - 32);
        if !whole || Sha256::digest(body).as_slice() != hash {
            return None;
        }
        let serial = u64::from_le_bytes(body[..8].try_into().unwrap());
        let length = usize::from(body[8]);
        let choice = serde_json::from_slice(&body[9..9 + length]).ok()?;
        Some((number, serial, choice))
    };
    let copies = [copy(0), copy(1)];
    copies
        .into_iter()
        .flatten()
        .max_by_key(|(_, serial, _)| *serial)
}

pub(crate) fn store(card: &Card, choice: BootChoice) -> io::Result<()> {
    let before = stored(card);
    let (number, serial) = before.map_or((0, 1), |(number, serial, _)| (1 - number, serial + 1));
    let text = serde_json::to_vec(&choice).unwrap();
    let mut bytes = serial.to_le_bytes().to_vec();
    bytes.push(u8::try_from(text.len()).unwrap());
    bytes.extend(text);
    // Each serial has other bytes throughout, so that a torn copy is never whole by chance.
    bytes.resize(COPY - 32, u8::try_from(serial % 251).unwrap());
    bytes.extend(Sha256::digest(&bytes));
    card.write(|media| {
        media
            .area_mut(Place::Choice)
            .write(number * COPY as u64, &bytes)
    })?;
    card.sync_area(Place::Choice)
}

impl BootControl for Choice {
    fn booted(&self) -> Slot {
        self.running
    }

    fn load(&self) -> Result<BootFlags, BootError> {
        match stored(&self.card) {
            Some((_, _, choice)) => Ok(BootFlags::new(self.running, choice)),
            None => Err(BootError::Damaged {
                place: "the card".to_owned(),
                why: "no copy is whole".to_owned(),
            }),
        }
    }

    fn commit(&mut self, flags: &BootFlags) -> Result<(), BootError> {
        let write = |source| BootError::Write {
            place: "the card".to_owned(),
            source,
        };
        if stored(&self.card).map(|(_, _, choice)| choice) == Some(flags.choice()) {
            return Ok(());
        }
        store(&self.card, flags.choice()).map_err(write)?;
        self.card.sync_late().map_err(write)
    }
}

/// What was fetched, in files that only grow.
pub(crate) struct Fetched(pub(crate) Card);

fn parcel(name: &str) -> String {
    format!("parcels/{name}")
}

impl Parcels for Fetched {
    fn room(&mut self) -> io::Result<u64> {
        Ok(self.0.media().room)
    }

    fn length(&mut self, name: &str) -> io::Result<u64> {
        Ok(self.0.media().files.length(&parcel(name)) as u64)
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let name = parcel(name);
        if !self.0.media().files.exists(&name) {
            self.0.write(|media| media.files.create(&name))?;
        }
        self.0.write(|media| media.files.append(&name, bytes))
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        let name = parcel(name);
        self.0.sync(|media| media.files.sync(&name))?;
        if self.0.media().files.is_named(&name) {
            return Ok(());
        }
        self.0.sync(|media| media.files.sync_folder())
    }

    fn read(&mut self, name: &str, at: u64, into: &mut [u8]) -> io::Result<()> {
        let media = self.0.media();
        if media.dead {
            return Err(io::Error::other("the power is cut"));
        }
        let at = usize::try_from(at).unwrap();
        if media.files.read_at(&parcel(name), at, into) {
            return Ok(());
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }

    fn truncate(&mut self, name: &str, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).unwrap();
        self.0
            .write(|media| media.files.truncate(&parcel(name), length))
    }

    fn keep_only(&mut self, names: &[&str]) -> io::Result<()> {
        let all = self.0.media().files.names();
        for file in all {
            let Some(name) = file.strip_prefix("parcels/") else {
                continue;
            };
            if !names.contains(&name) {
                self.0.write(|media| media.files.remove(&file))?;
            }
        }
        Ok(())
    }
}

/// The ledger and the record of trials.
pub(crate) struct Memory(pub(crate) Card);

impl StateStore for Memory {
    fn load(&mut self) -> Ledger {
        let bytes = self.0.read_file("ledger.json");
        bytes
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    fn save(&mut self, ledger: &Ledger) -> io::Result<()> {
        self.0
            .write_aside("ledger.json", &serde_json::to_vec(ledger).unwrap())
    }
}

impl Memory {
    pub(crate) fn record(&self) -> UpdateRecord {
        let bytes = self.0.read_file("record.json");
        bytes
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    pub(crate) fn save_record(&self, record: &UpdateRecord) -> io::Result<()> {
        self.0
            .write_aside("record.json", &serde_json::to_vec(record).unwrap())
    }
}

/// What is believed.
pub(crate) struct Trust(pub(crate) Card);

fn role_file(role: &Role) -> String {
    format!("trust/{}.json", role.name())
}

impl TrustStore for Trust {
    type Error = io::Error;

    fn load(&self, role: &Role) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.read_file(&role_file(role)))
    }

    fn keep(&mut self, role: &Role, bytes: &[u8]) -> io::Result<()> {
        self.0.write_aside(&role_file(role), bytes)
    }

    fn forget(&mut self, role: &Role) -> io::Result<()> {
        let file = role_file(role);
        if !self.0.media().files.exists(&file) {
            return Ok(());
        }
        self.0.write(|media| media.files.remove(&file))?;
        self.0.sync(|media| media.files.sync_folder())
    }
}
