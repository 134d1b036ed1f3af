//! The warehouse: what is left of a pack after months in storage mode, and what a start in it means.
//!
//! In storage the latch is open and only the clock lives. Once a month its alarm closes the latch: the box starts, looks itself over, and
//! goes back. A person who presses the button, or a charger that is plugged in, takes the box into use.

use crate::units::{StateOfCharge, WattHours};
use serde::{Deserialize, Serialize};

/// What clock and latch draw in storage, W: reference hardware.
const DRAW_W: f64 = 0.001;
/// What a LiFePO₄ pack loses by itself in thirty days, share of what it holds. The reference data of gauge and planner use the same; a warehouse at
/// forty degrees may take twice as much.
const SELF_DISCHARGE: f64 = 0.03;
/// The monthly wake, Wh: a start of 45 s at 6 W, and two minutes in `Minimal` at 2.5 W.
const WAKE_WH: f64 = 45.0 / 3600.0 * 6.0 + 120.0 / 3600.0 * 2.5;
/// A month of the warehouse: thirty days.
const MONTH_H: f64 = 30.0 * 24.0;
/// Beyond it no count of months means anything: packs age.
const LONGEST_MONTHS: u16 = 120;

/// Between two looks of a stored box at itself, s: thirty days.
pub const CHECK_EVERY_S: u64 = 30 * 86_400;
/// A box should be charged above this before it is stored.
pub const CHARGE_FIRST_BELOW: f64 = 0.5;
/// The months that people are told of.
pub const MONTHS_TOLD: [u16; 7] = [1, 3, 6, 9, 12, 18, 24];

/// The clock may have rung so much before the time that was asked for, s: it counts whole minutes, and is read a moment later.
const EARLY_S: u64 = 120;
/// Started later than this after the alarm was due, it was not the alarm, s: a day.
const LATE_S: u64 = 86_400;
/// A look that was begun so recently goes on after a restart, s.
const LOOK_GOES_ON_S: u64 = 600;

/// A pack on the shelf.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shelf {
    capacity_wh: f64,
    wakes: bool,
}

impl Shelf {
    /// A pack of this capacity; `wakes`: the alarm works, so the box wakes once a month.
    #[must_use]
    pub fn new(capacity: WattHours, wakes: bool) -> Self {
        Self {
            capacity_wh: capacity.get(),
            wakes,
        }
    }

    /// Charge left of `charge` after so many months.
    #[must_use]
    pub fn left_after(&self, charge: StateOfCharge, months: u16) -> StateOfCharge {
        let left = (0..months).fold(charge.fraction(), |left, _| self.month(left));
        StateOfCharge::clamped(left)
    }

    /// Whole months until `charge` has fallen below `reserve`; `None` where that takes more than ten years.
    #[must_use]
    pub fn months_until(&self, charge: StateOfCharge, reserve: StateOfCharge) -> Option<u16> {
        let mut left = charge.fraction();
        for month in 0..LONGEST_MONTHS {
            left = self.month(left);
            if left < reserve.fraction() {
                return Some(month);
            }
        }
        None
    }

    fn month(&self, left: f64) -> f64 {
        let wake_wh = if self.wakes { WAKE_WH } else { 0.0 };
        let drawn_wh = MONTH_H * DRAW_W + wake_wh;
        (left * (1.0 - SELF_DISCHARGE) - drawn_wh / self.capacity_wh).max(0.0)
    }
}

/// What is known when a box starts whose record says that it is stored. Times are Unix seconds of the box's own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Woken {
    /// Now; `None` where the clock has lost its time.
    pub now: Option<u64>,
    /// When the alarm was to ring; `None` where none could be set.
    pub due: Option<u64>,
    /// The clock says that its alarm has rung.
    pub rang: bool,
    /// When a look began that has not ended.
    pub looking_since: Option<u64>,
}

/// What a start in storage mode is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The monthly look; then back to storage.
    Check,
    /// Into use: storage is left.
    Serve(Left),
}

/// Why a box has left storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// Switched on before its alarm: by the button or a charger.
    SwitchedOn,
    /// Switched on long after its alarm, which has not rung: by the button or a charger.
    AlarmMissed,
    /// The clock has lost its time: whoever switched it on, it serves.
    ClockLost,
    /// Somebody used it while it looked itself over.
    Used,
    /// Asked to.
    Asked,
}

impl Left {
    /// In words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SwitchedOn => "somebody switched it on",
            Self::AlarmMissed => "it was switched on long after its alarm should have rung",
            Self::ClockLost => "its clock has lost the time",
            Self::Used => "somebody used it during its monthly check",
            Self::Asked => "it was asked to",
        }
    }
}

/// The alarm checks and goes back; everything else is people, and they come first.
#[must_use]
pub const fn start(woken: Woken) -> Start {
    let Some(now) = woken.now else {
        return Start::Serve(Left::ClockLost);
    };
    if let Some(since) = woken.looking_since
        && now >= since
        && now - since < LOOK_GOES_ON_S
    {
        return Start::Check;
    }
    if woken.rang {
        return Start::Check;
    }
    match woken.due {
        Some(due) if now > due.saturating_add(LATE_S) => Start::Serve(Left::AlarmMissed),
        Some(due) if now >= due.saturating_sub(EARLY_S) => Start::Check,
        Some(_) | None => Start::Serve(Left::SwitchedOn),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;
    use proptest::prelude::*;

    fn charge(percent: f64) -> StateOfCharge {
        StateOfCharge::from_percent(percent).unwrap()
    }

    fn shelf(capacity_wh: f64, wakes: bool) -> Shelf {
        Shelf::new(WattHours::new(capacity_wh).unwrap(), wakes)
    }

    #[test]
    fn what_is_left() {
        let mut table = String::from("capacity alarm charge: after 1 3 6 9 12 18 24; to 10 %\n");
        for (capacity, wakes, percent) in [
            (256.0, true, 100.0),
            (256.0, false, 100.0),
            (256.0, true, 80.0),
            (256.0, true, 50.0),
            (205.0, true, 50.0),
            (256.0, true, 12.0),
            (256.0, true, 5.0),
            (20.0, true, 80.0),
        ] {
            let shelf = shelf(capacity, wakes);
            table += &format!("{capacity} Wh {wakes} {percent}:");
            for months in MONTHS_TOLD {
                let left = shelf.left_after(charge(percent), months).percent();
                table += &format!(" {left:.1}");
            }
            let until = shelf.months_until(charge(percent), charge(10.0));
            table += &format!("; {until:?}\n");
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn every_start_and_what_it_is_for() {
        let due = 1_800_000_000;
        let mut table = String::new();
        for (name, now, due, rang, looking_since) in [
            ("the clock lost its time", None, Some(due), true, None),
            (
                "a month early",
                Some(due - 2_592_000),
                Some(due),
                false,
                None,
            ),
            ("121 s early", Some(due - 121), Some(due), false, None),
            ("120 s early", Some(due - 120), Some(due), false, None),
            ("on time", Some(due + 40), Some(due), false, None),
            ("a day late", Some(due + 86_400), Some(due), false, None),
            ("later", Some(due + 86_401), Some(due), false, None),
            (
                "later, but it rang",
                Some(due + 90_000),
                Some(due),
                true,
                None,
            ),
            (
                "early, and it rang: a clock that cannot look so far",
                Some(due - 9_000),
                Some(due),
                true,
                None,
            ),
            ("no alarm was set", Some(due), None, false, None),
            (
                "restarted in the middle of a look",
                Some(due + 50),
                Some(due + 2_592_000),
                false,
                Some(due),
            ),
            (
                "long after a look that never ended",
                Some(due + 600),
                Some(due + 2_592_000),
                false,
                Some(due),
            ),
            (
                "a look that is to come",
                Some(due),
                Some(due + 2_592_000),
                false,
                Some(due + 5),
            ),
        ] {
            let woken = Woken {
                now,
                due,
                rang,
                looking_since,
            };
            table += &format!("{name}: {:?}\n", start(woken));
        }
        insta::assert_snapshot!(table);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_pack_only_loses_and_the_count_of_months_agrees(
            capacity in 10.0..10_000.0_f64, percent in 0.0..=100.0_f64, wakes: bool, months in 0_u16..60
        ) {
            let (shelf, reserve) = (shelf(capacity, wakes), charge(10.0));
            let left = |months| shelf.left_after(charge(percent), months).fraction();
            prop_assert!(left(months + 1) <= left(months) && left(months) >= 0.0);
            if let Some(until) = shelf.months_until(charge(percent), reserve) {
                prop_assert!(until == 0 || left(until) >= reserve.fraction());
                prop_assert!(left(until + 1) < reserve.fraction());
            }
        }

        #[test]
        fn a_box_that_does_not_know_the_time_always_serves(due: Option<u64>, rang: bool, since: Option<u64>) {
            let woken = Woken { now: None, due, rang, looking_since: since };
            prop_assert_eq!(start(woken), Start::Serve(Left::ClockLost));
        }

        #[test]
        fn no_start_panics(now: u64, due: Option<u64>, rang: bool, since: Option<u64>) {
            let _ = start(Woken { now: Some(now), due, rang, looking_since: since });
        }
    }
}
