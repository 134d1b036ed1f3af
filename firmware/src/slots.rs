//! The two system slots of this box: what was found at start, what people are told of it, and the few changes a running box makes.
//!
//! Decisions are [`ota::reconcile()`]'s and [`ota::BootFlags`]'; here they meet the boot loader's environment and the record
//! `DATA/update.json`, which both slots read and write. The record is saved before the choice: after a cut between them the start that
//! follows finds the same and does it again.

mod record;
mod told;

pub use told::{told, words};

use crate::status::Update;
use crate::telemetry::chain;
use crate::updates::{DiskLedger, Folder};
use ota::{
    AtStart, BootChoice, BootControl, BootError, BootFlags, Failure, Restart, Slot,
    StateStore as _, Stored, UpdateRecord, reconcile,
};
use record::RecordFile;
use std::path::Path;

/// What a person may ask of the slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateWish {
    /// To be told.
    Status,
    /// Take the slot on trial as good.
    Confirm,
    /// Go back to the other slot.
    RollBack,
}

/// The boot choice and the record, as they stand.
pub struct Slots {
    boot: Box<dyn BootControl>,
    file: RecordFile,
    ledger: DiskLedger,
    record: UpdateRecord,
    found: Found,
    restart: Option<Restart>,
}

/// What is known of the boot choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It was read.
    Known {
        /// What it means for the running slot.
        at_start: AtStart,
        /// It; `None` where it is damaged.
        choice: Option<BootChoice>,
    },
    /// It could not be read or written: why.
    Unknown(String),
}

/// What has to prove itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A slot on trial: confirmed, or given up by a restart.
    Trial,
    /// A slot that the boot choice does not name: written down once it is well; there is nothing to give it up for.
    Naming,
}

impl Slots {
    /// Looks, and writes nothing.
    #[must_use]
    pub fn look(boot: Box<dyn BootControl>, data: &Path) -> Self {
        let file = RecordFile::in_folder(data);
        let record = file.load();
        let mut slots = Self {
            boot,
            file,
            ledger: DiskLedger::in_folder(&Folder::in_data(data)),
            record,
            found: Found::Unknown(String::new()),
            restart: None,
        };
        slots.found = slots.find();
        slots
    }

    fn find(&self) -> Found {
        let (stored, choice) = match self.boot.load() {
            Ok(flags) => (Stored::Choice(flags.choice()), Some(flags.choice())),
            Err(error) if error.is_damaged() => {
                tracing::error!(error = chain(&error), "ota.boot_choice_damaged");
                (Stored::Damaged, None)
            }
            Err(error) => return Found::Unknown(chain(&error)),
        };
        let at_start = reconcile(self.boot.booted(), stored, &self.record).found;
        Found::Known { at_start, choice }
    }

    /// What a start does: see [`ota::reconcile()`].
    ///
    /// # Errors
    /// One line; the box runs on with what it has.
    pub fn settle(&mut self) -> Result<(), String> {
        let Found::Known { at_start, choice } = self.found else {
            return Ok(());
        };
        let stored = choice.map_or(Stored::Damaged, Stored::Choice);
        let step = reconcile(self.boot.booted(), stored, &self.record);
        if step.record != self.record {
            self.save(step.record)?;
        }
        if let AtStart::FellBack { from } = at_start {
            let why = self.record.fell_back.as_ref().map(|failure| &*failure.why);
            tracing::warn!(%from, why, "ota.fell_back");
        }
        match step.choice {
            Some(choice) => self.commit(choice),
            None => Ok(()),
        }
    }

    /// What is to be proved, if anything is.
    #[must_use]
    pub fn proof(&self) -> Option<Proof> {
        match self.found {
            Found::Known {
                at_start: AtStart::Trial { .. },
                ..
            } => Some(Proof::Trial),
            Found::Known {
                at_start: AtStart::Unnamed { .. },
                ..
            } => Some(Proof::Naming),
            Found::Known { .. } | Found::Unknown(_) => None,
        }
    }

    /// A trial waits that only a restart of ours can begin: this loader tries nothing by itself.
    #[must_use]
    pub fn owes_a_trial(&self) -> bool {
        let untried = matches!(
            self.found,
            Found::Known {
                at_start: AtStart::Untried { .. },
                ..
            }
        );
        untried && self.boot.asks_for_trials()
    }

    /// What people and programs are told.
    #[must_use]
    pub fn told(&self) -> Update {
        told(self.boot.booted(), &self.found, &self.record)
    }

    /// Does what a person asks.
    ///
    /// # Errors
    /// One line: why not.
    pub fn wish(&mut self, wish: UpdateWish) -> Result<Update, String> {
        match wish {
            UpdateWish::Status => {}
            UpdateWish::Confirm => self.confirm("a person")?,
            UpdateWish::RollBack => self.roll_back()?,
        }
        Ok(self.told())
    }

    /// The running slot has proved itself (or a person says so).
    ///
    /// # Errors
    /// One line: it is not on trial, or the choice could not be written.
    pub fn confirm(&mut self, by: &str) -> Result<(), String> {
        let mut flags = self.flags()?;
        flags.confirm().map_err(|error| error.to_string())?;
        self.commit(flags.choice())?;
        tracing::info!(slot = %flags.booted(), by, "ota.slot_confirmed");
        // The choice is what counts; words that could not be cleared are cleared at the next trial.
        self.save(self.record.emptied())
    }

    /// The running slot is well, and the choice does not name it: it is written down, alone, for nothing is known of the other.
    ///
    /// # Errors
    /// One line: the choice could not be written.
    pub fn name_the_running_slot(&mut self) -> Result<(), String> {
        let slot = self.boot.booted();
        self.commit(ota::reconcile::alone(slot))?;
        tracing::warn!(%slot, "ota.boot_choice_written_anew");
        Ok(())
    }

    fn roll_back(&mut self) -> Result<(), String> {
        let mut flags = self.flags()?;
        flags.roll_back().map_err(|error| error.to_string())?;
        self.save(UpdateRecord {
            leaving: Some(flags.booted()),
            ..self.record.clone()
        })?;
        self.leave_alone(flags.booted());
        self.commit(flags.choice())?;
        tracing::warn!(from = %flags.booted(), "ota.rolled_back");
        Ok(())
    }

    /// What a person left is not installed again by itself: only a newer release is.
    fn leave_alone(&mut self, slot: Slot) {
        let Some(left) = self.ledger.load().in_slot(slot).cloned() else {
            return;
        };
        if let Err(error) = ota::install::leave_alone(&left, &mut self.ledger) {
            // Going back matters more than what is offered next.
            tracing::error!(problem = chain(&error), "ota.ledger_not_saved");
        }
    }

    /// The slot on trial is not well: leaves word for the one that will run in its place.
    pub fn give_up(&mut self, why: &str) {
        let slot = self.boot.booted();
        tracing::error!(%slot, why, "ota.trial_given_up");
        let gave_up = Some(Failure {
            slot,
            why: why.to_owned(),
        });
        if let Err(problem) = self.save(UpdateRecord {
            gave_up,
            ..self.record.clone()
        }) {
            // The restart matters more than the word.
            tracing::error!(problem, "ota.record_not_saved");
        }
    }

    /// Makes the loader ready for a restart on purpose.
    ///
    /// # Errors
    /// One line: the restart will be an ordinary one.
    pub fn prepare_restart(&mut self) -> Result<Restart, String> {
        let prepared = self.boot.prepare_restart();
        self.restart = Some(*prepared.as_ref().unwrap_or(&Restart::ByTheLoader));
        prepared.map_err(|error| chain(&error))
    }

    /// What the loader was made ready for, if a restart was prepared.
    #[must_use]
    pub fn prepared(&self) -> Option<Restart> {
        self.restart
    }

    /// The choice as it is stored, for an update.
    ///
    /// # Errors
    /// Those of the boot choice.
    pub fn boot_flags(&self) -> Result<BootFlags, BootError> {
        self.boot.load()
    }

    /// Stores a choice that an update has made. A trial begins with an empty record: no word of an older one is told of it.
    ///
    /// # Errors
    /// Those of the boot choice; a record that cannot be written is one, too.
    pub fn store(&mut self, flags: &BootFlags) -> Result<(), BootError> {
        if matches!(flags.choice(), BootChoice::Trial { .. }) {
            let place = self.file.path().display().to_string();
            let empty = self.record.emptied();
            let saved = self.file.save(&empty);
            saved.map_err(|source| BootError::Write { place, source })?;
            self.record = empty;
        }
        self.boot.commit(flags)?;
        self.found = self.find();
        Ok(())
    }

    fn flags(&self) -> Result<BootFlags, String> {
        self.boot.load().map_err(|error: BootError| chain(&error))
    }

    fn commit(&mut self, choice: BootChoice) -> Result<(), String> {
        let flags = BootFlags::new(self.boot.booted(), choice);
        self.boot.commit(&flags).map_err(|error| chain(&error))?;
        self.found = self.find();
        Ok(())
    }

    fn save(&mut self, record: UpdateRecord) -> Result<(), String> {
        self.file
            .save(&record)
            .map_err(|error| format!("cannot write {}: {error}", self.file.path().display()))?;
        self.record = record;
        Ok(())
    }

    /// The slot that runs.
    #[must_use]
    pub fn booted(&self) -> Slot {
        self.boot.booted()
    }
}

#[cfg(test)]
mod tests;
