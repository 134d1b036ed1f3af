//! Reading the ring: no lock, no box, nothing but the data folder.

use super::line::Event;
use super::segments::{self, FOLDER};
use std::io;
use std::path::Path;

/// What the ring holds of the past.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Past {
    /// The oldest first.
    pub events: Vec<Event>,
    /// Lines that are damaged and were passed over: a cut leaves one at most, a card that wears out more.
    pub damaged: usize,
}

/// The last `most` events in `data`, those of earlier boots among them. While a box runs the last minutes may not be there yet: they are
/// written together, and it alone tells them ([`Past::go_on_with`]). Of a folder without a ring there are none.
///
/// # Errors
/// When the folder is there and cannot be read. A file in it that cannot be read counts as damaged.
pub fn last(data: &Path, most: usize) -> io::Result<Past> {
    last_in(&data.join(FOLDER), most)
}

/// As [`last`], of the ring in `folder`.
///
/// # Errors
/// As [`last`].
pub fn last_in(folder: &Path, most: usize) -> io::Result<Past> {
    let segments = match segments::list(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Past::default()),
        listed => listed?,
    };
    let mut past = Past::default();
    // The newest first, until there are enough.
    for (_, path) in segments.iter().rev() {
        if past.events.len() >= most {
            break;
        }
        match segments::read(path) {
            Ok(bytes) => past.take_in(&bytes),
            // Removed by the box meanwhile: it was the oldest.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => past.damaged += 1,
        }
    }
    past.events.reverse();
    past.events.drain(..past.events.len().saturating_sub(most));
    Ok(past)
}

impl Past {
    /// What the running box had not written yet when it was asked, before this was read: some of it may have been written meanwhile. Of all, the
    /// last `most` stay.
    pub fn go_on_with(&mut self, unwritten: Vec<Event>, most: usize) {
        let start = |event: &Event| (event.boot, event.start);
        let Some(this) = unwritten.first().map(start) else {
            return;
        };
        let before = self.events.iter().rposition(|event| start(event) != this);
        let from = before.map_or(0, |at| at + 1);
        let known = &self.events[from..];
        let missing = unwritten.into_iter().filter(|event| !known.contains(event));
        let missing: Vec<Event> = missing.collect();
        self.events.extend(missing);
        // One that the ration kept out stands before those that were written after it was told.
        self.events[from..].sort_by_key(|event| event.since_boot_ms);
        self.events.drain(..self.events.len().saturating_sub(most));
    }

    /// The newest first, while it is being gathered.
    fn take_in(&mut self, segment: &[u8]) {
        for line in segment.split(|byte| *byte == b'\n').rev() {
            // What is torn or was never written reads as a line of nothing or of zeros.
            if line.iter().all(|byte| *byte == 0) {
                self.damaged += usize::from(!line.is_empty());
                continue;
            }
            match Event::from_line(line) {
                Some(event) => self.events.push(event),
                None => self.damaged += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::tests::numbered;
    use super::*;

    fn at(boot: u32, second: u64) -> Event {
        Event {
            boot,
            since_boot_ms: 1000 * second,
            ..numbered(7)
        }
    }

    #[test]
    fn what_the_box_had_not_written_comes_last_in_order_and_nothing_twice() {
        // A boot that lasted for longer; of this one 3 was written after it was told, and 5 is newer; 4 had no ration.
        let read = vec![at(1, 900), at(2, 1), at(2, 2), at(2, 3), at(2, 5)];
        let told = vec![at(2, 3), at(2, 4)];
        for (most, left) in [(200, 6), (3, 3)] {
            let mut past = Past {
                events: read.clone(),
                damaged: 0,
            };
            past.go_on_with(told.clone(), most);
            let all = [at(1, 900), at(2, 1), at(2, 2), at(2, 3), at(2, 4), at(2, 5)];
            assert_eq!(past.events, all[all.len() - left..]);
            // The control: a box that has written everything.
            let before = past.clone();
            past.go_on_with(Vec::new(), most);
            assert_eq!(past, before);
        }
        let mut nothing_kept = Past::default();
        nothing_kept.go_on_with(told.clone(), 200);
        assert_eq!(nothing_kept.events, told);
    }
}
