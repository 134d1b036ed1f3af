//! The health history: a line a day in `DATA/health`, a ring of eight files of 64 KiB: a full line has some 430 bytes, so that is about three years.

use crate::events::line::Fields;
use crate::events::ring::Ring;
use crate::events::{Event, Level, Past, Value, last_in};
use crate::selftest::Wear;
use crate::status::Status;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::growth::Held;

/// In the data folder.
const FOLDER: &str = "health";
const SEGMENTS: usize = 8;
/// The name of its lines.
pub const DAY: &str = "health.day";
/// A day that was lived for less is not worth a line.
const WORTH: Duration = Duration::from_secs(3600);

/// All days that are kept, the oldest first.
///
/// # Errors
/// When the folder cannot be read.
pub fn all(data: &Path) -> io::Result<Past> {
    last_in(&data.join(FOLDER), usize::MAX)
}

/// One more day.
///
/// # Errors
/// When it is not kept.
pub fn keep(data: &Path, day: Event) -> io::Result<()> {
    Ring::open(data, FOLDER, SEGMENTS)?.append(&[day])
}

/// A day under way.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    began: Option<Duration>,
    lived: Duration,
    charge: Option<(f64, f64)>,
    harvest_wh: Option<f64>,
    /// Resets of radios: this day's, and the count of all when it was last looked at.
    resets: (u64, u64),
    last: Fields,
}

impl Tally {
    /// What is seen at `now` (box time); `wear`: of the storage, where it tells.
    pub fn add(&mut self, status: &Status, held: Held, wear: Option<Wear>, now: Duration) {
        let began = *self.began.get_or_insert(now);
        self.lived = now.saturating_sub(began);
        if let Some(charge) = status.battery.charge_percent {
            let (low, high) = self.charge.unwrap_or((charge, charge));
            self.charge = Some((low.min(charge), high.max(charge)));
        }
        // It falls back to nothing at midnight: the most of it is the day's.
        let harvest = status.power.harvest_today_wh;
        self.harvest_wh = self.harvest_wh.into_iter().chain(harvest).reduce(f64::max);
        let (resets, seen) = self.resets;
        let all = status.radio.resets;
        self.resets = (resets + all.saturating_sub(seen), all);
        let mut fields = Fields::default();
        let mut count = |name, value: u64| {
            fields.put(
                name,
                Value::Number(i64::try_from(value).unwrap_or(i64::MAX)),
            );
        };
        count("disk_free_mib", status.storage.free_bytes >> 20);
        count("library_mib", status.library.bytes >> 20);
        count("statements", status.records.statements);
        count("written_mib", held.written >> 20);
        count("memory_mib", held.memory >> 20);
        count("descriptors", held.descriptors);
        count("threads", held.threads);
        count("degraded", status.degraded.len() as u64);
        count("radio_resets", self.resets.0);
        if let Some(wear) = wear {
            count("life_used_tenths", wear.life_used_tenths.into());
            count("pre_eol", wear.pre_eol.into());
        }
        let mut real = |name, value: Option<f64>| {
            if let Some(value) = value {
                fields.put(name, Value::Real((value * 10.0).round() / 10.0));
            }
        };
        real("capacity_ah", status.battery.capacity_ah);
        real("health_percent", status.battery.health_percent);
        real("temperature_c", status.battery.temperature_c);
        self.last = fields;
    }

    /// How long it has been lived, box time.
    #[must_use]
    pub const fn lived(&self) -> Duration {
        self.lived
    }

    /// Its line, if it is worth one; the next day begins.
    pub fn close(&mut self) -> Option<Event> {
        let next = Self {
            resets: (0, self.resets.1),
            ..Self::default()
        };
        let day = std::mem::replace(self, next);
        if day.lived < WORTH {
            return None;
        }
        let mut fields = day.last;
        let minutes = i64::try_from(day.lived.as_secs() / 60).unwrap_or(i64::MAX);
        fields.put("lived_min", Value::Number(minutes));
        let mut real =
            |name, value: f64| fields.put(name, Value::Real((value * 10.0).round() / 10.0));
        if let Some((low, high)) = day.charge {
            real("charge_low_percent", low);
            real("charge_high_percent", high);
        }
        if let Some(harvest) = day.harvest_wh {
            real("harvest_wh", harvest);
        }
        Some(Event {
            boot: 0,
            start: 0,
            since_boot_ms: 0,
            wall_s: None,
            level: Level::Info,
            name: DAY.to_owned(),
            fields: fields.all(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::status::sample::sample;

    #[test]
    fn a_day_is_one_line_and_an_hour_is_none() {
        let data = tempfile::tempdir().unwrap();
        let mut tally = Tally::default();
        let mut seen = sample();
        let wear = Wear {
            life_used_tenths: 3,
            pre_eol: 1,
        };
        for (hour, charge) in [(1, 80.0), (6, 41.0), (13, 97.0), (24, 88.0)] {
            seen.battery.charge_percent = Some(charge);
            seen.radio.resets = hour / 6;
            let now = Duration::from_secs(hour * 3600);
            tally.add(&seen, Held::default(), Some(wear), now);
        }
        let day = tally.close().unwrap();
        assert_eq!(day.fields["lived_min"], Value::Number(23 * 60));
        assert_eq!(day.fields["charge_low_percent"], Value::Real(41.0));
        assert_eq!(day.fields["charge_high_percent"], Value::Real(97.0));
        assert_eq!(day.fields["radio_resets"], Value::Number(4));
        assert_eq!(day.fields["life_used_tenths"], Value::Number(3));
        assert_eq!(day.fields["pre_eol"], Value::Number(1));
        keep(data.path(), day.clone()).unwrap();
        keep(data.path(), day.clone()).unwrap();
        assert_eq!(all(data.path()).unwrap().events, [day.clone(), day.clone()]);
        assert!(day.to_line().len() < 500, "{}", day.to_line().len());
        tally.add(&seen, Held::default(), None, Duration::from_secs(90_000));
        assert_eq!(tally.close(), None);
    }

    #[test]
    fn a_day_counts_its_own_resets_and_an_old_line_is_read() {
        let data = tempfile::tempdir().unwrap();
        let mut tally = Tally::default();
        let mut seen = sample();
        let mut day = |resets: [u64; 2], from: u64| {
            for (hour, all) in resets.into_iter().enumerate() {
                seen.radio.resets = all;
                let hours = from + 2 * hour as u64;
                let now = Duration::from_secs(3600 * hours);
                tally.add(&seen, Held::default(), None, now);
            }
            tally.close().unwrap()
        };
        assert_eq!(day([1, 2], 0).fields["radio_resets"], Value::Number(2));
        let quiet = day([2, 2], 24);
        assert_eq!(quiet.fields["radio_resets"], Value::Number(0));
        assert!(!quiet.fields.contains_key("pre_eol"), "it tells no wear");
        // As a system before this one wrote it.
        let mut old = quiet;
        old.fields.retain(|name, _| name != "radio_resets");
        keep(data.path(), old.clone()).unwrap();
        assert_eq!(all(data.path()).unwrap().events, [old]);
    }
}
