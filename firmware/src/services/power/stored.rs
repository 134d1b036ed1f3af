//! Into storage, the monthly look, and out again. The rules are [`power_mgmt::storage`]'s.

use super::alarm::{self, Rings};
use super::life::{Memory, Shared};
use super::mind::Mind;
use super::warehouse::{Check, StorageRecord, StorageTold, learned_capacity, told};
use crate::selftest::{ALARM_AHEAD_S, Alarm};
use crate::telemetry::chain;
use power_mgmt::storage::{CHECK_EVERY_S, Left, Start};
use power_mgmt::units::{StateOfCharge, Volts};
use power_mgmt::{Reading, Reason};
use std::time::Duration;

/// A look takes at least so long, box time: a technician beside it is to see it.
const LOOK_AT_LEAST: Duration = Duration::from_secs(10);
/// What is wrong for longer than this does not mend by itself; with start and stop the box is back within three minutes.
const LOOK_AT_MOST: Duration = Duration::from_secs(30);
/// Whoever asked for storage reads the answer in this time; then the power goes.
const ANSWER_IS_READ: Duration = Duration::from_secs(1);

/// A look under way.
#[derive(Debug, Clone)]
pub(super) struct Look {
    /// Box time.
    began: Duration,
    /// Since boot.
    began_since_boot: Duration,
    record: StorageRecord,
}

const NO_TIME: &str = "the clock has lost its time; see to its coin cell";

impl Shared {
    /// What this start is for, where the record says that the box is stored. Whatever alarm has rung is quiet afterwards.
    pub(super) async fn settle_storage(&self, memory: &mut Memory) {
        let wake = self.parts.wake.as_ref();
        let rang = alarm::rang(wake).await;
        let Some(mut record) = self.load_record().await.filter(StorageRecord::stands) else {
            return alarm::clear(wake).await;
        };
        let now = self.unix();
        match record.start(now, rang) {
            Start::Serve(why) => {
                alarm::clear(wake).await;
                self.leave_with(record, why).await;
            }
            Start::Check => {
                tracing::info!("power.storage_check");
                record.looking_since.get_or_insert(now.unwrap_or_default());
                record.due = self.next_alarm().await.ok();
                self.save_or_tell(&record).await;
                memory.look = Some(Look {
                    began: self.parts.clock.box_time(),
                    began_since_boot: self.parts.clock.since_boot(),
                    record,
                });
            }
        }
    }

    /// A turn of the monthly look, if one is under way.
    pub(super) async fn look_around(&self, mind: &mut Mind, memory: &mut Memory) {
        let Some(look) = &memory.look else { return };
        if self.is_used(look, memory.person_at) {
            let record = look.record.clone();
            memory.look = None;
            alarm::clear(self.parts.wake.as_ref()).await;
            return self.leave_with(record, Left::Used).await;
        }
        let now = self.parts.clock.box_time();
        let lived = now.saturating_sub(look.began);
        if lived < LOOK_AT_LEAST {
            return;
        }
        let reading = mind.governor.reading(now);
        let problems = self.problems(&reading).await;
        if !problems.is_empty() && lived < LOOK_AT_MOST {
            return;
        }
        self.end_look(memory, &reading, problems).await;
        mind.governor.handle_storage_request(now);
    }

    /// A battery that is empty in the middle of a look ends it; whether one was under way. The alarm of the next month stands.
    pub(super) async fn end_look_before_off(
        &self,
        mind: &Mind,
        memory: &mut Memory,
        reason: Reason,
    ) -> bool {
        if memory.look.is_none() {
            return false;
        }
        if reason == Reason::OffRequested {
            // A person: the box is in use, and off.
            let record = memory.look.take().map(|look| look.record);
            if let Some(record) = record {
                self.leave_with(record, Left::Used).await;
            }
            return false;
        }
        let reading = mind.governor.reading(self.parts.clock.box_time());
        let mut problems = self.problems(&reading).await;
        problems.push(format!("{reason}: charge the battery"));
        self.end_look(memory, &reading, problems).await;
        true
    }

    async fn end_look(&self, memory: &mut Memory, reading: &Reading, problems: Vec<String>) {
        let Some(mut look) = memory.look.take() else {
            return;
        };
        let found = problems.join("; ");
        look.record.add(Check {
            at: self.unix(),
            charge_percent: reading.soc.map(StateOfCharge::percent),
            voltage_v: reading.voltage.map(Volts::get),
            problems,
        });
        // Told when it is kept, so that whoever reads of it finds it.
        self.save_or_tell(&look.record).await;
        tracing::info!(problems = found, "power.storage_checked");
    }

    fn is_used(&self, look: &Look, person_at: Option<Duration>) -> bool {
        let since_boot = self.parts.clock.since_boot();
        let span = since_boot.saturating_sub(look.began_since_boot);
        let pressed = person_at.is_some_and(|at| at >= look.began_since_boot);
        pressed || self.parts.activity.within(span, since_boot)
    }

    async fn problems(&self, reading: &Reading) -> Vec<String> {
        let faults = self.parts.faults.clone();
        let looking = tokio::task::spawn_blocking(move || faults());
        let mut problems = looking
            .await
            .unwrap_or_else(|_| vec!["the stores could not be looked at".to_owned()]);
        if self.parts.gauge.is_some() && (reading.soc.is_none() || reading.missing > 0) {
            problems.push("the battery sensor is silent".to_owned());
        }
        problems
    }

    /// The held press: nobody reads an answer, and a record that cannot be kept is no reason to leave the box on. It must not be woken then, for it
    /// would not know that it is stored.
    pub(super) async fn store_as_the_button_says(&self, mind: &mut Mind, memory: &mut Memory) {
        if let Err(why) = self.enter_storage(mind, memory).await {
            tracing::error!(why, "power.storage_not_kept");
            alarm::clear(self.parts.wake.as_ref()).await;
        }
        memory.stores_at = None;
        mind.governor
            .handle_storage_request(self.parts.clock.box_time());
    }

    /// The record first, then the alarm; the power goes a moment later, when the answer has been read.
    pub(super) async fn enter_storage(
        &self,
        mind: &Mind,
        memory: &mut Memory,
    ) -> Result<StorageTold, String> {
        let reading = mind.governor.reading(self.parts.clock.box_time());
        let mut record = StorageRecord {
            entered_at: self.unix(),
            charge_percent: reading.soc.map(StateOfCharge::percent),
            capacity_wh: learned_capacity(&reading, &self.parts.policy),
            ..StorageRecord::default()
        };
        self.save_record(&record).await?;
        let wake = self.next_alarm().await;
        record.due = wake.clone().ok();
        self.save_record(&record).await?;
        tracing::warn!(due = record.due, "power.storage_entered");
        memory.look = None;
        memory.stores_at =
            Some(self.parts.clock.box_time() + ANSWER_IS_READ * self.parts.time_scale);
        Ok(told(&record, &self.parts.policy, wake, true))
    }

    pub(super) async fn leave_storage(
        &self,
        mind: &Mind,
        memory: &mut Memory,
    ) -> Result<StorageTold, String> {
        let reading = mind.governor.reading(self.parts.clock.box_time());
        let mut record = match self.load_record().await {
            Some(record) if record.stands() => {
                let mut record = record;
                record.leave(self.unix(), Left::Asked);
                self.save_record(&record).await?;
                tracing::warn!(why = Left::Asked.as_str(), "power.storage_left");
                record
            }
            Some(record) => record,
            None => StorageRecord::in_use(),
        };
        memory.look = None;
        memory.stores_at = None;
        alarm::clear(self.parts.wake.as_ref()).await;
        record.charge_percent = reading.soc.map(StateOfCharge::percent);
        record.capacity_wh = learned_capacity(&reading, &self.parts.policy);
        let none = "the box is in use".to_owned();
        Ok(told(&record, &self.parts.policy, Err(none), true))
    }

    /// While the box is in use no alarm is set: the one that is tried is cleared again.
    pub(super) async fn try_alarm(&self, memory: &Memory) -> Alarm {
        let wake = self.parts.wake.as_ref();
        if wake.is_none() {
            return Alarm::None;
        }
        if memory.look.is_some() || memory.stores_at.is_some() {
            return Alarm::LeftAlone("the box is in storage, and its alarm is set".to_owned());
        }
        let rings_in = match self.unix() {
            Some(now) => alarm::set(wake, now, now + ALARM_AHEAD_S)
                .await
                .map(|rings| rings.saturating_sub(now)),
            None => Err(NO_TIME.to_owned()),
        };
        Alarm::Tried {
            rings_in,
            put_back: alarm::cleared(wake).await,
        }
    }

    async fn leave_with(&self, mut record: StorageRecord, why: Left) {
        record.leave(self.unix(), why);
        self.save_or_tell(&record).await;
        tracing::warn!(why = why.as_str(), "power.storage_left");
    }

    async fn next_alarm(&self) -> Rings {
        let now = self.unix().ok_or_else(|| NO_TIME.to_owned())?;
        alarm::set(self.parts.wake.as_ref(), now, now + CHECK_EVERY_S).await
    }

    async fn load_record(&self) -> Option<StorageRecord> {
        let file = self.storage.clone()?;
        let loading = tokio::task::spawn_blocking(move || file.load());
        loading.await.ok().flatten()
    }

    async fn save_or_tell(&self, record: &StorageRecord) {
        if let Err(why) = self.save_record(record).await {
            tracing::error!(why, "power.storage_not_kept");
        }
    }

    async fn save_record(&self, record: &StorageRecord) -> Result<(), String> {
        let Some(file) = self.storage.clone() else {
            return Err("this box keeps nothing".to_owned());
        };
        let record = record.clone();
        let saving = tokio::task::spawn_blocking(move || file.save(&record));
        let unwritten = |why: String| {
            format!(
                "the record of storage cannot be written: {why}; make room on the disk, and try again"
            )
        };
        match saving.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(unwritten(chain(&error))),
            Err(error) => Err(unwritten(chain(&error))),
        }
    }
}
