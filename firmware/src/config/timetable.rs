//! The school's week as people write it: the table `[timetable]` of the configuration, and a file that `depot site` reads.
//!
//! ```toml
//! [timetable]
//! school_days = ["mon", "tue", "wed", "thu", "fri"]
//! lessons = ["07:00-12:00", "13:00-17:00"]
//! evening = ["18:00-21:00"]
//! ```
//! Every key may be left out: it then has the value above (lessons without the pause at noon). An hour of lessons on a school day is worth 1, the same
//! hour on another day 0.2, the evening class of every day 0.5, and all else 0.05: somebody always reads.

use power_mgmt::{Week, Worth};
use serde::Deserialize;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// As written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawTimetable {
    school_days: Option<Vec<String>>,
    lessons: Option<Vec<String>>,
    evening: Option<Vec<String>>,
}

/// A checked week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timetable {
    school_days: [bool; 7],
    lessons: Vec<Span>,
    evening: Vec<Span>,
}

/// A timetable that can't be taken, in one line: which key, its value, and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct TimetableError {
    /// The key to blame, as in `timetable.lessons`; `None` where it is the text as a whole.
    pub key: Option<String>,
    problem: String,
}

/// From a minute of the day to another, both multiples of ten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: u16,
    to: u16,
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const SLOT_MIN: u16 = 10;
const SLOTS: usize = 144;
/// Of one key: a school with more bells a day than this means something else.
const MOST_SPANS: usize = 24;
/// No timetable is longer, bytes.
const LARGEST_FILE: u64 = 1 << 20;

const ELSEWHEN: f64 = 0.05;
const EVENING: f64 = 0.5;
const LESSON_HOURS_WITHOUT_SCHOOL: f64 = 0.2;

const DAYS_RULE: &str = "some of mon, tue, wed, thu, fri, sat, sun, each once";
const SPANS_RULE: &str = "spans such as 07:00-12:00, times in steps of ten minutes up to 24:00, the later one second, 24 spans at most";

impl Default for Timetable {
    /// Lessons from Monday to Friday, 07 to 17; evening class 18 to 21.
    fn default() -> Self {
        Self {
            school_days: [true, true, true, true, true, false, false],
            lessons: vec![Span {
                from: 7 * 60,
                to: 17 * 60,
            }],
            evening: vec![Span {
                from: 18 * 60,
                to: 21 * 60,
            }],
        }
    }
}

impl Timetable {
    /// Checks what was written.
    ///
    /// # Errors
    /// [`TimetableError`] for the first value that is not allowed.
    pub fn new(raw: &RawTimetable) -> Result<Self, TimetableError> {
        let usual = Self::default();
        Ok(Self {
            school_days: checked(
                "school_days",
                raw.school_days.as_deref(),
                DAYS_RULE,
                days,
                usual.school_days,
            )?,
            lessons: checked(
                "lessons",
                raw.lessons.as_deref(),
                SPANS_RULE,
                spans,
                usual.lessons,
            )?,
            evening: checked(
                "evening",
                raw.evening.as_deref(),
                SPANS_RULE,
                spans,
                usual.evening,
            )?,
        })
    }

    /// From the text of a file: a whole configuration, of which only `[timetable]` is looked at, or the keys of that table alone.
    ///
    /// # Errors
    /// [`TimetableError`]; also where the text holds no timetable at all.
    pub fn parse(text: &str) -> Result<Self, TimetableError> {
        let whole = |problem: String| TimetableError { key: None, problem };
        let mut tables: toml::Table = text.parse().map_err(|error| whole(one_line(&error)))?;
        let table = match tables.remove("timetable") {
            Some(table) => table,
            None if tables.is_empty() || tables.values().any(toml::Value::is_table) => {
                return Err(whole(
                    "it holds no table [timetable] with school_days, lessons and evening"
                        .to_owned(),
                ));
            }
            None => toml::Value::Table(tables),
        };
        let raw: RawTimetable = table
            .try_into()
            .map_err(|error| whole(format!("timetable: {}", one_line(&error))))?;
        Self::new(&raw)
    }

    /// Reads `path`: see [`Timetable::parse`].
    ///
    /// # Errors
    /// [`TimetableError`], which names the file.
    pub fn read(path: &Path) -> Result<Self, TimetableError> {
        let named = |error: TimetableError| TimetableError {
            problem: format!("timetable file {}: {}", path.display(), error.problem),
            ..error
        };
        let unreadable = |why: String| TimetableError {
            key: None,
            problem: format!("cannot be read ({why}); give a readable TOML file"),
        };
        let mut text = String::new();
        File::open(path)
            .and_then(|file| file.take(LARGEST_FILE + 1).read_to_string(&mut text))
            .map_err(|error| named(unreadable(error.to_string())))?;
        if text.len() as u64 > LARGEST_FILE {
            return Err(named(unreadable("it is larger than 1 MiB".to_owned())));
        }
        Self::parse(&text).map_err(named)
    }

    /// What service is worth in each ten minutes of the week.
    #[must_use]
    pub fn week(&self) -> Week {
        Week::new(std::array::from_fn(|day| {
            std::array::from_fn(|slot| {
                Worth::new(self.worth(day, slot_start(slot))).unwrap_or(Worth::NONE)
            })
        }))
    }

    /// Two days without school, Monday being 0, as a site's profile has them. With one such day it stands twice; with none it is
    /// Sunday, and the [week](Self::week) is what counts.
    #[must_use]
    pub fn weekend(&self) -> [u8; 2] {
        let mut free = (0..7_u8).filter(|day| !self.is_school_day(*day));
        let first = free.next().unwrap_or(6);
        [first, free.next().unwrap_or(first)]
    }

    /// Whether there are lessons on this day of the week; Monday is 0.
    #[must_use]
    pub fn is_school_day(&self, weekday: u8) -> bool {
        self.school_days
            .get(usize::from(weekday))
            .is_some_and(|school| *school)
    }

    /// Whether the lessons of a school day are on at this minute of the day.
    #[must_use]
    pub fn has_lesson(&self, weekday: u8, minute: u16) -> bool {
        self.is_school_day(weekday) && covers(&self.lessons, minute)
    }

    /// Whether neither lessons nor the evening's learners are expected on this day of the week at this minute of the day.
    #[must_use]
    pub fn is_quiet(&self, weekday: u8, minute: u16) -> bool {
        !self.has_lesson(weekday, minute) && !covers(&self.evening, minute)
    }

    fn worth(&self, day: usize, minute: u16) -> f64 {
        let school = self.school_days[day % 7];
        let lesson = match (covers(&self.lessons, minute), school) {
            (true, true) => Worth::LESSONS.get(),
            (true, false) => LESSON_HOURS_WITHOUT_SCHOOL,
            (false, _) => ELSEWHEN,
        };
        let evening = if covers(&self.evening, minute) {
            EVENING
        } else {
            ELSEWHEN
        };
        lesson.max(evening)
    }
}

fn slot_start(slot: usize) -> u16 {
    u16::try_from(slot % SLOTS).unwrap_or(0) * SLOT_MIN
}

fn covers(spans: &[Span], minute: u16) -> bool {
    spans
        .iter()
        .any(|span| (span.from..span.to).contains(&minute))
}

fn checked<T>(
    key: &str,
    value: Option<&[String]>,
    allowed: &str,
    accept: impl FnOnce(&[String]) -> Option<T>,
    usual: T,
) -> Result<T, TimetableError> {
    let Some(value) = value else {
        return Ok(usual);
    };
    let key = format!("timetable.{key}");
    accept(value).ok_or_else(|| {
        // A list may be as long as the file; a line may not.
        let shown: String = format!("{value:?}").chars().take(120).collect();
        TimetableError {
            problem: format!("{key} = {shown} is not allowed; give {allowed}"),
            key: Some(key),
        }
    })
}

fn days(names: &[String]) -> Option<[bool; 7]> {
    let mut school = [false; 7];
    for name in names {
        let day = DAYS.iter().position(|day| day == name)?;
        if std::mem::replace(&mut school[day], true) {
            return None;
        }
    }
    Some(school)
}

fn spans(texts: &[String]) -> Option<Vec<Span>> {
    if texts.len() > MOST_SPANS {
        return None;
    }
    texts.iter().map(|text| span(text)).collect()
}

fn span(text: &str) -> Option<Span> {
    let (from, to) = text.split_once('-')?;
    let span = Span {
        from: minute(from.trim())?,
        to: minute(to.trim())?,
    };
    (span.from < span.to).then_some(span)
}

/// `HH:MM`, 00:00 to 24:00, in steps of ten minutes.
fn minute(text: &str) -> Option<u16> {
    let two = |digits: &str| -> Option<u16> {
        let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse().ok()).flatten()
    };
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute) = (two(hour)?, two(minute)?);
    let whole = minute < 60 && minute.is_multiple_of(SLOT_MIN) && hour * 60 + minute <= 24 * 60;
    whole.then_some(hour * 60 + minute)
}

/// serde's message without its drawing of the place.
fn one_line(error: &toml::de::Error) -> String {
    let words: Vec<&str> = error.message().split_whitespace().collect();
    words.join(" ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use power_mgmt::LocalTime;

    fn worth(timetable: &Timetable, day: i64, hour: u16, minute: u16) -> f64 {
        // 1970-01-05 was a Monday.
        let time = LocalTime::new(4 + day, hour * 60 + minute).unwrap();
        timetable.week().worth(time).get()
    }

    #[test]
    fn the_default_is_the_usual_week_of_the_planner() {
        let site = power_mgmt::Site::new(power_mgmt::SiteInput {
            latitude: 11.0,
            longitude: 125.0,
            utc_offset_hours: 8.0,
            panel_w: 60.0,
            battery_wh: 256.0,
            weekend: Timetable::default().weekend(),
        })
        .unwrap();
        assert_eq!(Timetable::default().week(), Week::usual(&site));
        assert_eq!(
            Timetable::parse("[timetable]\n").unwrap(),
            Timetable::default()
        );
    }

    #[test]
    fn a_week_is_exact_to_ten_minutes() {
        let text = "[timetable]\nschool_days = ['sat', 'sun', 'mon', 'tue', 'wed', 'thu']\n\
                    lessons = ['07:10-12:00', '13:00-14:30']\nevening = ['23:50-24:00']\n";
        let timetable = Timetable::parse(text).unwrap();
        for (day, hour, minute, expected) in [
            (0, 7, 0, ELSEWHEN),
            (0, 7, 10, 1.0),
            (0, 11, 59, 1.0),
            (0, 12, 0, ELSEWHEN),
            (5, 14, 29, 1.0),
            (5, 14, 30, ELSEWHEN),
            (4, 9, 0, LESSON_HOURS_WITHOUT_SCHOOL),
            (4, 23, 55, EVENING),
            (6, 23, 49, ELSEWHEN),
        ] {
            let found = worth(&timetable, day, hour, minute);
            assert!(
                (found - expected).abs() < 1e-12,
                "{day} {hour}:{minute}: {found}"
            );
        }
        assert_eq!(timetable.weekend(), [4, 4]);
        assert!(timetable.has_lesson(5, 7 * 60 + 10) && !timetable.has_lesson(4, 7 * 60 + 10));
    }

    #[test]
    fn a_whole_configuration_a_table_and_bare_keys_are_the_same() {
        let keys = "school_days = ['mon']\nlessons = ['08:00-09:00']\nevening = []\n";
        let bare = Timetable::parse(keys).unwrap();
        let table = Timetable::parse(&format!("[timetable]\n{keys}")).unwrap();
        let config = format!("[site]\nutc_offset_min = 60\n[timetable]\n{keys}[power]\n");
        assert_eq!(
            (&bare, &bare),
            (&table, &Timetable::parse(&config).unwrap())
        );
        assert_eq!(bare.weekend(), [1, 2]);
    }

    #[test]
    fn a_refusal_says_key_value_and_what_is_allowed() {
        let refusal = |text: &str| {
            let error = Timetable::parse(text).unwrap_err();
            format!("{:?}: {error}", error.key.as_deref().unwrap_or("-"))
        };
        insta::assert_snapshot!(
            [
                refusal(""),
                refusal("[site]\nutc_offset_min = 60\n"),
                refusal("lesson = ['08:00-09:00']\n"),
                refusal("school_days = ['monday']\n"),
                refusal("school_days = ['mon', 'mon']\n"),
                refusal("school_days = 'mon'\n"),
                refusal("lessons = ['08:05-09:00']\n"),
                refusal("lessons = ['8:00-9:00']\n"),
                refusal("lessons = ['09:00-08:00']\n"),
                refusal("lessons = ['22:00-25:00']\n"),
                refusal("lessons = ['08:00-08:00']\n"),
                refusal("evening = ['18:00']\n"),
                refusal("evening = ['18:00-+9:00']\n"),
                refusal("[timetable\n"),
            ]
            .join("\n")
        );
        assert!(Timetable::parse(&format!("lessons = {:?}", vec!["08:00-09:00"; 25])).is_err());
        assert!(Timetable::parse(&format!("lessons = {:?}", vec!["08:00-09:00"; 24])).is_ok());
        let missing = Timetable::read(Path::new("/nowhere/week.toml")).unwrap_err();
        assert!(
            missing
                .to_string()
                .starts_with("timetable file /nowhere/week.toml: cannot be read"),
            "{missing}"
        );
    }
}
