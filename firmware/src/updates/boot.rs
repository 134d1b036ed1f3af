//! The boot choice as an update sees it. The slots belong to the service that watches over a trial: they are held for each question, never for the
//! minutes of an installation.

use crate::services::Part;
use crate::slots::Slots;
use ota::{BootControl, BootError, BootFlags, Slot};

/// The boot choice of shared slots.
pub(super) struct SharedBoot(pub(super) Part<Slots>);

impl BootControl for SharedBoot {
    fn booted(&self) -> Slot {
        self.0.lock().booted()
    }

    fn load(&self) -> Result<BootFlags, BootError> {
        self.0.lock().boot_flags()
    }

    fn commit(&mut self, flags: &BootFlags) -> Result<(), BootError> {
        self.0.lock().store(flags)
    }
}
