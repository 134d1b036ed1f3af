//! A board that no box drives, opened for the test.

use super::bench::{Bench, Lights, Pressed};
use super::facts::{Air, Alarm, Cell, Power, Sample};
use crate::clock::Clock;
use crate::services::power::warehouse::{StorageFile, StorageRecord};
use crate::services::power::{last_gauge, take_alarm};
use crate::telemetry::chain;
use board_support::Board;
use board_support::panel::{BatteryColour, Lights as Panel, Rhythm};
use board_support::wake::WakeAlarm;
use power_mgmt::units::{Celsius, StateOfCharge, Watts};
use power_mgmt::{Governor, Policy, Reading};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How far ahead the alarm is set: it must not ring meanwhile, s.
pub const ALARM_AHEAD_S: u64 = 86_400;

/// See the module.
pub struct OwnBoard {
    board: Board,
    clock: Clock,
    governor: Governor,
    policy: Policy,
    data: PathBuf,
    button: Pressed,
}

impl OwnBoard {
    /// Drives `board` for the test; what the gauge kept in `data` is gone on from.
    #[must_use]
    pub fn new(board: Board, clock: Clock, policy: &Policy, data: &Path) -> Self {
        let mut governor = Governor::new(policy.clone(), clock.box_time());
        if let Some(kept) = last_gauge(data) {
            // A gauge that cannot be gone on from begins anew.
            let _ = governor.restore_gauge(&kept);
        }
        Self {
            board,
            clock,
            governor,
            policy: policy.clone(),
            data: data.to_owned(),
            // Down, until it is seen to be up: one that hangs is not pressed.
            button: Pressed {
                times: 0,
                down: true,
            },
        }
    }
}

/// What a reading comes to; `None` before the first believable sample.
#[must_use]
pub fn sample_of(reading: &Reading, policy: &Policy) -> Option<Sample> {
    let capacity = policy.capacity().get();
    Some(Sample {
        voltage_v: reading.voltage?.get(),
        current_a: reading.current?.get(),
        temperature_c: reading.temperature.map(Celsius::get),
        solar_w: reading.solar.map(Watts::get),
        charge_percent: reading.soc.map(StateOfCharge::percent),
        capacity_wh: Some(reading.health.map_or(capacity, |health| capacity * health)),
        distrust: reading.distrust.map(|distrust| distrust.to_string()),
    })
}

/// The lights of a wish; `None`: those of the box.
#[must_use]
pub fn lights_of(wanted: Lights) -> Option<Panel> {
    let lit = |light: u8| match wanted {
        Lights::AsEver => false,
        Lights::One(one) => one == light,
        Lights::All => true,
    };
    let steady = |light| {
        if lit(light) {
            Rhythm::Steady
        } else {
            Rhythm::Off
        }
    };
    (wanted != Lights::AsEver).then(|| Panel {
        battery: lit(0).then_some((BatteryColour::Amber, Rhythm::Steady)),
        wifi: steady(1),
        lessons: steady(2),
        help: steady(3),
    })
}

impl Bench for OwnBoard {
    fn power(&mut self) -> Power {
        let Some(gauge) = &mut self.board.gauge else {
            return Power::OnMains;
        };
        let now = self.clock.box_time();
        match gauge.sample() {
            Ok(sample) => self.governor.handle_sample(&sample, now),
            Err(error) => return Power::Silent(chain(&error)),
        }
        // Nothing of what it would do is done: the test switches nothing.
        while self.governor.poll_action().is_some() {}
        let reading = self.governor.reading(now);
        match (sample_of(&reading, &self.policy), reading.distrust) {
            (Some(sample), _) => Power::Measured(sample),
            (None, Some(distrust)) => Power::Silent(distrust.to_string()),
            (None, None) => Power::Silent("no sample is believed yet".to_owned()),
        }
    }

    fn lights(&mut self, lights: Lights) -> Result<(), String> {
        let lights = lights_of(lights).unwrap_or(Panel::DARK);
        let shown = self.board.panel.show(&lights, Duration::ZERO);
        shown.map_err(|error| chain(&error))
    }

    fn button(&mut self) -> Result<Pressed, String> {
        let down = self.board.button.is_pressed();
        let down = down.map_err(|error| chain(&error))?;
        self.button.times += u32::from(down && !self.button.down);
        self.button.down = down;
        Ok(self.button)
    }

    fn air(&mut self) -> Air {
        let Some(air) = &mut self.board.air else {
            return Air::LeftAlone("the radios of this computer are not the box's".to_owned());
        };
        match air.radios() {
            Err(error) => Air::Serving {
                cells: Vec::new(),
                trouble: vec![chain(&error)],
            },
            Ok(radios) => Air::Idle(
                radios
                    .into_iter()
                    .map(|radio| Cell {
                        interface: radio.interface,
                        on: format!("({})", radio.driver),
                        clients_at_most: radio.clients_at_most,
                        good: radio.access_point,
                    })
                    .collect(),
            ),
        }
    }

    fn clock(&mut self) -> Result<Option<u64>, String> {
        self.board.rtc.read().map_err(|error| chain(&error))
    }

    fn try_alarm(&mut self) -> Alarm {
        let now = self.clock();
        let Some(wake) = &mut self.board.wake else {
            return Alarm::None;
        };
        let Ok(Some(now)) = now else {
            return Alarm::Tried {
                rings_in: Err("the clock has no time".to_owned()),
                put_back: Ok(()),
            };
        };
        let due = StorageFile::in_data(&self.data)
            .load()
            .filter(StorageRecord::stands)
            .and_then(|record| record.due);
        let rings = take_alarm(&mut **wake, now, now + ALARM_AHEAD_S);
        Alarm::Tried {
            rings_in: rings.map(|rings| rings.saturating_sub(now)),
            put_back: put_back(&mut **wake, now, due),
        }
    }

    fn slots_are_busy(&mut self) -> Option<String> {
        None
    }
}

/// To the alarm of a stored box, or to none.
fn put_back(wake: &mut dyn WakeAlarm, now: u64, due: Option<u64>) -> Result<(), String> {
    match due.filter(|due| *due > now) {
        Some(due) => take_alarm(wake, now, due).map(drop),
        None => wake.set(None).map(drop).map_err(|error| chain(&error)),
    }
}
