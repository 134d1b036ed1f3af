//! A data disk of memory that loses what was not synced, and a pack on its way.

use super::model::Draw;
use super::model::repository::{Depot, Shelf, sha256};
use ota::delta::{ReadAt, WriteAt};
use ota::fetch::{Budget, Fetched, Go};
use ota::install::pack::{self, PackBase, PackDesk, PackError, PackFile};
use ota::{Ledger, PackOffer, Parcels, StateStore, Wanted};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, LazyLock, Mutex};

const BLOCK: usize = 4096;

/// What is on the disk, and what is only said to be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Disk {
    parcels: BTreeMap<String, (Vec<u8>, usize)>,
    /// The file, as a reader sees it and as a cut leaves it.
    file: (Vec<u8>, Vec<u8>),
    ledger: Ledger,
    /// Writes until the power goes; `None`: it stays.
    pub(crate) writes_left: Option<u64>,
    /// Its syncs do nothing.
    pub(crate) lies: bool,
    draw: u64,
}

/// One disk for all ports.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shared(pub(crate) Arc<Mutex<Disk>>);

impl Shared {
    fn write(&self) -> io::Result<std::sync::MutexGuard<'_, Disk>> {
        let mut disk = self.0.lock().unwrap();
        match &mut disk.writes_left {
            Some(0) => return Err(io::Error::other("the power is cut")),
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(disk)
    }

    /// The power goes: of what was not synced some is there, some is not, a block at a time.
    pub(crate) fn cut(&self) {
        let mut disk = self.0.lock().unwrap();
        for (bytes, synced) in disk.parcels.values_mut() {
            let kept = *synced + (bytes.len() - *synced) / 2;
            bytes.truncate(kept);
        }
        let (seen, mut kept) = disk.file.clone();
        kept.resize(seen.len(), 0);
        for (at, block) in seen.chunks(BLOCK).enumerate() {
            disk.draw = disk
                .draw
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            if disk.draw >> 63 == 1 {
                kept[at * BLOCK..at * BLOCK + block.len()].copy_from_slice(block);
            }
        }
        disk.file = (kept.clone(), kept);
        disk.writes_left = None;
    }

    pub(crate) fn file(&self) -> Vec<u8> {
        self.0.lock().unwrap().file.0.clone()
    }
}

impl Parcels for Shared {
    fn room(&mut self) -> io::Result<u64> {
        Ok(1 << 40)
    }

    fn length(&mut self, name: &str) -> io::Result<u64> {
        let disk = self.0.lock().unwrap();
        Ok(disk
            .parcels
            .get(name)
            .map_or(0, |(bytes, _)| bytes.len() as u64))
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.write()?;
        disk.parcels
            .entry(name.to_owned())
            .or_default()
            .0
            .extend(bytes);
        Ok(())
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        let mut disk = self.write()?;
        let lies = disk.lies;
        if let Some((bytes, synced)) = disk.parcels.get_mut(name).filter(|_| !lies) {
            *synced = bytes.len();
        }
        Ok(())
    }

    fn read(&mut self, name: &str, at: u64, into: &mut [u8]) -> io::Result<()> {
        let disk = self.0.lock().unwrap();
        let at = usize::try_from(at).unwrap();
        let parcel = disk.parcels.get(name).ok_or(io::ErrorKind::NotFound)?;
        let bytes = parcel.0.get(at..at + into.len());
        into.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn truncate(&mut self, name: &str, length: u64) -> io::Result<()> {
        let mut disk = self.write()?;
        if let Some((bytes, synced)) = disk.parcels.get_mut(name) {
            bytes.truncate(usize::try_from(length).unwrap());
            *synced = bytes.len().min(*synced);
        }
        Ok(())
    }

    fn keep_only(&mut self, names: &[&str]) -> io::Result<()> {
        let mut disk = self.write()?;
        disk.parcels
            .retain(|name, _| names.contains(&name.as_str()));
        Ok(())
    }
}

impl StateStore for Shared {
    fn load(&mut self) -> Ledger {
        self.0.lock().unwrap().ledger.clone()
    }

    fn save(&mut self, ledger: &Ledger) -> io::Result<()> {
        self.write()?.ledger = ledger.clone();
        Ok(())
    }
}

impl ReadAt for Shared {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let disk = self.0.lock().unwrap();
        let at = usize::try_from(at).unwrap();
        let bytes = disk.file.0.get(at..at + into.len());
        into.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

impl WriteAt for Shared {
    fn write_at(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.write()?;
        let at = usize::try_from(at).unwrap();
        let into = disk.file.0.get_mut(at..at + bytes.len());
        into.ok_or(io::ErrorKind::StorageFull)?
            .copy_from_slice(bytes);
        Ok(())
    }
}

impl PackFile for Shared {
    fn takes(&mut self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().file.0.len() as u64)
    }

    fn resize(&mut self, bytes: u64) -> io::Result<()> {
        self.write()?
            .file
            .0
            .resize(usize::try_from(bytes).unwrap(), 0);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut disk = self.write()?;
        if !disk.lies {
            disk.file.1 = disk.file.0.clone();
        }
        Ok(())
    }
}

/// The older version, as the library has it.
struct Older<'a>(&'a [u8]);

impl ReadAt for Older<'_> {
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let at = usize::try_from(at).unwrap();
        let bytes = self.0.get(at..at + into.len());
        into.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// What the publisher made: packing and comparing is most of a test's work, and the same for each.
#[derive(Debug, Clone)]
struct Published {
    old: Vec<u8>,
    new: Vec<u8>,
    shelf: Shelf,
    offer: PackOffer,
}

/// Without a patch, and with one.
static PUBLISHED: [LazyLock<Published>; 2] = [
    LazyLock::new(|| Published::new(false)),
    LazyLock::new(|| Published::new(true)),
];

impl Published {
    fn new(patched: bool) -> Self {
        let mut draw = Draw::new(5);
        let old = draw.bytes(300 * BLOCK + 17);
        let mut new = old.clone();
        for block in [3, 140, 290] {
            new[block * BLOCK..block * BLOCK + 900].copy_from_slice(&draw.bytes(900));
        }
        let mut depot = Depot::open(1);
        let bases: &[&[u8]] = if patched { &[&old] } else { &[] };
        let offer = depot.pack("reading", 2, &new, bases);
        Self {
            old,
            new,
            shelf: depot.shelf,
            offer,
        }
    }
}

/// A publisher who offers the second version of a pack, and a box with the first.
pub(crate) struct Rig {
    pub(crate) old: Vec<u8>,
    /// What is on the medium where the first was.
    pub(crate) there: Option<Vec<u8>>,
    pub(crate) new: Vec<u8>,
    pub(crate) shelf: Shelf,
    pub(crate) offer: PackOffer,
    pub(crate) disk: Shared,
}

impl Rig {
    /// Three pieces; in each a part is new. `patched`: there is a patch from the first version.
    pub(crate) fn new(patched: bool) -> Self {
        let published = PUBLISHED[usize::from(patched)].clone();
        Self {
            there: Some(published.old.clone()),
            old: published.old,
            new: published.new,
            shelf: published.shelf,
            offer: published.offer,
            disk: Shared::default(),
        }
    }

    pub(crate) fn wanted(&self) -> (Wanted, Vec<u8>) {
        let bytes = serde_json::to_vec(&self.offer).unwrap();
        let wanted = Wanted {
            version: 2,
            name: "reading".to_owned(),
            bundle: sha256(&bytes),
        };
        (wanted, bytes)
    }

    pub(crate) fn want(&self) -> Result<(), PackError> {
        let (wanted, offer) = self.wanted();
        let (mut parcels, mut state) = (self.disk.clone(), self.disk.clone());
        pack::want(&mut parcels, &mut state, &wanted, &offer)
    }

    fn at_the_desk<T>(&self, work: impl FnOnce(&mut PackDesk<'_>) -> T) -> T {
        let mut older = self.there.as_deref().map(Older);
        let base = older.as_mut().map(|older| PackBase {
            bytes: older.0.len() as u64,
            // Its name says what it was when it was taken in.
            sha256: sha256(&self.old),
            disk: older,
        });
        let (mut file, mut parcels, mut state) =
            (self.disk.clone(), self.disk.clone(), self.disk.clone());
        work(&mut PackDesk {
            base,
            file: &mut file,
            parcels: &mut parcels,
            state: &mut state,
        })
    }

    pub(crate) fn fetch(&mut self, budget: u64) -> Result<Fetched, PackError> {
        let mut shelf = std::mem::take(&mut self.shelf);
        let mut budget = Budget(budget);
        let fetched =
            self.at_the_desk(|desk| pack::fetch(desk, &mut shelf, &mut budget, &mut |_| Go::On));
        self.shelf = shelf;
        fetched
    }

    pub(crate) fn build(&self) -> Result<Fetched, PackError> {
        self.at_the_desk(|desk| pack::build(desk, &mut |_| Go::On))
    }

    /// Told to stop after so many words.
    pub(crate) fn build_until(&self, words: u64) -> Result<Fetched, PackError> {
        let mut heard = 0;
        self.at_the_desk(|desk| {
            pack::build(desk, &mut |_| {
                heard += 1;
                if heard > words { Go::Stop } else { Go::On }
            })
        })
    }

    /// From wanted to made, to the end or to the first fault. `true`: it is made.
    pub(crate) fn all(&mut self) -> Result<bool, PackError> {
        self.want()?;
        for _ in 0..4 {
            if self.fetch(u64::MAX)? != Fetched::All {
                return Ok(false);
            }
            match self.build() {
                Err(PackError::Incomplete) => {}
                built => return built.map(|built| built == Fetched::All),
            }
        }
        Ok(false)
    }
}
