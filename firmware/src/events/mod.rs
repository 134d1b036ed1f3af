//! What has happened to this box, kept on the disk through boots, power cuts and years.
//!
//! ```text
//!   tracing events ─► layer ── limit: a place that storms is held back, for every layer, and counted
//!                       │       words: of texts only our own messages' words; no name gets here
//!                       ▼
//!                    keeper ── ration: together every ten minutes, at once where it is grave; so many writes and bytes a day
//!                       ▼
//!                     ring ─── DATA/events: 16 files of 64 KiB, checksummed lines      boots: which boot, how the last one ended
//!                       ▼
//!   past::last(data, n)        needs the folder alone: no lock, no box
//! ```
//!
//! What still waits for its ration the running box tells who asks (`control::past`), word for word as it will be kept.
//!
//! What it wears, at the very most in 24 hours: [`ration::BYTES_A_DAY`] bytes of events in [`ration::WRITES_A_DAY`] writes; and with each start
//! of the box one small file, one write, and a fresh ration.

#[cfg(feature = "box")]
pub mod boots;
pub mod bucket;
#[cfg(feature = "box")]
mod keeper;
#[cfg(feature = "box")]
mod layer;
pub mod limit;
pub mod line;
pub mod past;
pub mod ration;
#[cfg(feature = "box")]
pub mod ring;
pub mod segments;
pub mod words;

#[cfg(feature = "box")]
pub use keeper::{Events, Keeper};
#[cfg(feature = "box")]
pub use layer::EventLayer;
pub use line::{Event, Level, Value};
pub use past::{Past, last, last_in};
