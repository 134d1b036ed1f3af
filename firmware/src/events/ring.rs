//! Writing the ring. One writer, under the lock of its folder; every batch is one append and one sync.
//!
//! A batch that [`Ring::append`] returned from is there after any power cut. A file whose write or sync failed is never written to again:
//! the next batch begins another.

use super::line::Event;
use super::segments::{self, SEGMENT_BYTES};
use nix::fcntl::{Flock, FlockArg};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The ring's own lock: it is kept before the stores open, and whether they do or not.
const LOCK: &str = "lock";

/// The ring, open for writing.
#[derive(Debug)]
pub struct Ring {
    folder: PathBuf,
    segments: usize,
    number: u64,
    length: u64,
    /// Begin another file: this one failed, or is not there yet.
    anew: bool,
    written: u64,
    _lock: Flock<File>,
}

impl Ring {
    /// Opens or makes the ring in the folder `name` of `data`, of so many segments at most.
    ///
    /// # Errors
    /// When the folder cannot be made or read, or another process keeps the ring (`WouldBlock`).
    pub fn open(data: &Path, name: &str, segments: usize) -> io::Result<Self> {
        let folder = data.join(name);
        if !folder.is_dir() {
            fs::create_dir_all(&folder)?;
            sync(data)?;
        }
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(LOCK))?;
        let lock = Flock::lock(file, FlockArg::LockExclusiveNonblock)
            .map_err(|(_, errno)| io::Error::from(errno))?;
        let last = segments::list(&folder)?.into_iter().next_back();
        let length = match &last {
            Some((_, path)) => fs::metadata(path)?.len(),
            None => 0,
        };
        Ok(Self {
            number: last.as_ref().map_or(0, |(number, _)| *number),
            length,
            anew: last.is_none(),
            written: 0,
            folder,
            segments,
            _lock: lock,
        })
    }

    /// Keeps `events` together; they are on the disk when it returns. A full disk costs the oldest file rather than the newest events.
    ///
    /// # Errors
    /// When they are not kept; the events before are.
    pub fn append(&mut self, events: &[Event]) -> io::Result<()> {
        for batch in batches(events) {
            self.append_text(&batch).or_else(|error| {
                let full = matches!(
                    error.kind(),
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
                );
                if full && self.give_up_oldest()? {
                    return self.append_text(&batch);
                }
                Err(error)
            })?;
        }
        Ok(())
    }

    /// Bytes that were written since it was opened.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.written
    }

    fn append_text(&mut self, text: &str) -> io::Result<()> {
        let bytes = text.len() as u64;
        if self.anew || self.length + bytes + 1 > SEGMENT_BYTES {
            self.begin_another()?;
        }
        let path = segments::path_of(&self.folder, self.number);
        let outcome = add_to(&path, text, self.length);
        match outcome {
            Ok(length) => {
                self.written += length - self.length;
                self.length = length;
            }
            Err(_) => self.anew = true,
        }
        outcome.map(drop)
    }

    fn begin_another(&mut self) -> io::Result<()> {
        let number = self.number + 1;
        let path = segments::path_of(&self.folder, number);
        let file = File::create_new(path)?;
        // It is there now: whatever fails next, another number comes after it.
        (self.number, self.length, self.anew) = (number, 0, true);
        file.sync_all()?;
        sync(&self.folder)?;
        self.anew = false;
        let kept = segments::list(&self.folder)?;
        for (_, path) in kept.iter().rev().skip(self.segments) {
            fs::remove_file(path)?;
        }
        Ok(())
    }

    /// Whether there was an older file than the one that is written to.
    fn give_up_oldest(&mut self) -> io::Result<bool> {
        let kept = segments::list(&self.folder)?;
        match kept.first() {
            Some((number, path)) if *number < self.number => {
                fs::remove_file(path)?;
                sync(&self.folder)?;
                Ok(true)
            }
            Some(_) | None => Ok(false),
        }
    }
}

/// The length afterwards. A tail that a cut has torn is closed by a line feed, so that it spoils no line of ours.
fn add_to(path: &Path, text: &str, length: u64) -> io::Result<u64> {
    let mut file = OpenOptions::new().append(true).open(path)?;
    let torn = length > 0 && !segments::read(path)?.ends_with(b"\n");
    let text = if torn {
        format!("\n{text}")
    } else {
        text.to_owned()
    };
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(length + text.len() as u64)
}

/// As many lines together as a fresh file holds.
fn batches(events: &[Event]) -> Vec<String> {
    let mut batches = vec![String::new()];
    for event in events {
        let line = event.to_line();
        match batches.last_mut() {
            Some(last) if ((last.len() + line.len()) as u64) < SEGMENT_BYTES => {
                last.push_str(&line);
            }
            Some(_) | None => batches.push(line),
        }
    }
    batches.retain(|batch| !batch.is_empty());
    batches
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::disallowed_methods,
        reason = "a test fails by panicking"
    )]
    use super::super::line::Value;
    use super::super::line::tests::numbered;
    use super::super::past::last;
    use super::super::segments::{FOLDER, MOST_SEGMENTS};
    use super::*;

    fn open(data: &Path) -> io::Result<Ring> {
        Ring::open(data, FOLDER, MOST_SEGMENTS)
    }

    fn numbers(data: &Path, most: usize) -> Vec<i64> {
        let past = last(data, most).unwrap();
        let number = |event: &Event| match event.fields["number"] {
            Value::Number(number) => number,
            Value::Flag(_) | Value::Real(_) | Value::Words(_) => -1,
        };
        past.events.iter().map(number).collect()
    }

    #[test]
    fn the_ring_keeps_to_its_budget_and_holds_the_newest() {
        let data = tempfile::tempdir().unwrap();
        let mut ring = open(data.path()).unwrap();
        for round in 0..120_i64 {
            let events: Vec<_> = (0..100).map(|n| numbered(round * 100 + n)).collect();
            ring.append(&events).unwrap();
        }
        let files = segments::list(&data.path().join(FOLDER)).unwrap();
        let sizes: Vec<u64> = files
            .iter()
            .map(|(_, path)| path.metadata().unwrap().len())
            .collect();
        assert_eq!(sizes.len(), MOST_SEGMENTS);
        assert!(sizes.iter().all(|size| *size <= SEGMENT_BYTES), "{sizes:?}");
        assert!(ring.written() > SEGMENT_BYTES * 18, "it went round");
        assert_eq!(numbers(data.path(), 3), [11_997, 11_998, 11_999]);
        let all = numbers(data.path(), usize::MAX);
        assert!(all.len() > 5000 && all.windows(2).all(|pair| pair[1] == pair[0] + 1));
    }

    #[test]
    fn a_torn_tail_and_a_spoiled_file_cost_what_they_held_and_nothing_else() {
        let data = tempfile::tempdir().unwrap();
        let mut ring = open(data.path()).unwrap();
        ring.append(&[numbered(1), numbered(2)]).unwrap();
        drop(ring);
        let (_, path) = segments::list(&data.path().join(FOLDER)).unwrap().remove(0);
        let mut bytes = fs::read(&path).unwrap();
        bytes.truncate(bytes.len() - 7);
        bytes.extend([0; 40]);
        fs::write(&path, bytes).unwrap();
        let mut ring = open(data.path()).unwrap();
        ring.append(&[numbered(3)]).unwrap();
        assert_eq!(numbers(data.path(), 9), [1, 3]);
        assert_eq!(last(data.path(), 9).unwrap().damaged, 1);
        fs::write(data.path().join("events/00000000.log"), [0xa5; 90_000]).unwrap();
        fs::write(data.path().join("events/notes.txt"), "not ours").unwrap();
        assert_eq!(numbers(data.path(), 9), [1, 3]);
    }

    #[test]
    fn one_process_keeps_it_and_anyone_reads() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(numbers(data.path(), 5), Vec::<i64>::new());
        let mut ring = open(data.path()).unwrap();
        ring.append(&[numbered(1)]).unwrap();
        let refused = open(data.path()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::WouldBlock);
        assert_eq!(numbers(data.path(), 5), [1]);
    }

    /// Puts a file in the place of the newest segment that takes what is written to it and cannot be synced; what it held keeps an older number.
    pub(in crate::events) fn break_the_sync(data: &Path) {
        let folder = data.join(FOLDER);
        let (number, path) = segments::list(&folder).unwrap().pop().unwrap();
        assert_eq!(number, 1);
        fs::rename(&path, segments::path_of(&folder, 0)).unwrap();
        std::os::unix::fs::symlink("/dev/null", path).unwrap();
    }

    #[test]
    fn a_file_whose_sync_failed_is_told_and_never_written_to_again() {
        let data = tempfile::tempdir().unwrap();
        let mut ring = open(data.path()).unwrap();
        ring.append(&[numbered(1)]).unwrap();
        let written = ring.written();
        break_the_sync(data.path());
        ring.append(&[numbered(2)]).unwrap_err();
        assert_eq!(ring.written(), written, "nothing that is known to be there");
        ring.append(&[numbered(3)]).unwrap();
        ring.append(&[numbered(4)]).unwrap();
        assert_eq!(numbers(data.path(), 9), [1, 3, 4]);
        let broken = data.path().join(FOLDER).join("00000001.log");
        assert!(broken.is_symlink(), "it lies where it lay");
        let another = segments::path_of(&data.path().join(FOLDER), 2);
        assert_eq!(fs::read_to_string(another).unwrap().lines().count(), 2);
    }
}
