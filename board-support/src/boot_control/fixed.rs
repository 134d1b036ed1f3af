//! A board that boots one system only.

use ota::{BootChoice, BootControl, BootError, BootFlags, Slot};

/// Slot A for ever: it can be asked, and refuses every change.
#[derive(Debug, Clone)]
pub struct OneSlot {
    board: String,
}

impl OneSlot {
    /// For the board of this name, which the refusal will bear.
    #[must_use]
    pub const fn new(board: String) -> Self {
        Self { board }
    }
}

impl BootControl for OneSlot {
    fn booted(&self) -> Slot {
        Slot::A
    }

    fn load(&self) -> Result<BootFlags, BootError> {
        Ok(BootFlags::new(Slot::A, BootChoice::FACTORY))
    }

    fn commit(&mut self, flags: &BootFlags) -> Result<(), BootError> {
        if flags.choice() == BootChoice::FACTORY {
            return Ok(());
        }
        Err(BootError::Unsupported {
            board: self.board.clone(),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn it_answers_and_refuses_every_change() {
        let mut boot = OneSlot::new("ACME board".to_owned());
        let mut flags = boot.load().unwrap();
        boot.commit(&flags).unwrap();
        flags.activate(Slot::B, 3).unwrap();
        let error = boot.commit(&flags).unwrap_err().to_string();
        assert!(error.contains("ACME board"), "{error}");
        assert_eq!(boot.load().unwrap().choice(), BootChoice::FACTORY);
    }
}
