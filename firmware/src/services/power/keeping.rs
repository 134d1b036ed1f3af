//! What the power service keeps over a restart: `DATA/power/gauge.bin`, `plan.bin`, `day.json`.
//!
//! Saved rarely (flash wears), read once, believed with care: a file that cannot be taken is told and set aside, and what it was for begins anew.

use super::later;
use super::planning::Day;
use super::story::Lived;
use super::tally::Harvest;
use crate::telemetry::chain;
use content_store::disk;
use power_mgmt::units::Watts;
use power_mgmt::{Film, LocalTime};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The folder in the data folder.
pub(super) const FOLDER: &str = "power";
/// Between two saves.
pub(super) const EVERY: Duration = Duration::from_secs(3 * 3600);
/// No file of ours is larger, bytes.
const LARGEST: u64 = 256 * 1024;
/// Of `day.json`.
const VERSION: u8 = 1;
/// A day has 144 slots; what holds more is none of ours.
const MOST_LIVED: usize = 300;

/// One of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Gauge,
    Plan,
    Day,
}

impl Kept {
    const ALL: [Self; 3] = [Self::Gauge, Self::Plan, Self::Day];

    const fn name(self) -> &'static str {
        match self {
            Self::Gauge => "gauge.bin",
            Self::Plan => "plan.bin",
            Self::Day => "day.json",
        }
    }
}

/// The bytes of all of them; `None`: there is nothing worth keeping.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Saves {
    pub(super) gauge: Option<Vec<u8>>,
    pub(super) plan: Option<Vec<u8>>,
    pub(super) day: Option<Vec<u8>>,
}

impl Saves {
    const fn of(&self, kept: Kept) -> Option<&Vec<u8>> {
        match kept {
            Kept::Gauge => self.gauge.as_ref(),
            Kept::Plan => self.plan.as_ref(),
            Kept::Day => self.day.as_ref(),
        }
    }
}

/// The folder.
#[derive(Debug, Clone)]
pub(super) struct Keeping {
    folder: PathBuf,
}

impl Keeping {
    pub(super) fn in_data(data: &Path) -> Self {
        Self {
            folder: data.join(FOLDER),
        }
    }

    /// What was kept. A file that cannot be read is as one that is not there: its disk will be told of by others.
    pub(super) fn load(&self) -> Saves {
        Saves {
            gauge: self.read(Kept::Gauge),
            plan: self.read(Kept::Plan),
            day: self.read(Kept::Day),
        }
    }

    /// Each file whole or not at all; they need not agree with one another.
    pub(super) fn save(&self, saves: &Saves) {
        for kept in Kept::ALL {
            let Some(bytes) = saves.of(kept) else {
                continue;
            };
            if let Err(error) = write(&self.folder, kept.name(), bytes) {
                let (file, error) = (kept.name(), chain(&error));
                tracing::warn!(file, error, "power.not_saved");
            }
        }
    }

    /// The file is not believed: it is told, and set aside once for who wants to know why.
    pub(super) fn refuse(&self, kept: Kept, why: &str) {
        let (file, path) = (kept.name(), self.folder.join(kept.name()));
        tracing::info!(file, why, "power.save_refused");
        let mut aside = path.clone().into_os_string();
        aside.push(".refused");
        if let Err(error) = fs::rename(&path, aside) {
            tracing::debug!(file, error = chain(&error), "power.save_not_set_aside");
        }
    }

    fn read(&self, kept: Kept) -> Option<Vec<u8>> {
        bounded(&self.folder.join(kept.name()))
    }
}

/// The charge when the box whose data is `data` last kept its day, percent.
#[must_use]
pub fn last_known_charge(data: &Path) -> Option<f64> {
    let day = Keeping::in_data(data).read(Kept::Day)?;
    let last = Day::from_bytes(&day).ok()?.lived.last()?.charge?;
    Some(last.percent())
}

/// The gauge as the box whose data is `data` last kept it.
#[must_use]
pub fn last_gauge(data: &Path) -> Option<Vec<u8>> {
    Keeping::in_data(data).read(Kept::Gauge)
}

/// Writes `name` in `folder`, durably, making the folder where it is missing; members of a JSON object that only a later system knows
/// stay.
pub(super) fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    if !folder.is_dir() {
        fs::create_dir_all(folder)?;
        if let Some(data) = folder.parent() {
            File::open(data)?.sync_all()?;
        }
    }
    let path = folder.join(name);
    let old = if name.ends_with(".json") {
        bounded(&path).unwrap_or_default()
    } else {
        Vec::new()
    };
    disk::write_aside(&path, &later::kept(&old, bytes.to_vec()))
}

/// The bytes of a file, one more than the largest at most: then it is too long to be anything.
fn bounded(path: &Path) -> Option<Vec<u8>> {
    // A pipe would hold up the start.
    let file = path.is_file().then(|| File::open(path).ok()).flatten()?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// What it does not name is a later system's, and is kept for that one.
#[derive(Serialize, Deserialize)]
struct DayFile {
    version: u8,
    /// Day since 1970, Wh.
    harvest: Option<(i64, f64)>,
    film: Option<FilmFile>,
    lived: Vec<Lived>,
}

#[derive(Serialize, Deserialize)]
struct FilmFile {
    start: LocalTime,
    minutes: u16,
    projector: Watts,
}

impl Day {
    /// As JSON.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        serde_json::to_vec(&DayFile {
            version: VERSION,
            harvest: self.harvest.kept(),
            film: self.film.map(|film| FilmFile {
                start: film.start,
                minutes: film.minutes,
                projector: film.projector,
            }),
            lived: self.lived.clone(),
        })
        .ok()
    }

    /// Of what was kept.
    ///
    /// # Errors
    /// Why it is no day of ours.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let file: DayFile =
            serde_json::from_slice(bytes).map_err(|error| format!("it is damaged: {error}"))?;
        let is_time = |time: LocalTime| LocalTime::new(time.day(), time.minute()).is_some();
        let film_time = file.film.as_ref().map(|film| film.start);
        let times = file.lived.iter().map(|lived| lived.from).chain(film_time);
        let harvest = file.harvest.is_none_or(|(_, wh)| wh.is_finite());
        if file.version != VERSION {
            return Err(format!("it is of version {}", file.version));
        }
        if file.lived.len() > MOST_LIVED || !times.into_iter().all(is_time) || !harvest {
            return Err("it holds what no day can".to_owned());
        }
        Ok(Self {
            harvest: file
                .harvest
                .map_or_else(Harvest::default, |(day, wh)| Harvest::of(day, wh)),
            lived: file.lived,
            film: file.film.map(|film| Film {
                start: film.start,
                minutes: film.minutes,
                projector: film.projector,
            }),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use power_mgmt::PowerState;
    use power_mgmt::units::StateOfCharge;

    fn day() -> Day {
        let time = |minute| LocalTime::new(20_000, minute).unwrap();
        Day {
            harvest: Harvest::of(20_000, 41.5),
            lived: (0..3)
                .map(|slot| Lived {
                    from: time(slot * 10),
                    state: PowerState::Eco,
                    charge: StateOfCharge::new(0.5),
                    panel: (slot > 0).then_some(Watts::ZERO),
                })
                .collect(),
            film: Some(Film {
                start: time(840),
                minutes: 90,
                projector: Watts::new(60.0).unwrap(),
            }),
        }
    }

    #[test]
    fn a_day_comes_back_and_a_damaged_one_is_refused() {
        let bytes = day().to_bytes().unwrap();
        assert_eq!(Day::from_bytes(&bytes).unwrap(), day());
        assert_eq!(
            Day::from_bytes(&Day::default().to_bytes().unwrap()),
            Ok(Day::default())
        );
        for end in 0..bytes.len() {
            assert!(Day::from_bytes(&bytes[..end]).is_err(), "{end}");
        }
        let text = String::from_utf8(bytes).unwrap();
        for (from, to) in [
            ("\"version\":1", "\"version\":2"),
            ("\"minute\":10}", "\"minute\":1440}"),
            ("\"minute\":840", "\"minute\":65535"),
            ("41.5", "1e999"),
            ("0.5", "1.5"),
            ("\"eco\"", "\"ecco\""),
        ] {
            assert!(text.contains(from), "{from}");
            assert!(
                Day::from_bytes(text.replace(from, to).as_bytes()).is_err(),
                "{to}"
            );
        }
    }

    #[test]
    fn what_a_later_system_noted_survives_the_way_back() {
        let data = tempfile::tempdir().unwrap();
        let keeping = Keeping::in_data(data.path());
        let today = || Saves {
            day: day().to_bytes(),
            ..Saves::default()
        };
        keeping.save(&today());
        let path = data.path().join("power/day.json");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replacen('{', r#"{"moon":{"full":true},"#, 1)).unwrap();
        let kept = keeping.load().day.unwrap();
        assert_eq!(Day::from_bytes(&kept).unwrap(), day(), "it is read");
        keeping.save(&today());
        let kept = keeping.load().day.unwrap();
        assert!(
            String::from_utf8(kept)
                .unwrap()
                .contains(r#""moon":{"full":true}"#)
        );
    }

    #[test]
    fn what_is_kept_comes_back_and_what_is_refused_is_set_aside_once() {
        let data = tempfile::tempdir().unwrap();
        let keeping = Keeping::in_data(data.path());
        assert_eq!(keeping.load(), Saves::default());
        let saves = Saves {
            gauge: Some(b"gauge".to_vec()),
            plan: None,
            day: day().to_bytes(),
        };
        keeping.save(&saves);
        assert_eq!(keeping.load(), saves);
        keeping.refuse(Kept::Gauge, "damaged");
        assert_eq!(keeping.load().gauge, None);
        let aside = data.path().join("power/gauge.bin.refused");
        assert_eq!(fs::read(&aside).unwrap(), b"gauge");
        // The next one that is refused takes its place: the folder does not grow.
        keeping.save(&saves);
        keeping.refuse(Kept::Gauge, "damaged again");
        assert_eq!(fs::read_dir(data.path().join("power")).unwrap().count(), 2);
        // A folder in its place, an endless file: as if there were none.
        fs::create_dir(data.path().join("power/gauge.bin")).unwrap();
        assert_eq!(keeping.load().gauge, None);
        let large = File::create(data.path().join("power/plan.bin")).unwrap();
        large.set_len(1 << 32).unwrap();
        assert_eq!(keeping.load().plan.unwrap().len() as u64, LARGEST + 1);
    }

    /// The commit point is the rename: a cut at any byte before it leaves the old file, whatever lies beside it.
    #[test]
    fn every_prefix_of_a_write_leaves_the_old_file_or_the_new_one() {
        let data = tempfile::tempdir().unwrap();
        let keeping = Keeping::in_data(data.path());
        let saves = |bytes: &[u8]| Saves {
            gauge: Some(bytes.to_vec()),
            ..Saves::default()
        };
        keeping.save(&saves(b"the old one"));
        let path = data.path().join("power/gauge.bin");
        let aside = data.path().join("power/gauge.bin.new");
        let new = b"the new one, longer";
        for end in 0..=new.len() {
            fs::write(&aside, &new[..end]).unwrap();
            assert_eq!(keeping.load(), saves(b"the old one"), "{end}");
        }
        // The control: the rename, and nothing else, makes it the new one.
        fs::rename(&aside, &path).unwrap();
        assert_eq!(keeping.load(), saves(new));
        // What a cut has left beside it is no hindrance.
        fs::write(&aside, b"half of").unwrap();
        keeping.save(&saves(b"the third"));
        assert_eq!(keeping.load(), saves(b"the third"));
        assert!(!aside.exists());
    }
}
