//! The library, read night by night: what of it is damaged is remembered, and looked at again before anything else.

use super::look::Around;
use content_store::library::{Library, LibraryError, Parts, Sampled};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Bytes that are read in a night: 128 GB have their turn within some two months.
pub const MOST_BYTES: u64 = 2 << 30;
/// Damaged files that are remembered; beyond that there are more.
const MOST_DAMAGED: usize = 200;
/// Parts with damage that are looked at again in a night: the others have their turn in the next ones.
const AGAIN: usize = 4;

/// How far it was read, and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lessons {
    /// The next of 256 parts to be read.
    pub next_part: u8,
    /// How often all of it was read.
    pub rounds: u32,
    /// Files that were found damaged, and not sound since: their hashes, 64 hex digits.
    pub damaged: BTreeSet<String>,
}

impl Lessons {
    /// What a person reads of it.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let count = match self.damaged.len() {
            0 => return None,
            1 => "1 file of the library is".to_owned(),
            count if count < MOST_DAMAGED => format!("{count} files of the library are"),
            _ => "many files of the library are".to_owned(),
        };
        Some(format!(
            "{count} damaged: import the lessons again; `school-box library verify` names them"
        ))
    }

    /// Parts that have damaged files; `turn` says which come first.
    fn again(&self, turn: u32) -> Vec<u8> {
        let parts: BTreeSet<u8> = self.damaged.iter().filter_map(|hash| part(hash)).collect();
        let from = usize::try_from(turn).unwrap_or_default() * AGAIN;
        let count = parts.len().min(AGAIN);
        let round = parts.iter().copied().cycle();
        round
            .skip(from.checked_rem(parts.len()).unwrap_or_default())
            .take(count)
            .collect()
    }

    /// What of `part`, if it was read to its end, is damaged now.
    fn handle_again(&mut self, part_read: u8, read: &Sampled) {
        if read.whole {
            self.damaged.retain(|hash| part(hash) != Some(part_read));
        }
        self.add(&read.damaged);
    }

    fn handle(&mut self, read: &Sampled) {
        let round = read.whole || read.next < self.next_part;
        self.rounds = self.rounds.saturating_add(u32::from(round));
        self.next_part = read.next;
        self.add(&read.damaged);
    }

    fn add(&mut self, damaged: &BTreeSet<String>) {
        for hash in damaged {
            if self.damaged.len() < MOST_DAMAGED {
                self.damaged.insert(hash.clone());
            }
        }
    }
}

/// The part of a file, by the first byte of its hash.
fn part(hash: &str) -> Option<u8> {
    u8::from_str_radix(hash.get(..2)?, 16).ok()
}

/// Looks again at what was damaged, then reads on; the bytes that were read. `turn` rises from night to night.
///
/// # Errors
/// The check could not go on. What was found before is kept.
pub(super) fn look_on(
    lessons: &mut Lessons,
    library: &Library,
    turn: u32,
    around: &Around<'_>,
) -> Result<u64, LibraryError> {
    let stop = || around.is_stopped();
    let mut bytes = 0;
    for part in lessons.again(turn) {
        let mut go_on = |done, _| around.goes_on() && bytes + done < MOST_BYTES;
        let read = library.verify_some(Parts::one(part), &stop, &mut go_on)?;
        bytes += read.report.bytes;
        lessons.handle_again(part, &read);
    }
    let mut go_on = |done, _| around.goes_on() && bytes + done < MOST_BYTES;
    let read = library.verify_some(Parts::all_from(lessons.next_part), &stop, &mut go_on)?;
    lessons.handle(&read);
    Ok(bytes + read.report.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(next: u8, whole: bool, damaged: &[&str]) -> Sampled {
        Sampled {
            damaged: damaged.iter().map(ToString::to_string).collect(),
            whole,
            next,
            ..Sampled::default()
        }
    }

    fn hash(part: u8, number: u64) -> String {
        format!("{part:02x}{number:062x}")
    }

    #[test]
    fn damage_is_told_until_its_part_is_sound_and_counted_once() {
        let mut lessons = Lessons::default();
        let (one, two) = (hash(250, 1), hash(3, 2));
        lessons.handle(&read(251, false, &[&one]));
        // The round ends and the next begins: nothing is forgotten by that.
        lessons.handle(&read(40, false, &[&two]));
        assert_eq!(lessons.rounds, 1);
        let told = |lessons: &Lessons| lessons.problem().unwrap_or_default();
        assert!(told(&lessons).starts_with("2 files"), "{lessons:?}");
        lessons.handle(&read(251, false, &[&one]));
        assert!(told(&lessons).starts_with("2 files"), "not counted twice");
        assert_eq!(lessons.again(0), [3, 250]);
        lessons.handle_again(250, &read(250, false, &[]));
        assert!(told(&lessons).starts_with("2 files"), "not read to its end");
        lessons.handle_again(250, &read(250, true, &[]));
        assert!(told(&lessons).starts_with("1 file "), "{lessons:?}");
        lessons.handle_again(3, &read(3, true, &[]));
        assert_eq!(lessons.problem(), None);
    }

    #[test]
    fn much_damage_has_its_turn_in_some_nights_and_has_a_limit() {
        let mut lessons = Lessons::default();
        let all: Vec<String> = (0..=u8::MAX).map(|part| hash(part, 7)).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        lessons.handle(&read(0, true, &all));
        assert_eq!(lessons.damaged.len(), MOST_DAMAGED);
        let seen: BTreeSet<u8> = (0..50).flat_map(|turn| lessons.again(turn)).collect();
        assert_eq!(seen.len(), MOST_DAMAGED);
    }
}
