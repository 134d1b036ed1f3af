//! The governor: keeps the power state, from samples, silence, time and a person's wish.

use crate::gauge::{Reading, SavedError, SocEstimator};
use crate::load::LoadPlan;
use crate::plan::Advice;
use crate::policy::Policy;
pub use crate::reason::Reason;
use crate::sample::BatterySample;
pub use crate::state::PowerState;
use crate::transition::{InputClass, Step, advised, transition};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

/// What the box has to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The state changed: to be told and logged.
    Changed {
        /// The state before.
        from: PowerState,
        /// The state now.
        to: PowerState,
        /// Why.
        reason: Reason,
    },
    /// Follow this plan from now on.
    Apply(LoadPlan),
    /// Stop in order and cut the power; for [`Reason::Critical`] without draining. Latched: it comes
    /// once, it is never taken back, and no plan but that of the cut power is applied after it.
    PowerOff(Reason),
}

/// Samples in a row that must say so before the battery switches the box off.
pub const OFF_CONFIRMATIONS: u8 = 3;

/// How long the planner's advice holds: two of its steps. Then the thresholds decide again.
pub const ADVICE_HOLDS: Duration = Duration::from_secs(20 * 60);

/// Turns what the battery says into the state of the box.
///
/// # Order of calls
///
/// ```text
/// new ──► ┌─ handle_sample | handle_sample_missing | handle_timeout | handle_*_request
///         │        then poll_action until it gives None
///         └─ then poll_timeout: call handle_timeout at that time, if nothing came before
/// ```
///
/// The first drain, before any input, yields the plan of the start. Every `now` is time since boot
/// and must not run back; one that does is taken as the latest time known.
///
/// # Rules
///
/// - It starts in `Minimal`; the first believable sample chooses the state without dwell.
/// - Acts on [`Reading::cautious`], half-way between the estimate and the low end of its band; near the reserve on [`Reading::guarded`].
/// - Down at once, up only after the dwell time, and only on a sample: time alone raises nothing.
/// - Off only after [`OFF_CONFIRMATIONS`] samples in a row, never because a sensor is silent.
/// - Within the reserve the box stays on in `Minimal` while the pack gains charge: a start costs
///   more than the morning's first minutes give, so it must not bounce.
/// - Silence lowers to `Eco`, later to `Minimal`; then the dwell time applies again.
/// - Fresh advice of the planner picks the state wherever the charge leaves a choice; within the
///   reserve and in silence it is not heard, and when it is older than [`ADVICE_HOLDS`] the
///   thresholds decide as if there were no planner.
/// - The sockets that charge tablets follow fresh advice too, from `Eco` on; without it they are on in
///   `Full`. Below `Eco`, and while the sensor is silent, they are off.
/// - `Off` and `Storage` are final; after them every input only feeds the gauge.
#[derive(Debug)]
pub struct Governor {
    policy: Policy,
    gauge: SocEstimator,
    state: PowerState,
    reason: Reason,
    actions: VecDeque<Action>,
    /// The latest time known.
    now: Duration,
    changed_at: Duration,
    /// The last believable sample.
    heard: Option<Duration>,
    /// Silence has lowered the state, and no rise has followed.
    was_silent: bool,
    rise: Option<Rise>,
    /// Samples in a row that said off.
    off_said: u8,
    /// What the planner advises, and when it said so.
    advice: Option<Advised>,
    /// The sensor is silent.
    silent: bool,
    /// Tablets may charge.
    charging: bool,
}

/// What is kept of the planner's advice.
#[derive(Debug, Clone, Copy)]
struct Advised {
    state: PowerState,
    charge_tablets: bool,
    at: Duration,
}

/// A higher state that is deserved, and since when.
#[derive(Debug, Clone, Copy)]
struct Rise {
    to: PowerState,
    since: Duration,
}

impl Governor {
    /// `now` is time since boot.
    #[must_use]
    pub fn new(policy: Policy, now: Duration) -> Self {
        let state = PowerState::Minimal;
        Self {
            gauge: SocEstimator::new(&policy),
            policy,
            state,
            reason: Reason::Started,
            actions: VecDeque::from([Action::Apply(LoadPlan::for_state(state))]),
            now,
            changed_at: now,
            heard: None,
            was_silent: false,
            rise: None,
            off_said: 0,
            advice: None,
            silent: false,
            charging: false,
        }
    }

    /// The planner advises a state for the next minutes: it is followed on the next sample, what it
    /// says of the sockets at once.
    pub fn handle_advice(&mut self, advice: &Advice, now: Duration) {
        let now = self.advance(now);
        self.advice = Some(Advised {
            state: advice.state,
            charge_tablets: advice.charge_tablets,
            at: now,
        });
        self.switch_sockets(now);
    }

    /// The gauge's state as bytes worth keeping over a power cut: see [`SocEstimator::save`].
    #[must_use]
    pub fn saved_gauge(&self) -> Option<Vec<u8>> {
        self.gauge.save()
    }

    /// Begins from a kept state of the gauge: see [`SocEstimator::restore`]. Before the first sample.
    ///
    /// # Errors
    /// What is wrong with the bytes; the gauge then begins knowing nothing.
    pub fn restore_gauge(&mut self, bytes: &[u8]) -> Result<(), SavedError> {
        self.gauge.restore(bytes)
    }

    /// What the samples since then say of a restored state, 0..=1: see [`SocEstimator::trust_in_saved`].
    #[must_use]
    pub fn trust_in_saved_gauge(&self) -> Option<f64> {
        self.gauge.trust_in_saved()
    }

    /// A sample came. One that is not believable counts as missing.
    pub fn handle_sample(&mut self, sample: &BatterySample, now: Duration) {
        let now = self.advance(now);
        self.heed_silence(now);
        if self.gauge.handle_sample(sample, now).is_err() {
            return;
        }
        let first = self.heard.is_none();
        self.heard = Some(now);
        self.silent = false;
        let Some(class) = InputClass::of_reading(&self.policy, &self.gauge.reading(now)) else {
            return;
        };
        let step = match self.fresh_advice(now) {
            Some(advice) => advised(self.state, class, advice.state),
            None => transition(self.state, class),
        };
        match step {
            Step::Stay => self.stay(first),
            Step::Now(to, reason) => {
                self.off_said = 0;
                self.change(to, reason, now);
            }
            Step::Confirmed(to, reason) => self.confirm_off(to, reason, now),
            Step::AfterDwell(to, reason) => self.deserve(to, reason, first, now),
        }
        self.switch_sockets(now);
    }

    /// The gauge was silent.
    pub fn handle_sample_missing(&mut self, now: Duration) {
        let now = self.advance(now);
        self.gauge.handle_missing();
        self.heed_silence(now);
    }

    /// A deadline of `poll_timeout` passed.
    pub fn handle_timeout(&mut self, now: Duration) {
        let now = self.advance(now);
        self.heed_silence(now);
    }

    /// A person at the box asks for storage mode (already confirmed by the button table).
    pub fn handle_storage_request(&mut self, now: Duration) {
        self.request(InputClass::StorageRequest, now);
    }

    /// A person asks the box to switch off.
    pub fn handle_off_request(&mut self, now: Duration) {
        self.request(InputClass::OffRequest, now);
    }

    /// Next thing to do.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When to call `handle_timeout`; `None` when time alone can change nothing.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        let heard = self.heard?;
        match self.state {
            PowerState::Full => Some(heard.saturating_add(self.policy.silent_eco_after())),
            PowerState::Eco if self.charging => {
                Some(heard.saturating_add(self.policy.silent_eco_after()))
            }
            PowerState::Eco => Some(heard.saturating_add(self.policy.silent_minimal_after())),
            PowerState::Minimal | PowerState::Off | PowerState::Storage => None,
        }
    }

    /// State now.
    #[must_use]
    pub const fn state(&self) -> PowerState {
        self.state
    }

    /// Why it is in it.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// The plan in force: that of the state, with charging as advised.
    #[must_use]
    pub const fn plan(&self) -> LoadPlan {
        let mut plan = LoadPlan::for_state(self.state);
        plan.usb_charging = self.charging;
        plan
    }

    /// The policy it follows.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What the gauge believes at `now`.
    #[must_use]
    pub fn reading(&self, now: Duration) -> Reading {
        self.gauge.reading(now)
    }

    fn fresh_advice(&self, now: Duration) -> Option<Advised> {
        self.advice
            .filter(|advice| now.saturating_sub(advice.at) < ADVICE_HOLDS)
    }

    fn may_charge(&self, now: Duration) -> bool {
        match self.fresh_advice(now) {
            Some(advice) => advice.charge_tablets && self.state >= PowerState::Eco && !self.silent,
            None => LoadPlan::for_state(self.state).usb_charging,
        }
    }

    fn switch_sockets(&mut self, now: Duration) {
        let charging = self.may_charge(now);
        if charging != self.charging {
            self.charging = charging;
            self.actions.push_back(Action::Apply(self.plan()));
        }
    }

    fn advance(&mut self, now: Duration) -> Duration {
        self.now = self.now.max(now);
        self.now
    }

    fn stay(&mut self, first: bool) {
        self.rise = None;
        self.off_said = 0;
        self.was_silent = false;
        if first {
            // Only `Minimal` is left on the first sample: the battery keeps the box there.
            self.reason = Reason::BatteryLow;
        }
    }

    fn confirm_off(&mut self, to: PowerState, reason: Reason, now: Duration) {
        self.rise = None;
        self.off_said = self.off_said.saturating_add(1);
        if self.off_said >= OFF_CONFIRMATIONS {
            self.change(to, reason, now);
        }
    }

    fn deserve(&mut self, to: PowerState, reason: Reason, first: bool, now: Duration) {
        self.off_said = 0;
        let rise = match self.rise {
            Some(rise) => Rise {
                to: rise.to.min(to),
                since: rise.since,
            },
            None => Rise { to, since: now },
        };
        let dwell = self.policy.dwell();
        let waited = now - rise.since >= dwell && now - self.changed_at >= dwell;
        if first || waited {
            let reason = if self.was_silent {
                Reason::SampleBack
            } else {
                reason
            };
            self.was_silent = false;
            self.change(rise.to, reason, now);
        } else {
            self.rise = Some(rise);
        }
    }

    fn heed_silence(&mut self, now: Duration) {
        let Some(heard) = self.heard else {
            return;
        };
        let silence = now.saturating_sub(heard);
        let class = if silence >= self.policy.silent_minimal_after() {
            InputClass::LongSilent
        } else if silence >= self.policy.silent_eco_after() {
            InputClass::Silent
        } else {
            return;
        };
        self.rise = None;
        self.off_said = 0;
        self.silent = true;
        if let Step::Now(to, reason) = transition(self.state, class) {
            self.was_silent = true;
            self.change(to, reason, now);
        }
        self.switch_sockets(now);
    }

    fn request(&mut self, class: InputClass, now: Duration) {
        let now = self.advance(now);
        if let Step::Now(to, reason) = transition(self.state, class) {
            self.change(to, reason, now);
        }
    }

    /// The only place where the state changes.
    fn change(&mut self, to: PowerState, reason: Reason, now: Duration) {
        let from = core::mem::replace(&mut self.state, to);
        self.reason = reason;
        self.changed_at = now;
        self.rise = None;
        self.actions.push_back(Action::Changed { from, to, reason });
        self.charging = self.may_charge(now);
        self.actions.push_back(Action::Apply(self.plan()));
        if to.is_power_off() {
            self.actions.push_back(Action::PowerOff(reason));
        }
    }
}
