//! The table `[site]`: where the school is, and the panel on its roof.

use super::ConfigError;
use super::source::Source;
use super::timetable::Timetable;
use power_mgmt::units::WattHours;
use power_mgmt::{Site, SiteInput};
use serde::Deserialize;

/// The reference panel, W.
pub const DEFAULT_PANEL_W: f64 = 60.0;

/// Where nobody said where the school is, °: of a site on the equator in the middle of its time zone the planner learns the latitude from the
/// length of the days.
const GUESSED_LATITUDE_DEG: f64 = 0.0;
/// The sun's way in an hour, °.
const DEG_PER_HOUR: f64 = 15.0;

/// Where the school is, and its panel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Offset of the school's local time from UTC, minutes, -720 to 840.
    pub utc_offset_min: i32,
    /// `None` where nobody said.
    pub position: Option<Position>,
    /// What the panel gives under standard test conditions, W, 1 to 10,000.
    pub panel_w: f64,
}

/// A place on the globe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Degrees north, -90 to 90.
    pub latitude_deg: f64,
    /// Degrees east, -180 to 180.
    pub longitude_deg: f64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawSite {
    utc_offset_min: Option<i64>,
    latitude_deg: Option<f64>,
    longitude_deg: Option<f64>,
    panel_w: Option<f64>,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            utc_offset_min: 0,
            position: None,
            panel_w: DEFAULT_PANEL_W,
        }
    }
}

impl Place {
    /// What the planner is told of the place. Without a position: that of the time zone's middle on the equator, which the planner takes for a guess.
    #[must_use]
    pub fn site(&self, battery: WattHours, timetable: &Timetable) -> Option<Site> {
        let utc_offset_hours = f64::from(self.utc_offset_min) / 60.0;
        let position = self.position.unwrap_or(Position {
            latitude_deg: GUESSED_LATITUDE_DEG,
            longitude_deg: (utc_offset_hours * DEG_PER_HOUR).clamp(-180.0, 180.0),
        });
        Site::new(SiteInput {
            latitude: position.latitude_deg,
            longitude: position.longitude_deg,
            utc_offset_hours,
            panel_w: self.panel_w,
            battery_wh: battery.get(),
            weekend: timetable.weekend(),
        })
        .ok()
    }
}

impl RawSite {
    pub(super) fn checked(&self, source: &Source<'_>) -> Result<Place, ConfigError> {
        let usual = Place::default();
        let offset = |&minutes: &i64| {
            i32::try_from(minutes)
                .ok()
                .filter(|minutes| (-720..=840).contains(minutes))
        };
        // `contains` is false for NaN.
        let within = |low: f64, high: f64| move |&x: &f64| (low..=high).contains(&x).then_some(x);
        let latitude_deg = source.check(
            LATITUDE,
            self.latitude_deg,
            "-90 to 90 (degrees north)",
            |x| within(-90.0, 90.0)(x).map(Some),
            None,
        )?;
        let longitude_deg = source.check(
            LONGITUDE,
            self.longitude_deg,
            "-180 to 180 (degrees east)",
            |x| within(-180.0, 180.0)(x).map(Some),
            None,
        )?;
        Ok(Place {
            utc_offset_min: source.check(
                "site.utc_offset_min",
                self.utc_offset_min,
                "-720 to 840 (minutes)",
                offset,
                usual.utc_offset_min,
            )?,
            position: position(latitude_deg, longitude_deg, source)?,
            panel_w: source.check(
                "site.panel_w",
                self.panel_w,
                "1 to 10000 (W)",
                within(1.0, 10_000.0),
                usual.panel_w,
            )?,
        })
    }
}

const LATITUDE: &str = "site.latitude_deg";
const LONGITUDE: &str = "site.longitude_deg";

/// Half a position is none, and certainly a slip.
fn position(
    latitude_deg: Option<f64>,
    longitude_deg: Option<f64>,
    source: &Source<'_>,
) -> Result<Option<Position>, ConfigError> {
    let (given, missing) = match (latitude_deg, longitude_deg) {
        (None, None) => return Ok(None),
        (Some(latitude_deg), Some(longitude_deg)) => {
            return Ok(Some(Position {
                latitude_deg,
                longitude_deg,
            }));
        }
        (Some(_), None) => (LATITUDE, LONGITUDE),
        (None, Some(_)) => (LONGITUDE, LATITUDE),
    };
    Err(source.error(
        source.line_of_key(given),
        format!("{given} is given without {missing}; give both, or neither"),
    ))
}
