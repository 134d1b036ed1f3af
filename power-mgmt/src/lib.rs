#![no_std]
//! Battery gauge and power states of the school box: samples in, actions out, nothing else.
//!
//! No IO, no clock, no threads: the crate is `no_std`, and a test walks its dependencies for the
//! same. Time since boot is an argument of every decision.
//!
//! # Map
//!
//! | module | holds |
//! |---|---|
//! | [`units`] | checked quantities: what is not finite does not get in |
//! | [`sample`] | [`BatterySample`]: what the hardware says; [`ChargeStatus`] |
//! | [`gauge`] | [`SocEstimator`]: from samples to charge with an honest band; [`Reading`] |
//! | [`policy`] | [`Policy`]: where states begin and end, checked once |
//! | [`transition`](mod@transition) | the table: state × class of input → step |
//! | [`governor`] | [`Governor`]: keeps the state and the time; [`Action`] |
//! | [`forecast`] | [`SolarForecast`]: learns this place's sun from its own panel; [`Site`] |
//! | [`plan`] | [`Planner`]: spends each watt-hour where lessons are; [`Advice`] with its reason |
//! | [`load`] | [`LoadPlan`]: what each state permits |
//! | [`storage`] | the warehouse: what is left after months, what a start in storage is for |
//!
//! ```text
//! BatterySample ─► SocEstimator ─► Reading ─► InputClass ─┐
//! silence, requests ─────────────────────────► InputClass ─┤
//!                                                          ▼
//!                             Governor: transition table, dwell, latch
//!                                                          ▼
//!                           Changed · Apply(LoadPlan) · PowerOff
//!                                                          ▲
//! panel, timetable, site ─► SolarForecast ─► Planner ─► Advice (picks the state while it is fresh)
//! ```
//!
//! # States
//!
//! ```text
//!            down: at once            up: after the dwell time, on a sample
//!
//!              ┌──────────────────── Full ◄──────────────────┐
//!      < full  │  silent                ▲   >= full + hyst.  │
//!              ▼                        │                    │
//!             Eco ──────────────────────┘                    │
//!      < eco   │  long silent           ▲   >= eco + hyst.   │
//!              ▼                        │                    │
//!  start ─► Minimal ────────────────────┴────────────────────┘
//!              │  stays while the pack gains charge within the reserve
//!    < reserve │  three samples in a row, not gaining
//!   < critical │
//!              ▼
//!             Off  ◄── off request            Storage ◄── storage request
//!          (final: power cut)              (final: power cut, warehouse)
//! ```
//!
//! The whole table is in `tests/snapshots/transition_table__table.snap`.
//!
//! # Glossary
//!
//! - *Charge*: state of charge, charge left over capacity, 0 to 1.
//! - *Band*: the middle 95 % of what the gauge thinks possible.
//! - *Cautious charge*: half-way between the estimate and the low end of its band; states follow it. For the reserve it is at most five points
//!   below the estimate.
//! - *Reserve*: charge the box never spends by choice, at least 10 %.
//! - *Critical*: charge below which the pack's own protection is about to cut.
//! - *Dwell*: how long a higher state must have been deserved.
//! - *Margin*: between where a state is left and where it is entered (hysteresis).
//! - *Advice*: the state that the planner picks for the next minutes; it holds for two of its steps.
//! - *Clearness*: what a day gives over what it would give under a clear sky.
//! - *Worth*: what an hour of service is worth, 0 to 1: the timetable.
//! - *Missing*: a sample that did not come or is not believed.
//!
//! # Invariants
//!
//! 1. `PowerOff` comes at most once; after it no other plan is applied.
//! 2. Below the reserve the box runs only while the pack gains charge, or the sensor is silent.
//! 3. Silence never switches off; one sample never switches off.
//! 4. No rise within the dwell time of another change, and none without a sample.
//! 5. The plan in force is the plan of the state, with charging as advised: never below `Eco`, within the reserve or in silence.
//! 6. Charge is within 0..=1 and within its band; what is not finite cannot enter.
//! 7. Advice never starts what the reserve would have to pay for, and is not heard within it.
//! 8. `poll_timeout` lies in the future once what is due has been handled.
//!
//! # Example
//!
//! ```
//! use core::time::Duration;
//! use power_mgmt::{Action, BatterySample, Governor, Policy, PowerState};
//!
//! let mut governor = Governor::new(Policy::default(), Duration::ZERO);
//! let sample = BatterySample::from_plain(13.4, 1.2, Some(24.0), Some(25.0)).expect("finite");
//! governor.handle_sample(&sample, Duration::from_secs(1));
//! while let Some(action) = governor.poll_action() {
//!     if let Action::Apply(plan) = action {
//!         println!("{} connections", plan.http_connections);
//!     }
//! }
//! assert_eq!(governor.state(), PowerState::Full);
//! ```
extern crate alloc;

mod bytes;
pub mod forecast;
pub mod gauge;
pub mod governor;
pub mod load;
pub mod plan;
pub mod policy;
mod reason;
pub mod sample;
mod state;
pub mod storage;
pub mod transition;
pub mod units;

pub use forecast::{LocalTime, Site, SiteInput, SolarForecast};
pub use gauge::{CurveError, Distrust, OcvCurve, Reading, SavedError, SocEstimator};
pub use governor::{Action, Governor, PowerState, Reason};
pub use load::{CpuSpeed, LoadPlan, SyncWindow};
pub use plan::{Advice, Ahead, Film, FilmAnswer, Observation, PlanReason, Planner, Week, Worth};
pub use policy::{Policy, PolicyError, PolicyInput};
pub use sample::{BatterySample, ChargeStatus};
pub use transition::{InputClass, Step};
