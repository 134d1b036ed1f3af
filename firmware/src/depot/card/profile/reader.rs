//! The desk's own tables, checked: each error names the line and what to do.

use super::{Image, Instead, Pack, RawCard, RawImage, RawPack, RawProgramme, Wish};
use crate::causes::chain;
use crate::config::ConfigError;
use crate::config::source::Source;
use content_store::formats;
use ota::publish::Signed;
use std::fs;
use std::path::Path;
use toml::Spanned;

/// No root is larger: see the limits of `ota::trust`.
const LARGEST_ROOT: u64 = 512_000;
const GB: u64 = 1_000_000_000;
/// Above it nobody expects a card, GB.
const LARGEST_GB: u64 = 256;
/// Characters of a programme's name: as many as can be read on a label.
const LONGEST_NAME: usize = 64;
/// Packs on one card at most.
const MOST_PACKS: usize = 1000;

/// What a `[[pack]]` asks for.
enum Asked {
    Input(Spanned<String>, Option<Spanned<String>>),
    Offered(Spanned<String>, String, Option<u64>),
}

/// Reads the desk's own tables of a profile.
pub(super) struct Reader<'a> {
    pub(super) source: Source<'a>,
    pub(super) folder: &'a Path,
}

impl Reader<'_> {
    fn at<T>(&self, value: &Spanned<T>, problem: String) -> ConfigError {
        self.source
            .error(Some(self.source.line_at(value.span().start)), problem)
    }

    pub(super) fn image(
        &self,
        raw: Option<RawImage>,
        instead: Option<&Instead<'_>>,
    ) -> Result<Image, ConfigError> {
        let raw = raw.ok_or_else(|| {
            self.source.error(
                None,
                "it has no [image]: name the system's image in image.file".to_owned(),
            )
        })?;
        let version = instead.map_or(raw.version.as_str(), |instead| instead.version);
        if version.is_empty() || version.len() > 64 || version.chars().any(char::is_control) {
            return Err(self.at(&raw.file, "image.version: give what the system is called, 1 to 64 characters such as \"2026.11\"".to_owned()));
        }
        let file = match instead {
            Some(instead) => instead.file.to_owned(),
            None => self.folder.join(raw.file.get_ref()),
        };
        let there = fs::metadata(&file);
        if !there.as_ref().is_ok_and(fs::Metadata::is_file) {
            let why = there.map_or_else(|error| error.to_string(), |_| "it is no file".to_owned());
            let key = match instead {
                Some(_) => "--image",
                None => "image.file",
            };
            return Err(self.at(
                &raw.file,
                format!(
                    "{key}: {} cannot be used ({why}); name the .wic or .img file",
                    file.display()
                ),
            ));
        }
        let version = version.to_owned();
        let of_profile = self.sha256("image.sha256", raw.sha256)?;
        let sha256 = match instead {
            None => of_profile,
            Some(instead) => self.sha256_of(instead, of_profile.is_some())?,
        };
        Ok(Image {
            file,
            version,
            sha256,
        })
    }

    /// What another image must be: a profile that asks for a hash asks for that of any image.
    fn sha256_of(&self, instead: &Instead<'_>, asked: bool) -> Result<Option<String>, ConfigError> {
        match instead.sha256 {
            Some(text) => digits(text)
                .map(Some)
                .ok_or_else(|| self.source.error(None, no_sha256("--image-sha256"))),
            None if asked => Err(self.source.error(
                None,
                "image.sha256 is that of another image than --image: say what this one must be with --image-sha256".to_owned(),
            )),
            None => Ok(None),
        }
    }

    /// Whose boxes these are, as it stands on the label.
    pub(super) fn programme(&self, raw: &RawProgramme) -> Result<Option<String>, ConfigError> {
        let Some(name) = &raw.name else {
            return Ok(None);
        };
        let text = name.get_ref();
        let sound = !text.trim().is_empty()
            && text.chars().count() <= LONGEST_NAME
            && !text.chars().any(char::is_control);
        match sound {
            true => Ok(Some(text.clone())),
            false => Err(self.at(
                name,
                "programme.name: give whose boxes these are, 1 to 64 characters such as \"Lessons for the islands\"".to_owned(),
            )),
        }
    }

    pub(super) fn root(
        &self,
        raw: &RawProgramme,
        trial: bool,
    ) -> Result<Option<Vec<u8>>, ConfigError> {
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

    /// What is wrong with one is told before anything is copied; of what a repository offers, once that is looked at.
    pub(super) fn packs(
        &self,
        raw: Vec<RawPack>,
        rooted: bool,
    ) -> Result<(Vec<Pack>, Vec<Wish>), ConfigError> {
        let (mut packs, mut wishes): (Vec<Pack>, Vec<Wish>) = (Vec::new(), Vec::new());
        if raw.len() > MOST_PACKS {
            let most = format!("it has more than {MOST_PACKS} [[pack]]: take some out");
            return Err(self.source.error(None, most));
        }
        for raw in raw {
            let known = |id: &str| {
                packs.iter().any(|other| other.plan.id.as_str() == id)
                    || wishes.iter().any(|other| other.id == id)
            };
            match self.asked(raw)? {
                Asked::Input(file, sha256) => {
                    let pack = self.input(&file, sha256, &known)?;
                    packs.push(pack);
                }
                Asked::Offered(repository, id, version) => {
                    let wish = self.wish(&repository, id, version, rooted, &known)?;
                    wishes.push(wish);
                }
            }
        }
        match packs.is_empty() && wishes.is_empty() {
            true => Err(self.source.error(
                None,
                "it has no [[pack]]: a card without lessons is of no use".to_owned(),
            )),
            false => Ok((packs, wishes)),
        }
    }

    /// A file, or a pack of a repository: one of the two.
    fn asked(&self, raw: RawPack) -> Result<Asked, ConfigError> {
        match raw {
            RawPack {
                file: Some(file),
                sha256,
                repository: None,
                id: None,
                version: None,
            } => Ok(Asked::Input(file, sha256)),
            RawPack {
                file: None,
                sha256: None,
                repository: Some(repository),
                id: Some(id),
                version,
            } => Ok(Asked::Offered(repository, id, version)),
            RawPack {
                file, repository, ..
            } => {
                let key = file.or(repository);
                let line = key.map(|key| self.source.line_at(key.span().start));
                Err(self.source.error(
                    line,
                    "a [[pack]] has either file (and sha256), or repository and id (and version): leave the other out".to_owned(),
                ))
            }
        }
    }

    fn input(
        &self,
        file: &Spanned<String>,
        sha256: Option<Spanned<String>>,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<Pack, ConfigError> {
        let path = self.folder.join(file.get_ref());
        let refused = |why: String| self.at(file, format!("pack.file: {why}"));
        let plan = formats::plan(&path).map_err(|error| refused(chain(&error)))?;
        if known(plan.id.as_str()) {
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
        Ok(Pack {
            plan,
            sha256: self.sha256("pack.sha256", sha256)?,
        })
    }

    fn wish(
        &self,
        repository: &Spanned<String>,
        id: String,
        version: Option<u64>,
        rooted: bool,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<Wish, ConfigError> {
        let refused = |why: String| Err(self.at(repository, format!("pack.repository: {why}")));
        let folder = self.folder.join(repository.get_ref());
        if !rooted {
            return refused(
                "nobody says whom to believe; name the programme's root in programme.root"
                    .to_owned(),
            );
        }
        if !folder.join("metadata").is_dir() {
            return refused(format!(
                "{} is no repository: it has no folder metadata; name the folder of `depot repo`, or a copy of it",
                folder.display()
            ));
        }
        if known(&id) {
            return refused(format!(
                "{id} is the id of another pack already; leave one out"
            ));
        }
        Ok(Wish {
            repository: folder,
            id,
            version,
        })
    }

    fn sha256(
        &self,
        key: &str,
        given: Option<Spanned<String>>,
    ) -> Result<Option<String>, ConfigError> {
        let Some(given) = given else { return Ok(None) };
        let digits = digits(given.get_ref());
        digits
            .map(Some)
            .ok_or_else(|| self.at(&given, no_sha256(key)))
    }

    pub(super) fn largest(&self, raw: RawCard) -> Result<u64, ConfigError> {
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

fn no_sha256(key: &str) -> String {
    format!("{key} is no SHA-256; give 64 hexadecimal digits, as sha256sum prints them")
}

/// A hash as this program writes it.
fn digits(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let sound = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    sound.then_some(text)
}
