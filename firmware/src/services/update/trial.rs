//! The trial half: a slot on trial, or one that the boot choice does not name, is watched until it is confirmed or given up.

use super::Shared;
use crate::services::power::PowerReport;
use crate::slots::Proof;
use crate::status::sensor_is_silent;
use crate::supervisor::{LifeError, Stop};
use ota::{BatterySign, Lack, Signs, TrialVerdict, Verdict};
use std::time::Duration;

/// The probe asks every 10 s and waits 5 s for an answer. Before the first answer its silence counts from its start, which the hold outlasts.
const PAGE_IS_FRESH: Duration = Duration::from_secs(16);

/// What is to be proved, and how far it is.
pub(super) type Trial = Option<(Proof, TrialVerdict)>;

/// What one look at a trial changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// Nothing is on trial.
    Nothing,
    /// It goes on; this is missing just now.
    Waits(Option<Lack>),
    /// It is over. The slot was confirmed.
    Confirmed,
    /// It is over.
    Over,
}

impl Shared {
    /// One look at what is on trial.
    pub(super) async fn look(&self, trial: &mut Trial) -> Result<Seen, LifeError> {
        let Some((proof, verdict)) = trial else {
            return Ok(Seen::Nothing);
        };
        let proof = *proof;
        match verdict.handle_signs(self.signs(), self.parts.clock.since_boot()) {
            Verdict::Wait { lack, .. } => return Ok(Seen::Waits(lack)),
            Verdict::Confirm => {
                let done = self
                    .with_slots(move |slots| match proof {
                        Proof::Trial => slots.confirm("the box"),
                        Proof::Naming => slots.name_the_running_slot(),
                    })
                    .await?;
                // Not written: this life ends, and the next one tries again.
                done?;
                *trial = None;
                return Ok(Seen::Confirmed);
            }
            Verdict::GiveUp(lack) => match proof {
                Proof::Trial => self.give_up(lack).await?,
                Proof::Naming => tracing::warn!(%lack, "ota.slot_not_named"),
            },
        }
        *trial = None;
        Ok(Seen::Over)
    }

    async fn give_up(&self, lack: Lack) -> Result<(), LifeError> {
        let within = self.parts.policy.within.as_secs();
        let why = format!("{lack} (waited {within} s)");
        self.with_slots(move |slots| {
            slots.give_up(&why);
            if let Err(problem) = slots.prepare_restart() {
                tracing::error!(problem, "ota.restart_not_prepared");
            }
        })
        .await?;
        self.parts.stop.ask(Stop::Restart);
        Ok(())
    }

    fn signs(&self) -> Signs {
        let parts = &self.parts;
        let vitals = *parts.vitals.borrow();
        let report: &PowerReport = &parts.power.borrow();
        Signs {
            critical_ready: vitals.critical_ready,
            battery: if report.on_mains {
                BatterySign::None
            } else if sensor_is_silent(report, parts.clock.box_time()) {
                BatterySign::Silent
            } else {
                BatterySign::Fresh
            },
            page_served: vitals.probe_silent_for <= PAGE_IS_FRESH,
            store_healthy: parts.healthz.borrow().failing().is_none(),
        }
    }
}
