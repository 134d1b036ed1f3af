//! The one large button.

use crate::BoardError;
use embedded_hal::digital::InputPin;
use std::convert::Infallible;

/// The one large button. Asked every 50 ms or so: the raw level, no debouncing here.
pub trait Button: Send {
    /// Somebody holds it down now.
    ///
    /// # Errors
    /// [`BoardError::Read`] and [`BoardError::BadInput`], on the simulated board only.
    fn is_pressed(&mut self) -> Result<bool, BoardError>;
}

/// A button that pulls its line low, as the reference board has it.
pub(crate) struct LineButton<P>(pub(crate) P);

impl<P: InputPin<Error = Infallible> + Send> Button for LineButton<P> {
    fn is_pressed(&mut self) -> Result<bool, BoardError> {
        Ok(self.0.is_low().unwrap_or_else(|never| match never {}))
    }
}
