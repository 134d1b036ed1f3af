//! A gauge that did not open is tried again: a loose plug is pushed in while the box runs.

use super::{Gauge, GaugeError};
use power_mgmt::BatterySample;

/// A gauge opened when first needed, and again as long as it does not open. On a board with a battery a missing gauge is silent; it
/// must never be taken for a board on mains.
pub(crate) struct Reopening<F> {
    open: F,
    gauge: Option<Box<dyn Gauge>>,
}

impl<F: FnMut() -> Result<Box<dyn Gauge>, GaugeError> + Send> Reopening<F> {
    /// Tries once now; the fault is for the list of the board.
    pub(crate) fn new(mut open: F) -> (Self, Option<GaugeError>) {
        let (gauge, fault) = match open() {
            Ok(gauge) => (Some(gauge), None),
            Err(fault) => (None, Some(fault)),
        };
        (Self { open, gauge }, fault)
    }
}

impl<F: FnMut() -> Result<Box<dyn Gauge>, GaugeError> + Send> Gauge for Reopening<F> {
    fn sample(&mut self) -> Result<BatterySample, GaugeError> {
        match &mut self.gauge {
            Some(gauge) => gauge.sample(),
            None => self.gauge.insert((self.open)()?).sample(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use power_mgmt::units::{Amps, Volts};

    struct Steady;

    impl Gauge for Steady {
        fn sample(&mut self) -> Result<BatterySample, GaugeError> {
            Ok(BatterySample {
                voltage: Volts::ZERO,
                current: Amps::ZERO,
                temperature: None,
                solar: None,
            })
        }
    }

    #[test]
    fn it_opens_when_the_plug_is_in_and_not_again() {
        let mut tries = 0;
        let (mut gauge, fault) = Reopening::new(move || {
            tries += 1;
            match tries {
                1 | 2 => Err(GaugeError::Silent("gauge".to_owned())),
                3 => Ok(Box::new(Steady) as Box<dyn Gauge>),
                _ => Err(GaugeError::Silent("opened twice".to_owned())),
            }
        });
        assert!(fault.is_some());
        assert!(gauge.sample().is_err());
        gauge.sample().unwrap();
        gauge.sample().unwrap();
    }
}
