//! Which moment a statement counts as stored at, and up to which moment readers know everything. Pure.
//!
//! The box's clock may be wrong by decades and may step back. `stored` never does: it is the caller's `now`, or one
//! microsecond after the last statement where `now` is not later. So `stored` is unique, its order is the order of
//! storing, and whoever asks for what came "since" the last answer misses nothing.

use jiff::Timestamp;

/// Microseconds since 1970, as the database keeps them.
pub(super) fn micros(time: Timestamp) -> i64 {
    // jiff's range (years -9999 to 9999) fits i64 microseconds many times over.
    i64::try_from(time.as_nanosecond().div_euclid(1_000)).unwrap_or(i64::MAX)
}

/// The inverse of [`micros`]; what no timestamp can hold becomes its nearest end.
pub(super) fn timestamp(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// How timestamps are written: UTC, six decimals.
pub(super) fn text(micros: i64) -> String {
    format!("{:.6}", timestamp(micros))
}

#[derive(Debug)]
pub(super) struct StoredClock {
    /// `stored` of the last committed statement, or the last answer to "through" when that is later.
    floor: i64,
    /// A transaction is open whose statements count from `floor` on.
    in_flight: bool,
}

impl StoredClock {
    pub(super) fn new(last_stored: i64) -> Self {
        Self {
            floor: last_stored,
            in_flight: false,
        }
    }

    /// A transaction begins: its statements must be stored after the answer.
    pub(super) fn begin(&mut self) -> i64 {
        self.in_flight = true;
        self.floor
    }

    /// The transaction ended; `last` is the latest `stored` it committed, if it did.
    pub(super) fn end(&mut self, last: Option<i64>) {
        self.in_flight = false;
        self.floor = last.map_or(self.floor, |last| self.floor.max(last));
    }

    /// Every statement stored up to the answer can be read. Call before reading.
    pub(super) fn through(&mut self, now: i64) -> i64 {
        if !self.in_flight {
            self.floor = self.floor.max(now);
        }
        self.floor
    }
}

/// The `stored` of the next statement.
pub(super) fn next(after: i64, now: i64) -> i64 {
    now.max(after.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_rises_while_the_clock_steps_back() {
        let mut clock = StoredClock::new(100);
        let first = next(clock.begin(), 500);
        let second = next(first, 20);
        clock.end(Some(second));
        assert_eq!((first, second), (500, 501));
        assert_eq!(next(clock.begin(), 30), 502);
    }

    #[test]
    fn nothing_is_stored_at_or_before_what_readers_were_promised() {
        let mut clock = StoredClock::new(0);
        assert_eq!(clock.through(1_000), 1_000);
        // Submitted before that answer, written after it.
        assert_eq!(next(clock.begin(), 900), 1_001);
        // In flight: no promise beyond what is committed.
        assert_eq!(clock.through(2_000), 1_000);
        clock.end(Some(1_001));
        assert_eq!(clock.through(2_000), 2_000);
    }

    #[test]
    fn a_failed_transaction_moves_nothing() {
        let mut clock = StoredClock::new(7);
        clock.begin();
        clock.end(None);
        assert_eq!(clock.begin(), 7);
    }

    #[test]
    fn texts_have_six_decimals() {
        assert_eq!(text(0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(text(1_772_353_800_120_000), "2026-03-01T08:30:00.120000Z");
    }
}
