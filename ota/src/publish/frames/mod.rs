//! Which blocks are compressed together, and how.
//!
//! | file | holds |
//! |---|---|
//! | `group` | whole files that change together into one frame |
//! | `pack` | the smallest of several ways to pack a frame |

mod group;
mod pack;

pub(super) use group::{Group, group};
pub(super) use pack::pack;

/// Blocks one after the other: first, and how many.
pub(crate) type Run = (u64, u64);

/// What a box saves with the frames.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Saving {
    /// Bytes: LZMA2. For poor networks.
    #[default]
    Bytes,
    /// Work: zstd, a seventh more bytes, unpacked several times as fast. For sticks.
    Work,
}
