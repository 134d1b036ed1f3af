//! The other system slot: what an update left there as the way back lies unread for months. It is read night by night, and never written.

use super::look::Around;
use crate::telemetry::chain;
use crate::updates::seals::seals;
use board_support::BoardChoice;
use board_support::slots::{OpenSlot, Which, look};
use ota::Part;
use ota::fetch::Go;
use ota::image::Seal;
use ota::install::stretch::{Stretch, stretch};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Bytes of it that are read in a night: a system of some hundred megabytes has its turn within a few.
pub const MOST_BYTES: u64 = 256 << 20;

/// How far it was read, and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OtherSlot {
    /// The root hash of the system that is there, hexadecimal; empty: none that is known.
    pub root: String,
    /// The piece of its root, of 512 KiB, that has its turn next.
    pub next_piece: u64,
    /// How often all of it was read.
    pub rounds: u32,
    /// Parts that the present round found damaged.
    pub so_far: Vec<Part>,
    /// The same, with those of the round before.
    pub damaged: Vec<Part>,
}

impl OtherSlot {
    /// What is known of a slot that must be as `seals` say: nothing, where that is another system than before.
    fn of(self, seals: &[(Part, Seal)]) -> Self {
        let root = seals.iter().find(|(part, _)| *part == Part::Root);
        let root = root.map_or_else(String::new, |(_, seal)| seal.root.to_string());
        match self.root == root {
            true => self,
            false => Self {
                root,
                ..Self::default()
            },
        }
    }

    fn handle(&mut self, read: Stretch) {
        for part in read.wrong {
            for list in [&mut self.so_far, &mut self.damaged] {
                if !list.contains(&part) {
                    list.push(part);
                }
            }
        }
        self.next_piece = read.next.unwrap_or(0);
        if read.next.is_none() {
            self.rounds = self.rounds.saturating_add(1);
            self.damaged = std::mem::take(&mut self.so_far);
        }
    }

    /// What a person reads of it.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let parts: Vec<String> = self.damaged.iter().map(ToString::to_string).collect();
        (!parts.is_empty()).then(|| {
            let parts = parts.join(" and its ");
            format!("the other system slot is damaged (its {parts}): the box cannot go back to it; an update mends it")
        })
    }
}

/// Reads on; the bytes that were read, and a line where it could not be read. A slot that holds no system, or is being written, is let be.
pub(super) fn look_on(
    slot: &mut OtherSlot,
    (board, data): (&BoardChoice, &Path),
    around: &Around<'_>,
) -> (u64, Option<String>) {
    if !(around.other_slot_may_boot)() {
        *slot = OtherSlot::default();
        return (0, None);
    }
    match read(slot.clone(), (board, data), around) {
        // What was written meanwhile is no damage.
        Ok(_) if !(around.other_slot_may_boot)() => (0, None),
        Ok((found, bytes)) => {
            *slot = found;
            (bytes, None)
        }
        Err(line) => (0, Some(line)),
    }
}

fn read(
    slot: OtherSlot,
    (board, data): (&BoardChoice, &Path),
    around: &Around<'_>,
) -> Result<(OtherSlot, u64), String> {
    let unreadable = |error: &dyn std::error::Error| {
        format!(
            "the other system slot cannot be read ({}): the card may be worn out; an update may mend it",
            chain(error)
        )
    };
    let opened = look(board, data, Which::Other).map_err(|error| unreadable(&error))?;
    let Some(mut open): Option<OpenSlot> = opened else {
        return Ok((OtherSlot::default(), 0));
    };
    let seals = seals(data, &open);
    let mut slot = slot.of(&seals);
    if seals.is_empty() {
        return Ok((slot, 0));
    }
    let mut told = |done| match around.goes_on() && done < MOST_BYTES {
        true => Go::On,
        false => Go::Stop,
    };
    let read = stretch(&seals, open.reader(), slot.next_piece, &mut told);
    let read = read.map_err(|error| unreadable(&error))?;
    let bytes = read.bytes;
    slot.handle(read);
    Ok((slot, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(next: Option<u64>, wrong: &[Part]) -> Stretch {
        Stretch {
            bytes: 1,
            wrong: wrong.to_vec(),
            next,
        }
    }

    #[test]
    fn damage_is_told_until_a_whole_round_finds_none() {
        let mut slot = OtherSlot::default();
        slot.handle(read(Some(7), &[]));
        assert_eq!((slot.next_piece, slot.problem()), (7, None), "the control");
        slot.handle(read(Some(9), &[Part::Root]));
        slot.handle(read(None, &[Part::Root]));
        let told = "the other system slot is damaged (its root): the box cannot go back to it; an update mends it";
        assert_eq!(slot.problem().as_deref(), Some(told));
        assert_eq!((slot.next_piece, slot.rounds), (0, 1));
        slot.handle(read(Some(3), &[]));
        assert_eq!(slot.problem().as_deref(), Some(told));
        slot.handle(read(None, &[]));
        assert_eq!((slot.problem(), slot.rounds), (None, 2));
    }

    #[test]
    fn another_system_begins_anew() {
        let seal = |digit: &str| {
            let root = ota::image::BlockHash::parse(&digit.repeat(64));
            root.map(|root| Seal {
                bytes: 4096,
                salt: String::new(),
                root,
            })
        };
        let of = |slot: OtherSlot, digit| {
            let seals = seal(digit).map(|seal| (Part::Root, seal));
            slot.of(&seals.into_iter().collect::<Vec<_>>())
        };
        let mut slot = of(OtherSlot::default(), "a");
        slot.handle(read(Some(5), &[Part::Root]));
        assert_eq!(of(slot.clone(), "a"), slot);
        let other = of(slot, "b");
        assert_eq!((other.next_piece, other.problem()), (0, None));
    }
}
