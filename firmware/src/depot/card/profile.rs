//! The profile of a country: what all of its cards have in common. One TOML file: three tables and a list of the desk's own, and beside them the tables of the
//! box's configuration, which are checked by the box's own code and go onto the card.

mod reader;

use crate::config::source::Source;
use crate::config::{Config, ConfigError};
use content_store::formats::ImportPlan;
use reader::Reader;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// Every key with what it means, as `card write --help` shows it.
pub(super) const MANUAL: &str = include_str!("profile.toml");
/// Where the programme's root lies on a card, as the box sees it.
const ROOT_ON_BOX: &str = "/data/update-root.json";
/// The tables that are not the box's.
const OWN: [&str; 4] = ["image", "programme", "card", "pack"];

/// A checked profile.
#[derive(Debug)]
pub(super) struct Profile {
    /// The file's name without its ending.
    pub(super) name: String,
    pub(super) image: Image,
    pub(super) programme: Option<String>,
    /// Whom updates are believed.
    pub(super) root: Option<Vec<u8>>,
    pub(super) packs: Vec<Pack>,
    /// Packs that a signed repository offers.
    pub(super) offered: Vec<Wish>,
    /// Above it a card needs a person's word, bytes.
    pub(super) largest: u64,
    /// What the box is told.
    pub(super) config: Config,
    /// The same as the file on the card.
    pub(super) config_text: String,
}

/// The system.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) file: PathBuf,
    /// What the supply team calls it.
    pub(super) version: String,
    /// SHA-256 that it must have, hexadecimal.
    pub(super) sha256: Option<String>,
}

/// An input of the library.
#[derive(Debug)]
pub(super) struct Pack {
    pub(super) plan: ImportPlan,
    /// SHA-256 that its file must have, hexadecimal.
    pub(super) sha256: Option<String>,
}

/// A pack of a signed repository, believed by the programme's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    /// The repository's folder.
    pub(super) repository: PathBuf,
    /// The pack's id.
    pub(super) id: String,
    /// Its number; `None`: the newest.
    pub(super) version: Option<u64>,
}

/// Another image than the profile's, for one go. What it is has to be said anew.
#[derive(Debug)]
pub(super) struct Instead<'a> {
    pub(super) file: &'a Path,
    /// What the supply team calls it.
    pub(super) version: &'a str,
    /// SHA-256 that it must have, where the profile has one of its own.
    pub(super) sha256: Option<&'a str>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOwn {
    image: Option<RawImage>,
    #[serde(default)]
    programme: RawProgramme,
    #[serde(default)]
    card: RawCard,
    #[serde(default)]
    pack: Vec<RawPack>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawImage {
    file: Spanned<String>,
    version: String,
    sha256: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawProgramme {
    name: Option<Spanned<String>>,
    root: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawCard {
    largest_gb: Option<Spanned<u64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPack {
    file: Option<Spanned<String>>,
    sha256: Option<Spanned<String>>,
    repository: Option<Spanned<String>>,
    id: Option<String>,
    version: Option<u64>,
}

impl Profile {
    /// Reads and checks `path`, and looks at everything that it names. `image`: another image, for one go. `trial`: nobody's key is asked for.
    ///
    /// # Errors
    /// One line: the file, the line, the key, what to do.
    pub(super) fn read(
        path: &Path,
        image: Option<&Instead<'_>>,
        trial: bool,
    ) -> Result<Self, ConfigError> {
        let text = crate::config::read_text(path)?;
        let (own, boxs) = split(&text);
        let source = |text| Source { text, path };
        let whole: toml::Table =
            toml::from_str(&text).map_err(|error| source(&text).toml_error(&error))?;
        let raw: RawOwn = toml::from_str(&own).map_err(|error| source(&own).toml_error(&error))?;
        let config = Config::parse(&boxs, path)?;
        let reader = Reader {
            source: source(&own),
            folder: path.parent().unwrap_or(Path::new("")),
        };
        let known: BTreeSet<&String> = whole.keys().collect();
        let found =
            [&own, &boxs].map(|text| toml::from_str::<toml::Table>(text).unwrap_or_default());
        if found
            .iter()
            .flat_map(toml::Table::keys)
            .collect::<BTreeSet<_>>()
            != known
        {
            return Err(reader.source.error(
                None,
                "each table begins with a line of its own, such as [site]".to_owned(),
            ));
        }
        let root = reader.root(&raw.programme, trial)?;
        if !trial && config.programme.key().is_none() {
            return Err(reader.source.error(
                None,
                "records.programme_key is missing: no learner's record could ever leave such a box; put the line of `depot records keygen` into \
                 [records], or say --trial for cards that never leave the desk"
                    .to_owned(),
            ));
        }
        let [_, boxs] = found;
        let (packs, offered) = reader.packs(raw.pack, root.is_some())?;
        Ok(Self {
            name: path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            image: reader.image(raw.image, image)?,
            programme: reader.programme(&raw.programme)?.filter(|_| root.is_some()),
            packs,
            offered,
            largest: reader.largest(raw.card)?,
            config_text: config_text(boxs, root.is_some())
                .map_err(|problem| reader.source.error(None, problem))?,
            root,
            config,
        })
    }
}

/// The box's settings in the profile `path`, whatever else stands in it.
pub(super) fn settings(path: &Path) -> Result<Config, ConfigError> {
    let (_, boxs) = split(&crate::config::read_text(path)?);
    Config::parse(&boxs, path)
}

/// The lines of the desk's own tables, and those of the box's: each text has blank lines for the other's, so that both count as the file does.
fn split(text: &str) -> (String, String) {
    let (mut own, mut boxs, mut ours) = (String::new(), String::new(), false);
    for line in text.lines() {
        if let Some(table) = header(line) {
            ours = OWN.contains(&table);
        }
        let (to, other) = if ours {
            (&mut own, &mut boxs)
        } else {
            (&mut boxs, &mut own)
        };
        to.push_str(line);
        to.push('\n');
        other.push('\n');
    }
    (own, boxs)
}

/// The table that begins with this line, without what is below it.
fn header(line: &str) -> Option<&str> {
    let name = line.trim_start().strip_prefix('[')?;
    let name = name.strip_prefix('[').unwrap_or(name).trim_start();
    let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))?;
    let rest = name.get(end..)?.trim_start();
    (end > 0 && rest.starts_with([']', '.'])).then(|| name.get(..end))?
}

/// The box's configuration as it goes onto the card.
fn config_text(mut boxs: toml::Table, rooted: bool) -> Result<String, String> {
    let update = boxs.get("update").and_then(toml::Value::as_table);
    if update.is_some_and(|update| update.contains_key("trust_root")) {
        return Err(
            "update.trust_root is not for a profile: name the file at the desk in programme.root"
                .to_owned(),
        );
    }
    if rooted {
        let mut update = update.cloned().unwrap_or_default();
        update.insert("trust_root".to_owned(), ROOT_ON_BOX.into());
        boxs.insert("update".to_owned(), update.into());
    }
    let text = toml::to_string(&boxs).map_err(|error| error.to_string())?;
    Config::parse(&text, Path::new("config.toml")).map_err(|error| error.to_string())?;
    Ok(format!(
        "# Written by depot, from the profile of the country. `school-box run --help` names every key.\n{text}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_and_its_lines_are_split_as_toml_reads_them() {
        let (own, boxs) = split(MANUAL);
        assert_eq!(
            (own.lines().count(), boxs.lines().count()),
            (MANUAL.lines().count(), MANUAL.lines().count())
        );
        let tables = |text: &str| {
            toml::from_str::<toml::Table>(text)
                .map(|table| table.keys().cloned().collect::<Vec<_>>())
        };
        assert_eq!(
            tables(&own).unwrap_or_default(),
            ["card", "image", "pack", "programme"]
        );
        assert_eq!(
            tables(&boxs).unwrap_or_default(),
            ["air", "records", "site", "timetable", "web"]
        );
        let raw = toml::from_str::<RawOwn>(&own);
        assert!(raw.is_ok(), "{raw:?}");
        // Whoever copies it has a key of their own to put in.
        let named = Config::parse(&boxs, Path::new("x"))
            .map_err(|error| error.problem)
            .map(|_| ());
        assert!(named.is_err_and(|why| why.starts_with("records.programme_key = ")));
    }

    #[test]
    fn headers_are_told_from_values() {
        for (line, table) in [
            ("[site]", Some("site")),
            ("  [[ pack ]] # one", Some("pack")),
            ("[image.more]", Some("image")),
            ("[\"a\"],", None),
            ("packs = [", None),
            ("[1, 2],", None),
            ("# [site]", None),
        ] {
            assert_eq!(header(line), table, "{line}");
        }
    }
}
