//! How fast an answer may go out: a bucket of bytes that is filled at a rate, emptied by what is sent. Pure: time is an argument.

use std::time::Duration;

/// A player shows nothing before it has a film's index and its first pictures: this much goes out at once, whatever the rate.
const HEAD_START: f64 = 2_000_000.0;
/// Or so many seconds of the film, where that is more.
const HEAD_START_S: f64 = 4.0;
/// Bytes in a second of 1 kbit/s.
const BYTES_OF_KBIT: f64 = 125.0;

/// Whether the next bytes may go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Turn {
    /// At once.
    Now,
    /// After this time, at the present rate.
    In(Duration),
    /// Not as long as the rate is 0.
    Halted,
}

/// The bucket of one answer.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    /// Bytes a second.
    rate: f64,
    /// Bytes that may be sent at once; below zero, what was sent ahead of its time.
    level: f64,
    /// When `level` was right.
    at: Duration,
}

impl Pace {
    /// A full bucket at `now`, filled at `kbit_s`.
    pub(crate) fn new(kbit_s: u32, now: Duration) -> Self {
        let rate = f64::from(kbit_s) * BYTES_OF_KBIT;
        Self {
            rate,
            level: depth(rate),
            at: now,
        }
    }

    /// Whether a chunk may go at `now`, from when on the rate is `kbit_s`. A chunk may go as long as the bucket is not overdrawn, however large it
    /// is: what it takes too much, the next one waits for.
    pub(crate) fn turn(&mut self, kbit_s: u32, now: Duration) -> Turn {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        let rate = f64::from(kbit_s) * BYTES_OF_KBIT;
        self.level = (self.level + passed * self.rate).min(depth(rate));
        self.at = self.at.max(now);
        self.rate = rate;
        if kbit_s == 0 {
            Turn::Halted
        } else if self.level >= 0.0 {
            Turn::Now
        } else {
            let wait = Duration::try_from_secs_f64(-self.level / rate);
            // A nanosecond more: rounding must not wake anybody just before their turn.
            Turn::In(
                wait.unwrap_or(Duration::MAX)
                    .saturating_add(Duration::from_nanos(1)),
            )
        }
    }

    /// So many bytes have gone.
    pub(crate) fn spend(&mut self, bytes: usize) {
        self.level -= bytes as f64;
    }
}

/// What the bucket holds: a reader who paused for a while does not save up more than this.
fn depth(rate: f64) -> f64 {
    HEAD_START.max(rate * HEAD_START_S)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CHUNK: usize = 64 * 1024;

    /// Sends as fast as the bucket lets it from `from` to `to`; the rate at each time is `rate`'s.
    fn sent(
        pace: &mut Pace,
        from: Duration,
        to: Duration,
        rate: impl Fn(Duration) -> u32,
    ) -> usize {
        let (mut now, mut bytes) = (from, 0);
        while now < to {
            match pace.turn(rate(now), now) {
                Turn::Now => {
                    pace.spend(CHUNK);
                    bytes += CHUNK;
                }
                Turn::In(wait) => now += wait.min(Duration::from_secs(1)),
                Turn::Halted => now += Duration::from_secs(1),
            }
        }
        bytes
    }

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_head_start_and_then_the_rate() {
        for (kbit_s, head_start) in [(1_500, 2_000_000), (8_000, 4_000_000)] {
            let mut pace = Pace::new(kbit_s, s(0));
            let at_once = sent(&mut pace, s(0), Duration::from_nanos(1), |_| kbit_s);
            assert!(
                (head_start..=head_start + CHUNK).contains(&at_once),
                "{at_once}"
            );
            let minute = sent(&mut pace, s(0), s(60), |_| kbit_s);
            let wanted = kbit_s as usize * 125 * 60;
            assert!(
                minute.abs_diff(wanted) <= 2 * CHUNK,
                "{minute} for {wanted}"
            );
        }
    }

    #[test]
    fn the_rate_follows_the_plan_both_ways() {
        let rate = |now| match now {
            now if now < s(60) => 8_000,
            now if now < s(120) => 1_500,
            now if now < s(180) => 0,
            _ => 1_500,
        };
        let mut pace = Pace::new(8_000, s(0));
        let minutes: Vec<usize> = (0..4)
            .map(|minute| sent(&mut pace, s(minute * 60), s(minute * 60 + 60), rate))
            .collect();
        let wanted = [4_000_000 + 60_000_000, 11_250_000, 0, 11_250_000];
        for (minute, wanted) in minutes.iter().zip(wanted) {
            // A wait begun under one rate may end under the next, a second later at most.
            assert!(minute.abs_diff(wanted) <= 1_100_000, "{minutes:?}");
        }
        assert_eq!(minutes[2], 0);
    }

    #[test]
    fn a_pause_saves_up_a_head_start_and_no_more() {
        let mut pace = Pace::new(1_500, s(0));
        sent(&mut pace, s(0), s(10), |_| 1_500);
        let resumed = sent(
            &mut pace,
            s(3_600),
            s(3_600) + Duration::from_nanos(1),
            |_| 1_500,
        );
        assert!(
            (2_000_000..=2_000_000 + CHUNK).contains(&resumed),
            "{resumed}"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever rates and instants come, backwards ones too: a turn never asks for no time at all, and never lets go more than the rate allows.
        #[test]
        fn never_more_than_the_head_start_and_the_fastest_rate(
            steps in proptest::collection::vec((0_u32..20_000, 0_u64..5_000), 1..200),
        ) {
            let mut pace = Pace::new(1_500, Duration::ZERO);
            let (mut bytes, mut latest) = (0_usize, 0_u64);
            for (kbit_s, at_ms) in steps {
                latest = latest.max(at_ms);
                match pace.turn(kbit_s, Duration::from_millis(at_ms)) {
                    Turn::Now => {
                        pace.spend(CHUNK);
                        bytes += CHUNK;
                    }
                    Turn::In(wait) => prop_assert!(wait > Duration::ZERO),
                    Turn::Halted => prop_assert_eq!(kbit_s, 0),
                }
            }
            let most = 10_000_000.0 + latest as f64 / 1000.0 * 20_000.0 * 125.0;
            prop_assert!((bytes as f64) < most + CHUNK as f64);
        }
    }
}
