//! From the start of the kernel to the first beacon, and where the time went.

use super::machine::Vm;
use std::fmt;

/// Seconds of the guest's kernel at each step; its own clock, for emulation is slow.
const STEPS: &str = include_str!("inside/beacon-steps");

/// Each step and when it was reached, in their order; the last is the first beacon.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstBeacon {
    steps: Vec<(String, f64)>,
}

impl FirstBeacon {
    /// Of a box that is on the air, with a shell inside.
    ///
    /// # Panics
    /// When a step is not found.
    pub fn asked(vm: &mut Vm<'_>) -> Self {
        let said = vm.shell(STEPS);
        let steps: Vec<(String, f64)> = said
            .lines()
            .map(|line| {
                let (seconds, step) = line.split_once(' ').expect("seconds and a step");
                let seconds = seconds.parse();
                let seconds = seconds.unwrap_or_else(|_| panic!("no time of a step: {said}"));
                (step.to_owned(), seconds)
            })
            .collect();
        assert!(!steps.is_empty(), "no step: {said}");
        Self { steps }
    }

    /// Seconds from the start of the kernel to the first beacon.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.steps.last().map_or(f64::NAN, |(_, seconds)| *seconds)
    }
}

impl fmt::Display for FirstBeacon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "first beacon {:.1} s after the start of the kernel:",
            self.seconds()
        )?;
        let mut before = 0.0;
        for (step, seconds) in &self.steps {
            write!(
                f,
                "\n  {:6.1} s  + {:4.1}  {step}",
                seconds,
                seconds - before
            )?;
            before = *seconds;
        }
        Ok(())
    }
}
