//! The transition table: every power state against every class of input, pure and readable.
//!
//! [`transition`] says where a state goes and how quickly; the [`Governor`](crate::Governor) keeps
//! the time. The whole table is kept as a golden file, so that a change of policy is a readable diff.

use crate::gauge::Reading;
use crate::policy::Policy;
use crate::{PowerState, Reason};

/// What an input means for the states.
///
/// The charge is [`Reading::cautious`], within the reserve [`Reading::guarded`]. Between the charge at which a state is left and the charge
/// at which it is entered lies its margin, where the box stays what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InputClass {
    /// Below the critical charge, and not gaining.
    Critical,
    /// Below the critical charge, but the pack gains: the sun carries the box.
    CriticalGaining,
    /// Within the reserve, and not gaining.
    Reserve,
    /// Within the reserve, but the pack gains.
    ReserveGaining,
    /// Enough for `Minimal`, not for `Eco`.
    Low,
    /// The margin of `Eco`.
    LowMargin,
    /// Enough for `Eco`, not for `Full`.
    Middle,
    /// The margin of `Full`.
    MiddleMargin,
    /// Enough for `Full`.
    High,
    /// No believable sample for longer than the first limit.
    Silent,
    /// No believable sample for longer than the second limit.
    LongSilent,
    /// A person asks for storage.
    StorageRequest,
    /// A person asks to switch off.
    OffRequest,
}

impl InputClass {
    /// All of them, from an empty pack to a person's wish.
    pub const ALL: [Self; 13] = [
        Self::Critical,
        Self::CriticalGaining,
        Self::Reserve,
        Self::ReserveGaining,
        Self::Low,
        Self::LowMargin,
        Self::Middle,
        Self::MiddleMargin,
        Self::High,
        Self::Silent,
        Self::LongSilent,
        Self::StorageRequest,
        Self::OffRequest,
    ];

    /// The class of a reading; `None` while nothing is known of the charge.
    #[must_use]
    pub fn of_reading(policy: &Policy, reading: &Reading) -> Option<Self> {
        let (charge, guarded) = (reading.cautious()?, reading.guarded()?);
        Some(if guarded < policy.critical() {
            if reading.gains() {
                Self::CriticalGaining
            } else {
                Self::Critical
            }
        } else if guarded < policy.reserve() {
            if reading.gains() {
                Self::ReserveGaining
            } else {
                Self::Reserve
            }
        } else if charge < policy.eco_leave() {
            Self::Low
        } else if charge < policy.eco_enter() {
            Self::LowMargin
        } else if charge < policy.full_leave() {
            Self::Middle
        } else if charge < policy.full_enter() {
            Self::MiddleMargin
        } else {
            Self::High
        })
    }
}

/// What the table says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The state stays.
    Stay,
    /// To a lower state, now.
    Now(PowerState, Reason),
    /// Off, as soon as several samples in a row have said so: one sample switches no box off.
    Confirmed(PowerState, Reason),
    /// To a higher state, when it has been deserved for the dwell time.
    AfterDwell(PowerState, Reason),
}

impl Step {
    /// Where it leads from `state`.
    #[must_use]
    pub const fn target(self, state: PowerState) -> PowerState {
        match self {
            Self::Stay => state,
            Self::Now(to, _) | Self::Confirmed(to, _) | Self::AfterDwell(to, _) => to,
        }
    }
}

/// The table. `Off` and `Storage` are final: what cut the power cannot be talked out of it.
#[must_use]
pub const fn transition(state: PowerState, input: InputClass) -> Step {
    match state {
        PowerState::Off | PowerState::Storage => Step::Stay,
        PowerState::Minimal => from_minimal(input),
        PowerState::Eco => from_eco(input),
        PowerState::Full => from_full(input),
    }
}

/// The table while the planner's advice is fresh: it picks the state wherever the charge leaves a choice.
///
/// Within the reserve, in silence and for a person's wish the table alone decides. A lower state
/// comes at once, a higher one after the dwell time, `Off` when several samples in a row agree.
#[must_use]
pub const fn advised(state: PowerState, input: InputClass, advice: PowerState) -> Step {
    match input {
        InputClass::Low
        | InputClass::LowMargin
        | InputClass::Middle
        | InputClass::MiddleMargin
        | InputClass::High => toward(state, advice),
        InputClass::Critical
        | InputClass::CriticalGaining
        | InputClass::Reserve
        | InputClass::ReserveGaining
        | InputClass::Silent
        | InputClass::LongSilent
        | InputClass::StorageRequest
        | InputClass::OffRequest => transition(state, input),
    }
}

const fn toward(state: PowerState, advice: PowerState) -> Step {
    let (from, to) = (height(state), height(advice));
    if state.is_power_off() || from == to {
        Step::Stay
    } else if to > from {
        Step::AfterDwell(advice, Reason::Planned)
    } else if advice.is_power_off() {
        // `Storage` is never a plan; what advises it means the power may go.
        Step::Confirmed(PowerState::Off, Reason::Planned)
    } else {
        Step::Now(advice, Reason::Planned)
    }
}

const fn height(state: PowerState) -> u8 {
    match state {
        PowerState::Storage | PowerState::Off => 0,
        PowerState::Minimal => 1,
        PowerState::Eco => 2,
        PowerState::Full => 3,
    }
}

const fn from_minimal(input: InputClass) -> Step {
    match input {
        InputClass::Critical => Step::Confirmed(PowerState::Off, Reason::Critical),
        InputClass::Reserve => Step::Confirmed(PowerState::Off, Reason::Reserve),
        InputClass::CriticalGaining
        | InputClass::ReserveGaining
        | InputClass::Low
        | InputClass::LowMargin
        | InputClass::Silent
        | InputClass::LongSilent => Step::Stay,
        InputClass::Middle | InputClass::MiddleMargin => {
            Step::AfterDwell(PowerState::Eco, Reason::BatteryHigh)
        }
        InputClass::High => Step::AfterDwell(PowerState::Full, Reason::BatteryHigh),
        InputClass::StorageRequest => Step::Now(PowerState::Storage, Reason::StorageRequested),
        InputClass::OffRequest => Step::Now(PowerState::Off, Reason::OffRequested),
    }
}

const fn from_eco(input: InputClass) -> Step {
    match input {
        InputClass::Critical
        | InputClass::CriticalGaining
        | InputClass::Reserve
        | InputClass::ReserveGaining
        | InputClass::Low => Step::Now(PowerState::Minimal, Reason::BatteryLow),
        InputClass::LowMargin
        | InputClass::Middle
        | InputClass::MiddleMargin
        | InputClass::Silent => Step::Stay,
        InputClass::High => Step::AfterDwell(PowerState::Full, Reason::BatteryHigh),
        InputClass::LongSilent => Step::Now(PowerState::Minimal, Reason::Silent),
        InputClass::StorageRequest => Step::Now(PowerState::Storage, Reason::StorageRequested),
        InputClass::OffRequest => Step::Now(PowerState::Off, Reason::OffRequested),
    }
}

const fn from_full(input: InputClass) -> Step {
    match input {
        InputClass::Critical
        | InputClass::CriticalGaining
        | InputClass::Reserve
        | InputClass::ReserveGaining
        | InputClass::Low => Step::Now(PowerState::Minimal, Reason::BatteryLow),
        InputClass::LowMargin | InputClass::Middle => {
            Step::Now(PowerState::Eco, Reason::BatteryLow)
        }
        InputClass::MiddleMargin | InputClass::High => Step::Stay,
        InputClass::Silent => Step::Now(PowerState::Eco, Reason::Silent),
        InputClass::LongSilent => Step::Now(PowerState::Minimal, Reason::Silent),
        InputClass::StorageRequest => Step::Now(PowerState::Storage, Reason::StorageRequested),
        InputClass::OffRequest => Step::Now(PowerState::Off, Reason::OffRequested),
    }
}
