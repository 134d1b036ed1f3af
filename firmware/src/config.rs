//! Configuration: one TOML file, read and checked once, before anything is opened.
//!
//! `RawConfig` is the file as written (every key optional, unknown ones refused); [`Config`] is what the box
//! runs with: complete and free of contradictions. Units stand in the key names.

pub mod air;
mod place;
mod records;
pub(crate) mod source;
pub mod timetable;
mod update;

use crate::texts::Languages;
use air::{Air, RawAir};
use place::RawSite;
pub use place::{DEFAULT_PANEL_W, Place, Position};
use power_mgmt::Policy;
use power_mgmt::policy::PolicyInput;
pub use records::Programme;
use records::RawRecords;
use serde::Deserialize;
use source::Source;
use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use timetable::{RawTimetable, Timetable};
use update::RawUpdate;
pub use update::Updates;

/// The school's own settings, in the data folder: they outlive every update.
pub const NAME_IN_DATA: &str = "config.toml";
/// The settings that the system came with.
pub const DEFAULT_PATH: &str = "/etc/school-box/config.toml";

/// Every key with its default and what is allowed, as `run --help` shows it.
pub const MANUAL: &str = include_str!("config/manual.toml");

/// Everything a running box was told, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Address and port that HTTP is served on.
    pub listen: SocketAddr,
    /// The box's own host name on the air.
    pub host: String,
    /// Tags of the portal's languages, the first for whoever asks for none of them; empty: all.
    pub languages: Vec<String>,
    /// Where the school is, and its panel.
    pub place: Place,
    /// The school's week.
    pub timetable: Timetable,
    /// The power policy.
    pub policy: Policy,
    /// Bytes set aside for the learners' records on a full disk.
    pub records_reserve_bytes: u64,
    /// Bytes of the data disk that imports leave free, the records' reserve included.
    pub keep_free_bytes: u64,
    /// Newer systems.
    pub updates: Updates,
    /// The network that the class joins.
    pub air: Air,
    /// For whom the learners' records are sealed.
    pub programme: Programme,
}

/// A configuration that can't be taken: one line that says what, where, and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// Its line, from 1, where one is to blame.
    pub line: Option<usize>,
    /// What is wrong and what is allowed.
    pub problem: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "configuration {}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawConfig {
    web: RawWeb,
    site: RawSite,
    power: PolicyInput,
    timetable: RawTimetable,
    storage: RawStorage,
    update: RawUpdate,
    air: RawAir,
    records: RawRecords,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawWeb {
    listen: Option<String>,
    host: Option<String>,
    languages: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawStorage {
    records_reserve_mib: Option<u64>,
    keep_free_mib: Option<u64>,
}

const MIB: u64 = 1 << 20;
/// No configuration is larger, bytes.
const LARGEST_FILE: u64 = MIB;

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([0, 0, 0, 0], 80)),
            host: "school.internal".to_owned(),
            languages: Vec::new(),
            place: Place::default(),
            timetable: Timetable::default(),
            policy: Policy::default(),
            records_reserve_bytes: 16 * MIB,
            keep_free_bytes: 64 * MIB,
            updates: Updates::default(),
            air: Air::default(),
            programme: Programme::default(),
        }
    }
}

impl Config {
    /// The configuration of the box on `data`: of the file that was named, else of `DATA/config.toml`, else of [`DEFAULT_PATH`]. The first that
    /// is there holds, good or bad; without any the built-in settings do.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn of_the_box(named: Option<&Path>, data: &Path) -> Result<Self, ConfigError> {
        if let Some(named) = named {
            return Self::read(named);
        }
        let of_the_school = data.join(NAME_IN_DATA);
        let standing = [of_the_school.as_path(), Path::new(DEFAULT_PATH)]
            .into_iter()
            .find(|path| is_there(path));
        match standing {
            // A pipe would hold up the start, and nobody's settings are a folder.
            Some(path) if path.metadata().is_ok_and(|there| !there.is_file()) => {
                Err(unreadable(path, &io::Error::other("it is no file")))
            }
            Some(path) => Self::read(path),
            None => Ok(Self::default()),
        }
    }

    /// Reads and checks `path`.
    ///
    /// # Errors
    /// [`ConfigError`] names the file, the line, the key and what is allowed.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        Self::parse(&read_text(path)?, path)
    }

    /// Checks `text`, which came from `path`.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let source = Source { text, path };
        let raw: RawConfig = toml::from_str(text).map_err(|error| source.toml_error(&error))?;
        let default = Self::default();
        let (records_reserve_bytes, keep_free_bytes) = storage(&raw.storage, &default, &source)?;
        let listen = |text: &String| text.parse().ok();
        let host = |host: &String| is_host_name(host).then(|| host.clone());
        Ok(Self {
            listen: source.check(
                "web.listen",
                raw.web.listen,
                "ADDRESS:PORT such as 0.0.0.0:80",
                listen,
                default.listen,
            )?,
            host: source.check("web.host", raw.web.host, HOST_RULE, host, default.host)?,
            languages: source.check(
                "web.languages",
                raw.web.languages,
                LANGUAGES_RULE,
                |tags| languages(tags),
                default.languages,
            )?,
            place: raw.site.checked(&source)?,
            timetable: Timetable::new(&raw.timetable).map_err(|error| {
                let line = error.key.as_deref().and_then(|key| source.line_of_key(key));
                source.error(line, error.to_string())
            })?,
            policy: Policy::new(raw.power).map_err(|error| {
                // Of two keys at odds, one may have been left at its default: the line is that of the other.
                let keys = [Some(error.field()), error.other_field()];
                let line = keys
                    .iter()
                    .flatten()
                    .find_map(|key| source.line_of_key(&format!("power.{key}")));
                source.error(line, format!("power.{error}"))
            })?,
            records_reserve_bytes,
            keep_free_bytes,
            updates: raw.update.checked(&source)?,
            air: raw.air.checked(&source)?,
            programme: raw.records.checked(&source)?,
        })
    }
}

/// The text of a file of settings.
pub(crate) fn read_text(path: &Path) -> Result<String, ConfigError> {
    read_bounded(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &io::Error) -> ConfigError {
    ConfigError {
        file: path.to_owned(),
        line: None,
        problem: format!("cannot be read ({error}); give a readable TOML file"),
    }
}

/// Whether a file of this name stands there. One that may not even be looked at does: it must not be passed over in silence.
fn is_there(path: &Path) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound};
    match path.symlink_metadata() {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), NotFound | NotADirectory),
    }
}

/// The text of a file that may be anything: a device without an end must not fill the memory.
fn read_bounded(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?
        .take(LARGEST_FILE + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > LARGEST_FILE {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    Ok(text)
}

const LANGUAGES_RULE: &str =
    "languages of the box, each once, such as [\"uk\", \"en\"]: ar, en, es, fr or uk";

fn languages(tags: &[String]) -> Option<Vec<String>> {
    let known = Languages::load();
    let once = tags.iter().collect::<BTreeSet<_>>().len() == tags.len();
    (once && tags.iter().all(|tag| known.speaks(tag))).then(|| tags.to_vec())
}

const HOST_RULE: &str = "a lower-case host name of at most 120 characters such as school.internal";

fn is_host_name(host: &str) -> bool {
    // A pack's label of 63 characters stands before it in a name of at most 253; a bare number would be an address.
    host.len() <= 120
        && host.split('.').all(is_label)
        && !host
            .rsplit('.')
            .next()
            .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()))
}

/// One name between dots.
fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn storage(
    raw: &RawStorage,
    default: &Config,
    source: &Source<'_>,
) -> Result<(u64, u64), ConfigError> {
    const RESERVE: &str = "storage.records_reserve_mib";
    const KEEP_FREE: &str = "storage.keep_free_mib";
    let mib = |&mib: &u64| (1..=65_536).contains(&mib).then_some(mib * MIB);
    let range = "1 to 65536 (MiB)";
    let reserve = source.check(
        RESERVE,
        raw.records_reserve_mib,
        range,
        mib,
        default.records_reserve_bytes,
    )?;
    let fallback = default.keep_free_bytes.max(reserve);
    let keep_free = source.check(KEEP_FREE, raw.keep_free_mib, range, mib, fallback)?;
    if keep_free < reserve {
        let problem = format!(
            "{KEEP_FREE} = {} contradicts {RESERVE} = {}; give at least as much",
            keep_free / MIB,
            reserve / MIB
        );
        return Err(source.error(source.line_of_key(KEEP_FREE), problem));
    }
    Ok((reserve, keep_free))
}

#[cfg(all(test, feature = "box"))]
mod tests;
