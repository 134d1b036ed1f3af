//! The supervisor of the school box, and everything a person meets.
//!
//! # Map
//!
//! ```text
//! main.rs         exit code
//! cli/            one file per verb of `school-box`
//! config.rs       RawConfig (TOML) -> Config, checked once; config/source.rs: the line an error names;
//!                 config/place.rs, timetable.rs: where the school is, and its week
//! telemetry.rs    events to journald or to plain text
//! clock.rs        the one module that reads clocks
//! activity.rs     whether learners are at work
//! app.rs          wires the services of a running box and supervises them; app/address.rs: where it serves,
//!                 app/signals.rs: TERM and INT
//! stores.rs       the library and the records of one data folder, opened under its lock
//! slots.rs        the two system slots: settled at start, confirmed, rolled back; what is told of them
//! status.rs       the state of the box as one value, told by pages, console and panel
//! supervisor/     service tree: restart policy, health verdict, ordered stop, watchdog, self-probe
//! services/       power, diagnostics, store, update, control, web: each a private task and a public handle
//! depot/          the verbs of the second binary, `depot`: they and `config` are all that is built without the feature `box`
//! control/        the socket by which a verb asks the running box
//! diagnostics/    light panel indicator and button table (pure), technician's page, live line
//! web/            server, routes, portal, pack pages, record store's HTTP face
//! ```
//!
//! # Tasks and their channels
//!
//! | task | is told by | tells through |
//! |---|---|---|
//! | `power` | `mpsc<PowerCommand>` (4: a button speaks seldom) | `watch<PowerReport>`, `watch<LoadPlan>`, `StopRequester` |
//! | `diagnostics` | `watch`es of all, the button | panel and serial line, `PowerCommand`, `Records::forget_everyone` |
//! | `store` | the writer's health | `watch<Healthz>` |
//! | `update` | `mpsc<Asked>` (2: one technician), `watch`es of vitals, power and store | `watch<Update>`, `StopRequester` |
//! | `control` | its socket | answers on it; `Asked` |
//! | `web` | its listener, `watch<LoadPlan>`, `watch<Healthz>` | answers on it |
//!
//! Started in this order, stopped in the reverse: power stays to the end.

#[cfg(feature = "box")]
pub mod activity;
#[cfg(feature = "box")]
pub mod app;
#[cfg(feature = "box")]
pub mod cli;
#[cfg(feature = "box")]
pub mod clock;
pub mod config;
#[cfg(feature = "box")]
pub mod control;
pub mod depot;
#[cfg(feature = "box")]
pub mod diagnostics;
#[cfg(feature = "box")]
pub mod services;
#[cfg(feature = "box")]
pub mod slots;
#[cfg(feature = "box")]
pub mod status;
#[cfg(feature = "box")]
pub mod stores;
#[cfg(feature = "box")]
pub mod supervisor;
#[cfg(feature = "box")]
pub mod telemetry;
#[cfg(feature = "box")]
pub mod web;
