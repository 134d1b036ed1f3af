//! What is known of a place before its first day: position, panel, battery, the week.

use crate::units::{WattHours, Watts};
use core::fmt;
use serde::{Deserialize, Serialize};

/// A site as a profile or a header gives it. Plain numbers, checked by [`Site::new`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SiteInput {
    /// Degrees north, -90 to 90. A place of which nothing is known has 0, and the longitude
    /// `15 × utc_offset_hours`: its latitude is then learned from the length of its days.
    pub latitude: f64,
    /// Degrees east, -180 to 180.
    pub longitude: f64,
    /// Local standard time less UTC, h, -14 to 14.
    pub utc_offset_hours: f64,
    /// What the panel gives under standard test conditions, W, 1 to 10,000.
    pub panel_w: f64,
    /// What the full battery holds, Wh, 10 to 100,000.
    pub battery_wh: f64,
    /// The days without school; Monday is 0.
    pub weekend: [u8; 2],
}

/// A checked site.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Site {
    input: SiteInput,
}

/// A number of a site that cannot be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SiteError {
    field: &'static str,
    value: f64,
    low: f64,
    high: f64,
}

impl SiteError {
    /// The field to blame.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }
}

impl fmt::Display for SiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            field,
            value,
            low,
            high,
        } = self;
        write!(f, "{field} is {value}, allowed is {low} to {high}")
    }
}

impl core::error::Error for SiteError {}

impl Site {
    /// Checks the numbers.
    ///
    /// # Errors
    /// The first number that is outside its range, or is none.
    pub fn new(input: SiteInput) -> Result<Self, SiteError> {
        within("latitude", input.latitude, -90.0, 90.0)?;
        within("longitude", input.longitude, -180.0, 180.0)?;
        within("utc_offset_hours", input.utc_offset_hours, -14.0, 14.0)?;
        within("panel_w", input.panel_w, 1.0, 10_000.0)?;
        within("battery_wh", input.battery_wh, 10.0, 100_000.0)?;
        for day in input.weekend {
            within("weekend", f64::from(day), 0.0, 6.0)?;
        }
        Ok(Self { input })
    }

    /// Degrees north.
    #[must_use]
    pub const fn latitude(&self) -> f64 {
        self.input.latitude
    }

    /// Degrees east.
    #[must_use]
    pub const fn longitude(&self) -> f64 {
        self.input.longitude
    }

    /// The same site elsewhere on its meridian.
    pub(super) const fn at_latitude(&self, latitude: f64) -> Self {
        let mut input = self.input;
        input.latitude = latitude;
        Self { input }
    }

    /// On the equator and in the middle of its time zone to the letter: nobody gave a position.
    pub(super) fn is_guess(&self) -> bool {
        let middle = 15.0 * self.input.utc_offset_hours;
        self.input.latitude == 0.0 && (self.input.longitude - middle).abs() < 1e-9
    }

    /// Local standard time less UTC, h.
    #[must_use]
    pub const fn utc_offset_hours(&self) -> f64 {
        self.input.utc_offset_hours
    }

    /// The panel's label.
    #[must_use]
    pub fn panel(&self) -> Watts {
        Watts::new(self.input.panel_w).unwrap_or(Watts::ZERO)
    }

    /// What the full battery holds.
    #[must_use]
    pub fn battery(&self) -> WattHours {
        WattHours::new(self.input.battery_wh).unwrap_or(WattHours::ZERO)
    }

    /// Whether a weekday (Monday is 0) has no school.
    #[must_use]
    pub fn is_weekend(&self, weekday: u8) -> bool {
        self.input.weekend.contains(&weekday)
    }
}

fn within(field: &'static str, value: f64, low: f64, high: f64) -> Result<(), SiteError> {
    // `contains` is false for NaN.
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(SiteError {
            field,
            value,
            low,
            high,
        })
    }
}
