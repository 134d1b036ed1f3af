//! Disk, library, records, slots and watchdog: tried the same way whoever owns the rest of the board.

use super::facts::{LibraryFacts, RecordsFacts, SlotFacts, StorageFacts, WatchdogFacts, WearFacts};
use super::run::Around;
use crate::telemetry::chain;
use crate::updates::seals::seals;
use board_support::slots::{Which, look};
use board_support::storage::{measure, registers, simulated_limit};
use board_support::{usb, watchdog};
use content_store::disk;
use content_store::library::Parts;
use ota::fetch::Go;
use ota::install::sealed::as_sealed;
use std::sync::mpsc;
use std::time::Duration;

/// The file on which the speed is measured, bytes.
const SPEED_BYTES: u64 = 32 << 20;
/// Each of the ways it is measured.
const SPEED_PATIENCE: Duration = Duration::from_secs(15);
/// As the proof of `/healthz` waits.
const WRITE_PATIENCE: Duration = Duration::from_secs(20);
/// A slot that takes longer to read is left: a card that slow fails elsewhere.
const SLOT_PATIENCE: Duration = Duration::from_secs(60);
/// Checking the library ends then; what was read is told.
pub(super) const LIBRARY_PATIENCE: Duration = Duration::from_secs(210);

pub(super) fn storage(around: &Around<'_>) -> StorageFacts {
    let free = disk::room(around.data).map_or(0, |room| room.free);
    let limit = simulated_limit(around.board, around.data);
    // The reserve is not for us, not even for a moment.
    let room = free.saturating_sub(around.keep_free);
    let speed = if around.in_memory || room >= 2 * SPEED_BYTES {
        measure(around.data, SPEED_BYTES, SPEED_PATIENCE, limit)
            .map(|speed| (speed.write_mb_s, speed.read_mb_s, speed.commits_s))
            .map_err(|error| chain(&error))
    } else {
        Err("there is no room for a file to measure on".to_owned())
    };
    StorageFacts {
        speed,
        free,
        keep_free: around.keep_free,
        in_memory: around.in_memory,
    }
}

pub(super) fn wear(around: &Around<'_>) -> WearFacts {
    registers(around.board, around.data)
}

pub(super) fn dog(around: &Around<'_>) -> WatchdogFacts {
    watchdog::watchdog(around.board, around.data)
}

/// Sticks that are plugged in, and how many of them can be read.
pub(super) fn sticks(around: &Around<'_>) -> (usize, usize) {
    let sticks = usb::sticks(around.board, around.data);
    let readable = sticks
        .iter()
        .filter(|stick| stick.folder.read_dir().is_ok());
    (sticks.len(), readable.count())
}

pub(super) fn records(around: &Around<'_>) -> RecordsFacts {
    let stores = match &around.stores {
        Ok(stores) => stores,
        Err(why) => {
            return RecordsFacts {
                write: Err(why.clone()),
                count: Ok(0),
                faults: Vec::new(),
            };
        }
    };
    let (done, wait) = mpsc::channel();
    let began = around.clock.since_boot();
    let told = Box::new(move |written: Result<(), _>| {
        let written = written.map_err(|error: content_store::records::RecordsError| chain(&error));
        let _ = done.send(written);
    });
    stores.records().probe_write(around.clock.wall(), told);
    let write = match wait.recv_timeout(WRITE_PATIENCE) {
        Ok(Ok(())) => Ok(around.clock.since_boot().saturating_sub(began)),
        Ok(Err(why)) => Err(why),
        Err(_) => Err(format!(
            "the queue has not moved for {} s",
            WRITE_PATIENCE.as_secs()
        )),
    };
    RecordsFacts {
        write,
        count: stores.records().count().map_err(|error| chain(&error)),
        faults: stores.faults(),
    }
}

/// As much of it as there is time for; `told` hears of bytes.
pub(super) fn library(around: &Around<'_>, told: &mut dyn FnMut(u64, u64)) -> LibraryFacts {
    let stores = match &around.stores {
        Ok(stores) => stores,
        Err(why) => {
            return LibraryFacts {
                checked: Err(why.clone()),
            };
        }
    };
    let began = around.clock.since_boot();
    // Another part of it each time.
    let [first, ..] = began.as_millis().to_le_bytes();
    let checked =
        stores
            .library()
            .verify_some(Parts::all_from(first), &|| false, &mut |done, total| {
                told(done, total);
                around.clock.since_boot().saturating_sub(began) < LIBRARY_PATIENCE
            });
    LibraryFacts {
        checked: checked.map_err(|error| stores.library_error(&error)),
    }
}

/// The running or the other slot.
pub(super) fn slot(around: &Around<'_>, which: Which, told: &mut dyn FnMut(u64, u64)) -> SlotFacts {
    let mut open = match look(around.board, around.data, which) {
        Ok(Some(open)) => open,
        Ok(None) => return SlotFacts::Single,
        Err(error) => return SlotFacts::Unreadable(chain(&error)),
    };
    let seals = seals(around.data, &open);
    if seals.is_empty() {
        let why = if open.running {
            "nothing on this box says what it should be"
        } else {
            "it holds no system yet"
        };
        return SlotFacts::LeftAlone(why.to_owned());
    }
    let total = seals.iter().map(|(_, seal)| seal.bytes).sum();
    let began = around.clock.since_boot();
    let found = as_sealed(&seals, open.reader(), &mut |done| {
        told(done, total);
        match around.clock.since_boot().saturating_sub(began) < SLOT_PATIENCE {
            true => Go::On,
            false => Go::Stop,
        }
    });
    match found {
        Ok(Some(found)) => SlotFacts::Read {
            slot: open.slot.to_string(),
            bytes: found.bytes,
            wrong: found
                .wrong
                .iter()
                .map(|part| format!("its {part}"))
                .collect(),
        },
        Ok(None) => SlotFacts::LeftAlone(format!(
            "it was not read within {} s",
            SLOT_PATIENCE.as_secs()
        )),
        Err(error) => SlotFacts::Unreadable(chain(&error)),
    }
}
