//! The supervisor: starts the services, watches their pulses, restarts what fails, and stops all in order.
//!
//! ```text
//! hardware watchdog <- systemd <- this process (pings only while the verdict is not `Failing`)
//!   supervisor
//!     power        critical     ends the process at the fourth fault within a minute
//!     access_point essential    its own ladder within: what a restart of the service cannot heal; asks for one of the machine
//!     diagnostics  best effort
//!     store        critical     proves that the records' disk takes writes; a dead writer ends the process
//!     update       essential    watches a slot on trial; asks for a restart when it is not well
//!     control      essential
//!     nightly      best effort  looks the box over at a quiet hour
//!     web          essential    a runtime of its own: it cannot starve power
//! ```
//!
//! [`restart`] and [`health`] are pure; `tree` runs the services, each a `branch` of it; [`probe`] asks for a page from an ordinary
//! thread; [`systemd`] is told how it goes, [`next`] what the machine does afterwards, and [`lives`] how often the program started; [`ending`] sees to it that a stop
//! ends.

mod branch;
pub mod ending;
pub mod health;
pub mod lives;
pub mod next;
pub mod probe;
mod pulse;
pub mod restart;
pub mod systemd;
mod tree;

pub use pulse::Pulse;
pub use tree::{Ended, Life, LifeError, Service, Stop, StopRequester, Supervisor};
