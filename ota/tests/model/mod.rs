//! A box in memory: its card that can lose power at any write or sync, the ports over it, a repository, and a life from boot to boot.
//!
//! | file | holds |
//! |---|---|
//! | `card` | [`Card`](card::Card): areas and files, what of them is on the medium, what a cut leaves |
//! | `area`, `files` | the two kinds of things on it |
//! | `ports` | the ports of the crate over a card |
//! | `repository` | releases, published and signed; a source over them |
//! | `world` | what there is beside the box |
//! | `bench` | a box in A, a publisher with two keys, and what a source comes to |
//! | `life` | the loader, the start, the update: what the box does with them |

#![allow(
    dead_code,
    reason = "each suite uses the parts of the box that it needs"
)]

pub(crate) mod area;
pub(crate) mod bench;
pub(crate) mod card;
pub(crate) mod files;
pub(crate) mod life;
pub(crate) mod ports;
pub(crate) mod repository;
pub(crate) mod world;

/// Pseudo-random numbers that a seed gives again: SplitMix64.
#[derive(Debug, Clone)]
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        let words = std::iter::repeat_with(|| self.next().to_le_bytes());
        words.flatten().take(length).collect()
    }
}
