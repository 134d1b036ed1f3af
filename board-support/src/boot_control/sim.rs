//! The boot choice of a simulated board: `DIR/boot.env` beside `DIR/slots/`.

use super::env_file::EnvFile;
use super::env_text::encode;
use crate::BoardError;
use crate::files::{bad_input, read_text, replace_durably, write_error};
use ota::{BootChoice, BootControl, BootError, BootFlags, Slot};
use std::fs::OpenOptions;
use std::path::Path;

/// `boot.env` is the boot loader's environment: our text, or U-Boot's two copies (a link to their partition, on a virtual machine that has
/// a real loader and simulated parts). `slots/booted` (`A` or `B`) is what a kernel's command line tells: the slot that the loader took. Only a
/// boot loader writes it; without it the command line itself is asked, and then it is A.
#[derive(Debug)]
pub struct SimBootControl {
    env: EnvFile,
    booted: Slot,
}

impl SimBootControl {
    /// Opens `dir`, making what is missing: empty slots, and the choice of a box as it leaves the depot.
    ///
    /// # Errors
    /// [`BoardError::Write`] where something cannot be made, [`BoardError::BadInput`] where `slots/booted` names no slot.
    pub fn open(dir: &Path) -> Result<Self, BoardError> {
        let slots = dir.join("slots");
        std::fs::create_dir_all(&slots).map_err(|source| write_error(&slots, source))?;
        for image in ["a.img", "b.img"].map(|name| slots.join(name)) {
            OpenOptions::new()
                .create(true)
                .append(true)
                .open(&image)
                .map_err(|source| write_error(&image, source))?;
        }
        let env = EnvFile::at(dir.join("boot.env"));
        if !env.path().try_exists().unwrap_or(true) {
            replace_durably(env.path(), encode(1, BootChoice::FACTORY).as_bytes())
                .map_err(|source| write_error(env.path(), source))?;
        }
        let booted = booted(dir)?;
        Ok(Self { env, booted })
    }
}

/// The slot that the board in `dir` runs.
///
/// # Errors
/// [`BoardError::BadInput`] where `slots/booted` names no slot.
pub(crate) fn booted(dir: &Path) -> Result<Slot, BoardError> {
    let told = dir.join("slots/booted");
    match read_text(&told)?.as_deref() {
        None | Some("") => Ok(super::booted_slot().unwrap_or(Slot::A)),
        Some(text) => text.parse().map_err(|_| bad_input(&told, text, "A or B")),
    }
}

impl BootControl for SimBootControl {
    fn booted(&self) -> Slot {
        self.booted
    }

    fn load(&self) -> Result<BootFlags, BootError> {
        self.env
            .load()
            .map(|(_, choice)| BootFlags::new(self.booted, choice))
    }

    fn commit(&mut self, flags: &BootFlags) -> Result<(), BootError> {
        self.env.store(flags.choice())
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail loudly and writes its own files"
)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_new_folder_holds_a_box_from_the_depot() {
        let dir = tempfile::tempdir().unwrap();
        let boot = SimBootControl::open(dir.path()).unwrap();
        assert_eq!(boot.booted(), Slot::A);
        assert_eq!(boot.load().unwrap().choice(), BootChoice::FACTORY);
        assert!(dir.path().join("slots/a.img").exists() && dir.path().join("slots/b.img").exists());
    }

    #[test]
    fn a_change_is_stored_and_the_same_again_writes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut boot = SimBootControl::open(dir.path()).unwrap();
        let mut flags = boot.load().unwrap();
        flags.activate(Slot::B, 3).unwrap();
        boot.commit(&flags).unwrap();
        boot.commit(&flags).unwrap();
        assert_eq!(
            fs::read_to_string(dir.path().join("boot.env")).unwrap(),
            "gen=2\norder=B A\ntries=3\n"
        );

        fs::write(dir.path().join("slots/booted"), "B\n").unwrap();
        let again = SimBootControl::open(dir.path()).unwrap();
        assert!(again.load().unwrap().on_trial());
    }

    #[test]
    fn a_damaged_choice_is_told_and_can_be_written_anew() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("boot.env"), "gen=2\norder=C\ntries=\n").unwrap();
        let mut boot = SimBootControl::open(dir.path()).unwrap();
        let error = boot.load().unwrap_err();
        assert!(
            error.is_damaged() && error.to_string().contains("boot.env"),
            "{error}"
        );
        boot.commit(&BootFlags::new(Slot::A, BootChoice::FACTORY))
            .unwrap();
        assert_eq!(boot.load().unwrap().choice(), BootChoice::FACTORY);
    }

    #[test]
    fn a_loader_that_took_no_slot_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("slots")).unwrap();
        fs::write(dir.path().join("slots/booted"), "C").unwrap();
        let error = SimBootControl::open(dir.path()).unwrap_err().to_string();
        assert!(error.contains("slots/booted"), "{error}");
    }
}
