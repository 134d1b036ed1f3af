//! When what has happened is written: together every ten minutes, at once where it is grave, and never more than a day's ration. Pure.

use super::bucket::Bucket;
use super::line::Level;
use std::time::Duration;

/// Between two writes of what is not grave.
pub const EVERY: Duration = Duration::from_secs(10 * 60);
/// Writes in any 24 h at most: 24 at once, and 144 more. A write is some 4 KiB of events and journal, and one flush.
pub const WRITES_A_DAY: u32 = 24 + 144;
/// Bytes of events in any 24 h at most: 64 KiB at once, and 192 KiB more.
pub const BYTES_A_DAY: u32 = (64 + 192) * 1024;
/// Bytes are counted in pieces of this size, each begun one whole.
const PIECE: usize = 64;

/// What may still be written.
#[derive(Debug, Clone)]
pub struct Ration {
    writes: Bucket,
    pieces: Bucket,
    last: Option<Duration>,
}

impl Default for Ration {
    fn default() -> Self {
        let day = Duration::from_secs(86_400);
        Self {
            writes: Bucket::new(24, day / 144),
            pieces: Bucket::new(1024, day / 3072),
            last: None,
        }
    }
}

impl Ration {
    /// Whether what waits, the gravest of it of `level`, is to be written at `now`. The first after a start is: how the box ended before is told by it.
    pub fn is_due(&mut self, level: Level, now: Duration) -> bool {
        let waited = self
            .last
            .is_none_or(|last| now.saturating_sub(last) >= EVERY);
        if !waited && level < Level::Error {
            return false;
        }
        let due = self.writes.take(1, now);
        if due {
            self.last = Some(now);
        }
        due
    }

    /// Whether a line of `bytes` may be among what is written.
    pub fn admits(&mut self, bytes: usize, now: Duration) -> bool {
        let pieces = u32::try_from(bytes.div_ceil(PIECE)).unwrap_or(u32::MAX);
        self.pieces.take(pieces, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grave_events_are_written_at_once_and_others_together() {
        let mut ration = Ration::default();
        let at = Duration::from_secs;
        for (second, level, due) in [
            (5, Level::Info, true),
            (6, Level::Info, false),
            (7, Level::Warn, false),
            (8, Level::Error, true),
            (9, Level::Warn, false),
            (608, Level::Info, true),
        ] {
            assert_eq!(ration.is_due(level, at(second)), due, "{second} s");
        }
    }

    #[test]
    fn a_storm_is_held_to_the_ration_of_a_day() {
        let mut ration = Ration::default();
        let (mut writes, mut bytes) = (0, 0);
        for second in 0..86_400 {
            let now = Duration::from_secs(second);
            writes += u32::from(ration.is_due(Level::Error, now));
            bytes += (0..3)
                .map(|_| if ration.admits(200, now) { 200 } else { 0 })
                .sum::<u32>();
        }
        assert!(
            (WRITES_A_DAY - 1..=WRITES_A_DAY).contains(&writes),
            "{writes}"
        );
        assert!(
            bytes <= BYTES_A_DAY && bytes > BYTES_A_DAY / 10 * 7,
            "{bytes}"
        );
    }
}
