//! A gauge that did not open, or that failed, is opened anew: a loose plug is pushed in while the box runs, and the chip behind it has
//! then forgotten how it was set up.

use super::{Gauge, GaugeError};
use power_mgmt::BatterySample;

/// A gauge opened when first needed, and again after each failure. On a board with a battery a missing gauge is silent; it
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
        let gauge = match &mut self.gauge {
            Some(gauge) => gauge,
            None => self.gauge.insert((self.open)()?),
        };
        let sample = gauge.sample();
        if sample.is_err() {
            self.gauge = None;
        }
        sample
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use power_mgmt::units::{Amps, Volts};

    /// Answers, unless its plug is pulled before this question.
    struct Plugged {
        asked: u32,
        pulled_at: u32,
    }

    impl Gauge for Plugged {
        fn sample(&mut self) -> Result<BatterySample, GaugeError> {
            self.asked += 1;
            if self.asked == self.pulled_at {
                return Err(GaugeError::Silent("gauge".to_owned()));
            }
            Ok(BatterySample {
                voltage: Volts::ZERO,
                current: Amps::ZERO,
                temperature: None,
                solar: None,
                counter: None,
            })
        }
    }

    fn plugged(pulled_at: u32) -> Box<dyn Gauge> {
        Box::new(Plugged {
            asked: 0,
            pulled_at,
        })
    }

    #[test]
    fn it_is_set_up_anew_after_its_plug_was_pulled() {
        let opened = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
        let count = std::sync::Arc::clone(&opened);
        let (mut gauge, fault) = Reopening::new(move || {
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Ok(plugged(2))
        });
        assert!(fault.is_none());
        gauge.sample().unwrap();
        assert!(gauge.sample().is_err());
        gauge.sample().unwrap();
        assert_eq!(opened.load(std::sync::atomic::Ordering::Relaxed), 2);
    }

    #[test]
    fn it_opens_when_the_plug_is_in_and_not_again() {
        let mut tries = 0;
        let (mut gauge, fault) = Reopening::new(move || {
            tries += 1;
            match tries {
                1 | 2 => Err(GaugeError::Silent("gauge".to_owned())),
                3 => Ok(plugged(u32::MAX)),
                _ => Err(GaugeError::Silent("opened twice".to_owned())),
            }
        });
        assert!(fault.is_some());
        assert!(gauge.sample().is_err());
        gauge.sample().unwrap();
        gauge.sample().unwrap();
    }
}
