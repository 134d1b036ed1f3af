//! Clock, alarm, slots, watchdog.

use super::bytes;
use crate::selftest::facts::{Alarm, ClockFacts, SlotFacts, WatchdogFacts};
use crate::selftest::outcome::{PartName, Tried, Verdict};

/// No clock was set before: the first of January 2026.
const EARLIEST: u64 = 1_767_225_600;
/// The end of what the chips count: the first of January 2100.
const LATEST: u64 = 4_102_444_800;
/// A clock that counts whole seconds may be off by one at each look.
const OFF_S: u64 = 2;

const COIN_CELL: &str = "change its coin cell and set the time";

/// The battery-backed clock. `scale`: seconds that it counts in one of ours, 1 but on a simulated day.
pub(in crate::selftest) fn clock(facts: &ClockFacts, scale: u32) -> Tried {
    let tried = |verdict, measured| Tried::new(PartName::Clock, verdict, measured);
    let looks = match (&facts.first, &facts.second) {
        (Err(why), _) | (_, Err(why)) => {
            let verdict = Verdict::failed(
                format!("it cannot be read ({why})"),
                "see that the clock's board is seated",
            );
            return tried(verdict, String::new());
        }
        (Ok(first), Ok(second)) => (*first, *second),
    };
    let (Some(first), Some(second)) = looks else {
        let verdict = Verdict::failed("it has no time", COIN_CELL);
        return tried(verdict, String::new());
    };
    let measured = time(second);
    if !(EARLIEST..LATEST).contains(&second) {
        return tried(
            Verdict::failed("it tells a wrong time", COIN_CELL),
            measured,
        );
    }
    let passed = facts.between.as_secs() * u64::from(scale);
    let counted = second.saturating_sub(first);
    let off = counted.abs_diff(passed);
    let allowed = OFF_S * u64::from(scale);
    if second < first || off > allowed {
        let verdict = Verdict::failed(
            format!("it counted {counted} s in {passed} s"),
            "see that the clock's board is seated; else change it",
        );
        return tried(verdict, measured);
    }
    tried(
        Verdict::Ok,
        format!("{measured}, counted {counted} s in {passed} s"),
    )
}

fn time(unix: u64) -> String {
    let time = i64::try_from(unix).ok();
    let time = time.and_then(|unix| jiff::Timestamp::from_second(unix).ok());
    time.map_or_else(String::new, |time| {
        time.strftime("%Y-%m-%d %H:%M UTC").to_string()
    })
}

/// The alarm that wakes the box.
pub(in crate::selftest) fn alarm(facts: &Alarm) -> Tried {
    let (verdict, measured) = match facts {
        Alarm::None => (
            Verdict::not_tried("this board has no alarm that could wake it"),
            String::new(),
        ),
        Alarm::LeftAlone(why) => (Verdict::not_tried(why.clone()), String::new()),
        Alarm::Tried {
            rings_in: Err(why), ..
        } => (
            Verdict::failed(
                format!("the box would not wake by itself ({why})"),
                "see to the clock's board and its coin cell",
            ),
            String::new(),
        ),
        Alarm::Tried {
            rings_in: Ok(_),
            put_back: Err(why),
        } => (
            Verdict::failed(
                format!("it was set, and cannot be put back ({why})"),
                "restart the box, which clears it, and test again",
            ),
            String::new(),
        ),
        Alarm::Tried {
            rings_in: Ok(seconds),
            put_back: Ok(()),
        } => (
            Verdict::Ok,
            format!("set {} h ahead, read back, put back", seconds / 3600),
        ),
    };
    Tried::new(PartName::Alarm, verdict, measured)
}

/// One of the two slots.
pub(in crate::selftest) fn slot(part: PartName, facts: &SlotFacts) -> Tried {
    let (verdict, measured) = match facts {
        SlotFacts::Single => (
            Verdict::not_tried("this machine has a single system"),
            String::new(),
        ),
        SlotFacts::LeftAlone(why) => (Verdict::not_tried(why.clone()), String::new()),
        SlotFacts::Unreadable(why) => (
            Verdict::failed(
                format!("it cannot be read ({why})"),
                "the card may be worn out: write a new one with `depot card write`",
            ),
            String::new(),
        ),
        SlotFacts::Read {
            slot,
            bytes: read,
            wrong,
        } => {
            let measured = format!("slot {slot}, {} read", bytes(*read));
            let verdict = if wrong.is_empty() {
                Verdict::Ok
            } else {
                Verdict::failed(
                    format!(
                        "bytes of {} have changed since it was installed",
                        wrong.join(" and ")
                    ),
                    mended_by(part),
                )
            };
            let sealed = if wrong.is_empty() {
                ", as it was sealed"
            } else {
                ""
            };
            (verdict, format!("{measured}{sealed}"))
        }
    };
    Tried::new(part, verdict, measured)
}

/// A box takes no version again: only a newer one is written, and into the slot that does not run.
fn mended_by(part: PartName) -> &'static str {
    if part == PartName::OtherSlot {
        "the next update writes it anew; if it comes back, change the card"
    } else {
        "bring a newer system, or write the card anew (`depot card write`); if it comes back, change the card"
    }
}

/// What resets a box that hangs.
pub(in crate::selftest) fn watchdog(facts: &WatchdogFacts) -> Tried {
    let tried = |verdict, measured| Tried::new(PartName::Watchdog, verdict, measured);
    let Some(dog) = facts else {
        let verdict = Verdict::failed(
            "there is none: a box that hangs would stay so",
            "see that the image is the one for this board",
        );
        return tried(verdict, String::new());
    };
    let timeout = dog.timeout_s.map(|seconds| format!("{seconds} s"));
    let words = [dog.identity.clone(), timeout.unwrap_or_default()];
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let measured = words.join(", ");
    match dog.active {
        Some(true) => tried(Verdict::Ok, format!("{measured}, fed")),
        Some(false) => tried(
            Verdict::failed(
                "nobody feeds it: a box that hangs would stay so",
                "see that systemd has RuntimeWatchdogSec",
            ),
            measured,
        ),
        None => tried(
            Verdict::not_tried("the kernel does not show whether it is fed"),
            measured,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use board_support::watchdog::Watchdog;
    use std::time::Duration;

    fn line(table: &mut String, name: &str, told: &Tried) {
        *table += &format!("{name}: {} | {:?}\n", told.measured, told.verdict);
    }

    #[test]
    fn time_and_its_alarm() {
        let now = 1_795_936_445;
        let facts = |first, second, between| ClockFacts {
            first: Ok(first),
            second: Ok(second),
            between: Duration::from_secs(between),
        };
        let mut table = String::new();
        for (name, facts, scale) in [
            ("good", facts(Some(now), Some(now + 61), 60), 1),
            ("played faster", facts(Some(now), Some(now + 3660), 60), 60),
            ("stands still", facts(Some(now), Some(now), 60), 1),
            (
                "runs twice as fast",
                facts(Some(now), Some(now + 120), 60),
                1,
            ),
            ("jumps back", facts(Some(now), Some(now - 1), 1), 1),
            ("no time", facts(None, None, 60), 1),
            ("lost its time meanwhile", facts(Some(now), None, 60), 1),
            ("of 1970", facts(Some(5), Some(65), 60), 1),
            ("of 2100", facts(Some(LATEST), Some(LATEST + 60), 60), 1),
        ] {
            line(&mut table, name, &clock(&facts, scale));
        }
        let unread = ClockFacts {
            second: Err("cannot read /sys/class/rtc/rtc0/since_epoch".to_owned()),
            ..facts(Some(now), None, 60)
        };
        line(&mut table, "unreadable", &clock(&unread, 1));
        let dead = || "the alarm cannot be set".to_owned();
        for facts in [
            Alarm::None,
            Alarm::LeftAlone("the box is in its monthly check".to_owned()),
            Alarm::Tried {
                rings_in: Ok(86_400),
                put_back: Ok(()),
            },
            Alarm::Tried {
                rings_in: Err(dead()),
                put_back: Ok(()),
            },
            Alarm::Tried {
                rings_in: Ok(86_400),
                put_back: Err(dead()),
            },
        ] {
            line(&mut table, "alarm", &alarm(&facts));
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn slots_and_watchdog() {
        let mut table = String::new();
        let read = |wrong: &[&str]| SlotFacts::Read {
            slot: "B".to_owned(),
            bytes: 104_857_600,
            wrong: wrong.iter().map(ToString::to_string).collect(),
        };
        for facts in [
            SlotFacts::Single,
            SlotFacts::LeftAlone("it holds no system yet".to_owned()),
            SlotFacts::Unreadable("Input/output error".to_owned()),
            read(&[]),
            read(&["root"]),
            read(&["boot area", "root"]),
        ] {
            line(&mut table, "slot", &slot(PartName::OtherSlot, &facts));
        }
        let damaged = slot(PartName::RunningSlot, &read(&["root"]));
        line(&mut table, "running slot", &damaged);
        let dog = |active, timeout_s| {
            Some(Watchdog {
                identity: "Broadcom BCM2835 Watchdog timer".to_owned(),
                timeout_s,
                active,
            })
        };
        for facts in [
            None,
            dog(Some(true), Some(15)),
            dog(Some(false), Some(15)),
            dog(None, None),
        ] {
            line(&mut table, "watchdog", &watchdog(&facts));
        }
        insta::assert_snapshot!(table);
    }
}
