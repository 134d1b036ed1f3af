//! A line for tests, which remembers what was done to it.

use embedded_hal::digital::{ErrorType, InputPin, OutputPin};
use std::convert::Infallible;

/// A line that remembers its level and how often it was written.
#[derive(Debug, Default)]
pub(crate) struct Pin {
    pub(crate) high: bool,
    pub(crate) writes: usize,
}

impl Pin {
    pub(crate) fn is_high(&self) -> bool {
        self.high
    }
}

impl ErrorType for Pin {
    type Error = Infallible;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.high = false;
        self.writes += 1;
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.high = true;
        self.writes += 1;
        Ok(())
    }
}

impl InputPin for Pin {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.high)
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(!self.high)
    }
}
