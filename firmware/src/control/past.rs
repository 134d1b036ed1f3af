//! What has happened to a box, up to now: what its disk holds, and what it has not written yet, which it alone knows.

use super::{Answer, Request, ask_running};
use crate::events::{self, Event, Past};
use std::io;
use std::path::Path;
use std::time::Duration;

/// It answers from memory.
const PATIENCE: Duration = Duration::from_secs(2);

/// The last `most` events of the box on `data`; and whether all are there that have happened: else nobody told what is not written yet.
///
/// # Errors
/// As [`events::last`].
pub fn past(data: &Path, most: usize) -> io::Result<(Past, bool)> {
    // Asked first: what is written meanwhile is read as well, and nothing falls between.
    let unwritten = unwritten(data);
    let mut past = events::last(data, most)?;
    let is_whole = unwritten.is_some();
    past.go_on_with(unwritten.unwrap_or_default(), most);
    Ok((past, is_whole))
}

/// `None`: no box answers, or one of a version that does not tell.
fn unwritten(data: &Path) -> Option<Vec<Event>> {
    let told = ask_running(data, &Request::Unwritten, PATIENCE, &mut |_| {});
    let Ok(Answer::Unwritten(lines)) = told else {
        return None;
    };
    // Read as lines of the disk are: the same words, bounds and names.
    let event = |line: &String| Event::from_line(line.trim_end().as_bytes());
    Some(lines.iter().filter_map(event).collect())
}
