//! What the data's file system says of itself: read from the card, mounted or not.

use super::card::Card;

const OFFSET: u64 = 1024;
const MAGIC: u64 = 0xef53;
/// `s_feature_incompat`: the journal holds what a mount has to carry out first. Set while it is mounted for writing.
const NEEDS_RECOVERY: u64 = 0x4;
/// `s_state`: unmounted cleanly and without a known error.
const VALID: u64 = 0x1;

/// The fields of an ext4 superblock that tests ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Superblock {
    /// Bytes of the file system, which may be fewer than the partition has.
    pub bytes: u64,
    /// Nothing is left for a check or a journal to mend: it was unmounted in order.
    pub clean: bool,
}

impl Superblock {
    /// That of the partition `data`.
    ///
    /// # Panics
    /// When there is no ext4.
    #[must_use]
    pub fn of_data(card: &Card) -> Self {
        let bytes = card.read("data", OFFSET, 1024);
        let field = |at: usize, len: usize| {
            let bytes = bytes[at..at + len].iter().rev();
            bytes.fold(0_u64, |value, byte| value << 8 | u64::from(*byte))
        };
        assert_eq!(field(0x38, 2), MAGIC, "an ext4 in the data partition");
        let blocks = field(0x150, 4) << 32 | field(0x04, 4);
        Self {
            bytes: blocks << (10 + field(0x18, 4)),
            clean: field(0x3a, 2) == VALID && field(0x60, 4) & NEEDS_RECOVERY == 0,
        }
    }
}
