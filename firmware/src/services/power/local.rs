//! Local time of the planner against Unix time of the clocks.

use power_mgmt::LocalTime;
use std::time::Duration;

/// Ten-minute slots of a day.
const SLOTS_A_DAY: i64 = 144;
/// Minutes of a slot.
const SLOT_MIN: u16 = 10;
const DAY_S: i64 = 86_400;

/// When a box is woken for which no better time is known: before the first pupil.
pub(super) const MORNING_MIN: u16 = 6 * 60;

/// The local time of a Unix time; `None` beyond what a calendar holds.
pub(super) fn local_of(unix_s: i64, utc_offset_min: i32) -> Option<LocalTime> {
    let local_s = unix_s.checked_add(i64::from(utc_offset_min) * 60)?;
    let minute = u16::try_from(local_s.rem_euclid(DAY_S) / 60).ok()?;
    LocalTime::new(local_s.div_euclid(DAY_S), minute)
}

/// The Unix time at which a local minute begins; `None` before 1970.
pub(super) fn unix_of(local: LocalTime, utc_offset_min: i32) -> Option<u64> {
    let minutes = local.day().checked_mul(1440)? + i64::from(local.minute());
    u64::try_from((minutes - i64::from(utc_offset_min)).checked_mul(60)?).ok()
}

/// Ten-minute slots since 1970.
pub(super) fn slot_of(local: LocalTime) -> i64 {
    local.day() * SLOTS_A_DAY + i64::from(local.minute() / SLOT_MIN)
}

/// The slot's first minute.
pub(super) fn slot_start(slot: i64) -> Option<LocalTime> {
    let minute = u16::try_from(slot.rem_euclid(SLOTS_A_DAY)).ok()? * SLOT_MIN;
    LocalTime::new(slot.div_euclid(SLOTS_A_DAY), minute)
}

/// From one local time to a later one; zero if it is not later.
pub(super) fn until(from: LocalTime, to: LocalTime) -> Duration {
    let minutes = |time: LocalTime| time.day() * 1440 + i64::from(time.minute());
    Duration::from_secs(u64::try_from(minutes(to) - minutes(from)).unwrap_or(0) * 60)
}

/// The first six o'clock in the morning after `now`.
pub(super) fn next_morning(now: LocalTime) -> Option<LocalTime> {
    let tomorrow = i64::from(now.minute() >= MORNING_MIN);
    LocalTime::new(now.day() + tomorrow, MORNING_MIN)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_east_and_west_of_greenwich() {
        // 2026-03-02T23:50:30Z
        let unix = 1_772_495_430;
        for (offset, day, minute) in [(0, 20_514, 1430), (345, 20_515, 335), (-720, 20_514, 710)] {
            let local = local_of(unix, offset).unwrap();
            assert_eq!((local.day(), local.minute()), (day, minute), "{offset}");
            assert_eq!(unix_of(local, offset), Some(1_772_495_400), "{offset}");
            assert_eq!(
                slot_start(slot_of(local)).unwrap().minute(),
                minute / 10 * 10
            );
        }
        assert_eq!(local_of(i64::MAX, 1), None);
        assert_eq!(unix_of(LocalTime::new(-1, 0).unwrap(), 0), None);
        let before = local_of(-1, 0).unwrap();
        assert_eq!((before.day(), before.minute()), (-1, 1439));
        assert_eq!(slot_start(slot_of(before)).unwrap().minute(), 1430);
    }

    #[test]
    fn the_next_morning_is_never_now() {
        for (minute, day) in [(0, 0), (359, 0), (360, 1), (1439, 1)] {
            let morning = next_morning(LocalTime::new(0, minute).unwrap()).unwrap();
            assert_eq!((morning.day(), morning.minute()), (day, MORNING_MIN));
        }
        let (noon, morning) = (
            LocalTime::new(0, 720).unwrap(),
            LocalTime::new(1, 360).unwrap(),
        );
        assert_eq!(until(noon, morning), Duration::from_secs(18 * 3600));
        assert_eq!(until(morning, noon), Duration::ZERO);
    }
}
