//! Hearing the gauge: a read with a bounded wait, and when its silence is told. A single read that fails is noise on a bus and told nobody.

use crate::services::Part;
use crate::telemetry::chain;
use board_support::gauge::Gauge;
use power_mgmt::{BatterySample, Reading};
use std::time::Duration;
use tokio::time::timeout;

/// A gauge that takes longer has said nothing.
const PATIENCE: Duration = Duration::from_millis(800);
/// Reads in a row after which it is silent, or speaks again; one a second, and the state of the box calls a sensor silent as soon.
const BELIEVED_AFTER: u32 = 10;

/// A sample; or in a line why there is none. A read that is still under way holds the part, so the next one turns back at once and is silent
/// too: at most one thread ever hangs on a dead bus.
pub(super) async fn read(gauge: Part<dyn Gauge>) -> Result<BatterySample, String> {
    let reading = tokio::task::spawn_blocking(move || {
        let mut gauge = gauge.try_lock()?;
        let sample = gauge.sample();
        for notice in gauge.notices() {
            tracing::warn!(notice, "power.charger");
        }
        Some(sample)
    });
    match timeout(PATIENCE, reading).await {
        Ok(Ok(Some(sample))) => sample.map_err(|error| chain(&error)),
        Ok(Ok(None)) => Err("an earlier read of it still hangs".to_owned()),
        Ok(Err(_)) => Err("its driver fell over".to_owned()),
        Err(_) => Err("it does not answer in time".to_owned()),
    }
}

/// Whether the last sample is believed; or why not, in a line.
pub(super) fn believed(reading: &Reading) -> Result<(), String> {
    match reading.distrust {
        Some(distrust) => Err(distrust.to_string()),
        None => Ok(()),
    }
}

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// The gauge has fallen silent, for this.
    Silent(String),
    /// It speaks again.
    Speaks,
}

impl Change {
    /// Into the log, and so into the ring of events.
    pub(super) fn log(&self) {
        match self {
            Self::Silent(error) => tracing::warn!(error, "power.gauge_failed"),
            Self::Speaks => tracing::info!("power.gauge_back"),
        }
    }
}

/// Whether the gauge is heard. At first it is taken to be.
#[derive(Debug, Default)]
pub(super) struct Hearing {
    silent: bool,
    /// Reads in a row that say otherwise.
    otherwise: u32,
}

impl Hearing {
    /// What a read has come to.
    pub(super) fn handle_read(&mut self, heard: Result<(), String>) -> Option<Change> {
        if heard.is_err() == self.silent {
            self.otherwise = 0;
            return None;
        }
        self.otherwise += 1;
        if self.otherwise < BELIEVED_AFTER {
            return None;
        }
        (self.silent, self.otherwise) = (heard.is_err(), 0);
        Some(heard.map_or_else(Change::Silent, |()| Change::Speaks))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(hearing: &mut Hearing, times: u32, heard: Result<(), &str>) -> Vec<Change> {
        let heard = || heard.map_err(str::to_owned);
        let changes = (0..times).filter_map(|_| hearing.handle_read(heard()));
        changes.collect()
    }

    #[test]
    fn a_silence_is_told_once_with_its_cause_and_so_is_its_end() {
        let mut hearing = Hearing::default();
        assert_eq!(reads(&mut hearing, 100, Ok(())), []);
        assert_eq!(reads(&mut hearing, 9, Err("no answer")), []);
        let silent = Change::Silent("no answer".to_owned());
        assert_eq!(reads(&mut hearing, 9000, Err("no answer")), [silent]);
        assert_eq!(reads(&mut hearing, 100, Ok(())), [Change::Speaks]);
    }

    #[test]
    fn a_bus_that_fails_now_and_then_is_no_silence() {
        let mut hearing = Hearing::default();
        for _ in 0..1000 {
            assert_eq!(reads(&mut hearing, 9, Err("no answer")), []);
            assert_eq!(reads(&mut hearing, 1, Ok(())), []);
        }
    }

    #[test]
    fn a_sample_that_is_not_believed_is_none() {
        let doubted = Reading {
            distrust: Some(power_mgmt::Distrust::Stuck),
            ..Reading::UNKNOWN
        };
        let why = "a voltage that stays the same while the current steps".to_owned();
        assert_eq!(believed(&doubted), Err(why));
        assert_eq!(believed(&Reading::UNKNOWN), Ok(()));
    }
}
