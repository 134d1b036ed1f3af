//! The lying disk: a block device that remembers every write and every flush, so that the power can be cut
//! afterwards, at any point, as often as one likes.
//!
//! ```text
//!   program under test
//!     │ files
//!   ext4 on a loop device ── FUSE ── qemu-storage-daemon (blklogwrites) ─┬─► disk image
//!                                                                        └─► log: write, write, flush, write, …
//!   afterwards:
//!   base image + log ─► Cut { at, keep } ─► crash image ─► mount (the journal recovers) ─► check
//! ```
//!
//! What a disk promises is only this: what was written before the last finished flush is there. Of everything
//! written since, any subset may be there, in any order, and a write may be there in part. [`Keep`] chooses it.
//!
//! | file | is |
//! |---|---|
//! | `needs` | what this rig needs from the machine |
//! | `tool` | runs a system tool; its error is what the tool said |
//! | `mounted` | a file as a mounted ext4: taken down again in any case |
//! | `lying` | the device itself, and [`Position`]s in its log |
//! | `log` | the log's format |
//! | `recording` | base image and log of a disk whose power was cut |
//! | `cut` | which cuts to try: pure |
//! | `replay` | crash images out of base image, log and cut |
//! | `liar` | programs whose syncs do nothing, for the negative control |
//! | `stale` | takes down what a killed test left behind |
//! | `survey` | runs a check over many crash images |

mod cut;
mod liar;
mod log;
mod lying;
mod mounted;
mod needs;
mod recording;
mod replay;
mod stale;
mod survey;
mod tool;

pub use cut::{Cut, Keep, Seed, plan};
pub use liar::{Liar, Lies, without_syncs};
pub(crate) use log::empty as empty_log;
pub use log::{Entry, Log, Op};
pub use lying::{LyingDisk, Position, position_in};
pub use mounted::MountedImage;
pub use needs::{states_wanted, usable};
pub use recording::Recording;
pub use replay::Replayer;
pub(crate) use replay::copy_sparse;
pub use survey::{Failure, Survey, survey};
pub use tool::run as run_tool;
