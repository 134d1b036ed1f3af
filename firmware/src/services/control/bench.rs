//! The parts of a running box, for its self-test: each is asked of the service that owns it.

use crate::activity::Activity;
use crate::config::Config;
use crate::selftest::{
    self, Air, Alarm, Around, Bench, Cell, Lights, Outcome, Power, Pressed, Said, Sample, Seen,
    Wanted, Wishes,
};
use crate::services::Part;
use crate::services::power::PowerDesk;
use crate::status::{RadioState, View};
use crate::stores::Stores;
use crate::telemetry::chain;
use board_support::BoardChoice;
use board_support::clock::Rtc;
use board_support::release::Release;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::timeout;

/// Lights and button are driven ten times a second.
const LIGHTS_PATIENCE: Duration = Duration::from_secs(5);
const NO_LIGHTS: &str = "whoever drives the lights does not answer";

/// What a self-test of a running box needs.
#[derive(Clone)]
pub struct TestParts {
    /// The board.
    pub board: BoardChoice,
    /// Seconds of it in one of ours.
    pub time_scale: u32,
    /// The battery-backed clock: nobody reads it after the start.
    pub rtc: Part<dyn Rtc>,
    /// What the lights are to show.
    pub wanted: Arc<watch::Sender<Wanted>>,
    /// What lights and button say.
    pub seen: watch::Receiver<Seen>,
    /// The last result.
    pub last: Arc<watch::Sender<Option<Outcome>>>,
    /// The configuration.
    pub config: Config,
    /// Somebody is at work on the box while it is tested: it does not restart or sleep meanwhile.
    pub activity: Activity,
}

/// One test of the running box; blocks. The result is kept and told to whoever shows it.
pub(super) fn test(
    parts: &TestParts,
    (view, stores, power): (&View, &Stores, &PowerDesk),
    wishes: Wishes,
    told: &mut dyn FnMut(Said),
) -> Outcome {
    parts.activity.mark(view.clock().since_boot());
    let data = stores.data();
    let status = view.now();
    let around = Around {
        data,
        board: &parts.board,
        stores: Ok(stores.clone()),
        clock: view.clock(),
        time_scale: parts.time_scale,
        model: status.board,
        release: Release::of(&parts.board, data),
        keep_free: stores.keep_free(),
        in_memory: status.storage.in_memory,
        serial: selftest::serial(&parts.board, data),
    };
    let mut bench = BoxBench {
        parts,
        view,
        power,
        runtime: Handle::current(),
        number: parts.wanted.borrow().number,
        pressed_before: (parts.seen.borrow().button.as_ref()).map_or(0, |button| button.times),
    };
    let outcome = selftest::run(&mut bench, &around, wishes, told);
    // On a full disk the verdict is wanted most.
    if let Err(error) = selftest::keep(data, &outcome) {
        told(Said::Ask(crate::control::unkept(&error)));
    }
    let failed: Vec<&str> = outcome.failed().map(|tried| tried.part.as_str()).collect();
    tracing::info!(
        ready = outcome.ready,
        failed = failed.join(", "),
        took_s = outcome.took_s,
        "selftest.ended"
    );
    parts.last.send_replace(Some(outcome.clone()));
    outcome
}

struct BoxBench<'a> {
    parts: &'a TestParts,
    view: &'a View,
    power: &'a PowerDesk,
    runtime: Handle,
    number: u32,
    /// Times.
    pressed_before: u32,
}

impl Drop for BoxBench<'_> {
    /// However the test ends, the lights are the box's again.
    fn drop(&mut self) {
        self.parts.wanted.send_replace(Wanted {
            number: self.number.wrapping_add(1),
            lights: Lights::AsEver,
        });
    }
}

impl Bench for BoxBench<'_> {
    fn power(&mut self) -> Power {
        let status = self.view.now();
        let battery = status.battery;
        if battery.on_mains {
            return Power::OnMains;
        }
        if battery.stale {
            return Power::Silent("for more than ten seconds".to_owned());
        }
        let (Some(voltage_v), Some(current_a)) = (battery.voltage_v, battery.current_a) else {
            return Power::Silent(match battery.distrust {
                Some(distrust) => distrust.sentence,
                None => "no sample yet".to_owned(),
            });
        };
        let capacity = self.parts.config.policy.capacity().get();
        Power::Measured(Sample {
            voltage_v,
            current_a,
            temperature_c: battery.temperature_c,
            solar_w: battery.solar_w,
            charge_percent: battery.charge_percent,
            capacity_wh: Some(
                battery
                    .health_percent
                    .map_or(capacity, |health| capacity * health / 100.0),
            ),
            distrust: battery.distrust.map(|distrust| distrust.sentence),
        })
    }

    fn lights(&mut self, lights: Lights) -> Result<(), String> {
        self.number = self.number.wrapping_add(1);
        let number = self.number;
        self.parts.wanted.send_replace(Wanted { number, lights });
        let mut seen = self.parts.seen.clone();
        let answer = self.runtime.block_on(async {
            let answer = seen.wait_for(|seen| seen.answers == number);
            let answer = timeout(LIGHTS_PATIENCE, answer).await.ok()?.ok()?;
            Some(answer.lights.clone())
        });
        answer.unwrap_or_else(|| Err(NO_LIGHTS.to_owned()))
    }

    fn button(&mut self) -> Result<Pressed, String> {
        let button = self.parts.seen.borrow().button.clone()?;
        Ok(Pressed {
            times: button.times.saturating_sub(self.pressed_before),
            ..button
        })
    }

    fn air(&mut self) -> Air {
        let radio = self.view.now().radio;
        let cells: Vec<Cell> = radio
            .cells
            .into_iter()
            .map(|cell| Cell {
                interface: cell.interface,
                on: format!("on channel {} ({} GHz)", cell.channel, cell.band_ghz),
                clients_at_most: cell.client_limit,
                good: cell.on_air,
            })
            .collect();
        let trouble = radio.trouble;
        match (radio.silent.as_deref(), radio.state, radio.broken) {
            (Some("switched_off"), ..) => {
                Air::LeftAlone("the radio is switched off, or is not the box's".to_owned())
            }
            (Some("power"), ..) => Air::LeftAlone(
                "the radio is silent to save the battery: charge it, and test again".to_owned(),
            ),
            (Some("night"), ..) => Air::LeftAlone(
                "the radio is silent for the night: press the button, and test again".to_owned(),
            ),
            (Some(why), ..) => Air::LeftAlone(format!("the radio is silent ({why})")),
            (None, RadioState::On, _) | (None, _, true) => Air::Serving { cells, trouble },
            (None, RadioState::Off, false) => Air::Starting,
        }
    }

    fn clock(&mut self) -> Result<Option<u64>, String> {
        let rtc = self.parts.rtc.try_lock();
        let mut rtc = rtc.ok_or_else(|| "the clock does not answer".to_owned())?;
        rtc.read().map_err(|error| chain(&error))
    }

    fn try_alarm(&mut self) -> Alarm {
        let tried = self.runtime.block_on(self.power.try_alarm());
        tried.unwrap_or_else(|| Alarm::Tried {
            rings_in: Err("whoever sets the alarm does not answer".to_owned()),
            put_back: Ok(()),
        })
    }

    fn slots_are_busy(&mut self) -> Option<String> {
        let coming = self.view.now().update.coming?;
        let writes = ["writing", "checking"].contains(&coming.doing.as_str());
        writes.then(|| "an update is being written into it: test again afterwards".to_owned())
    }
}
