//! A battery on the shelf: what is left in it, and when half of it. Pure.

use super::intake::OnShelf;
use super::when::{MONTH_D, months_on};
use crate::selftest::code::Code;
use crate::selftest::outcome::PartName;
use jiff::civil::Date;
use power_mgmt::storage::{CHARGE_FIRST_BELOW, Shelf};
use power_mgmt::units::{StateOfCharge, WattHours};

/// As a self-test saw it.
pub(super) struct Battery {
    shelf: Shelf,
    charge: StateOfCharge,
    /// The day of `charge`.
    since: Date,
}

impl Battery {
    /// `None`: the test did not see it.
    pub(super) fn of(code: &Code, one: &OnShelf, since: Date) -> Option<Self> {
        let capacity = code
            .capacity_wh
            .filter(|wh| *wh > 0.0)
            .unwrap_or(one.battery_wh);
        let alarm = PartName::ALL
            .iter()
            .position(|part| *part == PartName::Alarm)?;
        let wakes = code.letters.chars().nth(alarm) == Some('O');
        Some(Self {
            shelf: Shelf::new(WattHours::new(capacity).filter(|wh| wh.get() > 0.0)?, wakes),
            charge: StateOfCharge::from_percent(code.charge_percent?)?,
            since,
        })
    }

    /// What is left on a day.
    pub(super) fn percent_on(&self, day: Date) -> f64 {
        let days = (day - self.since).get_days().max(0);
        let months = u16::try_from(i64::from(days) / MONTH_D).unwrap_or(u16::MAX);
        let left = self
            .shelf
            .left_after(self.charge, months.min(600))
            .percent();
        (left * 10.0).round() / 10.0
    }

    /// When it falls below half, or was seen below.
    pub(super) fn half_on(&self) -> Option<Date> {
        let half = StateOfCharge::from_percent(100.0 * CHARGE_FIRST_BELOW)?;
        let whole_months = match self.charge < half {
            true => 0,
            false => self.shelf.months_until(self.charge, half)?,
        };
        Some(months_on(self.since, whole_months))
    }
}
