//! The alarm that switches the box on again, through the latching load switch.

use crate::BoardError;

/// The alarm of the battery-backed clock, wired to the latch.
pub trait WakeAlarm: Send {
    /// Sets the alarm to `at` (Unix seconds on the board's own clock), or clears it; checked by reading it back.
    ///
    /// # Errors
    /// [`BoardError::Write`]; the box must then not rely on being woken.
    fn set(&mut self, at: Option<u64>) -> Result<(), BoardError>;
}
