//! Following the plan: what the governor is told of the advice, and what will bring back a box whose power goes. The rules are `sleep`'s.

use super::alarm;
use super::life::{Memory, Shared};
use super::local::{unix_of, until};
use super::mind::Mind;
use super::planning::Planning;
use super::sleep::{self, Around, Awake, PERSON_STAYS};
use power_mgmt::{Advice, LocalTime, Reason};
use std::time::Duration;

/// Where switching off by plan stands.
#[derive(Default)]
pub(super) struct Sleep {
    /// The alarm that is set, Unix seconds.
    alarm: Option<u64>,
    /// The advice for which it could not be set.
    failed: Option<LocalTime>,
    /// What was last told of waiting.
    awake: Option<Awake>,
}

impl Shared {
    /// The advice, as far as it is to be followed now.
    pub(super) async fn heed_the_plan(&self, mind: &mut Mind, memory: &mut Memory) {
        let now = self.parts.clock.box_time();
        let Some(advice) = mind.planning.as_ref().and_then(Planning::advice) else {
            return;
        };
        let lived = now.saturating_sub(memory.begun.unwrap_or(now));
        let given = if memory.look.is_some() {
            // The look is to cost as little as it can.
            sleep::kept_awake(advice)
        } else if lived < self.parts.plan_begins_after {
            return;
        } else if advice.state.is_power_off() {
            self.sleep_or_wait(mind, &mut memory.sleep, memory.person_at, advice)
                .await
        } else {
            memory.sleep.awake = None;
            advice
        };
        mind.give(given, now);
    }

    /// Off by plan: the alarm first, and what it says, and only then the power.
    async fn sleep_or_wait(
        &self,
        mind: &Mind,
        sleep: &mut Sleep,
        person_at: Option<Duration>,
        advice: Advice,
    ) -> Advice {
        let wakes = self.wakes(mind, Reason::Planned);
        let around = self.around(mind, person_at, wakes);
        let may = match sleep::may_sleep(&around) {
            Ok(()) if sleep.failed == Some(advice.at) => return sleep::kept_awake(advice),
            may => may,
        };
        if sleep.awake != may.err() {
            sleep.awake = may.err();
            if let Some(why) = sleep.awake {
                tracing::info!(why = %why, "power.sleep_waits");
            }
        }
        let at = wakes.and_then(|at| unix_of(at, self.parts.place.utc_offset_min));
        let (Ok(()), Some(now), Some(at)) = (may, self.unix(), at) else {
            return sleep::kept_awake(advice);
        };
        if sleep.alarm != Some(at) {
            match alarm::set(self.parts.wake.as_ref(), now, at).await {
                Ok(_) => sleep.alarm = Some(at),
                Err(why) => {
                    if sleep.failed.replace(advice.at).is_none() {
                        tracing::warn!(why, "power.wake_not_set");
                    }
                    return sleep::kept_awake(advice);
                }
            }
        }
        sleep.failed = None;
        advice
    }

    fn around(&self, mind: &Mind, person_at: Option<Duration>, wakes: Option<LocalTime>) -> Around {
        let (local, clock_trusted) = self.local();
        let since_boot = self.parts.clock.since_boot();
        let reading = mind.governor.reading(self.parts.clock.box_time());
        Around {
            // A day that is played faster wakes nobody.
            can_wake: self.parts.wake.is_some() && self.parts.time_scale == 1,
            clock_trusted,
            at_work: self.parts.activity.within(PERSON_STAYS, since_boot),
            person: person_at.map(|at| since_boot.saturating_sub(at)),
            sleeps: local.zip(wakes).map(|(now, at)| until(now, at)),
            ignorant: sleep::is_ignorant(&reading, mind.governor.policy().reserve()),
        }
    }

    fn wakes(&self, mind: &Mind, reason: Reason) -> Option<LocalTime> {
        let planned = mind.planning.as_ref().and_then(Planning::wakes_at);
        sleep::wakes(reason, planned, self.local().0?)
    }

    /// Before the power goes: what will bring it back. Storage has seen to it already.
    pub(super) async fn see_to_the_alarm(&self, mind: &Mind, memory: &mut Memory, reason: Reason) {
        let stored = reason == Reason::StorageRequested;
        if stored || self.end_look_before_off(mind, memory, reason).await {
            return;
        }
        if reason == Reason::Planned && memory.sleep.alarm.is_some() {
            return;
        }
        let at =
            (self.wakes(mind, reason)).and_then(|at| unix_of(at, self.parts.place.utc_offset_min));
        let wake = self.parts.wake.as_ref();
        match (self.unix(), at) {
            (Some(now), Some(at)) => match alarm::set(wake, now, at).await {
                Ok(at) => tracing::info!(at, "power.wake_set"),
                Err(why) => tracing::warn!(why, "power.wake_not_set"),
            },
            // A clock that has lost its time rings at no time that anybody meant.
            (_, _) => alarm::clear(wake).await,
        }
    }
}
