//! Storage in the warehouse: the record `DATA/power/storage.json`, and what people are told of it. What a start in storage is for decides
//! [`power_mgmt::storage`].

use super::keeping::{self, last_gauge};
use board_support::gauge::Gauge;
use power_mgmt::storage::{CHARGE_FIRST_BELOW, Left, MONTHS_TOLD, Shelf, Start, Woken, start};
use power_mgmt::units::{StateOfCharge, WattHours};
use power_mgmt::{Governor, Policy, Reading};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

const NAME: &str = "storage.json";
/// Looks that are remembered: three years of them.
const MOST_CHECKS: usize = 36;
/// No record is larger, bytes.
const LARGEST: u64 = 256 * 1024;

/// The life of a box in the warehouse. Times are Unix seconds of the box's own clock, `None` where it had none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StorageRecord {
    /// When storage was entered.
    pub entered_at: Option<u64>,
    /// The charge then, percent.
    pub charge_percent: Option<f64>,
    /// What the battery held then when full, Wh, as far as the gauge had learned it; `None`: what its label says.
    pub capacity_wh: Option<f64>,
    /// When the alarm rings next; `None`: no alarm could be set.
    pub due: Option<u64>,
    /// When the look under way began.
    pub looking_since: Option<u64>,
    /// The monthly looks, oldest first; 36 at most.
    pub checks: Vec<Check>,
    /// When and why the box left storage; `None` while it is in it.
    pub left: Option<LeftStorage>,
}

/// One look of a stored box at itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// When.
    pub at: Option<u64>,
    /// Charge, percent; `None`: the gauge said nothing.
    pub charge_percent: Option<f64>,
    /// Of the battery, V.
    pub voltage_v: Option<f64>,
    /// What was found wrong, a line each; empty when all is well.
    pub problems: Vec<String>,
}

/// How storage ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftStorage {
    /// When.
    pub at: Option<u64>,
    /// Why.
    pub why: Left,
}

impl StorageRecord {
    /// Of a box that was never stored.
    #[must_use]
    pub fn in_use() -> Self {
        let mut record = Self::default();
        record.leave(None, Left::Asked);
        record
    }

    /// The box is in storage.
    #[must_use]
    pub const fn stands(&self) -> bool {
        self.left.is_none()
    }

    /// What the start at `now` is for; `rang`: the clock says its alarm has rung.
    #[must_use]
    pub const fn start(&self, now: Option<u64>, rang: bool) -> Start {
        start(Woken {
            now,
            due: self.due,
            rang,
            looking_since: self.looking_since,
        })
    }

    /// A look has ended.
    pub fn add(&mut self, check: Check) {
        self.looking_since = None;
        self.checks.push(check);
        let beyond = self.checks.len().saturating_sub(MOST_CHECKS);
        self.checks.drain(..beyond);
    }

    /// Storage is over.
    pub fn leave(&mut self, at: Option<u64>, why: Left) {
        self.looking_since = None;
        self.left = Some(LeftStorage { at, why });
    }
}

/// The record's file.
#[derive(Debug, Clone)]
pub struct StorageFile {
    folder: PathBuf,
}

impl StorageFile {
    /// Of the box whose data is `data`.
    #[must_use]
    pub fn in_data(data: &Path) -> Self {
        Self {
            folder: data.join(keeping::FOLDER),
        }
    }

    /// The record. `None`: there is none, or it is damaged, which is told: a box that does not know serves.
    #[must_use]
    pub fn load(&self) -> Option<StorageRecord> {
        let path = self.folder.join(NAME);
        let mut text = String::new();
        let file = path.is_file().then(|| File::open(&path).ok()).flatten()?;
        let read = file.take(LARGEST).read_to_string(&mut text);
        // An object: serde would take an empty list, too.
        let record = read.map_err(|error| error.to_string()).and_then(|_| {
            serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text)
                .and_then(|keys| serde_json::from_value(keys.into()))
                .map_err(|error| error.to_string())
        });
        match record {
            Ok(record) => Some(record),
            Err(why) => {
                tracing::warn!(file = NAME, why, "power.save_refused");
                None
            }
        }
    }

    /// Durable when it returns.
    ///
    /// # Errors
    /// When it could not be written: power must then not be cut in the belief that it was.
    pub fn save(&self, record: &StorageRecord) -> io::Result<()> {
        keeping::write(&self.folder, NAME, &serde_json::to_vec_pretty(record)?)
    }
}

/// What a person is told who asks for storage, or for its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StorageTold {
    /// The box is in storage, or goes there now.
    pub stored: bool,
    /// It runs, and switches itself off; else a person does.
    pub switches_off: bool,
    /// Charge now, percent; `None` where the gauge has not said it: then [`StorageTold::left`] is of a full battery.
    pub charge_percent: Option<f64>,
    /// What the battery holds when full, Wh.
    pub capacity_wh: f64,
    /// It should be charged before it is stored.
    pub charge_first: bool,
    /// What will be left.
    pub left: Vec<LeftAfter>,
    /// Whole months until only the reserve is left; `None`: more than ten years.
    pub months_until_reserve: Option<u16>,
    /// The reserve, percent.
    pub reserve_percent: f64,
    /// When the box wakes to look itself over, RFC 3339 in UTC; `None`: it will not.
    pub wakes_at: Option<String>,
    /// Why it will not.
    pub wake_problem: Option<String>,
    /// The looks of the record, oldest first.
    pub checks: Vec<Check>,
}

/// Charge after so many months.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LeftAfter {
    /// Months of thirty days.
    pub months: u16,
    /// Percent.
    pub charge_percent: f64,
}

/// What the battery holds when full, Wh, as far as the gauge has learned it: the same that state and self-test tell. An old pack holds less than its
/// label says, and so lasts shorter on the shelf.
#[must_use]
pub fn learned_capacity(reading: &Reading, policy: &Policy) -> Option<f64> {
    let label = policy.capacity().get();
    reading.health.map(|health| label * health)
}

/// The same of a box that does not run: of the gauge as it was last kept in `data`, and one sample of `gauge`. `None`: nothing was learned. Blocks.
#[must_use]
pub fn kept_capacity(data: &Path, policy: &Policy, gauge: &mut dyn Gauge) -> Option<f64> {
    let mut governor = Governor::new(policy.clone(), Duration::ZERO);
    governor.restore_gauge(&last_gauge(data)?).ok()?;
    governor.handle_sample(&gauge.sample().ok()?, Duration::ZERO);
    learned_capacity(&governor.reading(Duration::ZERO), policy)
}

/// What `record` comes to on a box of this policy. `wake`: when its alarm rings, or why it does not.
#[must_use]
pub fn told(
    record: &StorageRecord,
    policy: &Policy,
    wake: Result<u64, String>,
    runs: bool,
) -> StorageTold {
    let learned = record.capacity_wh.and_then(WattHours::new);
    let capacity = learned.filter(|holds| *holds > WattHours::ZERO);
    let capacity = capacity.unwrap_or_else(|| policy.capacity());
    let shelf = Shelf::new(capacity, wake.is_ok());
    let known = record.charge_percent.and_then(StateOfCharge::from_percent);
    let charge = known.unwrap_or(StateOfCharge::FULL);
    let left = MONTHS_TOLD.map(|months| LeftAfter {
        months,
        charge_percent: tenths(shelf.left_after(charge, months).percent()),
    });
    StorageTold {
        stored: record.stands(),
        switches_off: runs && record.stands(),
        charge_percent: known.map(|charge| tenths(charge.percent())),
        capacity_wh: tenths(capacity.get()),
        charge_first: known.is_some_and(|charge| charge.fraction() < CHARGE_FIRST_BELOW),
        left: left.into(),
        months_until_reserve: shelf.months_until(charge, policy.reserve()),
        reserve_percent: policy.reserve().percent(),
        wakes_at: wake.as_ref().ok().and_then(|at| rfc_3339(*at)),
        wake_problem: wake.err(),
        checks: record.checks.clone(),
    }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// Unix seconds as people write them.
#[must_use]
pub fn rfc_3339(unix_s: u64) -> Option<String> {
    let time = jiff::Timestamp::from_second(i64::try_from(unix_s).ok()?).ok()?;
    Some(format!("{time:.0}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use board_support::gauge::GaugeError;
    use power_mgmt::BatterySample;

    fn check(at: u64) -> Check {
        Check {
            at: Some(at),
            charge_percent: Some(61.5),
            voltage_v: Some(13.3),
            problems: Vec::new(),
        }
    }

    #[test]
    fn a_record_comes_back_and_is_bounded() {
        let data = tempfile::tempdir().unwrap();
        let file = StorageFile::in_data(data.path());
        assert_eq!(file.load(), None);
        let mut record = StorageRecord {
            entered_at: Some(1_772_434_800),
            charge_percent: Some(80.0),
            due: Some(1_775_026_800),
            looking_since: Some(1),
            ..StorageRecord::default()
        };
        for at in 0..50 {
            record.add(check(at));
        }
        assert_eq!((record.checks.len(), record.checks[0].at), (36, Some(14)));
        assert_eq!(record.looking_since, None);
        file.save(&record).unwrap();
        assert_eq!(file.load(), Some(record.clone()));
        record.leave(None, Left::Asked);
        file.save(&record).unwrap();
        assert!(!file.load().unwrap().stands());
    }

    #[test]
    fn a_damaged_record_is_none() {
        let data = tempfile::tempdir().unwrap();
        let file = StorageFile::in_data(data.path());
        for text in [
            &b""[..],
            b"{",
            b"[]",
            b"{\"due\": -1}",
            b"{\"left\": {}}",
            &[0xff],
        ] {
            keeping::write(&data.path().join("power"), NAME, text).unwrap();
            assert_eq!(file.load(), None, "{text:?}");
        }
        // The control; and keys of a later version are passed over.
        keeping::write(
            &data.path().join("power"),
            NAME,
            b"{\"due\": 5, \"shelf\": 3}",
        )
        .unwrap();
        assert_eq!(file.load().unwrap().due, Some(5));
    }

    #[test]
    fn what_is_told() {
        let told = |percent: Option<f64>, wake: Result<u64, String>, runs| {
            let record = StorageRecord {
                charge_percent: percent,
                ..StorageRecord::default()
            };
            told(&record, &Policy::default(), wake, runs)
        };
        let good = told(Some(80.0), Ok(1_775_026_800), true);
        assert!(good.stored && good.switches_off && !good.charge_first);
        assert_eq!(good.wakes_at.as_deref(), Some("2026-04-01T07:00:00Z"));
        assert_eq!(good.left.len(), 7);
        assert_eq!(
            (good.left[4].months, good.left[4].charge_percent),
            (12, 52.0)
        );
        assert_eq!(good.months_until_reserve, Some(47));
        let poor = told(Some(31.0), Err("no alarm".to_owned()), false);
        assert!(poor.charge_first && !poor.switches_off && poor.wakes_at.is_none());
        let unknown = told(None, Ok(0), true);
        assert!(!unknown.charge_first && unknown.charge_percent.is_none());
        assert!(unknown.left[0].charge_percent > 96.0, "told of a full one");
    }

    /// The label of an old pack promises what it has not held for years.
    #[test]
    fn an_old_pack_is_told_as_what_it_holds() {
        let policy = Policy::default();
        let told = |capacity_wh| {
            let record = StorageRecord {
                charge_percent: Some(80.0),
                capacity_wh,
                ..StorageRecord::default()
            };
            told(&record, &policy, Ok(1_775_026_800), true)
        };
        let old = Reading {
            health: Some(0.4),
            ..Reading::UNKNOWN
        };
        assert_eq!(learned_capacity(&Reading::UNKNOWN, &policy), None);
        let (old, label) = (told(learned_capacity(&old, &policy)), told(None));
        assert_eq!((old.capacity_wh, label.capacity_wh), (102.4, 256.0));
        let last = |told: &StorageTold| told.left[6].charge_percent;
        assert!(last(&old) < last(&label), "{old:?} {label:?}");
        assert!(old.months_until_reserve < label.months_until_reserve);
        // What no pack holds is not believed.
        for capacity_wh in [0.0, -1.0, f64::NAN] {
            assert_eq!(told(Some(capacity_wh)), label, "{capacity_wh}");
        }
    }

    struct AtRest;

    impl Gauge for AtRest {
        fn sample(&mut self) -> Result<BatterySample, GaugeError> {
            Ok(BatterySample::from_plain(13.3, -0.4, Some(25.0), Some(0.0)).unwrap())
        }
    }

    #[test]
    fn of_a_box_that_does_not_run_the_gauge_is_asked_as_it_was_kept() {
        let data = tempfile::tempdir().unwrap();
        let policy = Policy::default();
        let kept = || kept_capacity(data.path(), &policy, &mut AtRest);
        assert_eq!(kept(), None);
        let mut governor = Governor::new(policy.clone(), Duration::ZERO);
        for minute in 1..60 {
            let sample = AtRest.sample().unwrap();
            governor.handle_sample(&sample, Duration::from_secs(60 * minute));
        }
        let gauge = governor.saved_gauge().unwrap();
        keeping::write(&data.path().join("power"), "gauge.bin", &gauge).unwrap();
        assert!(kept().is_some_and(|holds| holds > 100.0), "{:?}", kept());
        keeping::write(&data.path().join("power"), "gauge.bin", b"damaged").unwrap();
        assert_eq!(kept(), None);
    }
}
