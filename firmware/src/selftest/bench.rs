//! The port to the parts that somebody owns: the services of a running box, or nobody.

use super::facts::{Air, Alarm, Power};

/// What the lights are asked to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lights {
    /// What they show anyway.
    #[default]
    AsEver,
    /// One alone, from the left: 0 to 3.
    One(u8),
    /// All of them: somebody is asked to press the button.
    All,
}

/// A wish for the service that owns lights and button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Counts up, so that an answer is known for what it answers.
    pub number: u32,
    /// What they are to show.
    pub lights: Lights,
}

/// What the button says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pressed {
    /// Times that it went down while it was the test's: one that was down before is not among them.
    pub times: u32,
    /// It is down now.
    pub down: bool,
}

/// What that service says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The wish that was carried out last.
    pub answers: u32,
    /// The lights took it; or why not.
    pub lights: Result<(), String>,
    /// The button, since the service began; or why it cannot be read.
    pub button: Result<Pressed, String>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            answers: 0,
            lights: Ok(()),
            button: Ok(Pressed::default()),
        }
    }
}

/// The parts. Calls block for some seconds at most.
pub trait Bench {
    /// Battery and charger at this moment.
    fn power(&mut self) -> Power;

    /// Asks the lights, and waits until they show it or cannot. Presses of the button mean nothing else until they show [`Lights::AsEver`] again.
    ///
    /// # Errors
    /// One line: they cannot be driven.
    fn lights(&mut self, lights: Lights) -> Result<(), String>;

    /// The button, since the test began.
    ///
    /// # Errors
    /// One line: it cannot be read.
    fn button(&mut self) -> Result<Pressed, String>;

    /// The air.
    fn air(&mut self) -> Air;

    /// The battery-backed clock, Unix seconds.
    ///
    /// # Errors
    /// One line: it cannot be read.
    fn clock(&mut self) -> Result<Option<u64>, String>;

    /// Sets the alarm a day ahead, reads it back, and puts it back to what it was.
    fn try_alarm(&mut self) -> Alarm;

    /// The other slot is being written: why it is to be left alone.
    fn slots_are_busy(&mut self) -> Option<String>;
}
