//! What to do at start: the running slot × the stored boot choice × the record → one step. One table; its golden file shows it whole.
//!
//! | found | step |
//! |---|---|
//! | the running slot is the chosen one | [`AtStart::Settled`]: nothing |
//! | it is on trial | [`AtStart::Trial`]: a verdict is needed |
//! | the other one was tried and has no tries left | [`AtStart::FellBack`]: say so; the choice becomes this slot alone |
//! | the other one is to be tried and was not | [`AtStart::Untried`]: a restart tries it |
//! | a person left this slot, and the box has not restarted since | [`AtStart::Leaving`]: a restart goes back |
//! | the choice is damaged, or names the other slot | [`AtStart::Unnamed`]: once the running slot has proved itself, it is written down |
//!
//! Nothing is ever written in favour of a slot that has not proved itself. What the record holds is words for people and one mark; a
//! lost record costs an explanation, never a boot.

use crate::boot::BootChoice;
use crate::slot::Slot;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The boot choice as it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stored {
    /// Readable.
    Choice(BootChoice),
    /// No boot choice at all.
    Damaged,
}

/// A slot and what happened to it, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The slot that failed.
    pub slot: Slot,
    /// Why, for people: half a sentence.
    pub why: String,
}

/// What the box remembers of updates beside the boot choice. Both slots read and write it; an activation begins with an empty one, so that
/// no word of an older trial is told of a newer one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateRecord {
    /// Written by a slot on trial just before it gives up.
    pub gave_up: Option<Failure>,
    /// The last trial that failed; told until the next one succeeds.
    pub fell_back: Option<Failure>,
    /// A person left this slot: what runs in it until the restart does not take the choice for a mistake.
    pub leaving: Option<Slot>,
    /// Words of a later system, kept for it.
    #[serde(flatten)]
    pub later: Map<String, Value>,
}

impl UpdateRecord {
    /// As an activation begins: only what this system does not know is kept.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Self {
            later: self.later.clone(),
            ..Self::default()
        }
    }
}

/// What was found, and so what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AtStart {
    /// All is as it should be.
    Settled,
    /// The running slot has to prove itself.
    Trial {
        /// Boots the loader still spends on it.
        tries_left: u8,
    },
    /// This slot runs because the other one failed its trial.
    FellBack {
        /// It.
        from: Slot,
    },
    /// The other slot waits for its trial.
    Untried {
        /// It.
        on: Slot,
        /// Boots it may still have.
        tries_left: u8,
    },
    /// The other slot boots next, as a person wanted.
    Leaving {
        /// The slot that boots next.
        to: Slot,
    },
    /// The loader took this slot against the choice, or the choice is damaged.
    Unnamed {
        /// The slot that was chosen, where one was.
        instead_of: Option<Slot>,
    },
}

/// The step of a start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciled {
    /// What was found.
    pub found: AtStart,
    /// The record from now on: saved first, where it changed.
    pub record: UpdateRecord,
    /// The choice to commit now, where it changes.
    pub choice: Option<BootChoice>,
}

/// What to do at start.
#[must_use]
pub fn reconcile(booted: Slot, stored: Stored, record: &UpdateRecord) -> Reconciled {
    let found = found(booted, stored, record.leaving);
    let mut record = record.clone();
    if record.leaving == Some(booted.other()) {
        record.leaving = None;
    }
    let choice = match found {
        AtStart::FellBack { from } => {
            let of_this_slot = |failure: &Failure| failure.slot == from;
            let word = record.gave_up.take().filter(of_this_slot);
            // A start that was cut before its commit has moved the word already.
            let word = word.or_else(|| record.fell_back.take().filter(of_this_slot));
            record.fell_back = Some(word.unwrap_or_else(|| Failure {
                slot: from,
                why: NO_WORD.to_owned(),
            }));
            Some(alone(booted))
        }
        AtStart::Settled
        | AtStart::Trial { .. }
        | AtStart::Untried { .. }
        | AtStart::Leaving { .. }
        | AtStart::Unnamed { .. } => None,
    };
    Reconciled {
        found,
        record,
        choice,
    }
}

/// Of a slot that never came far enough to say why.
const NO_WORD: &str = "it did not start, hung or lost power at each of its tries";

/// `slot` boots, and nothing else may.
#[must_use]
pub const fn alone(slot: Slot) -> BootChoice {
    BootChoice::Settled {
        first: slot,
        spare: false,
    }
}

fn found(booted: Slot, stored: Stored, leaving: Option<Slot>) -> AtStart {
    match stored {
        Stored::Choice(BootChoice::Settled { first, .. }) if first == booted => AtStart::Settled,
        Stored::Choice(BootChoice::Settled { first, .. }) if leaving == Some(booted) => {
            AtStart::Leaving { to: first }
        }
        Stored::Choice(BootChoice::Settled { first, .. }) => AtStart::Unnamed {
            instead_of: Some(first),
        },
        Stored::Choice(BootChoice::Trial { on, tries_left }) if on == booted => {
            AtStart::Trial { tries_left }
        }
        Stored::Choice(BootChoice::Trial { on, tries_left: 0 }) => AtStart::FellBack { from: on },
        Stored::Choice(BootChoice::Trial { on, tries_left }) => AtStart::Untried { on, tries_left },
        Stored::Damaged => AtStart::Unnamed { instead_of: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot::MAX_TRIES;
    use proptest::prelude::*;

    fn stored() -> Vec<Stored> {
        let mut all = vec![Stored::Damaged];
        for slot in Slot::ALL {
            for spare in [true, false] {
                all.push(Stored::Choice(BootChoice::Settled { first: slot, spare }));
            }
            for tries_left in [0, 2] {
                all.push(Stored::Choice(BootChoice::Trial {
                    on: slot,
                    tries_left,
                }));
            }
        }
        all
    }

    fn records() -> Vec<(&'static str, UpdateRecord)> {
        let failure = |slot| {
            Some(Failure {
                slot,
                why: "no page was served".to_owned(),
            })
        };
        let empty = UpdateRecord::default;
        vec![
            ("empty", empty()),
            (
                "B gave up",
                UpdateRecord {
                    gave_up: failure(Slot::B),
                    ..empty()
                },
            ),
            (
                "leaving B",
                UpdateRecord {
                    leaving: Some(Slot::B),
                    ..empty()
                },
            ),
            (
                "B failed before",
                UpdateRecord {
                    fell_back: failure(Slot::B),
                    ..empty()
                },
            ),
        ]
    }

    fn told(record: &UpdateRecord) -> String {
        let failure = |failure: &Option<Failure>| {
            failure
                .as_ref()
                .map_or("-".to_owned(), |f| format!("{} ({})", f.slot, f.why))
        };
        format!(
            "gave up {}, fell back {}, leaving {}",
            failure(&record.gave_up),
            failure(&record.fell_back),
            record
                .leaving
                .map_or("-".to_owned(), |slot| slot.to_string())
        )
    }

    #[test]
    fn the_whole_table() {
        let mut table = String::new();
        for booted in Slot::ALL {
            for stored in stored() {
                for (name, record) in records() {
                    let step = reconcile(booted, stored, &record);
                    let writes = match step.choice {
                        Some(choice) => format!("{choice:?}"),
                        None => "nothing".to_owned(),
                    };
                    table.push_str(&format!(
                        "{booted} runs, {stored:?}, {name}\n    -> {:?}; writes {writes}; {}\n",
                        step.found,
                        told(&step.record)
                    ));
                }
            }
        }
        insta::assert_snapshot!(table);
    }

    fn any_choice() -> impl Strategy<Value = BootChoice> {
        let slot = prop_oneof![Just(Slot::A), Just(Slot::B)];
        prop_oneof![
            (slot.clone(), any::<bool>())
                .prop_map(|(first, spare)| BootChoice::Settled { first, spare }),
            (slot, 0..=MAX_TRIES).prop_map(|(on, tries_left)| BootChoice::Trial { on, tries_left }),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        /// As the loader and the box take turns: what a start writes never changes which slot boots next, and a second start finds
        /// nothing more to write.
        #[test]
        fn a_start_never_moves_the_box(choice in any_choice(), which in 0..4_usize) {
            let (booted, left) = choice.boot();
            let first = reconcile(booted, Stored::Choice(left), &records()[which].1);
            let after = first.choice.unwrap_or(left);
            if first.choice.is_some() {
                prop_assert_eq!(after.boot(), (booted, after), "the next boots are ordinary");
            }
            let again = reconcile(booted, Stored::Choice(after), &first.record);
            prop_assert_eq!(again.choice, None);
            prop_assert_eq!(&again.record, &first.record);
            // A cut between the record and the choice: the same step once more.
            let cut = reconcile(booted, Stored::Choice(left), &first.record);
            prop_assert_eq!(cut, first);
        }

        /// However few tries there are, a trial whose slot never speaks ends at the other one.
        #[test]
        fn a_slot_that_never_speaks_is_given_up(tries in 1..=MAX_TRIES) {
            let mut choice = BootChoice::Trial { on: Slot::B, tries_left: tries };
            let mut boots = 0;
            let booted = loop {
                let (booted, left) = choice.boot();
                choice = left;
                if booted == Slot::A { break booted; }
                boots += 1;
            };
            prop_assert_eq!(boots, tries);
            let step = reconcile(booted, Stored::Choice(choice), &UpdateRecord::default());
            prop_assert_eq!(step.found, AtStart::FellBack { from: Slot::B });
            prop_assert_eq!(step.choice, Some(alone(Slot::A)));
        }
    }
}
