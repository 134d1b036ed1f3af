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
/// written together. Of a folder without a ring there are none.
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
