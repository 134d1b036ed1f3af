//! The look itself: on a thread of the lowest rank, within a night's budget.

use super::kept::{Kept, MOST_FOUND};
use super::lessons;
use super::slot::look_on;
use crate::stores::Stores;
use crate::telemetry::chain;
use board_support::BoardChoice;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long it reads, real time.
pub const LONGEST: Duration = Duration::from_secs(10 * 60);
/// A clock that went back by more has lost its time, s.
const WENT_BACK_S: i64 = 86_400;

/// What it goes by beside the stores.
pub struct Around<'a> {
    /// Wall time, where it is trusted.
    pub wall_s: Option<i64>,
    /// Which board.
    pub board: &'a BoardChoice,
    /// The other system slot is one that the loader may take, and so nobody writes it.
    pub other_slot_may_boot: &'a dyn Fn() -> bool,
    /// Set by whoever wants it to end.
    pub stop: &'a Arc<AtomicBool>,
    /// Real time since it began.
    pub elapsed: &'a dyn Fn() -> Duration,
}

impl Around<'_> {
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Nobody wants it to end, and its time is not over.
    pub(super) fn goes_on(&self) -> bool {
        !self.is_stopped() && (self.elapsed)() < LONGEST
    }
}

/// Looks the box over from where it stopped; what was found is in the result. Blocks.
#[must_use]
pub fn look(stores: &Stores, before: &Kept, around: &Around<'_>) -> Kept {
    let mut kept = Kept {
        looks: before.looks.saturating_add(1),
        last_bytes: 0,
        found: Vec::new(),
        ..before.clone()
    };
    records(stores, &mut kept, around);
    clock(&mut kept, around.wall_s);
    let board = (around.board, stores.data());
    let (bytes, unread) = look_on(&mut kept.other_slot, board, around);
    kept.last_bytes += bytes;
    kept.found
        .extend(unread.or_else(|| kept.other_slot.problem()));
    match lessons::look_on(&mut kept.lessons, stores.library(), kept.looks, around) {
        Ok(bytes) => kept.last_bytes += bytes,
        Err(error) => kept.found.push(stores.library_error(&error)),
    }
    kept.found.extend(kept.lessons.problem());
    kept.found.truncate(MOST_FOUND);
    kept
}

fn records(stores: &Stores, kept: &mut Kept, around: &Around<'_>) {
    let stop = Arc::clone(around.stop);
    if let Err(error) = stores
        .records()
        .check(move || !stop.load(Ordering::Relaxed))
    {
        let why = chain(&error);
        kept.found.push(match error.damage() {
            Some(_) => format!(
                "the records are damaged: {why}; restart the box: it sets them aside and goes on"
            ),
            None => format!(
                "the records cannot be read: {why}; if it is told again tomorrow, change the card"
            ),
        });
    }
}

fn clock(kept: &mut Kept, wall_s: Option<i64>) {
    let Some(now) = wall_s else { return };
    if kept
        .latest_s
        .is_some_and(|latest| now + WENT_BACK_S < latest)
    {
        kept.found
            .push("the clock went back by more than a day: see to its coin cell".to_owned());
    }
    // One that stood ahead and was set right is told once.
    kept.latest_s = wall_s;
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::disallowed_methods,
        reason = "a test fails by panicking"
    )]
    use super::*;
    use crate::config::Config;
    use content_store::formats;
    use std::fs;
    use std::path::Path;

    fn filled(data: &Path, files: usize) -> Stores {
        let config = Config {
            keep_free_bytes: 0,
            records_reserve_bytes: 0,
            ..Config::default()
        };
        let stores = Stores::open(data, &config).unwrap();
        let source = data.join("source");
        fs::create_dir(&source).unwrap();
        fs::write(source.join("index.html"), "<title>Lessons</title>").unwrap();
        for number in 0..files {
            fs::write(
                source.join(format!("{number}.txt")),
                format!("lesson {number}"),
            )
            .unwrap();
        }
        let plan = formats::plan(&source).unwrap();
        let staged = formats::stage(&plan, data, 0, &mut |_| {}).unwrap();
        stores.library().adopt(&staged).unwrap();
        stores
    }

    fn blobs(folder: &Path) -> Vec<std::path::PathBuf> {
        let entries = fs::read_dir(folder).unwrap().flatten();
        let found = entries.flat_map(|entry| match entry.file_type().unwrap().is_dir() {
            true => blobs(&entry.path()),
            false => vec![entry.path()],
        });
        found.collect()
    }

    #[test]
    fn the_library_has_its_turn_and_a_damaged_lesson_is_found() {
        let data = tempfile::tempdir().unwrap();
        let stores = filled(data.path(), 60);
        let stop = Arc::new(AtomicBool::new(false));
        let board = BoardChoice::SimDir(data.path().join("sim"));
        let night = |kept: &Kept, seconds: u64| {
            let asked = std::cell::Cell::new(0);
            let around = Around {
                wall_s: Some(1_790_000_000),
                board: &board,
                other_slot_may_boot: &|| true,
                stop: &stop,
                // Each blob takes so long.
                elapsed: &|| {
                    asked.set(asked.get() + 1);
                    Duration::from_secs(seconds * asked.get())
                },
            };
            look(&stores, kept, &around)
        };
        let whole = night(&Kept::default(), 0);
        assert_eq!((whole.lessons.rounds, whole.found.as_slice()), (1, &[][..]));
        let blob = &blobs(&data.path().join("library/blobs"))[0];
        let mut bytes = fs::read(blob).unwrap();
        bytes[0] ^= 1;
        let _ = fs::remove_file(blob);
        fs::write(blob, bytes).unwrap();
        // A night has time for some of it: within some nights the whole had its turn.
        let (mut kept, mut nights) = (whole, 0);
        while kept.found.is_empty() && nights < 40 {
            kept = night(&kept, 40);
            nights += 1;
        }
        assert!(nights > 1 && nights < 40, "{nights}: {kept:?}");
        assert!(
            kept.found[0].starts_with("1 file of the library"),
            "{kept:?}"
        );
        // Told until it is sound, wherever the reading is.
        for _ in 0..nights {
            kept = night(&kept, 40);
            assert_eq!(kept.lessons.damaged.len(), 1, "{kept:?}");
        }
        let mut bytes = fs::read(blob).unwrap();
        bytes[0] ^= 1;
        fs::write(blob, bytes).unwrap();
        assert_eq!(night(&kept, 40).found, [""; 0]);
    }

    #[test]
    fn damaged_records_are_found_while_they_are_open() {
        let data = tempfile::tempdir().unwrap();
        let stores = filled(data.path(), 1);
        for tool in 0..200 {
            let name = format!("a tool with a long name, number {tool}");
            let made = stores
                .records()
                .make_credential(&name, jiff::Timestamp::UNIX_EPOCH);
            made.unwrap();
        }
        stores.close(Duration::from_secs(5));
        let board = BoardChoice::SimDir(data.path().join("sim"));
        let path = data.path().join("records/records.db");
        let found = |damaged: bool| {
            let stores = Stores::open(data.path(), &Config::default()).unwrap();
            if damaged {
                let mut bytes = fs::read(&path).unwrap();
                // Beyond the first page.
                bytes[4096..].fill(0xa5);
                fs::write(&path, bytes).unwrap();
            }
            let around = Around {
                wall_s: None,
                board: &board,
                other_slot_may_boot: &|| false,
                stop: &Arc::new(AtomicBool::new(false)),
                elapsed: &|| Duration::ZERO,
            };
            let found = look(&stores, &Kept::default(), &around).found;
            stores.close(Duration::from_secs(5));
            found
        };
        assert_eq!(found(false), [] as [String; 0], "the control");
        let damaged = found(true);
        assert!(
            damaged[0].starts_with("the records are damaged"),
            "{damaged:?}"
        );
        // What the line promises.
        assert_eq!(found(false), [] as [String; 0], "set aside");
    }

    #[test]
    fn a_look_that_is_told_to_stop_leaves_all_for_another_night() {
        let data = tempfile::tempdir().unwrap();
        let stores = filled(data.path(), 9);
        let board = BoardChoice::SimDir(data.path().join("sim"));
        let read = |stopped: bool| {
            let around = Around {
                wall_s: None,
                board: &board,
                other_slot_may_boot: &|| true,
                stop: &Arc::new(AtomicBool::new(stopped)),
                elapsed: &|| Duration::ZERO,
            };
            let kept = look(&stores, &Kept::default(), &around);
            (kept.last_bytes > 0, kept.lessons.rounds)
        };
        assert_eq!(read(true), (false, 0));
        assert_eq!(read(false), (true, 1), "the control");
    }

    #[test]
    fn a_clock_that_went_back_is_found() {
        let mut kept = Kept::default();
        for (now, found) in [
            (None, 0),
            (Some(2_000_000_000), 0),
            (Some(1_999_990_000), 0),
            (Some(1_800_000_000), 1),
            (Some(1_800_086_000), 0),
        ] {
            kept.found.clear();
            clock(&mut kept, now);
            assert_eq!(kept.found.len(), found, "{now:?}");
        }
    }
}
