//! The profile of a country: what all of its cards have in common. One TOML file: three tables and a list of the desk's own, and beside them the tables of the
//! box's configuration, which are checked by the box's own code and go onto the card.

use crate::config::source::Source;
use crate::config::{Config, ConfigError};
use content_store::formats::{self, ImportPlan};
use ota::publish::Signed;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// Every key with what it means, as `card write --help` shows it.
pub(super) const MANUAL: &str = include_str!("profile.toml");
/// Where the programme's root lies on a card, as the box sees it.
const ROOT_ON_BOX: &str = "/data/update-root.json";
/// The tables that are not the box's.
const OWN: [&str; 4] = ["image", "programme", "card", "pack"];
/// No root is larger: see the limits of `ota::trust`.
const LARGEST_ROOT: u64 = 512_000;
const GB: u64 = 1_000_000_000;
/// Above it nobody expects a card, GB.
const LARGEST_GB: u64 = 256;
/// Packs on one card at most.
const MOST_PACKS: usize = 1000;

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
    name: Option<String>,
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
    file: Spanned<String>,
    sha256: Option<Spanned<String>>,
}

impl Profile {
    /// Reads and checks `path`, and looks at everything that it names. `image`: another image than the profile's, for one go. `trial`: nobody's key is asked for.
    ///
    /// # Errors
    /// One line: the file, the line, the key, what to do.
    pub(super) fn read(
        path: &Path,
        image: Option<&Path>,
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
        Ok(Self {
            name: path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            image: reader.image(raw.image, image)?,
            programme: raw.programme.name.clone().filter(|_| root.is_some()),
            packs: reader.packs(raw.pack)?,
            largest: reader.largest(raw.card)?,
            config_text: config_text(boxs, root.is_some())
                .map_err(|problem| reader.source.error(None, problem))?,
            root,
            config,
        })
    }
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

struct Reader<'a> {
    source: Source<'a>,
    folder: &'a Path,
}

impl Reader<'_> {
    fn at<T>(&self, value: &Spanned<T>, problem: String) -> ConfigError {
        self.source
            .error(Some(self.source.line_at(value.span().start)), problem)
    }

    fn image(&self, raw: Option<RawImage>, instead: Option<&Path>) -> Result<Image, ConfigError> {
        let raw = raw.ok_or_else(|| {
            self.source.error(
                None,
                "it has no [image]: name the system's image in image.file".to_owned(),
            )
        })?;
        let file = self.folder.join(raw.file.get_ref());
        let file = instead.map_or(file, Path::to_owned);
        let there = fs::metadata(&file);
        if !there.as_ref().is_ok_and(fs::Metadata::is_file) {
            let why = there.map_or_else(|error| error.to_string(), |_| "it is no file".to_owned());
            return Err(self.at(
                &raw.file,
                format!(
                    "image.file: {} cannot be used ({why}); name the .wic or .img file",
                    file.display()
                ),
            ));
        }
        if raw.version.is_empty()
            || raw.version.len() > 64
            || raw.version.chars().any(char::is_control)
        {
            return Err(self.at(&raw.file, "image.version: give what the system is called, 1 to 64 characters such as \"2026.11\"".to_owned()));
        }
        Ok(Image {
            file,
            version: raw.version,
            sha256: self
                .sha256("image.sha256", raw.sha256)?
                .filter(|_| instead.is_none()),
        })
    }

    fn root(&self, raw: &RawProgramme, trial: bool) -> Result<Option<Vec<u8>>, ConfigError> {
        let Some(root) = &raw.root else {
            return match trial {
                true => Ok(None),
                false => Err(self.source.error(
                    None,
                    "programme.root is missing: a box in the field has to know whom it believes; name the 1.root.json that `depot repo init` made, or say \
                     --trial for cards that never leave the desk"
                        .to_owned(),
                )),
            };
        };
        let path = self.folder.join(root.get_ref());
        let small = fs::metadata(&path).and_then(|found| match found.len() <= LARGEST_ROOT {
            true => fs::read(&path),
            false => Err(std::io::Error::other("it is too large for one")),
        });
        let bytes = small.map_err(|error| {
            self.at(
                root,
                format!(
                    "programme.root: {} cannot be read ({error}); name a root.json",
                    path.display()
                ),
            )
        })?;
        let refused = |why: String| {
            self.at(
                root,
                format!(
                    "programme.root: {}: {why}; name the root.json of the programme's repository",
                    path.display()
                ),
            )
        };
        let signed = Signed::read(&bytes).map_err(|error| refused(error.to_string()))?;
        let holders = signed.root().map_err(|error| refused(error.to_string()))?;
        match signed.missing(&holders.root) {
            0 => Ok(Some(bytes)),
            _ => Err(refused(
                "its own holders have not signed it, or a signature is wrong".to_owned(),
            )),
        }
    }

    /// What is wrong with one is told before anything is copied.
    fn packs(&self, raw: Vec<RawPack>) -> Result<Vec<Pack>, ConfigError> {
        let mut packs: Vec<Pack> = Vec::new();
        for RawPack { file, sha256 } in raw {
            let path = self.folder.join(file.get_ref());
            let refused = |why: String| self.at(&file, format!("pack.file: {why}"));
            let plan = formats::plan(&path).map_err(|error| {
                let cause = std::error::Error::source(&error)
                    .map_or(String::new(), |cause| format!(" ({cause})"));
                refused(format!("{error}{cause}"))
            })?;
            if packs.iter().any(|other| other.plan.id == plan.id) || packs.len() == MOST_PACKS {
                return Err(refused(format!(
                    "{} becomes the pack {}, which another one is already; leave one out",
                    path.display(),
                    plan.id
                )));
            }
            if sha256.is_some() && !plan.source.is_file() {
                return Err(refused(format!(
                    "{} is a folder, which has no hash; leave sha256 out",
                    path.display()
                )));
            }
            packs.push(Pack {
                plan,
                sha256: self.sha256("pack.sha256", sha256)?,
            });
        }
        match packs.is_empty() {
            true => Err(self.source.error(
                None,
                "it has no [[pack]]: a card without lessons is of no use".to_owned(),
            )),
            false => Ok(packs),
        }
    }

    fn sha256(
        &self,
        key: &str,
        given: Option<Spanned<String>>,
    ) -> Result<Option<String>, ConfigError> {
        let Some(given) = given else { return Ok(None) };
        let text = given.get_ref().to_ascii_lowercase();
        match text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            true => Ok(Some(text)),
            false => Err(self.at(
                &given,
                format!(
                    "{key} is no SHA-256; give 64 hexadecimal digits, as sha256sum prints them"
                ),
            )),
        }
    }

    fn largest(&self, raw: RawCard) -> Result<u64, ConfigError> {
        let Some(given) = raw.largest_gb else {
            return Ok(LARGEST_GB * GB);
        };
        match (1..=2048).contains(given.get_ref()) {
            true => Ok(given.get_ref() * GB),
            false => Err(self.at(
                &given,
                format!(
                    "card.largest_gb = {} is not allowed; give 1 to 2048 (GB)",
                    given.get_ref()
                ),
            )),
        }
    }
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
        assert!(toml::from_str::<RawOwn>(&own).is_ok());
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
