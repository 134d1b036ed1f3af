//! How often something may happen: a bucket that holds so many, fills up again at so many a second, and gives one at a time or several.

use std::time::Duration;

/// The bucket. Full at first.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    holds: f64,
    per_second: f64,
    level: f64,
    seen: Option<Duration>,
}

impl Bucket {
    /// Holds `holds`; one more comes every `every`.
    #[must_use]
    pub fn new(holds: u32, every: Duration) -> Self {
        Self {
            holds: f64::from(holds),
            per_second: 1.0 / every.as_secs_f64().max(1e-9),
            level: f64::from(holds),
            seen: None,
        }
    }

    /// Takes `wanted` at `now`, if there are so many. A time that steps back fills nothing.
    pub fn take(&mut self, wanted: u32, now: Duration) -> bool {
        let passed = now.saturating_sub(self.seen.unwrap_or(now));
        self.seen = Some(self.seen.unwrap_or(now).max(now));
        self.level = (self.level + passed.as_secs_f64() * self.per_second).min(self.holds);
        let gives = self.level + 1e-9 >= f64::from(wanted);
        if gives {
            self.level -= f64::from(wanted);
        }
        gives
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_its_rate() {
        let mut bucket = Bucket::new(3, Duration::from_secs(10));
        let at = Duration::from_secs;
        let given: Vec<bool> = [0, 0, 0, 0, 9, 10, 11, 20, 1000, 1000, 1000, 1000, 5]
            .iter()
            .map(|second| bucket.take(1, at(*second)))
            .collect();
        let (yes, no) = (true, false);
        assert_eq!(
            given,
            [yes, yes, yes, no, no, yes, no, yes, yes, yes, yes, no, no]
        );
    }

    #[test]
    fn no_day_sees_more_than_it_holds_and_what_comes_in_a_day() {
        let mut bucket = Bucket::new(24, Duration::from_secs(600));
        let given = (0..86_400).filter(|second| bucket.take(1, Duration::from_secs(*second)));
        assert_eq!(given.count(), 24 + 143);
    }
}
