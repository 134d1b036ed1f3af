//! A gauge with what the solar charger says added to it, and Victron's battery monitor in the place of a gauge that is not there.

use super::{Gauge, GaugeError};
use crate::vedirect::Ports;
use crate::vedirect::device::Charger;
use power_mgmt::BatterySample;
use power_mgmt::units::Watts;
use std::time::Duration;

/// Who measures the battery. The first that answers, until the box starts anew: two sensors have two offsets and two counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Board,
    Monitor,
}

/// A monitor's counter goes back to 0 when the battery is full. A step to 0 that is larger than this, Ah, is no charge that flowed in a second.
const SYNCHRONISED_AH: f64 = 0.05;

/// The board's gauge and its VE.Direct lines.
pub(crate) struct WithCharger<G> {
    board: G,
    ports: Ports,
    /// Since the machine started.
    clock: fn() -> Duration,
    source: Option<Source>,
    last_counter: Option<f64>,
}

impl<G: Gauge> WithCharger<G> {
    pub(crate) fn new(board: G, ports: Ports, clock: fn() -> Duration) -> Self {
        Self {
            board,
            ports,
            clock,
            source: None,
            last_counter: None,
        }
    }

    fn measured(&mut self, now: Duration) -> Result<BatterySample, GaugeError> {
        let monitor = |gauge: &mut Self| {
            let sample = gauge.ports.monitor(now);
            sample.map(|sample| gauge.without_a_step_to_full(sample))
        };
        if self.source == Some(Source::Monitor) {
            return monitor(self).ok_or_else(|| GaugeError::Silent("VE.Direct monitor".to_owned()));
        }
        let measured = self.board.sample();
        if measured.is_ok() {
            self.source = Some(Source::Board);
        } else if self.source.is_none()
            && let Some(sample) = monitor(self)
        {
            self.source = Some(Source::Monitor);
            return Ok(sample);
        }
        measured
    }

    /// Without the counter in the one sample in which it went back to 0; the next ones count from there.
    fn without_a_step_to_full(&mut self, sample: BatterySample) -> BatterySample {
        let counter = sample.counter.map(|counter| counter.get());
        let before = std::mem::replace(&mut self.last_counter, counter);
        let full =
            counter == Some(0.0) && before.is_some_and(|before| before.abs() > SYNCHRONISED_AH);
        if full {
            sample.with_counter(None)
        } else {
            sample
        }
    }
}

impl<G: Gauge> Gauge for WithCharger<G> {
    fn sample(&mut self) -> Result<BatterySample, GaugeError> {
        let now = (self.clock)();
        self.ports.listen(now);
        let sample = self.measured(now)?;
        let chargers = self.ports.chargers(now);
        let solar = chargers.iter().map(|charger| charger.solar.get()).sum();
        Ok(BatterySample {
            solar: if chargers.is_empty() {
                sample.solar
            } else {
                Watts::new(solar)
            },
            ..sample
        })
    }

    fn notices(&mut self) -> Vec<String> {
        let mut notices = self.board.notices();
        notices.append(&mut self.ports.notices());
        notices
    }

    fn chargers(&mut self) -> Vec<Charger> {
        self.ports.chargers((self.clock)())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use crate::vedirect::pulled::Cable;
    use power_mgmt::units::{AmpHours, Amps, Volts};
    use std::path::Path;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

    /// A gauge that answers while its plug is in.
    struct Board(&'static AtomicBool);

    impl Gauge for Board {
        fn sample(&mut self) -> Result<BatterySample, GaugeError> {
            if !self.0.load(Relaxed) {
                return Err(GaugeError::Silent("gauge".to_owned()));
            }
            Ok(BatterySample {
                voltage: Volts::new(13.25).unwrap(),
                current: Amps::ZERO,
                temperature: None,
                solar: None,
                counter: AmpHours::new(5.0),
            })
        }
    }

    const CHARGER: &[(&str, &str)] = &[
        ("PID", "0xA053"),
        ("PPV", "29"),
        ("V", "13000"),
        ("I", "2000"),
        ("CS", "3"),
    ];

    fn monitor(ce: &str) -> Vec<(&str, &str)> {
        vec![("PID", "0xA389"), ("V", "13100"), ("I", "-400"), ("CE", ce)]
    }

    fn gauge(
        board: &'static AtomicBool,
        cables: &Path,
        clock: fn() -> Duration,
    ) -> WithCharger<Board> {
        let ports = Ports::new(&cables.join("usb-VictronEnergy*"));
        WithCharger::new(Board(board), ports, clock)
    }

    #[test]
    fn the_panels_power_is_added_while_it_is_fresh_and_not_after() {
        static PLUGGED: AtomicBool = AtomicBool::new(true);
        static NOW: AtomicU64 = AtomicU64::new(100);
        let cables = tempfile::tempdir().unwrap();
        let mut gauge = gauge(&PLUGGED, cables.path(), || {
            Duration::from_secs(NOW.load(Relaxed))
        });
        assert_eq!(gauge.sample().unwrap().solar, None, "no cable");

        let mut cable = Cable::plug(cables.path(), "usb-VictronEnergy_a");
        gauge.sample().unwrap();
        cable.say(CHARGER);
        cable.say(CHARGER);
        NOW.store(101, Relaxed);
        let sample = gauge.sample().unwrap();
        assert_eq!(sample.solar.map(Watts::get), Some(29.0));
        assert_eq!(
            sample.voltage.get(),
            13.25,
            "the gauge's, not the charger's"
        );
        assert_eq!(gauge.chargers().len(), 1);
        for (now, fresh) in [(106, true), (107, false)] {
            NOW.store(now, Relaxed);
            assert_eq!(gauge.sample().unwrap().solar.is_some(), fresh, "{now}");
        }
        assert!(gauge.chargers().is_empty());

        // A second panel: both.
        let mut second = Cable::plug(cables.path(), "usb-VictronEnergy_b");
        gauge.sample().unwrap();
        for cable in [&mut cable, &mut second] {
            cable.say(CHARGER);
            cable.say(CHARGER);
        }
        NOW.store(108, Relaxed);
        assert_eq!(gauge.sample().unwrap().solar.map(Watts::get), Some(58.0));
    }

    #[test]
    fn a_monitor_is_the_gauge_where_none_answers_and_stays_it() {
        static PLUGGED: AtomicBool = AtomicBool::new(false);
        let cables = tempfile::tempdir().unwrap();
        let mut gauge = gauge(&PLUGGED, cables.path(), || Duration::from_secs(7));
        let mut cable = Cable::plug(cables.path(), "usb-VictronEnergy_shunt");
        assert!(gauge.sample().is_err(), "nobody spoke yet");
        cable.say(&monitor("-2000"));
        cable.say(&monitor("-2000"));
        let sample = gauge.sample().unwrap();
        assert_eq!((sample.voltage.get(), sample.current.get()), (13.1, -0.4));
        assert_eq!(sample.counter.map(AmpHours::get), Some(-2.0));
        PLUGGED.store(true, Relaxed);
        assert_eq!(
            gauge.sample().unwrap().voltage.get(),
            13.1,
            "not two counters in turn"
        );
        // Full: its counter begins anew, in one sample it counts for nothing.
        let counters = ["-1999", "0", "0", "-1"].map(|ce| {
            cable.say(&monitor(ce));
            gauge.sample().unwrap().counter.map(AmpHours::get)
        });
        assert_eq!(counters, [Some(-1.999), None, Some(0.0), Some(-0.001)]);
    }

    #[test]
    fn a_gauge_that_answered_is_not_replaced_by_a_monitor() {
        static PLUGGED: AtomicBool = AtomicBool::new(true);
        let cables = tempfile::tempdir().unwrap();
        let mut gauge = gauge(&PLUGGED, cables.path(), || Duration::from_secs(7));
        let mut cable = Cable::plug(cables.path(), "usb-VictronEnergy_shunt");
        gauge.sample().unwrap();
        cable.say(&monitor("0"));
        cable.say(&monitor("0"));
        assert_eq!(gauge.sample().unwrap().voltage.get(), 13.25);
        PLUGGED.store(false, Relaxed);
        assert!(gauge.sample().is_err());
    }
}
