//! Which slot boots next: a value one edits in memory, and one write.

use crate::slot::{Slot, SlotStatus};
use serde::{Deserialize, Serialize};

/// The most tries a trial may be given. More would only lengthen the way back to a slot that works.
pub const MAX_TRIES: u8 = 9;

/// What stands in the boot loader's environment. Every value of this type can be booted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum BootChoice {
    /// One slot boots, however often the power fails.
    Settled {
        /// It.
        first: Slot,
        /// The other slot holds a good system too; `false`: it is retired.
        spare: bool,
    },
    /// A new slot has some boots to prove itself; the other one is good.
    Trial {
        /// The new slot.
        on: Slot,
        /// Boots left before the loader takes the other slot; 0: it has failed.
        tries_left: u8,
    },
}

impl BootChoice {
    /// A box as it leaves the depot: A runs, B is empty.
    pub const FACTORY: Self = Self::Settled {
        first: Slot::A,
        spare: false,
    };

    /// What the boot loader does: the slot it picks and what it leaves in its environment. Equal before and after means that it
    /// writes nothing.
    #[must_use]
    pub const fn boot(self) -> (Slot, Self) {
        match self {
            Self::Settled { first, .. } => (first, self),
            Self::Trial { on, tries_left: 0 } => (on.other(), self),
            Self::Trial { on, tries_left } => (
                on,
                Self::Trial {
                    on,
                    tries_left: tries_left - 1,
                },
            ),
        }
    }

    /// What may be done with `slot`.
    #[must_use]
    pub fn status(self, slot: Slot) -> SlotStatus {
        match self {
            Self::Trial { on, tries_left } if on == slot => SlotStatus::Trial { tries_left },
            Self::Settled {
                first,
                spare: false,
            } if first != slot => SlotStatus::Retired,
            Self::Settled { .. } | Self::Trial { .. } => SlotStatus::Good,
        }
    }
}

/// The boot choice beside the slot that runs now. Edit it with the mutators, then hand it to [`BootControl::commit`]; until then
/// nothing has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct BootFlags {
    booted: Slot,
    choice: BootChoice,
}

/// A step that the order of an update forbids. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// The slot to be written or tried is the one that runs.
    #[error("slot {0} runs now: it cannot be retired or tried; use the other one")]
    Running(Slot),
    /// Nothing could boot, or a trial had nothing to fall back to.
    #[error("slot {0} is the only good one: it stays")]
    OnlyGood(Slot),
    /// The slot was not retired before it was written.
    #[error("slot {0} was not retired first: a half-written system could have been chosen")]
    NotRetired(Slot),
    /// No tries, or too many.
    #[error("{0} tries: 1 to {MAX_TRIES} are allowed")]
    Tries(u8),
    /// There is nothing to confirm.
    #[error("no slot is on trial: there is nothing to confirm")]
    NoTrial,
    /// The trial's slot does not run, so nothing is known of it.
    #[error("slot {0} is on trial but does not run: only a running slot can be confirmed")]
    TrialNotRunning(Slot),
    /// The other slot holds no good system.
    #[error("slot {0} holds no good system: there is nothing to go back to")]
    NothingToGoBackTo(Slot),
    /// The next boot takes the other slot already.
    #[error("slot {0} boots next already: restart the box")]
    AlreadyGoingBack(Slot),
}

impl BootFlags {
    /// What was found at start: the running slot, told by the kernel, and the stored choice.
    #[must_use]
    pub const fn new(booted: Slot, choice: BootChoice) -> Self {
        Self { booted, choice }
    }

    /// The slot that runs now.
    #[must_use]
    pub const fn booted(&self) -> Slot {
        self.booted
    }

    /// The choice as edited so far.
    #[must_use]
    pub const fn choice(&self) -> BootChoice {
        self.choice
    }

    /// What may be done with `slot`.
    #[must_use]
    pub fn status(&self, slot: Slot) -> SlotStatus {
        self.choice.status(slot)
    }

    /// The running slot has not proved itself yet.
    #[must_use]
    pub fn on_trial(&self) -> bool {
        matches!(self.choice, BootChoice::Trial { on, .. } if on == self.booted)
    }

    /// A slot was tried, spent its tries, and this one runs in its place.
    #[must_use]
    pub fn fell_back_from(&self) -> Option<Slot> {
        match self.choice {
            BootChoice::Trial { on, tries_left: 0 } if on != self.booted => Some(on),
            BootChoice::Trial { .. } | BootChoice::Settled { .. } => None,
        }
    }

    /// Makes sure that `slot` cannot be chosen, before it is written to. Retiring a retired slot is no step and no error.
    ///
    /// # Errors
    /// [`StepError::Running`], or [`StepError::OnlyGood`] where nothing else could boot.
    pub fn retire(&mut self, slot: Slot) -> Result<(), StepError> {
        if slot == self.booted {
            return Err(StepError::Running(slot));
        }
        let other = slot.other();
        match (self.status(slot), self.status(other)) {
            (SlotStatus::Retired, _) => Ok(()),
            (_, SlotStatus::Good) => {
                self.choice = BootChoice::Settled {
                    first: other,
                    spare: false,
                };
                Ok(())
            }
            (_, SlotStatus::Trial { .. } | SlotStatus::Retired) => Err(StepError::OnlyGood(slot)),
        }
    }

    /// Gives the freshly written `slot` so many boots to prove itself.
    ///
    /// # Errors
    /// [`StepError::Running`], [`StepError::Tries`] outside 1..=[`MAX_TRIES`], [`StepError::NotRetired`].
    pub fn activate(&mut self, slot: Slot, tries: u8) -> Result<(), StepError> {
        if slot == self.booted {
            return Err(StepError::Running(slot));
        }
        if !(1..=MAX_TRIES).contains(&tries) {
            return Err(StepError::Tries(tries));
        }
        if self.status(slot) != SlotStatus::Retired {
            return Err(StepError::NotRetired(slot));
        }
        self.choice = BootChoice::Trial {
            on: slot,
            tries_left: tries,
        };
        Ok(())
    }

    /// The running slot has proved itself; the other one stays as the spare.
    ///
    /// # Errors
    /// [`StepError::NoTrial`], [`StepError::TrialNotRunning`].
    pub fn confirm(&mut self) -> Result<(), StepError> {
        match self.choice {
            BootChoice::Settled { .. } => Err(StepError::NoTrial),
            BootChoice::Trial { on, .. } if on != self.booted => {
                Err(StepError::TrialNotRunning(on))
            }
            BootChoice::Trial { on, .. } => {
                self.choice = BootChoice::Settled {
                    first: on,
                    spare: true,
                };
                Ok(())
            }
        }
    }

    /// Gives up a trial, or goes back to the spare. It takes effect at the next boot.
    ///
    /// # Errors
    /// [`StepError::NothingToGoBackTo`] where the other slot is retired, [`StepError::AlreadyGoingBack`] where the next boot leaves
    /// the running slot anyway.
    pub fn roll_back(&mut self) -> Result<(), StepError> {
        match self.choice {
            BootChoice::Trial { on, .. } => {
                self.choice = BootChoice::Settled {
                    first: on.other(),
                    spare: false,
                };
                Ok(())
            }
            BootChoice::Settled { first, .. } if first != self.booted => {
                Err(StepError::AlreadyGoingBack(first))
            }
            BootChoice::Settled {
                first,
                spare: false,
            } => Err(StepError::NothingToGoBackTo(first.other())),
            BootChoice::Settled { first, spare: true } => {
                self.choice = BootChoice::Settled {
                    first: first.other(),
                    spare: true,
                };
                Ok(())
            }
        }
    }
}

/// Reading or writing the boot choice failed.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// The place the choice is kept in could not be read.
    #[error("cannot read the boot choice in {place}")]
    Read {
        /// File or device.
        place: String,
        /// Why.
        source: std::io::Error,
    },
    /// The choice could not be written; what stood there before still stands.
    #[error("cannot write the boot choice in {place}: the slot that boots next is unchanged")]
    Write {
        /// File or device.
        place: String,
        /// Why.
        source: std::io::Error,
    },
    /// What was read is no boot choice. The box runs on; it takes no update until a person has looked.
    #[error("the boot choice in {place} is damaged: {why}")]
    Damaged {
        /// File or device.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// This board boots one system only.
    #[error("{board} has one system and no boot choice: update it by writing its card")]
    Unsupported {
        /// The board, for people.
        board: String,
    },
}

impl BootError {
    /// What is stored is no boot choice; trying again does not help.
    #[must_use]
    pub const fn is_damaged(&self) -> bool {
        matches!(self, Self::Damaged { .. })
    }
}

/// How the restart that follows boots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// The loader reads the choice by itself.
    ByTheLoader,
    /// The loader has to be asked for the slot on trial, once; a try was spent.
    IntoTrial,
}

/// Port: the boot loader's environment. `board-support` implements it once per boot loader.
pub trait BootControl: Send {
    /// The slot that runs now.
    fn booted(&self) -> Slot;

    /// The choice as it is stored, beside the running slot.
    ///
    /// # Errors
    /// [`BootError::Read`] and [`BootError::Damaged`].
    fn load(&self) -> Result<BootFlags, BootError>;

    /// Stores the choice in one atomic, synced step: after a power cut the old or the new one is there, whole. Storing what is
    /// stored already writes nothing.
    ///
    /// # Errors
    /// [`BootError::Write`]; [`BootError::Unsupported`] on a board with one slot.
    fn commit(&mut self, flags: &BootFlags) -> Result<(), BootError>;

    /// The loader does not count tries: a restart into a trial has to be asked for, see [`BootControl::prepare_restart`].
    fn asks_for_trials(&self) -> bool {
        false
    }

    /// Called just before the machine restarts on purpose. Where the loader does not count tries, this spends one as
    /// [`BootChoice::boot`] would and commits that; whoever restarts the machine then asks the loader for the slot on trial.
    ///
    /// # Errors
    /// As [`BootControl::load`] and [`BootControl::commit`]; the restart is then an ordinary one.
    fn prepare_restart(&mut self) -> Result<Restart, BootError> {
        Ok(Restart::ByTheLoader)
    }
}
